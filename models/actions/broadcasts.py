"""Broadcasts as people make them: drafted, tried out, scheduled; paused, resumed, cancelled, tried again.

Scheduling freezes the audience: from then on the ledger says who is written to, and who is not and why. What happens
to each of them afterwards is `sending`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models import jobs
from models.actions import audit, sending
from models.actions.chat_log import Row, db_now
from models.channels.known import KINDS
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job
from models.queries import access, audiences
from models.queries import broadcasts as read
from models.queries import templates as templates_of
from models.queries.access import Permission, Viewer
from models.rules import broadcasting
from models.rules.audiences import Kind
from models.rules.broadcasting import Command, State

AHEAD_DAYS = 90
"""Nobody remembers what was scheduled for longer than this, and its audience is as old by then."""


@atomically
def draft(
    viewer: Viewer,
    *,
    title: str,
    body: str,
    audience_kind: str,
    audience: Mapping[str, Any],
    rate: int,
    subject: str | None = None,
    templates: Sequence[Mapping[str, Any]] = (),
) -> int:
    """A new draft. Returns its number. Raises what is wrong with a template (`queries/templates.filled`)."""
    viewer.require(Permission.BROADCAST_PREPARE)
    _require_templates(templates)
    (made,) = rows(
        "insert into broadcast (title, body, audience_kind, audience, cluster_id, rate, agent_id, subject, templates)"
        " values (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s::jsonb) returning id",
        (
            title,
            body,
            audience_kind,
            *_aimed(audience_kind, audience),
            rate,
            viewer.id,
            subject,
            as_json(list(templates)),
        ),
    )
    number: int = made["id"]
    audit.note(viewer, "added", "broadcast", number, title, after={"title": title, "audience": audience_kind})
    sending.tell(number)
    return number


@atomically
def change(viewer: Viewer, broadcast_id: int, **changes: Any) -> None:
    """Change what is given of a draft: title, body, subject, templates, rate, or kind and audience together."""
    viewer.require(Permission.BROADCAST_PREPARE)
    cast = _locked(broadcast_id)
    broadcasting.require(Command.EDIT, cast["state"])
    _require_templates(changes.get("templates", ()))
    kept = ("title", "body", "subject", "templates", "audience_kind", "audience", "rate")
    after = {**{key: cast[key] for key in kept}, **changes}
    run(
        "update broadcast set title = %s, body = %s, audience_kind = %s, audience = %s::jsonb, cluster_id = %s, rate = %s,"
        " subject = %s, templates = %s::jsonb, updated_at = clock_timestamp() where id = %s",
        (
            after["title"], after["body"], after["audience_kind"],
            *_aimed(after["audience_kind"], after["audience"]), after["rate"], after["subject"],
            as_json(after["templates"]), broadcast_id,
        ),
    )  # fmt: skip
    sending.tell(broadcast_id)


def _require_templates(chosen: Sequence[Mapping[str, Any]]) -> None:
    """Each fits its channel. One for each channel."""
    if len({each["channel_id"] for each in chosen}) < len(chosen):
        raise Invalid("One template for each channel.", code="template_twice")
    for each in chosen:
        templates_of.for_many(each, name=None)


def _aimed(kind: str, audience: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """The audience as it is kept, and the cluster it is about. Raises `NotFound` for a cluster there is not."""
    plain = {key: _plain(value) for key, value in audience.items()}
    cluster_id = audience["cluster_id"] if kind == Kind.CLUSTER else None
    if cluster_id is not None and one("select 1 as yes from cluster where id = %s", (cluster_id,)) is None:
        raise NotFound()
    return as_json(plain), cluster_id


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each not in (None, [])}
    return value.isoformat() if isinstance(value, datetime) else value


@atomically
def delete(viewer: Viewer, broadcast_id: int) -> None:
    """Throw a draft away."""
    viewer.require(Permission.BROADCAST_PREPARE)
    cast = _locked(broadcast_id)
    broadcasting.require(Command.DELETE, cast["state"])
    run("delete from broadcast where id = %s", (broadcast_id,))
    audit.note(viewer, "removed", "broadcast", broadcast_id, cast["title"], before={"title": cast["title"]})


@atomically
def try_out(viewer: Viewer, broadcast_id: int, customer_id: int) -> None:
    """Send it to one customer, as a test that counts nowhere. It goes the way of all others."""
    viewer.require(Permission.BROADCAST_SEND)
    access.see_customer(viewer, customer_id)
    cast = _locked(broadcast_id)
    everybody, params = audiences.judged(viewer, Kind.LIST, {"customer_ids": [customer_id]}, _templated(cast))
    (one_of,) = rows(everybody, params)
    if one_of["reason"] is not None:
        raise Conflict("They cannot be written to.", code="left_out", why=one_of["reason"])
    run(
        "insert into recipient (broadcast_id, customer_id, channel_id, trial) values (%s, %s, %s, true)",
        (broadcast_id, customer_id, one_of["channel_id"]),
    )
    audit.note(viewer, "tried", "broadcast", broadcast_id, cast["title"], after={"customer": customer_id})
    jobs.enqueue(Job.SEND_BROADCAST, broadcast_id)


@atomically
def schedule(viewer: Viewer, broadcast_id: int, *, at: datetime | None = None, confirmed: int | None = None) -> None:
    """Freeze the audience and send from `at` on, or at once. Above 500 people `confirmed` is the number, typed.

    Raises `Invalid`: `confirm_count` (with `count`), `nobody`, or a field at fault; `Conflict` (`broadcast_state`).
    """
    viewer.require(Permission.BROADCAST_SEND)
    cast = _locked(broadcast_id)
    broadcasting.require(Command.SCHEDULE, cast["state"])
    now = db_now()
    _require_ahead(at, now)
    _require_templates(cast["templates"])
    everybody, params = audiences.judged(viewer, cast["audience_kind"], cast["audience"], _templated(cast))
    run(
        "insert into recipient (broadcast_id, customer_id, channel_id, state, reason, settled_at, due_at)"
        " select %(broadcast)s, customer_id, channel_id, case when reason is null then 'waiting' else 'skipped' end, reason,"
        f" case when reason is not null then clock_timestamp() end, %(at)s from ({everybody}) judged order by customer_id",
        {**params, "broadcast": broadcast_id, "at": at or now},
    )
    reachable = read.counts([broadcast_id])[broadcast_id]["waiting"]
    if not reachable:
        raise Invalid("There is nobody to write to.", code="nobody")
    _require_fits(broadcast_id, cast["body"])
    broadcasting.require_confirmed(reachable, confirmed)
    run(
        "update broadcast set state = %s, frozen_at = %s, scheduled_at = %s, started_at = %s, confirmed = %s, agent_id = %s,"
        " updated_at = clock_timestamp() where id = %s",
        (
            State.SENDING if at is None else State.SCHEDULED, now, at or now, None if at else now, confirmed, viewer.id,
            broadcast_id,
        ),
    )  # fmt: skip
    audit.note(
        viewer, "scheduled", "broadcast", broadcast_id, cast["title"],
        after={"at": (at or now).isoformat(), "recipients": reachable, "confirmed": confirmed},
    )  # fmt: skip
    sending.tell(broadcast_id)
    if at is None:
        jobs.enqueue(Job.SEND_BROADCAST, broadcast_id)


def _require_fits(broadcast_id: int, body: str) -> None:
    """Every channel by which it goes takes its words whole. Raises `Invalid` (`too_long_there`)."""
    for each in rows(
        "select h.kind, h.name from channel h where h.id in"
        " (select r.channel_id from recipient r where r.broadcast_id = %s and r.state = 'waiting')",
        (broadcast_id,),
    ):
        can = KINDS[each["kind"]]
        stop = None if each["kind"] == "web" else audiences.example_stop()
        broadcasting.require_fits(
            len(broadcasting.words(body, formats=can.formats, stop=stop)), can.longest, each["name"]
        )


def _templated(cast: Row) -> list[int]:
    return [each["channel_id"] for each in cast["templates"]]


def _require_ahead(at: datetime | None, now: datetime) -> None:
    if at is None:
        return
    if at <= now:
        raise Invalid("Choose a time that is still to come.", fields={"at": ["This has passed."]})
    if (at - now).days >= AHEAD_DAYS:
        raise Invalid(
            f"At most {AHEAD_DAYS} days ahead.", fields={"at": [f"This is more than {AHEAD_DAYS} days from now."]}
        )


@atomically
def pause(viewer: Viewer, broadcast_id: int) -> None:
    """Hold it: whoever has been claimed is written to, nobody else until it goes on."""
    _moves(viewer, broadcast_id, Command.PAUSE)


@atomically
def resume(viewer: Viewer, broadcast_id: int) -> None:
    """Go on where it was held."""
    _moves(viewer, broadcast_id, Command.RESUME)
    jobs.enqueue(Job.SEND_BROADCAST, broadcast_id)


@atomically
def cancel(viewer: Viewer, broadcast_id: int) -> None:
    """Send to nobody else, for good. Who was waiting stands in the ledger as left out."""
    _moves(viewer, broadcast_id, Command.CANCEL)
    run(
        "update recipient set state = 'skipped', reason = 'cancelled', settled_at = clock_timestamp()"
        " where broadcast_id = %s and state = 'waiting' and not trial",
        (broadcast_id,),
    )
    sending.tell(broadcast_id)


@atomically
def retry(viewer: Viewer, broadcast_id: int) -> None:
    """Try those that have failed once more. What is unknown stays so: it may have arrived."""
    viewer.require(Permission.BROADCAST_SEND)
    cast = _locked(broadcast_id)
    broadcasting.require(Command.RETRY, cast["state"])
    again = run(
        "update recipient set state = 'waiting', settled_at = null, attempts = 0, due_at = clock_timestamp()"
        " where broadcast_id = %s and state = 'failed' and not trial",
        (broadcast_id,),
    )
    if not again:
        raise Conflict("Nobody of them has failed.", code="nobody")
    if cast["state"] in (State.DONE, State.FAILED):
        run("update broadcast set state = 'sending', finished_at = null, slot_at = null where id = %s", (broadcast_id,))
    audit.note(viewer, "retried", "broadcast", broadcast_id, cast["title"], after={"recipients": again})
    sending.tell(broadcast_id)
    jobs.enqueue(Job.SEND_BROADCAST, broadcast_id)


@atomically
def exported(viewer: Viewer, broadcast_id: int) -> None:
    """The ledger is being taken out of the house: note it."""
    viewer.require(Permission.HISTORY_EXPORT)
    cast = read.row(broadcast_id)
    audit.note(viewer, "exported", "broadcast", broadcast_id, cast["title"])


_TO = {
    Command.PAUSE: "state = 'paused'",
    Command.RESUME: "state = 'sending', slot_at = null",
    Command.CANCEL: "state = 'cancelled', finished_at = clock_timestamp()",
}
_CALLED = {Command.PAUSE: "paused", Command.RESUME: "resumed", Command.CANCEL: "cancelled"}


def _moves(viewer: Viewer, broadcast_id: int, command: Command) -> None:
    viewer.require(Permission.BROADCAST_SEND)
    cast = _locked(broadcast_id)
    broadcasting.require(command, cast["state"])
    change_to = _TO[command]
    run(f"update broadcast set {change_to}, updated_at = clock_timestamp() where id = %s", (broadcast_id,))
    audit.note(viewer, _CALLED[command], "broadcast", broadcast_id, cast["title"])
    sending.tell(broadcast_id)


def _locked(broadcast_id: int) -> Row:
    found = one("select * from broadcast where id = %s for update", (broadcast_id,))
    if found is None:
        raise NotFound()
    return found
