"""What lies in a customer's widget and has not become part of a chat, and what they say of broadcasts by a word."""

from __future__ import annotations

from models.db import one, rows
from models.queries import shapes
from models.queries.access import Visitor
from models.queries.shapes import Out
from models.rules import stopping
from models.rules.stopping import Wish

SHOWN = 5
"""The newest; what lies under more than that is not read any more."""


def waiting(customer_id: int, channel_id: int) -> Out:
    """A `NoticeList`: what waits for this customer, the newest first, and whether they want to be written to at all."""
    found = rows(
        "select n.id, b.body, n.placed_at, n.seen_at is not null as seen from notice n"
        " join recipient r on r.id = n.recipient_id join broadcast b on b.id = r.broadcast_id"
        " where n.customer_id = %s and n.channel_id = %s and n.joined_at is null and n.closed_at is null"
        " order by n.id desc limit %s",
        (customer_id, channel_id, SHOWN),
    )
    wants = one("select broadcasts_off_at is null as yes from customer where id = %s", (customer_id,))
    return {
        "items": [{**each, "placed_at": shapes.moment(each["placed_at"])} for each in found],
        "wanted": wants is not None and wants["yes"],
    }


def wish(visitor: Visitor, said: str) -> Wish | None:
    """What somebody wants who wrote this by a messenger or mail: no more broadcasts, if they were sent one there lately;
    to get them again, if they stopped them. None for all other words.
    """
    meant = stopping.wish(said)
    if meant is None:
        return None
    found = one(
        "select case when %(start)s then s.broadcasts_off_at is not null else exists (select from recipient r"
        " where r.customer_id = s.id and r.channel_id = %(channel)s and r.state in ('sent', 'unknown')"
        " and r.settled_at > clock_timestamp() - make_interval(days => %(days)s)) end as yes from customer s where s.id = %(id)s",
        {
            "start": meant is Wish.START,
            "channel": visitor.channel_id,
            "days": stopping.LATELY_DAYS,
            "id": visitor.customer_id,
        },
    )
    return meant if found is not None and found["yes"] else None
