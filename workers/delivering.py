"""Messages from their rows to the channels: claim, send, record."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from models import jobs
from models.actions import deliveries
from models.actions.deliveries import Claimed
from models.channels.base import Channel
from models.channels.known import CHANNELS
from models.channels.outgoing import File, Handed, Parcel
from models.channels.profile import Account
from models.db import connection
from models.errors import NotFound
from models.jobs import Job
from models.media.storage import storage
from models.queries import channels as read
from models.queries import media
from models.vault import Unopenable

log = structlog.get_logger()

SLICE_S = 4.0
"""One task's time; what is left is the next task's, behind whatever else waits to be delivered."""

PAUSE_S = 1.0
"""The longest a worker sleeps for a turn; who has to wait longer is found by the sweep."""


def deliver(channels: Mapping[str, Channel] = CHANNELS, slice_s: float = SLICE_S) -> None:
    """Send what is due for a while. Asks for another task where there is more to do soon."""
    until = time.monotonic() + slice_s
    while True:
        claim = deliveries.claim()
        if claim.claimed is not None:
            _hand_over(claim.claimed, channels)
        elif claim.wait_s is None or claim.wait_s > PAUSE_S:
            return
        else:
            time.sleep(claim.wait_s)
        if time.monotonic() > until:
            jobs.nudge(Job.DELIVER)
            return


def _hand_over(claimed: Claimed, channels: Mapping[str, Channel]) -> None:
    parcel = claimed.parcel
    try:
        with connection():
            account = read.account(parcel.channel_id)
            parcel = _with_files(parcel, claimed.file_ids)
    except NotFound:
        handed = Handed("refused", "The file, or the channel, is not there any more.")
    except Unopenable:
        handed = Handed("refused", "The channel’s secrets cannot be opened: fill them in again.", code="unauthorized")
    else:
        handed = _does(channels[parcel.kind], account, parcel)
    deliveries.record(claimed, handed)
    log.info("delivered", delivery=parcel.row_id, part=parcel.part, attempt=parcel.attempt, outcome=handed.outcome)


def _does(channel: Channel, account: Account, parcel: Parcel) -> Handed:
    match parcel.does:
        case "amend":
            return channel.amend(account, parcel)
        case "withdraw":
            return channel.withdraw(account, parcel)
    return channel.send(account, parcel)


def _with_files(parcel: Parcel, file_ids: Sequence[int]) -> Parcel:
    files = [_file(each) for each in file_ids]
    return replace(parcel, file=files[0], also=files[1:]) if files else parcel


def _file(file_id: int) -> File:
    row = media.stored(file_id)
    content = b"".join(storage().read(row["storage_key"], 0, row["size"]))
    return File(row["name"], row["kind"], row["content_type"], content)


def sweep() -> None:
    """Nudges were lost, workers died: look again."""
    if deliveries.sweep():
        jobs.nudge(Job.DELIVER)
