"""Many hands at once: two agents and one chat, two clicks, two tabs, and words that may not go out yet."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from models.db import rows
from models.tables.people import Agent as StoredAgent
from tests.browser.people import Company
from tests.browser.stage import Stage, wait_for
from tests.support.people import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

CONFLICT = "status of 409"
TOO_LONG = "m" * 10_050  # fifty more than a message may have


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_two_agents_press_and_one_gets_the_chat(people: Company) -> None:
    chat_id = waits("Ben Carter")
    agents = [people.agent("Maya Lindholm"), people.agent("Femi Adebayo")]
    for agent in agents:
        agent.expects(CONFLICT)
        agent.looks_at("Queue")
        expect(agent.row("Ben Carter")).to_be_visible()
    press_at_once(*(agent.row("Ben Carter").get_by_role("button", name="Start chat") for agent in agents))

    [owner] = wait_for(lambda: owners(chat_id))
    winner, loser = sorted(agents, key=lambda agent: agent.name != owner)
    expect(loser.row("Ben Carter")).to_contain_text(f"{winner.name} took this chat")
    winner.is_in_chat_with("Ben Carter")
    expect(loser.row("Ben Carter")).to_have_count(0)
    assert owners(chat_id) == [owner]


def test_a_double_click_starts_once(people: Company) -> None:
    chat_id = waits("Cleo Marsh")
    tom = people.agent("Tom Ashworth")
    tom.looks_at("Queue")
    tom.row("Cleo Marsh").get_by_role("button", name="Start chat").dblclick()
    tom.is_in_chat_with("Cleo Marsh")
    assert owners(chat_id) == ["Tom Ashworth"]


def test_a_second_tab_shows_a_message_once(people: Company) -> None:
    waits("Dora Winter")
    first = people.agent("Mateusz Zieliński")
    first.starts("Dora Winter")
    second = first.opens_second_tab()
    second.is_in_chat_with("Dora Winter")
    first.says("Said in the first tab.")
    second.says("Said in the second tab.")
    for tab in (first, second):
        tab.reads("Said in the first tab.")
        tab.reads("Said in the second tab.")


def test_an_agent_without_room_sees_why(people: Company) -> None:
    StoredAgent.update(agent_limit=1).where(StoredAgent.name == "Priya Raman").execute()
    waits("Enid Frost")
    waits("Fay Larsson")
    priya = people.agent("Priya Raman")
    priya.starts("Enid Frost")
    priya.looks_at("Queue")
    start = priya.row("Fay Larsson").get_by_role("button", name="Start chat")
    expect(start).to_have_attribute("aria-disabled", "true")
    expect(start).to_have_attribute("title", re.compile("You are at your limit"))
    start.click(force=True)
    expect(priya.row("Fay Larsson")).to_be_visible()


def test_a_customer_who_writes_too_much_keeps_the_text(people: Company) -> None:
    gus = people.customer()
    gus.comes_with("Gus Hale", "Hello there")
    gus.says(TOO_LONG)
    expect(gus.frame.get_by_role("alert")).to_have_text("50 characters over the limit")
    expect(gus.composer).to_have_value(TOO_LONG)
    expect(gus.bubbles).to_have_count(1)
    gus.says("dear shop")
    gus.reads("dear shop")


def test_a_customer_without_a_line_keeps_the_text(people: Company, desk: Stage) -> None:
    hedda = people.customer()
    hedda.comes_with("Hedda Stone", "Is anybody there?")
    expect(hedda.log.get_by_role("img", name="Sent")).to_have_count(1)
    desk.desk.pause("web")
    try:
        hedda.says("I am in a tunnel.")
        expect(hedda.log.locator(".unsent").filter(has_text="I am in a tunnel.")).to_contain_text("Sending")
    finally:
        desk.desk.resume("web")
    expect(hedda.log.locator(".said").filter(has_text="I am in a tunnel.")).to_have_count(1)
    expect(hedda.log.locator(".unsent")).to_have_count(0)
    assert len(rows("select from message where body = 'I am in a tunnel.'")) == 1


def waits(name: str) -> int:
    """Somebody of that name is in the queue."""
    customer = make_customer(name)
    customer.says(f"Hello, this is {name}.")
    return customer.chat


def press_at_once(*buttons: Locator) -> None:
    """Each browser presses by its own clock, all at the same moment."""
    moment = (time.time() + 0.5) * 1000
    for button in buttons:
        button.evaluate("(button, moment) => void setTimeout(() => button.click(), moment - Date.now())", moment)


def owners(chat_id: int) -> list[Any]:
    """Everybody who has ever had the chat."""
    found = rows(
        "select a.name from assignment i join agent a on a.id = i.agent_id where i.chat_id = %s order by i.id",
        (chat_id,),
    )
    return [each["name"] for each in found]
