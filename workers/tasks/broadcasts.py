"""Broadcasts go out."""

from models.actions import sending
from models.jobs import Job
from workers import casting
from workers.app import app


@app.task(name=Job.SEND_BROADCAST)
def send(broadcast_id: int) -> None:
    casting.send(broadcast_id)


@app.task(name=Job.SWEEP_BROADCASTS)
def sweep() -> None:
    sending.sweep()
