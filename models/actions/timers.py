"""Arm and disarm what falls due. A timer is a row; only the database's clock decides.

Whoever arms or cancels holds the chat's lock, and so does whoever fires (`claim`), so a
timer and the thing it would do can never both happen.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from models.db import rows, run


class TimerKind(StrEnum):
    BOT_SILENT = "bot_silent"  # the bot owes an answer
    QUEUE_MAX = "queue_max"  # a customer has waited long enough
    FIRST_REPLY = "first_reply"  # an owner has not said a word yet
    OWNER_GONE = "owner_gone"  # the owner's last screen is dark
    OFFER = "offer"  # the next step of an escalation that nobody took


def arm(kind: TimerKind, chat_id: int, seconds: int) -> None:
    """Arm, or arm anew: at most one timer of a kind waits for a chat."""
    run(
        "insert into timer (kind, chat_id, due_at) values (%s, %s, clock_timestamp() + make_interval(secs => %s))"
        " on conflict (kind, chat_id, agent_id) where state = 'armed' do update set due_at = excluded.due_at",
        (kind, chat_id, seconds),
    )


def arm_at(kind: TimerKind, chat_id: int, due_at: datetime) -> None:
    """The same for a moment that was reckoned from the database's clock."""
    run(
        "insert into timer (kind, chat_id, due_at) values (%s, %s, %s)"
        " on conflict (kind, chat_id, agent_id) where state = 'armed' do update set due_at = excluded.due_at",
        (kind, chat_id, due_at),
    )


def arm_only(kind: TimerKind, chat_id: int, seconds: int) -> None:
    """Arm this timer and disarm every other of the chat. One statement."""
    run(
        "with gone as (update timer set state = 'cancelled', done_at = clock_timestamp()"
        " where chat_id = %(chat)s and state = 'armed' and kind <> %(kind)s)"
        " insert into timer (kind, chat_id, due_at)"
        " values (%(kind)s, %(chat)s, clock_timestamp() + make_interval(secs => %(seconds)s))"
        " on conflict (kind, chat_id, agent_id) where state = 'armed' do update set due_at = excluded.due_at",
        {"kind": kind, "chat": chat_id, "seconds": seconds},
    )


def cancel(chat_id: int, *kinds: TimerKind) -> None:
    """Disarm these kinds for the chat, or all of them when none is named."""
    run(
        "update timer set state = 'cancelled', done_at = clock_timestamp()"
        " where chat_id = %s and state = 'armed' and (%s or kind = any(%s))",
        (chat_id, not kinds, [kind.value for kind in kinds]),
    )


def due(limit: int = 100) -> list[tuple[int, TimerKind, int]]:
    """What has fallen due, oldest first, as (timer id, kind, chat id). Locks nothing: `claim` decides."""
    found = rows(
        "select id, kind, chat_id from timer where state = 'armed' and due_at <= clock_timestamp()"
        " order by due_at limit %s",
        (limit,),
    )
    return [(each["id"], TimerKind(each["kind"]), each["chat_id"]) for each in found]


def claim(timer_id: int) -> bool:
    """Take a due timer, once. Call it with the chat's lock held; False means somebody else settled it."""
    found = rows(
        "update timer set state = 'fired', done_at = clock_timestamp()"
        " where id = %s and state = 'armed' and due_at <= clock_timestamp() returning id",
        (timer_id,),
    )
    return bool(found)
