"""What falls due, falls here: each timer and each silence settled in a transaction of its own.

A sweep calls `fire_due` every second. Every effect takes the chat's lock first and then
claims its timer, the order everybody keeps; whoever comes second finds it settled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from models import jobs
from models.actions import bot, chat_log, chats, news, offer_course, promises, queue, timers
from models.actions.chat_log import SYSTEM
from models.actions.timers import TimerKind
from models.channels.known import LIVE
from models.db import atomically, one, rows
from models.jobs import Job
from models.queries import agents, terms
from models.rules import idle, wording
from models.rules.delivering import REACHED
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat

log = structlog.get_logger()

LOOK_AGAIN_S = 3600
"""A silent chat that is kept open for our own sake is looked at again after so long."""


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
    return fired + _look_after_those_who_wait(limit) + promises.remind(limit)


def _look_after_those_who_wait(limit: int) -> int:
    """Whose desk has opened, and who has waited so long that supervisors are called. Closed teams rest.

    A chat waits "long" from its queue time, the last call, or the opening of the desk, whichever came last:
    the morning does not begin with an alarm for everybody who wrote in the night.
    """
    holds = {team_id: each for team_id, each in terms.of_waiting().items() if each.open}
    if not holds:
        return 0
    params = {
        "teams": [team_id or 0 for team_id in holds],
        "alarms": [each.alarm_wait_s for each in holds.values()],
        "since": [each.open_since for each in holds.values()],
        "limit": limit,
        "live": list(LIVE),
    }
    waiting = (
        "from chat c join unnest(%(teams)s::bigint[], %(alarms)s::int[], %(since)s::timestamptz[]) o(team, alarm_s, since)"
        " on coalesce(c.team_id, 0) = o.team where c.state = 'queued'"
    )
    opened = rows(
        f"select c.id {waiting} and not c.reply_by_email and exists"
        " (select from channel h where h.id = c.channel_id and h.kind = any(%(live)s)) and not exists"
        " (select from timer t where t.chat_id = c.id and t.kind = 'queue_max' and t.state = 'armed')"
        " order by c.queued_at limit %(limit)s",
        params,
    )
    long = rows(
        f"select c.id {waiting} and greatest(c.queued_at, c.alarmed_at, o.since) + make_interval(secs => o.alarm_s)"
        " <= clock_timestamp() order by c.queued_at limit %(limit)s",
        params,
    )
    return sum(_attempt(_desk_opens, each["id"]) for each in opened) + sum(
        _attempt(_waits_long, each["id"]) for each in long
    )


@atomically
def _desk_opens(chat_id: int) -> bool:
    """Somebody waited for a closed desk: from now on like everybody else, at the place they came to."""
    chat = chat_log.locked(chat_id)
    holds = terms.in_force(chat.team_id)
    if chat.state != State.QUEUED or terms.is_slow(chat) or not holds.open:
        return False
    timers.arm(TimerKind.QUEUE_MAX, chat.id, holds.queue_max_s)
    queue.tell_place(chat)
    jobs.enqueue(Job.ASSIGN_WAITING, chat.team_id or 0)
    return True


@atomically
def _waits_long(chat_id: int) -> bool:
    """Nobody has taken a chat for too long: call the supervisors, and again each time as long has passed."""
    chat = chat_log.locked(chat_id)
    holds = terms.in_force(chat.team_id)
    if chat.state != State.QUEUED or not holds.open:
        return False
    counted_from = max(filter(None, (chat.queued_at, chat.alarmed_at, holds.open_since)))
    if holds.now < counted_from + timedelta(seconds=holds.alarm_wait_s):
        return False
    chat.alarmed_at = holds.now
    chat.store()
    waited = int((holds.now - chat.queued_at).total_seconds())
    news.alert("waiting_long", chat.id, (), seconds=waited, supervisors=True)
    return True


def _attempt(effect: Callable[..., bool], *ids: int) -> bool:
    try:
        return effect(*ids)
    except Exception:
        log.exception("timer_failed", effect=effect.__name__, ids=ids)
        return False


@atomically
def _queue_expires(timer_id: int, chat_id: int) -> bool:
    """A customer has waited too long: end the chat; the widget offers to leave a message (T8).

    Not while the desk is closed: who was still waiting then is served when it opens.
    """
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.QUEUED:
        return False
    holds = terms.in_force(chat.team_id)
    if terms.is_slow(chat) or not holds.open:
        return False
    chats.finish(chat, SYSTEM, "queue_expired", body=wording.QUEUE_EXPIRED)
    return True


@atomically
def _first_reply_is_late(timer_id: int, chat_id: int) -> bool:
    """An owner has not said a word: alert, and by setting give the chat back."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.ACTIVE or _has_spoken(chat):
        return False
    holds = terms.in_force(chat.team_id)
    news.alert("first_reply_late", chat.id, (chat.owner_id,), seconds=holds.first_reply_s, supervisors=True)
    if holds.first_reply_requeue:
        queue.come_back(chat, SYSTEM, "first_reply_late")
    return True


