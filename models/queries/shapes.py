"""Rows to the shapes of the wire, as plain dicts ready for JSON.

Written by hand rather than dumped by marshmallow: one message passes here for every
send, and a dict literal costs a twentieth of a schema. A test loads each of them
with its schema, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from models.channels.known import KINDS
from models.channels.profile import Capabilities
from models.media import links

Row = Mapping[str, Any]
Out = dict[str, Any]

# Avatar hues that keep their contrast in both themes.
HUES = (262, 25, 160, 75, 320, 200, 300, 120)

LAST_BODY = 200  # characters of the newest message kept for list rows
QUOTED = 200  # characters of a quoted message


def customer_hue(customer_id: int) -> int:
    return HUES[customer_id % len(HUES)]


def shown_name(name: str | None, customer_id: int) -> str:
    """What to call a customer; one who gave no name is a numbered visitor."""
    return name or f"Visitor {10_000 + customer_id}"


def moment(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def agent_brief(row: Row, prefix: str = "") -> Out | None:
    """An agent's name and colour from columns `<prefix>id`, `<prefix>name`, `<prefix>hue`."""
    if row[f"{prefix}id"] is None:
        return None
    return {"id": row[f"{prefix}id"], "name": row[f"{prefix}name"], "hue": row[f"{prefix}hue"]}


team_brief = agent_brief  # the same three columns


def message(row: Row) -> Out:
    """A `MessageOut`: everything the console may know of an entry."""
    return {
        "id": row["id"],
        "chat_id": row["chat_id"],
        "kind": row["kind"],
        "author": {
            "kind": row["author_kind"],
            "id": row["author_id"],
            "name": row["author_name"],
            "hue": row["author_hue"],
        },
        "body": row["body"],
        "data": _with_links(row["data"]),
        "client_id": row["client_id"],
        "all_seq": row["all_seq"],
        "pub_seq": row["pub_seq"],
        "created_at": row["created_at"].isoformat(),
        "edited_at": moment(row["edited_at"]),
        "deleted_at": moment(row["deleted_at"]),
        "delivery": row.get("delivery"),
    }


def _with_links(data: Out) -> Out:
    """What a message carries, its files with links that hold from now on. Nothing to do for most of them."""
    return (
        {**data, "attachments": [attachment(each) for each in data["attachments"]]} if "attachments" in data else data
    )


def attachment(row: Row) -> Out:
    """An `AttachmentOut` of a file as messages keep it (`actions/attachments.said`)."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "name": row["name"],
        "size": row["size"],
        "content_type": row["type"],
        "width": row["width"],
        "height": row["height"],
        "duration_ms": row["duration_ms"],
        "url": links.link(row["token"], links.FILE, row["name"]),
        "thumb_url": links.link(row["token"], links.THUMB, row["name"]) if row["has_thumb"] else None,
    }


_PUBLIC_DATA = (
    "event",
    "quick_replies",
    "sources",
    "quote",
    "attachments",
    "removed_files",
    "target_id",
    "text",
    "helped",
)


def _public(data: Out) -> Out:
    """What customers may know of what a message carries. That it was a broadcast; not which, its title is the team's."""
    marked = {"broadcast": True} if "broadcast" in data else {}
    return {**_with_links({key: data[key] for key in _PUBLIC_DATA if key in data}), **marked}


def visitor_message(row: Row) -> Out:
    """A `VisitorMessage`: an allow-list. `client_id` goes back only to the customer who made it."""
    by_customer = row["author_kind"] == "customer"
    data = row["data"]
    return {
        "id": row["id"],
        "chat_id": row["chat_id"],
        "kind": row["kind"],
        "author": {"kind": row["author_kind"], "name": row["author_name"], "hue": row["author_hue"]},
        "body": row["body"],
        "data": _public(data) if data else {},
        "client_id": row["client_id"] if by_customer else None,
        "pub_seq": row["pub_seq"],
        "created_at": row["created_at"].isoformat(),
        "edited_at": moment(row["edited_at"]),
        "deleted_at": moment(row["deleted_at"]),
    }


