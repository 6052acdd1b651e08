"""What the bot's answer does to a chat: a reply, or a failed response and the Support Queue.

The worker thinks without writing; it claims a turn here first and brings its verdict
back. Between the two the customer may have written again or got a person: then the
turn is no longer current and the verdict is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.actions import chat_log, chats, failures, queue, timers
from models.actions.chat_log import SYSTEM, bot_author
from models.actions.timers import TimerKind
from models.db import as_json, atomically, rows, run
from models.queries import bot_turns, terms
from models.queries.knowledge import VERSION, literal
from models.rules import wording
from models.rules.answering import Answer, Miss, Settled
from models.rules.defaults import DEFAULTS
from models.rules.failures import Trigger
from models.rules.lifecycle import Command, State
from models.rules.turns import Earlier
from models.tables.chats import Chat
from models.tables.desk import Desk
from models.tables.messages import Message

LEASE_S = 8  # an answer takes a second; a worker silent for so long is dead, and there is time for another to answer
MOST_ATTEMPTS = 3  # a message that kills its worker three times goes to a person

# A service or an article that somebody removed while the bot was thinking is none.
_NOTE = f"""
insert into bot_turn (message_id, chat_id, reply_id, outcome, question, service_id, article_id, confidence, candidates,
                      bot_version, model_id, embedding)
values (%(message)s, %(chat)s, %(reply)s, %(outcome)s, %(question)s,
        (select id from service where id = %(service)s), (select id from article where id = %(article)s), %(confidence)s,
        %(candidates)s, ({VERSION}), %(model)s, %(vector)s::vector)
on conflict (message_id) do nothing
"""


@dataclass(frozen=True)
class BotTurn:
    """One message the bot has to answer, with what it needs to know of the chat."""

    chat_id: int
    message_id: int
    text: str
    earlier: Sequence[Earlier]
    team_id: int | None


def due(limit: int = 50) -> list[int]:
    """Messages that wait for the bot and that no live worker has claimed."""
    found = rows(
        "select bot_message_id as id from chat where state = 'bot' and bot_message_id is not null"
        " and (bot_lease_until is null or bot_lease_until < clock_timestamp()) order by last_customer_at limit %s",
        (limit,),
    )
    return [each["id"] for each in found]


@atomically
def claim(message_id: int) -> BotTurn | None:
    """Take the turn for this message: None when it is answered, replaced, or in other hands.

    The attempt is counted before the work, so a message that kills workers is found out
    and handed to a person.
    """
    chat: Chat | None = Chat.select().where(Chat.bot_message_id == message_id).for_update().first()
    now = chat_log.db_now()
    if chat is None or chat.state != State.BOT or (chat.bot_lease_until and chat.bot_lease_until > now):
        return None
    if chat.bot_attempts >= MOST_ATTEMPTS:
        _hand_over(chat, "bot_failed")
        return None
    chat.bot_attempts += 1
    chat.bot_lease_until = now + timedelta(seconds=LEASE_S)
    chat.store()
    return BotTurn(
        chat.id, message_id, Message.get_by_id(message_id).body, bot_turns.before(chat.id, message_id), chat.team_id
    )


def _current(turn: BotTurn) -> Chat | None:
    """The turn's chat, locked, if the bot still owes exactly this answer."""
    chat = chat_log.locked(turn.chat_id)
    return chat if chat.state == State.BOT and chat.bot_message_id == turn.message_id else None


@atomically
def replies(turn: BotTurn, answer: Answer) -> bool:
    """The bot answers. False when the turn has passed meanwhile."""
    chat = _current(turn)
    if chat is None:
        return False
    data = {
        "sources": [{"kind": kind, "id": number, "title": title} for kind, number, title in answer.sources],
        "quick_replies": list(answer.quick_replies),
    }
    row = chat_log.write(chat, bot_author(), kind="text", body=answer.body, data=data)
    chat.bot_message_id = chat.bot_lease_until = None
    chat.bot_attempts = 0
    chat.bot_misses = chat.bot_misses + 1 if answer.unsure else 0
    if answer.service_id is not None:
        _takes_for(chat, answer.service_id)
    _note(turn, answer, row["id"])
    if answer.again is not None:
        failures.capture_earlier(chat.id, answer.again, "asked_again")
    if answer.hands_over:
        queue.enter(chat, data={"how": "service"}, bot_misses=0)
        return True
    quiet_s = Desk.the().bot_idle_s
    if not terms.is_live(chat.channel_id):
        quiet_s = max(quiet_s, int(DEFAULTS.idle_end_async.total_seconds()))
    chat.idle_due_at = row["created_at"] + timedelta(seconds=quiet_s)
    chat.store()
    timers.cancel(chat.id, TimerKind.BOT_SILENT)
    return True


