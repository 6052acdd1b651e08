"""What the widget reads: its configuration, and the customer's own snapshot."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import chats, media, notices, queue, shapes, terms
from models.queries.access import Visitor
from models.queries.shapes import Out
from models.settings import settings


def channel(key: str) -> dict[str, Any]:
    """The website channel with this public key: id, name, allowed origins."""
    found = one("select id, name, allowed_origins from channel where public_key = %s and kind = 'web'", (key,))
    if found is None:
        raise NotFound("No website has this key.")
    return found


def config() -> Out:
    """What loader and frame need before anybody has said a word."""
    desk = one(
        "select name, brand, greeting, teaser, bot_name, bot_enabled, ask_name,"
        " (select percentile_cont(0.5) within group (order by extract(epoch from first_replied_at - queued_at))"
        "  from (select first_replied_at, queued_at from chat where state = 'ended' and first_replied_at is not null"
        "        and queued_at is not null order by ended_at desc limit 50) lately) as reply_s"
        " from desk where id = 1"
    )
    if desk is None:
        raise NotFound("The desk has no settings yet.")
    online = rows(
        "select a.name, a.hue from agent a where a.chosen_status = 'online' and a.disabled_at is null"
        " and exists (select from socket_lease l where l.agent_id = a.id"
        "             and l.seen_at > clock_timestamp() - interval '45 seconds') order by a.id limit 3"
    )
    reply_s = desk.pop("reply_s")
    holds = terms.of_teams()
    return {
        **desk,
        "reply_minutes": max(1, round(reply_s / 60)) if reply_s is not None else None,
        "agents": [{"name": each["name"], "hue": each["hue"]} for each in online],
        "topics": [
            {"name": each["name"], "opens_at": shapes.moment(holds[each["id"]].opens_at)}
            for each in rows("select id, name from team where archived_at is null order by id")
            if each["id"] in holds  # not one that was made between the two statements
        ],
        "opens_at": shapes.moment(holds[None].opens_at),
        "mail": bool(settings().mail_url),
        "uploads": media.limits(),
    }


def state(visitor: Visitor) -> Out:
    """The visitor's snapshot: who they are, the newest chat, its newest entries, the place in line."""
    customer = one("select name, email, verified from customer where id = %s", (visitor.customer_id,))
    if customer is None:
        raise NotFound()
    chat = chats.latest_of(visitor)
    waits = chat is not None and chat["state"] == "queued"
    return {
        "name": customer["name"],
        "email": customer["email"],
        "known": customer["name"] is not None or customer["verified"],
        "chat": shapes.visitor_chat(chat) if chat else None,
        "messages": _newest(chat["id"]) if chat else [],
        "place": queue.place(chat["id"]) if chat and waits else None,
        "notices": notices.waiting(visitor.customer_id, visitor.channel_id),
    }


def _newest(chat_id: int) -> list[Out]:
    found = rows(
        f"select {chats.MESSAGE_COLUMNS} from message where chat_id = %s and pub_seq is not null"
        " order by pub_seq desc limit %s",
        (chat_id, chats.PAGE),
    )
    return [shapes.visitor_message(each) for each in reversed(found)]
