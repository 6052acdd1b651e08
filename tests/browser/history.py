"""The history as somebody at the console handles it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Response, expect

from models.db import one
from tests.browser.people import Agent, Company


def reads_history(people: Company, name: str = "Isla Campbell") -> Agent:
    agent = people.agent(name)
    agent.page.goto(f"{agent.stage.url}/history")
    expect(shown(agent).first).to_be_visible()
    return agent


def shown(agent: Agent) -> Locator:
    return agent.page.locator("li.row")


def chips(agent: Agent) -> Locator:
    return agent.page.get_by_role("group", name="Filters")


def region(agent: Agent) -> Locator:
    return agent.page.get_by_role("region", name="Transcript")


def narrow(agent: Agent, criterion: str, value: str) -> None:
    """Open a chip, tick a box, and close it when the rows have come."""
    chips(agent).locator("button.open").filter(has_text=re.compile(criterion)).first.click()
    with agent.page.expect_response(is_history):
        agent.page.get_by_role("checkbox", name=value, exact=True).check()
    agent.presses("Escape")


def is_history(answer: Response) -> bool:
    return "/api/history?" in answer.url


def count(agent: Agent) -> int:
    """How many chats the list says there are, once it has come to rest."""
    expect(agent.page.locator("[aria-busy=true]")).to_have_count(0)
    said = agent.page.locator(".sum p")
    expect(said).to_have_text(re.compile(r"\d+ chats?$"))
    return int(re.sub(r"\D", "", said.inner_text()))


def chat_of_somebody_who_came_often() -> dict[str, int]:
    """The longest there is: one that fits onto the screen cannot be scrolled to its middle."""
    found = one(
        "select c.id, c.session_id, c.customer_id from chat c where c.state = 'ended' and 3 <"
        " (select count(distinct o.session_id) from chat o where o.customer_id = c.customer_id)"
        " order by (select sum(o.all_seq) from chat o where o.session_id = c.session_id) desc, c.id limit 1"
    )
    assert found is not None
    return dict(found)
