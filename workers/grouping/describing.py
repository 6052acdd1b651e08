"""What each cluster is about: a short central question, key words, what may serve it, a draft of an article."""

from __future__ import annotations

import time

import numpy as np
import structlog

from models.actions import describing, replays
from models.actions.describing import Description
from models.jobs import Job, nudge
from models.queries import describing as read
from models.queries.clusters import as_label
from models.rules.grouping import most_central
from models.rules.keywords import counted, keywords

log = structlog.get_logger()

SECONDS = 1.5
AT_ONCE = 20
SPOKEN = 60  # failures nearest to the middle that the central one is chosen from


def describe_due() -> None:
    """Describe what changed, for a second or two; what is left is described next time."""
    describing.tidy()
    replays.collect_good_turns()
    due = read.due(AT_ONCE)
    if not due:
        return
    began = time.monotonic()
    texts = read.background()
    everywhere = counted(texts)
    for cluster in due:
        describing.describe(_described(cluster, everywhere, len(texts)))
        if time.monotonic() - began > SECONDS:
            break
    log.info("clusters_described", clusters=len(due), seconds=round(time.monotonic() - began, 3))
    if read.due(1):
        nudge(Job.DESCRIBE_CLUSTERS)


def _described(cluster: read.Row, everywhere: dict[str, int], texts: int) -> Description:
    members = read.members(cluster["id"])
    vectors = np.array([each["vector"] for each in members])
    middle = vectors.mean(axis=0)
    order = np.argsort(-(vectors @ middle), kind="stable")[:SPOKEN].tolist()
    near = [members[place] for place in order]
    central = near[most_central([each["vector"] for each in near], [each["text"] for each in near])]
    return Description(
        cluster["id"],
        cluster["changed_at"],
        central["id"],
        as_label(central["text"]),
        keywords([each["text"] for each in members], everywhere, texts),
    )
