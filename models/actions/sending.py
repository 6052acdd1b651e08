"""A broadcast on its way: claimed, handed to a channel, recorded. No transaction is held while a channel works.

The ledger is the work. Whoever claims takes a lease and counts the attempt before anything leaves the house; who dies
leaves a claim that runs out. Where sending the same again is harmless it is sent again; where it is not, nobody knows
whether it arrived, and the ledger says that rather than guessing. Pausing and cancelling change the broadcast's row,
which every claim reads under its lock: what has not been claimed by then does not leave.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from models import jobs, live
from models.actions import announcements, channels, chat_log, deliveries, notices, pacing
from models.actions.chat_log import SYSTEM, Row
from models.channels.base import WHOLE_S
from models.channels.incoming import Receipt
from models.channels.known import KINDS
from models.channels.outgoing import Handed, Parcel
from models.db import atomically, one, rows, run
from models.errors import DeskError
from models.jobs import Job
from models.live import CONSOLE, Event, Room
from models.queries import audiences, templates
from models.queries import broadcasts as read
from models.rules import broadcasting, stopping, wording
from models.rules.audiences import Reason
from models.rules.broadcasting import Outcome, State
from models.settings import settings

AT_ONCE = 20
"""Recipients claimed together where sending twice is harmless; one at a time elsewhere, so that a death leaves one unknown."""

LEASE_S = 3 * WHOLE_S
"""A claim holds longer than any one send may take; whoever has used up half of it gives back what is left."""

IDLE_S = 8
"""A broadcast that nobody has claimed from for so long has lost its sender, and the sweep sends another."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sender has in hand. With no parcels: seconds until there may be some, or None when there is nothing."""

    parcels: Sequence[Parcel] = field(default_factory=tuple)
    wait_s: float | None = None


_ON_TRIAL = (
    "from recipient t where t.broadcast_id = %(broadcast)s and t.trial and t.state = 'waiting'"
    " and t.due_at <= clock_timestamp()"
)
_CAST = (
    f"select b.*, clock_timestamp() as now, exists (select {_ON_TRIAL}) as on_trial"
    " from broadcast b where b.id = %(broadcast)s for update of b"
)


@atomically
def claim(broadcast_id: int) -> Claim:
    """Take the next recipients in hand, as many as the pace allows. Two senders of one broadcast take turns."""
    cast = one(_CAST, {"broadcast": broadcast_id})
    if cast is None:
        return Claim()
    if cast["on_trial"] and (parcels := _trials(broadcast_id)):
        return Claim(parcels)
    if cast["state"] != State.SENDING:
        return Claim()
    now = cast["now"]
    allowed = broadcasting.allowance(cast["slot_at"], now, cast["rate"], AT_ONCE)
    if not allowed.many:
        return Claim(wait_s=allowed.wait_s)
    found = _next(broadcast_id, allowed.many)
    going = _at_once(_leave_out(found))
    if going and (wait_s := _turn_s(going, found)):
        return Claim(wait_s=wait_s)
    parcels = _claimed(going)
    if not parcels:
        return Claim(wait_s=_next_due_s(broadcast_id) if not _finish(broadcast_id) else None)
    slot_at = broadcasting.slot_after(cast["slot_at"], now, cast["rate"], len(parcels))
    run("update broadcast set slot_at = %s, updated_at = clock_timestamp() where id = %s", (slot_at, broadcast_id))
    return Claim(parcels)


def _trials(broadcast_id: int) -> list[Parcel]:
    """Test sends go whatever the broadcast's state is, and at no pace."""
    found = rows(f"select t.id {_ON_TRIAL} order by t.id limit 1 for update skip locked", {"broadcast": broadcast_id})
    return _claimed([each["id"] for each in found])


_NEXT = (
    "from recipient r where r.broadcast_id = %(broadcast)s and r.state = 'waiting' and not r.trial"
    " and r.due_at <= clock_timestamp() order by r.due_at, r.id limit %(many)s"
)