def chat(row: Row) -> Out:
    """A `ChatOut` from a row of `queries.chats.CHATS`."""
    last = None
    if row["last_at"] is not None:
        last = {
            "author_kind": row["last_author_kind"],
            "author_id": row["last_author_id"],
            "body": row["last_body"],
            "at": moment(row["last_at"]),
        }
    return {
        "id": row["id"],
        "session_id": row["session_id"],
        "previous_chat_id": row["previous_chat_id"],
        "state": row["state"],
        "version": row["version"],
        "pub_seq": row["pub_seq"],
        "all_seq": row["all_seq"],
        "customer": customer_brief(row),
        "channel": _channel(row),
        "team": team_brief(row, "team_"),
        "owner": agent_brief(row, "owner_"),
        "ended_owner": agent_brief(row, "ended_owner_"),
        "priority": row["priority"],
        "first_message": row["first_body"],
        "last_message": last,
        "unread": max(0, row["pub_seq"] - row["agent_read_seq"]) if row["owner_id"] is not None else 0,
        "agent_read_seq": row["agent_read_seq"],
        "customer_read_seq": row["customer_read_seq"],
        "customer_delivered_seq": row["customer_delivered_seq"],
        "tags": row["tags"],
        "created_at": moment(row["created_at"]),
        "queued_at": moment(row["queued_at"]),
        "entered_state_at": moment(row["entered_state_at"]),
        "first_replied_at": moment(row["first_replied_at"]),
        "ended_at": moment(row["ended_at"]),
        "end_cause": row["end_cause"],
        "end_reason": row["end_reason"],
        "end_note": row["end_note"],
        "rating": row["rating"],
        "rating_comment": row["rating_comment"],
        "reply_by_email": row["reply_by_email"],
        "escalation": row.get("escalation"),
    }


def _channel(row: Row) -> Out:
    """A `ChannelOut`; beside the website's, with what can be sent by it and how long."""
    channel = {"id": row["channel_id"], "kind": row["channel_kind"], "name": row["channel_name"]}
    what = KINDS.get(row["channel_kind"])
    if what is None or what.live:
        return channel
    channel["can"] = can(what)
    if what.window_h is not None:
        said_at = row["last_in_at"]
        channel["reply_until"] = moment(said_at + timedelta(hours=what.window_h)) if said_at is not None else None
    return channel


def can(what: Capabilities) -> Out:
    """A `ChannelCan`: what the composer and the preview of broadcasts are drawn from."""
    return {
        "longest": what.longest,
        "media": dict(what.media),
        "caption": what.caption,
        "buttons": what.buttons,
        "window_h": what.window_h,
        "templates": what.templates,
        "receipts": what.receipts,
        "edits": what.edits,
        "deletes": what.deletes,
        "deletes_h": what.deletes_h,
        "quotes": what.quotes,
        "subjects": what.subjects,
        "formats": what.formats,
        "live": what.live,
    }


def customer_brief(row: Row) -> Out:
    customer_id = row["customer_id"]
    return {
        "id": customer_id,
        "name": shown_name(row["customer_name"], customer_id),
        "hue": customer_hue(customer_id),
        "verified": row["customer_verified"],
        "online": row["customer_online"],
        "blocked": row["customer_blocked"],
    }


def visitor_chat(row: Row) -> Out:
    """A `VisitorChat`: what the customer may know of their own chat."""
    agent_id = row["owner_id"] or row["ended_owner_id"]
    prefix = "owner_" if row["owner_id"] else "ended_owner_"
    agent = {"name": row[f"{prefix}name"], "hue": row[f"{prefix}hue"]} if agent_id else None
    return {
        "id": row["id"],
        "previous_chat_id": row["previous_chat_id"],
        "state": row["state"],
        "version": row["version"],
        "pub_seq": row["pub_seq"],
        "agent": agent,
        "team_name": row["team_name"],
        "agent_read_seq": row["agent_read_seq"],
        "created_at": moment(row["created_at"]),
        "ended_at": moment(row["ended_at"]),
        "rating": row["rating"],
        "reply_by_email": row["reply_by_email"],
    }


def agent(row: Row) -> Out:
    """An `AgentOut` from a row of `queries.agents.AGENTS`."""
    return {
        "id": row["id"],
        "name": row["name"],
        "hue": row["hue"],
        "email": row["email"],
        "role": row["role"],
        "status": row["status"],
        "chosen_status": row["chosen_status"],
        "load": row["load"],
        "limit": row["limit"],
        "team_ids": row["team_ids"],
    }
