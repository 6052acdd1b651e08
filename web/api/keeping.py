"""What is kept, and for how long: erasing one customer, and rules of retention."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import erasure, retention
from models.queries import retention as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.keeping import EraseBody, ErasureList, ErasureOut, RetentionBody, RetentionList, RetentionPatch
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("keeping", "What is kept, and for how long")

SUPERVISE, MANAGE = may(Permission.CHAT_SUPERVISE), may(Permission.AGENT_MANAGE)


@route(
    bp,
    "POST",
    "/customers/<int:customer_id>/erase",
    caller=SUPERVISE,
    takes=EraseBody,
    gives=ErasureOut,
    status=201,
)
def erase(customer_id: int, reason: str) -> Out:
    """Erase everything known of a customer, for good. Answers with the receipt."""
    return read.receipt(erasure.erase(g.viewer, customer_id, reason))


@route(bp, "GET", "/erasures", caller=SUPERVISE, gives=ErasureList)
def erasures() -> Out:
    """The newest receipts."""
    return read.receipts()


@route(bp, "GET", "/retention", caller=MANAGE, gives=RetentionList)
def rules() -> Out:
    """Every rule of retention, with what its last dry run has counted."""
    return read.rules()


@route(bp, "POST", "/retention", caller=MANAGE, takes=RetentionBody, gives=RetentionList, status=201)
def add(**body: Any) -> Out:
    """Add a rule, at rest, and count what it would remove."""
    retention.add(g.viewer, **body)
    return read.rules()


@route(bp, "PATCH", "/retention/<int:rule_id>", caller=MANAGE, takes=RetentionPatch, gives=RetentionList)
def change(rule_id: int, **body: Any) -> Out:
    """Switch a rule on or off, or give it another age. It removes nothing before it has stood for a day."""
    retention.change(g.viewer, rule_id, **body)
    return read.rules()


@route(bp, "DELETE", "/retention/<int:rule_id>", caller=MANAGE, gives=RetentionList)
def remove(rule_id: int) -> Out:
    """Remove a rule."""
    retention.remove(g.viewer, rule_id)
    return read.rules()


@route(bp, "POST", "/retention/<int:rule_id>/try", caller=MANAGE, gives=RetentionList)
def try_out(rule_id: int) -> Out:
    """Count what the rule would remove now, and remove nothing."""
    retention.try_out(g.viewer, rule_id)
    return read.rules()