def _way(recipient: str) -> str:
    """How they are reached there: of two accounts the one that does not block us, and that wrote last."""
    return (
        "left join lateral (select i.external_id, i.notes, i.last_in_at, i.unreachable_at from identity i"
        f" where i.customer_id = {recipient}.customer_id and i.channel_id = {recipient}.channel_id"
        " order by i.unreachable_at is not null, i.last_in_at desc nulls last, i.id desc limit 1) i on true"
    )


def _next(broadcast_id: int, many: int) -> list[Row]:
    """The next recipients, locked, each with why they may not be written to after all (R-23).

    Their customers' rows are locked first, as an erasure does, so that nobody opts out between the look and the claim.
    """
    of = {"broadcast": broadcast_id, "many": many}
    run(f"select 1 from customer where id in (select r.customer_id {_NEXT}) order by id for share", of)
    return rows(
        f"select r.id, r.channel_id, h.kind, {audiences.UNWELCOME} as reason, b.templates, i.last_in_at,"
        " i.unreachable_at, clock_timestamp() as now from recipient r join broadcast b on b.id = r.broadcast_id"
        f" join customer s on s.id = r.customer_id left join channel h on h.id = r.channel_id {_way('r')}"
        f" where r.id in (select r.id {_NEXT}) order by r.due_at, r.id for update of r skip locked",
        of,
    )


def _leave_out(found: list[Row]) -> list[Row]:
    """Whoever was erased, blocked or opted out since the audience was frozen is not written to, nor who has blocked us
    since, or can be written to no more without a template. Returns the others.
    """
    reasons = {each["id"]: each["reason"] or _out_of_reach(each) for each in found}
    for number, reason in reasons.items():
        if reason is not None:
            run(
                "update recipient set state = 'skipped', reason = %s, settled_at = clock_timestamp() where id = %s",
                (reason, number),
            )
    return [each for each in found if reasons[each["id"]] is None]


def _out_of_reach(each: Row) -> str | None:
    if each["unreachable_at"] is not None:
        return Reason.BLOCKS_US
    chosen = any(template["channel_id"] == each["channel_id"] for template in each["templates"])
    return Reason.WINDOW_CLOSED if _is_closed(each) and not chosen else None


def _is_closed(each: Row) -> bool:
    """Whether only a template goes to them now."""
    hours = KINDS[each["kind"]].window_h if each["kind"] in KINDS else None
    if hours is None:
        return False
    closed: bool = each["last_in_at"] is None or each["now"] - each["last_in_at"] > timedelta(hours=hours)
    return closed


def _at_once(found: list[Row]) -> list[int]:
    """Those to claim together: all of one harmless run, or else the first alone."""
    harmless = list(itertools.takewhile(lambda each: _is_harmless(each["kind"]), found))
    return [each["id"] for each in harmless or found[:1]]


def _turn_s(going: list[int], found: list[Row]) -> float:
    """Seconds until the channel of a recipient who goes alone takes one more; what its chats send counts as well."""
    first = next(each for each in found if each["id"] == going[0])
    if first["channel_id"] is None or _is_harmless(first["kind"]):
        return 0.0
    return pacing.may_go(first["channel_id"], first["kind"])


def _is_harmless(kind: str | None) -> bool:
    return kind is not None and kind in KINDS and KINDS[kind].idempotent


def _claimed(ids: list[int]) -> list[Parcel]:
    taken = rows(
        "update recipient r set state = 'claimed', attempts = r.attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s)"
        " from broadcast b, desk k, recipient self join customer s on s.id = self.customer_id"
        f" left join channel h on h.id = self.channel_id {_way('self')}"
        " where r.id = any(%s) and self.id = r.id and b.id = r.broadcast_id and k.id = 1"
        " returning r.id, r.broadcast_id, r.customer_id, r.channel_id, r.attempts, b.body, b.templates,"
        " coalesce(b.subject, k.name) as subject, h.kind, i.external_id, i.notes, i.last_in_at, s.name,"
        " clock_timestamp() as now",
        (LEASE_S, ids),
    )
    parcels = [_parcel(each) for each in sorted(taken, key=lambda each: int(each["id"]))]
    return [each for each in parcels if each is not None]


