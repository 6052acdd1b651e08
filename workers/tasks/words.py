"""The words that a search knows."""

from models.actions import words
from models.jobs import Job
from workers.app import app


@app.task(name=Job.SWEEP_WORDS)
def sweep() -> None:
    words.sweep()
