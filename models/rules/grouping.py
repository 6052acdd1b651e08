"""Which failures belong together, from likenesses alone. Pure: vectors come in as plain numbers.

A failure joins the cluster nearest to it when that is near enough. What is left over is
kept as single failures until a few of them are alike on average: then they open a cluster.
The full grouping of a night is `workers/grouping`; these are the steps that run for every
failure as it comes in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

Vector = Sequence[float]

NEIGHBOURS = 12  # single failures nearest to a new one that may open a cluster with it


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors; 0 where one of them has no direction."""
    lengths = math.sqrt(_dot(one, one) * _dot(other, other))
    return _dot(one, other) / lengths if lengths else 0.0


def table(vectors: Sequence[Vector]) -> list[list[float]]:
    """How alike all pairs of unit vectors are."""
    found = [[1.0] * len(vectors) for _ in vectors]
    for a, one in enumerate(vectors):
        for b in range(a):
            found[a][b] = found[b][a] = _dot(one, vectors[b])
    return found


def mean_with(mean: Vector, size: int, vector: Vector) -> list[float]:
    """The mean of `size` vectors, once this one is among them."""
    return [(old * size + new) / (size + 1) for old, new in zip(mean, vector, strict=True)]


def mean(vectors: Sequence[Vector]) -> list[float]:
    return [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def together(likenesses: Sequence[Sequence[float]], alike: float) -> list[int]:
    """The group of item 0 under average linkage: pairs of groups merge, the nearest first, while alike on average.

    `likenesses` is a square table; ties go to the lower number, so that the order of equal pairs never matters.
    """
    groups = [[place] for place in range(len(likenesses))]
    while len(groups) > 1:
        best, first, second = max(
            (
                (_between(likenesses, groups[a], groups[b]), -a, -b)
                for a in range(len(groups))
                for b in range(a + 1, len(groups))
            ),
        )
        if best < alike:
            break
        groups[-first] += groups.pop(-second)
    return sorted(next(group for group in groups if 0 in group))


def most_central(vectors: Sequence[Vector], texts: Sequence[str]) -> int:
    """The shortest of the quarter (three at the least) nearest to the middle, of four words at the least: what a group is called after."""
    middle = mean(vectors)
    order = sorted(range(len(vectors)), key=lambda place: -likeness(vectors[place], middle))
    central = order[: max(3, math.ceil(len(order) / 4))]
    spoken = [place for place in central if len(texts[place].split()) >= 4] or central
    return min(spoken, key=lambda place: (len(texts[place]), place))


def _between(likenesses: Sequence[Sequence[float]], one: Sequence[int], other: Sequence[int]) -> float:
    return sum(likenesses[a][b] for a in one for b in other) / (len(one) * len(other))


def _dot(one: Vector, other: Vector) -> float:
    product: float = sum(map(mul, one, other))
    return product