@atomically
def fails(turn: BotTurn, miss: Miss) -> bool:
    """The bot has no good answer: the failure is kept and the chat enters the queue, together or not at all (T3)."""
    chat = _current(turn)
    if chat is None:
        return False
    missed = miss.trigger != "asked_for_person"
    row = chat_log.write(chat, bot_author(), kind="text", body=miss.body, data={"failed": True} if missed else {})
    if missed and miss.of is None:  # this very turn, and not one before it
        _note(turn, miss, row["id"])
    _keep_failure(turn, miss)
    if miss.about != "as before":
        _takes_for(chat, miss.about)
    queue.enter(chat, data={"how": miss.trigger}, bot_misses=chat.bot_misses + 1)
    return True


def _keep_failure(turn: BotTurn, miss: Miss) -> None:
    """What failed: this turn, or the one before it that the customer turned away from."""
    if miss.again is not None:
        failures.capture_earlier(turn.chat_id, miss.again, "asked_again")
    if miss.trigger == "asked_for_person":
        return
    if miss.of is not None:
        failures.capture_earlier(turn.chat_id, miss.of, miss.trigger)
    else:
        failures.capture(
            turn.chat_id,
            turn.message_id,
            miss.text,
            miss.trigger,
            candidates=miss.candidates,
            reading=miss.reading,
        )


def _note(turn: BotTurn, verdict: Answer | Miss | Settled, reply_id: int) -> None:
    """One row for each message the bot has dealt with."""
    reading = verdict.reading if not isinstance(verdict, Settled) else None
    found: dict[str, Any] = {"outcome": "settled", "question": turn.text}
    if isinstance(verdict, Miss):
        found = {"outcome": "missed", "question": verdict.text, "candidates": verdict.candidates}
    if isinstance(verdict, Answer):
        found = {
            "outcome": verdict.outcome,
            "question": verdict.question or turn.text,
            "service": verdict.service_id,
            "article": verdict.article_id,
            "confidence": verdict.confidence,
            "candidates": verdict.candidates,
        }
    run(
        _NOTE,
        {
            "service": None,
            "article": None,
            "confidence": None,
            **found,
            "message": turn.message_id,
            "chat": turn.chat_id,
            "reply": reply_id,
            "candidates": as_json(found.get("candidates", [])),
            "model": reading.model_id if reading else None,
            "vector": literal(reading.vector) if reading else None,
        },
    )


def _takes_for(chat: Chat, service_id: Any) -> None:
    """Which service the chat is about, as far as the bot can tell; routing asks for it."""
    found = rows("select id from service where id = %s for key share", (service_id,))
    chat.service = found[0]["id"] if found else None  # somebody may have removed it while the bot was thinking


@atomically
def resolves(turn: BotTurn, body: str) -> bool:
    """The customer says the answer helped: the chat ends there (T4)."""
    chat = _current(turn)
    if chat is None:
        return False
    row = chat_log.write(chat, bot_author(), kind="text", body=body)
    _note(turn, Settled(body), row["id"])
    chats.guard(chat, Command.BOT_RESOLVE)
    chats.finish(chat, SYSTEM, "bot_resolved", body=wording.BOT_SOLVED)
    return True


@atomically
def falls_silent(timer_id: int, chat_id: int) -> bool:
    """The bot's time is up: never silence, a person takes over."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id) or chat.state != State.BOT or chat.bot_message_id is None:
        return False
    _hand_over(chat, "bot_silent")
    return True


@atomically
def gives_up(turn: BotTurn) -> bool:
    """The bot cannot think at all: a person takes over at once. False when the turn has passed meanwhile."""
    chat = _current(turn)
    if chat is None:
        return False
    _hand_over(chat, "bot_failed")
    return True


def _hand_over(chat: Chat, why: Trigger) -> None:
    """Give a chat whose bot failed to people, keeping what it could not answer."""
    message = Message.get_by_id(chat.bot_message_id)
    failures.capture(chat.id, message.id, message.body, why)
    queue.enter(chat, SYSTEM, data={"how": why})
