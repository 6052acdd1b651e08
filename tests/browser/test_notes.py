"""What the team says among itself: mentions, drafts, and who else has a conversation open. Customers see none of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from models.db import one
from tests.browser.people import Agent, Company
from tests.browser.stage import Stage, colleague, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_who_is_named_in_a_note_hears_of_it_and_finds_it(people: Company) -> None:
    femi = people.agent("Femi Adebayo")
    maya, ben = people.meet("Maya Lindholm", "Ben Carter")
    expect(mentions_of(femi)).to_have_accessible_name("Mentions")
    maya.conversation.get_by_role("tab", name="Note").click()
    maya.composer.press_sequentially("Have you met him, @fem")
    option = maya.page.get_by_role("option", name=re.compile("Femi Adebayo"))
    expect(option).to_have_attribute("aria-selected", "true")
    maya.presses("Enter")
    expect(maya.composer).to_have_value("Have you met him, @Femi Adebayo ")
    maya.types("before?")
    maya.presses("Enter")
    maya.reads("Have you met him, @Femi Adebayo before?")
    expect(femi.page.get_by_text("You were mentioned in Ben Carter’s chat")).to_be_visible()
    expect(mentions_of(femi)).to_have_accessible_name(re.compile("Mentions 1 not seen yet"))
    for number in range(1, 26):
        colleague(maya.name).says(chat_of("Ben Carter"), f"Line {number}\nand one below it.")

    mentions_of(femi).click()
    mention = femi.page.get_by_role("link", name="Maya Lindholm named you in Ben Carter’s chat")
    expect(femi.page.get_by_role("listitem").filter(has=mention)).to_contain_text("New")
    mention.click()
    note = femi.log.get_by_text("Have you met him, @Femi Adebayo before?")
    expect(note).to_be_in_viewport()
    expect(mentions_of(femi)).to_have_accessible_name("Mentions")
    mentions_of(femi).click()
    expect(femi.page.get_by_role("listitem").filter(has=mention)).not_to_contain_text("New")

    ben.reads("Line 25")
    ben.page.reload()
    ben.opens_chat()
    ben.reads("Line 25")
    expect(ben.frame.get_by_text("Have you met him")).to_have_count(0)


def test_a_draft_is_there_on_another_screen(people: Company) -> None:
    office, _ = people.meet("Tom Ashworth", "Cleo Marsh")
    office.composer.fill("Dear Cleo, I have looked into")
    office.conversation.get_by_role("tab", name="Note").click()
    office.composer.fill("She was promised a refund.")
    wait_for(lambda: one("select 1 from draft where mode = 'note' and body = 'She was promised a refund.'"))

    laptop = people.agent("Tom Ashworth")
    laptop.looks_at("Mine")
    laptop.row("Cleo Marsh").get_by_role("link").click()
    laptop.is_in_chat_with("Cleo Marsh")
    expect(laptop.composer).to_have_value("Dear Cleo, I have looked into")
    laptop.conversation.get_by_role("tab", name="Note").click()
    expect(laptop.composer).to_have_value("She was promised a refund.")
    laptop.presses("Enter")
    laptop.reads("She was promised a refund.")
    wait_for(lambda: one("select 1 from draft where mode = 'note'") is None)


def test_colleagues_see_who_else_has_the_conversation_open(people: Company) -> None:
    priya, _ = people.meet("Priya Raman", "Dora Winter")
    isla = people.agent("Isla Campbell")
    expect(priya.conversation.get_by_text("is looking at this chat")).to_have_count(0)
    isla.page.goto(f"{isla.stage.url}/inbox/mine/{chat_of('Dora Winter')}")
    expect(isla.conversation).to_have_attribute("aria-label", "Conversation with Dora Winter")
    looking = priya.conversation.get_by_role("status").filter(has_text="Isla Campbell is looking at this chat")
    expect(looking).to_have_count(1)
    expect(isla.conversation.get_by_role("status").filter(has_text="Priya Raman is looking")).to_have_count(1)
    isla.page.get_by_role("link", name="Mentions").click()
    expect(looking).to_have_count(0)


def mentions_of(agent: Agent) -> Locator:
    return agent.page.get_by_role("navigation", name="Main").get_by_role("link", name="Mentions")


def chat_of(customer: str) -> int:
    found = one("select c.id from chat c join customer p on p.id = c.customer_id where p.name = %s", (customer,))
    assert found is not None
    number: int = found["id"]
    return number