def _parcel(each: Row) -> Parcel | None:
    """One recipient's message. None, and the ledger says why, where its template has been rejected meanwhile."""
    filled = None
    if _is_closed(each):
        chosen = next((found for found in each["templates"] if found["channel_id"] == each["channel_id"]), None)
        try:
            filled = templates.for_many(chosen, name=each["name"]) if chosen else None
        except DeskError as refusal:
            _settle(each["id"], Outcome.FAILED, error=refusal.sentence)
            return None
    kind = each["kind"] or ""
    stop = stopping.address(settings().public_url, settings().secret_key, each["customer_id"])
    can = KINDS.get(kind)
    body = broadcasting.words(
        each["body"], formats=can is not None and can.formats, stop=None if kind == "web" else stop
    )
    return Parcel(
        row_id=each["id"],
        broadcast_id=each["broadcast_id"],
        customer_id=each["customer_id"],
        channel_id=each["channel_id"] or 0,
        kind=kind,
        to=each["external_id"] or "",
        to_notes=each["notes"] or {},
        body=filled.text if filled else body,
        template=deliveries.template_of(filled.kept) if filled else None,
        subject=each["subject"],
        stop=stop,
        attempt=each["attempts"],
    )


def _next_due_s(broadcast_id: int) -> float | None:
    """Seconds until somebody's next try; None when others have them all in hand."""
    found = one(
        "select extract(epoch from min(due_at) - clock_timestamp())::float8 as s from recipient"
        " where broadcast_id = %s and state = 'waiting' and not trial",
        (broadcast_id,),
    )
    return None if found is None or found["s"] is None else max(float(found["s"]), 0.05)


def _finish(broadcast_id: int) -> bool:
    """Nobody is waiting and nothing is under way: the locked broadcast has ended. Returns whether it has."""
    counts = read.counts([broadcast_id])[broadcast_id]
    if counts["waiting"] or counts["claimed"]:
        return False
    state = broadcasting.ended_as(counts["sent"], counts["failed"], counts["unknown"])
    (ended,) = rows(
        "update broadcast set state = %s, finished_at = clock_timestamp() where id = %s"
        " returning extract(epoch from finished_at)::bigint as at",
        (state, broadcast_id),
    )
    # one that was tried again ends again
    announcements.make("broadcast.finished", f"broadcast_{broadcast_id}_{ended['at']}", subject_id=broadcast_id)
    tell(broadcast_id)
    return True


@atomically
def record(parcel: Parcel, handed: Handed) -> None:
    """Note how a send ended. Who comes so late that the claim is another's by now changes nothing."""
    if handed.outcome == "sent":
        _sent([(parcel, handed.provider_id)])
        pacing.judge(parcel, handed)
        return
    later = handed.outcome == "later"
    if later:  # cancelling and pausing wait, so that this one is not left waiting behind them
        run("select 1 from broadcast where id = %s for update", (parcel.broadcast_id,))
    held = one(
        "select r.trial, r.state, b.state as broadcast_state from recipient r join broadcast b on b.id = r.broadcast_id"
        " where r.id = %s and r.attempts = %s and r.state in ('claimed', 'unknown') for update of r",
        (parcel.row_id, parcel.attempt),
    )
    if held is None:
        return
    pacing.judge(parcel, handed)
    if not later:
        state = Outcome.UNKNOWN if handed.outcome == "unknown" else Outcome.FAILED
        _settle(parcel.row_id, state, error=handed.reason, provider_id=handed.provider_id)
    elif held["broadcast_state"] == State.CANCELLED and not held["trial"]:
        _settle(parcel.row_id, Outcome.SKIPPED, reason="cancelled")
    else:
        wait_s = broadcasting.again_after(parcel.attempt, handed.retry_after_s)
        if wait_s is None or held["state"] == Outcome.UNKNOWN:
            _settle(parcel.row_id, Outcome.FAILED, error=handed.reason)
        else:
            _try_again(parcel, handed, wait_s)


