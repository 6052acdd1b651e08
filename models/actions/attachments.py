"""Files and what they hang on: kept when they come in, taken by the message that sends them, forgotten when nothing needs them.

A row is all that keeps a file alive. Removing it, by whatever way, hands the file to the
sweep (`media_trash`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from models.actions.chat_log import Author, Row
from models.db import atomically, one, rows, run
from models.errors import Invalid, NotFound
from models.queries.access import Viewer, Visitor
from models.rules.media import Found

STORED_WITHIN = "1 hour"  # a stored file that has no row by then never gets one
UNSENT_FOR = "24 hours"  # an upload that nobody sent is gone after this

_SAID = ("id", "token", "kind", "name", "size", "width", "height", "duration_ms")
_COPIED = "name, kind, content_type, size, width, height, duration_ms, storage_key, thumb_key, scanned"


def keep(
    by: Viewer | Visitor, *, name: str, found: Found, size: int, storage_key: str, thumb_key: str | None, scanned: bool
) -> Row:
    """The row of a file that has just been stored; from now on the sweep leaves it alone. Sizes in bytes."""
    run("delete from media_trash where storage_key = any(%s)", ([storage_key, thumb_key],))
    by_agent, by_customer = _uploader(by)
    (row,) = rows(
        "insert into attachment (token, by_agent_id, by_customer_id, name, kind, content_type, size, width, height,"
        " duration_ms, storage_key, thumb_key, scanned)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning *",
        (
            secrets.token_urlsafe(24),
            by_agent,
            by_customer,
            name,
            found.kind,
            found.content_type,
            size,
            found.width,
            found.height,
            found.duration_ms,
            storage_key,
            thumb_key,
            scanned,
        ),
    )
    return row


@atomically
def name_before_storing(*keys: str | None) -> None:
    """If we die between a file and its row, the sweep knows what to remove."""
    run(
        "insert into media_trash (storage_key, due_at)"
        " select key, clock_timestamp() + %s::interval from unnest(%s::text[]) as key where key is not null",
        (STORED_WITHIN, list(keys)),
    )


def _uploader(by: Viewer | Visitor) -> tuple[int | None, int | None]:
    """The agent's number or the customer's, each in its place."""
    return (by.id, None) if isinstance(by, Viewer) else (None, by.customer_id)


def take(author: Author, ids: Sequence[int], *, canned_id: int | None = None) -> list[Row]:
    """The files for one message of this author, locked, in the order asked for.

    They are the author's own uploads that nobody has sent, or files of the canned
    message the text came from (of which the message gets copies). Raises `Invalid`
    (`unknown_file`) for any other, all alike: sent, somebody else's, or none at all.
    """
    if not ids:
        return []
    found = {row["id"]: row for row in _locked(ids)}
    own = "by_agent_id" if author.kind == "agent" else "by_customer_id"
    taken = []
    for number in ids:
        row = found.get(number)
        if row is None or row["message_id"] is not None or len(set(ids)) < len(ids):
            raise _unknown()
        if row["canned_id"] is not None:
            if canned_id is None or row["canned_id"] != canned_id or author.kind != "agent":
                raise _unknown()
            row = _copy(row, author.id)
        elif row[own] != author.id:
            raise _unknown()
        taken.append(row)
    return taken


def _locked(ids: Sequence[int]) -> list[Row]:
    return rows("select * from attachment where id = any(%s) order by id for update", (list(ids),))


def _unknown() -> Invalid:
    return Invalid("One of the files is not there any more. Attach it again.", code="unknown_file")


def _copy(row: Row, agent_id: int | None) -> Row:
    """A second row for the same stored file, with a link of its own. The original is locked, so the file stays."""
    (copied,) = rows(
        f"insert into attachment (token, by_agent_id, {_COPIED})"
        f" select %s, %s, {_COPIED} from attachment where id = %s returning *",
        (secrets.token_urlsafe(24), agent_id, row["id"]),
    )
    return copied


def said(taken: Sequence[Row]) -> list[Row]:
    """What a message says of its files for ever (`data.attachments`): never a link, which would die."""
    return [
        {**{key: row[key] for key in _SAID}, "type": row["content_type"], "has_thumb": row["thumb_key"] is not None}
        for row in taken
    ]


def send(taken: Sequence[Row], entry: Row) -> None:
    """The files now belong to this entry, and to its chat."""
    if taken:
        run(
            "update attachment set chat_id = %s, message_id = %s where id = any(%s)",
            (entry["chat_id"], entry["id"], [row["id"] for row in taken]),
        )


def set_of_canned(by: Viewer, canned_id: int, ids: Sequence[int]) -> None:
    """Make these the files of a canned message: its own of before, and the agent's unsent uploads.

    Those left out are forgotten. Raises `Invalid` (`unknown_file`).
    """
    found = {row["id"]: row for row in _locked(ids)}
    for number in ids:
        row = found.get(number)
        fresh = row is not None and row["by_agent_id"] == by.id and row["canned_id"] is None
        if row is None or row["message_id"] is not None or not (fresh or row["canned_id"] == canned_id):
            raise _unknown()
    run("delete from attachment where canned_id = %s and id <> all(%s)", (canned_id, list(ids)))
    run("update attachment set canned_id = %s where id = any(%s)", (canned_id, list(ids)))


@atomically
def copies_of(by: Viewer, canned_id: int) -> list[Row]:
    """Unsent copies of a canned message's files, as if this agent had just uploaded them. The caller has seen access."""
    originals = rows("select * from attachment where canned_id = %s order by id for update", (canned_id,))
    return [_copy(row, by.id) for row in originals]


@atomically
def forget(by: Viewer | Visitor, attachment_id: int) -> None:
    """Take back one's own upload while it is unsent; anything else is `NotFound`."""
    by_agent, by_customer = _uploader(by)
    gone = run(
        "delete from attachment where id = %s and message_id is null and canned_id is null"
        " and (by_agent_id = %s or by_customer_id = %s)",
        (attachment_id, by_agent, by_customer),
    )
    if not gone:
        raise NotFound()


@atomically
def forget_unsent() -> int:
    """Forget what was uploaded and never sent. How many."""
    return run(
        "delete from attachment where message_id is null and canned_id is null"
        " and created_at < clock_timestamp() - %s::interval",
        (UNSENT_FOR,),
    )


def uploaded_today(visitor: Visitor) -> int:
    """Bytes this customer has uploaded within a day and that are still kept."""
    found: dict[str, Any] | None = one(
        "select coalesce(sum(size), 0)::bigint as bytes from attachment"
        " where by_customer_id = %s and created_at > clock_timestamp() - interval '1 day'",
        (visitor.customer_id,),
    )
    assert found is not None
    total: int = found["bytes"]
    return total
