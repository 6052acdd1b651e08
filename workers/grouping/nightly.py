"""Everything grouped from scratch, once a night: what comes in one by one cannot see what comes later.

The settings were chosen by cross-validation over five public data sets, each family of them
held out in turn (`bench/grouping.py --choose`); no desk's data is looked at for them.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import structlog
from threadpoolctl import threadpool_limits

from models.actions import regrouping
from models.queries import grouping as read
from models.queries import knowledge
from models.rules.regrouping import changes, night_has_passed
from workers.grouping import geometry
from workers.grouping.geometry import Labels, Matrix

log = structlog.get_logger()

ROUNDS, COUNT, FLOOR = 3, 10, 0.4  # of pooling
ALIKE = 0.73  # of pooled vectors, on average within a group
LEAST = 5  # smaller groups go to a larger one nearby


@threadpool_limits.wrap(limits=1)
def grouped(
    vectors: Matrix, *, rounds: int = ROUNDS, count: int = COUNT, alike: float = ALIKE, least: int = LEAST
) -> Labels:
    """One label for each unit vector; groups smaller than `least` are absorbed where they are nearest."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    crowds = geometry.pooled(vectors, rounds=rounds, count=count, floor=FLOOR)
    return geometry.absorbed(crowds, geometry.average_linkage(crowds, alike), least)


def regroup_when_due() -> None:
    """Once a night."""
    if night_has_passed(read.last_run(), read.now()):
        regroup()


def regroup() -> dict[str, int]:
    """Group everything, and apply or propose what differs. How many of each."""
    began, model_id, last = time.monotonic(), knowledge.model_id(), read.last_run()
    numbers: list[int] = []
    clusters: list[int | None] = []
    languages: list[str] = []
    rows: list[Matrix] = []
    for each in read.everything(model_id):
        numbers.append(each["id"])
        clusters.append(each["cluster_id"])
        languages.append(each["language"])
        rows.append(np.array(knowledge.numbers(each["vector"]), np.float32))
    groups = _groups(rows, languages)
    members: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for group, number, cluster in zip(groups.tolist(), numbers, clusters, strict=True):
        members[group].append((number, cluster))
    run_id = regrouping.begin(model_id, len(numbers), len(members), time.monotonic() - began, after=last)
    if run_id is None:
        return {}
    outcome = Counter(regrouping.make(run_id, change) for change in changes(members))
    log.info(
        "failures_regrouped",
        failures=len(numbers),
        groups=len(members),
        applied=outcome["applied"],
        proposed=outcome["proposed"],
    )
    return dict(outcome)


def _groups(rows: list[Matrix], languages: list[str]) -> Labels:
    """Each language by itself: a question in another one is another cluster's."""
    found: Any = np.zeros(len(rows), np.int64)
    kinds = np.array(languages)
    count = 0
    for language in sorted(set(languages)):
        here = np.flatnonzero(kinds == language)
        labels = grouped(geometry.normalised(np.stack([rows[place] for place in here])))
        found[here] = count + labels
        count += int(labels.max(initial=-1)) + 1
    return found  # type: ignore[no-any-return]
