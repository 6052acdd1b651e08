"""The bot's turn in a chat: claim it, think, and hand the verdict back."""

from __future__ import annotations

import structlog

from models.actions import bot
from models.rules.answering import Answer, Miss, Said, Settled
from workers.bot.answering import answer
from workers.embedding import ModelMissing

log = structlog.get_logger()

SWEPT = 20  # at a time: half a second of thinking, so a nudge never waits long behind a sweep


def take(message_id: int) -> None:
    """Answer one message, or hand its chat to a person. Leaves quietly when the turn is not ours."""
    turn = bot.claim(message_id)
    if turn is None:
        return
    try:
        verdict = answer(Said(turn.text, turn.earlier))
    except ModelMissing as missing:
        held = bot.gives_up(turn)
        log.warning("bot_without_model", chat_id=turn.chat_id, message_id=message_id, fault=str(missing), held=held)
        return
    match verdict:
        case Answer():
            held = bot.replies(turn, verdict)
            outcome: str = verdict.outcome
        case Settled():
            held, outcome = bot.resolves(turn, verdict.body), "settled"
        case Miss():
            held, outcome = bot.fails(turn, verdict), verdict.trigger
    log.info("bot_turn", chat_id=turn.chat_id, message_id=message_id, outcome=outcome, held=held)


def take_due() -> None:
    """Answer what was never nudged, or whose worker died. One that fails does not hold up the rest."""
    for message_id in bot.due(SWEPT):
        try:
            take(message_id)
        except Exception:  # logged; its lease runs out and it is met again
            log.exception("bot_turn_failed", message_id=message_id)
