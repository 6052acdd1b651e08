"""Letters go out."""

from models.jobs import Job
from workers import mailing
from workers.app import app


@app.task(name=Job.SEND_MAIL)
def send(mail_id: int) -> None:
    mailing.send(mail_id)


@app.task(name=Job.SWEEP_MAIL)
def sweep() -> None:
    mailing.send_due()
