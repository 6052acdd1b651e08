"""Who may see what. Fetching is permission: nobody gets a chat but through here.

"No such chat" and "not yours to see" are the same answer, `NotFound`. The same
clause serves single chats, lists, counts, history and socket rooms, so that what
a list shows can be opened, and nothing else can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.db import one, rows
from models.errors import NotFound, Refused
from models.live import Room
from models.queries.shapes import customer_hue, shown_name


class Permission(StrEnum):
    """What a role may do, whichever chat it is about."""

    CHAT_READ = "chat.read"  # the queue and chats of one's own teams
    CHAT_ANSWER = "chat.answer"  # take chats and talk to customers
    CHAT_READ_ALL = "chat.read_all"  # every team's chats
    CHAT_SUPERVISE = "chat.supervise"  # act on chats of others
    HISTORY_READ = "history.read"
    HISTORY_EXPORT = "history.export"  # take the history out of the house
    DESK_EDIT = "desk.edit"  # settings, teams, routing, tags; reads the audit
    AGENT_MANAGE = "agent.manage"  # accounts and their roles; what is the same for the whole house, such as end reasons
    REPORT_READ = "report.read"
    BROADCAST_PREPARE = "broadcast.prepare"  # read broadcasts and their ledgers, write drafts, count audiences
    BROADCAST_SEND = "broadcast.send"  # write to many customers at once
    FAILURE_REVIEW = "failure.review"  # what the bot could not answer, of every team: read it and decide about it
    KNOWLEDGE_EDIT = "knowledge.edit"  # services and articles: what the bot answers with


_AGENT = frozenset({Permission.CHAT_READ, Permission.CHAT_ANSWER, Permission.HISTORY_READ})
_SUPERVISOR = _AGENT | {
    Permission.CHAT_READ_ALL,
    Permission.CHAT_SUPERVISE,
    Permission.DESK_EDIT,
    Permission.REPORT_READ,
    Permission.HISTORY_EXPORT,
    Permission.BROADCAST_PREPARE,
    Permission.BROADCAST_SEND,
    Permission.FAILURE_REVIEW,
    Permission.KNOWLEDGE_EDIT,
}

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    # reads everything and repairs what the bot knows, answers nobody; words for many are sent by somebody else
    "analyst": frozenset(
        {
            Permission.CHAT_READ,
            Permission.CHAT_READ_ALL,
            Permission.HISTORY_READ,
            Permission.HISTORY_EXPORT,
            Permission.REPORT_READ,
            Permission.BROADCAST_PREPARE,
            Permission.FAILURE_REVIEW,
            Permission.KNOWLEDGE_EDIT,
        }
    ),
    "admin": _SUPERVISOR | {Permission.AGENT_MANAGE},
}


@dataclass(frozen=True)
class Viewer:
    """A signed-in agent, or a key that acts for one, as the access rules need them: loaded fresh for every request."""

    id: int
    name: str
    hue: int
    role: str
    team_ids: tuple[int, ...]
    session_id: int
    key_id: int | None = None
    """Set when another program acts in this agent's name: `queries/api_keys.py`."""
    key_name: str = ""
    scopes: frozenset[str] = frozenset()
    lent: frozenset[Permission] | None = None
    """Of a key: what its scopes lend, at the most."""

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role] and (self.lent is None or permission in self.lent)

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            who = "this key has no scope that lends it" if self.key_id else f"your role is {self.role}"
            raise Refused(f"This needs the permission {permission}; {who}.")

    @property
    def rooms(self) -> list[str]:
        """The push rooms of this agent's sockets, computed from the same rules as the lists."""
        queues = (
            [Room.EVERY_QUEUE]
            if self.may(Permission.CHAT_READ_ALL)
            else [Room.queue(None), *(Room.queue(team) for team in self.team_ids)]
        )
        casts = [Room.BROADCASTS] if self.may(Permission.BROADCAST_PREPARE) else []
        review = [Room.REVIEW] if self.may(Permission.FAILURE_REVIEW) else []
        return [Room.DESK, Room.agent(self.id), Room.session(self.session_id), *queues, *casts, *review]


@dataclass(frozen=True)
class Visitor:
    """A customer at a website's widget, proved by the token."""

    customer_id: int
    channel_id: int
    token_id: int
    name: str
    hue: int


