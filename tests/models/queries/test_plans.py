"""No list, search or timeline reads all messages there are: each has a way by an index.

On a small table the planner would rather read all of it, so that is made dear here: what then still reads it all has no
other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models.actions import words
from models.db import db, run
from models.queries import chats, exports, history, search, timeline
from models.rules.narrowing import Narrowing
from tests.support.people import Colleague, chat_of, make_agent, make_customer, make_team

READS_ALL = "Seq Scan on message"


@contextmanager
def explained() -> Iterator[list[str]]:
    """The plans of everything that is read inside."""
    plans: list[str] = []
    execute = db.execute_sql

    def look(sql: str, params: Any = None) -> Any:
        if sql.lstrip().startswith(("select", "with")):
            plans.append("\n".join(row[0] for row in execute("explain " + sql, params).fetchall()))
        return execute(sql, params)

    db.execute_sql = look
    try:
        yield plans
    finally:
        db.execute_sql = execute


@pytest.fixture
def past(clean: None) -> Iterator[tuple[Colleague, Colleague, int]]:
    """An agent, a supervisor, a chat, and a database that reads whole tables only where it has to."""
    orders = make_team("Orders")
    ana, boss = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Sam Boss", role="supervisor")
    chat_id = chat_of(ana, make_customer("Rosa Lind"))
    ana.says(chat_id, "The red pot is here")
    ana.ends(chat_id)
    run("update message set created_at = created_at - interval '1 minute'")
    words.sweep()
    run("set enable_seqscan = off")
    yield ana, boss, chat_id
    run("reset enable_seqscan")


EVERYTHING = Narrowing(
    scope="mine", state="any", agent_ids=(1,), team_ids=(1,), tag_ids=(1,), service_ids=(1,), channel_ids=(1,),
    reasons=("resolved",), causes=("agent",), ratings=(5,), has_media=True, escalated=False, bot_only=False,
)  # fmt: skip
SEARCHES = (
    "pot",
    "the pot",
    '"red pot"',
    "pot -blue",
    "poot ",
    "po",
    "pot from:agent in:messages",
    "pot before:2030-01-01",
    "rosa",
)


@pytest.mark.parametrize("seldom", [0, 5_000])
@pytest.mark.parametrize("few", [-1, 400])
def test_no_way_of_finding_or_reading_goes_through_all_messages(
    past: tuple[Colleague, Colleague, int], seldom: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SELDOM", seldom)
    monkeypatch.setattr(search, "FEW_CHATS", few)
    ana, boss, chat_id = past
    row = chats.row(chat_id)
    questions: list[Callable[[], object]] = []
    for viewer in (ana.viewer, boss.viewer):
        questions += [lambda v=viewer: chats.inbox(v, which="queue"), lambda v=viewer: history.page(v, EVERYTHING)]
        questions += [
            lambda v=viewer, s=sort: history.page(v, Narrowing(), sort=s)
            for sort in ("newest", "oldest", "longest", "lowest_rating")
        ]
        questions += [lambda v=viewer, q=q: search.page(v, q, Narrowing()) for q in SEARCHES]
        questions += [
            lambda v=viewer, q=q: search.page(v, q, Narrowing(reasons=("resolved",)), after="9999") for q in SEARCHES
        ]
        questions += [
            lambda v=viewer: timeline.of_customer(v, row["customer_id"]),
            lambda v=viewer: timeline.of_session(v, row["session_id"], after=0),
            lambda v=viewer: exports.total(v, "messages", Narrowing(), notes=True),
            lambda v=viewer: chats.detail(v, chat_id),
        ]
    with explained() as plans:
        for question in questions:
            question()
    assert len(plans) > 100
    found = [plan for plan in plans if READS_ALL in plan]
    assert not found, found[0]


def test_a_way_through_all_messages_is_seen(past: tuple[Colleague, Colleague, int]) -> None:
    with explained() as plans:
        db.execute_sql("select count(*) from message m where m.body like '%%pot%%'").fetchall()
    assert [plan for plan in plans if READS_ALL in plan]
