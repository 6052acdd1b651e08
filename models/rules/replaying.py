"""What a replayed question came to: fixed or still failing; of a formerly good turn, kept or broken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.rules.answering import Answer, Verdict
from models.rules.turns import Kind

Outcome = Literal["fixed", "failing", "kept", "broken"]


NEW = 0  # the number of an article or a service that is not saved yet
Answered = tuple[Kind, int]  # a service or an article, by its number


@dataclass(frozen=True)
class Asked:
    """What is known of a question that is asked again.

    `good`: what a formerly good turn was answered with. Of a failure: `wanted` is what was made to answer it (nothing:
    any answer will do), `useless` what it was answered with when that was no help.
    """

    good: Answered | None = None
    wanted: frozenset[Answered] = frozenset()
    useless: Answered | None = None


def outcome(verdict: Verdict, asked: Asked) -> Outcome:
    """A question back is no answer, and a sure answer out of something else is none either."""
    sources: set[Answered] = set()
    if isinstance(verdict, Answer) and not verdict.unsure:
        sources = {(kind, number) for kind, number, _ in verdict.sources}
    if asked.good is not None:
        return "kept" if asked.good in sources else "broken"
    helps = sources - {asked.useless}
    return "fixed" if helps and (not asked.wanted or helps & asked.wanted) else "failing"
