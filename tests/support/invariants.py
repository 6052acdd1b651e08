"""What must hold of the stored desk at any quiet moment, whoever did whatever before.

Each check is a statement that finds whoever breaks it; a desk in order gives no rows. The
numbers are there so that tests can name what they rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from models.actions.messages import Said
from models.db import rows
from models.rules.lifecycle import TABLE, Allowed, State

CHECKS: dict[str, str] = {
    "I2 one row for each client_id": """
        select author_kind, author_id, client_id from message where client_id is not null
        group by 1, 2, 3 having count(*) > 1""",
    "I3 both counters have no gaps, and the chat knows their heads": """
        select c.id, c.all_seq, c.pub_seq from chat c left join message m on m.chat_id = c.id group by c.id
        having count(m.id) <> c.all_seq or coalesce(max(m.all_seq), 0) <> c.all_seq or coalesce(min(m.all_seq), 1) <> 1
            or count(m.pub_seq) <> c.pub_seq or coalesce(max(m.pub_seq), 0) <> c.pub_seq
            or coalesce(min(m.pub_seq), 1) <> 1""",
    "I3 the customer's order is the desk's order": """
        select chat_id, all_seq from (
            select chat_id, all_seq, pub_seq, lag(pub_seq) over (partition by chat_id order by all_seq) as earlier
            from message where pub_seq is not null) m
        where pub_seq <= earlier""",
    "I6 the owner is who has the open interval": """
        select c.id, c.owner_id, a.agent_id from chat c left join assignment a on a.chat_id = c.id and a.to_at is null
        where c.owner_id is distinct from a.agent_id""",
    "I6 no chat ever had two owners": """
        select a.chat_id, a.id from assignment a join assignment b on b.chat_id = a.chat_id and b.id > a.id
        where tstzrange(a.from_at, a.to_at) && tstzrange(b.from_at, b.to_at)""",
    # Whoever is given a chat has been counted under their lock, so the intervals show every moment's load.
    "I7 nobody was ever given more than their limit": """
        select given.agent_id, given.chat_id, count(*) as load
        from assignment given
        join assignment held on held.agent_id = given.agent_id
             and tstzrange(held.from_at, held.to_at) @> given.from_at
        join agent a on a.id = given.agent_id cross join desk d
        left join lateral (select min(t.agent_limit) as lowest from team_member m join team t on t.id = m.team_id
                           where m.agent_id = a.id and t.archived_at is null) team on true
        where not given.over_limit
        group by given.id, given.agent_id, given.chat_id, a.agent_limit, team.lowest, d.agent_limit
        having count(*) > coalesce(a.agent_limit, team.lowest, d.agent_limit)""",
    # A place is kept for whoever is asked by name, so an offer counts like a chat.
    "I7 no offer by name was ever made beyond a limit": """
        with held as (
            select agent_id, chat_id, from_at, to_at, over_limit, 'chat' as what from assignment
            union all select target_agent_id, chat_id, made_at, decided_at, false, 'offer' from escalation
            where target_agent_id is not null)
        select given.agent_id, given.chat_id, given.what, count(*) as load from held given
        join held on held.agent_id = given.agent_id and tstzrange(held.from_at, held.to_at) @> given.from_at
        join agent a on a.id = given.agent_id cross join desk d
        left join lateral (select min(t.agent_limit) as lowest from team_member m join team t on t.id = m.team_id
                           where m.agent_id = a.id and t.archived_at is null) team on true
        where not given.over_limit
          and not exists (select from held more where more.agent_id = given.agent_id and more.over_limit)
        group by given.agent_id, given.chat_id, given.what, given.from_at, a.agent_limit, team.lowest, d.agent_limit
        having count(*) > coalesce(a.agent_limit, team.lowest, d.agent_limit)""",
    "I8 an escalated chat has one open offer, by its owner, and a timer for it; no other has any": """
        select c.id, c.state, o.id as offer from chat c
        left join escalation o on o.chat_id = c.id and o.state = 'pending'
        left join timer t on t.chat_id = c.id and t.kind = 'offer' and t.state = 'armed'
        where (c.state = 'escalated') <> (o.id is not null) or (o.id is not null) <> (t.id is not null)
           or (o.id is not null and o.origin_id <> c.owner_id)""",
    "I8 every offer that is over ended once, and the chat's log says how": """
        select o.id, o.state, count(m.id) from escalation o
        left join message m on m.chat_id = o.chat_id and (m.data ->> 'escalation_id')::bigint = o.id
             and m.data ->> 'event' in ('escalation_rejected', 'escalation_timed_out', 'escalation_cancelled')
        where o.state <> 'pending'
        group by o.id having count(m.id) > 1 or (count(m.id) = 1 and o.state in ('accepted', 'withdrawn'))""",
    "I8 no offer timed out early": """
        select id from escalation where state = 'timed_out' and reason is null and decided_at < due_at""",
    "I13 whoever waits has somebody who will look": """
        select id, state from chat c
        where (state = 'queued' and not reply_by_email and (select kind from channel h where h.id = c.channel_id) = 'web'
               and (select hours from desk) is null
               and (select hours from team where team.id = c.team_id) is null and not exists
               (select from timer t where t.chat_id = c.id and t.kind = 'queue_max' and t.state = 'armed'))
           or (state = 'bot' and bot_message_id is not null and not exists
               (select from timer t where t.chat_id = c.id and t.kind = 'bot_silent' and t.state = 'armed'))
           or (state <> 'bot' and bot_message_id is not null)""",
    "I13 nothing falls due for a chat that has ended": """
        select c.id, t.kind from chat c join timer t on t.chat_id = c.id
        where c.state = 'ended' and (t.state = 'armed' or c.idle_due_at is not null)""",
    "I15 every open chat is in one list, and somebody can open it": """
        select c.id, c.state from chat c left join agent a on a.id = c.owner_id
        where c.state in ('active', 'escalated') and (a.id is null or a.disabled_at is not null)
           or c.state in ('bot', 'queued') and c.owner_id is not null
           or c.state = 'queued' and c.queued_at is null""",
    "I16 every change has its author and its time, in order": """
        select chat_id, all_seq, author_kind from (
            select *, lag(created_at) over (partition by chat_id order by all_seq) as earlier from message) m
        where created_at < earlier or (author_kind in ('agent', 'customer') and author_id is null)
           or (kind = 'event' and not data ? 'event')""",
    "whoever spoke to a customer had the chat at some time": """
        select m.id from message m where m.kind = 'text' and m.author_kind = 'agent'
        and not exists (select from assignment a where a.chat_id = m.chat_id and a.agent_id = m.author_id)""",
    "an ended chat changes no more, but for one reason soon after an end that nobody chose": """
        select late.id from message late join chat c on c.id = late.chat_id
        join message last on last.chat_id = late.chat_id and last.data ->> 'event' = 'ended'
        where late.all_seq > last.all_seq and late.change ?| array['state', 'owner', 'ended_at', 'end_cause', 'end_reason', 'end_note']
          and late.data ->> 'event' <> 'erased'
          and not (late.data ->> 'event' = 'reason_given' and c.end_cause <> 'agent'
                   and late.created_at <= c.ended_at + interval '24 hours'
                   and (select count(*) from message g where g.chat_id = c.id and g.data ->> 'event' = 'reason_given') = 1)""",
    "notes stay in the house": "select id from message where kind = 'note' and pub_seq is not null",
    "one open chat for each customer": """
        select customer_id from chat where state <> 'ended' group by customer_id, channel_id having count(*) > 1""",
}


def assert_all_hold() -> None:
    """Every invariant at once, so that a failure shows the whole damage."""
    broken = {name: found for name, sql in CHECKS.items() if (found := rows(sql))}
    broken |= {name: found for name, found in _folded() if found}
    assert not broken, broken


def assert_kept(said: Iterable[Said]) -> None:
    """I1: what was acknowledged is stored, once and word for word. I4: each sender's words stand in their order."""
    acked = list(said)
    stored = {each["id"]: each for each in rows("select id, body, all_seq from message")}
    lost = [each.row["id"] for each in acked if stored.get(each.row["id"], {}).get("body") != each.row["body"]]
    assert not lost, f"acknowledged and not stored: {lost}"
    newest: dict[Any, int] = {}
    for each in acked:
        line = (each.chat_id, each.row["author_kind"], each.row["author_id"])
        assert each.row["all_seq"] > newest.get(line, 0), f"out of order: {each.row}"
        newest[line] = each.row["all_seq"]


