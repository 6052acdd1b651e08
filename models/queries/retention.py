"""What rules of retention would remove, and what they have removed."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.queries import shapes
from models.queries.shapes import Out

Row = dict[str, Any]

_OLD = "make_interval(days => %(after_days)s)"
_CHANNEL = "(%(channel_id)s::bigint is null or c.channel_id = %(channel_id)s)"
_CHATS = (
    f"select c.id from chat c where c.state = 'ended' and coalesce(c.ended_at, 'infinity') < clock_timestamp() - {_OLD}"
    f" and {_CHANNEL} and not exists (select from promise p where p.chat_id = c.id and p.state = 'open')"
)
_DUE = {
    "chats": _CHATS,
    "bot_chats": f"{_CHATS} and c.queued_at is null and c.ended_owner_id is null",
    # Of every channel: a broadcast may have gone out by several.
    "broadcasts": "select b.id from broadcast b where b.state in ('done', 'failed', 'cancelled')"
    f" and b.finished_at < clock_timestamp() - {_OLD} and %(channel_id)s::bigint is null",
    "files": "select distinct m.id from attachment f join message m on m.id = f.message_id join chat c on c.id = f.chat_id"
    f" where c.state = 'ended' and f.created_at < clock_timestamp() - {_OLD} and {_CHANNEL}",
}

_CALLED = {
    "chats": "Chats",
    "bot_chats": "Chats of the bot alone",
    "files": "Files",
    "broadcasts": "Broadcasts and their ledgers",
}


def called(what: str) -> str:
    """What a rule is about, in words for the audit."""
    return _CALLED[what]


def due(rule: Row) -> int:
    """How many chats, messages with files, or broadcasts, the rule would remove now."""
    due_now = _DUE[rule["what"]]
    found = one(f"select count(*)::int as n from ({due_now}) due", rule)
    assert found is not None
    number: int = found["n"]
    return number


def some_due(rule: Row, many: int) -> list[int]:
    """Some of them."""
    due_now = _DUE[rule["what"]]
    return [each["id"] for each in rows(f"{due_now} limit %(many)s", {**rule, "many": many})]


def rules() -> Out:
    """A `RetentionList`."""
    found = rows(
        "select r.*, h.name as channel_name, r.tried_at + interval '24 hours' as begins_at from retention_rule r"
        " left join channel h on h.id = r.channel_id order by r.what, r.channel_id nulls first"
    )
    return {
        "items": [
            {
                **{key: each[key] for key in ("id", "what", "channel_id", "channel_name", "after_days", "enabled")},
                "would_remove": each["tried_count"],
                "begins_at": shapes.moment(each["begins_at"]),
                "ran_at": shapes.moment(each["ran_at"]),
                "removed": each["removed"],
            }
            for each in found
        ]
    }


def receipts(limit: int = 50) -> Out:
    """An `ErasureList`: who was erased lately, by number, and by whose order."""
    found = rows(
        "select e.*, a.name as now_name, a.hue as now_hue from erasure e left join agent a on a.id = e.agent_id"
        " order by e.id desc limit %s",
        (limit,),
    )
    return {"items": [_receipt(each) for each in found]}


def receipt(number: int) -> Out:
    """One `ErasureOut`."""
    (found,) = rows(
        "select e.*, a.name as now_name, a.hue as now_hue from erasure e left join agent a on a.id = e.agent_id"
        " where e.id = %s",
        (number,),
    )
    return _receipt(found)


def _receipt(row: Row) -> Out:
    by = {"id": row["agent_id"], "name": row["now_name"], "hue": row["now_hue"]} if row["agent_id"] else None
    return {
        **{
            key: row[key]
            for key in ("id", "customer_id", "agent_name", "reason", "chats", "messages", "files", "notes")
        },
        "agent": by,
        "at": shapes.moment(row["at"]),
    }
