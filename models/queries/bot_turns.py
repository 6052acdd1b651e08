"""What the bot has said in a chat, turn by turn."""

from __future__ import annotations

from typing import Any

from models.db import rows
from models.queries.knowledge import numbers
from models.rules.failures import TURNS_LOOKED_BACK
from models.rules.learned import Reading
from models.rules.turns import Earlier, Kind

_TURNS = """
select message_id, question, outcome, reply_id, service_id, article_id, candidates, model_id, embedding::text as vector
from bot_turn where """


def before(chat_id: int, message_id: int | None = None) -> list[Earlier]:
    """The bot's last turns in a chat, newest first; with `message_id`, those before that message of the customer's."""
    found = rows(
        _TURNS + "chat_id = %(chat)s and (%(message)s::bigint is null or message_id < %(message)s)"
        " order by message_id desc limit %(most)s",
        {"chat": chat_id, "message": message_id, "most": TURNS_LOOKED_BACK},
    )
    return [_turn(each) for each in found]


def answered_by(reply_id: int) -> Earlier | None:
    """The turn that one message of the bot was the answer in."""
    found = rows(_TURNS + "reply_id = %(reply)s", {"reply": reply_id})
    return _turn(found[0]) if found else None


def _turn(row: dict[str, Any]) -> Earlier:
    source: tuple[Kind, int] | None = None
    if row["service_id"] is not None:
        source = ("service", row["service_id"])
    elif row["article_id"] is not None:
        source = ("article", row["article_id"])
    return Earlier(
        row["message_id"],
        row["question"],
        row["outcome"],
        row["reply_id"],
        source,
        row["candidates"],
        Reading(numbers(row["vector"]), row["model_id"]) if row["model_id"] is not None else None,
    )