@atomically
def record_sent(sent: Sequence[tuple[Parcel, str | None]]) -> None:
    """The same for many at once that their channel has taken, where doing one again would be harmless."""
    _sent(sent)


# The ledger says so, and, but in widgets, where it lies already, so does the customer's story: in one statement.
_SENT = """
with done as (
    update recipient r set state = 'sent', lease_until = null, settled_at = clock_timestamp(), error = null,
           provider_id = v.provider_id
    from unnest(%s::bigint[], %s::int[], %s::text[], %s::text[]) as v(id, attempts, provider_id, body)
    where r.id = v.id and r.attempts = v.attempts and r.state in ('claimed', 'unknown')
    returning r.id, r.customer_id, r.channel_id, v.body)
insert into notice (recipient_id, customer_id, channel_id, body)
select d.id, d.customer_id, d.channel_id, d.body from done d join channel h on h.id = d.channel_id and h.kind <> 'web'
join customer s on s.id = d.customer_id and s.erased_at is null
on conflict (recipient_id) do nothing returning id, customer_id, channel_id
"""


def _sent(sent: Sequence[tuple[Parcel, str | None]]) -> None:
    open_chats = notices.open_elsewhere([parcel for parcel, _ in sent])
    told = rows(
        _SENT,
        (
            [parcel.row_id for parcel, _ in sent],
            [parcel.attempt for parcel, _ in sent],
            [provider_id for _, provider_id in sent],
            [parcel.body if parcel.template else None for parcel, _ in sent],
        ),
    )
    for each in told:
        if (chat := open_chats.get((each["customer_id"], each["channel_id"]))) is not None:
            notices.stands_in(chat, each["id"])


@atomically
def receipt(channel_id: int, told: Receipt) -> bool:
    """A provider says what became of one that it had taken: it was read, or it was refused after all.

    Returns whether it was a message of a broadcast.
    """
    found = one(
        "select r.id, r.broadcast_id, n.id as notice_id, n.chat_id from recipient r"
        " left join notice n on n.recipient_id = r.id where r.channel_id = %s and r.provider_id = %s",
        (channel_id, told.message_id),
    )
    if found is None or told.state == "delivered":
        return found is not None
    if told.state == "read":
        run("update notice set seen_at = clock_timestamp() where id = %s and seen_at is null", (found["notice_id"],))
        return True
    chat = chat_log.locked(found["chat_id"]) if found["chat_id"] is not None else None
    refused = run(
        "update recipient set state = 'failed', error = %s, settled_at = clock_timestamp() where id = %s and state = 'sent'",
        (told.reason or None, found["id"]),
    )
    if not refused:
        return True
    if told.code == "template":
        channels.doubts_templates(channel_id)
    run("delete from notice where id = %s", (found["notice_id"],))  # if it is tried again, it may come after all
    if chat is not None:
        said = wording.broadcast_lost(told.reason)
        chat_log.write(chat, SYSTEM, kind="event", body=said, data={"event": "broadcast_lost"}, public=False)
        chat.store()
    tell(found["broadcast_id"])
    return True


def _try_again(parcel: Parcel, handed: Handed, wait_s: float) -> None:
    """Later, and later still. A channel that says when is left alone until then, by the whole broadcast."""
    run(
        "update recipient set state = 'waiting', lease_until = null, settled_at = null, error = %s,"
        " due_at = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (handed.reason or None, wait_s, parcel.row_id),
    )
    if handed.retry_after_s is not None:
        run(
            "update broadcast set slot_at = greatest(slot_at, clock_timestamp() + make_interval(secs => %s)) where id = %s",
            (handed.retry_after_s, parcel.broadcast_id),
        )


def _settle(
    recipient_id: int, state: Outcome, *, error: str = "", provider_id: str | None = None, reason: str | None = None
) -> None:
    run(
        "update recipient set state = %s, reason = %s, lease_until = null, settled_at = clock_timestamp(), error = %s,"
        " provider_id = %s where id = %s",
        (state, reason, error or None, provider_id, recipient_id),
    )


