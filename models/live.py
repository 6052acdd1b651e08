"""Tell the screens, after commit: event names, rooms, and one door out.

`push` only notes what to say; `models/db.py` runs it once the transaction has
held. How it travels is the process's own affair: the web front and the workers
each hand an emitter to `speak_through` at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from models.db import Hook, after_commit, last_of_all


class Event(StrEnum):
    """Everything the server tells, named once. Past or present facts, never orders."""

    MESSAGE_NEW = "message:new"
    CHAT_CHANGED = "chat:changed"
    CHAT_RECEIPT = "chat:receipt"
    CHAT_TYPING = "chat:typing"
    PRESENCE_CHANGED = "presence:changed"
    QUEUE_COUNTS = "queue:counts"
    QUEUE_PLACE = "queue:place"
    DESK_CHANGED = "desk:changed"
    CHAT_VIEWERS = "chat:viewers"
    CUSTOMER_CHANGED = "customer:changed"
    PROMISE_CHANGED = "promise:changed"
    EXPORT_CHANGED = "export:changed"
    BROADCAST_CHANGED = "broadcast:changed"
    NOTICES_CHANGED = "notices:changed"
    FAILURE_CHANGED = "failure:changed"
    CLUSTER_CHANGED = "cluster:changed"
    REPLAY_CHANGED = "replay:changed"
    MESSAGE_DELIVERY = "message:delivery"
    CATALOGUE_CHANGED = "catalogue:changed"
    ALERT = "alert"
    HEADS = "heads"
    CUT_OFF = "cut:off"


CONSOLE, VISITOR = "/console", "/visitor"  # the two namespaces
BUS_CHANNEL = "parley"  # one name for fronts and workers; the libraries' own defaults differ from each other


def as_one(speaker: bytes, messages: Iterable[bytes]) -> bytes:
    """Many messages of the bus as one: the speaker's name, then a JSON list. A message alone begins with a brace."""
    return speaker + b"[" + b",".join(messages) + b"]"


class Room:
    """Names of rooms. The server computes who is in which; a client never names one."""

    DESK = "desk"  # every console socket: presence, settings
    EVERY_QUEUE = "queue:all"  # supervisors and admins
    BROADCASTS = "broadcasts"  # who may read them
    REVIEW = "review"  # who may review failed responses

    @staticmethod
    def agent(agent_id: int) -> str:
        return f"agent:{agent_id}"

    @staticmethod
    def session(session_id: int) -> str:
        """The sockets of one sign-in."""
        return f"session:{session_id}"

    @staticmethod
    def queue(team_id: int | None) -> str:
        """Members of the team; chats without a team are everybody's."""
        return f"queue:{team_id or 'none'}"

    @staticmethod
    def watching(chat_id: int) -> str:
        return f"chat:{chat_id}"

    @staticmethod
    def customer(customer_id: int) -> str:
        return f"customer:{customer_id}"


Emitter = Callable[[str, str, list[str], Any], None]


def _nobody_listens(namespace: str, event: str, rooms: list[str], payload: Any) -> None:
    """The default: a process that was given no emitter (a migration, a seed) tells nobody."""


_emit: Emitter = _nobody_listens


def speak_through(emitter: Emitter, at_the_end: Hook | None = None) -> None:
    """Set how this process tells the screens. Called once, at start.

    An emitter that gathers has `at_the_end` called when a transaction has said everything.
    """
    global _emit
    _emit = emitter
    if at_the_end is not None:
        last_of_all(at_the_end)


def push(namespace: str, event: Event, rooms: Iterable[str], payload: Any) -> None:
    """Tell everyone in any of `rooms`, once each, after the surrounding transaction has held."""
    names = list(dict.fromkeys(rooms))
    after_commit(lambda: _emit(namespace, event.value, names, payload))


def tell_now(namespace: str, event: Event, rooms: Iterable[str], payload: Any) -> None:
    """Tell without a transaction: only for what is never stored (typing, heads)."""
    _emit(namespace, event.value, list(dict.fromkeys(rooms)), payload)
