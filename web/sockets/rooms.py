"""Which rooms a socket is in. Computed from permissions, by the server alone."""

from __future__ import annotations

from typing import Any

from models.live import CONSOLE, Room
from models.queries.access import Viewer, Visitor
from web.sockets.holders import Holder

MOST_WATCHED = 20  # open conversations of one socket; a screen shows one


class Rooms:
    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def join(self, holder: Holder) -> None:
        """The rooms that follow from who the holder is."""
        for room in _rooms_of(holder):
            self._manager.basic_enter_room(holder.sid, holder.namespace, room, eio_sid=holder.eio_sid)

    def rejoin(self, holder: Holder) -> None:
        """A role or team changed: leave what no longer follows, watched chats included, and join what does."""
        keep = {holder.sid, *_rooms_of(holder)}
        for room in self._manager.get_rooms(holder.sid, holder.namespace):
            if room not in keep:
                self._manager.basic_leave_room(holder.sid, holder.namespace, room)
        holder.watched.clear()
        self.join(holder)

    def watch(self, holder: Holder, chat_id: int) -> None:
        """Hear one conversation. The caller has checked that the holder may see it."""
        if len(holder.watched) >= MOST_WATCHED and chat_id not in holder.watched:
            self.unwatch(holder, min(holder.watched))
        holder.watched.add(chat_id)
        self._manager.basic_enter_room(holder.sid, CONSOLE, Room.watching(chat_id), eio_sid=holder.eio_sid)

    def unwatch(self, holder: Holder, chat_id: int) -> None:
        if chat_id in holder.watched:
            holder.watched.discard(chat_id)
            self._manager.basic_leave_room(holder.sid, CONSOLE, Room.watching(chat_id))


def _rooms_of(holder: Holder) -> list[str]:
    if isinstance(holder.who, Viewer):
        return holder.who.rooms
    assert isinstance(holder.who, Visitor)
    return [Room.customer(holder.who.customer_id)]
