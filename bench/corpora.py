"""Labelled questions from files of JSON lines, and their vectors. Nothing of it is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workers.embedding import BATCH, embed
from workers.grouping.geometry import Matrix

AT_ONCE = 16 * BATCH


@dataclass(frozen=True)
class Line:
    text: str
    label: str
    split: str
    foreign: bool


@dataclass(frozen=True)
class Corpus:
    name: str
    lines: Sequence[Line]

    def split(self, *names: str) -> list[Line]:
        return [line for line in self.lines if line.split in names]

    def labels(self, *names: str) -> Counter[str]:
        return Counter(line.label for line in self.split(*names) if not line.foreign)

    def some(self, split: str, label: str, count: int, chance: np.random.Generator) -> list[Line]:
        found = [line for line in self.split(split) if line.label == label and not line.foreign]
        return [found[place] for place in chance.permutation(len(found))[:count]]


def corpora(folder: Path) -> Iterator[Corpus]:
    """Every file of a folder that holds labelled questions, by name."""
    for path in sorted(folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        if lines and "text" in lines[0] and "label" in lines[0]:
            yield Corpus(path.stem, [_line(each) for each in lines])


def vectors_of(texts: Sequence[str]) -> Matrix:
    """A unit vector for each text, equal ones read once, the short ones together."""
    once = sorted(set(texts), key=lambda text: (len(text), text))
    read: list[Any] = []
    for start in range(0, len(once), AT_ONCE):
        read += embed(once[start : start + AT_ONCE])
    place = {text: number for number, text in enumerate(once)}
    return np.array(read, np.float32)[[place[text] for text in texts]]


def _line(row: dict[str, Any]) -> Line:
    return Line(row["text"], row["label"], row.get("split", "test"), bool(row.get("oos")))
