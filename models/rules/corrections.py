"""When an agent may take back what they wrote: pure, and decided under the chat's lock."""

from __future__ import annotations

from datetime import datetime

from models.rules.defaults import DEFAULTS


def why_not_edit(*, public_seq: int | None, seen_seq: int, written_at: datetime, now: datetime) -> str | None:
    """The code that speaks against changing one's own message, or None.

    `public_seq` is its number in the customer's counter, None for a note; `seen_seq` is how far the customer has
    read, or been sent by mail. Words that were seen stay as they were seen; a note is history after a while.
    """
    if public_seq is None:
        return "too_late" if now - written_at > DEFAULTS.note_edit else None
    return "already_read" if seen_seq >= public_seq else None
