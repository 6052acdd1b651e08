"""How good suggestions for clusters are, with three labels in ten hidden: parley bench suggesting DATA

DATA is a folder of files of JSON lines with `text`, `label` and `split` (train, test; `"oos": true`
marks a question of no label); those with enough labels and both splits are measured. The bot is taught
ten phrasings of each label that is not hidden. What it fails on is clustered, and each cluster gets
suggestions with a confidence from a calibrator that saw nothing but those ten phrasings: the desk
played to itself. Two figures from the method of record stand beside: the bar, and what was measured for it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the brain worker runs

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sklearn.metrics import roc_auc_score

from bench.corpora import Corpus, corpora, vectors_of
from models.rules.suggesting import DEFAULT
from workers.grouping import geometry, suggesting

PHRASINGS = 10
DRAWS = 3
BARS = {"clinc150": (0.75, 0.95, 0.88, 0.07), "banking77": (0.70, 0.92, 0.72, 0.07)}  # hit@1, hit@3, AUROC, ECE
HEAD = "data          clusters  purity   hit@1   hit@3  AUROC cl.  AUROC q.    ECE  ECE 1st  CPU s"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", nargs="?", type=Path)
    asked = arguments.parse_args()
    if asked.data is None:
        print("It measures data: give the path of a folder with files of JSON lines.")
        return
    print(f"{PHRASINGS} phrasings a label, 3 labels in 10 hidden, mean of {DRAWS} draws\n\n{HEAD}")
    for corpus in corpora(asked.data):
        if corpus.split("train") and len(corpus.labels("train")) >= 20 and corpus.split("test", "val"):
            measure(corpus)


def measure(corpus: Corpus) -> None:
    began = time.process_time()
    names = sorted(corpus.labels("train"))
    number = {name: place for place, name in enumerate(names)}
    chance = np.random.default_rng(0)
    taught = [(line.text, number[name]) for name in names for line in corpus.some("train", name, PHRASINGS, chance)]
    asked = [line for line in corpus.split("test", "val") if line.foreign or line.label in number]
    texts = [text for text, _ in taught] + [line.text for line in asked]
    vectors = vectors_of(texts)
    owners = np.array([owner for _, owner in taught] + [-1 if each.foreign else number[each.label] for each in asked])
    lessons = np.arange(len(taught))
    questions = np.arange(len(taught), len(texts))
    drawn = [draw(vectors, owners, lessons, questions, np.random.default_rng(seed)) for seed in range(DRAWS)]
    figures = np.nanmean(np.array(drawn), axis=0)
    print(
        f"{corpus.name:<12}{figures[0]:>9.0f}{figures[1]:>8.2f}{figures[2]:>8.3f}{figures[3]:>8.3f}{figures[4]:>11.3f}"
        f"{figures[5]:>10.3f}{figures[6]:>7.3f}{figures[7]:>9.3f}{time.process_time() - began:>7.0f}"
    )
    if bar := BARS.get(corpus.name):
        print(f"{'  the bar':<12}{'':>9}{'':>8}{bar[0]:>8.3f}{bar[1]:>8.3f}{'':>11}{bar[2]:>10.3f}{bar[3]:>7.3f}")


def draw(vectors, owners, lessons, questions, chance) -> list[float]:  # type: ignore[no-untyped-def]
    """One draw: hide some labels, fail, cluster, suggest."""
    labels = np.unique(owners[lessons])
    hidden = chance.choice(labels, round(0.3 * len(labels)), replace=False)
    open_ones = lessons[~np.isin(owners[lessons], hidden)]
    numbers = np.unique(owners[open_ones])
    known = suggesting.Known.taught(vectors[open_ones], np.searchsorted(numbers, owners[open_ones]), len(numbers))
    inside = questions[np.isin(owners[questions], numbers)]
    unknown = questions[np.isin(owners[questions], hidden)]
    nobodys = questions[owners[questions] == -1]
    failed = suggesting.failures(vectors, owners, inside, np.concatenate([unknown, nobodys]), known, numbers)
    failed = mixed(failed, owners, numbers, hidden, chance)

    played = suggesting.simulated(vectors[open_ones], owners[open_ones])
    trained = suggesting.train(played)
    calibrator = trained.calibrator if trained else DEFAULT

    middles, groups = known.middles(), geometry.average_linkage(vectors[failed], suggesting.ALIKE)
    pure, hit1, hit3, said, true, first, right, said_q, true_q = [], [], [], [], [], [], [], [], []
    clusters = [failed[groups == group] for group in np.unique(groups) if (groups == group).sum() >= 3]
    ranks = [suggesting.rank(vectors[members], known, middles) for members in clusters]
    calibrator = calibrator.moved([ranked.facts for ranked in ranks])
    for members, ranked in zip(clusters, ranks, strict=True):
        values, counts = np.unique(owners[members], return_counts=True)
        about = values[counts.argmax()]
        chance_known = calibrator.known(ranked.facts)
        pure.append(counts.max() / counts.sum())
        is_known = about in numbers
        said.append(chance_known)
        true.append(is_known)
        first.append(min(calibrator.first(ranked.facts), chance_known))
        right.append(numbers[ranked.services[0]] == about)
        said_q += [chance_known] * len(members)
        true_q += np.isin(owners[members], numbers).tolist()
        if is_known:
            hit1.append(right[-1])
            hit3.append(about in numbers[ranked.services])
    return [
        len(said),
        float(np.mean(pure)),
        float(np.mean(hit1)),
        float(np.mean(hit3)),
        float(roc_auc_score(true, said)),
        float(roc_auc_score(true_q, said_q)),
        suggesting.calibration_error(said, true),
        suggesting.calibration_error(first, right),
    ]


def mixed(failed, owners, numbers, hidden, chance):  # type: ignore[no-untyped-def]
    """Half missed questions of what is known, the rest of hidden labels and of none, 35 to 15."""
    missed = failed[np.isin(owners[failed], numbers)]
    concealed = failed[np.isin(owners[failed], hidden)]
    foreign = failed[owners[failed] == -1]
    most = len(missed)
    concealed = chance.permutation(concealed)[: round(0.7 * most)]
    foreign = chance.permutation(foreign)[: round(0.3 * most)]
    return np.concatenate([missed, concealed, foreign])


if __name__ == "__main__":
    main()
