"""Read everything with the model the desk is going over to, learn from it, and change over. On the line of long work."""

from __future__ import annotations

import time

import structlog

from models.actions import reembedding
from models.jobs import Job, nudge
from models.queries import reembedding as read
from workers import embedding

log = structlog.get_logger()

SECONDS = 5.0  # of reading per task: exports wait in the same line
BATCH = 64


def go_on() -> None:
    """Go on with the change, if there is one. Safe to run at any time, any number of times."""
    if reembedding.tidy() == reembedding.REMOVED_AT_ONCE:
        nudge(Job.REEMBED)
    claimed = reembedding.claim()
    if claimed is None:
        return
    number, model_id = int(str(claimed["id"])), str(claimed["model_id"])
    try:
        _read(number, model_id)
    except embedding.ModelMissing as missing:
        reembedding.fail(number, str(missing))


def _read(number: int, model_id: str) -> None:
    began = time.monotonic()
    while texts := read.following(number, BATCH):
        if not reembedding.record(number, texts, embedding.embed([each.text for each in texts], model_id)):
            embedding.keep_only()
            return
        if time.monotonic() - began > SECONDS:
            reembedding.rest(number)
            nudge(Job.REEMBED)
            return
    _change_over(number, model_id)


def _change_over(number: int, model_id: str) -> None:
    from workers.bot import learning  # scikit-learn, for the process that learns

    if not reembedding.think(number):
        return
    fingerprint = read.coming_fingerprint(number)
    learned = learning.learn(read.coming_lessons(number, learning.MOST_PER_SERVICE))
    began = time.monotonic()
    if reembedding.change_over(number, learned, fingerprint):
        log.info("model_changed", model=model_id, seconds=round(time.monotonic() - began, 3))
    embedding.keep_only()  # this process reads with no model once the change is over
