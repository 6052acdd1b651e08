"""What sets the services apart, and how sure is sure enough: from phrasings to directions and bars.

A logistic regression over the vectors of all phrasings tells services that sound
alike from each other, which likeness alone does not. Its coefficients are kept as
one direction per service, so that answering needs no model of ours in memory: the
database takes the product. The bars come from this desk's own phrasings, each held
out in turn.

`bench/answering.py`, taught ten phrasings a label: of CLINC150's 150 intents 89 % of
questions are led home; at the sure bar 3 % get a wrong answer and 95 % of foreign
questions none. A desk of that size is learned in two seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models.rules import bars
from models.rules.answering import NEAREST, confidence
from models.rules.learned import Direction, Learned, Lesson

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Labels = np.ndarray[Any, np.dtype[np.int64]]

FOLDS = 5
INVERSE_PENALTY = 20.0  # weak: with unit vectors and few examples a stronger one blurs the services
MOST_PER_SERVICE = 60  # phrasings learned from; more add seconds and hardly a percent
STEPS = 1000


@threadpool_limits.wrap(limits=1)  # matrices this small: a second thread makes it ten times slower on a busy machine
def learn(lessons: Sequence[Lesson]) -> Learned:
    """Directions from all lessons; bars from the phrasings of customers, held out fold by fold."""
    if not lessons:
        return Learned((), bars.UNMEASURED, 0, 0.0)
    vectors = np.array([lesson.vector for lesson in lessons])
    services, labels = np.unique([lesson.service_id for lesson in lessons], return_inverse=True)
    weights, biases = fit(vectors, labels, len(services))
    directions = [
        Direction(int(service), weight.tolist(), float(bias))
        for service, weight, bias in zip(services, weights, biases, strict=True)
    ]
    examples = np.array([lesson.origin == "example" for lesson in lessons])
    right = [sure for sure, led_home in _held_out(vectors, labels, examples, len(services)) if led_home]
    count = int(examples.sum())
    return Learned(directions, bars.measure(right), count, len(right) / count if count else 0.0)


def weigh(questions: Matrix, vectors: Matrix, labels: Labels, count: int) -> Matrix:
    """The confidence of every question (row) in every service (column), as `rules/answering.py` weighs it."""
    weights, biases = fit(vectors, labels, count)
    lean = questions @ weights.T + biases
    share = np.exp(lean - lean.max(axis=1, keepdims=True))
    votes = share / share.sum(axis=1, keepdims=True)
    likeness = questions @ vectors.T
    nearness = np.stack([_nearest_mean(likeness[:, labels == service]) for service in range(count)], axis=1)
    weighed: Matrix = np.vectorize(confidence)(votes, nearness)
    return weighed


def _held_out(vectors: Matrix, labels: Labels, examples: Any, count: int) -> Iterator[tuple[float, bool]]:
    """For each example, led by lessons that leave it out: how sure, and whether it came home."""
    folds = np.full(len(labels), -1)
    for service in range(count):
        members = np.flatnonzero((labels == service) & examples)
        folds[members] = np.arange(len(members)) % FOLDS
    for fold in range(FOLDS):
        asked = folds == fold
        kept = ~asked & np.isin(labels, labels[~asked])
        if not asked.any() or not kept.any():
            continue
        weighed = weigh(vectors[asked], vectors[kept], labels[kept], count)
        led = weighed.argmax(axis=1)
        yield from zip(weighed.max(axis=1).tolist(), (led == labels[asked]).tolist(), strict=True)


def _nearest_mean(likeness: Matrix) -> Matrix:
    """Per question, the mean likeness of the nearest few of one service; 0 where it has no lesson."""
    if likeness.shape[1] == 0:
        return np.zeros(len(likeness))
    nearest: Matrix = np.sort(likeness, axis=1)[:, -NEAREST:].mean(axis=1)
    return nearest


def fit(vectors: Matrix, labels: Labels, count: int) -> tuple[Matrix, Matrix]:
    """One direction and bias per service. One service alone leans to everything; one without lessons to nothing."""
    weights, biases = np.zeros((count, vectors.shape[1])), np.full(count, -1e3)
    present = np.unique(labels)
    if len(present) == 1:
        biases[present] = 0.0
        return weights, biases
    model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=STEPS)
    model.fit(vectors, labels)
    if len(present) == 2:  # sklearn keeps one direction for two classes: towards the second
        half, half_bias = model.coef_[0] / 2, model.intercept_[0] / 2
        weights[present], biases[present] = np.stack([-half, half]), (-half_bias, half_bias)
    else:
        weights[present], biases[present] = model.coef_, model.intercept_
    return weights, biases
