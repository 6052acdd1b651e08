"""A desk set up by its admin, and each change where it is felt: at the widget, in a colleague's console, in the audit."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from models.db import one, rows
from tests.browser.people import Agent, Company, Customer
from tests.browser.stage import Stage, colleague
from tests.support.people import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(240)]


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_a_desk_is_set_up_and_every_change_is_felt(people: Company) -> None:
    rosa = people.agent("Rosa Delgado")
    names_the_desk(rosa)
    says_where_the_chat_is_shown(rosa, people)
    limits_everybody_to_three(rosa)
    closes_the_desk_and_opens_it(rosa, people.customer())
    nadia = people.agent()
    adds_an_agent_who_signs_in(rosa, nadia)
    adds_a_team(rosa, nadia)
    is_not_for_agents(nadia)
    merges_a_tag(rosa)
    adds_an_attribute(rosa)
    fills_it_in(nadia, people.customer())
    blocks_and_lifts(rosa, nadia)
    stands_in_the_audit(rosa)


def names_the_desk(rosa: Agent) -> None:
    opens(rosa, "Desk")
    name = rosa.page.get_by_role("textbox", name="Name of the desk")
    bar = rosa.page.get_by_role("button", name="Save")
    expect(bar).to_have_count(0)
    name.fill("")
    expect(rosa.page.get_by_text("You have unsaved changes.")).to_be_visible()
    bar.click()
    expect(rosa.page.get_by_text("This can’t be empty.")).to_be_visible()
    expect(name).to_be_focused()
    name.fill("Fernhill Support")
    brand = rosa.page.get_by_role("textbox", name="Brand colour", exact=True)
    brand.fill("#12")
    bar.click()
    expect(brand).to_be_focused()
    expect(rosa.page.get_by_text("Write it with six digits, such as #285bd8.")).to_be_visible()

    rosa.page.get_by_role("link", name="Timing").click()
    expect(rosa.dialog.get_by_text("Leave without saving?")).to_be_visible()
    rosa.dialog.get_by_role("button", name="Stay").click()
    expect(name).to_have_value("Fernhill Support")
    brand.fill("#14532d")
    saves(rosa)
    expect(bar).to_have_count(0)
    expect(rosa.page.get_by_role("navigation", name="Main").get_by_text("Fernhill Support")).to_be_visible()

    name.fill("Something else")
    rosa.page.get_by_role("link", name="Timing").click()
    rosa.dialog.get_by_role("button", name="Discard and leave").click()
    expect(rosa.page.get_by_role("heading", name="Timing")).to_be_visible()
    assert one("select name, brand from desk") == {"name": "Fernhill Support", "brand": "#14532d"}


def says_where_the_chat_is_shown(rosa: Agent, people: Company) -> None:
    site = rosa.stage.far_shop_url
    opens(rosa, "Channels")
    rosa.page.get_by_role("link", name="Website").click()
    key = one("select public_key from channel where kind = 'web'")
    assert key is not None
    expect(
        rosa.page.get_by_text(f'<script src="{rosa.stage.url}/w.js" data-key="{key["public_key"]}" async>')
    ).to_be_visible()
    rosa.page.get_by_role("button", name=f"Remove {site}").click()
    rosa.dialog.get_by_role("button", name="Remove").click()
    expect(rosa.page.get_by_text(site, exact=True)).to_have_count(0)
    shut_out = people.customer()
    shut_out.expects("CORS policy", "Failed to load resource")
    with shut_out.page.expect_console_message(lambda said: "Parley" in said.text):
        shut_out.page.goto(site)
    expect(shut_out.launcher).to_have_count(0)

    typed = rosa.page.get_by_role("textbox", name="Add a website")
    rosa.expects("status of 422")
    typed.fill("https://*.shop.example")
    rosa.presses("Enter")
    expect(rosa.page.get_by_text("Name each website by itself, without an asterisk.")).to_be_visible()
    expect(typed).to_have_value("https://*.shop.example")
    typed.fill(f"{site}/anywhere")
    rosa.presses("Enter")
    expect(rosa.page.get_by_text(site, exact=True)).to_be_visible()
    people.customer().comes_to_shop(site)


def limits_everybody_to_three(rosa: Agent) -> None:
    opens(rosa, "Assignment and limits")
    limit = rosa.page.get_by_role("spinbutton", name="Chats per agent at a time")
    limit.fill("51")
    expect(rosa.page.get_by_text("Choose a whole number from 1 to 50.")).to_be_visible()
    late = rosa.page.get_by_role("textbox", name="Red after")
    late.fill("soon")
    expect(rosa.page.get_by_text("Write a time such as “2 min”, “1 hr 30 min” or “45 sec”.")).to_be_visible()
    late.fill("7 min")
    limit.fill("3")
    saves(rosa)
    expect(rosa.page.get_by_text("of 3", exact=False).first).to_be_visible()
    assert one("select agent_limit, wait_late_s from desk") == {"agent_limit": 3, "wait_late_s": 420}


def closes_the_desk_and_opens_it(rosa: Agent, cem: Customer) -> None:
    day = (datetime.now().astimezone() + timedelta(days=3)).strftime("%A")
    opens(rosa, "Opening hours")
    rosa.page.get_by_role("radio", name="At set hours").check()
    for choice in ("Closed", "Copy to every day"):
        rosa.button(f"More for {day}").click()
        rosa.page.get_by_role("menuitem", name=choice).click()
    expect(rosa.page.get_by_text("Closed until further notice")).to_be_visible()
    rosa.button(f"Add hours on {day}").click()
    expect(rosa.page.get_by_text(re.compile(f"Closed now, opens {day} at 0?9:00"))).to_be_visible()
    saves(rosa)

    cem.comes_to_shop()
    cem.opens_chat()
    expect(cem.frame.get_by_text(f"We’re back {day} at")).to_be_visible()
    cem.frame.get_by_role("button", name="Leave a message").click()
    cem.frame.get_by_label("Name").fill("Cem Aksoy")
    cem.frame.get_by_label("Email").fill("cem@shop.example")
    cem.frame.get_by_label("Your message").fill("Do you deliver to Ankara?")
    cem.frame.get_by_role("button", name="Send message").click()
    expect(cem.frame.get_by_text("We’ll write to cem@shop.example")).to_be_visible()

    rosa.page.get_by_role("radio", name="Always open").check()
    saves(rosa)
    assert one("select hours from desk") == {"hours": None}
    cem.page.reload()
    cem.opens_chat()
    expect(cem.frame.get_by_text("We’re back")).to_have_count(0)


def adds_an_agent_who_signs_in(rosa: Agent, nadia: Agent) -> None:
    nadia.name = "Nadia Okafor"
    opens(rosa, "Agents")
    rosa.button("Add an agent").click()
    rosa.dialog.get_by_role("textbox", name="Name").fill(nadia.name)
    email = rosa.dialog.get_by_role("textbox", name="Email")
    email.fill("maya@fernhill.example")
    rosa.expects("status of 409")
    rosa.dialog.get_by_role("button", name="Add and show password").click()
    expect(rosa.dialog.get_by_text("Somebody already has an account with this address.")).to_be_visible()
    email.fill("nadia@fernhill.example")
    rosa.dialog.get_by_role("button", name="Add and show password").click()
    password = rosa.dialog.get_by_label("Password").inner_text()
    rosa.dialog.get_by_role("button", name="I have it").click()
    expect(rosa.page.get_by_role("row", name=nadia.name)).to_contain_text("Agent")
    expect(rosa.page.get_by_text(password)).to_have_count(0)

    nadia.page.goto(nadia.stage.url)
    nadia.page.get_by_label("Email").fill("nadia@fernhill.example")
    nadia.page.get_by_label("Password", exact=True).fill(password)
    nadia.page.get_by_role("button", name="Sign in").click()
    expect(nadia.page).to_have_url(re.compile("/inbox/"))


def adds_a_team(rosa: Agent, nadia: Agent) -> None:
    opens(rosa, "Teams")
    rosa.page.get_by_role("link", name="Add a team").click()
    rosa.page.get_by_role("textbox", name="Name").fill("Gardens")
    rosa.page.get_by_role("button", name="Add a person").click()
    rosa.page.get_by_role("option", name=nadia.name).click()
    rosa.button("Save").click()
    expect(rosa.page.get_by_text("Team Gardens added")).to_be_visible()
    expect(nadia.page.get_by_role("link", name=re.compile("Gardens"))).to_be_visible()
    members = rows(
        "select a.name from team_member m join agent a on a.id = m.agent_id join team t on t.id = m.team_id"
        " where t.name = 'Gardens'"
    )
    assert members == [{"name": nadia.name}]


def is_not_for_agents(nadia: Agent) -> None:
    nadia.page.get_by_role("link", name="Settings").click()
    expect(nadia.page.get_by_role("link", name="Notifications")).to_be_visible()
    expect(nadia.page.get_by_role("link", name="Routing rules")).to_have_count(0)
    nadia.page.goto(f"{nadia.stage.url}/settings/routing")
    expect(nadia.page.get_by_text("Routing rules isn’t part of your role")).to_be_visible()
    expect(nadia.page.get_by_text("Supervisors and admins can change this. Ask one of them.")).to_be_visible()


def merges_a_tag(rosa: Agent) -> None:
    chat = make_customer("Dora Winter").waits()
    [praise] = rows("select id from tag where name = 'Praise'")
    colleague("Rosa Delgado").tags(chat, praise["id"])
    opens(rosa, "Tags")
    rosa.button("Merge Praise into another").click()
    rosa.dialog.get_by_role("button", name="Merge into").click()
    rosa.page.get_by_role("option", name="Delivery").click()
    expect(rosa.dialog.get_by_text("1 chat with “Praise” gets “Delivery” instead.")).to_be_visible()
    rosa.dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(rosa.page.get_by_text("“Praise” is now “Delivery”")).to_be_visible()
    expect(rosa.page.get_by_role("row", name="Praise")).to_have_count(0)
    worn = rows("select t.name from chat_tag c join tag t on t.id = c.tag_id where c.chat_id = %s", (chat,))
    assert worn == [{"name": "Delivery"}]


def adds_an_attribute(rosa: Agent) -> None:
    opens(rosa, "Customer attributes")
    rosa.button("Add an attribute").first.click()
    rosa.dialog.get_by_role("textbox", name="Name").fill("Plan")
    expect(rosa.dialog.get_by_role("textbox", name="Key")).to_have_value("plan")
    rosa.dialog.get_by_label("Type").select_option(label="Choice")
    rosa.dialog.get_by_role("textbox", name="Choices").fill("Seedling")
    rosa.dialog.get_by_role("button", name="Save").click()
    expect(rosa.dialog.get_by_text("At least two different choices.")).to_be_visible()
    rosa.dialog.get_by_role("textbox", name="Choices").fill("Seedling\nTree")
    rosa.dialog.get_by_role("button", name="Save").click()
    expect(rosa.page.get_by_role("row", name="Plan")).to_contain_text("Seedling, Tree")


def fills_it_in(nadia: Agent, ida: Customer) -> None:
    ida.comes_with("Ida Sommer", "How tall does it grow?")
    nadia.page.get_by_role("link", name="Inbox").click()
    nadia.button("Nadia Okafor").click()
    nadia.page.get_by_role("menuitemradio", name=re.compile("^Online")).click()
    nadia.starts("Ida Sommer")
    plan = details(nadia).get_by_role("definition").filter(has=nadia.page.get_by_role("button", name="Add"))
    plan.first.get_by_role("button", name="Add").click()
    nadia.page.get_by_role("combobox", name="Plan").select_option("Tree")
    nadia.presses("Enter")
    expect(details(nadia).get_by_role("button", name="Plan: Tree")).to_be_visible()
    assert one("select attributes from customer where name = 'Ida Sommer'") == {"attributes": {"plan": "Tree"}}


def blocks_and_lifts(rosa: Agent, nadia: Agent) -> None:
    details(nadia).get_by_role("button", name="Actions for this customer").click()
    nadia.page.get_by_role("menuitem", name="Block…").click()
    nadia.dialog.get_by_role("button", name="Block", exact=True).click()
    expect(nadia.dialog.get_by_text("Say why in 3 to 500 characters.")).to_be_visible()
    nadia.dialog.get_by_role("textbox", name="Reason").fill("Sells bulbs to everybody here.")
    nadia.dialog.get_by_role("button", name="Block", exact=True).click()
    expect(nadia.page.get_by_text("Ida Sommer is blocked")).to_be_visible()
    opens(rosa, "Blocked people")
    blocked = rosa.page.get_by_role("row", name="Ida Sommer")
    expect(blocked).to_contain_text("Sells bulbs to everybody here.")
    blocked.get_by_role("button", name="Lift").click()
    rosa.dialog.get_by_role("button", name="Lift").click()
    expect(rosa.page.get_by_text("Ida Sommer can write again")).to_be_visible()
    expect(rosa.page.get_by_text("Nobody is blocked")).to_be_visible()
    assert one("select 1 from block where lifted_at is null") is None


def stands_in_the_audit(rosa: Agent) -> None:
    opens(rosa, "Audit")
    entries = rosa.page.get_by_role("region", name="Audit").get_by_role("listitem")
    for who, what in (
        ("Rosa Delgado", "let the customer Ida Sommer in again"),
        ("Nadia Okafor", "Sells bulbs to everybody here."),
        ("Rosa Delgado", "Seedling and Tree"),
        ("Rosa Delgado", "Praise"),
        ("Rosa Delgado", "Gardens"),
        ("Rosa Delgado", "nadia@fernhill.example"),
        ("Rosa Delgado", "Fernhill Support"),
    ):
        expect(entries.filter(has_text=what).filter(has_text=who).first).to_be_visible()
    narrow = rosa.page.get_by_role("group", name="Filters")
    narrow.get_by_role("button", name="Who").click()
    rosa.page.get_by_role("menuitemradio", name="Nadia Okafor").click()
    expect(entries.filter(has_text="Sells bulbs to everybody here.")).to_be_visible()
    expect(entries.filter(has_text="Gardens")).to_have_count(0)


def opens(agent: Agent, page: str) -> None:
    if "/settings" not in agent.page.url:
        agent.page.get_by_role("link", name="Settings").click()
    agent.page.get_by_role("navigation", name="Settings").get_by_role("link", name=page, exact=True).click()
    expect(agent.page.get_by_role("heading", name=page, level=1)).to_be_visible()


def saves(agent: Agent) -> None:
    agent.button("Save").click()
    expect(agent.page.get_by_text("Saved", exact=True).last).to_be_visible()
    expect(agent.page.get_by_text("You have unsaved changes.")).to_have_count(0)


def details(agent: Agent) -> Locator:
    return agent.page.get_by_role("complementary", name="Customer details")
