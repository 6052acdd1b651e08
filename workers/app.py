"""The Celery application: `celery --app=workers.app worker --queues=desk` and its kin.

`celeryconfig.py` holds the settings, `workers/tasks/` the tasks; here is only what a
process does when it begins.
"""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import celeryd_after_setup, setup_logging, worker_process_init

from models.actions import embedders
from models.db import WORKER_STATEMENT_MS, connect, connection
from models.queries import knowledge
from models.settings import settings
from workers import embedding, logs, speaking

log = structlog.get_logger()

BRAIN = "brain"

GIVES_WAY = 5
"""Steps of niceness. On a machine that they share, whoever is in a chat waits for the front and not for a worker."""


class DeskTask(Task):
    """A task works on one borrowed connection and gives it back, whatever happens."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with connection():
            return self.run(*args, **kwargs)


app = Celery("parley", task_cls=DeskTask)
app.config_from_object("celeryconfig")


@setup_logging.connect
def _log(**_: Any) -> None:
    logs.set_up(settings().log_level)


@celeryd_after_setup.connect
def _begin(instance: Any, **_: Any) -> None:
    """In the worker's own process: a solo worker works here; a prefork one only watches its children."""
    solo = instance.pool_cls.__module__ == "celery.concurrency.solo"
    if solo:
        _open_doors()
    if BRAIN in app.amqp.queues.consume_from:
        if not solo:
            raise SystemExit("The brain's model cannot be forked after use. Start this worker with --pool=solo.")
        _load_model()
    if solo:
        os.nice(GIVES_WAY)  # from now on: a desk that starts waits for its model


def _load_model() -> None:
    """Load what the desk reads with. Without it the worker goes on, hands every question to people, and says so."""
    with connection():
        try:
            embedding.warm_up(knowledge.model_id())
        except embedding.ModelMissing as missing:
            log.error("model_missing", fault=str(missing))  # noqa: TRY400 - the sentence says it all
        embedders.report(embedding.at_hand())


@worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """In each child of a prefork pool: connections of its own, never the parent's sockets."""
    _open_doors()
    os.nice(GIVES_WAY)


def _open_doors() -> None:
    connect(settings(), statement_ms=WORKER_STATEMENT_MS, application="parley-worker")
    speaking.begin()
