"""An article put together from what people answered: their own sentences, each meaning once. Pure.

Nothing is written that nobody said. A person edits it before anybody reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.rules.grouping import Vector, likeness

MOST_SENTENCES = 8
SAME = 0.75  # cosine from which two sentences say the same
FEWEST_WORDS = 5
TITLE_LENGTH = 120

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_TALK = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks|thank you|sorry|i['’]m sorry|you['’]re welcome|glad|happy to|let me"
    r"|one moment|i['’](?:ve|ll|d)|i (?:have|will|can|just|only)|just tell me|bye|have a)\b",
    re.I,
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of an answer, and whose."""

    text: str
    failure_id: int
    place: int  # in its answer


def sentences(answers: Sequence[tuple[int, str]]) -> list[Sentence]:
    """What of the answers could stand in an article: no greetings, no questions back, nothing about this one customer."""
    found = []
    for failure_id, answer in answers:
        for place, text in enumerate(_SENTENCE.split(answer.strip())):
            said = " ".join(text.split())
            if len(said.split()) >= FEWEST_WORDS and not said.endswith("?") and not _TALK.match(said):
                found.append(Sentence(said, failure_id, place))
    return found


def chosen(said: Sequence[Sentence], vectors: Sequence[Vector]) -> list[Sentence]:
    """The sentences most others agree with, each meaning once, in the order in which they were said."""
    agreed = [sum(likeness(one, other) for other in vectors) / len(vectors) for one in vectors]
    kept: list[int] = []
    for place in sorted(range(len(said)), key=lambda place: (-agreed[place], place)):
        if len(kept) == MOST_SENTENCES:
            break
        if all(likeness(vectors[place], vectors[other]) < SAME for other in kept):
            kept.append(place)
    return [said[place] for place in sorted(kept, key=lambda place: (said[place].place, place))]


def title(label: str) -> str:
    """A question as a heading."""
    text = label.strip()
    return (text[:1].upper() + text[1:])[:TITLE_LENGTH]
