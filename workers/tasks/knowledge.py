"""The bot reads what people taught it."""

from models.jobs import Job
from workers.app import app
from workers.bot import reembedding, studying


@app.task(name=Job.EMBED_KNOWLEDGE, soft_time_limit=100, time_limit=110)  # learning a large desk takes a minute
def embed() -> None:
    studying.study()


@app.task(name=Job.REEMBED, soft_time_limit=100, time_limit=110)  # loading a model, and learning a large desk with it
def reembed() -> None:
    reembedding.go_on()