# What a chat's log must give back. The rest of the row is bookkeeping between two entries.
FOLDED = (
    "state owner ended_owner priority queued_at ended_at end_cause end_reason end_note rating rating_comment rated_at"
).split()

ARROWS = {
    (state, landing)
    for (state, _), cell in TABLE.items()
    if isinstance(cell, Allowed)
    for landing in (cell.to or state, cell.or_to or cell.to or state)
} | {(State.BOT, State.QUEUED)}  # with the bot off, a chat begins and waits in one transaction


def _folded() -> Iterator[tuple[str, list[Any]]]:
    chats = rows("select *, owner_id as owner, ended_owner_id as ended_owner from chat order by id")
    logs: dict[int, list[dict[str, Any]]] = {}
    for entry in rows("select chat_id, change from message where change is not null order by chat_id, all_seq"):
        logs.setdefault(entry["chat_id"], []).append(entry["change"])
    unlike, unlawful = [], []
    for chat in chats:
        folded: dict[str, Any] = {**dict.fromkeys(FOLDED), "state": State.BOT.value, "priority": 0}
        for change in logs.get(chat["id"], []):
            if "state" in change and (State(folded["state"]), State(change["state"])) not in ARROWS:
                unlawful.append((chat["id"], folded["state"], change["state"]))
            folded |= {name: value for name, value in change.items() if name in FOLDED}
        folded["version"] = 1 + len(logs.get(chat["id"], []))
        unlike += [
            (chat["id"], name, value, chat[name])
            for name, value in folded.items()
            if chat[name] != (datetime.fromisoformat(value) if isinstance(chat[name], datetime) else value)
        ]
    yield "I14 the log folds into the row", unlike
    yield "I16 every move is in the table", unlawful
