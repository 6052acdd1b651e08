"""Agents with what assignment and colleagues look at: effective status, load and limit."""

from __future__ import annotations

from typing import Any

from models.db import Prepared, one, rows
from models.errors import NotFound
from models.queries import access, drafts, media, mentions, offers, shapes, terms
from models.queries.access import PERMISSIONS, Permission, Viewer
from models.queries.shapes import Out
from models.settings import settings

# A lease is fresh for 45 s (rules/presence.py says why). Its own limit first, then the lowest of the
# agent's teams, then the desk's: as `limit_of` of rules/assignment.py has it.
AGENTS = """
select a.id, a.name, a.hue, a.email, a.role, a.chosen_status, a.last_given_at, a.disabled_at,
       case when a.disabled_at is null and l.alive then a.chosen_status else 'offline' end as status,
       coalesce(l.alive, false) as lease_alive,
       (select count(*)::int from chat c where c.owner_id = a.id)
       + (select count(*)::int from escalation o where o.target_agent_id = a.id and o.state = 'pending') as load,
       coalesce(a.agent_limit, m.lowest, d.agent_limit)::int as "limit",
       coalesce(m.team_ids, '{}') as team_ids
from agent a
cross join desk d
left join lateral (select true as alive from socket_lease s where s.agent_id = a.id
                   and s.seen_at > clock_timestamp() - interval '45 seconds' limit 1) l on true
left join (select tm.agent_id, array_agg(tm.team_id order by tm.team_id) as team_ids, min(t.agent_limit) as lowest
           from team_member tm join team t on t.id = tm.team_id and t.archived_at is null
           group by tm.agent_id) m on m.agent_id = a.id
"""


_ONE = Prepared(
    "one_agent", f"select now.*, clock_timestamp() as counted_at from ({AGENTS} where a.id = $1) now", ["bigint"]
)


def row(agent_id: int) -> dict[str, Any]:
    """One agent as in `AGENTS`, and when this was so."""
    found = _ONE.one(agent_id)
    if found is None:
        raise NotFound()
    return found


def out(agent_id: int) -> Out:
    return shapes.agent(row(agent_id))


def everyone() -> list[Out]:
    """All agents who can sign in, by name."""
    return [shapes.agent(each) for each in rows(AGENTS + " where a.disabled_at is null order by a.name, a.id")]


_ANSWERING = f"{AGENTS} where a.disabled_at is null and a.role <> 'analyst'"
_ANYBODY = Prepared("agents_answering", f"{_ANSWERING} order by a.id", [])
_MEMBERS = Prepared(
    "members_answering",
    f"{_ANSWERING} and exists (select from team_member x where x.agent_id = a.id and x.team_id = $1) order by a.id",
    ["bigint"],
)


def answering(team_id: int | None) -> list[dict[str, Any]]:
    """Who could be given a chat of this team: its members, or anybody for a chat without a team.

    Rows as in `AGENTS`. Availability is decided by the rules, not here.
    """
    return _ANYBODY.rows() if team_id is None else _MEMBERS.rows(team_id)


def mail_calls(viewer: Viewer) -> Out:
    """A `MailCalls`: whether this agent is written to while away, and whether that can be."""
    found = one("select mail_offline, email from agent where id = %s", (viewer.id,))
    assert found is not None
    return {"on": found["mail_offline"], "possible": has_mailbox(), "address": found["email"]}


def has_mailbox() -> bool:
    """Whether there is a mailbox that letters to agents could go by, and whose server proves who answers them."""
    return (
        one(
            "select 1 as yes from channel where kind = 'email' and archived_at is null and connected"
            " and coalesce(settings ->> 'trusted_server', '') <> '' limit 1"
        )
        is not None
    )


def me(viewer: Viewer, csrf_token: str) -> Out:
    return {
        "agent": out(viewer.id),
        "desk": desk(),
        "permissions": sorted(PERMISSIONS[viewer.role]),
        "csrf_token": csrf_token,
    }


DESK_SETTINGS = (
    "name",
    "brand",
    "auto_assign",
    "agent_limit",
    "assign_policy",
    "wait_warn_s",
    "wait_late_s",
    "first_reply_s",
    "alarm_wait_s",
    "promise_s",
    "promise_warn_s",
    "updated_at",
)


def desk() -> Out:
    """The settings that every signed-in agent may see."""
    found = one(f"select {', '.join(DESK_SETTINGS)} from desk where id = 1")
    if found is None:
        raise NotFound("The desk has no settings yet. `parley seed` makes them.")
    return {
        **found,
        "mail": bool(settings().mail_url),
        "uploads": media.limits(),
        "updated_at": found["updated_at"].isoformat(),
    }


def overview(viewer: Viewer) -> Out:
    """The numbers and people around the inbox."""
    clause, params = access.visible(viewer)
    counts = one(
        f"select count(*) filter (where c.state = 'queued')::int as queue,"
        f" count(*) filter (where c.owner_id = %(me)s)::int as mine from chat c where c.state <> 'ended' and {clause}",
        {**params, "me": viewer.id},
    )
    assert counts is not None
    return {
        **counts,
        "escalations": offers.count_takeable(viewer),
        **_own_business(viewer),
        "desk": desk(),
        "teams": teams(viewer),
        "agents": everyone(),
    }


def _own_business(viewer: Viewer) -> Out:
    """What waits for this agent beside chats."""
    found = one(
        "select (select count(*)::int from promise p cross join desk d where p.owner_id = %(me)s and p.state = 'open'"
        "  and p.due_at < clock_timestamp() + make_interval(secs => d.promise_warn_s)) as promises",
        {"me": viewer.id},
    )
    assert found is not None
    return {**found, "mentions": mentions.count_unseen(viewer), "drafts": drafts.chats(viewer)}


def teams(viewer: Viewer) -> list[Out]:
    """The viewer's teams, or all for those who read all, with who waits and who is there."""
    found = rows(
        """
        select t.id, t.name, t.hue, coalesce(t.auto_assign, d.auto_assign) as auto_assign,
               coalesce(t.alarm_wait_s, d.alarm_wait_s) as alarm_wait_s,
               q.waiting, q.oldest as oldest_waiting_at,
               (select count(*)::int from team_member m join agent a on a.id = m.agent_id
                where m.team_id = t.id and a.disabled_at is null and a.chosen_status = 'online'
                  and exists (select from socket_lease s where s.agent_id = a.id
                              and s.seen_at > clock_timestamp() - interval '45 seconds')) as online
        from team t cross join desk d
        cross join lateral (select count(*)::int as waiting, min(c.queued_at) as oldest
                            from chat c where c.team_id = t.id and c.state = 'queued') q
        where t.archived_at is null and (%s or t.id = any(%s)) order by t.id
        """,
        (viewer.may(Permission.CHAT_READ_ALL), list(viewer.team_ids)),
    )
    holds = terms.of_teams()
    return [
        {
            **each,
            "open": holds[each["id"]].open,
            "opens_at": shapes.moment(holds[each["id"]].opens_at),
            "oldest_waiting_at": shapes.moment(each["oldest_waiting_at"]),
        }
        for each in found
        if each["id"] in holds  # not one that was made between the two statements
    ]
