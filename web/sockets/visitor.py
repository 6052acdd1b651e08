"""What a customer's socket may ask. The customer is who the token says; ids only name one's own chats."""

from __future__ import annotations

from typing import Any

from models.actions.conversation import customer_draft
from models.actions.messages import Said
from models.db import connection, one
from models.live import CONSOLE, Event, Room, tell_now
from models.queries import access, shapes
from models.queries import chats as read
from models.queries.access import Visitor
from models.schemas import events
from web import commands
from web.auth import VISITOR
from web.sockets.batch import Batcher
from web.sockets.console import post_and_ack
from web.sockets.gate import Ack, Handled, event, sending
from web.sockets.holders import Holder

TAKES = {name: asked.takes for name, asked in events.FROM_VISITOR.items()}


def table(batcher: Batcher) -> dict[str, Handled]:
    """Every event of the namespace."""

    def send(holder: Holder, args: dict[str, Any], ack: Ack) -> None:
        post_and_ack(batcher, holder, customer_draft(_visitor(holder), **args), ack, _sent)

    return {
        # 30 a minute, with room for a burst of thoughts
        "message:send": sending(VISITOR, TAKES["message:send"], send, rate=0.5, burst=10),
        "chat:sync": event(
            VISITOR, TAKES["chat:sync"], lambda h, a: read.visitor_sync(_visitor(h), **a), rate=5, burst=30
        ),
        "chat:typing": event(VISITOR, TAKES["chat:typing"], _typing, rate=1, burst=5),
        "chat:read": event(
            VISITOR, TAKES["chat:read"], lambda h, a: commands.visitor_read(_visitor(h), **a), rate=3, burst=40
        ),
        **{name: _own(name) for name in commands.VISITOR_COMMANDS},
    }


def _own(name: str) -> Handled:
    run = commands.VISITOR_COMMANDS[name]
    return event(
        VISITOR, TAKES[name], lambda holder, args: commands.on_own_chat(_visitor(holder), run, **args), rate=1, burst=10
    )


def _visitor(holder: Holder) -> Visitor:
    assert isinstance(holder.who, Visitor)
    return holder.who


def _sent(said: Said) -> dict[str, Any]:
    chat = said.chat
    if chat is None:
        with connection():
            chat = read.row(said.chat_id)
    return {"message": shapes.visitor_message(said.row), "chat": shapes.visitor_chat(chat)}


def _typing(holder: Holder, args: dict[str, Any]) -> dict[str, Any]:
    visitor = _visitor(holder)
    access.visitor_chat(visitor, args["chat_id"])
    chat = one("select owner_id from chat where id = %s", (args["chat_id"],))
    assert chat is not None
    told = {
        "chat_id": args["chat_id"],
        "kind": "customer",
        "id": visitor.customer_id,
        "name": visitor.name,
        "on": args["on"],
    }
    rooms = [Room.watching(args["chat_id"])]
    if chat["owner_id"] is not None:
        rooms.append(Room.agent(chat["owner_id"]))
    tell_now(CONSOLE, Event.CHAT_TYPING, rooms, told)
    return {}
