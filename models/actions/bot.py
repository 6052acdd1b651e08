"""What the bot's answer does to a chat: a reply, or a failed response and the Support Queue.

The worker thinks without writing; it claims a turn here first and brings its verdict
back. Between the two the customer may have written again or got a person: then the
turn is no longer current and the verdict is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.actions import chat_log, chats, failures, queue, timers
from models.actions.chat_log import SYSTEM, bot_author
from models.actions.timers import TimerKind
from models.db import atomically, rows
from models.rules import wording
from models.rules.answering import Answer, Miss
from models.rules.failures import Trigger
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat
from models.tables.desk import Desk
from models.tables.messages import Message

LEASE_S = 8  # an answer takes a second; a worker silent for so long is dead, and there is time for another to answer
MOST_ATTEMPTS = 3  # a message that kills its worker three times goes to a person


@dataclass(frozen=True)
class BotTurn:
    """One message the bot has to answer, with what it needs to know of the chat."""

    chat_id: int
    message_id: int
    text: str
    previous_text: str | None
    misses: int
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
    said = rows(
        "select body from message where chat_id = %s and author_kind = 'customer' and kind = 'text' and id <= %s"
        " order by all_seq desc limit 2",
        (chat.id, message_id),
    )
    return BotTurn(
        chat.id,
        message_id,
        said[0]["body"],
        said[1]["body"] if len(said) > 1 else None,
        chat.bot_misses,
        chat.team_id,
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
    chat.idle_due_at = row["created_at"] + timedelta(seconds=Desk.the().bot_idle_s)
    chat.store()
    timers.cancel(chat.id, TimerKind.BOT_SILENT)
    return True


@atomically
def fails(turn: BotTurn, miss: Miss) -> bool:
    """The bot has no good answer: the failure is kept and the chat enters the queue, together or not at all (T3)."""
    chat = _current(turn)
    if chat is None:
        return False
    if miss.trigger != "asked_for_person":
        failures.capture(
            chat.id,
            turn.message_id,
            miss.text,
            miss.trigger,
            candidates=miss.candidates,
            vector=miss.embedding,
            model_id=miss.model_id,
        )
    chat_log.write(
        chat,
        bot_author(),
        kind="text",
        body=miss.body,
        data={"failed": True} if miss.trigger != "asked_for_person" else {},
    )
    if miss.about != "as before":
        _takes_for(chat, miss.about)
    queue.enter(chat, data={"how": miss.trigger}, bot_misses=chat.bot_misses + 1)
    return True


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
    chat_log.write(chat, bot_author(), kind="text", body=body)
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


def _hand_over(chat: Chat, why: Trigger) -> None:
    """Give a chat whose bot failed to people, keeping what it could not answer."""
    message = Message.get_by_id(chat.bot_message_id)
    failures.capture(chat.id, message.id, message.body, why)
    queue.enter(chat, SYSTEM, data={"how": why})
