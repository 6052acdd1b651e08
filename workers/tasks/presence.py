"""Agents whose screens have gone dark."""

from models.actions import presence
from models.jobs import Job
from workers.app import app


@app.task(name=Job.SWEEP_PRESENCE)
def sweep() -> None:
    presence.sweep()
