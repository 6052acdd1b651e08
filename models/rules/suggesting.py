"""How far a suggestion may be believed: eleven facts of a cluster, weighed into two probabilities. Pure.

`known`: that something the desk has serves the cluster at all. `first`: that the first
suggestion is the one. Both are logistic in the facts; the weights are learned from the desk's
own services (`workers/grouping/suggesting.py`), and until it has enough of them they are those
that public data gave (`bench/suggesting.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev

FEATURES = (
    "top",  # score of the first suggestion: half mean vote, half mean nearness
    "margin",  # before the second
    "vote",  # mean vote for the first
    "nearness",  # mean of the three nearest phrasings
    "nearest",  # the one member that is nearest of all
    "centre",  # likeness of the middles
    "best_centre",  # of the cluster's middle and the nearest service's, whichever that is
    "agreement",  # share of the members whose own first is the cluster's first
    "cohesion",  # mean likeness of the members to their middle
    "spread",  # entropy of the mean votes, as a share of the greatest possible
    "size",  # logarithm of the members
)
SHOWN = 3
FEWEST_TO_MOVE = 20  # clusters whose facts say what is usual on this desk
NEW_TOPIC = 0.5  # below this chance that something known serves it, a cluster is called a new topic
PASSAGE_HALF, PASSAGE_SLOPE = 0.45, 0.05  # of articles: at a nearness of .52 eight passages in ten are right
MOST_SURE_OF_ARTICLE = 0.9


@dataclass(frozen=True)
class Logistic:
    """A probability from the facts: standardised, weighed, summed."""

    middle: Sequence[float]
    scale: Sequence[float]
    weights: Sequence[float]
    bias: float

    def __call__(self, facts: Sequence[float]) -> float:
        lean = self.bias + sum(
            weight * (fact - middle) / scale
            for weight, fact, middle, scale in zip(self.weights, facts, self.middle, self.scale, strict=True)
        )
        return 1 / (1 + math.exp(-min(max(lean, -30.0), 30.0)))


@dataclass(frozen=True)
class Calibrator:
    known: Logistic
    first: Logistic

    def to_json(self) -> dict[str, dict[str, object]]:
        return {name: dict(vars(getattr(self, name))) for name in ("known", "first")}

    def moved(self, facts: Sequence[Sequence[float]]) -> Calibrator:
        """The same weights on the scale of the clusters there are: those of the game are smaller and tighter."""
        if len(facts) < FEWEST_TO_MOVE:
            return self
        columns = list(zip(*facts, strict=True))
        middle = [fmean(column) for column in columns]
        scale = [max(pstdev(column), 1e-6) for column in columns]
        return Calibrator(
            replace(self.known, middle=middle, scale=scale), replace(self.first, middle=middle, scale=scale)
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Mapping[str, object]]) -> Calibrator:
        return cls(Logistic(**kept["known"]), Logistic(**kept["first"]))  # type: ignore[arg-type]


_MIDDLE = (0.371, 0.072, 0.239, 0.504, 0.567, 0.602, 0.610, 0.634, 0.871, 0.724, 1.407)
_SCALE = (0.072, 0.065, 0.100, 0.081, 0.085, 0.114, 0.111, 0.247, 0.038, 0.093, 0.222)
DEFAULT = Calibrator(
    Logistic(_MIDDLE, _SCALE, (0.673, 0.055, 0.225, 0.047, 0.077, 0.029, -0.008, -0.351, 0.346, -0.254, -0.292), 0.354),
    Logistic(
        _MIDDLE, _SCALE, (1.015, 0.036, 0.674, -0.282, 0.027, -0.346, 0.375, -0.102, 0.279, 0.470, -0.249), -0.556
    ),
)
"""For a desk with too few services to learn from: fitted on the clusters of two public sets, CLINC150 and BANKING77."""


def confidences(known: float, first: float, scores: Sequence[float]) -> list[float]:
    """How likely each of the ranked suggestions is the one: what the first leaves of `known` is shared by score."""
    first = min(first, known)
    others = [max(score, 0.0) for score in scores[1:]]
    left = known - first
    return [first, *(left * score / sum(others) if sum(others) else 0.0 for score in others)][: len(scores)]


def article_confidence(nearness: float) -> float:
    """The same for an article, from how near its passages are on average."""
    return min(MOST_SURE_OF_ARTICLE, 1 / (1 + math.exp(-(nearness - PASSAGE_HALF) / PASSAGE_SLOPE)))
