"""Messages on their way out: claimed first in, first out for each chat, handed over, recorded.

A row is written with its message, in one statement (`chat_log.write`, `messages.post`). Whoever claims one takes a
lease and counts the attempt before anything leaves the house. What may have arrived is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import peewee

from models import jobs
from models.actions import chat_log, news, pacing, recalls
from models.actions.chat_log import Row
from models.channels.base import WHOLE_S
from models.channels.known import KINDS
from models.channels.outgoing import Handed, Parcel, Template, Value
from models.channels.profile import Capabilities
from models.db import atomically, one, rows, run
from models.errors import Conflict, NotFound
from models.jobs import Job
from models.queries import access
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import delivering
from models.rules.delivering import GIVE_UP, LOST, State

LEASE_S = 3 * WHOLE_S
THREAD = 10
"""So many of a chat's earlier messages are named to a channel that threads."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One part of a message in hand. `file_ids`: the attachments that go with it; `parts`: how many there are in all."""

    parcel: Parcel
    file_ids: Sequence[int]
    parts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What there is to do: something in hand, or seconds until there may be, or nothing at all."""

    claimed: Claimed | None = None
    refused: str = ""
    wait_s: float | None = None


# The first of a chat's line is looked up by its index and not joined (`inbox` says why).
_HEADS = """
from delivery d
join channel h on h.id = d.channel_id and h.paused_at is null and h.archived_at is null
left join channel_pace p on p.channel_id = h.id
join chat c on c.id = d.chat_id
left join lateral (select i.* from identity i where i.customer_id = c.customer_id and i.channel_id = c.channel_id
                   order by i.last_in_at desc nulls last, i.id desc limit 1) i on true
where d.state = 'queued'
  and d.id = (select e.id from delivery e where e.chat_id = d.chat_id and e.state in ('queued', 'claimed')
              order by e.pub_seq, e.id limit 1)
"""
_READY = "greatest(d.due_at, p.hold_until, p.open_until, i.hold_until, i.slot_at)"
_NEXT = f"""
select d.id, h.kind, i.id as identity_id
{_HEADS} and {_READY} <= clock_timestamp()
order by d.due_at, d.id limit 1 for update of d skip locked
"""
_ONE = """
select d.*, h.kind, c.customer_id, c.first_body, s.name as customer, m.body, m.data, m.author_name, m.author_kind,
       m.kind as message_kind, m.deleted_at, clock_timestamp() as now, i.external_id, i.notes as to_notes, i.last_in_at, i.unreachable_at,
       se.subject
from delivery d join channel h on h.id = d.channel_id join chat c on c.id = d.chat_id
join session se on se.id = c.session_id join customer s on s.id = c.customer_id
join message m on m.id = d.message_id left join identity i on i.id = %(identity)s
where d.id = %(id)s
"""


def claim() -> Claim:
    """Take the next part of a message in hand, as its channel's pace and breaker allow."""
    try:
        return _claim()
    except peewee.IntegrityError:  # another took one of the same chat at this very moment
        return Claim(wait_s=0.05)


@atomically
def _claim() -> Claim:
    found = one(_NEXT)
    if found is None:
        return Claim(wait_s=_next_s())
    row = one(_ONE, {"id": found["id"], "identity": found["identity_id"]})
    assert row is not None
    if row["deleted_at"] is not None:  # what has left of it, if anything, is taken back by the deletion's own delivery
        if row["parts_done"]:
            _settle(row["id"], State.SENT)
        else:
            run("delete from delivery where id = %s", (row["id"],))
        return Claim(wait_s=0.0)
    can = KINDS.get(row["kind"])
    now = row["now"]
    if (refusal := _refusal(row, can, now)) is not None:
        _settle(row["id"], State.FAILED, error=refusal[1], code=refusal[0])
        return Claim(refused=refusal[1], wait_s=0.0)
    assert can is not None
    correction = recalls.plan(row, can, now) if recalls.is_correction(row) else None
    if correction is not None and row["parts_done"] >= len(correction.steps):
        if correction.objection is not None:
            code, reason = correction.objection
            _settle(row["id"], State.FAILED, error=reason, code=code)
            return Claim(refused=reason, wait_s=0.0)
        _settle(row["id"], State.SENT)
        return Claim(wait_s=0.0)
    if wait_s := pacing.take_turn(row["channel_id"], can):
        return Claim(wait_s=wait_s)
    run(
        "update delivery set state = 'claimed', attempts = attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (LEASE_S, row["id"]),
    )
    return Claim(_correcting(row, correction) if correction is not None else _in_hand(row, can))


