"""A browser becomes a customer: its token, and the tickets that open sockets."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from models.actions.chat_log import db_now
from models.db import atomically, rows
from models.queries import access
from models.queries.access import Viewer, Visitor
from models.rules import browsers
from models.tables.customers import Customer, Identity, VisitorToken
from models.tables.people import Ticket

TOKEN_DAYS = 30  # a customer who comes back within a month is known again
TICKET_S = 30


def hashed(token: str) -> str:
    """What we store of a token. It is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@atomically
def arrives(
    channel_id: int,
    token: str | None,
    *,
    page: str = "",
    referrer: str = "",
    language: str = "",
    time_zone: str = "",
    browser: str = "",
    address: str = "",
) -> tuple[str, Visitor]:
    """A browser opens the widget: known again by its token, or a new customer with a new one.

    `browser` is the User-Agent header; `address` the network address, kept for blocking an abuser.
    """
    facts = {
        "page": page or None,
        "referrer": referrer or None,
        "language": language or None,
        "time_zone": time_zone or None,
        "browser": browsers.name(browser),
        "device": browsers.device(browser),
        "address": address or None,
    }
    known = access.visitor_by_token(hashed(token)) if token else None
    if token is not None and known is not None and known.channel_id == channel_id:
        if said := {key: value for key, value in facts.items() if value}:
            Customer.update(**said).where(Customer.id == known.customer_id).execute()
        VisitorToken.update(seen_at=db_now(), expires_at=db_now() + timedelta(days=TOKEN_DAYS)).where(
            VisitorToken.id == known.token_id
        ).execute()
        return token, known
    fresh = secrets.token_urlsafe(32)
    customer = Customer.create(**facts)
    Identity.create(customer=customer.id, channel=channel_id, external_id=secrets.token_hex(16))
    VisitorToken.create(
        token_hash=hashed(fresh),
        customer=customer.id,
        channel=channel_id,
        expires_at=db_now() + timedelta(days=TOKEN_DAYS),
    )
    visitor = access.visitor_by_token(hashed(fresh))
    assert visitor is not None
    return fresh, visitor


@atomically
def ticket_for(holder: Viewer | Visitor) -> str:
    """A one-use ticket for a socket, good for half a minute, bound to the session that asked for it."""
    ticket = secrets.token_urlsafe(32)
    Ticket.create(
        token_hash=hashed(ticket),
        agent_session=holder.session_id if isinstance(holder, Viewer) else None,
        visitor_token_id=holder.token_id if isinstance(holder, Visitor) else None,
        expires_at=db_now() + timedelta(seconds=TICKET_S),
    )
    return ticket


@atomically
def redeem(ticket: str) -> Viewer | Visitor | None:
    """Use a ticket up. None when it was used, has expired, or never was one."""
    used = rows(
        "delete from ticket where token_hash = %s and expires_at > clock_timestamp()"
        " returning agent_session_id, visitor_token_id",
        (hashed(ticket),),
    )
    if not used:
        return None
    if used[0]["agent_session_id"] is not None:
        return access.viewer_by_session_id(used[0]["agent_session_id"])
    return access.visitor_by_token_id(used[0]["visitor_token_id"])