def visible(viewer: Viewer, alias: str = "c") -> tuple[str, dict[str, Any]]:
    """An SQL condition over `chat` for what this agent may see, with its parameters.

    Everything, for roles that read all; else the chats of one's teams and of no team, those one
    owns or has ever owned, and those that are being offered to oneself or to one's team.
    """
    if viewer.may(Permission.CHAT_READ_ALL):
        return "true", {}
    assert alias.isidentifier()
    clause = (
        f"({alias}.team_id is null or {alias}.team_id = any(%(viewer_teams)s)"
        f" or {alias}.owner_id = %(viewer)s or {alias}.ended_owner_id = %(viewer)s"
        f" or exists (select from assignment seen where seen.chat_id = {alias}.id and seen.agent_id = %(viewer)s)"
        f" or exists (select from escalation o where o.chat_id = {alias}.id and o.state = 'pending'"
        "            and (o.target_agent_id = %(viewer)s or o.target_team_id = any(%(viewer_teams)s))))"
    )
    return clause, {"viewer": viewer.id, "viewer_teams": list(viewer.team_ids)}


FEW_SEEN = 3_000
"""Chats an agent was ever given, up to which a list names them one by one instead of asking of each chat whether it was."""


def visible_in_lists(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """The same as `visible` of a chat `c`, for statements that look at very many chats."""
    clause, params = visible(viewer)
    if not params:
        return clause, params
    seen = rows(f"select chat_id from assignment where agent_id = %(viewer)s limit {FEW_SEEN + 1}", params)
    if len(seen) > FEW_SEEN:
        return clause, params
    offered = rows(
        "select chat_id from escalation where state = 'pending'"
        " and (target_agent_id = %(viewer)s or target_team_id = any(%(viewer_teams)s))",
        params,
    )
    named = (
        "(c.team_id is null or c.team_id = any(%(viewer_teams)s) or c.owner_id = %(viewer)s"
        " or c.ended_owner_id = %(viewer)s or c.id = any(%(viewer_sees)s::bigint[]))"
    )
    return named, {**params, "viewer_sees": sorted({each["chat_id"] for each in (*seen, *offered)})}


def who_sees(chat_id: int, agent_ids: list[int]) -> set[int]:
    """Those of the agents who may see the chat: what `visible` says for one viewer, asked for many at once."""
    reads_all = [role for role, may in PERMISSIONS.items() if Permission.CHAT_READ_ALL in may]
    found = rows(
        "select a.id from agent a join chat c on c.id = %(chat)s where a.id = any(%(agents)s) and ("
        " a.role = any(%(reads_all)s) or c.team_id is null or c.owner_id = a.id or c.ended_owner_id = a.id"
        " or exists (select from team_member m where m.agent_id = a.id and m.team_id = c.team_id)"
        " or exists (select from assignment seen where seen.chat_id = c.id and seen.agent_id = a.id)"
        " or exists (select from escalation o where o.chat_id = c.id and o.state = 'pending' and (o.target_agent_id = a.id"
        "            or exists (select from team_member m where m.agent_id = a.id and m.team_id = o.target_team_id))))",
        {"chat": chat_id, "agents": agent_ids, "reads_all": reads_all},
    )
    return {each["id"] for each in found}


def see_chat(viewer: Viewer, chat_id: int) -> None:
    """Pass silently when the agent may see the chat; `NotFound` otherwise."""
    clause, params = visible(viewer)
    if not one(f"select 1 as yes from chat c where c.id = %(chat)s and {clause}", {**params, "chat": chat_id}):
        raise NotFound()


def see_offered(viewer: Viewer, chat_id: int) -> None:
    """The same, also for whom the chat was ever offered to: who comes too late is told so, and by whom."""
    clause, params = visible(viewer)
    if not one(
        f"select 1 as yes from chat c where c.id = %(chat)s and ({clause} or exists"
        " (select from escalation o where o.chat_id = c.id and (o.target_agent_id = %(me)s or o.target_team_id = any(%(teams)s))))",
        {**params, "chat": chat_id, "me": viewer.id, "teams": list(viewer.team_ids)},
    ):
        raise NotFound()


def reads_notes(viewer: Viewer) -> bool:
    """Whether internal notes of the chats one sees are open to this agent; a search looks into them only then."""
    return viewer.may(Permission.CHAT_READ)


def see_customer(viewer: Viewer, customer_id: int) -> None:
    """Pass silently when the agent may see any chat of this customer; `NotFound` otherwise."""
    clause, params = visible(viewer)
    if not one(
        f"select 1 as yes from chat c where c.customer_id = %(customer)s and {clause} limit 1",
        {**params, "customer": customer_id},
    ):
        raise NotFound()


def blocked(customer_id: int) -> int | None:
    """The block that keeps this customer out, by who they are or by where they last came from."""
    found = one(
        "select b.id from customer s join block b on b.lifted_at is null and (b.customer_id = s.id or b.address = s.address)"
        " where s.id = %s and (b.until is null or b.until > clock_timestamp()) limit 1",
        (customer_id,),
    )
    return found["id"] if found else None


def visitor_chat(visitor: Visitor, chat_id: int) -> None:
    """Pass silently when the chat is this customer's own on this channel; `NotFound` otherwise."""
    found = one(
        "select 1 as yes from chat where id = %s and customer_id = %s and channel_id = %s",
        (chat_id, visitor.customer_id, visitor.channel_id),
    )
    if not found:
        raise NotFound()


VIEWER_BY_SESSION = """
select a.id, a.name, a.hue, a.role, s.id as session_id,
       coalesce((select array_agg(m.team_id order by m.team_id) from team_member m where m.agent_id = a.id), '{}') as teams
from agent_session s join agent a on a.id = s.agent_id
where s.token_hash = %s and s.ended_at is null and s.expires_at > clock_timestamp()
  and s.seen_at > clock_timestamp() - interval '12 hours' and a.disabled_at is null
"""


def viewer_by_session(token_hash: str) -> Viewer | None:
    """Who holds this sign-in now, with role and teams as they are now."""
    return _viewer(one(VIEWER_BY_SESSION, (token_hash,)))


def viewer_by_session_id(session_id: int) -> Viewer | None:
    """The same by the session's number, for a socket that was opened with its ticket."""
    return _viewer(one(VIEWER_BY_SESSION.replace("s.token_hash = %s", "s.id = %s"), (session_id,)))


def _viewer(row: dict[str, Any] | None) -> Viewer | None:
    if row is None:
        return None
    return Viewer(row["id"], row["name"], row["hue"], row["role"], tuple(row["teams"]), row["session_id"])


def viewer_by_letter(agent_id: int) -> tuple[Viewer | None, str]:
    """An agent whose own letter is answered by mail, and the address it has to come from. None: their account is closed.

    There is no sign-in behind this: nothing can be opened or ended with it.
    """
    found = one(
        "select a.id, a.name, a.hue, a.role, a.email, 0 as session_id, coalesce((select array_agg(m.team_id order by m.team_id)"
        " from team_member m where m.agent_id = a.id), '{}') as teams from agent a where a.id = %s and a.disabled_at is null",
        (agent_id,),
    )
    return _viewer(found), found["email"] if found else ""


def viewers_by_session_ids(session_ids: list[int]) -> dict[int, Viewer]:
    """Those of the given sign-ins that still hold, in one statement: for checking the sockets that are open."""
    found = rows(VIEWER_BY_SESSION.replace("s.token_hash = %s", "s.id = any(%s)"), (session_ids,))
    return {row["session_id"]: viewer for row in found if (viewer := _viewer(row)) is not None}


VISITOR_BY_TOKEN = """
select t.id as token_id, t.customer_id, t.channel_id, c.name
from visitor_token t join customer c on c.id = t.customer_id
where t.expires_at > clock_timestamp()
"""


def visitor_by_token(token_hash: str) -> Visitor | None:
    return _visitor(one(VISITOR_BY_TOKEN + " and t.token_hash = %s", (token_hash,)))


def visitor_by_token_id(token_id: int) -> Visitor | None:
    return _visitor(one(VISITOR_BY_TOKEN + " and t.id = %s", (token_id,)))


def _visitor(row: dict[str, Any] | None) -> Visitor | None:
    if row is None:
        return None
    customer = row["customer_id"]
    return Visitor(
        customer, row["channel_id"], row["token_id"], shown_name(row["name"], customer), customer_hue(customer)
    )
