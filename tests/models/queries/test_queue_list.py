"""The Support Queue narrowed down: by team, channel, tag and words; its pages, its numbers, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from models.actions import assignment, presence, queue
from models.db import db, rows
from models.queries import agents, chats
from models.tables.customers import Channel
from models.tables.customers import Customer as CustomerRow
from models.tables.desk import Tag
from tests.support.people import (
    Colleague,
    chat_of,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.statements import statements


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor")


def listed(colleague: Colleague, **filters: Any) -> list[int]:
    """The ids of the queue, page after page of two; every page says the same total, which is their number."""
    ids: list[int] = []
    totals = set()
    after = None
    while True:
        page = chats.inbox(colleague.viewer, which="queue", limit=2, after=after, **filters)
        ids += [each["id"] for each in page["items"]]
        totals.add(page["total"])
        after = page["next"]
        if after is None:
            assert totals == {len(ids)}
            return ids


def test_each_filter_and_all_of_them_together(boss: Colleague) -> None:
    orders = make_team("Orders")
    other = Channel.create(kind="web", name="Blog", public_key="blog", allowed_origins=[]).id
    shop = rows("select min(id) as id from channel")[0]["id"]
    tag = Tag.create(name="urgent", hue=1).id
    plain, of_team, tagged, both = waiting_chat(), waiting_chat("Orders"), waiting_chat(), waiting_chat("Orders")
    db.execute_sql("update chat set channel_id = %s where id = %s", (other, plain))
    boss.tags(tagged, tag)
    boss.tags(both, tag)
    assert listed(boss) == [plain, of_team, tagged, both]
    assert listed(boss, team_id=orders) == [of_team, both]
    assert listed(boss, channel_id=shop) == [of_team, tagged, both]
    assert listed(boss, channel_id=other) == [plain]
    assert listed(boss, tag_id=tag) == [tagged, both]
    assert listed(boss, tag_id=tag, team_id=orders, channel_id=shop, q="parcel") == [both]
    assert listed(boss, tag_id=tag, channel_id=other) == []
    assert listed(boss, team_id=987_654) == listed(boss, tag_id=2**62) == []


def test_words_are_found_in_name_address_first_and_last_message(boss: Colleague) -> None:
    rosa, sven = make_customer("Rosa Lind"), make_customer("Sven Berg")
    CustomerRow.update(email="sven@plants.example").where(CustomerRow.id == sven.id).execute()
    of_rosa, of_sven = rosa.waits("The leaves are yellow"), sven.waits("50% off_code \\ does not work")
    rosa.says("And brown by now")
    for words, expected in (
        ("rosa", [of_rosa]),
        ("PLANTS.example", [of_sven]),
        ("leaves are", [of_rosa]),
        ("brown", [of_rosa]),
        ("50%", [of_sven]),
        ("off_code", [of_sven]),
        ("\\ does", [of_sven]),
        ("offXcode", []),
        ("0%0", []),
        ("%", [of_sven]),
        ("'; drop table chat; --", []),
        ("", [of_rosa, of_sven]),
    ):
        assert listed(boss, q=words) == expected, words


def test_a_search_finds_only_what_one_may_see() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana = make_agent(teams=(orders,))
    mine, everybodys = waiting_chat("Orders"), waiting_chat()
    waiting_chat("Returns")
    assert listed(ana, q="parcel") == [mine, everybodys]
    assert listed(ana, team_id=returns) == []
    assert agents.overview(ana.viewer)["queue"] == len(listed(ana))


def test_priorities_and_equal_times_leave_no_hole_between_pages(boss: Colleague) -> None:
    ids = [waiting_chat() for _ in range(9)]
    db.execute_sql("update chat set queued_at = '2025-01-01', priority = id %% 3 where state = 'queued'")
    expected = sorted(ids, key=lambda number: (-(number % 3), number))
    assert listed(boss) == expected
    assert [each for each, _ in _line()] == expected


def _line() -> list[tuple[int, int]]:
    from models.queries import queue as places

    return [(place["chat_id"], place["position"]) for _, place in places.places(None)]


def test_the_bots_chats_have_pages_too(boss: Colleague) -> None:
    ids = [make_customer().says(f"Hello {number}").chat_id for number in range(5)]
    found: list[int] = []
    after = None
    while True:
        page = chats.inbox(boss.viewer, which="bot", limit=2, after=after)
        found += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == ids[::-1]


# --- what it costs ---------------------------------------------------------------------------------


def test_a_page_costs_the_same_however_many_wait(boss: Colleague) -> None:
    counts = []
    for _ in range(2):
        for _ in range(4):
            waiting_chat()
        with statements() as asked:
            chats.inbox(boss.viewer, which="queue", q="parcel")
        counts.append(len(asked))
    assert counts == [2, 2]


def scans(sql: str, params: Any) -> list[str]:
    """Where the plan goes through all of `chat`."""
    ((plan,),) = db.execute_sql(f"explain (format json) {sql}", params).fetchall()
    found: list[str] = []
    partial = {
        each["name"]
        for each in rows("select indexrelid::regclass::text as name from pg_index where indpred is not null")
    }

    def walk(node: dict[str, Any]) -> None:
        if node.get("Relation Name") == "chat" and node["Node Type"].endswith("Scan"):
            narrowed = "Index Cond" in node or node.get("Index Name") in partial
            if not narrowed:
                found.append(f"{node['Node Type']} {node.get('Index Name', '')}: {' '.join(sql.split())[:120]}")
        for child in node.get("Plans", ()):
            walk(child)

    walk((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])
    return found


def _years_of_chats() -> None:
    for step in (
        "insert into customer (name) select 'Past ' || n from generate_series(1, 5000) n",
        "insert into session (customer_id, subject) select id, 'Past' from customer where name like 'Past %%'",
        (
            "insert into chat (session_id, customer_id, channel_id, state, ended_at, end_cause)"
            " select id, customer_id, (select min(id) from channel), 'ended', now(), 'inactivity' from session"
            " where subject = 'Past'"
        ),
    ):
        db.execute_sql(step)
        db.execute_sql("analyze")


def test_nothing_on_the_way_of_a_chat_goes_through_all_chats() -> None:
    set_desk(auto_assign=True)
    orders = make_team("Orders", assign_policy="round_robin")
    ana, boss = make_agent(teams=(orders,), limit=20), make_agent("Sam Boss", role="supervisor")
    chat_of(ana)
    viewer = ana.viewer
    _years_of_chats()
    ways: dict[str, Callable[[], object]] = {
        "enters": lambda: [waiting_chat(), waiting_chat("Orders")],
        "places": queue.tell_places,
        "list": lambda: [
            chats.inbox(each, which="queue", limit=1, after=after, team_id=team)
            for each in (viewer, boss.viewer)
            for after in (None, "0|2025-01-01T00:00:00+00:00|1")
            for team in (None, orders)
        ],
        "mine": lambda: chats.inbox(viewer, which="mine"),
        "numbers": lambda: agents.overview(viewer),
        "comes online": lambda: ana.chooses("online"),
        "assigns": assignment.sweep,
        "picks": lambda: ana.takes(waiting_chat()),
        "presence": presence.sweep,
        "returns": lambda: ana.returns(ana.owned[0]),
    }
    for name, way in ways.items():
        with statements() as asked:
            way()
        assert asked, name
        for sql, params in asked:
            if "chat" in sql and sql.lstrip().lower().startswith(("select", "with", "update", "delete")):
                assert scans(sql, params) == [], name
