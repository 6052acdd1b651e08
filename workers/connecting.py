"""Somebody wants to know how a channel is, or has removed it: the provider is asked, the answer goes to its row."""

from __future__ import annotations

import structlog

from models import jobs
from models.actions import channels
from models.channels.known import CHANNELS
from models.channels.outgoing import Checked
from models.db import connection
from models.jobs import Job
from models.queries import channels as read
from models.vault import Unopenable

log = structlog.get_logger()


def check(channel_id: int) -> None:
    """Check one channel, if that is wanted and nobody else does. A removed one is taken leave of."""
    wanted = channels.claim_check(channel_id)
    if wanted is None:
        return
    channel = CHANNELS[wanted["kind"]]
    try:
        with connection():
            account = read.account(channel_id, archived=True)
    except Unopenable:
        channels.checked(channel_id, Checked(False, "Its secrets cannot be opened: fill them in again."))
        return
    if wanted["archived_at"] is not None:
        channel.disconnect(account)
        channels.forgotten(channel_id)
        return
    found = channel.connect(account, read.address(account.kind, account.public_key))
    channels.checked(channel_id, found)
    log.info("channel_checked", channel=channel_id, connected=found.connected)


def sweep() -> None:
    """Checks that nobody was asked to make, or whose worker died."""
    with connection():
        due = channels.checks_due()
    for channel_id in due:
        jobs.nudge(Job.CHECK_CHANNEL, channel_id)
