"""Chats of any age and state: narrowed, in an order, page by page. Each page costs the same, however deep it lies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from models.db import one, rows
from models.errors import Invalid
from models.queries import access, chats, shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules.narrowing import LATEST, Narrowing

COUNTED = 10_000
"""Counting stops here: a person reads "10,000+" as "many", and a count of all of them would cost more than the page."""

# A bot's chat whose customer never asked for a person: nobody was given it, and nobody was asked to take it.
_BOT_ONLY = "(c.queued_at is null and c.owner_id is null and c.ended_owner_id is null)"
_ESCALATED = "c.escalations > 0"
_HAS_MEDIA = "exists (select from attachment f where f.chat_id = c.id and f.message_id is not null)"

FEW = 3_000
"""What belongs to at most so many chats is looked up first and named to the database one by one: then it knows how few
they are. Beyond that they are frequent enough to be met while reading in order."""

# Only the owner of a chat speaks to its customer, so whoever ever answered was given the chat at some time.
_HANDLED = "select chat_id from assignment where agent_id = any(%(values)s::bigint[])"
_HANDLED_EACH = "exists (select from assignment h where h.chat_id = c.id and h.agent_id = any(%({})s::bigint[]))"
_TAGGED = "select chat_id from chat_tag where tag_id = any(%(values)s::bigint[])"
_TAGGED_EACH = "exists (select from chat_tag x where x.chat_id = c.id and x.tag_id = any(%({})s::bigint[]))"

_ANY_OF = {
    "team_ids": "c.team_id = any(%(team_ids)s::bigint[])",
    "channel_ids": "c.channel_id = any(%(channel_ids)s::bigint[])",
    "service_ids": "c.service_id = any(%(service_ids)s::bigint[])",
    "reasons": "c.end_reason = any(%(reasons)s::text[])",
    "causes": "c.end_cause = any(%(causes)s::text[])",
    "ratings": "c.rating = any(%(ratings)s::smallint[])",
}
_STATES = {"ended": ["c.state = 'ended'"], "open": ["c.state <> 'ended'"], "any": []}
_FLAGS = {"has_media": _HAS_MEDIA, "escalated": _ESCALATED, "bot_only": _BOT_ONLY}


class Order(NamedTuple):
    """How a list is sorted: what by, which way, what it leaves out, and how its page marker reads."""

    key: str
    way: str
    beyond: str
    only: str


ENDED = "coalesce(c.ended_at, 'infinity')"
NEWEST = f"{ENDED} desc, c.id desc"
_ORDERS = {
    "newest": Order(NEWEST, "moment", f"({ENDED}, c.id) < (%(key)s::timestamptz, %(last)s)", ""),
    "oldest": Order(f"{ENDED}, c.id", "moment", f"({ENDED}, c.id) > (%(key)s::timestamptz, %(last)s)", ""),
    "longest": Order(
        "extract(epoch from c.ended_at - c.created_at) desc, c.id desc",
        "number",
        "(extract(epoch from c.ended_at - c.created_at), c.id) < (%(key)s::numeric, %(last)s)",
        "c.state = 'ended'",
    ),
    "lowest_rating": Order(
        "c.rating, -c.id",
        "number",
        "(c.rating, -c.id) > (%(key)s::numeric::smallint, -%(last)s)",
        "c.rating is not null",
    ),
}


def conditions(viewer: Viewer, wanted: Narrowing) -> tuple[list[str], dict[str, Any]]:
    """What must hold of a chat `c` that this agent may see and that fits, with the parameters."""
    clause, params = access.visible_in_lists(viewer)
    where = [clause]
    where += _STATES[wanted.shown]
    belongs = [("mine", _HANDLED, _HANDLED_EACH, [viewer.id])] if wanted.scope == "mine" else []
    belongs += [("agents", _HANDLED, _HANDLED_EACH, list(wanted.agent_ids))] if wanted.agent_ids else []
    belongs += [
        (f"tag{place}", _TAGGED, _TAGGED_EACH, [tag_id]) for place, tag_id in enumerate(dict.fromkeys(wanted.tag_ids))
    ]
    for name, looked_up, each, values in belongs:
        few = rows(f"{looked_up} limit {FEW + 1}", {"values": values})
        where.append(f"c.id = any(%({name})s::bigint[])" if len(few) <= FEW else each.format(name))
        params[name] = [row["chat_id"] for row in few] if len(few) <= FEW else values
    if wanted.from_at is not None:
        where.append(f"{ENDED} >= %(from_at)s")
        params["from_at"] = wanted.from_at
    if wanted.to_at is not None:
        where.append(f"{ENDED} < %(to_at)s")
        params["to_at"] = wanted.to_at
    if wanted.customer_id is not None:
        where.append("c.customer_id = %(customer)s")
        params["customer"] = wanted.customer_id
    for name, condition in _ANY_OF.items():
        if values := getattr(wanted, name):
            where.append(condition)
            params[name] = list(values)
    for name, condition in _FLAGS.items():
        if (asked := getattr(wanted, name)) is not None:
            where.append(condition if asked else f"not ({condition})")
    return where, params


def page(viewer: Viewer, wanted: Narrowing, *, sort: str = "newest", limit: int = 30, after: str | None = None) -> Out:
    """A `HistoryPage`. What is counted is counted with the first page only."""
    viewer.require(Permission.HISTORY_READ)
    where, params = conditions(viewer, wanted)
    order = _ORDERS[sort]
    if order.only:
        where.append(order.only)
    counted = _count(where, params) if after is None else None
    if after is not None:
        key, params["last"] = _marker(after, order.way)
        params["key"] = key
        where.append(order.beyond)
    params["limit"] = limit + 1
    found = rows(
        f"select c.id from chat c where {' and '.join(where)} order by {order.key} limit %(limit)s",
        params,
    )
    shown = in_order([each["id"] for each in found[:limit]])
    return {
        "items": [shapes.chat(each) for each in shown],
        "total": min(counted, COUNTED) if counted is not None else None,
        "capped": counted is not None and counted > COUNTED,
        "next": _marks(sort, shown[-1]) if len(found) > limit else None,
    }


def in_order(chat_ids: list[int]) -> list[dict[str, Any]]:
    """The joined rows of these chats, in this order. Whoever asks has decided that the viewer may see them."""
    found = {each["id"]: each for each in rows(chats.CHATS + " where c.id = any(%s)", (chat_ids,))}
    return [found[chat_id] for chat_id in chat_ids if chat_id in found]


def _count(where: list[str], params: dict[str, Any]) -> int:
    """How many fit, or one more than `COUNTED`."""
    most = COUNTED + 1
    found = one(
        f"select count(*)::int as n from (select from chat c where {' and '.join(where)} limit {most}) counted", params
    )
    assert found is not None
    number: int = found["n"]
    return number


def _marks(sort: str, row: dict[str, Any]) -> str:
    ended_at: datetime | None = row["ended_at"]
    match sort:
        case "longest":
            assert ended_at is not None
            key = f"{(ended_at - row['created_at']).total_seconds():.6f}"
        case "lowest_rating":
            key = str(row["rating"])
        case _:
            key = ended_at.isoformat() if ended_at is not None else LATEST
    return f"{key}|{row['id']}"


def _marker(text: str, way: str) -> tuple[str, int]:
    """The two parts of a page marker. It comes back from a client: anything odd is `Invalid`."""
    try:
        key, last = text.split("|")
        number = int(last)
        if not 0 < number < 2**63:
            raise ValueError
        if way == "number":
            return str(float_or_fault(key)), number
        return ("infinity" if key == LATEST else datetime.fromisoformat(key).isoformat()), number
    except ValueError:
        raise Invalid("This page marker is not one of ours.", fields={"after": ["Not a page marker."]}) from None


def float_or_fault(text: str) -> float:
    number = float(text)
    if not abs(number) < 10**12:
        raise ValueError
    return number
