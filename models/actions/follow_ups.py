"""Keeping a promise: move it, settle it, or keep it by a chat that the agent begins.

A follow-up chat is the one chat that an agent begins: a new chat of the same session, with the
agent as its owner from the start (docs/adr).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee

from models.actions import chat_log, chats, messages, promises
from models.actions.chat_log import agent_author
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.db import atomically, one
from models.errors import Conflict, Invalid, Refused
from models.queries import escalations as read_escalations
from models.queries import promises as read
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.rules import promising
from models.rules.lifecycle import State
from models.tables.chats import Chat, Session
from models.tables.desk import Desk
from models.tables.promises import Promise


@atomically
def move(viewer: Viewer, promise_id: int, **changes: Any) -> None:
    """Another date, another owner, another note; what is left out stays. With a new date it is reminded of anew."""
    chat, promise = _held_for(viewer, promise_id)
    was_owner = promise.owner_id
    desk = Desk.the()
    if (owner_id := changes.get("owner_id", was_owner)) != was_owner:
        promises.require_keeper(owner_id)
        promise.owner = owner_id
    if "due_at" in changes and changes["due_at"] != promise.due_at:
        promise.due_at = promising.due(changes["due_at"], chat_log.db_now(), desk.promise_s)
        promise.warned_at, promise.overdue_told_at = promises.warned_already(promise.due_at, desk), None
    if "note" in changes and changes["note"] != promise.note:
        promise.note = changes["note"]
    if not promise.dirty_fields:
        return
    promise.save(only=promise.dirty_fields)
    promises.record(chat, agent_author(viewer), "moved", promise.note, promise.id)
    promises.tell(promise.id, also_agents=(was_owner,))


@atomically
def extend(viewer: Viewer, promise_id: int, due_at: datetime) -> None:
    """An escalated chat takes longer than its customer was told: another time, and they are told that."""
    chat, promise = _held_for(viewer, promise_id)
    if promise.kind != "escalation":
        raise Invalid("Only what was promised with an escalation is told to the customer.", code="not_an_escalation")
    now = chat_log.db_now()
    promise.due_at = promising.due(due_at, now, 0)
    promise.warned_at, promise.overdue_told_at = promises.warned_already(promise.due_at, Desk.the()), None
    promise.save(only=promise.dirty_fields)
    body = read_escalations.said_to_customer(chat.customer_id, "later", now, expected_at=promise.due_at)
    told = {"expected_at": shapes.moment(promise.due_at)}
    chat_log.change(chat, "promise_extended", agent_author(viewer), body=body, data=told)
    promises.tell(promise.id)


@atomically
def settle(viewer: Viewer, promise_id: int, state: str, note: str) -> None:
    """It was kept by other means, or will not be kept; the note says which."""
    chat, promise = _held_for(viewer, promise_id)
    promises.settle(chat, promise, agent_author(viewer), state, note=note)


def _held_for(viewer: Viewer, promise_id: int) -> tuple[Chat, Promise]:
    """An open promise, locked, that the viewer may change: their own, or anybody's for a supervisor."""
    viewer.require(Permission.CHAT_ANSWER)
    read.see(viewer, promise_id)
    chat, promise = promises.held(promise_id)
    if promise.owner_id != viewer.id and not viewer.may(Permission.CHAT_SUPERVISE):
        raise Refused("This promise is somebody else’s to keep.", code="not_owner")
    return chat, promise


def begin(viewer: Viewer, chat_id: int, *, body: str, client_id: str, promise_id: int | None = None) -> Said:
    """Begin a chat that follows up on an ended one, with its first message; a promise that is named is kept by it.

    The agent must be online and have room. Raises `Conflict` (`already_open`, with the `chat_id`) when the
    customer is in a chat on that channel already.
    """
    try:
        return _begin(viewer, chat_id, body, client_id, promise_id)
    except peewee.IntegrityError:
        return _begin(viewer, chat_id, body, client_id, promise_id)  # the customer wrote meanwhile; it is open now


@atomically
def _begin(viewer: Viewer, chat_id: int, body: str, client_id: str, promise_id: int | None) -> Said:
    viewer.require(Permission.CHAT_ANSWER)
    before = chats.locked_for(viewer, chat_id)
    author = agent_author(viewer)
    if (stored := chat_log.stored(author, client_id)) is not None:
        return Said(stored)
    if before.state != State.ENDED:
        raise chats.moved(before, Conflict("This chat has not ended. Answer in it.", state=before.state))
    promised = _promise_of(viewer, before, promise_id)
    open_chat = one(
        "select id from chat where customer_id = %s and channel_id = %s and state <> 'ended'",
        (before.customer_id, before.channel_id),
    )
    if open_chat is not None:
        raise Conflict(
            "This customer is in a chat already. Answer there.", code="already_open", chat_id=open_chat["id"]
        )
    seat = chats.locked_seat(viewer.id)
    chats.require_room(seat)
    chat = chats.begin(
        before.customer_id,
        before.channel_id,
        session=Session.get_by_id(before.session_id),
        subject=before.first_body,
        team_id=before.team_id,
        previous_chat=before.id,
        reply_by_email=_is_away_with_an_address(before.customer_id),
    )
    chats.give(chat, seat, "follow_up", author=author, by=viewer)
    said = messages.agent_writes(Draft(viewer, author, client_id, body, chat.id))
    if promised is not None:
        promises.settle(*promised, author, "kept", kept_chat_id=chat.id)
    return said


def _promise_of(viewer: Viewer, chat: Chat, promise_id: int | None) -> tuple[Chat, Promise] | None:
    """The promise that is to be kept, locked, with its chat; it must be one of the same session."""
    if promise_id is None:
        return None
    row = read.see(viewer, promise_id)
    if row["session_id"] != chat.session_id:
        raise Invalid("This promise was made in another matter.", fields={"promise_id": ["Of another session."]})
    return promises.held(promise_id)


def _is_away_with_an_address(customer_id: int) -> bool:
    found = one(
        "select 1 as yes from customer s where s.id = %s and s.email is not null and not exists"
        " (select from socket_lease l where l.customer_id = s.id"
        "  and l.seen_at > clock_timestamp() - interval '45 seconds')",
        (customer_id,),
    )
    return found is not None
