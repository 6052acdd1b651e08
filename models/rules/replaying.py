"""What a replayed question came to: fixed or still failing; of a formerly good turn, kept or broken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.rules.answering import Answer, Verdict

Outcome = Literal["fixed", "failing", "kept", "broken"]


@dataclass(frozen=True)
class Expected:
    """What a formerly good turn was answered with: a service or an article."""

    service_id: int | None
    article_id: int | None


def outcome(verdict: Verdict, expected: Expected | None) -> Outcome:
    """A failure is fixed by an answer out of a service or an article; a question back is none.

    A good turn is kept when the same service or article answers it.
    """
    answered = isinstance(verdict, Answer) and not verdict.unsure and bool(verdict.sources)
    if expected is None:
        return "fixed" if answered else "failing"
    if not answered:
        return "broken"
    assert isinstance(verdict, Answer)
    wanted = ("service", expected.service_id) if expected.service_id is not None else ("article", expected.article_id)
    return "kept" if wanted in {(kind, number) for kind, number, _ in verdict.sources} else "broken"
