"""How fast waiting chats find agents: a long queue and many agents, by each policy; and 50 agents who come online.

python -m bench.assignment [--waiting 10000] [--agents 500] [--teams 1] [--history 20000] [--most-s 300]
"""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import time
from collections.abc import Sequence
from typing import Any

from bench import report
from bench.costs import GENERATOR, Watch
from bench.desk import Desk, desk
from models.actions import assignment, presence, visitors
from models.actions.conversation import customer_draft, say
from models.db import connect, connection, one, rows, run
from models.queries import access
from models.settings import read
from workers import speaking

POLICIES = ("least_loaded", "round_robin")
WAKING, QUEUED, PLACES = 50, 1000, 20  # L8: so many agents come online beside so many chats, with so many places each
ONE_BY_ONE, A_SECOND = 300, 20.0  # then so many customers come, so many a second
PATIENCE_S = 120

# Everybody there with room for all who wait; chats of a desk that has been in use for a while.
_PEOPLE = """
truncate customer cascade;
update desk set last_given_agent_id = null;
delete from agent;
delete from team;
insert into team (name, hue) select 'Team ' || n, 200 from generate_series(1, %(teams)s) n;
insert into agent (name, email, password_hash, role, hue, agent_limit, chosen_status, told_status)
    select 'Agent ' || n, 'agent' || n || '@bench.example', 'none', 'agent', 160, %(limit)s, 'online', %(told)s
    from generate_series(1, %(agents)s) n order by n;
insert into team_member (team_id, agent_id)
    select t.id, a.id from team t join agent a on a.id %% %(teams)s = t.id %% %(teams)s;
insert into customer (name) select 'Customer ' || n from generate_series(1, %(waiting)s + %(history)s) n;
insert into session (customer_id, subject) select id, 'Bench' from customer order by id;
insert into chat (session_id, customer_id, channel_id, team_id, state, first_body, queued_at)
    select s.id, s.customer_id, 1, case when %(teams)s > 1 then (select id from team where id %% %(teams)s = s.id %% %(teams)s) end,
           'queued', 'Where is my parcel?', now() - make_interval(secs => %(waiting)s - s.id)
    from session s order by s.id limit %(waiting)s;
insert into chat (session_id, customer_id, channel_id, state, first_body, queued_at, ended_at, end_cause)
    select s.id, s.customer_id, 1, 'ended', 'Long ago', now(), now() - interval '1 day', 'inactivity'
    from session s where not exists (select from chat c where c.session_id = s.id);
insert into timer (kind, chat_id, due_at)
    select 'queue_max', id, now() + interval '1 day' from chat where state = 'queued';
"""
_THERE = """
insert into socket_lease (sid, front, agent_id, seen_at)
    select 'bench-' || id, 'bench', id, '2100-01-01' from agent
"""
_AGAIN = """
truncate assignment, message cascade;
delete from timer;
update chat set state = 'queued', owner_id = null, version = 1, all_seq = 0, pub_seq = 0 where state = 'active';
update agent set last_given_at = null;
insert into timer (kind, chat_id, due_at)
    select 'queue_max', id, now() + interval '1 day' from chat where state = 'queued';
"""


def fill(asked: dict[str, Any]) -> None:
    run(_PEOPLE, {"told": "online", **asked})
    run("update desk set auto_assign = true, bot_enabled = false")


def drain(found: Desk, policy: str, most_s: float) -> list[str]:
    """Give out the whole queue with one assigner. One row of the table."""
    run("update desk set assign_policy = %s", (policy,))
    run(_AGAIN)
    run("vacuum analyze chat")
    watch, began = Watch(found.servers()), time.perf_counter()
    while sum(assignment.assign_waiting(team_id) for team_id in _teams()) and time.perf_counter() - began < most_s:
        pass
    taken, cost = time.perf_counter() - began, watch.cost()
    moments = [each["from_at"] for each in rows("select from_at from assignment order by from_at")]
    each = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]
    given = len(moments)
    cpu = [f"{cost.ms_each(part, given):.1f}" for part in (GENERATOR, "postgres")]
    return [policy, f"{given:,}", f"{taken:.1f}", f"{given / taken:.0f}", *_quantiles(each), *cpu, _size()]


def _teams() -> list[int | None]:
    return [each["team_id"] for each in rows("select distinct team_id from chat where state = 'queued'")]


def _quantiles(seconds: Sequence[float]) -> list[str]:
    return [f"{report.quantile_ms(seconds, q):.1f}" for q in (0.5, 0.95, 0.99, 1)]


