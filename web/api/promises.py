"""Promises to come back to a customer, and the chats that keep them."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import follow_ups
from models.queries import chats, escalations, shapes
from models.queries import promises as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.escalations import EscalatePreview, ExtendBody
from models.schemas.promises import (
    FollowUpBody,
    FollowUpOut,
    PromiseOut,
    PromisePage,
    PromisePatch,
    PromiseQuery,
    PromiseSettle,
)
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("promises", "Promises to come back to a customer")

READ, ANSWER = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER)


@route(bp, "GET", "/promises", caller=READ, asks=PromiseQuery, gives=PromisePage)
def promises(**query: Any) -> Out:
    """One's own promises, or all that one may see: open ones with the first due first, or those that are settled."""
    return read.page(g.viewer, **query)


@route(bp, "PATCH", "/promises/<int:promise_id>", caller=ANSWER, takes=PromisePatch, gives=PromiseOut)
def move(promise_id: int, **body: Any) -> Out:
    """Move a promise: another date, another owner, another note. Its owner may, and supervisors."""
    follow_ups.move(g.viewer, promise_id, **body)
    return read.out(read.row(promise_id))


@route(bp, "POST", "/promises/<int:promise_id>/extend", caller=ANSWER, takes=ExtendBody, gives=PromiseOut)
def extend(promise_id: int, **body: Any) -> Out:
    """An escalated chat takes longer: another time for its answer, and the customer is told."""
    follow_ups.extend(g.viewer, promise_id, **body)
    return read.out(read.row(promise_id))


@route(
    bp,
    "POST",
    "/promises/<int:promise_id>/extend/preview",
    caller=ANSWER,
    takes=ExtendBody,
    gives=EscalatePreview,
)
def preview_extension(promise_id: int, **body: Any) -> Out:
    """What the customer would be told of a new time. Changes nothing."""
    return escalations.preview_extension(g.viewer, promise_id, **body)


@route(bp, "POST", "/promises/<int:promise_id>/settle", caller=ANSWER, takes=PromiseSettle, gives=PromiseOut)
def settle(promise_id: int, **body: Any) -> Out:
    """It was kept by other means, or will not be kept; the note says which."""
    follow_ups.settle(g.viewer, promise_id, **body)
    return read.out(read.row(promise_id))


@route(bp, "POST", "/chats/<int:chat_id>/follow-up", caller=ANSWER, takes=FollowUpBody, gives=FollowUpOut, status=201)
def follow_up(chat_id: int, **body: Any) -> Out:
    """Begin a chat that follows up on an ended one, in the same session. The same `client_id` again answers with it."""
    limits.count("agent_message", str(g.viewer.id))
    said = follow_ups.begin(g.viewer, chat_id, **body)
    return {"chat": shapes.chat(chats.row(said.chat_id)), "message": shapes.message(said.row)}
