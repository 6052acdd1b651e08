"""What the desk already has that may serve a cluster, and how sure that is.

The calibrator is trained by playing the desk to itself: three services in ten are hidden, the
bot learns the others from a part of their phrasings and is asked the rest; what it fails on is
clustered, and of every cluster it is known what it was about. What analysts chose counts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from models.rules.answering import NEAREST, confidence
from models.rules.suggesting import FEATURES, Calibrator, Logistic
from workers.bot import learning
from workers.grouping import geometry
from workers.grouping.geometry import Labels as Places
from workers.grouping.geometry import Matrix

DRAWS = 16
HIDDEN = 0.3
ASKED = 0.4  # of each service's phrasings, held out as questions
MISSED = 0.15  # quantile of right answers' confidence that the bot must reach: what is below fails
ALIKE = 0.55
FEWEST_LESSONS = 40  # clusters to learn from; with fewer the weights of public data are better
EVEN = 0.5
LARGE = 5  # members from which a cluster is simply large: those of the game are small
DECISION_WEIGHT = 3.0


@dataclass(frozen=True)
class Known:
    """Services by their phrasings: unit vectors, whose each is, and what was learned of them."""

    vectors: Matrix
    owners: Places  # 0 … count - 1
    count: int
    weights: np.ndarray[Any, np.dtype[np.float64]]
    biases: np.ndarray[Any, np.dtype[np.float64]]

    @classmethod
    def taught(cls, vectors: Matrix, owners: Places, count: int) -> Known:
        weights, biases = learning.fit(vectors.astype(np.float64), owners, count)
        return cls(vectors, owners, count, weights, biases)

    def weigh(self, questions: Matrix) -> tuple[Matrix, Matrix]:
        """For each question (row) and service (column): the vote, and the nearness."""
        lean = questions @ self.weights.T + self.biases
        share = np.exp(lean - lean.max(axis=1, keepdims=True))
        votes = share / share.sum(axis=1, keepdims=True)
        likeness = questions @ self.vectors.T
        nearness = np.zeros_like(votes)
        for service in range(self.count):
            own = likeness[:, self.owners == service]
            if own.shape[1]:
                few = min(NEAREST, own.shape[1])
                nearness[:, service] = np.partition(own, -few, axis=1)[:, -few:].mean(axis=1)
        return votes, nearness

    def middles(self) -> Matrix:
        found = np.zeros((self.count, self.vectors.shape[1]), np.float32)
        for service in range(self.count):
            own = self.vectors[self.owners == service]
            if len(own):
                found[service] = own.mean(axis=0)
        return geometry.normalised(found)


@dataclass(frozen=True)
class Ranked:
    """Services for one cluster, best first, with their scores; and the facts a calibrator weighs."""

    services: list[int]
    scores: list[float]
    facts: list[float]


def rank(members: Matrix, known: Known, middles: Matrix, most: int = 3) -> Ranked:
    votes, nearness = known.weigh(members)
    mean_votes, mean_nearness = votes.mean(axis=0), nearness.mean(axis=0)
    scores = 0.5 * mean_votes + 0.5 * mean_nearness
    order = np.argsort(-scores, kind="stable")[:most]
    top = int(order[0])
    middle = geometry.normalised(members.mean(axis=0, keepdims=True))[0]
    centres = middles @ middle
    own = (0.5 * votes + 0.5 * nearness).argmax(axis=1)
    spread = -(mean_votes * np.log(np.maximum(mean_votes, 1e-12))).sum() / max(np.log(len(mean_votes)), 1e-9)
    facts = {
        "top": scores[top],
        "margin": scores[top] - (scores[order[1]] if len(order) > 1 else 0.0),
        "vote": mean_votes[top],
        "nearness": mean_nearness[top],
        "nearest": nearness[:, top].max(),
        "centre": centres[top],
        "best_centre": centres.max(),
        "agreement": (own == top).mean(),
        "cohesion": (members @ middle).mean(),
        "spread": spread,
        "size": np.log(min(len(members), LARGE)),
    }
    return Ranked(order.tolist(), scores[order].tolist(), [float(facts[name]) for name in FEATURES])


# --- the calibrator --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lessons:
    """Facts of clusters, whether something known served them, and whether it came first; how much each counts."""

    facts: list[list[float]]
    known: list[bool]
    first: list[bool]
    weights: list[float]


@threadpool_limits.wrap(limits=1)
def simulated(vectors: Matrix, owners: Places, draws: int = DRAWS) -> Lessons:
    """Clusters of failures as this desk's own services would bring them forth, some of the services hidden."""
    lessons = Lessons([], [], [], [])
    chance = np.random.default_rng(0)
    services = np.unique(owners)
    if len(services) < 4:
        return lessons
    for _ in range(draws):
        hidden = chance.choice(services, max(1, round(HIDDEN * len(services))), replace=False)
        asked = np.zeros(len(owners), bool)
        for service in services:
            own = np.flatnonzero(owners == service)
            asked[chance.choice(own, round(ASKED * len(own)), replace=False)] = True
        concealed = np.isin(owners, hidden)
        taught = ~asked & ~concealed
        numbers = np.unique(owners[taught])
        known = Known.taught(vectors[taught], np.searchsorted(numbers, owners[taught]), len(numbers))
        _play(vectors, owners, np.flatnonzero(asked & ~concealed), np.flatnonzero(concealed), known, numbers, lessons)
    return lessons


