"""How fast a channel goes, and whom it leaves alone: its own pace, the pause a provider asks for, the breaker.

Chats and broadcasts share a channel's pace, so both take their turns here. A turn is taken inside a transaction that
waits for nothing afterwards: the pace is everybody's.
"""

from __future__ import annotations

from models.actions import channels
from models.actions.chat_log import db_now
from models.channels.known import KINDS
from models.channels.outgoing import Handed, Parcel
from models.channels.profile import Capabilities
from models.db import one, run
from models.rules import breaking, rates
from models.rules.breaking import Breaker
from models.rules.rates import Bucket


def take_turn(channel_id: int, can: Capabilities) -> float:
    """One turn of the channel's pace; else the seconds until there is one."""
    pace = one("select *, clock_timestamp() as now from channel_pace where channel_id = %s for update", (channel_id,))
    if pace is None:
        return 0.0
    now, rests_until = pace["now"], max(filter(None, (pace["hold_until"], pace["open_until"])), default=None)
    if rests_until is not None and rests_until > now:
        rests_s: float = (rests_until - now).total_seconds()
        return rests_s
    bucket, wait_s = rates.take(
        Bucket(pace["tokens"], pace["tokens_at"].timestamp()), now.timestamp(), can.per_second, can.burst
    )
    if not wait_s:
        run(
            "update channel_pace set tokens = %s, tokens_at = to_timestamp(%s) where channel_id = %s",
            (bucket.tokens, bucket.at, channel_id),
        )
    return wait_s


def may_go(channel_id: int, kind: str) -> float:
    """One turn for a message that is no part of a chat. Returns seconds to wait, 0 when the turn was taken."""
    return take_turn(channel_id, KINDS[kind]) if kind in KINDS else 0.0


def rest(parcel: Parcel) -> None:
    """The next one to the same person a while after this one was handed over, however long that took."""
    if parcel.kind in KINDS and (pause_s := KINDS[parcel.kind].pause_s):
        run(
            "update identity set slot_at = clock_timestamp() + make_interval(secs => %s)"
            " where channel_id = %s and external_id = %s",
            (pause_s, parcel.channel_id, parcel.to),
        )


_WELL = (
    "select 1 from channel_pace where channel_id = %s and failures = 0 and failing_since is null and open_until is null"
)


def judge(parcel: Parcel, handed: Handed) -> None:
    """What an outcome means for the others that wait: the provider's own pause is obeyed, a sick one left alone, one that
    does not know us any more is not asked again, and who has blocked us is left in peace.
    """
    if handed.code == "unauthorized":
        channels.unauthorized(parcel.channel_id, handed.reason)
    if handed.code == "template":
        channels.doubts_templates(parcel.channel_id)
    if handed.code == "unreachable":
        run(
            "update identity set unreachable_at = clock_timestamp() where channel_id = %s and external_id = %s",
            (parcel.channel_id, parcel.to),
        )
    if handed.retry_after_s is not None:
        _hold(parcel.channel_id, parcel.to, handed)
        return
    failed = handed.outcome in ("later", "unknown")
    if not failed and one(_WELL, (parcel.channel_id,)) is not None:
        return
    pace = one("select * from channel_pace where channel_id = %s for update", (parcel.channel_id,))
    if pace is None:
        return
    before = Breaker(pace["failures"], pace["failing_since"], pace["open_until"])
    after = breaking.failed(before, db_now()) if failed else breaking.CLOSED
    if after != before:
        run(
            "update channel_pace set failures = %s, failing_since = %s, open_until = %s where channel_id = %s",
            (after.failures, after.since, after.open_until, parcel.channel_id),
        )


def _hold(channel_id: int, to: str, handed: Handed) -> None:
    """The provider said when to come back: nobody, or nothing for this customer, goes before."""
    if handed.holds == "person":
        run(
            "update identity set hold_until = clock_timestamp() + make_interval(secs => %s)"
            " where channel_id = %s and external_id = %s",
            (handed.retry_after_s, channel_id, to),
        )
    else:
        run(
            "update channel_pace set hold_until = greatest(hold_until, clock_timestamp() + make_interval(secs => %s))"
            " where channel_id = %s",
            (handed.retry_after_s, channel_id),
        )
