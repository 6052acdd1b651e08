"""Escalations: offer a chat to somebody else, answer, take it back; and what became of them all."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.queries import escalation_report as report_of
from models.queries import escalations as read
from models.queries import offers
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas import escalations as shapes
from models.schemas.chats import ChatOut
from web import commands
from web.api.routes import blueprint, route
from web.auth import idempotency_key, may

bp = blueprint("escalations", "Chats that are offered to somebody else")

READ, ANSWER, REPORT = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER), may(Permission.REPORT_READ)


@route(bp, "GET", "/chats/<int:chat_id>/escalations", caller=READ, gives=shapes.EscalationList)
def of_chat(chat_id: int) -> Out:
    """Every offer the chat went through, newest first, with who looked, who declined and why."""
    return offers.of_chat(g.viewer, chat_id)


@route(bp, "GET", "/chats/<int:chat_id>/escalation-targets", caller=ANSWER, gives=shapes.EscalationTargets)
def targets(chat_id: int) -> Out:
    """To whom the chat could be escalated: teams and agents, free ones first, the others with the reason why not."""
    return read.targets(g.viewer, chat_id)


@route(
    bp,
    "POST",
    "/chats/<int:chat_id>/escalate/preview",
    caller=ANSWER,
    takes=shapes.TargetBody,
    gives=shapes.EscalatePreview,
)
def preview(chat_id: int, **body: Any) -> Out:
    """What the customer would be told. Changes nothing."""
    return read.preview(g.viewer, chat_id, **body)


@route(bp, "POST", "/chats/<int:chat_id>/escalate", caller=ANSWER, takes=shapes.EscalateBody, gives=ChatOut)
def escalate(chat_id: int, **body: Any) -> Out:
    """Offer a chat to another agent or a team. Its owner keeps it until somebody accepts."""
    return commands.on_chat(g.viewer, "chat:escalate", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "POST", "/chats/<int:chat_id>/accept", caller=ANSWER, gives=ChatOut)
def accept(chat_id: int) -> Out:
    """Take a chat that was offered. Whoever is first wins; the others are told who."""
    return commands.on_chat(g.viewer, "chat:accept", chat_id=chat_id, key=idempotency_key())


@route(bp, "POST", "/chats/<int:chat_id>/reject", caller=ANSWER, takes=shapes.RejectBody, gives=ChatOut)
def reject(chat_id: int, **body: Any) -> Out:
    """Decline a chat that was offered, with a reason."""
    return commands.on_chat(g.viewer, "chat:reject", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "POST", "/chats/<int:chat_id>/cancel", caller=ANSWER, takes=shapes.CancelBody, gives=ChatOut)
def cancel(chat_id: int, **body: Any) -> Out:
    """Take an offer back: it was a mistake, or nobody is free."""
    return commands.on_chat(g.viewer, "chat:cancel", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "GET", "/escalations/report", caller=REPORT, asks=shapes.ReportQuery, gives=shapes.EscalationReport)
def report(**query: Any) -> Out:
    """What became of the escalations of a period: outcomes, reasons, times; by day, team and agent."""
    return report_of.report(g.viewer, **query)


@route(bp, "GET", "/escalations/report.csv", caller=REPORT, asks=shapes.ReportQuery, gives_files=("text/csv",))
def report_csv(**query: Any) -> Response:
    """The offers of a period, one a line, for a spreadsheet."""
    response = Response(report_of.as_csv(g.viewer, **query), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="escalations.csv"'
    return response
