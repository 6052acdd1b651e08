"""How well the bot answers, on public intent data: python bench/answering.py clinc150.jsonl banking77.jsonl

Each file holds one JSON object per line with `text`, `label` and `split` (train, val,
test); `"oos": true` marks a question that belongs to no label. The bot is taught a few
train phrasings of every label and measures its own bars on just these, as it does in
production: no other data is looked at. Then every test question is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the brain worker runs

import numpy as np
from sklearn.metrics import matthews_corrcoef, roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models.rules.learned import Lesson
from workers.bot.learning import learn, weigh
from workers.embedding import embed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="*", type=Path)
    arguments.add_argument("--phrasings", type=int, default=10, help="taught for each label")
    arguments.add_argument("--questions", type=int, default=2000, help="asked at most, drawn by chance")
    asked = arguments.parse_args()
    if not asked.files:
        print("It measures data files: give their paths, one JSON object with text, label and split a line.")
        return
    print(f"{asked.phrasings} phrasings taught a label; bars from these alone\n")
    print(
        f"{'data':<14}{'labels':>7}{'asked':>7}{'plain':>8}   {'bar':<7}{'at':>6}{'right':>8}{'wrong':>8}{'foreign':>9}"
    )
    for path in asked.files:
        measure(path, asked.phrasings, asked.questions)


def measure(path: Path, phrasings: int, questions: int) -> None:
    chance = random.Random(0)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    taught, tested = defaultdict(list), []
    for line in chance.sample(lines, len(lines)):
        if line["split"] == "test":
            tested.append(line)
        elif line["split"] == "train" and not line.get("oos") and len(taught[line["label"]]) < phrasings:
            taught[line["label"]].append(line["text"])
    tested = tested[:questions]
    names = sorted(taught)

    began = time.perf_counter()
    labels = np.array([place for place, name in enumerate(names) for _ in taught[name]])
    vectors = np.array(embed([text for name in names for text in taught[name]]))
    asked = np.array(embed([line["text"] for line in tested]))
    embedded = time.perf_counter()
    pairs = zip(labels.tolist(), vectors.tolist(), strict=True)
    learned = learn([Lesson(label, "example", vector) for label, vector in pairs])
    taken = time.perf_counter() - embedded

    weighed = weigh(asked, vectors, labels, len(names))
    sure, led = weighed.max(axis=1), weighed.argmax(axis=1)
    foreign = np.array([bool(line.get("oos")) for line in tested])
    right = np.array([names[place] == line["label"] for place, line in zip(led, tested, strict=True)]) & ~foreign
    known = ~foreign
    head = f"{path.stem:<14}{len(names):>7}{len(tested):>7}{share(right, known):>8}"
    for name, bar in (("sure", learned.bars.sure), ("doubt", learned.bars.doubt)):
        over = sure >= bar
        print(
            f"{head:<36}   {name:<7}{bar:>6.2f}{share(right & over, known):>8}{share(~right & over & known, known):>8}"
            f"{share(~over & foreign, foreign):>9}"
        )
        head = ""
    if foreign.any():
        said = {
            bar: np.where(sure >= at, led, -1)
            for bar, at in (("sure", learned.bars.sure), ("doubt", learned.bars.doubt))
        }
        wanted = np.array([names.index(line["label"]) if not line.get("oos") else -1 for line in tested])
        kept = ", ".join(f"{matthews_corrcoef(wanted, each):.3f} at the {bar} bar" for bar, each in said.items())
        print(f"{'':<14}AUROC, known against foreign: {roc_auc_score(known, sure):.3f} · MCC: {kept}")
    speed = (len(vectors) + len(asked)) / (embedded - began)
    print(
        f"{'':<14}held out while learning: {learned.accuracy:.1%} right · learned in {taken:.1f} s · {speed:.0f} texts/s\n"
    )


def share(part: np.ndarray, whole: np.ndarray) -> str:
    return f"{(part & whole).sum() / whole.sum():.1%}" if whole.any() else "-"


if __name__ == "__main__":
    main()
