"""Escalations as people see them: asked, looked at, rejected, accepted, taken back, timed out; and how they go in a report."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from models.actions.desk import change_settings
from models.db import one
from models.rules.escalating import DEFAULT_STEPS
from tests.browser import axe
from tests.browser.people import DESKTOP, PHONE, Agent, Company, Customer
from tests.browser.stage import Stage, colleague, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

NOTE = "Debited twice. I checked both statements and asked the bank."
ACCOUNTS = "Payments & accounts"
CARE = "Plant care"
FIELD = "%Y-%m-%dT%H:%M"  # as a browser has date and time in its fields


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


@pytest.fixture
def quick_ladder() -> Iterator[None]:
    """Nobody accepts for ten seconds: back to who had it."""
    isla = colleague("Isla Campbell").viewer
    change_settings(isla, escalation_steps=[{"do": "origin", "after_s": 10, "team_id": None}])
    yield
    change_settings(isla, escalation_steps=[dict(step) for step in DEFAULT_STEPS])


def test_one_rejects_with_a_reason_another_accepts_and_the_customer_is_told_each_time(people: Company) -> None:
    femi, priya = people.agent("Femi Adebayo"), people.agent("Priya Raman")
    maya, ibrahim = people.meet("Maya Lindholm", "Ibrahim Sule")

    escalates(maya, "Femi")
    ibrahim.reads_event("Maya is passing your chat on to Femi. You can expect an answer by")
    expect(bar(maya)).to_contain_text("Escalated to Femi Adebayo")
    expect(bar(maya)).to_contain_text("nobody has looked yet")

    expect(femi.page.get_by_text("Maya Lindholm asks you to take Ibrahim Sule’s chat")).to_be_visible()
    expect(femi.page.get_by_role("tab", name="Escalations")).to_contain_text("1")
    femi.looks_at("Escalations")
    expect(femi.row("Ibrahim Sule")).to_contain_text(NOTE)
    femi.row("Ibrahim Sule").get_by_role("link").click()
    expect(bar(femi)).to_contain_text("Maya Lindholm asks you to take this chat")
    expect(femi.composer).to_be_hidden()
    expect(bar(maya)).to_contain_text("Femi Adebayo has looked")
    bar(femi).get_by_role("button", name="Reject…").click()
    femi.dialog.get_by_role("button", name="Reject", exact=False).last.click()
    expect(femi.dialog.get_by_text("Choose a reason.")).to_be_visible()
    femi.dialog.get_by_label("Wrong team").check()
    femi.dialog.get_by_label("In your words").fill("The accounts people can book it back.")
    femi.dialog.get_by_role("button", name="Reject", exact=False).last.click()
    expect(femi.dialog).to_be_hidden()

    ibrahim.reads_event("Maya is still here for you and goes on with your chat.")
    maya.reads("Femi Adebayo rejected the escalation: Wrong team. “The accounts people can book it back.”")
    expect(bar(maya)).to_have_count(0)

    escalates(maya, ACCOUNTS)
    ibrahim.reads_event(f"Maya is passing your chat on to {ACCOUNTS}.")
    femi.looks_at("Escalations")
    expect(femi.row("Ibrahim Sule")).to_be_visible()
    priya.looks_at("Escalations")
    priya.row("Ibrahim Sule").get_by_role("button", name="Accept").click()
    expect(femi.row("Priya Raman took this chat")).to_be_visible()
    priya.is_in_chat_with("Ibrahim Sule")
    ibrahim.reads_event("Priya has your chat now.")
    expect(ibrahim.frame.get_by_role("heading", name="Priya Raman")).to_be_visible()
    expect(femi.row("Ibrahim Sule")).to_have_count(0)
    maya.reads("Priya Raman accepted the escalation and has this chat now")

    priya.says("Hello Ibrahim, I can book it back today.")
    ibrahim.reads("Hello Ibrahim, I can book it back today.")
    the_chain_of_hands_is_one_line(priya)


def the_chain_of_hands_is_one_line(priya: Agent) -> None:
    hands = priya.page.get_by_role("list", name="Chain of hands")
    expect(hands.get_by_role("listitem")).to_have_text(
        [re.compile("Maya Lindholm"), re.compile("Femi Adebayo, rejected"), re.compile("Priya Raman")]
    )
    priya.button("All escalations").first.click()
    stories = priya.dialog.get_by_role("article")
    expect(stories).to_have_count(2)
    expect(stories.first).to_contain_text(ACCOUNTS)
    expect(stories.first).to_contain_text("Accepted by Priya Raman")
    expect(stories.last).to_contain_text("Wrong team: The accounts people can book it back.")
    priya.presses("Escape")


def test_everything_without_a_mouse(people: Company) -> None:
    femi = people.agent("Femi Adebayo")
    tom, nora = people.meet("Tom Ashworth", "Nora Whitfield")
    tom.presses("Escape", "e")
    expect(tom.dialog.get_by_role("combobox", name="Find a team or a person")).to_be_focused()
    tom.types("fem")
    expect(tom.dialog.get_by_role("option").filter(has_text="Femi")).to_be_visible()
    tom.presses("Enter")
    note = tom.dialog.get_by_label("What is wrong, and what was tried")
    expect(note).to_be_focused()
    tom.types(NOTE)
    expect(tom.dialog.get_by_role("status").filter(has_text="Tom is passing your chat on to Femi")).to_be_visible()
    tom.presses("Control+Enter")
    expect(tom.dialog).to_be_hidden()
    nora.reads_event("Tom is passing your chat on to Femi")

    femi.presses("3")
    expect(femi.row("Nora Whitfield")).to_be_visible()
    femi.presses("j")
    expect(bar(femi)).to_be_visible()
    femi.presses("x")
    expect(femi.dialog.get_by_role("radio").first).to_be_focused()
    femi.presses("2")
    expect(femi.dialog.get_by_label("In your words")).to_be_focused()
    femi.types("Which of the two orders?")
    femi.presses("Control+Enter")
    expect(femi.dialog).to_be_hidden()
    tom.reads("Femi Adebayo rejected the escalation: Something is missing. “Which of the two orders?”")

    expect(bar(tom)).to_have_count(0)
    tom.presses("e")
    expect(tom.dialog.get_by_role("combobox")).to_be_focused()
    tom.types("femi")
    expect(tom.dialog.get_by_role("option").filter(has_text="Femi")).to_be_visible()
    tom.presses("Enter")
    tom.types("The second order, the yellow pot.")
    tom.presses("Control+Enter")
    expect(tom.dialog).to_be_hidden()
    femi.presses("3")
    femi.row("Nora Whitfield").get_by_role("link").focus()
    femi.presses("y")
    femi.is_in_chat_with("Nora Whitfield")
    nora.reads_event("Femi has your chat now.")


def test_it_is_taken_back_by_one_press_and_ends_only_after_a_second_look(people: Company) -> None:
    people.agent("Priya Raman")
    maya, owen = people.meet("Maya Lindholm", "Owen Pryce")
    escalates(maya, ACCOUNTS)
    expect(maya.dialog).to_be_hidden()
    bar(maya).get_by_role("button", name="Cancel escalation").click()
    expect(bar(maya)).to_have_count(0)
    maya.reads("You cancelled the escalation")
    owen.reads_event("Maya is still here for you and goes on with your chat.")

    escalates(maya, ACCOUNTS)
    bar(maya).get_by_role("button", name="Cancel and say why").click()
    maya.page.get_by_role("menuitem", name="By mistake").click()
    expect(bar(maya)).to_have_count(0)
    assert newest_offer()["reason"] == "mistake"

    escalates(maya, ACCOUNTS)
    maya.conversation.get_by_role("button", name="End chat").click()
    expect(maya.dialog.get_by_text(f"This chat is escalated to {ACCOUNTS}.")).to_be_visible()
    maya.dialog.get_by_role("button", name="End chat").click()
    confirm = maya.dialog.get_by_label("End it all the same")
    expect(confirm).to_be_focused()
    confirm.check()
    maya.dialog.get_by_role("button", name="End chat").click()
    expect(owen.frame.get_by_text("Chat ended")).to_be_visible()
    assert newest_offer()["state"] == "withdrawn"


def test_a_team_without_anybody_is_asked_only_by_who_insists(people: Company) -> None:
    maya, vera = people.meet("Maya Lindholm", "Vera Holm")
    maya.conversation.get_by_role("button", name="Escalate").click()
    for name, why in (("Mateusz Zieliński", "Not online"), ("Maya Lindholm", "Has this chat now")):
        expect(maya.dialog.get_by_role("option").filter(has_text=name)).to_contain_text(why)
    maya.dialog.get_by_role("option").filter(has_text=CARE).click()
    expect(maya.dialog.get_by_text(f"Nobody in {CARE} can take it now.")).to_be_visible()
    maya.dialog.get_by_label("What is wrong, and what was tried").fill(NOTE)
    maya.dialog.get_by_role("button", name="Escalate anyway").click()
    expect(maya.dialog).to_be_hidden()
    vera.reads_event(f"Maya is passing your chat on to {CARE}.")
    mateusz = people.agent("Mateusz Zieliński")
    mateusz.looks_at("Escalations")
    mateusz.row("Vera Holm").get_by_role("button", name="Accept").click()
    mateusz.is_in_chat_with("Vera Holm")
    a_later_time_is_promised(mateusz, vera)


def a_later_time_is_promised(mateusz: Agent, vera: Customer) -> None:
    mateusz.page.get_by_role("navigation", name="Main").get_by_role("link", name="Promises").click()
    row = mateusz.page.get_by_role("article", name="Promise to Vera Holm")
    expect(row).to_contain_text("Escalation")
    row.get_by_role("button", name="Tell a new time").click()
    new = mateusz.dialog.get_by_label("New time")
    new.fill((datetime.now().astimezone() + timedelta(minutes=1)).strftime(FIELD))
    mateusz.dialog.get_by_role("button", name="Tell the customer").click()
    expect(mateusz.dialog.get_by_text("Choose a later time than the one promised.").first).to_be_visible()
    new.fill((datetime.now().astimezone() + timedelta(days=2)).strftime(FIELD))
    will_read = mateusz.dialog.get_by_role("status").filter(has_text="This takes longer than we told you.")
    expect(will_read).to_be_visible()
    sentence = will_read.inner_text()
    mateusz.dialog.get_by_role("button", name="Tell the customer").click()
    expect(mateusz.dialog).to_be_hidden()
    vera.reads_event(sentence)


def test_a_promise_that_falls_due_is_moved_from_its_alert(people: Company) -> None:
    people.agent("Priya Raman")
    maya, gil = people.meet("Maya Lindholm", "Gil Barros")
    escalates(maya, ACCOUNTS, by="Tomorrow 9:00")
    maya.page.get_by_role("link", name="History").click()
    change_settings(colleague("Isla Campbell").viewer, promise_warn_s=4 * 86_400)
    expect(maya.page.get_by_text("Gil Barros expects to hear from you in")).to_be_visible()
    maya.button("Tell them a new time").click()
    expect(maya.dialog.get_by_role("status").filter(has_text="This takes longer than we told you.")).to_be_visible()
    maya.dialog.get_by_role("button", name="Tell the customer").click()
    gil.reads_event("This takes longer than we told you.")
    change_settings(colleague("Isla Campbell").viewer, promise_warn_s=3_600)


@pytest.mark.usefixtures("quick_ladder")
def test_nobody_accepts_in_time(people: Company) -> None:
    priya = people.agent("Priya Raman")
    maya, hugo = people.meet("Maya Lindholm", "Hugo Marten")
    escalates(maya, "Priya")
    priya.looks_at("Escalations")
    expect(priya.row("Hugo Marten")).to_be_visible()
    maya.page.get_by_role("link", name="Mentions").click()
    expect(maya.page.get_by_text("Nobody accepted Hugo Marten’s chat in time")).to_be_visible()
    maya.button("Open").click()
    maya.reads("Nobody accepted the escalation in time")
    hugo.reads_event("Maya is still here for you and goes on with your chat.")
    expect(priya.row("Hugo Marten")).to_have_count(0)


def test_a_supervisor_reads_how_they_go(people: Company) -> None:
    people.agent("Priya Raman")
    maya, _ = people.meet("Maya Lindholm", "Lotte Berg")
    isla = people.agent("Isla Campbell")
    isla.presses("g", "e")
    expect(isla.page.get_by_role("heading", name="Escalations", level=1)).to_be_visible()
    offered = isla.page.get_by_role("term").filter(has_text="Escalations").locator("xpath=following-sibling::dd")
    before = int(offered.locator("strong").inner_text())
    escalates(maya, ACCOUNTS)
    live = isla.page.get_by_role("region", name="Waiting now")
    expect(live).to_contain_text("Lotte Berg")
    expect(offered.locator("strong")).to_have_text(str(before + 1))
    reasons = isla.page.get_by_role("region", name="Why they were rejected")
    expect(reasons).to_contain_text("Wrong team")
    teams = isla.page.get_by_role("region", name="By team", exact=True)
    teams.get_by_role("radio", name="Table").first.click()
    expect(teams.get_by_role("row", name=ACCOUNTS)).to_be_visible()
    for size in (DESKTOP, PHONE):
        isla.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert axe.in_both_themes(isla.page) == []
    isla.page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    with isla.page.expect_download() as download:
        isla.page.get_by_role("link", name="Export CSV").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    assert (lines[0]["to"], lines[0]["note"], lines[0]["outcome"]) == (ACCOUNTS, NOTE, "pending")
    isla.page.get_by_role("combobox", name="Team").select_option(label="Plant care")
    expect(live).to_contain_text("No escalation is waiting.")
    isla.page.get_by_role("combobox", name="Team").select_option(label="All teams")
    live.get_by_role("link").first.click()
    expect(bar(isla)).to_contain_text(NOTE)


def test_steps_and_words_are_set_and_felt(people: Company) -> None:
    people.agent("Priya Raman")
    maya, anna = people.meet("Maya Lindholm", "Anna Keller")
    rosa = people.agent("Rosa Delgado")
    rosa.page.goto(f"{rosa.stage.url}/settings/escalations")
    steps = rosa.page.get_by_role("list", name="Steps, in order").get_by_role("listitem")
    rosa.button("Add a step").click()
    expect(steps).to_have_count(3)
    expect(steps.nth(1).get_by_label("Do", exact=True)).to_be_focused()
    steps.nth(1).get_by_label("Do", exact=True).select_option(label="Ask the supervisors")
    rosa.presses("Alt+ArrowUp")
    expect(steps.first).to_have_accessible_name("Step 1, Ask the supervisors")
    texts = rosa.page.get_by_role("group", name="When their chat is escalated")
    texts.get_by_role("button", name="Write your own").click()
    texts.get_by_role("textbox").fill("One moment, {target} knows more.")
    expect(texts.get_by_text("Say the time somewhere")).to_be_visible()
    texts.get_by_role("textbox").fill("One moment, {target} knows more: by ")
    texts.get_by_role("button", name="Time").click()
    expect(texts.get_by_text("One moment, Payments knows more: by 14:30")).to_be_visible()
    rosa.button("Save").click()
    expect(rosa.page.get_by_text("Saved", exact=True)).to_be_visible()
    desk = one("select escalation_steps as steps from desk")
    assert desk is not None
    assert [step["do"] for step in desk["steps"]] == ["supervisors", "remind", "origin"]
    escalates(maya, ACCOUNTS)
    anna.reads_event(f"One moment, {ACCOUNTS} knows more: by ")
    change_settings(
        colleague("Isla Campbell").viewer, escalation_steps=[dict(step) for step in DEFAULT_STEPS],
        escalation_texts=dict.fromkeys(("escalated", "accepted", "back", "later")),
    )  # fmt: skip


def bar(agent: Agent) -> Locator:
    """What stands above the log while the chat is offered."""
    return agent.conversation.get_by_role("region", name="Escalated to")


def escalates(agent: Agent, target: str, *, by: str | None = None) -> None:
    agent.conversation.get_by_role("button", name="Escalate").click()
    agent.dialog.get_by_role("option").filter(has_text=target).click()
    if by is not None:
        agent.dialog.get_by_role("button", name=by).click()
    agent.dialog.get_by_label("What is wrong, and what was tried").fill(NOTE)
    agent.dialog.get_by_role("button", name=re.compile("^Escalate")).click()
    expect(agent.dialog).to_be_hidden()


def newest_offer() -> dict[str, object]:
    found = wait_for(lambda: one("select * from escalation order by id desc limit 1"))
    return dict(found)
