"""What the bot could not answer is grouped, described and asked again."""

from models.jobs import Job
from workers.app import app
from workers.bot import replaying
from workers.grouping import incoming


@app.task(name=Job.GROUP_FAILURES)
def group() -> None:
    incoming.place_all()


@app.task(name=Job.DESCRIBE_CLUSTERS)
def describe() -> None:
    from workers.grouping import describing  # numpy: only in the process that describes

    describing.describe_due()


@app.task(name=Job.REGROUP_FAILURES, soft_time_limit=100, time_limit=110)
def regroup() -> None:
    from workers.grouping import nightly

    nightly.regroup_when_due()


@app.task(name=Job.RUN_REPLAY)
def replay(replay_id: int) -> None:
    replaying.run(replay_id)


@app.task(name=Job.SWEEP_REPLAYS)
def sweep_replays() -> None:
    replaying.run_due()
