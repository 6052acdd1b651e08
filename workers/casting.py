"""Broadcasts from their ledger to the channels: claim, send, record."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog

from models import jobs
from models.actions import notices, sending
from models.actions.sending import LEASE_S, Claim
from models.channels.base import Channel
from models.channels.known import CHANNELS as KNOWN
from models.channels.outgoing import Handed, Parcel
from models.channels.profile import Account
from models.channels.web import Web
from models.db import connection
from models.errors import NotFound
from models.jobs import Job
from models.queries import channels as read
from models.vault import Unopenable

log = structlog.get_logger()

SLICE_S = 4.0
"""One task's time; what is left is the next task's, behind whatever else waits to be delivered."""

PAUSE_S = 1.0
"""The longest a worker sleeps for a turn; who has to wait longer is found by the sweep."""

RESTS = 0.6
"""After a handful, for so long as it took times this: at its full speed one sender takes a chat's processor away."""

_GONE = Handed("refused", "There is no such channel any more.")

TELL_S = 0.5
"""Between two words of progress: often enough to be seen moving."""

CHANNELS: dict[str, Channel] = {**KNOWN, Web.kind: Web(notices.place)}


def send(broadcast_id: int, channels: Mapping[str, Channel] = CHANNELS, slice_s: float = SLICE_S) -> None:
    """Send a broadcast for a while. Asks for another task where there is more to do soon."""
    until, told, moved = time.monotonic() + slice_s, time.monotonic(), False
    while True:
        began, claimed = time.monotonic(), sending.claim(broadcast_id)
        moved = _deliver(claimed, channels) or moved
        if len(claimed.parcels) > 1:
            time.sleep(RESTS * (time.monotonic() - began))
        now = time.monotonic()
        if moved and now - told >= TELL_S:
            sending.tell(broadcast_id)
            told, moved = now, False
        wait_s = 0.0 if claimed.parcels else claimed.wait_s
        if wait_s is None or wait_s > PAUSE_S:
            break
        if now + wait_s > until:
            jobs.nudge(Job.SEND_BROADCAST, broadcast_id)
            break
        time.sleep(wait_s)
    if moved:
        sending.tell(broadcast_id)


def _account(channel_id: int) -> Account | None:
    """The channel's account as it is now; None when it is gone, or its secrets cannot be opened."""
    try:
        with connection():
            return read.account(channel_id)
    except (NotFound, Unopenable):
        return None


def _deliver(claimed: Claim, channels: Mapping[str, Channel]) -> bool:
    """Hand each parcel over. Returns whether anything was recorded."""
    began, sent = time.monotonic(), list[tuple[Parcel, str | None]]()
    accounts = {channel_id: _account(channel_id) for channel_id in {each.channel_id for each in claimed.parcels}}
    for place, parcel in enumerate(claimed.parcels):
        if time.monotonic() - began > LEASE_S / 2:
            sending.give_back(claimed.parcels[place:])
            break
        channel, account = channels.get(parcel.kind), accounts[parcel.channel_id]
        handed = channel.send(account, parcel) if channel is not None and account is not None else _GONE
        if channel is not None and channel.can.idempotent and handed.outcome == "sent":
            sent.append((parcel, handed.provider_id))  # recorded together: whoever dies before that does it again
        else:
            sending.record(parcel, handed)
        log.info("broadcast_sent", recipient=parcel.row_id, attempt=parcel.attempt, outcome=handed.outcome)
    if sent:
        sending.record_sent(sent)
    return bool(claimed.parcels)
