"""A conversation read after it ended: both ways of reading, what is added late, what is not there any more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from models.db import one, rows, run
from tests.browser import axe
from tests.browser.history import (
    chat_of_somebody_who_came_often,
    region,
)
from tests.browser.people import Company
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


@pytest.fixture(scope="module", autouse=True)
def desk(demo_desk: Stage) -> Stage:
    return demo_desk


def test_one_key_turns_from_the_session_to_all_of_them_at_the_same_message(people: Company) -> None:
    chat = chat_of_somebody_who_came_often()
    maya = people.agent("Isla Campbell")
    maya.page.goto(f"{maya.stage.url}/history/{chat['id']}")
    transcript = region(maya)
    expect(transcript.get_by_role("heading", level=3).first).to_be_visible()
    expect(maya.page.get_by_role("radio", name="Session")).to_be_checked()
    ids = set(transcript.locator("[data-chat]").evaluate_all("all => all.map(each => Number(each.dataset.chat))"))
    session = {each["id"] for each in rows("select id from chat where session_id = %s", (chat["session_id"],))}
    assert ids <= session, "only that session"

    before = first_in_sight(transcript)
    maya.presses("v")
    expect(maya.page.get_by_role("radio", name="Chronological")).to_be_checked()
    expect(maya.page.locator(".rail").first).to_be_visible()
    wait_for(lambda: first_in_sight(region(maya)) == before)
    transcript = region(maya)
    to_the_beginning(transcript)
    ids = set(transcript.locator("[data-chat]").evaluate_all("all => all.map(each => Number(each.dataset.chat))"))
    assert len(ids - session) > 0, "the other sessions are on the rail"
    heading = maya.page.locator(".rail header").first
    expect(heading).to_be_in_viewport()
    maya.page.get_by_role("button", name="Only this session").first.click()
    expect(maya.page.get_by_role("radio", name="Session")).to_be_checked()
    maya.presses("Escape")
    expect(maya.page).to_have_url(re.compile("/history"))


def test_notes_and_tags_are_added_late_and_a_chat_follows(people: Company) -> None:
    maya = people.agent("Maya Lindholm")
    chat = one(
        "select c.id from chat c join agent a on a.id = c.ended_owner_id where a.name = 'Maya Lindholm' and c.state = 'ended'"
        " order by c.ended_at desc limit 1"
    )
    assert chat is not None
    run("update chat set ended_at = now() - interval '1 hour' where id = %s", (chat["id"],))
    maya.page.goto(f"{maya.stage.url}/history/{chat['id']}")
    late = maya.page.get_by_role("contentinfo", name="Add to this chat").or_(
        maya.page.locator("footer").filter(has_text="Add a note")
    )
    late.get_by_role("button", name="Add a note").click()
    maya.presses("Control+Enter")
    expect(maya.page.get_by_text("Write the note first.")).to_be_visible()
    maya.types("Seen again on paper.")
    maya.presses("Control+Enter")
    expect(region(maya).get_by_text("Seen again on paper.")).to_be_visible()
    assert (
        one("select kind from message where chat_id = %s and body = 'Seen again on paper.'", (chat["id"],))["kind"]
        == "note"
    )  # type: ignore[index]
    expect(maya.page.get_by_text("Notes and tags can be added until")).to_be_visible()

    run("update chat set ended_at = now() - interval '73 hours', version = version + 1 where id = %s", (chat["id"],))
    maya.page.reload()
    expect(maya.page.get_by_text("Notes and tags could be added until")).to_be_visible()
    expect(maya.page.get_by_role("button", name="Add a note")).to_have_count(0)
    maya.page.get_by_role("button", name="Follow up").click()
    expect(maya.dialog.get_by_role("heading")).to_be_visible()
    maya.presses("Escape")


def test_a_customer_is_erased_while_somebody_reads_and_a_receipt_stays(people: Company) -> None:
    chat = one(
        "select c.id, c.customer_id, p.name, m.body from chat c join customer p on p.id = c.customer_id"
        " join message m on m.chat_id = c.id and m.author_kind = 'customer' and length(m.body) > 30"
        " where c.state = 'ended' and p.name is not null order by c.id desc limit 1"
    )
    assert chat is not None
    rosa = people.agent("Rosa Delgado")
    rosa.page.goto(f"{rosa.stage.url}/history/{chat['id']}")
    expect(region(rosa).get_by_text(chat["body"]).first).to_be_visible()

    isla = people.agent("Isla Campbell")
    isla.page.goto(f"{isla.stage.url}/history/{chat['id']}")
    isla.page.get_by_role("button", name="More about this chat").click()
    isla.page.get_by_role("menuitem", name=re.compile("^Erase")).click()
    isla.dialog.get_by_role("button", name="Erase for good").click()
    expect(isla.dialog.get_by_text("Say why in 3 to 500 characters.")).to_be_visible()
    isla.dialog.get_by_label("Reason").fill("They asked us to, by letter.")
    isla.dialog.get_by_label("to confirm").fill("Somebody Else")
    isla.dialog.get_by_role("button", name="Erase for good").click()
    expect(isla.dialog.get_by_text(f"This is not “{chat['name']}”.")).to_be_visible()
    assert one("select erased_at from customer where id = %s", (chat["customer_id"],)) == {"erased_at": None}
    assert not axe.violations(isla.page.main_frame)
    isla.dialog.get_by_label("to confirm").fill(chat["name"].upper())
    isla.dialog.get_by_role("button", name="Erase for good").click()
    receipt = isla.dialog.get_by_role("status")
    expect(receipt).to_contain_text("They asked us to, by letter.")
    assert chat["name"] not in isla.dialog.inner_text(), "a receipt tells nobody who it was"
    assert not axe.violations(isla.page.main_frame)
    stored = one("select id, chats, messages from erasure where customer_id = %s", (chat["customer_id"],))
    assert stored is not None
    assert stored["chats"] > 0
    expect(receipt).to_contain_text(f"Receipt no. {stored['id']}")
    isla.dialog.get_by_role("button", name="Done").click()

    for reader in (isla, rosa):
        expect(reader.page.get_by_text(chat["body"])).to_have_count(0)
        expect(reader.page.get_by_text(chat["name"])).to_have_count(0)
    isla.page.goto(f"{isla.stage.url}/settings/keeping")
    listed = isla.page.get_by_role("row").filter(has_text=f"No. {stored['id']}, customer {chat['customer_id']}")
    expect(listed).to_contain_text(str(stored["messages"]))


def test_a_chat_that_ended_by_itself_is_given_its_reason(people: Company) -> None:
    chat = one(
        "select c.id, p.name from chat c join customer p on p.id = c.customer_id"
        " where c.state = 'ended' and c.end_cause <> 'agent' and c.end_reason is null and c.owner_id is null limit 1"
    )
    assert chat is not None
    run("update chat set ended_at = now() - interval '1 hour' where id = %s", (chat["id"],))
    isla = people.agent("Isla Campbell")
    isla.page.goto(f"{isla.stage.url}/history/{chat['id']}")
    isla.page.get_by_role("button", name="Give a reason").click()
    isla.dialog.get_by_label(re.compile("Time waster", re.IGNORECASE)).check()
    isla.dialog.get_by_role("button", name="Save the reason").click()
    expect(region(isla).get_by_text("You gave the reason: Time waster")).to_be_visible()
    expect(isla.page.get_by_role("button", name="Give a reason")).to_have_count(0)
    stored = one("select end_reason, end_cause from chat where id = %s", (chat["id"],))
    assert stored is not None
    assert stored["end_reason"] == "time_waster"
    assert stored["end_cause"] != "agent", "what ended it stays on record"


def test_what_is_not_there_any_more_is_said(people: Company) -> None:
    maya = people.agent("Isla Campbell")
    maya.expects("status of 404")
    maya.page.goto(f"{maya.stage.url}/history/999999999")
    expect(maya.page.get_by_role("heading", name="This chat isn’t here")).to_be_visible()
    chat = chat_of_somebody_who_came_often()
    maya.page.goto(f"{maya.stage.url}/history/{chat['id']}?message=999999999")
    expect(region(maya).get_by_role("heading", level=3).first).to_be_visible()
    expect(maya.page.get_by_text("That message isn’t here any more.")).to_be_visible()


def first_in_sight(transcript: Locator) -> str | None:
    found: str | None = transcript.evaluate(
        "log => { const top = log.getBoundingClientRect().top;"
        " const each = [...log.querySelectorAll('[data-message]')].find(each => each.getBoundingClientRect().bottom > top + 40);"
        " return each ? each.dataset.message : null }"
    )
    return found


def to_the_beginning(transcript: Locator) -> None:
    def there() -> bool:
        transcript.evaluate("log => log.scrollTo({ top: 0 })")
        return transcript.get_by_text("This is where it began").count() == 1

    wait_for(there)
