"""Customers: what agents know of a person, and who is kept out."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import blocks, confirming, joining, people
from models.queries import chats
from models.queries import customers as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.customers import BlockBody, BlockList, CustomerNoteBody, CustomerOut, CustomerPatch
from models.schemas.events import Done
from models.schemas.visitor import EmailBody
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("customers", "Customers and what is known of them")

READ, ANSWER, SUPERVISE = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER), may(Permission.CHAT_SUPERVISE)


@route(bp, "GET", "/customers/<int:customer_id>", caller=READ, gives=CustomerOut)
def detail(customer_id: int) -> Out:
    """Everything agents may know of a customer whose chats they may see."""
    return read.seen_by(g.viewer, customer_id)


@route(bp, "PATCH", "/customers/<int:customer_id>", caller=ANSWER, takes=CustomerPatch, gives=CustomerOut)
def correct(customer_id: int, **facts: Any) -> Out:
    """Correct what is known; what is left out stays, an empty text removes."""
    people.corrects(g.viewer, customer_id, **facts)
    return read.seen_by(g.viewer, customer_id)


@route(
    bp,
    "POST",
    "/customers/<int:customer_id>/notes",
    caller=ANSWER,
    takes=CustomerNoteBody,
    gives=CustomerOut,
    status=201,
)
def note(customer_id: int, body: str) -> Out:
    """Write a note about the person."""
    people.notes(g.viewer, customer_id, body)
    return read.seen_by(g.viewer, customer_id)


@route(bp, "DELETE", "/customers/<int:customer_id>/notes/<int:note_id>", caller=ANSWER, gives=CustomerOut)
def remove_note(customer_id: int, note_id: int) -> Out:
    """Remove one's own note; supervisors remove anybody's."""
    people.removes_note(g.viewer, customer_id, note_id)
    return read.seen_by(g.viewer, customer_id)


@route(
    bp,
    "POST",
    "/chats/<int:chat_id>/confirmation",
    caller=ANSWER,
    takes=EmailBody,
    gives=CustomerOut,
    status=202,
)
def ask_to_confirm(chat_id: int, email: str) -> Out:
    """Have the customer of a chat asked by letter whether this address is theirs. Whoever has proved the same is them."""
    customer_id = chats.seen_by(g.viewer, chat_id)["customer"]["id"]
    limits.count("agent_letter", str(g.viewer.id))
    limits.count("confirmation", str(customer_id))
    limits.count("confirmation_address", email.strip().lower())
    confirming.asks(g.viewer, chat_id, email)
    return read.seen_by(g.viewer, customer_id)


@route(bp, "DELETE", "/joins/<int:join_id>", caller=SUPERVISE, gives=CustomerOut)
def separate(join_id: int) -> Out:
    """Part two customers who are not one person after all; each gets back what was theirs."""
    return read.detail(joining.separate(g.viewer, join_id))


@route(bp, "POST", "/customers/<int:customer_id>/block", caller=ANSWER, takes=BlockBody, gives=CustomerOut, status=201)
def block(customer_id: int, **body: Any) -> Out:
    """Keep an abuser out. Their open chats are ended."""
    blocks.block(g.viewer, customer_id, **body)
    return read.seen_by(g.viewer, customer_id)


@route(bp, "DELETE", "/customers/<int:customer_id>/block", caller=SUPERVISE, gives=CustomerOut)
def unblock(customer_id: int) -> Out:
    """Let them write again."""
    blocks.lift_of(g.viewer, customer_id)
    return read.seen_by(g.viewer, customer_id)


@route(bp, "GET", "/blocks", caller=SUPERVISE, gives=BlockList)
def blocked() -> Out:
    """Everybody who is kept out now."""
    return read.blocks()


@route(bp, "DELETE", "/blocks/<int:block_id>", caller=SUPERVISE, gives=Done)
def lift(block_id: int) -> Out:
    """Lift a block."""
    blocks.lift(g.viewer, block_id)
    return {}
