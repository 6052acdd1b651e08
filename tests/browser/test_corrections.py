"""Words put right, words taken back, and words answered to: on both sides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from models.db import one
from tests.browser import axe
from tests.browser.people import Agent, Company, Customer
from tests.browser.stage import Stage, colleague
from tests.support.people import Colleague

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


QUESTION = "Which of the two pots?"


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_what_nobody_has_read_is_put_right_and_what_was_read_stays(people: Company) -> None:
    maya, ben = people.meet("Maya Lindholm", "Ben Carter")
    ben.closes_chat()
    maya.says("Your parcel comes on Moonday.")
    expect(maya.entry("Your parcel comes on Moonday.").get_by_title("Delivered")).to_be_visible()
    maya.presses("ArrowUp")
    correction = maya.conversation.get_by_role("textbox", name="Editing your message")
    expect(correction).to_have_value("Your parcel comes on Moonday.")
    correction.fill("Your parcel comes on Monday.")
    maya.presses("Enter")
    expect(maya.entry("Your parcel comes on Monday.").get_by_text("Edited")).to_be_visible()
    expect(maya.composer).to_have_value("")

    maya.presses("ArrowUp")
    expect(correction).to_have_value("Your parcel comes on Monday.")
    ben.opens_chat()
    ben.reads("Your parcel comes on Monday.")
    expect(ben.said("Your parcel comes on Monday.").get_by_text("Edited")).to_be_visible()
    expect(ben.log.get_by_text("Moonday")).to_have_count(0)
    expect(maya.entry("Your parcel comes on Monday.").get_by_title("Read")).to_be_visible()
    maya.expects("status of 409")
    correction.fill("Your parcel comes on Tuesday.")
    maya.presses("Enter")
    expect(maya.page.get_by_text("The customer has read this already. It stays as it is.")).to_be_visible()
    expect(correction).to_have_value("Your parcel comes on Tuesday.")
    expect(ben.log.get_by_text("Tuesday")).to_have_count(0)

    maya.presses("Escape")
    expect(correction).to_have_count(0)
    maya.presses("ArrowUp")  # nothing is left to put right
    expect(correction).to_have_count(0)


def test_what_is_taken_back_leaves_a_stub_and_no_word(people: Company) -> None:
    femi, cleo = people.meet("Femi Adebayo", "Cleo Marsh")
    femi.says("The password is tulip.")
    cleo.reads("The password is tulip.")
    femi.notes("She sounds tired.")
    for words in ("The password is tulip.", "She sounds tired."):
        acts_on(femi, femi.entry(words), "Delete")
        expect(femi.dialog.get_by_text("stays in its place")).to_be_visible()
        femi.dialog.get_by_role("button", name="Delete").click()
        expect(femi.log.get_by_text(words)).to_have_count(0)
    expect(femi.log.get_by_text("Message deleted")).to_have_count(2)
    expect(cleo.log.get_by_text("Message deleted")).to_have_count(1)
    expect(cleo.log.get_by_text("tulip")).to_have_count(0)
    assert one("select 1 from message where body like '%%tulip%%'") is None
    cleo.page.reload()
    cleo.opens_chat()
    expect(cleo.log.get_by_text("Message deleted")).to_have_count(1)


def test_a_supervisor_looks_at_what_stood_there_and_nobody_else_can(people: Company) -> None:
    priya, enid = people.meet("Priya Raman", "Enid Frost")
    enid.closes_chat()
    priya.says("It leaves on Moonday.")
    expect(priya.entry("It leaves on Moonday.").get_by_title("Delivered")).to_be_visible()
    priya.presses("ArrowUp")
    priya.conversation.get_by_role("textbox", name="Editing your message").fill("It leaves on Monday.")
    priya.presses("Enter")
    corrected = priya.entry("It leaves on Monday.")
    expect(corrected.get_by_text("Edited")).to_be_visible()
    expect(corrected.get_by_role("button", name="Edited")).to_have_count(0)

    isla = people.agent("Isla Campbell")
    isla.page.goto(priya.page.url)
    label = isla.entry("It leaves on Monday.").get_by_role("button", name="Edited, show earlier versions")
    label.focus()
    isla.presses("Enter")
    steps = isla.dialog.get_by_role("listitem")
    expect(steps.filter(has_text="Written by Priya Raman")).to_contain_text("It leaves on Moonday.")
    expect(steps.filter(has_text="Edited by Priya Raman")).to_contain_text("It leaves on Monday.")
    assert axe.violations(isla.page.main_frame) == []
    isla.presses("Escape")
    expect(isla.dialog).to_have_count(0)
    expect(label).to_be_focused()

    acts_on(isla, isla.entry("It leaves on Monday."), "Delete")
    isla.dialog.get_by_role("button", name="Delete").click()
    stub = isla.log.get_by_role("listitem").filter(has_text="Message deleted")
    stub.get_by_role("button", name="What it said, show earlier versions").click()
    expect(steps.filter(has_text="Edited by Priya Raman")).to_contain_text("It leaves on Monday.")
    expect(steps.filter(has_text="Deleted by Isla Campbell")).to_be_visible()
    expect(priya.log.get_by_text("Message deleted")).to_be_visible()
    expect(priya.log.get_by_role("button", name="What it said")).to_have_count(0)


def test_both_sides_quote_and_find_what_was_quoted(people: Company) -> None:
    tom, dora = people.meet("Tom Ashworth", "Dora Winter")
    tom.says(QUESTION)
    answers_to(dora, QUESTION, "The blue one.")
    reply = tom.entry("The blue one.")
    expect(reply.get_by_role("button", name="Go to the quoted message")).to_contain_text(QUESTION)

    acts_on(tom, reply, "Quote")
    expect(tom.conversation.get_by_role("button", name="Don’t quote")).to_be_visible()
    tom.says("It is packed.")
    answer = dora.said("It is packed.")
    expect(answer.get_by_role("button", name="In reply to")).to_contain_text("The blue one.")

    long_after(colleague(tom.name), "As I asked:", quoting=QUESTION)
    for jump, quoted in (
        (tom.entry("As I asked:").get_by_role("button", name="Go to the quoted message"), tom.entry(QUESTION).first),
        (dora.said("As I asked:").get_by_role("button", name="In reply to"), dora.said(QUESTION).first),
    ):
        expect(jump).to_be_in_viewport()
        expect(quoted).not_to_be_in_viewport()
        jump.click()
        expect(quoted).to_be_in_viewport()


def acts_on(agent: Agent, entry: Locator, what: str) -> None:
    """By the menu of one message."""
    entry.hover()
    entry.get_by_role("button", name=re.compile("^Actions for the message")).click()
    agent.page.get_by_role("menuitem", name=what).click()


def answers_to(customer: Customer, words: str, answer: str) -> None:
    said = customer.said(words)
    said.hover()
    said.get_by_role("button", name="Reply to this message").click()
    expect(customer.frame.get_by_role("button", name="Write without a reply")).to_be_visible()
    expect(customer.composer).to_be_focused()
    customer.says(answer)
    customer.reads(answer)
    expect(customer.frame.get_by_role("button", name="Write without a reply")).to_have_count(0)


def long_after(writer: Colleague, words: str, *, quoting: str) -> None:
    """So much is said meanwhile that what is quoted is out of sight."""
    quoted = one("select id, chat_id from message where body = %s", (quoting,))
    assert quoted is not None
    for number in range(1, 26):
        writer.says(quoted["chat_id"], f"Line {number}\nand one below it.")
    writer.says(quoted["chat_id"], words, quote_id=quoted["id"])
