"""Many vectors at once: nearest neighbours, pooling, average linkage. Numpy alone, in blocks, so that memory stays flat.

The average cosine between two groups of unit vectors is the product of their plain means.
So average linkage needs no table of distances: whoever are each other's nearest merge, all
such pairs of a round at once, and the groups are those that merging one pair at a time
would give. Ten thousand questions take seconds, and no gigabytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]
Labels = np.ndarray[Any, np.dtype[np.int64]]

BLOCK = 1024  # rows compared with all others at a time
EXACT = 12_000  # up to here everybody is compared with everybody; beyond, with the cells nearby
CELL = 250  # vectors of a cell, about
PROBED = 12  # cells that are searched for each one's neighbours
VERY = 0.8  # how alike what merges within a cell must be, before all cells are looked at together
STEPS = 6  # of k-means, to make cells; they need not be good


def normalised(vectors: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Matrix = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def neighbours(vectors: Matrix, count: int) -> tuple[Labels, Matrix]:
    """For each unit vector the `count` nearest others, in no order, and their likeness."""
    count = min(count, len(vectors) - 1)
    nearest = np.zeros((len(vectors), count), np.int64)
    alike = np.zeros((len(vectors), count), np.float32)
    for asked, among in _neighbourhoods(vectors):
        likeness = vectors[asked] @ vectors[among].T
        likeness[asked[:, None] == among[None, :]] = -2.0  # nobody is their own neighbour
        few = min(count, len(among) - 1)
        best = np.argpartition(-likeness, few - 1, axis=1)[:, :few] if few else np.zeros((len(asked), 0), np.int64)
        nearest[asked, :few] = among[best]
        alike[asked, :few] = np.take_along_axis(likeness, best, 1)
    return nearest, alike


def pooled(vectors: Matrix, *, rounds: int, count: int, floor: float) -> Matrix:
    """Each vector moved towards its neighbours' mean, weighed by how alike they are; so often.

    What lies in one crowd comes together, what lies alone stays where it is.
    """
    for _ in range(rounds):
        if len(vectors) < 2:
            return vectors
        nearest, alike = neighbours(vectors, count)
        weights = np.where(alike >= floor, alike, 0.0).astype(np.float32)
        pull = np.zeros_like(vectors)
        for place in range(nearest.shape[1]):
            pull += weights[:, place, None] * vectors[nearest[:, place]]
        whole = weights.sum(axis=1, keepdims=True)
        vectors = normalised(vectors + pull / np.maximum(whole, 1e-12))
    return vectors


def average_linkage(vectors: Matrix, alike: float) -> Labels:
    """Groups whose members are alike on average, at least so much: one label for each unit vector."""
    if len(vectors) <= EXACT:
        return _linked(np.arange(len(vectors)), vectors.copy(), np.ones(len(vectors), np.float32), alike)
    return _linked(*_within_cells(vectors, max(alike, VERY)), alike)


def _linked(labels: Labels, means: Matrix, sizes: Matrix, alike: float) -> Labels:
    while len(means) > 1:
        partner, likeness = _nearest_of_each(means, means)
        merged = _merge(means, sizes, partner, likeness >= alike)
        if merged is None:
            break
        onto, means, sizes = merged
        labels = onto[labels]
    return labels


def absorbed(vectors: Matrix, labels: Labels, least: int) -> Labels:
    """Groups smaller than `least` go to the large group whose middle is nearest; numbered from 0."""
    _, labels = np.unique(labels, return_inverse=True)
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= least)
    if not len(large) or not len(labels):
        return labels
    middles = normalised(middles_of(vectors, labels)[large])
    small = np.flatnonzero(sizes[labels] < least)
    labels[small] = large[(vectors[small] @ middles.T).argmax(axis=1)]
    return np.unique(labels, return_inverse=True)[1]


def middles_of(vectors: Matrix, labels: Labels) -> Matrix:
    """The plain mean of each group."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) > 0])
    sizes = np.diff(np.r_[starts, len(labels)])
    means: Matrix = (np.add.reduceat(vectors[order], starts, axis=0) / sizes[:, None]).astype(np.float32)
    return means


