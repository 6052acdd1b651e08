"""The bot reads what people taught it."""

from models.jobs import Job
from workers.app import app
from workers.bot import studying


@app.task(name=Job.EMBED_KNOWLEDGE, soft_time_limit=100, time_limit=110)  # learning a large desk takes a minute
def embed() -> None:
    studying.study()
