"""What webhooks can be told, and which entry of a chat's log is which of it."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS = (
    "chat.started",
    "chat.queued",
    "chat.assigned",
    "chat.escalated",
    "chat.ended",
    "chat.rated",
    "message.created",
    "message.edited",
    "message.deleted",
    "note.created",
    "failure.created",
    "broadcast.finished",
)

INTERNAL = frozenset({"note.created"})
"""Told to those webhooks alone that may hear what customers never see."""

TEST = "webhook.test"

_OF_LOG: Mapping[str, str] = {
    "queued": "chat.queued",
    "assigned": "chat.assigned",
    "escalated": "chat.escalated",
    "ended": "chat.ended",
    "rated": "chat.rated",
    "message_edited": "message.edited",
    "message_deleted": "message.deleted",
}


def of_entry(kind: str, event: str | None, *, public: bool) -> str | None:
    """What an entry is to webhooks; None: nothing they could have asked for."""
    if kind == "text":
        return "message.created"
    if kind == "note":
        return "note.created"
    found = _OF_LOG.get(event or "")
    if found is not None and found.startswith("message.") and not public:
        return None  # a note that was corrected
    return found
