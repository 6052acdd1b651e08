"""What an agent's socket may ask. Each event is one call of the command bus or of a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.actions import viewing
from models.actions.conversation import agent_draft
from models.actions.messages import Said
from models.db import one
from models.errors import DeskError
from models.live import CONSOLE, VISITOR, Event, Room, tell_now
from models.queries import access, shapes
from models.queries import chats as read
from models.queries.access import Permission, Viewer
from models.schemas import events
from web import commands, errors
from web.auth import may
from web.sockets.batch import Batcher
from web.sockets.gate import Ack, Handled, Work, event, sending
from web.sockets.holders import Holder
from web.sockets.rooms import Rooms

READ, ANSWER = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER)
TAKES = {name: asked.takes for name, asked in events.FROM_CONSOLE.items()}


def table(batcher: Batcher, rooms: Rooms) -> dict[str, Handled]:
    """Every event of the namespace, with the permission it needs. Which chats one may see is checked inside."""

    def send(holder: Holder, args: dict[str, Any], ack: Ack) -> None:
        draft = agent_draft(_viewer(holder), **args)
        post_and_ack(batcher, holder, draft, ack, lambda said: {"message": shapes.message(said.row)})

    def watch(holder: Holder, args: dict[str, Any]) -> dict[str, Any]:
        access.see_chat(_viewer(holder), args["chat_id"])
        rooms.watch(holder, args["chat_id"])
        holder.shows = args["chat_id"]
        viewing.opens(holder.sid, args["chat_id"])
        return {}

    def unwatch(holder: Holder, args: dict[str, Any]) -> dict[str, Any]:
        rooms.unwatch(holder, args["chat_id"])
        if holder.shows == args["chat_id"]:
            holder.shows = None
            viewing.leaves(holder.sid, args["chat_id"])
        return {}

    return {
        "message:send": sending(ANSWER, TAKES["message:send"], send, rate=2, burst=20),
        "chat:watch": event(READ, TAKES["chat:watch"], watch),
        "chat:unwatch": event(READ, TAKES["chat:unwatch"], unwatch),
        "message:edit": event(ANSWER, TAKES["message:edit"], _command(commands.edit_message), rate=1, burst=10),
        "message:delete": event(ANSWER, TAKES["message:delete"], _command(commands.delete_message), rate=1, burst=10),
        "chat:draft": event(ANSWER, TAKES["chat:draft"], _command(commands.keep_draft), rate=2, burst=20),
        "chat:sync": event(READ, TAKES["chat:sync"], _command(read.sync), rate=10, burst=60),
        "chat:typing": event(ANSWER, TAKES["chat:typing"], _typing, rate=1, burst=10),
        "chat:read": event(READ, TAKES["chat:read"], _command(commands.agent_read), burst=60),
        "presence:set": event(ANSWER, TAKES["presence:set"], _command(commands.set_presence), rate=1, burst=10),
        **{name: _chat_command(name) for name in TAKES if name in commands.CHAT_COMMANDS},
    }


def _chat_command(name: str) -> Handled:
    def work(holder: Holder, args: dict[str, Any]) -> Any:
        return commands.on_chat(_viewer(holder), name, **args)

    return event(may(commands.CHAT_COMMANDS[name].permission), TAKES[name], work, rate=2, burst=20)


def _command(run: Callable[..., Any]) -> Work:
    """A command of the bus that is not about a chat's state."""
    return lambda holder, args: run(_viewer(holder), **args)


def _viewer(holder: Holder) -> Viewer:
    assert isinstance(holder.who, Viewer)
    return holder.who


def _typing(holder: Holder, args: dict[str, Any]) -> dict[str, Any]:
    """Colleagues with the chat open see it; the customer sees only its owner type."""
    viewer = _viewer(holder)
    access.see_chat(viewer, args["chat_id"])
    chat = one("select owner_id, customer_id from chat where id = %s", (args["chat_id"],))
    assert chat is not None
    told = {"chat_id": args["chat_id"], "kind": "agent", "id": viewer.id, "name": viewer.name, "on": args["on"]}
    rooms = [Room.watching(args["chat_id"])]
    if chat["owner_id"] is not None:
        rooms.append(Room.agent(chat["owner_id"]))
    tell_now(CONSOLE, Event.CHAT_TYPING, rooms, told)
    if chat["owner_id"] == viewer.id:
        tell_now(VISITOR, Event.CHAT_TYPING, [Room.customer(chat["customer_id"])], {**told, "id": None})
    return {}


def post_and_ack(batcher: Batcher, holder: Holder, draft: Any, ack: Ack, answer: Any) -> None:
    """Hand a draft to the batch; ack after COMMIT. Events that follow on this socket wait until it is settled."""
    holder.sends_under_way += 1
    holder.settled.clear()

    def done(outcome: Said | DeskError) -> None:
        holder.sends_under_way -= 1
        if holder.sends_under_way == 0:
            holder.settled.set()
        if isinstance(outcome, DeskError):
            ack({"ok": False, "error": errors.as_error(outcome)})
        else:
            ack({"ok": True, "data": answer(outcome)})

    batcher.put(draft, done)
