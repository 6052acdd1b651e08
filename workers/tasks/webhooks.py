"""Webhooks are told what happened."""

from models.actions import telling as actions
from models.jobs import Job
from workers import telling
from workers.app import app


@app.task(name=Job.SEND_WEBHOOKS)
def send(webhook_id: int) -> None:
    telling.drain(webhook_id)


@app.task(name=Job.SWEEP_WEBHOOKS)
def sweep() -> None:
    actions.sweep()
