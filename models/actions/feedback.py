"""Thumbs on what the bot said: the last word counts, and a thumb down is a failure of that turn."""

from __future__ import annotations

from models.actions import chat_log, failures
from models.actions.chat_log import customer_author
from models.db import atomically, one, run
from models.errors import Invalid
from models.queries import access, bot_turns
from models.queries.access import Visitor


@atomically
def rates_answer(visitor: Visitor, chat_id: int, message_id: int, helped: bool) -> None:
    """The customer says whether one answer of the bot helped, now or after the chat's end. The same again changes nothing.

    Who takes a thumb down back before anybody has looked at it has not reported a failure.
    Raises `Invalid` (`not_an_answer`) for any other message.
    """
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    turn = bot_turns.answered_by(message_id)
    if turn is None or turn.outcome != "answered" or not _of(chat_id, message_id):
        raise Invalid("This is no answer of the bot in this chat.", code="not_an_answer")
    before = one("select helped from answer_feedback where message_id = %s", (message_id,))
    if before is not None and before["helped"] == helped:
        return
    run(
        "insert into answer_feedback (message_id, chat_id, customer_id, helped) values (%s, %s, %s, %s)"
        " on conflict (message_id) do update set helped = excluded.helped, at = clock_timestamp()",
        (message_id, chat_id, visitor.customer_id, helped),
    )
    run("update message set data = data || jsonb_build_object('helped', %s) where id = %s", (helped, message_id))
    chat_log.change(
        chat,
        "answer_rated",
        customer_author(visitor),
        public=False,
        data={"target_id": message_id, "helped": helped},
    )
    if helped:
        failures.take_back(turn)
    else:
        failures.capture_earlier(chat_id, turn, "thumbs_down")


def _of(chat_id: int, message_id: int) -> bool:
    return one("select 1 as yes from message where id = %s and chat_id = %s", (message_id, chat_id)) is not None
