"""Promises to come back to a customer: who, by when, and what became of it."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import access, shapes
from models.queries.access import Viewer
from models.queries.chats import cursor
from models.queries.shapes import Out

PROMISES = """
select p.*, c.team_id, i.subject, s.name as customer_name, s.verified as customer_verified,
       exists (select from socket_lease l where l.customer_id = p.customer_id
               and l.seen_at > clock_timestamp() - interval '45 seconds') as customer_online,
       exists (select from block b where b.customer_id = p.customer_id and b.lifted_at is null
               and (b.until is null or b.until > clock_timestamp())) as customer_blocked,
       o.name as owner_name, o.hue as owner_hue, m.name as made_by_name, m.hue as made_by_hue
from promise p
join chat c on c.id = p.chat_id
join session i on i.id = p.session_id
join customer s on s.id = p.customer_id
join agent o on o.id = p.owner_id
left join agent m on m.id = p.made_by_id
"""


def row(promise_id: int) -> dict[str, Any]:
    """The joined row of one promise. For actions, which have locked it and decided already."""
    found = one(PROMISES + " where p.id = %s", (promise_id,))
    if found is None:
        raise NotFound()
    return found


def out(row: dict[str, Any]) -> Out:
    """A `PromiseOut`."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": row["state"],
        "chat_id": row["chat_id"],
        "session_id": row["session_id"],
        "customer": shapes.customer_brief(row),
        "subject": row["subject"],
        "owner": shapes.agent_brief(row, "owner_"),
        "due_at": shapes.moment(row["due_at"]),
        "note": row["note"],
        "made_by": shapes.agent_brief(row, "made_by_"),
        "made_at": shapes.moment(row["made_at"]),
        "settled_at": shapes.moment(row["settled_at"]),
        "settled_note": row["settled_note"],
        "kept_chat_id": row["kept_chat_id"],
    }


def brief(row: dict[str, Any]) -> Out:
    """A `PromiseBrief`, for the event that tells of it."""
    return {"id": row["id"], "due_at": shapes.moment(row["due_at"]), "owner": shapes.agent_brief(row, "owner_")}


def see(viewer: Viewer, promise_id: int) -> dict[str, Any]:
    """The promise, when the agent owns it or may see its chat; `NotFound` otherwise."""
    clause, params = access.visible(viewer)
    found = one(
        f"{PROMISES} where p.id = %(promise)s and (p.owner_id = %(me)s or {clause})",
        {**params, "me": viewer.id, "promise": promise_id},
    )
    if found is None:
        raise NotFound()
    return found


def page(viewer: Viewer, *, scope: str = "mine", state: str = "open", limit: int = 50, after: str | None = None) -> Out:
    """One's own promises, or those of every chat one may see. Open: the first due first. Settled: newest first."""
    clause, params = access.visible(viewer)
    where = ["p.state = 'open'" if state == "open" else "p.state <> 'open'"]
    where.append("p.owner_id = %(me)s" if scope == "mine" else f"(p.owner_id = %(me)s or {clause})")
    params |= {"me": viewer.id, "limit": limit + 1}
    total = one(
        f"select count(*) as n from promise p join chat c on c.id = p.chat_id where {' and '.join(where)}", params
    )
    column, order, beyond = ("due_at", "asc", ">") if state == "open" else ("settled_at", "desc", "<")
    if after is not None:
        _, moment, last_id = cursor(after, 0)
        where.append(f"(p.{column}, p.id) {beyond} (%(at)s::timestamptz, %(last)s::bigint)")
        params |= {"at": moment, "last": last_id}
    found = rows(
        f"{PROMISES} where {' and '.join(where)} order by p.{column} {order}, p.id {order} limit %(limit)s", params
    )
    more, shown = len(found) > limit, found[:limit]
    return {
        "items": [out(each) for each in shown],
        "total": total["n"] if total else 0,
        "next": f"{shown[-1][column].isoformat()}|{shown[-1]['id']}" if more else None,
    }
