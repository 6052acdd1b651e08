"""Who holds each open socket of this process: identity, watched chats, and how fast they may talk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from models.queries.access import Viewer, Visitor
from models.rules.rates import Bucket


@dataclass(slots=True)
class Holder:
    """One socket, from connect to disconnect. `who` is replaced when a role or team changes."""

    sid: str
    eio_sid: str
    namespace: str
    who: Viewer | Visitor
    address: str
    watched: set[int] = field(default_factory=set)
    shows: int | None = None  # the conversation on this screen: the one it asked for last
    buckets: dict[str, Bucket] = field(default_factory=dict)
    sends_under_way: int = 0
    settled: threading.Event = field(default_factory=threading.Event)  # set while no send is under way
    faults: int = 0


class Holders:
    """The sockets of this process, found by socket, by agent and by customer."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Holder] = {}
        self._count: dict[tuple[str, object], int] = {}

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Holder]:
        return iter(list(self._by_sid.values()))

    def add(self, holder: Holder) -> None:
        holder.settled.set()
        self._by_sid[holder.sid] = holder
        for key in _keys(holder):
            self._count[key] = self._count.get(key, 0) + 1

    def remove(self, sid: str) -> Holder | None:
        holder = self._by_sid.pop(sid, None)
        if holder is not None:
            for key in _keys(holder):
                left = self._count.get(key, 0) - 1
                if left > 0:
                    self._count[key] = left
                else:
                    self._count.pop(key, None)
        return holder

    def get(self, sid: str) -> Holder | None:
        return self._by_sid.get(sid)

    def sockets_of(self, who: Viewer | Visitor) -> int:
        return self._count.get(_who_key(who), 0)

    def sockets_from(self, address: str) -> int:
        return self._count.get(("address", address), 0)

    def agents(self) -> list[Holder]:
        return [holder for holder in self._by_sid.values() if isinstance(holder.who, Viewer)]

    def visitors(self) -> list[Holder]:
        return [holder for holder in self._by_sid.values() if isinstance(holder.who, Visitor)]

    def sids(self) -> list[str]:
        return list(self._by_sid)


def _who_key(who: Viewer | Visitor) -> tuple[str, object]:
    return ("agent", who.id) if isinstance(who, Viewer) else ("customer", who.customer_id)


def _keys(holder: Holder) -> tuple[tuple[str, object], ...]:
    return (_who_key(holder.who), ("address", holder.address))
