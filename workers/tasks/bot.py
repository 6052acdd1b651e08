"""The bot answers customers."""

from models.jobs import Job
from workers.app import app
from workers.bot import trying, turns


@app.task(name=Job.ANSWER_CUSTOMER)
def answer_customer(message_id: int) -> None:
    turns.take(message_id)


@app.task(name=Job.SWEEP_BOT)
def sweep() -> None:
    turns.take_due()
    trying.take_open()


@app.task(name=Job.TRY_QUESTION)
def try_question(trial_id: int) -> None:
    trying.take(trial_id)