def _refusal(row: Row, can: Capabilities | None, now: datetime) -> tuple[str, str] | None:
    """What we know ourselves that the provider would say, so that it need not be asked."""
    if can is None:
        return "unsupported", "There is no such kind of channel any more."
    if row["external_id"] is None:
        return "no_address", "It is not known how to reach this customer here."
    if row["unreachable_at"] is not None:
        return "unreachable", "The customer has blocked us there."
    closed = can.window_h is not None and (
        row["last_in_at"] is None or now - row["last_in_at"] > timedelta(hours=can.window_h)
    )
    if closed and not row["data"].get("template") and not recalls.is_correction(row):
        return "window_closed", f"The customer wrote more than {can.window_h} hours ago."
    files = row["data"].get("attachments", ())
    for each in files:
        most = can.media.get(each["kind"])
        if most is None or each["size"] > most:
            return "unsupported", f"{each['name']} cannot be sent by this channel."
    return None


def _addressed(row: Row, body: str) -> Parcel:
    """Whom it is for and what it belongs to: the same for words that go out and for what is done to them later."""
    return Parcel(
        row_id=row["id"],
        part=row["parts_done"],
        customer_id=row["customer_id"],
        channel_id=row["channel_id"],
        kind=row["kind"],
        to=row["external_id"],
        to_notes=row["to_notes"] or {},
        body=body,
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        attempt=row["attempts"] + 1,
    )


def _correcting(row: Row, plan: recalls.Plan) -> Claimed:
    step = plan.steps[row["parts_done"]]
    return Claimed(
        replace(
            _addressed(row, step.body),
            does=step.does,
            target=step.name,
            captioned=step.caption,
        ),
        file_ids=(),
        parts=len(plan.steps),
    )


def _in_hand(row: Row, can: Capabilities) -> Claimed:
    cut = recalls.pieces(row["body"], row["data"], can)
    part = cut[row["parts_done"]]
    template = row["data"].get("template")
    thread = _thread(row["chat_id"], row["pub_seq"])
    return Claimed(
        replace(
            _addressed(row, part.body),
            buttons=part.buttons,
            template=template_of(template) if template else None,
            reply_to=_quoted(row) if can.quotes and row["parts_done"] == 0 else None,
            author=row["author_name"],
            automatic=row["author_kind"] != "agent",
            subject=row["subject"],
            thread=thread,
        ),
        file_ids=[
            row["data"]["attachments"][place]["id"]
            for place in (*(() if part.file is None else (part.file,)), *part.also)
        ],
        parts=len(cut),
    )


def template_of(kept: Row) -> Template:
    """What was kept with a message (`rules/templates.Filled.kept`), as a channel takes it."""
    return Template(kept["name"], kept["language"], [Value(**each) for each in kept["values"]])


def _quoted(row: Row) -> str | None:
    quote = row["data"].get("quote")
    if quote is None:
        return None
    found = one(
        "select provider_message_id as name from inbound where message_id = %(id)s and provider_message_id is not null"
        " union all select provider_ids[1] from delivery where message_id = %(id)s and provider_ids <> '{}' limit 1",
        {"id": quote["id"]},
    )
    return found["name"] if found else None


def _thread(chat_id: int, before: int) -> list[str]:
    found = rows(
        "select name from (select m.pub_seq as place, i.provider_message_id as name from inbound i"
        " join message m on m.id = i.message_id where i.chat_id = %(chat)s and i.provider_message_id is not null"
        " union all select pub_seq, provider_ids[1] from delivery where chat_id = %(chat)s and provider_ids <> '{}') named"
        " where place < %(before)s order by place desc limit %(most)s",
        {"chat": chat_id, "before": before, "most": THREAD},
    )
    return [each["name"] for each in reversed(found)]


def _next_s() -> float | None:
    """Seconds until the first of those that wait may go; None when none waits."""
    found = one(f"select extract(epoch from min({_READY}) - clock_timestamp())::float8 as s {_HEADS}")
    return None if found is None or found["s"] is None else max(float(found["s"]), 0.02)


@atomically
def record(claimed: Claimed, handed: Handed) -> None:
    """Note how a part's way ended. Who comes so late that the claim is another's by now changes nothing."""
    parcel = claimed.parcel
    if parcel.does != "send" and handed.outcome == "unknown":
        handed = replace(handed, outcome="later")  # doing it again is harmless
    held = one(
        "select id, chat_id, state, queued_at from delivery where id = %s and attempts = %s and parts_done = %s"
        " and state in ('claimed', 'unknown') for update",
        (parcel.row_id, parcel.attempt, parcel.part),
    )
    if held is None:
        return
    pacing.judge(parcel, handed)
    pacing.rest(parcel)
    match handed.outcome:
        case "sent":
            _part_done(claimed, handed)
        case "unknown":
            _settle(parcel.row_id, State.UNKNOWN, error=handed.reason)
        case "refused" if handed.code == "unauthorized":
            _wait_again(parcel, handed.reason, 0.0, uncounted=True)
        case "refused":
            _settle(parcel.row_id, State.FAILED, error=handed.reason, code=handed.code)
        case "later":
            wait_s = delivering.again_after(parcel.attempt, handed.retry_after_s)
            if wait_s is None or held["state"] == State.UNKNOWN:
                _settle(parcel.row_id, State.DEAD, error=handed.reason)
            else:
                _wait_again(parcel, handed.reason, wait_s, uncounted=handed.retry_after_s is not None)
    news.delivery(parcel.row_id)


