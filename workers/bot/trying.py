"""Questions that people of the desk try on the bot: thought about like a customer's, and nothing comes of it."""

from __future__ import annotations

from typing import Any

from models.actions import trials
from models.queries import knowledge
from models.rules.answering import Answer, Miss, Said, Verdict
from workers.bot.answering import answer
from workers.embedding import ModelMissing


def take(trial_id: int) -> None:
    """Answer one trial. Leaves quietly when it was answered already."""
    question = trials.question(trial_id)
    if question is None:
        return
    try:
        trials.answer(trial_id, verdict=_told(answer(Said(question))))
    except ModelMissing as missing:
        trials.answer(trial_id, fault=str(missing))


def take_open() -> None:
    for trial_id in trials.open_ones():
        take(trial_id)


def _told(verdict: Verdict) -> dict[str, Any]:
    """The verdict as `BotTrialVerdict` has it."""
    bars = knowledge.bars()
    told: dict[str, Any] = {
        "outcome": "person",
        "body": verdict.body,
        "quick_replies": [],
        "sources": [],
        "confidence": None,
        "sure": bars.sure,
        "doubt": bars.doubt,
        "candidates": [],
    }
    match verdict:
        case Answer():
            told |= {
                "outcome": "handed_over" if verdict.hands_over else verdict.outcome,
                "quick_replies": verdict.quick_replies,
                "sources": [{"kind": kind, "id": number, "title": title} for kind, number, title in verdict.sources],
                "confidence": None if verdict.outcome == "small_talk" else round(verdict.confidence, 3),
                "candidates": verdict.candidates,
            }
        case Miss():
            told |= {"candidates": verdict.candidates}
    return told