def _has_spoken(chat: Chat) -> bool:
    """Whether the owner has said a word since the chat became theirs."""
    since = rows("select from_at from assignment where chat_id = %s and to_at is null", (chat.id,))
    return bool(since and chat.last_agent_at is not None and chat.last_agent_at >= since[0]["from_at"])


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
    holds, slow = terms.in_force(chat.team_id), terms.is_slow(chat)
    following = idle.idle_due(
        chat.last_author_kind,
        chat.last_customer_at,
        chat.last_agent_at,
        warn_s=None if slow else holds.idle_warn_s,
        end_s=holds.idle_end_async_s if slow else holds.idle_end_s,
        warned_at=chat.idle_warned_at,
    )
    if following is None or following[1] > now:  # it is the customer who waits, or the desk gives more time by now
        chat.idle_due_at = following[1] if following else None
        chat.store()
        return False
    if following[0] == "end":
        if slow and (until := _owed_until(chat)) is not None:
            chat.idle_due_at = max(until, now + timedelta(seconds=LOOK_AGAIN_S))
            chat.store()
            return False
        chats.guard(chat, Command.IDLE_END)
        chats.finish(chat, SYSTEM, "inactivity", body=wording.IDLE_ENDED)
        return True
    chat_log.write(chat, SYSTEM, kind="event", body=wording.STILL_THERE, data={"event": "idle_warning"})
    chat.idle_warned_at = now
    chat.idle_due_at = now + timedelta(seconds=max(1, holds.idle_end_s - holds.idle_warn_s))
    chat.store()
    return True


def _owed_until(chat: Chat) -> datetime | None:
    """Until when a slow chat is no silence of its customer's: we promised them a word, or our last one has not got out.

    None: they owe us an answer.
    """
    found = one(
        "select (select max(due_at) from promise where chat_id = %(chat)s and state = 'open') as promised,"
        " (select d.state <> all(%(reached)s) from delivery d join message m on m.id = d.message_id"
        "  where d.chat_id = %(chat)s and m.author_kind = 'agent' and m.kind = 'text' order by d.pub_seq desc limit 1) as stuck",
        {"chat": chat.id, "reached": [each.value for each in REACHED]},
    )
    assert found is not None
    promised: datetime | None = found["promised"]
    return promised or (chat_log.db_now() if found["stuck"] else None)


_EFFECTS: Mapping[TimerKind, Callable[[int, int], bool]] = {
    TimerKind.BOT_SILENT: bot.falls_silent,
    TimerKind.QUEUE_MAX: _queue_expires,
    TimerKind.FIRST_REPLY: _first_reply_is_late,
    TimerKind.OWNER_GONE: _owner_is_gone,
    TimerKind.OFFER: offer_course.falls_due,
}
