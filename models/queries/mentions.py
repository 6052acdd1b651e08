"""Notes that name an agent, in chats they may still see."""

from __future__ import annotations

from models.db import one, rows
from models.queries import access, shapes
from models.queries.access import Viewer
from models.queries.shapes import Out


def page(viewer: Viewer, *, unseen: bool = False, limit: int = 50, before: int | None = None) -> Out:
    """A `MentionPage`: newest first, older than `before`."""
    clause, params = access.visible(viewer)
    found = rows(
        "select n.id as mention_id, n.seen_at, n.created_at as mentioned_at, t.name as mention_team, m.*,"
        " c.customer_id, s.name as customer_name, s.verified as customer_verified,"
        " exists (select from socket_lease l where l.customer_id = c.customer_id"
        "         and l.seen_at > clock_timestamp() - interval '45 seconds') as customer_online,"
        " exists (select from block b where b.customer_id = c.customer_id and b.lifted_at is null"
        "         and (b.until is null or b.until > clock_timestamp())) as customer_blocked"
        " from mention n join message m on m.id = n.message_id join chat c on c.id = n.chat_id"
        " join customer s on s.id = c.customer_id left join team t on t.id = n.team_id"
        f" where n.agent_id = %(me)s and {clause} and (not %(unseen)s or n.seen_at is null)"
        " and (%(before)s::bigint is null or n.id < %(before)s) order by n.id desc limit %(limit)s",
        {**params, "me": viewer.id, "unseen": unseen, "before": before, "limit": limit + 1},
    )
    return {
        "items": [
            {
                "id": each["mention_id"],
                "chat_id": each["chat_id"],
                "customer": shapes.customer_brief(each),
                "message": shapes.message(each),
                "team_name": each["mention_team"],
                "seen": each["seen_at"] is not None,
                "created_at": shapes.moment(each["mentioned_at"]),
            }
            for each in found[:limit]
        ],
        "unseen": count_unseen(viewer),
        "more": len(found) > limit,
    }


def count_unseen(viewer: Viewer) -> int:
    """How many of them were not looked at."""
    clause, params = access.visible(viewer)
    found = one(
        "select count(*)::int as n from mention n join chat c on c.id = n.chat_id"
        f" where n.agent_id = %(me)s and n.seen_at is null and {clause}",
        {**params, "me": viewer.id},
    )
    return int(found["n"]) if found else 0
