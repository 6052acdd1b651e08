"""Keep an abuser out, by who they are and, where asked, by where they write from."""

from __future__ import annotations

from datetime import datetime

from models.actions import audit, chat_log, chats, news
from models.actions.chat_log import agent_author
from models.db import atomically, one, rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import access
from models.queries.access import Permission, Viewer, Visitor
from models.rules import wording
from models.rules.lifecycle import State
from models.tables.customers import Block, Customer


def block(
    viewer: Viewer, customer_id: int, reason: str, until: datetime | None = None, *, address: bool = False
) -> None:
    """Keep a customer out and end what they have open, each chat in a transaction of its own.

    Raises `Conflict(already_blocked)`.
    """
    _keep_out(viewer, customer_id, reason, until, address=address)
    for each in rows("select id from chat where customer_id = %s and state <> 'ended' order by id", (customer_id,)):
        _end(viewer, each["id"])


@atomically
def _keep_out(viewer: Viewer, customer_id: int, reason: str, until: datetime | None, *, address: bool) -> None:
    viewer.require(Permission.CHAT_ANSWER)
    access.see_customer(viewer, customer_id)
    customer: Customer = Customer.select().where(Customer.id == customer_id).for_update().get()
    if until is not None and until <= chat_log.db_now():
        raise Invalid("Choose a time that is still to come.", fields={"until": ["This has passed."]})
    if access.blocked(customer_id) is not None:
        raise Conflict("They are blocked already.", code="already_blocked")
    where = customer.address if address else None
    Block.create(customer=customer_id, address=where, reason=reason, by_agent=viewer.id, until=until)
    audit.note(
        viewer,
        "blocked",
        "customer",
        customer_id,
        customer.name or "",
        after={"reason": reason, "until": until.isoformat() if until else None, "address": where},
    )
    news.customer(customer_id)


@atomically
def _end(viewer: Viewer, chat_id: int) -> None:
    chat = chat_log.locked(chat_id)
    if chat.state != State.ENDED:
        chats.finish(chat, agent_author(viewer), "admin", body=wording.BLOCKED_ENDED)


@atomically
def lift(viewer: Viewer, block_id: int) -> None:
    """Let them write again."""
    viewer.require(Permission.CHAT_SUPERVISE)
    found = one(
        "update block set lifted_at = clock_timestamp(), lifted_by_agent_id = %s where id = %s and lifted_at is null"
        " returning customer_id, (select c.name from customer c where c.id = customer_id) as name",
        (viewer.id, block_id),
    )
    if found is None:
        raise NotFound()
    audit.note(viewer, "unblocked", "customer", found["customer_id"], found["name"] or "")
    if found["customer_id"] is not None:
        news.customer(found["customer_id"])


@atomically
def lift_of(viewer: Viewer, customer_id: int) -> None:
    """The same, by the customer. Nothing to lift is fine."""
    viewer.require(Permission.CHAT_SUPERVISE)
    access.see_customer(viewer, customer_id)
    for each in rows("select id from block where customer_id = %s and lifted_at is null", (customer_id,)):
        lift(viewer, each["id"])


def require_welcome(visitor: Visitor) -> None:
    """Raise `Refused(blocked)` for somebody who is kept out."""
    if access.blocked(visitor.customer_id) is not None:
        raise Refused("You cannot write to us at the moment.", code="blocked")