def _play(
    vectors: Matrix,
    owners: Places,
    asked: Places,
    foreign: Places,
    known: Known,
    numbers: Places,
    lessons: Lessons,
) -> None:
    failed = failures(vectors, owners, asked, foreign, known, numbers)
    failed = _balanced(failed, np.isin(failed, asked))
    middles = known.middles()
    labels = geometry.average_linkage(vectors[failed], ALIKE)
    for label in np.unique(labels):
        members = failed[labels == label]
        if len(members) < 2:
            continue
        about = np.bincount(owners[members]).argmax()
        ranked = rank(vectors[members], known, middles)
        lessons.facts.append(ranked.facts)
        lessons.known.append(bool(np.isin(about, numbers)))
        lessons.first.append(bool(numbers[ranked.services[0]] == about))
        lessons.weights.append(1.0)


def _balanced(failed: Places, is_known: np.ndarray[Any, np.dtype[np.bool_]]) -> Places:
    """As many of what is known as of what is not: how many are new in truth nobody can know beforehand."""
    chance = np.random.default_rng(len(failed))
    halves = [chance.permutation(failed[is_known]), chance.permutation(failed[~is_known])]
    few = min(map(len, halves))
    return np.concatenate([half[:few] for half in halves])


def failures(
    vectors: Matrix,
    owners: Places,
    asked: Places,
    foreign: Places,
    known: Known,
    numbers: Places,
) -> Places:
    """Which questions the bot would not have answered, at the bar that its right answers set."""
    sure, right = sureness(vectors[asked], known, numbers, owners[asked])
    bar = float(np.quantile(sure[right], MISSED)) if right.any() else 1.0
    outside, _ = sureness(vectors[foreign], known, numbers, owners[foreign])
    return np.concatenate([asked[sure < bar], foreign[outside < bar]])


def sureness(
    questions: Matrix,
    known: Known,
    numbers: Places,
    owners: Places,
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.bool_]]]:
    """How sure the bot is of its first guess for each question, and whether that is right."""
    if not len(questions):
        return np.zeros(0), np.zeros(0, bool)
    votes, nearness = known.weigh(questions)
    weighed = np.vectorize(confidence)(votes, nearness)
    return weighed.max(axis=1), numbers[weighed.argmax(axis=1)] == owners


@dataclass(frozen=True)
class Trained:
    calibrator: Calibrator
    auroc: float | None  # known against new, on a third of the lessons held out
    ece: float | None


@threadpool_limits.wrap(limits=1)
def train(lessons: Lessons) -> Trained | None:
    """A calibrator from lessons; None when they are too few, or all of one kind."""
    facts, known, first = np.array(lessons.facts), np.array(lessons.known), np.array(lessons.first)
    weights = np.array(lessons.weights)
    if len(facts) < FEWEST_LESSONS or len(set(lessons.known)) < 2 or len(set(lessons.first)) < 2:
        return None
    held = np.arange(len(facts)) % 3 == 0
    auroc = ece = None
    if len(set(known[~held])) == len(set(known[held])) == 2:
        trial = _fit(facts[~held], known[~held], weights[~held], known[~held])
        said = np.array([trial(each) for each in facts[held]])
        auroc, ece = float(roc_auc_score(known[held], said)), calibration_error(said, known[held])
    return Trained(Calibrator(_fit(facts, known, weights, known), _fit(facts, first, weights, known)), auroc, ece)


def calibration_error(said: Any, true: Any, bins: int = 10) -> float:
    """How far what was said is from what was true, on average over equally filled bins."""
    order = np.argsort(said)
    return float(
        sum(
            len(part) / len(order) * abs(np.asarray(said)[part].mean() - np.asarray(true)[part].mean())
            for part in np.array_split(order, bins)
            if len(part)
        )
    )


def _fit(facts: Matrix, true: Any, weights: Any, known: Any) -> Logistic:
    """Fitted on the game, then moved to a world in which half of all clusters are about something known.

    In the game more of them are new: hidden phrasings keep together, missed ones are scattered singles.
    """
    middle, scale = facts.mean(axis=0), np.maximum(facts.std(axis=0), 1e-6)
    model = LogisticRegression(C=0.5, max_iter=1000).fit((facts - middle) / scale, true, sample_weight=weights)
    share = float(np.average(known, weights=weights))
    moved = np.log(EVEN / (1 - EVEN)) - np.log(share / (1 - share))
    return Logistic(middle.tolist(), scale.tolist(), model.coef_[0].tolist(), float(model.intercept_[0] + moved))


def as_lessons(outcomes: Sequence[tuple[Sequence[float], bool, bool]]) -> Lessons:
    """What analysts chose: facts of the cluster, whether something known, whether the first."""
    return Lessons(
        [list(facts) for facts, _, _ in outcomes],
        [known for _, known, _ in outcomes],
        [first for _, _, first in outcomes],
        [DECISION_WEIGHT] * len(outcomes),
    )


def together(one: Lessons, other: Lessons) -> Lessons:
    return Lessons(
        [*one.facts, *other.facts],
        [*one.known, *other.known],
        [*one.first, *other.first],
        [*one.weights, *other.weights],
    )
