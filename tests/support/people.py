"""The people of a test: a desk, its teams, agents who answer and customers who write.

Everything they do goes through the actions, so a chat in a test has come to its state
the way chats do. Only what no action makes (the desk, a team, an account) is inserted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from models.actions import (
    agents,
    assignment,
    chats,
    corrections,
    customers,
    escalations,
    follow_ups,
    messages,
    presence,
    queue,
    timekeeping,
    uploads,
    visitors,
)
from models.actions.conversation import agent_draft, customer_draft, say
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.db import one, rows, run
from models.media.storage import incoming
from models.queries import access
from models.queries import chats as read
from models.queries.access import Viewer, Visitor
from models.rules.escalating import DEFAULT_STEPS
from models.tables.customers import Channel
from models.tables.desk import Desk
from models.tables.people import Agent, Team, TeamMember

_numbers = itertools.count(1)

SETTINGS: dict[str, Any] = {
    "name": "Fernhill",
    "brand": "#4f46e5",
    "greeting": "Hello!",
    "teaser": "Questions?",
    "bot_name": "Fern",
    "bot_enabled": True,
    "auto_assign": False,
    "pick_with_auto": True,
    "ask_name": False,
    "agent_limit": 5,
    "bot_silent_s": 20,
    "bot_idle_s": 900,
    "queue_max_s": 1800,
    "first_reply_s": 60,
    "first_reply_requeue": False,
    "idle_warn_s": 300,
    "idle_end_s": 600,
    "idle_end_async_s": 86_400,
    "owner_gone_s": 120,
    "sticky_s": 60,
    "reopen_s": 900,
    "wait_warn_s": 120,
    "wait_late_s": 300,
    "assign_policy": "least_loaded",
    "alarm_wait_s": 600,
    "promise_s": 86400,
    "promise_warn_s": 3600,
    "escalation_steps": [dict(step) for step in DEFAULT_STEPS],
    "escalation_in_hours": False,
    "escalation_expected_s": 3600,
}


def open_desk(**settings: Any) -> None:
    """The desk's one row, and a website for customers to come by."""
    Desk.insert(id=1, **{**SETTINGS, **settings}).execute()
    Channel.create(kind="web", name="Shop", public_key="shop", allowed_origins=["https://shop.example"])


def set_desk(**settings: Any) -> None:
    Desk.update(**settings).execute()


def make_team(name: str = "Orders", **columns: Any) -> int:
    number: int = Team.create(name=name, hue=200, **columns).id
    return number


def count_from_one() -> None:
    """Client ids, addresses and screens get the same names again, for a test that writes them down."""
    global _numbers
    _numbers = itertools.count(1)


def new_client_id() -> str:
    return f"client-{next(_numbers):06}"


