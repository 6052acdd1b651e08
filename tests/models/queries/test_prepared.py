"""Statements that a connection plans once: known to each connection by itself, and still right after a migration."""

from __future__ import annotations

import pytest

from models.db import Prepared, as_json, db, one, run
from models.queries import agents, chats, customers, terms
from models.rules.assignment import Verdict
from tests.support.people import chat_of, make_agent
from tests.support.racing import meanwhile


def test_a_connection_plans_it_once_and_each_for_itself() -> None:
    twice = Prepared("twice_as_much", "select $1 * 2 as much", ["int"])
    known = "select count(*)::int as n from pg_prepared_statements where name = 'twice_as_much'"
    assert [twice.one(21), twice.one(4)] == [{"much": 42}, {"much": 8}]
    assert one(known) == {"n": 1}
    found: list[object] = []
    meanwhile(lambda: found.extend([one(known), twice.rows(3), one(known)]))
    assert found == [{"n": 0}, [{"much": 6}], {"n": 1}]


def test_one_that_could_not_be_planned_is_not_thought_to_be() -> None:
    late = Prepared("late", "select count(*)::int as n from not_made_yet where id > $1", ["int"])
    with pytest.raises(Exception, match="not_made_yet"), db.atomic():
        late.rows(0)
    with db.atomic() as undone:
        run("create table not_made_yet (id int)")
        assert late.one(0) == {"n": 0}
        undone.rollback()


@pytest.mark.parametrize("table", ["chat", "agent", "desk", "team", "customer"])
def test_a_migration_beside_a_running_desk_breaks_none_of_them(table: str) -> None:
    ana = make_agent()
    chat_id = chat_of(ana)

    def asked() -> tuple[object, ...]:
        agent, holds = agents.row(ana.id), terms.in_force(None)
        return chats.row(chat_id), {**agent, "counted_at": None}, holds.first_reply_s, customers.name_in(chat_id)

    before = asked()
    with db.atomic() as undone:
        run(f"alter table {table} add column not_known_yet int default 7")
        assert asked() == before
        undone.rollback()


def test_tuples_are_lists_and_nothing_stays_null() -> None:
    verdict = Verdict(1, 2, 3, None, "at_capacity")
    found = one("select %s::jsonb as said, %s::jsonb as nothing", (as_json([verdict]), as_json(None)))
    assert found == {"said": [[1, 2, 3, None, "at_capacity"]], "nothing": None}
