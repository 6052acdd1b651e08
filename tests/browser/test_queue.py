"""The queue: narrowed, routed, given out with reasons, and what a supervisor may do about it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from models.db import one, run
from models.tables.desk import Desk
from models.tables.people import Agent as StoredAgent
from tests.browser.people import Agent, Company
from tests.browser.stage import Stage, colleague
from tests.support.people import let_fall_due, make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]

READ_WITHIN = 1.0  # seconds until whoever lost a chat reads who has it
REMEMBER_WHEN = """words => new MutationObserver((_, observer) => {
  if (!document.body.textContent.includes(words)) return
  window.readAt = Date.now()
  observer.disconnect()
}).observe(document.body, { subtree: true, childList: true, characterData: true })"""


@pytest.fixture(autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    """Nobody waits, nobody is full, and nothing is given out by itself."""
    run(
        "update chat set state = 'ended', owner_id = null, ended_at = now(), end_cause = 'admin' where state <> 'ended'"
    )
    run("update assignment set to_at = now() where to_at is null")
    StoredAgent.update(agent_limit=None).execute()
    Desk.update(auto_assign=False).execute()
    return quiet_desk


def test_the_queue_is_narrowed_and_what_fits_arrives(people: Company) -> None:
    isla = people.agent("Isla Campbell")
    refund, parcel = waits("Ben Carter", "I want my money back."), waits("Cleo Marsh", "Where is my parcel?")
    colleague("Isla Campbell").tags(refund, id_of("tag", "Refund"))
    colleague("Isla Campbell").moves(parcel, team_id=id_of("team", "Payments & accounts"))
    isla.looks_at("Queue")
    expect(isla.rows).to_have_count(2)
    isla.button("Search and filter").click()
    search = isla.page.get_by_role("searchbox", name="Search the queue")
    expect(search).to_be_focused()
    isla.types("money")
    expect(isla.rows).to_have_count(1)
    expect(isla.row("Ben Carter")).to_be_visible()
    waits("Dora Winter", "My money has not come.")
    expect(isla.row("Dora Winter")).to_be_visible()
    waits("Enid Frost", "Do you sell ferns?")
    search.fill("")
    expect(isla.rows).to_have_count(4)

    narrows(isla, "Tag", "Refund")
    expect(isla.rows).to_have_count(1)
    expect(isla.row("Ben Carter")).to_be_visible()
    isla.page.reload()  # it stands in the address
    expect(isla.rows).to_have_count(1)
    isla.button("Remove Tag").click()
    expect(isla.rows).to_have_count(4)
    narrows(isla, "Team", "Payments & accounts")
    expect(isla.rows).to_have_count(1)
    expect(isla.row("Cleo Marsh")).to_be_visible()
    search.fill("nothing of the kind")
    expect(isla.page.get_by_text("No waiting chat fits")).to_be_visible()
    isla.page.get_by_role("tabpanel").get_by_role("button", name="Show the whole queue").click()
    expect(isla.rows).to_have_count(4)


def test_whoever_looks_on_reads_who_took_a_chat(people: Company) -> None:
    maya, tom = people.agent("Maya Lindholm"), people.agent("Tom Ashworth")
    chat_id = waits("Gus Hale", "Hello there.")
    for agent in (maya, tom):
        agent.looks_at("Queue")
        expect(agent.row("Gus Hale")).to_be_visible()
    maya.page.evaluate(REMEMBER_WHEN, "Tom Ashworth took this chat")
    tom.row("Gus Hale").get_by_role("button", name="Start chat").click()
    expect(maya.row("Gus Hale")).to_contain_text("Tom Ashworth took this chat")
    expect(maya.row("Gus Hale")).to_have_count(0)
    read = maya.page.evaluate("() => window.readAt") / 1000
    took = one("select extract(epoch from from_at)::float8 as at from assignment where chat_id = %s", (chat_id,))
    assert took is not None
    assert read - took["at"] < READ_WITHIN


def test_a_rule_tried_and_saved_sends_the_next_chat_to_its_team(people: Company) -> None:
    rosa = people.agent("Rosa Delgado")
    waits("Hedda Stone", "I have waited for long.")
    rosa.page.goto(f"{rosa.stage.url}/settings/routing")
    rosa.button("Add a rule").first.click()
    expect(rosa.page.get_by_label("Name of the rule")).to_be_focused()
    rosa.types("Money first")
    rosa.page.get_by_label("Compare with").fill("refund, charged twice")
    outcome = rosa.page.get_by_role("group", name="Then")
    outcome.get_by_label("Team").select_option("Payments & accounts")
    outcome.get_by_label("Priority").select_option("Urgent")

    rosa.page.get_by_label("First message").fill("I was charged twice this month")
    rosa.button("Try").click()
    tried = rosa.page.get_by_role("region", name="Try it").get_by_role("status")
    expect(tried).to_contain_text("Rule 1, “Money first”, decides.")
    expect(tried).to_contain_text("Payments & accounts")
    assert one("select 1 from routing_rule") is None, "trying changes nothing"
    rosa.button("Save").click()
    expect(rosa.page.get_by_text("Saved", exact=True)).to_be_visible()

    ida = people.customer()
    ida.comes_with("Ida Sommer", "You charged twice for one fern.")
    priya = people.agent("Priya Raman")
    priya.looks_at("Queue")
    expect(priya.rows.first).to_contain_text("Ida Sommer")
    expect(priya.rows.first).to_contain_text("Payments & accounts")
    expect(priya.rows.first.get_by_label("Urgent")).to_be_visible()
    expect(priya.rows.last).to_contain_text("Hedda Stone")
    run("delete from routing_rule")


def test_what_the_desk_gives_out_says_why(people: Company) -> None:
    StoredAgent.update(agent_limit=1).where(StoredAgent.name == "Tom Ashworth").execute()
    tom, maya = people.agent("Tom Ashworth"), people.agent("Maya Lindholm")
    waits("June Pike", "First of all.")
    tom.starts("June Pike")
    Desk.update(auto_assign=True).execute()
    nell = people.customer()
    nell.comes_with("Nell Ives", "Anybody there?")
    expect(maya.page.get_by_text("Nell Ives was assigned to you")).to_be_visible()
    maya.looks_at("Mine")
    maya.row("Nell Ives").get_by_role("link").click()
    maya.is_in_chat_with("Nell Ives")
    line = maya.log.get_by_role("listitem").filter(has_text="Assigned to you by the desk: least loaded, 0 of 5")
    line.get_by_role("button", name="Why?").click()
    candidates = maya.dialog.get_by_role("row")
    expect(candidates.filter(has_text="Maya Lindholm")).to_contain_text("Got this chat")
    expect(candidates.filter(has_text="Tom Ashworth")).to_contain_text("At their limit")
    expect(candidates.filter(has_text="Priya Raman")).to_contain_text("Not online")


def test_a_supervisor_takes_over_moves_and_fills_beyond_a_limit(people: Company) -> None:
    StoredAgent.update(agent_limit=1).where(StoredAgent.name == "Mateusz Zieliński").execute()
    mateusz, isla = people.agent("Mateusz Zieliński"), people.agent("Isla Campbell")
    taken, free = waits("Otto Lang", "I am first."), waits("Pia Falk", "I am second.")
    mateusz.starts("Otto Lang")
    isla.page.goto(f"{isla.stage.url}/inbox/mine/{taken}")
    isla.conversation.get_by_role("button", name="Take over").click()
    expect(isla.dialog.get_by_text("Take over from Mateusz Zieliński?")).to_be_visible()
    isla.dialog.get_by_role("button", name="Take over").click()
    isla.is_in_chat_with("Otto Lang")
    expect(mateusz.page.get_by_text("Isla Campbell answers this chat. You can read along.")).to_be_visible()

    mateusz.starts("Pia Falk")
    isla.conversation.get_by_role("button", name="Assign").click()
    isla.dialog.get_by_role("option", name=re.compile("Mateusz Zieliński")).click()
    expect(isla.dialog.get_by_text("Mateusz is at the limit of 1.")).to_be_visible()
    assign = isla.dialog.get_by_role("button", name="Assign")
    expect(assign).to_be_disabled()
    isla.dialog.get_by_role("checkbox", name="Yes, give Mateusz 2 chats").check()
    assign.click()
    expect(isla.dialog).to_be_hidden()
    mateusz.looks_at("Mine")
    expect(mateusz.row("Otto Lang")).to_be_visible()
    over = one("select over_limit from assignment where chat_id = %s and to_at is null", (taken,))
    assert over == {"over_limit": True}

    isla.page.goto(f"{isla.stage.url}/inbox/mine/{free}")
    isla.conversation.get_by_role("button", name="More actions").click()
    isla.page.get_by_role("menuitem", name="Move or change priority").click()
    isla.dialog.get_by_label("Team").select_option("Plant care")
    isla.dialog.get_by_role("radio", name="Urgent").click()
    isla.dialog.get_by_role("button", name="Save").click()
    expect(isla.log.get_by_text("You moved this chat to Plant care")).to_be_visible()
    moved = one("select t.name, c.priority from chat c join team t on t.id = c.team_id where c.id = %s", (free,))
    assert moved == {"name": "Plant care", "priority": 2}


def test_a_late_first_reply_and_a_long_wait_are_called_out(people: Company) -> None:
    chat_id = waits("Quinn Moss", "Is this thing on?")
    waits("Rhea Holt", "Me too.")
    femi = people.agent("Femi Adebayo")
    femi.looks_at("Queue")
    expect(femi.page).to_have_title(re.compile(r"^\(2\) \d+:\d\d · Queue · Support"))
    run("update chat set queued_at = queued_at - interval '7 minutes' where id = %s", (chat_id,))
    femi.page.reload()
    expect(femi.page).to_have_title(re.compile(r"^\(2\) 7:\d\d · Queue"))
    femi.starts("Quinn Moss")
    femi.looks_at("Queue")
    let_fall_due(chat_id, "first_reply")
    expect(femi.page.get_by_text("Quinn Moss still waits for a first reply")).to_be_visible()
    expect(femi.page).to_have_title(re.compile(r"^\(\d\) 0:\d\d · Queue"))


def waits(name: str, words: str) -> int:
    """Somebody of that name is in the queue with this question."""
    customer = make_customer(name)
    customer.says(words)
    return customer.chat


def narrows(agent: Agent, by: str, to: str) -> None:
    agent.page.get_by_role("group", name="Filters").get_by_role("button", name=by).click()
    agent.page.get_by_role("menuitemradio", name=to).click()


def id_of(table: str, name: str) -> int:
    found = one(f"select id from {table} where name = %s", (name,))
    assert found is not None
    number: int = found["id"]
    return number
