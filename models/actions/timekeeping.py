"""What falls due, falls here: each timer and each silence settled in a transaction of its own.

A sweep calls `fire_due` every second. Every effect takes the chat's lock first and then
claims its timer, the order everybody keeps; whoever comes second finds it settled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from models.actions import bot, chat_log, chats, news, queue, timers
from models.actions.chat_log import SYSTEM
from models.actions.timers import TimerKind
from models.db import atomically, rows
from models.queries import agents
from models.rules import idle, wording
from models.rules.lifecycle import Command, State
from models.tables.desk import Desk

log = structlog.get_logger()


def fire_due(limit: int = 100) -> int:
    """Settle what has fallen due. One that fails is logged and met again at the next sweep.

    Returns how many had an effect.
    """
    fired = 0
    for timer_id, kind, chat_id in timers.due(limit):
        fired += _attempt(_EFFECTS[kind], timer_id, chat_id)
    for each in rows(
        "select id from chat where idle_due_at <= clock_timestamp() and state <> 'ended' order by idle_due_at limit %s",
        (limit,),
    ):
        fired += _attempt(_falls_idle, each["id"])
    return fired


def _attempt(effect: Callable[..., bool], *ids: int) -> bool:
    try:
        return effect(*ids)
    except Exception:
        log.exception("timer_failed", effect=effect.__name__, ids=ids)
        return False


@atomically
def _queue_expires(timer_id: int, chat_id: int) -> bool:
    """A customer has waited too long: end the chat; the widget offers to leave a message (T8)."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.QUEUED:
        return False
    chats.finish(chat, SYSTEM, "queue_expired", body=wording.QUEUE_EXPIRED)
    return True


@atomically
def _first_reply_is_late(timer_id: int, chat_id: int) -> bool:
    """An owner has not said a word: alert, and by setting give the chat back."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.ACTIVE or chat.first_replied_at is not None:
        return False
    desk = Desk.the()
    news.alert("first_reply_late", chat.id, (chat.owner_id,), seconds=desk.first_reply_s, supervisors=True)
    if desk.first_reply_requeue:
        queue.come_back(chat, SYSTEM, "first_reply_late")
    return True


@atomically
def _owner_is_gone(timer_id: int, chat_id: int) -> bool:
    """The owner's screens stayed dark: back to the queue, unless they are back by now (T16, R-13)."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.ACTIVE:
        return False
    if agents.row(chat.owner_id)["status"] != "offline":
        return False
    queue.come_back(chat, SYSTEM, "owner_gone", command=Command.OWNER_GONE)
    return True


@atomically
def _falls_idle(chat_id: int) -> bool:
    """Silence after an answer: ask once, then close (T19); with the bot, close (T4)."""
    chat = chat_log.locked(chat_id)
    now = chat_log.db_now()
    if chat.state == State.ENDED or chat.idle_due_at is None or chat.idle_due_at > now:
        return False
    if chat.state == State.BOT:
        chats.finish(chat, SYSTEM, "bot_idle", body=wording.BOT_IDLE_ENDED)
        return True
    desk = Desk.the()
    step = idle.idle_step(
        chat.last_author_kind,
        chat.last_customer_at,
        chat.last_agent_at,
        now,
        warn_s=desk.idle_warn_s,
        end_s=desk.idle_end_s,
        warned_at=chat.idle_warned_at,
    )
    if step == "end":
        chats.guard(chat, Command.IDLE_END)
        chats.finish(chat, SYSTEM, "inactivity", body=wording.IDLE_ENDED)
        return True
    if step == "warn":
        chat_log.write(chat, SYSTEM, kind="event", body=wording.STILL_THERE, data={"event": "idle_warning"})
        chat.idle_warned_at = now
        chat.idle_due_at = now + timedelta(seconds=max(1, desk.idle_end_s - desk.idle_warn_s))
    else:
        chat.idle_due_at = None
    chat.save(only=chat.dirty_fields)
    return step is not None


_EFFECTS: Mapping[TimerKind, Callable[[int, int], bool]] = {
    TimerKind.BOT_SILENT: bot.falls_silent,
    TimerKind.QUEUE_MAX: _queue_expires,
    TimerKind.FIRST_REPLY: _first_reply_is_late,
    TimerKind.OWNER_GONE: _owner_is_gone,
}
