"""Files that nobody needs any more."""

from models.actions import uploads
from models.jobs import Job
from workers.app import app


@app.task(name=Job.SWEEP_MEDIA)
def sweep() -> None:
    uploads.sweep()