def _part_done(claimed: Claimed, handed: Handed) -> None:
    parcel, last = claimed.parcel, claimed.parcel.part + 1 >= claimed.parts
    run(
        "update delivery set parts_done = parts_done + 1, lease_until = null, error = null, code = null,"
        " provider_ids = case when %(name)s::text is null then provider_ids else provider_ids || %(name)s::text end,"
        " attempts = case when %(last)s then attempts else 0 end, due_at = clock_timestamp(),"
        " state = case when %(last)s then 'sent' else 'queued' end,"
        " settled_at = case when %(last)s then clock_timestamp() end where id = %(id)s",
        {"name": handed.provider_id, "last": last, "id": parcel.row_id},
    )
    run(
        "update channel set last_out_at = clock_timestamp() where id in (select id from channel where id = %s"
        " and (last_out_at is null or last_out_at < clock_timestamp() - interval '5 seconds') for no key update skip locked)",
        (parcel.channel_id,),
    )


def _wait_again(parcel: Parcel, reason: str, wait_s: float, *, uncounted: bool) -> None:
    run(
        "update delivery set state = 'queued', lease_until = null, settled_at = null, error = %s,"
        " attempts = attempts - %s, due_at = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (reason or None, 1 if uncounted else 0, wait_s, parcel.row_id),
    )


def _settle(delivery_id: int, state: State, *, error: str = "", code: str = "") -> None:
    run(
        "update delivery set state = %s, error = nullif(%s, ''), code = nullif(%s, ''), lease_until = null,"
        " settled_at = clock_timestamp() where id = %s",
        (state, error, code, delivery_id),
    )
    news.delivery(delivery_id)


@atomically
def retried(viewer: Viewer, delivery_id: int) -> Out:
    """Send once more, by somebody's decision, what was refused, given up, or may have arrived. Returns a `DeliveryOut`.

    It goes on with the part that failed. Raises `NotFound`, and `Conflict` (`not_lost`) when it is under way or has arrived.
    """
    viewer.require(Permission.CHAT_ANSWER)
    found = one("select chat_id from delivery where id = %s", (delivery_id,))
    if found is None:
        raise NotFound()
    access.see_chat(viewer, found["chat_id"])
    chat_log.locked(found["chat_id"])
    held = one("select * from delivery where id = %s for update", (delivery_id,))
    if held is None or held["state"] not in LOST:
        raise Conflict("This message is under way, or has arrived.", code="not_lost")
    run(
        "update delivery set state = 'queued', attempts = 0, settled_at = null, error = null, code = null,"
        " due_at = clock_timestamp(), queued_at = clock_timestamp() where id = %s",
        (delivery_id,),
    )
    jobs.enqueue(Job.DELIVER)
    news.delivery(delivery_id)
    return {"id": delivery_id, "state": "queued", "code": None, "error": None}


@atomically
def sweep() -> bool:
    """Claims that ran out are unknown where sending twice would be seen; what waited too long is given up, visibly.

    Returns whether there is something to send.
    """
    lapsed = rows(
        "select d.id, h.kind, m.kind as message_kind, m.data from delivery d join channel h on h.id = d.channel_id"
        " join message m on m.id = d.message_id where d.state = 'claimed' and d.lease_until <= clock_timestamp()"
        " for update of d skip locked"
    )
    for each in lapsed:
        if recalls.is_correction(each) or (each["kind"] in KINDS and KINDS[each["kind"]].idempotent):
            run("update delivery set state = 'queued', lease_until = null where id = %s", (each["id"],))
        else:
            _settle(each["id"], State.UNKNOWN, error="The sender ended before an answer came.")
    late = rows(
        "select d.id, d.error from delivery d join channel h on h.id = d.channel_id where d.state = 'queued'"
        " and h.paused_at is null and d.queued_at < clock_timestamp() - %s for update of d skip locked",
        (GIVE_UP,),
    )
    for each in late:
        _settle(each["id"], State.DEAD, error=each["error"] or "It could not be handed over for ten minutes.")
    waiting = one(
        "select exists (select from delivery d join channel h on h.id = d.channel_id where d.state = 'queued'"
        " and h.paused_at is null and h.archived_at is null) as yes"
    )
    assert waiting is not None
    yes: bool = waiting["yes"]
    return yes
