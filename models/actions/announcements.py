"""What other programs are to be told: a row for each webhook that wants to know, in the transaction of the thing itself.

So nothing is told that did not happen, and nothing that happened is forgotten. The words are put together when they go
(`queries/webhooks.py`): the row only points at what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.db import rows
from models.jobs import Job, enqueue

WANTED = "w.state <> 'off' and %(hook_event)s = any(w.events) and (w.internal or not %(hook_internal)s)"

OF_ENTRIES = f"""
    insert into webhook_delivery (webhook_id, event, event_id, chat_id, message_id)
    select w.id, %(hook_event)s, 'entry_' || m.id, m.chat_id, m.id from m join webhook w on {WANTED}
    returning webhook_id
"""
"""Part of a statement that stores entries as `m` (id, chat_id): the same round trip that stores them announces them."""


def nudge(webhook_ids: Iterable[int]) -> None:
    for webhook_id in sorted(set(webhook_ids)):
        enqueue(Job.SEND_WEBHOOKS, webhook_id)


def make(event: str, event_id: str, *, chat_id: int | None = None, subject_id: int | None = None) -> None:
    """Announce what has no entry in a chat's log. The same `event_id` is announced once."""
    told = rows(
        "insert into webhook_delivery (webhook_id, event, event_id, chat_id, subject_id)"
        f" select w.id, %(hook_event)s, %(event_id)s, %(chat)s, %(subject)s from webhook w where {WANTED}"
        " on conflict (webhook_id, event_id) do nothing returning webhook_id",
        {"hook_event": event, "hook_internal": False, "event_id": event_id, "chat": chat_id, "subject": subject_id},
    )
    nudge(each["webhook_id"] for each in told)
