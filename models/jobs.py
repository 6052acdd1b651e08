"""Ask a worker, after commit. The row is the work; the job is a nudge that says "look again".

A nudge that is lost costs a few seconds: a sweep finds the row. So a broker that
does not answer is logged and never fails the action that asked.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache

import structlog
from celery import Celery

from models.db import after_commit

log = structlog.get_logger()


class Job(StrEnum):
    """Every task, named once. Arguments are ids, never rows."""

    ANSWER_CUSTOMER = "bot.answer_customer"  # message id
    SWEEP_BOT = "bot.sweep"
    SWEEP_TIMERS = "timers.sweep"
    ASSIGN_WAITING = "assignment.assign_waiting"  # team id, 0 for every team
    SWEEP_QUEUE = "assignment.sweep"
    SWEEP_PRESENCE = "presence.sweep"
    EMBED_KNOWLEDGE = "knowledge.embed"
    REEMBED = "knowledge.reembed"
    TRY_QUESTION = "bot.try_question"  # trial id
    SWEEP_MEDIA = "media.sweep"
    SEND_MAIL = "mail.send"  # mail id
    SWEEP_MAIL = "mail.sweep"
    SEND_WEBHOOKS = "webhooks.send"  # webhook id
    SWEEP_WEBHOOKS = "webhooks.sweep"
    SEND_BROADCAST = "broadcasts.send"  # broadcast id
    SWEEP_BROADCASTS = "broadcasts.sweep"
    SWEEP_WORDS = "words.sweep"
    WRITE_EXPORT = "exports.write"  # export id
    SWEEP_EXPORTS = "exports.sweep"
    SWEEP_RETENTION = "retention.sweep"
    GROUP_FAILURES = "failures.group"
    DESCRIBE_CLUSTERS = "failures.describe"
    REGROUP_FAILURES = "failures.regroup"
    RUN_REPLAY = "failures.replay"  # replay id
    SWEEP_REPLAYS = "failures.sweep_replays"
    TAKE_IN = "channels.take_in"
    DELIVER = "channels.deliver"
    SWEEP_CHANNELS = "channels.sweep"
    POLL_CHANNELS = "channels.poll_due"
    POLL_CHANNEL = "channels.poll"  # channel id
    SWEEP_ALARMS = "channels.sweep_alarms"
    CHECK_CHANNEL = "channels.check"  # channel id
    CANARY = "health.canary"


@cache
def producer() -> Celery:
    """A Celery that only sends. It never imports a task module."""
    app = Celery("parley-producer", set_as_current=False)
    app.config_from_object("celeryconfig")
    return app


def enqueue(job: Job, *ids: int) -> None:
    after_commit(lambda: nudge(job, *ids))


def nudge(job: Job, *ids: int) -> None:
    """Ask outside a transaction. For sweeps that find rows rather than write them."""
    _hand_over(job, ids)


def send(job: Job, ids: tuple[int, ...]) -> None:
    """Send now, and wait for the broker if it hangs."""
    try:
        producer().send_task(job.value, args=ids)
    except Exception as fault:  # noqa: BLE001 - whatever the broker's trouble is, the row is there and a sweep finds it
        log.warning("nudge_lost", job=job.value, ids=ids, fault=str(fault))


Sender = Callable[[Job, tuple[int, ...]], None]
_hand_over: Sender = send


def send_through(sender: Sender) -> None:
    """Set how this process asks. Called once, at start, where people wait for the process."""
    global _hand_over
    _hand_over = sender
