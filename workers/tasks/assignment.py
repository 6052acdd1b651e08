"""Waiting chats find agents with room."""

from models.actions import assignment
from models.jobs import Job
from workers.app import app


@app.task(name=Job.ASSIGN_WAITING)
def assign_waiting(team_id: int) -> None:
    assignment.assign_waiting(team_id or None)


@app.task(name=Job.SWEEP_QUEUE)
def sweep() -> None:
    assignment.sweep()
