"""What has been kept long enough."""

from models.actions import retention
from models.jobs import Job
from workers.app import app


@app.task(name=Job.SWEEP_RETENTION, soft_time_limit=100, time_limit=110)
def sweep() -> None:
    retention.sweep()
