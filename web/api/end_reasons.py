"""Why chats end: everybody reads the list, admins keep it."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import end_reasons
from models.queries import catalogue
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.catalogue import EndReasonBody, EndReasonList, EndReasonOut, EndReasonPatch
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("end-reasons", "Why chats end")

ADMIN = may(Permission.AGENT_MANAGE)


@route(bp, "GET", "/end-reasons", caller=may(Permission.CHAT_READ), gives=EndReasonList)
def reasons() -> Out:
    """Why an agent may end a chat, in the order of the keys 1 to 9; those out of use last."""
    return catalogue.end_reasons()


@route(bp, "POST", "/end-reasons", caller=ADMIN, takes=EndReasonBody, gives=EndReasonOut, status=201)
def add(**body: Any) -> Out:
    """Add a reason of the desk's own."""
    return catalogue.end_reason(end_reasons.add(g.viewer, **body))


@route(bp, "PATCH", "/end-reasons/<code>", caller=ADMIN, takes=EndReasonPatch, gives=EndReasonOut)
def change(code: str, **body: Any) -> Out:
    """Change a reason, or take it out of use. Of the product's five only the hint can be changed."""
    end_reasons.change(g.viewer, code, **body)
    return catalogue.end_reason(code)
