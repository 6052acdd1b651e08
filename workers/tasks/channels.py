"""Channels: what comes in, what goes out, how they are."""

from models.actions import alarms
from models.jobs import Job
from workers import connecting, delivering, taking
from workers.app import app


@app.task(name=Job.TAKE_IN)
def take_in() -> None:
    taking.take()


@app.task(name=Job.DELIVER)
def deliver() -> None:
    delivering.deliver()


@app.task(name=Job.SWEEP_CHANNELS)
def sweep() -> None:
    taking.sweep()
    delivering.sweep()
    connecting.sweep()


@app.task(name=Job.POLL_CHANNELS)
def poll_due() -> None:
    taking.poll_due()


@app.task(name=Job.POLL_CHANNEL)
def poll(channel_id: int) -> None:
    taking.poll(channel_id)


@app.task(name=Job.SWEEP_ALARMS)
def sweep_alarms() -> None:
    alarms.sweep()


@app.task(name=Job.CHECK_CHANNEL)
def check(channel_id: int) -> None:
    connecting.check(channel_id)
