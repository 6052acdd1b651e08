"""Broadcasts: drafted, tried out, scheduled, watched, held and cancelled."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import broadcasts
from models.queries import broadcasts as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas import broadcasts as shapes
from models.schemas.events import Done
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("broadcasts", "One message to many customers")

PREPARE = may(Permission.BROADCAST_PREPARE)
SEND = may(Permission.BROADCAST_SEND)


@route(bp, "GET", "/broadcasts", caller=PREPARE, asks=shapes.BroadcastQuery, gives=shapes.BroadcastPage)
def page(**query: Any) -> Out:
    """Broadcasts with their state and how far they are, the newest first."""
    return read.page(g.viewer, **query)


@route(bp, "POST", "/broadcasts", caller=PREPARE, takes=shapes.BroadcastBody, gives=shapes.BroadcastDetail, status=201)
def draft(**body: Any) -> Out:
    """A new draft."""
    return read.detail(g.viewer, broadcasts.draft(g.viewer, **body))


@route(bp, "GET", "/broadcasts/start", caller=PREPARE, asks=shapes.StartQuery, gives=shapes.BroadcastStart)
def start(cluster_id: int) -> Out:
    """Title and words to begin with, for a broadcast to a cluster's people."""
    return read.begun_for(g.viewer, cluster_id)


@route(bp, "POST", "/broadcasts/audience", caller=PREPARE, takes=shapes.AudienceAsked, gives=shapes.AudienceOut)
def audience(audience_kind: str, audience: dict[str, Any], templated: list[int]) -> Out:
    """How many an audience would reach now and by which ways, and who would be left out and why."""
    return read.audience(g.viewer, audience_kind, audience, templated)


@route(bp, "POST", "/broadcasts/list", caller=PREPARE, takes=shapes.ListBody, gives=shapes.ListRead)
def read_list(text: str) -> Out:
    """Read a pasted list of customers, with what is wrong with each bad line."""
    return read.read_list(g.viewer, text)


@route(bp, "GET", "/broadcasts/<int:broadcast_id>", caller=PREPARE, gives=shapes.BroadcastDetail)
def one(broadcast_id: int) -> Out:
    """One broadcast with its audience and what became of it."""
    return read.detail(g.viewer, broadcast_id)


@route(
    bp,
    "PATCH",
    "/broadcasts/<int:broadcast_id>",
    caller=PREPARE,
    takes=shapes.BroadcastPatch,
    gives=shapes.BroadcastDetail,
)
def change(broadcast_id: int, **body: Any) -> Out:
    """Change a draft."""
    broadcasts.change(g.viewer, broadcast_id, **body)
    return read.detail(g.viewer, broadcast_id)


@route(bp, "DELETE", "/broadcasts/<int:broadcast_id>", caller=PREPARE, gives=Done)
def delete(broadcast_id: int) -> Out:
    """Throw a draft away."""
    broadcasts.delete(g.viewer, broadcast_id)
    return {}


@route(bp, "POST", "/broadcasts/<int:broadcast_id>/trial", caller=SEND, takes=shapes.TrialBody, gives=Done, status=202)
def try_out(broadcast_id: int, customer_id: int) -> Out:
    """Send it to one customer as a test."""
    limits.count("broadcast_trial", str(g.viewer.id))
    broadcasts.try_out(g.viewer, broadcast_id, customer_id)
    return {}


@route(
    bp,
    "POST",
    "/broadcasts/<int:broadcast_id>/schedule",
    caller=SEND,
    takes=shapes.ScheduleBody,
    gives=shapes.BroadcastDetail,
)
def schedule(broadcast_id: int, **body: Any) -> Out:
    """Freeze the audience and send, at once or at a time. Above 500 people the number is typed."""
    broadcasts.schedule(g.viewer, broadcast_id, **body)
    return read.detail(g.viewer, broadcast_id)


@route(bp, "POST", "/broadcasts/<int:broadcast_id>/pause", caller=SEND, gives=shapes.BroadcastDetail)
def pause(broadcast_id: int) -> Out:
    """Hold it."""
    broadcasts.pause(g.viewer, broadcast_id)
    return read.detail(g.viewer, broadcast_id)


@route(bp, "POST", "/broadcasts/<int:broadcast_id>/resume", caller=SEND, gives=shapes.BroadcastDetail)
def resume(broadcast_id: int) -> Out:
    """Let it go on."""
    broadcasts.resume(g.viewer, broadcast_id)
    return read.detail(g.viewer, broadcast_id)


@route(bp, "POST", "/broadcasts/<int:broadcast_id>/cancel", caller=SEND, gives=shapes.BroadcastDetail)
def cancel(broadcast_id: int) -> Out:
    """Send to nobody else."""
    broadcasts.cancel(g.viewer, broadcast_id)
    return read.detail(g.viewer, broadcast_id)


@route(bp, "POST", "/broadcasts/<int:broadcast_id>/retry", caller=SEND, gives=shapes.BroadcastDetail)
def retry(broadcast_id: int) -> Out:
    """Try those that have failed once more."""
    broadcasts.retry(g.viewer, broadcast_id)
    return read.detail(g.viewer, broadcast_id)


@route(
    bp,
    "GET",
    "/broadcasts/<int:broadcast_id>/recipients",
    caller=PREPARE,
    asks=shapes.RecipientQuery,
    gives=shapes.RecipientPage,
)
def recipients(broadcast_id: int, **query: Any) -> Out:
    """The ledger: what became of each recipient."""
    return read.recipients(g.viewer, broadcast_id, **query)


@route(
    bp,
    "POST",
    "/broadcasts/<int:broadcast_id>/recipients.csv",
    caller=may(Permission.HISTORY_EXPORT),
    gives_files=("text/csv",),
)
def ledger(broadcast_id: int) -> Response:
    """The whole ledger, one recipient a line, for a spreadsheet. Asked for by POST, because the audit notes it."""
    broadcasts.exported(g.viewer, broadcast_id)
    response = Response(read.ledger(broadcast_id), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="broadcast-{broadcast_id}.csv"'
    return response
