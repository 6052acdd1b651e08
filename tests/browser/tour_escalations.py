"""The tour goes on to whatever is on the screens while a chat is offered to somebody else. At the end it is taken back."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, ViewportSize, expect

from models.db import one
from tests.browser.people import Agent, Company
from tests.browser.stage import Stage, colleague
from tests.browser.tour import Stop

ACCOUNTS = "Payments & accounts"
NOTE = "Transfer debited on our side, her bank reports no credit. Asked for the receipt twice; it is in the notes."


def escalations(people: Company, stage: Stage, size: ViewportSize) -> Iterator[Stop]:
    """One asks, another looks inside, a supervisor watches."""
    chat_id = number(
        "select c.id from chat c join agent a on a.id = c.owner_id"
        " where a.name = 'Maya Lindholm' and c.state = 'active' order by c.id limit 1"
    )
    someone_has_said_no(chat_id)
    maya = people.agent("Maya Lindholm", viewport=size, reduced_motion="reduce")
    femi = people.agent("Femi Adebayo", viewport=size, reduced_motion="reduce")
    hana = people.agent("Hana Kobayashi", viewport=size, reduced_motion="reduce")
    hana.looks_at("Escalations")
    yield Stop("escalations-empty", hana.page, hana.page.get_by_text("Nothing is escalated to you"))
    femi.looks_at("Escalations")
    maya.page.goto(f"{stage.url}/inbox/mine/{chat_id}")
    yield from _asking(maya)
    yield from _being_asked(femi, chat_id)
    yield from _waiting(maya)
    isla = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce")
    yield from _watching(isla.page, stage)
    colleague("Maya Lindholm").cancels(chat_id)


def _asking(maya: Agent) -> Iterator[Stop]:
    maya.conversation.get_by_role("button", name="Escalate").click()
    yield Stop("escalate", maya.page, maya.dialog.get_by_role("option").first)
    maya.dialog.get_by_role("button", name="Escalate").last.click()
    yield Stop("escalate-wrong", maya.page, maya.dialog.get_by_text("Choose a team or a person."))
    maya.dialog.get_by_role("option").filter(has_text=ACCOUNTS).click()
    maya.dialog.get_by_label("What is wrong, and what was tried").fill(NOTE)
    told = maya.dialog.get_by_role("status").filter(has_text="Maya is passing your chat on")
    yield Stop("escalate-chosen", maya.page, told)
    maya.dialog.get_by_role("button", name="Escalate").last.click()
    expect(maya.dialog).to_be_hidden()


def _being_asked(femi: Agent, chat_id: int) -> Iterator[Stop]:
    offered = femi.page.locator(f"a[data-row='{chat_id}']")
    yield Stop("escalations", femi.page, offered)
    offered.click()
    yield Stop("escalation-inside", femi.page, femi.conversation.get_by_text("asks Payments & accounts to take"))
    femi.conversation.get_by_role("button", name="Reject…").click()
    femi.dialog.get_by_role("button", name="Reject").last.click()
    yield Stop("escalation-reject", femi.page, femi.dialog.get_by_text("Choose a reason."))
    femi.presses("Escape")


def _waiting(maya: Agent) -> Iterator[Stop]:
    yield Stop("escalated", maya.page, maya.conversation.get_by_role("button", name="Cancel escalation"))
    maya.conversation.get_by_role("button", name="All escalations").click()
    yield Stop("escalation-offers", maya.page, maya.dialog.get_by_role("article").first)
    maya.presses("Escape")
    expect(maya.dialog).to_be_hidden()
    maya.conversation.get_by_role("button", name="End chat").click()
    yield Stop("escalation-end", maya.page, maya.dialog.get_by_label("End it all the same"))
    maya.presses("Escape")
    maya.page.goto(f"{maya.stage.url}/promises")
    row = maya.page.get_by_role("article").filter(has_text="Escalation").first
    yield Stop("escalation-promise", maya.page, row)
    row.get_by_role("button", name="Tell a new time").click()
    yield Stop("escalation-extend", maya.page, maya.dialog.get_by_role("status").filter(has_text="This takes longer"))
    maya.presses("Escape")


def _watching(page: Page, stage: Stage) -> Iterator[Stop]:
    page.goto(f"{stage.url}/monitoring")
    live = page.get_by_role("region", name="Waiting now")
    expect(page.get_by_role("region", name="By agent")).to_be_visible()
    yield Stop("report", page, live.get_by_text("left").first)
    for card in page.get_by_role("radio", name="Table").all():
        card.click()
    yield Stop("report-tables", page, page.get_by_role("table").first)
    page.get_by_role("radio", name="90 days").click()
    yield Stop("report-weeks", page, page.get_by_role("heading", name="Outcomes by week"))


def someone_has_said_no(chat_id: int) -> None:
    """Two offers before, and how they ended."""
    maya, priya = colleague("Maya Lindholm"), colleague("Priya Raman")
    maya.escalates(chat_id, priya, "She asks for a refund beyond my limit.")
    priya.rejects(chat_id, "missing_facts", "Which of the two orders is it?")
    maya.escalates(chat_id, number("select id from team where name = 'Payments & accounts'"), "The second order.")
    maya.cancels(chat_id, "mistake")


def number(query: str) -> int:
    found = one(query)
    assert found is not None
    return int(found["id"])