@dataclass(frozen=True)
class Colleague:
    """An agent at their console."""

    viewer: Viewer

    @property
    def id(self) -> int:
        return self.viewer.id

    @property
    def name(self) -> str:
        return self.viewer.name

    @property
    def now(self) -> dict[str, Any]:
        """Status, load and limit, as assignment sees them."""
        return presence.read.row(self.id)

    @property
    def owned(self) -> list[int]:
        found = rows("select id from chat where owner_id = %s order by id", (self.id,))
        return [each["id"] for each in found]

    def opens_screen(self, sid: str | None = None) -> str:
        sid = sid or f"screen-{next(_numbers)}"
        presence.socket_opens(self.viewer, sid, "front-1")
        return sid

    def screens_go_dark(self) -> None:
        """The cable is pulled: leases run out, as they do 45 seconds later, and nobody says goodbye."""
        run("update socket_lease set seen_at = seen_at - interval '1 hour' where agent_id = %s", (self.id,))

    def chooses(self, status: str, leave_chats: str = "stay") -> None:
        agents.choose_status(self.viewer, status, leave_chats)

    def takes(self, chat_id: int) -> None:
        assignment.take(self.viewer, chat_id)

    def takes_over(self, chat_id: int) -> None:
        assignment.take_over(self.viewer, chat_id)

    def draft(self, chat_id: int, body: str, *, client_id: str | None = None, **more: Any) -> Draft:
        return agent_draft(self.viewer, chat_id=chat_id, client_id=client_id or new_client_id(), body=body, **more)

    def says(self, chat_id: int, body: str = "Let me look.", *, client_id: str | None = None, **more: Any) -> Said:
        """`more`: what goes with it, as `MessageSend` has it."""
        return say(self.draft(chat_id, body, client_id=client_id, **more))

    def uploads(self, content: bytes, name: str) -> int:
        """Bring a file to the composer. Returns its number."""
        with incoming() as folder:
            (folder / "file").write_bytes(content)
            kept = uploads.received(self.viewer, uploads.announced(self.viewer, name), folder, folder / "file")
        number: int = kept["id"]
        return number

    def notes(self, chat_id: int, body: str = "Knows Ben from last year.", **more: Any) -> Said:
        return say(self.draft(chat_id, body, internal=True, **more))

    def edits(self, said: Said, body: str) -> dict[str, Any]:
        return corrections.edit(self.viewer, said.chat_id, said.row["id"], body)

    def deletes(self, said: Said) -> dict[str, Any]:
        return corrections.delete(self.viewer, said.chat_id, said.row["id"])

    def reads(self, chat_id: int, seq: int) -> None:
        messages.agent_reads(self.viewer, chat_id, seq)

    def hands(self, chat_id: int, to: Colleague, note: str = "", *, override: bool = False) -> None:
        chats.reassign(self.viewer, chat_id, to.id, note, override)

    def moves(self, chat_id: int, **to: Any) -> None:
        queue.move(self.viewer, chat_id, **to)

    def follows_up(self, chat_id: int, body: str = "As promised, I am back.", **more: Any) -> Said:
        return follow_ups.begin(self.viewer, chat_id, body=body, client_id=new_client_id(), **more)

    def escalates(
        self, chat_id: int, to: Colleague | int, note: str = "Refund over the limit; tried twice.", **more: Any
    ) -> None:
        """To a colleague, or to the team of this number."""
        target = {"agent_id": to.id} if isinstance(to, Colleague) else {"team_id": to}
        escalations.escalate(self.viewer, chat_id, note, **target, **more)

    def accepts(self, chat_id: int) -> None:
        escalations.accept(self.viewer, chat_id)

    def rejects(self, chat_id: int, reason: str = "wrong_team", note: str = "This is for billing.") -> None:
        escalations.reject(self.viewer, chat_id, reason, note)

    def cancels(self, chat_id: int, reason: str | None = None) -> None:
        escalations.cancel(self.viewer, chat_id, reason)

    def returns(self, chat_id: int, reason: str = "") -> None:
        queue.return_chat(self.viewer, chat_id, reason)

    def ends(self, chat_id: int, reason: str = "resolved", note: str = "") -> None:
        chats.end(self.viewer, chat_id, reason, note)

    def tags(self, chat_id: int, *tag_ids: int) -> None:
        chats.set_tags(self.viewer, chat_id, list(tag_ids))

    def inbox(self, which: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = read.inbox(self.viewer, which=which)["items"]
        return found

    def sees(self, chat_id: int) -> dict[str, Any]:
        return read.detail(self.viewer, chat_id)


@dataclass(frozen=True)
class Customer:
    """A person at the widget."""

    visitor: Visitor

    @property
    def id(self) -> int:
        return self.visitor.customer_id

    @property
    def chats(self) -> list[int]:
        found = rows("select id from chat where customer_id = %s order by id", (self.id,))
        return [each["id"] for each in found]

    @property
    def chat(self) -> int:
        """The newest chat of theirs."""
        return self.chats[-1]

    def draft(self, body: str, *, client_id: str | None = None, **more: Any) -> Draft:
        return customer_draft(self.visitor, client_id=client_id or new_client_id(), body=body, **more)

    def says(self, body: str = "Where is my parcel?", *, client_id: str | None = None, **more: Any) -> Said:
        """`more`: topic and what goes with it, as `VisitorSend` has it."""
        return say(self.draft(body, client_id=client_id, **more))

    def asks_for_person(self) -> None:
        customers.asks_for_person(self.visitor, self.chat)

    def leaves(self) -> None:
        customers.leaves(self.visitor, self.chat)

    def ends(self) -> None:
        customers.ends(self.visitor, self.chat)

    def leaves_email(self, email: str) -> None:
        customers.leaves_email(self.visitor, self.chat, email)

    def rates(self, stars: int, comment: str = "", *, chat_id: int | None = None) -> None:
        customers.rates(self.visitor, chat_id or self.chat, stars, comment)

    def reads(self, seq: int, *, only_delivered: bool = False) -> None:
        messages.customer_reads(self.visitor, self.chat, seq, only_delivered)

    def waits(self, body: str = "Where is my parcel?", *, topic: str = "") -> int:
        """Write, and be in the queue afterwards. Returns the chat."""
        self.says(body, topic=topic)
        self.asks_for_person()
        return self.chat


def make_agent(
    name: str = "Ana Ruiz",
    *,
    role: str = "agent",
    teams: tuple[int, ...] = (),
    limit: int | None = None,
    status: str = "online",
) -> Colleague:
    """A signed-in agent with one screen open, in the status given."""
    number = next(_numbers)
    agent = Agent.create(
        name=name, email=f"agent{number}@example.com", password_hash="-", role=role, hue=25, agent_limit=limit
    )
    for team_id in teams:
        TeamMember.insert(team=team_id, agent=agent.id).execute()
    session_id = agents.signs_in(agent.id, f"session-{number}", "127.0.0.1", "a browser")
    viewer = access.viewer_by_session_id(session_id)
    assert viewer is not None
    colleague = Colleague(viewer)
    if status != "offline" and role != "analyst":
        colleague.chooses(status)
        colleague.opens_screen()
    return colleague


def make_customer(name: str | None = None) -> Customer:
    channel = one("select id from channel order by id limit 1")
    assert channel is not None
    _, visitor = visitors.arrives(channel["id"], None)
    if name is not None:
        customers.introduces(visitor, name)
        visitor = access.visitor_by_token_id(visitor.token_id) or visitor
    return Customer(visitor)


def waiting_chat(topic: str = "") -> int:
    """Somebody is in the queue."""
    return make_customer().waits(topic=topic)


def chat_of(owner: Colleague, customer: Customer | None = None) -> int:
    """A chat that this agent has picked."""
    chat_id = (customer or make_customer()).waits()
    owner.takes(chat_id)
    return chat_id


def chat_row(chat_id: int) -> dict[str, Any]:
    """The stored row, as it is now."""
    found = one("select * from chat where id = %s", (chat_id,))
    assert found is not None
    return found


def entries(chat_id: int) -> list[dict[str, Any]]:
    """The chat's log, first entry first."""
    return rows("select * from message where chat_id = %s order by all_seq", (chat_id,))


def events(chat_id: int) -> list[str]:
    """The names of what happened to the chat, in order."""
    return [each["data"]["event"] for each in entries(chat_id) if each["kind"] == "event"]


def timers(chat_id: int, state: str = "armed") -> set[str]:
    found = rows("select kind from timer where chat_id = %s and state = %s", (chat_id, state))
    return {each["kind"] for each in found}


def let_time_pass(chat_id: int, seconds: float) -> None:
    """Move everything that happened in the chat, and all that is to fall due, so far into the past."""
    by = {"s": seconds, "chat": chat_id}
    back = "- make_interval(secs => %(s)s)"
    moved = ", ".join(f"{name} = {name} {back}" for name in _MOMENTS)
    run(f"update chat set {moved} where id = %(chat)s", by)
    run(f"update timer set due_at = due_at {back} where chat_id = %(chat)s and state = 'armed'", by)
    run(f"update assignment set from_at = from_at {back}, to_at = to_at {back} where chat_id = %(chat)s", by)
    run(
        f"update message set created_at = created_at {back}, change = coalesce((select jsonb_object_agg(key, case"
        f" when right(key, 3) = '_at' then to_jsonb((value #>> '{{}}')::timestamptz {back}) else value end)"
        " from jsonb_each(change)), change) where chat_id = %(chat)s",
        by,
    )


def due_after(chat_id: int, seconds: float) -> int:
    """Let the time pass and settle what has fallen due; how many had an effect."""
    let_time_pass(chat_id, seconds)
    return timekeeping.fire_due()


def let_fall_due(chat_id: int, kind: str) -> None:
    """Let one armed timer of the chat be due now, and nothing else be older."""
    run(
        "update timer set due_at = clock_timestamp() where chat_id = %s and kind = %s and state = 'armed'",
        (chat_id, kind),
    )


_MOMENTS = (
    "created_at entered_state_at queued_at first_replied_at ended_at last_at last_customer_at last_agent_at"
    " bot_lease_until idle_due_at idle_warned_at alarmed_at preferred_until rated_at"
).split()
