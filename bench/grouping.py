"""How well failures are grouped, and how fast: parley bench grouping DATA [--choose] [--scale]

DATA is a folder of files of JSON lines with `text` and `label`; those of the splits test and val are
grouped (all, where there are no splits), questions of no label left out. One configuration for all sets.
Printed are ACC (Hungarian), ARI and the groups of three and more beside the method's bars; then the same
questions coming in one by one; then whether a group's label, read alone, leads to what it is about.

--choose   a small grid, each family of sets held out in turn: what is chosen on the others, on it
--scale    100,000 vectors: those of the sets, jittered until there are so many
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the workers run

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from bench.corpora import Corpus, corpora, vectors_of
from models.rules import grouping as rules
from models.rules.clusters import FEWEST, SAME_TOPIC
from models.rules.keywords import counted, keywords
from workers.grouping import geometry, nightly
from workers.grouping.geometry import Labels, Matrix

JOIN = 0.55  # as the desk has it until somebody changes it
BARS = {"banking77": (64, 53), "clinc150": (76, 70), "dstc11_banking_task1_turns": (65, 60)}  # ACC / ARI
LABEL_BARS = {"banking77": 0.77, "clinc150": 0.90, "dstc11_banking_task1_turns": 0.76}
MACRO = (65, 58)
GRID = {"rounds": (2, 3, 4), "count": (8, 10, 12), "alike": (0.67, 0.70, 0.73, 0.76)}
MANY = 100_000


class Set:
    """One set: unit vectors and the label of each."""

    def __init__(self, name: str, texts: Sequence[str], labels: Sequence[str]) -> None:
        self.name, self.texts = name, list(texts)
        self.vectors = vectors_of(self.texts)
        self.truth: Labels = np.unique(list(labels), return_inverse=True)[1]

    @property
    def family(self) -> str:
        return self.name.split("_")[0].rstrip("0123456789")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", nargs="?", type=Path)
    arguments.add_argument("--choose", action="store_true")
    arguments.add_argument("--scale", action="store_true")
    asked = arguments.parse_args()
    if asked.data is None:
        print("It measures data: give the path of a folder with files of JSON lines.")
        return
    sets = list(read(corpora(asked.data)))
    whole(sets)
    if asked.choose:
        choose(sets)
    one_by_one(sets)
    labels(sets)
    if asked.scale:
        scale(sets)


def read(found: Iterator[Corpus]) -> Iterator[Set]:
    for corpus in found:
        lines = [line for line in corpus.split("test") if not line.foreign]
        if len(lines) >= 300:
            yield Set(corpus.name, [line.text for line in lines], [line.label for line in lines])


def whole(sets: Sequence[Set]) -> None:
    print(
        f"from scratch: {nightly.ROUNDS} rounds of {nightly.COUNT} neighbours, alike {nightly.ALIKE}, at least {nightly.LEAST}"
    )
    print(f"{'data':<28}{'n':>6}{'labels':>8}{'ACC':>7}{'ARI':>7}{'K':>6}{'CPU s':>7}   bar")
    found = []
    for each in sets:
        began = time.process_time()
        grouped = nightly.grouped(each.vectors)
        spent = time.process_time() - began
        acc, ari, count = score(each.truth, grouped)
        found.append((acc, ari))
        bar = "{} / {}".format(*BARS[each.name]) if each.name in BARS else ""
        print(
            f"{each.name:<28}{len(each.truth):>6}{each.truth.max() + 1:>8}{acc:>7.1f}{ari:>7.1f}{count:>6}{spent:>7.1f}   {bar}"
        )
    acc, ari = np.mean(found, axis=0)
    print(f"{'mean':<28}{'':>14}{acc:>7.1f}{ari:>7.1f}{'':>13}   {MACRO[0]} / {MACRO[1]}\n")


def choose(sets: Sequence[Set]) -> None:
    print("chosen on the other families, measured on the one held out")
    figures: dict[tuple[Any, ...], dict[str, tuple[float, float, int]]] = {}
    for setting in product(*GRID.values()):
        given = dict(zip(GRID, setting, strict=True))
        figures[setting] = {each.name: score(each.truth, nightly.grouped(each.vectors, **given)) for each in sets}
    families = sorted({each.family for each in sets})
    held = []
    for family in families:
        others = [[each.name for each in sets if each.family == other] for other in families if other != family]
        best = max(figures, key=lambda setting: _mean(figures[setting], others))
        for each in sets:
            if each.family == family:
                acc, ari, count = figures[best][each.name]
                held.append((acc, ari))
                print(f"  {each.name:<28}{acc:>7.1f}{ari:>7.1f}{count:>6}   {dict(zip(GRID, best, strict=True))}")
    acc, ari = np.mean(held, axis=0)
    print(f"  {'mean':<28}{acc:>7.1f}{ari:>7.1f}\n")


def _mean(figures: dict[str, tuple[float, float, int]], families: Sequence[Sequence[str]]) -> float:
    """Every family counts alike, however many sets it has."""
    return float(np.mean([np.mean([sum(figures[name][:2]) / 2 for name in names]) for names in families]))


def one_by_one(sets: Sequence[Set]) -> None:
    print(f"one by one, joined from {JOIN}; twice in another order, mean")
    print(f"{'data':<28}{'ACC':>7}{'ARI':>7}{'whole':>7}{'single':>8}{'churn':>7}{'ms p95':>8}")
    lost = []
    for each in sets:
        runs = [stream(each.vectors, np.random.default_rng(seed).permutation(len(each.vectors))) for seed in (0, 1)]
        figures = [score(each.truth, found) for found, _, _ in runs]
        acc, ari = np.mean([figure[:2] for figure in figures], axis=0)
        batch = score(each.truth, nightly.grouped(each.vectors))[1]
        lost.append(batch - ari)
        single = np.mean([(found < 0).mean() for found, _, _ in runs])
        churn = sum(moved for _, moved, _ in runs)
        late = np.quantile(np.concatenate([took for _, _, took in runs]), 0.95)
        print(f"{each.name:<28}{acc:>7.1f}{ari:>7.1f}{batch:>7.1f}{single:>8.1%}{churn:>7}{late * 1e3:>8.1f}")
    print(f"{'ARI lost to the whole, mean':<35}{np.mean(lost):>7.1f}\n")


def stream(vectors: Matrix, order: Labels) -> tuple[Labels, int, Any]:
    """What `actions/grouping.py` does, without its database: labels, how many ever changed theirs, and the times."""
    found = np.full(len(vectors), -1)
    first = found.copy()
    sums = np.zeros((len(vectors) // FEWEST + 1, vectors.shape[1]), np.float32)
    sizes = np.zeros(len(sums), np.int64)
    count, singles = 0, []
    took = np.zeros(len(order))
    for step, place in enumerate(order.tolist()):
        began = time.perf_counter()
        middles = geometry.normalised(sums[:count])
        near = middles @ vectors[place] if count else np.zeros(0)
        if count and near.max() >= JOIN:
            target, members = int(near.argmax()), [place]
        else:
            target, members = -1, []
            if singles:
                likeness = vectors[singles] @ vectors[place]
                beside = [singles[at] for at in np.argsort(-likeness, kind="stable")[: rules.NEIGHBOURS]]
                everybody = [place, *beside]
                table = (vectors[everybody] @ vectors[everybody].T).tolist()
                members = [everybody[at] for at in rules.together(table, JOIN)]
            if len(members) >= FEWEST:
                middle = geometry.normalised(vectors[members].mean(axis=0, keepdims=True))[0]
                close = middles @ middle if count else np.zeros(0)
                target = int(close.argmax()) if count and close.max() >= SAME_TOPIC else count
                count = max(count, target + 1)
                singles = [single for single in singles if single not in members]
            else:
                singles.append(place)
                members = []
        for member in members:
            found[member] = target
            sums[target] += vectors[member]
            sizes[target] += 1
        took[step] = time.perf_counter() - began
        fresh = [member for member in members if first[member] < 0]
        first[fresh] = found[fresh]
    return found, int((found != first).sum()), took


def labels(sets: Sequence[Set]) -> None:
    print("a group's label, read alone: does it lie nearest to the middle of what the group is mostly about?")
    print(f"{'data':<28}{'groups':>7}{'hit@1':>7}{'hit@3':>7}   bar")
    for each in sets:
        grouped = nightly.grouped(each.vectors)
        middles = geometry.normalised(geometry.middles_of(each.vectors, each.truth))
        everywhere = counted(each.texts)
        hits, example = [], ""
        for group in np.unique(grouped):
            members = np.flatnonzero(grouped == group)
            if len(members) < FEWEST:
                continue
            texts = [each.texts[place] for place in members]
            vectors = [each.vectors[place].tolist() for place in members]
            central = rules.most_central(vectors, texts)
            about = np.bincount(each.truth[members]).argmax()
            order = np.argsort(-(middles @ each.vectors[members[central]]))
            hits.append((order[0] == about, about in order[:3]))
            if not example:
                words = ", ".join(keywords(texts, everywhere, len(each.texts)))
                example = f"{len(members)} × {texts[central]!r} · {words}"
        one, three = np.mean(hits, axis=0)
        bar = f"{LABEL_BARS[each.name]:.2f}" if each.name in LABEL_BARS else ""
        print(f"{each.name:<28}{len(hits):>7}{one:>7.2f}{three:>7.2f}   {bar:<6}{example}")
    print()


def scale(sets: Sequence[Set]) -> None:
    real = np.concatenate([each.vectors for each in sets])
    chance = np.random.default_rng(0)
    many = real[np.arange(MANY) % len(real)]
    many = geometry.normalised(many + 0.02 * chance.standard_normal(many.shape, np.float32))
    began = time.process_time()
    grouped = nightly.grouped(many)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{MANY:,} from scratch ({len(real):,} real vectors, jittered): {spent:.0f} CPU-s, {peak:.1f} GB at most,"
        f" {grouped.max() + 1:,} groups; bar 120 CPU-s, 4 GB"
    )


def score(truth: Labels, grouped: Labels) -> tuple[float, float, int]:
    """ACC and ARI × 100, singles as groups of one; and the groups of three and more."""
    grouped = grouped.copy()
    alone = np.flatnonzero(grouped < 0)
    grouped[alone] = grouped.max() + 1 + np.arange(len(alone))
    table = np.zeros((truth.max() + 1, grouped.max() + 1))
    np.add.at(table, (truth, grouped), 1)
    rows, columns = linear_sum_assignment(-table)
    acc = table[rows, columns].sum() / len(truth)
    return 100 * float(acc), 100 * float(adjusted_rand_score(truth, grouped)), int((np.bincount(grouped) >= 3).sum())


if __name__ == "__main__":
    main()
