"""Webhooks as their makers see them, what was sent to each, and the words in which a thing is told."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import broadcasts, chats, shapes
from models.queries.shapes import Out

_HOOKS = """
select w.id, w.name, w.url, w.secret_tail, w.events, w.internal, w.state, w.failures, w.failing_since, w.rest_until,
       w.last_at, w.created_at, w.version,
       (select count(*)::int from webhook_delivery d where d.webhook_id = w.id and d.state in ('waiting', 'claimed')) as waiting,
       (select count(*)::int from webhook_delivery d where d.webhook_id = w.id and d.state = 'dead') as dead
from webhook w
"""


def hooks() -> Out:
    return {"items": [_hook(each) for each in rows(_HOOKS + " order by w.name, w.id")]}


def hook(webhook_id: int) -> Out:
    found = one(_HOOKS + " where w.id = %s", (webhook_id,))
    if found is None:
        raise NotFound()
    return _hook(found)


def _hook(row: dict[str, Any]) -> Out:
    moments = ("failing_since", "rest_until", "last_at", "created_at")
    return {**row, **{name: shapes.moment(row[name]) for name in moments}}


_DELIVERIES = (
    "select id, event, event_id, chat_id, subject_id, state, attempts, due_at, status, fault, took_ms, created_at,"
    " settled_at from webhook_delivery"
)


def deliveries(webhook_id: int, *, state: str | None = None, before: int | None = None, limit: int = 50) -> Out:
    """What was sent to a webhook, and is to be, the newest first."""
    hook(webhook_id)
    found = rows(
        _DELIVERIES + " where webhook_id = %(hook)s and (%(state)s::text is null or state = %(state)s)"
        " and (%(before)s::bigint is null or id < %(before)s) order by id desc limit %(limit)s",
        {"hook": webhook_id, "state": state, "before": before, "limit": limit + 1},
    )
    return {"items": [_delivery(each) for each in found[:limit]], "more": len(found) > limit}


def delivery(webhook_id: int, delivery_id: int) -> Out:
    found = one(_DELIVERIES + " where webhook_id = %s and id = %s", (webhook_id, delivery_id))
    if found is None:
        raise NotFound()
    return _delivery(found)


def _delivery(row: dict[str, Any]) -> Out:
    return {**row, **{name: shapes.moment(row[name]) for name in ("due_at", "created_at", "settled_at")}}


# --- the words --------------------------------------------------------------------------------------------

# What an entry carries that customers may know, or that is a fact of the desk: nobody's private words.
_FACTS = frozenset(
    {
        *("event", "agent", "by", "team", "how", "waited_s", "priority", "target", "target_id", "text", "failed"),
        *("attachments", "quote", "sources", "quick_replies", "helped"),
    }
)

_CHAT_FACTS = (
    *("id", "session_id", "previous_chat_id", "state", "channel", "team", "owner", "ended_owner", "priority", "tags"),
    *("created_at", "queued_at", "first_replied_at", "ended_at", "end_cause", "end_reason", "rating", "rating_comment"),
)


def told(delivery_id: int) -> Out | None:
    """What a delivery says, as things are now. None: what it was about is gone."""
    row = one(
        "select d.event, d.event_id, d.chat_id, d.message_id, d.subject_id, d.created_at, w.internal"
        " from webhook_delivery d join webhook w on w.id = d.webhook_id where d.id = %s",
        (delivery_id,),
    )
    if row is None:
        return None
    data = _about(row)
    if data is None:
        return None
    return {
        "type": row["event"],
        "timestamp": shapes.moment(row["created_at"]),
        "data": {"event_id": row["event_id"], **data},
    }


def _about(row: dict[str, Any]) -> Out | None:
    about: Out = {}
    if row["message_id"] is not None:
        entry = one(f"select {chats.MESSAGE_COLUMNS} from message where id = %s", (row["message_id"],))
        if entry is None:
            return None
        about["message"] = _message(entry, internal=row["internal"])
    if row["event"] == "failure.created":
        about["failure"] = one(
            "select id, text, trigger, language, noise from failed_response where id = %s", (row["subject_id"],)
        )
        if about["failure"] is None:
            return None
    if row["event"] == "broadcast.finished":
        cast = one("select id, title, state from broadcast where id = %s", (row["subject_id"],))
        if cast is None:
            return None
        about["broadcast"] = {**cast, "counts": broadcasts.counts([cast["id"]])[cast["id"]]}
    if row["chat_id"] is not None:
        about["chat"] = _chat(row["chat_id"], internal=row["internal"])
    return about


def _message(entry: dict[str, Any], *, internal: bool) -> Out:
    """An entry, without what only colleagues may read of it unless they said so."""
    said = shapes.message(entry)
    del said["client_id"]
    if internal:
        return said
    data = {key: value for key, value in said["data"].items() if key in _FACTS}
    return {**said, "data": data, "body": said["body"] if entry["pub_seq"] is not None else ""}


def _chat(chat_id: int, *, internal: bool) -> Out:
    whole = shapes.chat(chats.row(chat_id))
    customer = {key: whole["customer"][key] for key in ("id", "name", "verified")}
    return {
        **{key: whole[key] for key in _CHAT_FACTS},
        "customer": customer,
        **({"end_note": whole["end_note"]} if internal else {}),
    }
