"""Failures find their cluster as they come in."""

from __future__ import annotations

import time

import structlog

from models.actions import grouping
from models.jobs import Job, nudge

log = structlog.get_logger()

SECONDS = 1.0  # of placing per task: customers' questions wait in the same line


def place_all() -> None:
    """Place what nobody has looked at, for a second; then let the bot have a turn. Safe to run at any time, twice at once."""
    grouping.wake_due()
    began, placed = time.monotonic(), 0
    while found := grouping.place_next():
        placed += 1
        log.debug("failure_placed", failure=found.failure_id, how=found.how, cluster=found.cluster_id)
        if time.monotonic() - began > SECONDS:
            nudge(Job.GROUP_FAILURES)
            break
    if placed:
        log.info("failures_placed", failures=placed, seconds=round(time.monotonic() - began, 3))
        nudge(Job.DESCRIBE_CLUSTERS)