@atomically
def give_back(parcels: Sequence[Parcel]) -> None:
    """Parcels that were claimed and certainly never left: somebody else's, at once, and no attempt was made."""
    for parcel in parcels:
        run(
            "update recipient set state = 'waiting', lease_until = null, attempts = attempts - 1"
            " where id = %s and attempts = %s and state = 'claimed'",
            (parcel.row_id, parcel.attempt),
        )


@atomically
def tell(broadcast_id: int) -> None:
    """Screens show how far a broadcast is."""
    run("update broadcast set version = version + 1 where id = %s", (broadcast_id,))
    facts = read.brief(broadcast_id)
    if facts is not None:
        live.push(CONSOLE, Event.BROADCAST_CHANGED, [Room.BROADCASTS], facts)


# --- the sweep -------------------------------------------------------------------------------------------------


def sweep() -> None:
    """Begin what is due, give up or give back what a dead sender had in hand, and send for what nobody sends."""
    for each in rows("select id from broadcast where state = 'scheduled' and scheduled_at <= clock_timestamp()"):
        _begin(each["id"])
    lapsed = rows(
        "select distinct broadcast_id from recipient where state = 'claimed' and lease_until <= clock_timestamp()"
    )
    for each in lapsed:
        _let_go(each["broadcast_id"])
    for broadcast_id in _left_alone():
        jobs.nudge(Job.SEND_BROADCAST, broadcast_id)


@atomically
def _begin(broadcast_id: int) -> None:
    begun = run(
        "update broadcast set state = 'sending', started_at = clock_timestamp(), updated_at = clock_timestamp()"
        " where id = %s and state = 'scheduled' and scheduled_at <= clock_timestamp()",
        (broadcast_id,),
    )
    if begun:
        tell(broadcast_id)
        jobs.enqueue(Job.SEND_BROADCAST, broadcast_id)


@atomically
def _let_go(broadcast_id: int) -> None:
    """Claims that ran out. What is harmless to send twice waits again, unless it was cancelled; of the rest nobody knows."""
    cast = one("select state from broadcast where id = %s for update", (broadcast_id,))
    if cast is None:
        return
    lapsed = rows(
        "select r.id, r.trial, h.kind from recipient r left join channel h on h.id = r.channel_id"
        " where r.broadcast_id = %s and r.state = 'claimed' and r.lease_until <= clock_timestamp() for update of r skip locked",
        (broadcast_id,),
    )
    for each in lapsed:
        if not _is_harmless(each["kind"]):
            _settle(each["id"], Outcome.UNKNOWN, error="The sender ended before an answer came.")
        elif cast["state"] == State.CANCELLED and not each["trial"]:
            _settle(each["id"], Outcome.SKIPPED, reason="cancelled")
        else:
            run("update recipient set state = 'waiting', lease_until = null where id = %s", (each["id"],))
    if lapsed:
        tell(broadcast_id)


def _left_alone() -> list[int]:
    """Broadcasts with something to send, or nothing left at all, whose sender has not been heard of for a while."""
    found = rows(
        "select b.id from broadcast b where b.state = 'sending' and b.updated_at < clock_timestamp() - %(idle)s"
        " and coalesce(b.slot_at, '-infinity') <= clock_timestamp() and ("
        "  exists (select from recipient r where r.broadcast_id = b.id and r.state = 'waiting'"
        "          and r.due_at <= clock_timestamp() and not r.trial)"
        "  or not exists (select from recipient r where r.broadcast_id = b.id and r.state in ('waiting', 'claimed')"
        "                 and not r.trial))"
        " union select r.broadcast_id from recipient r where r.trial and r.state = 'waiting'"
        " and r.due_at <= clock_timestamp() - %(idle)s",
        {"idle": timedelta(seconds=IDLE_S)},
    )
    return [each["id"] for each in found]
