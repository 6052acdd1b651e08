"""What is promised at the end of a chat, kept in mind, and kept; and the reasons a desk may add."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from models.actions.desk import change_settings
from models.db import one
from tests.browser.people import Company
from tests.browser.stage import Stage, colleague, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

FOLLOW_UP = "Will be contacted upon issue resolution"
FOUR_DAYS = 4 * 86_400  # seconds
FIELD = "%Y-%m-%dT%H:%M"  # as a browser has date and time in its fields


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_a_promise_is_made_brought_to_mind_and_kept_in_the_same_issue(people: Company) -> None:
    maya, ben = people.meet("Maya Lindholm", "Ben Carter")
    before = newest_chat()
    maya.conversation.get_by_role("button", name="End chat").click()
    maya.dialog.get_by_label(FOLLOW_UP).check()
    due = maya.dialog.get_by_label("Date and time")
    due.fill("2020-01-01T09:00")
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(maya.dialog.get_by_text("This time has passed. Choose a later one.")).to_be_visible()
    expect(due).to_be_focused()
    due.fill((datetime.now().astimezone() + timedelta(days=3)).strftime(FIELD))
    maya.dialog.get_by_label("What about").fill("Whether the pot can be had in blue.")
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(maya.dialog).to_be_hidden()
    promise = wait_for(lambda: one("select * from promise where chat_id = %s", (before["id"],)))
    assert (promise["note"], promise["state"]) == ("Whether the pot can be had in blue.", "open")

    owed = maya.page.get_by_role("navigation", name="Main").get_by_role("link", name="Promises")
    expect(owed).to_have_accessible_name("Promises")
    owed.click()
    row = maya.page.get_by_role("article", name="Promise to Ben Carter")
    expect(row).to_contain_text("Whether the pot can be had in blue.")
    expect(row).to_contain_text("yours")
    maya.page.get_by_role("link", name="Inbox").click()

    change_settings(colleague("Isla Campbell").viewer, promise_warn_s=FOUR_DAYS)
    expect(maya.page.get_by_text("Ben Carter expects to hear from you in")).to_be_visible()
    expect(owed).to_have_accessible_name(re.compile("Promises 1 due"))
    owed.click()
    row.get_by_role("button", name="Follow up").click()
    maya.dialog.get_by_role("button", name="Send and open").click()
    expect(maya.dialog.get_by_text("Write what they were waiting for.")).to_be_visible()
    maya.dialog.get_by_label("Message").fill("It can: in two blues.")
    maya.dialog.get_by_role("button", name="Send and open").click()
    maya.is_in_chat_with("Ben Carter")
    maya.reads("It can: in two blues.")
    ben.reads("It can: in two blues.")
    ben.says("The lighter one.")
    maya.reads("The lighter one.")
    after = newest_chat()
    assert after["id"] != before["id"]
    assert after["session_id"] == before["session_id"], "the same issue goes on"
    expect(owed).to_have_accessible_name("Promises")
    owed.click()
    expect(maya.page.get_by_text("You owe nobody an answer")).to_be_visible()
    maya.page.get_by_role("radio", name="Settled").click()
    expect(row).to_contain_text("Kept")
    row.get_by_role("link", name="See the follow-up").click()
    maya.is_in_chat_with("Ben Carter")


def test_a_promise_is_moved_to_a_colleague_and_settled_by_a_word(people: Company) -> None:
    femi, cleo = people.meet("Femi Adebayo", "Cleo Marsh")
    femi.conversation.get_by_role("button", name="End chat").click()
    femi.dialog.get_by_label(FOLLOW_UP).check()
    femi.dialog.get_by_role("button", name="Tomorrow 9:00").click()
    femi.dialog.get_by_label("Who contacts them").select_option(label="Tom Ashworth")
    femi.dialog.get_by_role("button", name="End chat").click()
    expect(cleo.frame.get_by_text("Chat ended")).to_be_visible()
    tom = people.agent("Tom Ashworth")
    tom.page.get_by_role("link", name="Promises").click()
    row = tom.page.get_by_role("article", name="Promise to Cleo Marsh")
    row.get_by_role("button", name="More for the promise").click()
    tom.page.get_by_role("menuitem", name="Mark as kept").click()
    tom.dialog.get_by_role("button", name="Mark as kept").click()
    expect(tom.dialog.get_by_text("Say it in 3 to 500 characters.")).to_be_visible()
    tom.dialog.get_by_label("How").fill("By telephone.")
    tom.dialog.get_by_role("button", name="Mark as kept").click()
    expect(row).to_have_count(0)
    settled = one("select state, settled_note from promise where note = '' and owner_id is not null order by id desc")
    assert settled == {"state": "kept", "settled_note": "By telephone."}


def test_a_reason_added_by_an_admin_is_offered_with_its_key(people: Company) -> None:
    rosa = people.agent("Rosa Delgado")
    priya, dora = people.meet("Priya Raman", "Dora Winter")
    rosa.page.goto(f"{rosa.stage.url}/settings/end-reasons")
    rosa.button("Add a reason").click()
    rosa.dialog.get_by_label("Name").fill("Wrong shop")
    rosa.dialog.get_by_label("Hint").fill("They meant somebody else")
    rosa.dialog.get_by_role("button", name="Save").click()
    listed = rosa.page.get_by_role("table", name="End reasons, in order").get_by_role("row", name="Wrong shop")
    expect(listed).to_contain_text("6")

    priya.composer.press("Escape")
    priya.presses("Shift+E")
    expect(priya.dialog.get_by_label(re.compile("Wrong shop"))).to_be_visible()
    priya.presses("6")
    expect(priya.dialog.get_by_label(re.compile("Wrong shop"))).to_be_checked()
    priya.presses("Enter")
    expect(dora.frame.get_by_text("Chat ended")).to_be_visible()
    assert newest_chat()["end_reason"] == one("select code from end_reason where label = 'Wrong shop'")["code"]
    priya.page.get_by_role("link", name="History").click()
    expect(priya.page.get_by_role("listitem").filter(has_text="Dora Winter")).to_contain_text("Wrong shop")


def test_others_with_blanks_is_refused_and_the_text_stays(people: Company) -> None:
    mateusz, _ = people.meet("Mateusz Zieliński", "Enid Frost")
    mateusz.conversation.get_by_role("button", name="End chat").click()
    mateusz.dialog.get_by_label("Others").check()
    explanation = mateusz.dialog.get_by_role("textbox", name="Explanation")
    for blank, said in (("  ", "Say why in 3 to 500 characters."), (" ab ", "A little more: at least 3 characters.")):
        explanation.fill(blank)
        mateusz.dialog.get_by_role("button", name="End chat").click()
        expect(mateusz.dialog.get_by_text(said)).to_be_visible()
        expect(explanation).to_have_value(blank)
        expect(explanation).to_be_focused()
    assert newest_chat()["state"] == "active"
    mateusz.dialog.get_by_role("button", name="Keep chatting").click()
    mateusz.is_in_chat_with("Enid Frost")


def newest_chat() -> dict[str, object]:
    found = one("select * from chat order by id desc limit 1")
    assert found is not None
    return found