def _size() -> str:
    """Bytes that the record of one choice takes on disk, in the middle."""
    found = one(
        "select percentile_disc(0.5) within group (order by pg_column_size(candidates)) as size from assignment"
        " where candidates is not null"
    )
    return f"{found['size']:,}" if found and found["size"] else "-"


def wakes_up() -> list[str]:
    """Agents open their consoles beside a queue; the worker and its sweep do the rest. Seconds until it is empty."""
    viewers = [
        access.Viewer(each["id"], each["name"], each["hue"], each["role"], (), 0)
        for each in rows("select id, name, hue, role from agent order by id")
    ]
    began = one("select clock_timestamp() as at")
    assert began is not None
    for viewer in viewers:
        sessions = rows(
            "insert into agent_session (token_hash, agent_id, expires_at, ip, browser) values"
            " (%s, %s, now() + interval '1 day', '127.0.0.1', 'bench') returning id",
            (secrets.token_hex(8), viewer.id),
        )
        there = access.Viewer(viewer.id, viewer.name, viewer.hue, viewer.role, (), sessions[0]["id"])
        presence.socket_opens(there, f"bench-{viewer.id}", "bench")
    run("update socket_lease set seen_at = '2100-01-01' where front = 'bench'")
    _wait_until("select count(*) as n from chat where state = 'queued'", 0)
    found = one("select max(from_at) as last, count(*) as n from assignment")
    assert found is not None
    return [str(WAKING), f"{found['n']:,}", f"{(found['last'] - began['at']).total_seconds():.1f}"]


def one_by_one() -> list[str]:
    """Customers come one after the other while agents have room: from the birth of each chat until it has an owner."""
    run("update agent set agent_limit = 50")
    channel = one("select id from channel limit 1")
    assert channel is not None
    before = one("select coalesce(max(id), 0) as id from chat")
    assert before is not None
    start = time.perf_counter()
    for number in range(ONE_BY_ONE):
        time.sleep(max(0.0, start + number / A_SECOND - time.perf_counter()))
        _, visitor = visitors.arrives(channel["id"], None)
        say(customer_draft(visitor, client_id=secrets.token_hex(8), body="Where is my parcel?"))
    _wait_until("select count(*) as n from chat where state = 'queued'", 0)
    found = rows(
        "select extract(epoch from a.from_at - c.created_at)::float as s from chat c join assignment a on a.chat_id = c.id"
        " where c.id > %s",
        (before["id"],),
    )
    return [f"{len(found)}", f"{A_SECOND:.0f}", *_quantiles([each["s"] for each in found])]


def _wait_until(sql: str, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = one(sql)
        if found is not None and found["n"] <= wanted:
            return
        time.sleep(0.05)
    print(f"It took more than {PATIENCE_S} s.")


def _join(found: Desk) -> None:
    """Speak to the desk's database and bus from this process, as a worker would."""
    os.environ.update({**found.addresses(), "PARLEY_SECRET_KEY": secrets.token_hex(32)})
    connect(read(), statement_ms=600_000, application="parley-bench")
    speaking.begin()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--waiting", type=int, default=10_000)
    arguments.add_argument("--agents", type=int, default=500)
    arguments.add_argument("--teams", type=int, default=1, help="1: chats of no team, which are everybody's")
    arguments.add_argument("--history", type=int, default=20_000, help="chats that have ended")
    arguments.add_argument("--most-s", type=float, default=300, help="stop a drain that takes longer")
    asked = arguments.parse_args()
    numbers = {name: getattr(asked, name) for name in ("waiting", "agents", "teams", "history")}
    with desk(chats=1, parts=("web",)) as found:  # no worker: one assigner, and it is ours
        _join(found)
        with connection():
            fill({**numbers, "limit": max(1, asked.waiting // asked.agents)})
            run(_THERE)
            drained = [drain(found, policy, asked.most_s) for policy in POLICIES]
        heads = ["policy", "given", "all s", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms"]
        heads += ["assigner CPU ms", "Postgres CPU ms", "record bytes"]
        print(f"\n{asked.waiting:,} chats wait, {asked.agents} agents are there; one assigner\n")
        print(report.table(heads, drained), flush=True)
        found.launch("desk", "beat")
        with connection():
            run("update agent set chosen_status = 'offline'")
            fill({**numbers, "waiting": QUEUED, "agents": WAKING, "limit": PLACES, "told": "offline", "teams": 1})
            woken = wakes_up()
            single = one_by_one()
    print(f"\n{QUEUED:,} chats wait and {WAKING} agents come online; the desk's own worker\n")
    print(report.table(["agents", "given", "last after s"], [woken]))
    print("\ncustomers come one by one, until each has an owner\n")
    print(report.table(["chats", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms"], [single]), flush=True)


if __name__ == "__main__":
    main()
