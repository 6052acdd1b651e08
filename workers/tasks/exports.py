"""Files made of the history."""

from models.actions import exports
from models.jobs import Job
from workers.app import app


@app.task(name=Job.WRITE_EXPORT, soft_time_limit=100, time_limit=110)
def write(export_id: int) -> None:
    exports.write(export_id)


@app.task(name=Job.SWEEP_EXPORTS, soft_time_limit=100, time_limit=110)
def sweep() -> None:
    exports.sweep()
