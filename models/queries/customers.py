"""Customers: what is known of one, how sure that is, and their earlier issues."""

from __future__ import annotations

from typing import Any

from models.db import Prepared, one, rows
from models.errors import NotFound
from models.queries import access, joining, shapes
from models.queries.access import Viewer
from models.queries.shapes import Out

_CUSTOMER = """
select s.*, s.id as customer_id, s.name as customer_name, s.verified as customer_verified,
       exists (select from socket_lease l where l.customer_id = s.id
               and l.seen_at > clock_timestamp() - interval '45 seconds') as customer_online,
       exists (select from block b where b.customer_id = s.id and b.lifted_at is null
               and (b.until is null or b.until > clock_timestamp())) as customer_blocked,
       (select count(*)::int from chat c where c.customer_id = s.id) as chats
from customer s where s.id = %s
"""


_NAME = Prepared(
    "customer_in", "select s.id, s.name from chat c join customer s on s.id = c.customer_id where c.id = $1", ["bigint"]
)


def name_in(chat_id: int) -> str:
    """What to call the customer of a chat."""
    found = _NAME.one(chat_id)
    if found is None:
        raise NotFound()
    return shapes.shown_name(found["name"], found["id"])


FACTS = ("email", "phone", "language", "location", "time_zone", "browser", "device", "page", "referrer")


def detail(customer_id: int) -> Out:
    """Everything agents may know of a customer. Whoever calls has decided that the viewer may."""
    found = one(_CUSTOMER, (customer_id,))
    if found is None:
        raise NotFound()
    return {
        **shapes.customer_brief(found),
        **{key: found[key] for key in FACTS},
        "since": shapes.moment(found["created_at"]),
        "erased_at": shapes.moment(found["erased_at"]),
        "broadcasts_off_at": shapes.moment(found["broadcasts_off_at"]),
        "chats": found["chats"],
        "identities": _identities(found),
        "joins": joining.joins_of(customer_id),
        "asked": joining.asked(customer_id),
        "attributes": found["attributes"],
        "notes": _notes(customer_id),
        "block": _block(customer_id),
    }


def _identities(customer: dict[str, Any]) -> list[Out]:
    """How each channel knows them. What somebody typed is a claim; only proof makes it sure."""
    found = rows(
        "select h.name as channel, h.kind, i.external_id, i.name, coalesce(i.notes -> 'proved', '{}') as proved"
        " from identity i join channel h on h.id = i.channel_id where i.customer_id = %s order by i.id",
        (customer["id"],),
    )
    claimed = customer["email"] or customer["name"]
    known: list[Out] = []
    for each in found:
        proved = [each["proved"][name] for name in joining.PROOFS if name in each["proved"]]
        said = each["name"] or claimed
        sure = "verified" if customer["verified"] or proved else "claimed" if said else "anonymous"
        label = each["name"] or ", ".join(proved) or claimed or each["external_id"][:8]
        known.append({"channel": each["channel"], "kind": each["kind"], "sure": sure, "label": label, "proved": proved})
    return known


def _notes(customer_id: int) -> list[Out]:
    found = rows(
        "select n.id, n.body, n.created_at, a.id as agent_id, a.name as agent_name, a.hue as agent_hue"
        " from customer_note n join agent a on a.id = n.agent_id where n.customer_id = %s order by n.id desc",
        (customer_id,),
    )
    return [
        {
            "id": each["id"],
            "author": shapes.agent_brief(each, "agent_"),
            "body": each["body"],
            "created_at": shapes.moment(each["created_at"]),
        }
        for each in found
    ]


BLOCKS = """
select b.id, b.customer_id, s.name as customer_name, b.address, b.reason, b.created_at, b.until,
       a.id as by_id, a.name as by_name, a.hue as by_hue
from block b left join customer s on s.id = b.customer_id left join agent a on a.id = b.by_agent_id
where b.lifted_at is null and (b.until is null or b.until > clock_timestamp())
"""


def block_out(row: dict[str, Any]) -> Out:
    """A `BlockOut` from a row of `BLOCKS`."""
    customer = row["customer_id"]
    return {
        **{key: row[key] for key in ("id", "customer_id", "address", "reason")},
        "customer_name": shapes.shown_name(row["customer_name"], customer) if customer else None,
        "by": shapes.agent_brief(row, "by_"),
        "created_at": shapes.moment(row["created_at"]),
        "until": shapes.moment(row["until"]),
    }


def _block(customer_id: int) -> Out | None:
    found = one(BLOCKS + " and b.customer_id = %s order by b.id desc limit 1", (customer_id,))
    return block_out(found) if found else None


def sessions(viewer: Viewer, customer_id: int, limit: int = 10) -> list[Out]:
    """The customer's last issues with the chats of each that this agent may see, newest issue first."""
    clause, params = access.visible(viewer)
    found = rows(
        f"""
        select s.id as session_id, s.subject, s.created_at as begun_at,
               c.id, c.state, c.created_at, c.ended_at, c.end_reason, c.end_cause, c.rating,
               a.id as agent_id, a.name as agent_name, a.hue as agent_hue
        from (select * from session where customer_id = %(customer)s order by id desc limit %(limit)s) s
        join chat c on c.session_id = s.id
        left join agent a on a.id = coalesce(c.owner_id, c.ended_owner_id)
        where {clause} order by s.id desc, c.id
        """,
        {**params, "customer": customer_id, "limit": limit},
    )
    issues: dict[int, Out] = {}
    for each in found:
        issue = issues.setdefault(
            each["session_id"],
            {
                "id": each["session_id"],
                "subject": each["subject"],
                "created_at": shapes.moment(each["begun_at"]),
                "chats": [],
            },
        )
        issue["chats"].append(
            {
                **{key: each[key] for key in ("id", "state", "end_reason", "end_cause", "rating")},
                "created_at": shapes.moment(each["created_at"]),
                "ended_at": shapes.moment(each["ended_at"]),
                "agent": shapes.agent_brief(each, "agent_"),
            }
        )
    return list(issues.values())


def newest_chats(customer_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """Ids and owners of the chats that somebody may have open."""
    return rows("select id, owner_id from chat where customer_id = %s order by id desc limit %s", (customer_id, limit))


def seen_by(viewer: Viewer, customer_id: int) -> Out:
    """The same as `detail`, for an agent who asks by the customer's number."""
    access.see_customer(viewer, customer_id)
    return detail(customer_id)


def blocks() -> Out:
    """Everybody who is kept out now, the newest first."""
    return {"items": [block_out(each) for each in rows(BLOCKS + " order by b.id desc")]}
