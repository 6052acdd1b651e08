"""What the bot answers, or why it does not. Pure: neighbours and bars come in, a verdict goes out.

The embedding finds neighbours (`queries/knowledge.py`), this page weighs them:

* A service is weighed by its three nearest phrasings, together and against its
  rivals: `confidence = (mean of the three + its share of the vote) / 2`. One
  lucky phrasing is not enough, and two services that fit alike give doubt.
* An article is weighed by its nearest passage alone: it has no phrasings.
* Two bars part the answers from the doubts and the doubts from the misses. They
  are measured on the desk's own knowledge (`rules/bars.py`), never guessed.

A doubt asks back once ("Did you mean …"); a second doubt in a row, and any clear
miss, goes to a person. Silence and a confident wrong answer are the two failures
this page exists to avoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Literal, TypedDict

from models.rules import bot_says, small_talk

NEAREST = 3  # phrasings of one service that speak for it
VOTE_TEMPERATURE = 0.05  # how sharply a lead in similarity becomes a share of the vote
TOPICS_ASKED = 3  # services named in "Did you mean …"
CANDIDATES_KEPT = 5  # what an analyst sees beside a failed response

Kind = Literal["service", "article"]
Trigger = Literal["low_confidence", "asked_for_person", "no_knowledge"]
Source = tuple[Kind, int, str]


class Candidate(TypedDict):
    """Something the bot might have answered with, and how near it came (0 to 1)."""

    kind: Kind
    id: int
    title: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What the bot replies. `unsure` marks a question back: it counts as a miss in a row."""

    body: str
    sources: list[Source] = field(default_factory=list)
    quick_replies: list[str] = field(default_factory=list)
    confidence: float = 1.0
    unsure: bool = False


@dataclass(frozen=True)
class Miss:
    """Why a person takes over, what was asked (`text`), and what the customer is told (`body`).

    With `asked_for_person` and no earlier question, `text` is the wish itself:
    nothing went unanswered, and there is nothing for an analyst to repair.
    """

    text: str
    trigger: Trigger
    candidates: list[Candidate] = field(default_factory=list)
    embedding: list[float] | None = None
    body: str = bot_says.HANDING_OVER
