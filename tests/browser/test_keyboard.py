"""A whole shift without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from models.db import one
from tests.browser.people import Agent, Company
from tests.browser.stage import PASSWORD, Stage, wait_for
from tests.support.people import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_a_chat_from_sign_in_to_its_end(people: Company, desk: Stage) -> None:
    chat_id = waits("Ben Carter")
    maya = people.agent()
    maya.name = "Maya Lindholm"
    maya.page.goto(desk.url)
    expect(maya.page.get_by_label("Email")).to_be_focused()
    maya.types("maya@fernhill.example")
    maya.presses("Tab")
    maya.types(PASSWORD)
    maya.presses("Enter")

    expect(maya.button("Start next chat")).to_be_enabled()
    maya.presses("n")
    maya.is_in_chat_with("Ben Carter")
    expect(maya.composer).to_be_focused()
    maya.types("Hello Ben.")
    maya.presses("Enter")
    maya.reads("Hello Ben.")

    answers_with_a_canned_message(maya)

    maya.presses("Escape")
    expect(maya.composer).not_to_be_focused()
    maya.presses("Shift+E")
    expect(maya.dialog.get_by_text("End chat with Ben?")).to_be_visible()
    maya.presses("1", "Enter")
    expect(maya.dialog).to_be_hidden()
    ended = wait_for(lambda: one("select * from chat where id = %s and state = 'ended'", (chat_id,)))
    assert ended["end_reason"] == "resolved"


def answers_with_a_canned_message(maya: Agent) -> None:
    maya.types("/anything")
    expect(maya.page.get_by_role("option")).to_have_count(1)
    maya.presses("Enter")
    expect(maya.composer).to_have_value("Is there anything else I can do for you today, Ben?")
    maya.presses("Enter")
    maya.reads("Is there anything else I can do for you today, Ben?")


def test_layers_open_and_close_and_give_the_focus_back(people: Company) -> None:
    waits("Cleo Marsh")
    femi = people.agent("Femi Adebayo")
    femi.starts("Cleo Marsh")
    femi.composer.focus()

    femi.presses("Control+k")
    expect(femi.page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    femi.presses("Escape")
    expect(femi.composer).to_be_focused()

    end = femi.conversation.get_by_role("button", name="End chat")
    end.focus()
    for key, title in (("?", "Keyboard shortcuts"), ("a", "Assign Cleo to"), ("Shift+E", "End chat with Cleo?")):
        femi.presses(key)
        expect(femi.dialog.get_by_role("heading", name=title)).to_be_visible()
        femi.presses("Escape")
        expect(femi.dialog).to_be_hidden()
        expect(end).to_be_focused()

    femi.presses("Control+k")
    femi.types("history")
    femi.presses("Enter")
    expect(femi.page).to_have_url(re.compile("/history$"))


def test_f6_goes_through_the_panes(people: Company) -> None:
    waits("Dora Winter")
    tom = people.agent("Tom Ashworth")
    tom.starts("Dora Winter")
    visited = []
    for _ in range(5):
        tom.presses("F6")
        visited.append(pane_with_focus(tom))
    assert len(set(visited)) == 4, visited
    assert visited[4] == visited[0]
    tom.presses("Shift+F6")
    assert pane_with_focus(tom) == visited[3]


def test_single_keys_rest_while_somebody_types(people: Company) -> None:
    waits("Enid Frost")
    priya = people.agent("Priya Raman")
    priya.starts("Enid Frost")
    priya.composer.focus()
    priya.types("n? E1")
    expect(priya.composer).to_have_value("n? E1")
    expect(priya.dialog).to_be_hidden()


def test_the_widget_opens_and_closes_by_keys(people: Company) -> None:
    gus = people.customer()
    gus.comes_to_shop()
    gus.page.locator("footer a").last.focus()
    gus.presses("Tab")
    expect(gus.launcher).to_be_focused()
    for close in ("Escape", None):
        gus.presses("Enter")
        expect(gus.frame.get_by_role("button", name="Send us a message")).to_be_focused()
        expect(gus.launcher).to_have_attribute("aria-expanded", "true")
        if close:
            gus.presses(close)
        else:
            gus.frame.get_by_role("button", name="Close chat").focus()
            gus.presses("Enter")
        expect(gus.launcher).to_be_focused()
        expect(gus.launcher).to_have_attribute("aria-expanded", "false")


def test_a_link_of_the_shop_gets_the_focus_back(people: Company) -> None:
    hedda = people.customer()
    hedda.comes_to_shop()
    link = hedda.page.get_by_role("button", name="Chat with us").first
    link.focus()
    hedda.presses("Enter")
    expect(hedda.frame.get_by_role("button", name="Send us a message")).to_be_focused()
    hedda.presses("Escape")
    expect(link).to_be_focused()


def waits(name: str) -> int:
    """Somebody of that name is in the queue."""
    customer = make_customer(name)
    customer.says(f"Hello, this is {name}.")
    return customer.chat


def pane_with_focus(agent: Agent) -> int:
    """The number of the pane that the focus is in."""
    found: int = agent.page.evaluate(
        "() => [...document.querySelectorAll('[data-pane]')].findIndex(pane => pane.contains(document.activeElement))"
    )
    return found
