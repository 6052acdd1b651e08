"""What has fallen due."""

from models.actions import timekeeping
from models.jobs import Job
from workers.app import app


@app.task(name=Job.SWEEP_TIMERS)
def sweep() -> None:
    timekeeping.fire_due()
