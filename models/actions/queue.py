"""The Support Queue: chats come in and come back, and customers hear their place."""

from __future__ import annotations

from typing import Any

from models import jobs
from models.actions import chat_log, chats, news, timers
from models.actions.chat_log import SYSTEM, Author, Row, agent_author
from models.actions.news import Audience
from models.actions.timers import TimerKind
from models.db import atomically, rows, run
from models.errors import Invalid
from models.jobs import Job
from models.queries import agents, routing, shapes, terms
from models.queries import queue as places
from models.queries.access import Permission, Viewer
from models.queries.terms import Terms
from models.rules import wording
from models.rules.lifecycle import Command, State
from models.rules.routing import decide
from models.rules.waiting import worth_telling
from models.tables.chats import Chat

HIGH = 1  # the priority of somebody who was already with an agent


def enter(
    chat: Chat,
    author: Author = SYSTEM,
    *,
    body: str = wording.LOOKING,
    data: Row | None = None,
    also: Audience = news.NOBODY_ELSE,
    **columns: Any,
) -> None:
    """Put a locked chat into the queue. Its original queue time stays if it has waited before.

    The first time, the routing rules choose its team and how urgent it is.
    While its team is closed it waits without a limit, and its customer is told when somebody will be there.
    Who left an address waits without a limit, too.
    """
    if chat.queued_at is None and not _goes_on(chat):
        routed, said = _routed(chat)
        columns, data = {**columns, **routed}, {**(data or {}), **said}
    holds = terms.in_force(columns.get("team", chat.team_id))
    if not holds.open:
        body, data = _closed(holds), {**(data or {}), "opens_at": shapes.moment(holds.opens_at)}
    chat_log.change(
        chat,
        "queued",
        author,
        body=body,
        data=data,
        also=also,
        state=State.QUEUED,
        queued_at=chat.queued_at or chat_log.db_now(),
        bot_message_id=None,
        bot_lease_until=None,
        idle_due_at=None,
        idle_warned_at=None,
        **columns,
    )
    timers.cancel(chat.id)
    if holds.open and not terms.is_slow(chat):
        timers.arm(TimerKind.QUEUE_MAX, chat.id, holds.queue_max_s)
    news.counts(chat.team_id)
    tell_place(chat)
    jobs.enqueue(Job.ASSIGN_WAITING, chat.team_id or 0)


def _goes_on(chat: Chat) -> bool:
    """Whether this chat comes from an owner, or continues an earlier one with the team of that."""
    return chat.owner_id is not None or (chat.previous_chat_id is not None and chat.team_id is not None)


def _routed(chat: Chat) -> tuple[Row, Row]:
    """What the routing rules make of a chat that is new in the queue: columns, and what its event says of them."""
    rules = routing.stored()
    decision = decide(rules, *routing.inquiry(chat.id, chat.service_id))
    priority = max(chat.priority, decision.priority or 0)
    columns = {"team": decision.team_id, "priority": priority}
    before = {"team": chat.team_id, "priority": chat.priority}
    rule = rules[decision.place] if decision.place is not None else None
    return (
        {name: value for name, value in columns.items() if value != before[name]},
        {"rule": {"id": rule.id, "name": rule.name} if rule is not None else None, "priority": priority},
    )


def tell_place(chat: Chat) -> None:
    """Tell the customer of a locked chat their place in line, if they wait in one."""
    if (place := places.place(chat.id)) is not None:
        news.place(chat.customer_id, place)
        Chat.update(place_told=place["position"]).where(Chat.id == chat.id).execute()


def _closed(holds: Terms) -> str:
    opens_at, hours = holds.opens_at, holds.hours
    if opens_at is None or hours is None:
        return wording.CLOSED
    return wording.closed_until(opens_at.astimezone(hours.zone))


