"""A small desk to try things on: two teams, every role in each, and customers who write.

Everything is made by the desk's own actions; only what no action makes (accounts, a
sign-in without its password) is put into the tables directly.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from models.actions import agents, assignment, chats, visitors
from models.actions.conversation import agent_draft, customer_draft, say
from models.actions.visitors import hashed
from models.db import one, rows
from models.queries import access
from models.queries.access import Viewer, Visitor
from models.seeds.desk import seed_bare
from models.tables.desk import Desk, Tag
from models.tables.people import Agent, SocketLease, Team, TeamMember

CHANNEL_KEY = "test-channel"
SITE = "https://shop.example"
TEAMS = ("Orders", "Billing")
ROLES = ("agent", "supervisor", "analyst", "admin")


@dataclass(frozen=True)
class Colleague:
    """An agent of the desk, with one sign-in."""

    id: int
    name: str
    email: str
    role: str
    team_id: int
    token: str

    @property
    def viewer(self) -> Viewer:
        """This agent as the access rules see them now."""
        found = access.viewer_by_session(hashed(self.token))
        assert found is not None, f"{self.name} is not signed in"
        return found


@dataclass(frozen=True)
class Guest:
    """A customer at the widget."""

    token: str
    visitor: Visitor

    @property
    def id(self) -> int:
        return self.visitor.customer_id


@dataclass
class World:
    """The desk, by the names that tests use."""

    channel_id: int
    teams: dict[str, int]
    agents: dict[tuple[str, str], Colleague] = field(default_factory=dict)  # by team and role

    def colleague(self, team: str = "Orders", role: str = "agent") -> Colleague:
        return self.agents[team, role]

    def guest(self) -> Guest:
        token, visitor = visitors.arrives(self.channel_id, None, page="/plants", browser="A browser")
        return Guest(token, visitor)

    def waiting(self, guest: Guest | None = None, *, team: str = "Orders", body: str = "Is anybody there?") -> int:
        """A chat in the queue. Returns its number."""
        guest = guest or self.guest()
        return say(customer_draft(guest.visitor, client_id=fresh_id(), body=body, topic=team)).chat_id

    def active(self, owner: Colleague, guest: Guest | None = None, *, body: str = "Is anybody there?") -> int:
        """A chat that this agent has started."""
        self.arrive(owner)
        team = next(name for name, number in self.teams.items() if number == owner.team_id)
        chat_id = self.waiting(guest, team=team, body=body)
        assignment.take(owner.viewer, chat_id)
        return chat_id

    def ended(self, owner: Colleague, guest: Guest | None = None) -> int:
        chat_id = self.active(owner, guest)
        chats.end(owner.viewer, chat_id, "resolved")
        return chat_id

    def note(self, owner: Colleague, chat_id: int, body: str) -> None:
        say(agent_draft(owner.viewer, chat_id=chat_id, client_id=fresh_id(), body=body, internal=True))

    def arrive(self, colleague: Colleague) -> None:
        """Online, with a lease that outlasts the test."""
        if colleague.role != "analyst":
            agents.choose_status(colleague.viewer, "online")
        SocketLease.insert(
            sid=f"chair-{colleague.id}", front="test", agent=colleague.id, seen_at="2100-01-01T00:00:00Z"
        ).on_conflict_ignore().execute()

    def sign_in_again(self, colleague: Colleague) -> Colleague:
        """The same person at a second browser."""
        return Colleague(**{**vars(colleague), "token": signed_in(colleague.id)})


def build(*, bot: bool = False) -> World:
    """Put the desk into an empty database."""
    seed_bare(channel_key=CHANNEL_KEY, origins=[SITE])
    Desk.update(bot_enabled=bot, auto_assign=False, ask_name=False).execute()
    for name in ("urgent", "refund"):
        Tag.insert(name=name, hue=1).execute()
    channel = one("select id from channel where public_key = %s", (CHANNEL_KEY,))
    assert channel is not None
    made = World(channel["id"], {name: Team.insert(name=name, hue=1).execute() for name in TEAMS})
    for team, team_id in made.teams.items():
        for role in ROLES:
            made.agents[team, role] = hire(f"{team} {role}", role, team_id)
    return made


def hire(name: str, role: str, team_id: int, *, password_hash: str = "opens nothing") -> Colleague:
    email = f"{name.replace(' ', '.').lower()}@desk.example"
    agent_id = Agent.insert(name=name, email=email, role=role, hue=1, password_hash=password_hash).execute()
    TeamMember.insert(team=team_id, agent=agent_id).execute()
    return Colleague(agent_id, name, email, role, team_id, signed_in(agent_id))


def signed_in(agent_id: int) -> str:
    """A session as signing in would make it. Returns the cookie's value."""
    token = secrets.token_urlsafe(32)
    agents.signs_in(agent_id, hashed(token), "127.0.0.1", "A browser")
    return token


def fresh_id() -> str:
    """A `client_id`."""
    return secrets.token_hex(8)


def say_to_bot(world: World) -> int:
    """A chat that the bot has, on a desk where it answers from now on. Returns its number."""
    Desk.update(bot_enabled=True).execute()
    return world.waiting(team="")


def stored(chat_id: int) -> list[dict[str, Any]]:
    """Every entry of a chat, in its order."""
    return rows("select * from message where chat_id = %s order by all_seq", (chat_id,))


def fingerprint() -> dict[str, str]:
    """A digest of each table, to see whether anything changed at all; but for the leases, which a front renews by itself."""
    names = [
        row["tablename"]
        for row in rows("select tablename from pg_tables where schemaname = 'public' and tablename <> 'socket_lease'")
    ]
    return {
        name: rows(f"select coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as digest from {name} t")[0][
            "digest"
        ]
        for name in names
    }
