"""What the bot said before in a chat, and how one can tell that it was no help. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from models.rules.failures import SAME_QUESTION, TURNS_LOOKED_BACK, Trigger
from models.rules.learned import Reading

Kind = Literal["service", "article"]
Outcome = Literal["answered", "asked_back", "asked_which", "small_talk", "settled", "missed"]


class Candidate(TypedDict):
    """Something the bot might have answered with, and how near it came (0 to 1)."""

    kind: Kind
    id: int
    title: str
    score: float


@dataclass(frozen=True)
class Earlier:
    """A turn of the bot that is over: the customer's message, what was looked up, and what came of it."""

    message_id: int
    question: str
    outcome: Outcome
    reply_id: int | None = None
    source: tuple[Kind, int] | None = None
    candidates: Sequence[Candidate] = ()
    reading: Reading | None = None

    @property
    def unsure(self) -> bool:
        return self.outcome in ("asked_back", "asked_which")


def let_down(last: Earlier | None) -> Trigger | None:
    """Why the customer now wishes for a person, as far as the bot has given a reason; None where it has not."""
    if last is None:
        return None
    if last.unsure:
        return "clarification_refused"
    return "person_after_answer" if last.outcome == "answered" else None


def repeated(earlier: Sequence[Earlier], reading: Reading | None) -> Earlier | None:
    """The answered turn, of the last few, whose question this is in other words."""
    if reading is None:
        return None
    for turn in earlier[:TURNS_LOOKED_BACK]:
        if turn.outcome == "answered" and turn.reading is not None and likeness(turn.reading, reading) >= SAME_QUESTION:
            return turn
    return None


def likeness(one: Reading, other: Reading) -> float:
    """The cosine of two vectors of one model, which has made them one long; 0 for those of two models."""
    if one.model_id != other.model_id:
        return 0.0
    return sum(a * b for a, b in zip(one.vector, other.vector, strict=True))