def come_back(
    chat: Chat,
    author: Author,
    how: str,
    *,
    reason: str = "",
    command: Command = Command.RETURN_TO_QUEUE,
    also: Audience = news.NOBODY_ELSE,
) -> None:
    """Return a locked, owned chat with high priority and its original waiting time (T16).

    Who gave it up, or let it drop, comes last when the desk gives it out again.
    """
    chats.guard(chat, command)
    owner = chat.owner_id
    leaving = agents.out(owner)
    chats.close_interval(chat.id, chat_log.db_now())
    chat.avoid_agent = owner
    enter(
        chat,
        author,
        body=wording.LOOKING_AGAIN,
        data={
            "how": how,
            "reason": reason or None,
            "agent": {key: leaving[key] for key in ("id", "name", "hue")},
        },
        also=also,
        owner=None,
        priority=max(chat.priority, HIGH),
    )
    news.agent(owner)
    jobs.enqueue(Job.SWEEP_QUEUE)  # a place is free, for other teams as well
    if author.id != owner:
        news.alert("returned", chat.id, (owner,), supervisors=True)


@atomically
def return_chat(viewer: Viewer, chat_id: int, reason: str = "") -> None:
    """The owner gives a chat back."""
    chat = chats.locked_for(viewer, chat_id)
    chats.guard(chat, Command.RETURN_TO_QUEUE)
    chats.require_owner(viewer, chat)
    come_back(chat, agent_author(viewer), "returned", reason=reason)


@atomically
def move(viewer: Viewer, chat_id: int, team_id: int | None = None, priority: int | None = None) -> None:
    """A supervisor sends an open chat to another team, or changes its priority (T21); what is None stays.

    A chat that waits changes queues; one with an owner keeps them.
    """
    viewer.require(Permission.CHAT_SUPERVISE)
    chat = chats.locked_for(viewer, chat_id)
    chats.guard(chat, Command.FORCE)
    changes: Row = {}
    data: Row = {}
    if team_id is not None and team_id != chat.team_id:
        data["team"] = _team_in_use(team_id)
        changes["team"] = team_id
    if priority is not None and priority != chat.priority:
        data["priority"] = changes["priority"] = priority
    if not changes:
        return
    was_team = chat.team_id
    chat_log.change(chat, "moved", agent_author(viewer), public=False, data=data, **changes)
    if chat.state == State.QUEUED:
        for each in {was_team, chat.team_id}:
            news.counts(each)
        tell_place(chat)
        jobs.enqueue(Job.ASSIGN_WAITING, chat.team_id or 0)


def _team_in_use(team_id: int) -> Row:
    found = rows("select id, name, hue from team where id = %s and archived_at is null for key share", (team_id,))
    if not found:
        sentence = "There is no such team any more."
        raise Invalid(sentence, code="unknown_team", fields={"team_id": [sentence]})
    return found[0]


def return_all(viewer: Viewer) -> int:
    """Give back everything one owns: logging out, or going offline for good. One transaction a chat."""
    owned = rows("select id from chat where owner_id = %s and state = 'active' order by id", (viewer.id,))
    return sum(_return_if_owned(viewer, each["id"]) for each in owned)


@atomically
def _return_if_owned(viewer: Viewer, chat_id: int) -> bool:
    chat = chat_log.locked(chat_id)
    if chat.owner_id != viewer.id or chat.state != State.ACTIVE:
        return False
    come_back(chat, agent_author(viewer), "returned")
    return True


def tell_places() -> int:
    """Tell every waiting customer whose place has changed. Called by a sweep, so a burst costs one round.

    Returns how many were told.
    """
    return sum(_tell_team(team_id) for team_id in places.teams())


@atomically
def _tell_team(team_id: int | None) -> int:
    waits = places.waits_for(team_id)
    found = rows(f"select id, place_told from chat where {waits}", {"team": team_id})
    told = {each["id"]: each["place_told"] for each in found}
    changed = [
        (customer, place)
        for customer, place in places.places(team_id)
        if worth_telling(told.get(place["chat_id"]), place["position"])
    ]
    for customer, place in changed:
        news.place(customer, place)
    if changed:
        run(  # locked by number first, as a batch of messages does: two of them never wait for each other
            "with held as (select id from chat where id = any(%(ids)s) order by id for no key update)"
            " update chat set place_told = v.position"
            " from unnest(%(ids)s::bigint[], %(positions)s::int[]) v(id, position) join held using (id)"
            " where chat.id = v.id and chat.state = 'queued'",
            {
                "ids": [place["chat_id"] for _, place in changed],
                "positions": [place["position"] for _, place in changed],
            },
        )
    return len(changed)
