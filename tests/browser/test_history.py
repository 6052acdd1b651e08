"""Every conversation found: filters, searches, views, files of a list, and for how long it is kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from models.actions import exports
from models.db import one, rows, run
from tests.browser import axe
from tests.browser.history import (
    chat_of_somebody_who_came_often,
    chips,
    count,
    is_history,
    narrow,
    reads_history,
    shown,
)
from tests.browser.people import DESKTOP, PHONE, Agent, Company
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


@pytest.fixture(scope="module", autouse=True)
def desk(demo_desk: Stage) -> Stage:
    return demo_desk


def test_filters_combine_and_stand_in_the_address(people: Company) -> None:
    maya = reads_history(people)
    everything = count(maya)
    narrow(maya, "End reason", "Issue resolved")
    resolved = count(maya)
    assert 0 < resolved < everything
    narrow(maya, "End reason", "Others")
    assert count(maya) > resolved, "values of one criterion are alternatives"
    narrow(maya, "Agent", "Femi Adebayo")
    fewer = count(maya)
    assert 0 < fewer < resolved
    [stored] = rows(
        "select count(distinct c.id)::int as n from chat c join assignment a on a.chat_id = c.id join agent g on g.id = a.agent_id"
        " where c.state = 'ended' and c.end_reason in ('resolved', 'other') and g.name = 'Femi Adebayo'"
    )
    assert fewer == stored["n"]

    address = maya.page.url
    maya.page.reload()
    expect(chips(maya).get_by_role("button", name=re.compile("Agent: Femi Adebayo|^Femi Adebayo"))).to_be_visible()
    assert count(maya) == fewer
    maya.page.go_back()
    assert count(maya) > fewer
    maya.page.go_forward()
    expect(maya.page).to_have_url(address)
    assert count(maya) == fewer

    chips(maya).get_by_role("button", name="Remove Agent").click()
    assert count(maya) > fewer
    maya.page.get_by_role("radio", name="My chats").click()
    expect(maya.page).to_have_url(re.compile("scope=mine"))


def test_more_filters_are_asked_for_and_dates_reversed_are_harmless(people: Company) -> None:
    maya = reads_history(people)
    everything = count(maya)
    chips(maya).get_by_role("button", name="More").click()
    maya.page.get_by_role("menuitem", name="Rating").click()
    maya.page.get_by_role("checkbox", name="4 stars").check()
    rated = count(maya)
    assert 0 < rated < everything
    maya.presses("Escape")
    for row in shown(maya).all()[:3]:
        expect(row.locator(".stars")).to_have_text("4")

    maya.page.goto(f"{maya.stage.url}/history?from=2026-03-09&to=2026-03-01")
    expect(maya.page.get_by_role("heading", name="The end is before the beginning")).to_be_visible()
    maya.page.get_by_role("button", name="Turn them round").click()
    expect(maya.page).to_have_url(re.compile("from=2026-03-01&to=2026-03-09"))
    maya.page.goto(f"{maya.stage.url}/history?from=tomorrow&agents=0,x&sort=sideways&ratings=9")
    assert count(maya) == everything


def test_rows_come_as_they_are_scrolled_to(people: Company) -> None:
    maya = reads_history(people)
    total = count(maya)
    assert total > 100
    seen = 0
    while seen < 90:
        shown(maya).last.scroll_into_view_if_needed()
        expect(shown(maya).nth(seen)).to_be_attached()
        seen = shown(maya).count()
    ids = [link.get_attribute("data-row") for link in maya.page.locator("a[data-row]").all()]
    assert len(ids) == len(set(ids)), "no chat twice"
    sort(maya, "Lowest rating first")
    expect(shown(maya).nth(5)).to_be_visible()
    stars = [int(each) for each in shown(maya).locator(".stars").all_inner_texts()]
    assert len(stars) > 5
    assert stars == sorted(stars)
    expect(maya.page).to_have_url(re.compile("sort=lowest_rating"))


def test_words_are_found_marked_and_read_in_their_place(people: Company) -> None:
    maya = reads_history(people)
    word, chat_id, message_id = a_word_of_the_middle()
    box(maya).fill(word)
    hit = maya.page.locator(f"a[href*='/history/{chat_id}?'][href*='message={message_id}']").last
    expect(hit).to_be_visible()
    expect(hit.locator("mark").first).to_have_text(re.compile(word, re.IGNORECASE))
    hit.click()
    found = maya.page.locator(f"[data-message='{message_id}']")
    expect(found).to_be_in_viewport()
    expect(found).to_have_class(re.compile("led"))
    maya.page.go_back()
    expect(box(maya)).to_have_value(word)


def test_operators_are_completed_and_what_cannot_be_used_is_said(people: Company) -> None:
    maya = reads_history(people)
    box(maya).press_sequentially("ta")
    option = maya.page.get_by_role("option", name=re.compile("^tag: With this tag"))
    expect(option).to_be_visible()
    maya.presses("ArrowDown")
    while maya.page.get_by_role("option", selected=True).inner_text().split()[0] != "tag:":
        maya.presses("ArrowDown")
    maya.presses("Enter")
    expect(box(maya)).to_have_value("tag:")
    tag = maya.page.get_by_role("option").first
    expect(tag).to_contain_text("tag:")
    name = tag.locator("code").inner_text()
    maya.presses("ArrowDown", "Enter")
    expect(box(maya)).to_have_value(f"{name} ")
    expect(maya.page.get_by_text(re.compile(r"\d+ chats? found"))).to_be_visible()

    notes = maya.page.get_by_role("search").get_by_role("status")
    box(maya).fill("🎈 before:nonsense")
    expect(notes.filter(has_text="isn’t a date")).to_be_visible()
    maya.page.get_by_role("button", name="nonsense").click()
    selected = box(maya).evaluate("each => each.value.slice(each.selectionStart, each.selectionEnd)")
    assert selected == "before:nonsense"
    box(maya).fill("the and of")
    expect(notes.filter(has_text="stand in nearly every message")).to_be_visible()
    box(maya).fill("x" * 10_000)
    expect(maya.page.get_by_role("heading", name="That’s too long to search for")).to_be_visible()
    expect(notes.filter(has_text="10,000 characters; a search takes 500.")).to_be_visible()
    maya.page.get_by_role("button", name="Clear the search").first.click()
    assert count(maya) > 100


def test_a_view_is_kept_shared_renamed_and_says_when_its_tag_is_gone(people: Company) -> None:
    isla = reads_history(people)
    tag = tag_of_chats()
    narrow(isla, "Tags", tag)
    fewer = count(isla)
    views_menu(isla, "Save as a view")
    isla.dialog.get_by_label("Name").fill("Of one tag")
    isla.dialog.get_by_label("Share with everybody").check()
    isla.dialog.get_by_role("button", name="Save").click()
    expect(views(isla)).to_contain_text("Of one tag")

    maya = reads_history(people, "Maya Lindholm")
    views(maya).click()
    maya.page.get_by_role("menuitemradio", name="Of one tag").click()
    assert 0 < count(maya) <= fewer, "of those she may see"
    expect(maya.page).to_have_url(re.compile(r"view=\d+"))

    views_menu(isla, "Rename")
    isla.dialog.get_by_label("Name").fill("Renamed")
    isla.dialog.get_by_role("button", name="Save").click()
    expect(views(maya)).to_contain_text("Renamed")

    run("delete from tag where name = %s", (tag,))
    isla.page.reload()
    expect(isla.page.get_by_text(f"The tag “{tag}” is gone and left out.")).to_be_visible()
    isla.page.get_by_role("button", name="Save without it").click()
    expect(isla.page.get_by_text("This view has changed.")).to_have_count(0)
    expect(isla.page).not_to_have_url(re.compile("tags="))
    views_menu(isla, "Delete")
    expect(views(isla)).to_have_text(re.compile("Views"))
    views(maya).click()
    expect(maya.page.get_by_role("menuitemradio", name="Renamed")).to_have_count(0)


def test_a_file_of_the_list_is_made_and_fetched(people: Company) -> None:
    isla = reads_history(people)
    narrow(isla, "End reason", "Others")
    others = count(isla)
    isla.page.get_by_role("button", name="Export", exact=True).click()
    expect(isla.dialog.get_by_text("one filter is in force")).to_be_visible()
    isla.dialog.get_by_role("button", name="Make the file").click()
    expect(isla.dialog.get_by_text("Waits for its turn")).to_be_visible()
    asked = wait_for(lambda: one("select max(id) as id from export"))
    exports.write(asked["id"])  # the worker that writes files is not on this stage
    expect(isla.dialog.get_by_text(re.compile(rf"^.* {others} rows?, "))).to_be_visible()
    with isla.page.expect_download() as fetched:
        isla.dialog.get_by_role("button", name="Download").first.click()
    lines = fetched.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) >= others + 1, "a heading, and a row for each chat"
    assert not axe.violations(isla.page.main_frame)


def test_a_file_that_is_being_made_is_called_off(people: Company) -> None:
    isla = reads_history(people)
    isla.page.get_by_role("button", name="Export", exact=True).click()
    before = one("select coalesce(max(id), 0) as id from export")
    assert before is not None
    isla.dialog.get_by_role("button", name="Make the file").click()
    asked = wait_for(lambda: one("select id from export where id > %s", (before["id"],)))
    row = isla.dialog.get_by_role("listitem").first
    expect(row.get_by_role("progressbar")).to_be_visible()
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled")
    exports.write(asked["id"])  # the worker that comes by finds nothing to do
    kept = one("select state, storage_key, rows_done from export where id = %s", (asked["id"],))
    assert kept == {"state": "cancelled", "storage_key": None, "rows_done": 0}
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_rule_of_retention_says_first_what_it_would_remove(people: Company) -> None:
    rosa = people.agent("Rosa Delgado")
    rosa.page.goto(f"{rosa.stage.url}/settings/keeping")
    rosa.page.get_by_role("button", name="Add rule").click()
    rosa.dialog.get_by_label("What is removed").select_option("Chats of the bot alone")
    rosa.dialog.get_by_label("After how many days").fill("7")
    rosa.dialog.get_by_role("button", name="Add", exact=True).click()
    rule = rosa.page.get_by_role("row").filter(has_text="Chats of the bot alone, every channel, after 7 days")
    would = one(
        "select count(*)::int as n from chat where state = 'ended' and ended_at < now() - interval '7 days'"
        " and queued_at is null and ended_owner_id is null"
    )
    assert would is not None
    assert would["n"] > 1, "the demo has old chats that the bot ended alone"
    expect(rule).to_contain_text(f"{would['n']} chats")
    expect(rule).to_contain_text("Off")
    rule.get_by_role("switch").click()
    expect(rosa.dialog).to_contain_text(f"By its last count it would remove {would['n']} chats.")
    rosa.dialog.get_by_role("button", name="Switch on").click()
    expect(rule).to_contain_text(re.compile(r"Begins .*\d\d:\d\d"))
    assert not axe.violations(rosa.page.main_frame)
    rosa.page.get_by_role("button", name="Add rule").click()
    rosa.dialog.get_by_label("What is removed").select_option("Chats of the bot alone")
    rosa.expects("status of 409")
    rosa.dialog.get_by_role("button", name="Add", exact=True).click()
    expect(rosa.dialog.get_by_text("There is a rule for this already.")).to_be_visible()
    rosa.presses("Escape")
    rule.get_by_role("button", name=re.compile("^Remove rule")).click()
    rosa.dialog.get_by_role("button", name="Remove rule").click()
    expect(rosa.page.get_by_role("heading", name="Everything is kept")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nobody_is_kept_out(people: Company, size: ViewportSize) -> None:
    maya = people.agent("Isla Campbell", viewport=size, reduced_motion="reduce")
    findings: list[str] = []
    chat = chat_of_somebody_who_came_often()
    for path in (
        "/history?reasons=resolved&ratings=4,5",
        "/history?q=order%20tag:",
        f"/history/{chat['id']}",
        f"/history/{chat['id']}?reading=chronological",
    ):
        maya.page.goto(f"{maya.stage.url}{path}")
        expect(maya.page.locator("[aria-busy=true]")).to_have_count(0)
        expect(maya.page.locator("a[data-row], [data-message]").locator("visible=true").first).to_be_attached()
        findings += [f"{path}, {each}" for each in axe.in_both_themes(maya.page)]
    maya.page.goto(f"{maya.stage.url}/history")
    expect(shown(maya).first).to_be_visible()
    for opened in ("Date", "Agent", "More"):
        chips(maya).locator("button.open").filter(has_text=re.compile(opened)).or_(
            chips(maya).get_by_role("button", name=opened, exact=True)
        ).first.click()
        findings += [f"{opened}, {each}" for each in axe.in_both_themes(maya.page)]
        maya.presses("Escape")
    views(maya).click()
    findings += [f"views, {each}" for each in axe.in_both_themes(maya.page)]
    assert not findings, "\n".join(findings)


def box(agent: Agent) -> Locator:
    return agent.page.get_by_role("combobox", name="Search history")


def views(agent: Agent) -> Locator:
    return agent.page.get_by_role("region", name="History").locator("header button[popovertarget]").first


def views_menu(agent: Agent, item: str) -> None:
    views(agent).click()
    agent.page.get_by_role("menuitem", name=item, exact=True).click()


def sort(agent: Agent, by: str) -> None:
    agent.page.get_by_role("button", name=re.compile("^Sort:")).click()
    with agent.page.expect_response(is_history):
        agent.page.get_by_role("menuitemradio", name=by).click()


def a_word_of_the_middle() -> tuple[str, int, int]:
    """A long word of a message in the middle of its chat, of whose stem no other message has a word, however it goes on."""
    found = one(
        "with words as (select m.id, m.chat_id, w.word, trim('''' from plainto_tsquery('english', w.word)::text) as stem,"
        "  c.state = 'ended' and m.all_seq > 2 and m.all_seq < c.all_seq - 1 as middle"
        "  from message m join chat c on c.id = m.chat_id"
        "  cross join lateral regexp_split_to_table(lower(m.body), '[^a-z]+') w (word)"
        "  where m.kind <> 'event' and length(w.word) > 3),"
        " alone as (select stem, min(word) as word, min(chat_id) as chat_id, min(id) as id from words"
        "  group by stem having count(distinct id) = 1 and bool_and(middle) and min(length(word)) > 5 and stem <> '')"
        " select word, chat_id, id from alone a"
        " where not exists (select from words o where o.stem <> a.stem and starts_with(o.stem, a.stem)) order by word limit 1"
    )
    assert found is not None
    return found["word"], found["chat_id"], found["id"]


def tag_of_chats() -> str:
    found = one(
        "select t.name from chat_tag x join tag t on t.id = x.tag_id group by t.name order by count(*) desc limit 1"
    )
    assert found is not None
    name: str = found["name"]
    return name
