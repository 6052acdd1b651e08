"""Proof of work done, one kind of worker at a time: a process that exists proves nothing."""

from models.actions import desk
from models.jobs import Job
from workers.app import app


@app.task(name=Job.CANARY)
def canary(worker_kind: str) -> None:
    desk.beat(worker_kind)
