"""Where failures and clusters stand on the map. Pure, and stable: whatever is placed once stays there.

A cluster stands among the clusters it is most like, at a distance from all of them; its
failures lie around it, the further out the less typical they are. No step looks at all
failures at once, so a new one costs as much as the first and moves no other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

Point = tuple[float, float]
Vector = Sequence[float]

GAP = 1.0  # between two clusters
RADIUS = 0.42  # of a cluster: its failures never reach into the next
SPREAD = 3.0  # how far apart the first, unrelated ones stand
_GOLDEN = math.pi * (3 - math.sqrt(5))


@cache
def _axes(dimensions: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Two fixed directions that look like chance: what a vector's shadow on them is depends on nothing else."""

    def axis(seed: float) -> tuple[float, ...]:
        raw = [math.modf(math.sin((place + 1) * seed) * 43758.5453)[0] for place in range(dimensions)]
        length = math.sqrt(sum(each * each for each in raw)) or 1.0
        return tuple(each / length for each in raw)

    return axis(12.9898), axis(78.233)


def shadow(vector: Vector) -> Point:
    """A vector's place on the two fixed directions, about -1 to 1 for unit vectors of a few hundred dimensions."""
    across, up = _axes(len(vector))
    scale = math.sqrt(len(vector)) / 2.5
    return (
        scale * sum(a * b for a, b in zip(vector, across, strict=True)),
        scale * sum(a * b for a, b in zip(vector, up, strict=True)),
    )


def between(vector: Vector, near: Sequence[tuple[float, Point]]) -> Point:
    """Among its neighbours (likeness and place), nearer to those it is more like; alone, where its shadow falls."""
    weights = [max(likeness, 0.0) ** 3 for likeness, _ in near]
    whole = sum(weights)
    x, y = shadow(vector)
    if whole == 0:
        return (SPREAD * x, SPREAD * y)
    pulled = min(1.0, 2 * max(likeness for likeness, _ in near))
    middle = (
        sum(weight * place[0] for weight, (_, place) in zip(weights, near, strict=True)) / whole,
        sum(weight * place[1] for weight, (_, place) in zip(weights, near, strict=True)) / whole,
    )
    return (middle[0] + SPREAD * (1 - pulled) * x + 0.3 * x, middle[1] + SPREAD * (1 - pulled) * y + 0.3 * y)


def room(wanted: Point, taken: Sequence[Point]) -> Point:
    """The free place nearest to the wanted one: on a spiral around it, a gap away from all that stand already."""
    for step in range(2000):
        distance, angle = 0.35 * math.sqrt(step), step * _GOLDEN
        place = (wanted[0] + distance * math.cos(angle), wanted[1] + distance * math.sin(angle))
        if all(math.dist(place, other) >= GAP for other in taken):
            return place
    return wanted


def around(anchor: Point, vector: Vector, centroid: Vector, likeness: float) -> Point:
    """A failure's place around its cluster's: out of the middle by how untypical it is, in a direction of its own."""
    length = math.sqrt(sum(each * each for each in centroid)) or 1.0
    x, y = shadow([a - b / length for a, b in zip(vector, centroid, strict=True)])
    out = RADIUS * math.sqrt(min(max(1 - likeness, 0.0), 0.6) / 0.6)
    size = math.hypot(x, y) or 1.0
    return (anchor[0] + out * x / size, anchor[1] + out * y / size)