def _nearest_of_each(asked: Matrix, means: Matrix) -> tuple[Labels, Matrix]:
    """For each mean the other one nearest to it, and their likeness. Ties go to the lower number."""
    partner, best = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.float32)
    for start in range(0, len(asked), BLOCK):
        likeness = asked[start : start + BLOCK] @ means.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -2.0
        found = likeness.argmax(axis=1)
        partner[start : start + BLOCK], best[start : start + BLOCK] = found, likeness[rows, found]
    return partner, best


def _merge(
    means: Matrix, sizes: Matrix, partner: Labels, near: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[Labels, Matrix, Matrix] | None:
    """Merge all pairs that are each other's nearest and near enough. None when there are none."""
    here = np.arange(len(means))
    first = np.flatnonzero((partner[partner] == here) & (here < partner) & near)
    if not len(first):
        return None
    second = partner[first]
    whole = sizes[first] + sizes[second]
    means[first] = (means[first] * sizes[first, None] + means[second] * sizes[second, None]) / whole[:, None]
    sizes[first] = whole
    kept = np.ones(len(means), bool)
    kept[second] = False
    onto = here.copy()
    onto[second] = first
    return (np.cumsum(kept) - 1)[onto], means[kept], sizes[kept]


# --- beyond what can be compared with everybody ----------------------------------------------------------------


def _within_cells(vectors: Matrix, alike: float) -> tuple[Labels, Matrix, Matrix]:
    """The first merges of very many: only within cells, and only of what is very much alike."""
    cells, _ = _cells(vectors)
    labels = np.zeros(len(vectors), np.int64)
    means: list[Matrix] = []
    count = 0
    for cell in range(cells.max() + 1):
        members = np.flatnonzero(cells == cell)
        if not len(members):
            continue
        alone = np.ones(len(members), np.float32)
        groups = _linked(np.arange(len(members)), vectors[members], alone, alike)
        labels[members] = count + groups
        means.append(middles_of(vectors[members], groups))
        count += int(groups.max()) + 1
    return labels, np.concatenate(means), np.bincount(labels).astype(np.float32)


def _cells(vectors: Matrix) -> tuple[Labels, Matrix]:
    """Vectors in cells of about `CELL`, by a few steps of k-means on a sample. The same for the same vectors."""
    chance = np.random.default_rng(0)
    count = max(1, len(vectors) // CELL)
    sample = vectors[chance.choice(len(vectors), min(len(vectors), 30 * count), replace=False)]
    middles = sample[chance.choice(len(sample), count, replace=False)]
    for _ in range(STEPS):
        nearest = _assigned(sample, middles)
        sums = np.zeros_like(middles)
        np.add.at(sums, nearest, sample)
        middles = normalised(np.where(np.bincount(nearest, minlength=count)[:, None] > 0, sums, middles))
    return _assigned(vectors, middles), middles


def _assigned(vectors: Matrix, middles: Matrix) -> Labels:
    found = [(vectors[start : start + BLOCK] @ middles.T).argmax(axis=1) for start in range(0, len(vectors), BLOCK)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _neighbourhoods(vectors: Matrix) -> Any:
    """Pairs of: places that ask, and places among which their neighbours are looked for."""
    if len(vectors) <= EXACT:
        everybody = np.arange(len(vectors))
        for start in range(0, len(vectors), BLOCK):
            yield everybody[start : start + BLOCK], everybody
        return
    cells, middles = _cells(vectors)
    order = np.argsort(cells, kind="stable")
    bounds = np.searchsorted(cells[order], np.arange(len(middles) + 1))
    near = np.argsort(-(middles @ middles.T), axis=1)[:, :PROBED]
    for cell in range(len(middles)):
        asked = order[bounds[cell] : bounds[cell + 1]]
        if len(asked):
            yield asked, np.concatenate([order[bounds[other] : bounds[other + 1]] for other in near[cell]])
