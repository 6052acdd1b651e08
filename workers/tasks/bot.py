"""The bot answers customers."""

from models.jobs import Job
from workers.app import app
from workers.bot import turns


@app.task(name=Job.ANSWER_CUSTOMER)
def answer_customer(message_id: int) -> None:
    turns.take(message_id)


@app.task(name=Job.SWEEP_BOT)
def sweep() -> None:
    turns.take_due()
