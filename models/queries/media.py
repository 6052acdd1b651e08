"""Files, as the screens see them, and as whoever follows a link gets them."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.media import scanner
from models.queries import access, shapes
from models.queries.access import Viewer, Visitor
from models.queries.shapes import Out
from models.rules.media import FORMATS, MOST_BYTES
from models.schemas.media import MOST_FILES

_COLUMNS = (
    "a.id, a.token, a.kind, a.name, a.size, a.content_type as type, a.width, a.height, a.duration_ms,"
    " a.thumb_key is not null as has_thumb"
)


def limits() -> Out:
    """What may be uploaded."""
    return {
        "most_bytes": MOST_BYTES,
        "most_files": MOST_FILES,
        "extensions": list(FORMATS),
        "scanned": scanner.configured(),
    }


def in_chat(viewer: Viewer, chat_id: int, attachment_id: int) -> Out:
    """A file of a chat this agent may see, with fresh links."""
    access.see_chat(viewer, chat_id)
    return _shown(
        one(
            f"select {_COLUMNS} from attachment a where a.id = %s and a.chat_id = %s and a.message_id is not null",
            (attachment_id, chat_id),
        )
    )


def of_visitor(visitor: Visitor, attachment_id: int) -> Out:
    """A file the customer can see in a chat of theirs, or has uploaded and not sent, with fresh links."""
    return _shown(
        one(
            f"select {_COLUMNS} from attachment a left join message m on m.id = a.message_id"
            " left join chat c on c.id = a.chat_id where a.id = %(id)s and a.canned_id is null"
            " and ((m.id is null and a.by_customer_id = %(customer)s)"
            "      or (m.pub_seq is not null and c.customer_id = %(customer)s and c.channel_id = %(channel)s))",
            {"id": attachment_id, "customer": visitor.customer_id, "channel": visitor.channel_id},
        )
    )


def _shown(row: dict[str, Any] | None) -> Out:
    if row is None:
        raise NotFound()
    return shapes.attachment(row)


def of_canned(canned_ids: list[int]) -> dict[int, list[Out]]:
    """The files of each of these canned messages that has any, in the order they were added."""
    files: dict[int, list[Out]] = {}
    for row in rows(
        f"select {_COLUMNS}, a.canned_id from attachment a where a.canned_id = any(%s) order by a.id", (canned_ids,)
    ):
        files.setdefault(row["canned_id"], []).append(shapes.attachment(row))
    return files


def uploaded(row: dict[str, Any]) -> Out:
    """An `AttachmentOut` of an `attachment` row."""
    return shapes.attachment({**row, "type": row["content_type"], "has_thumb": row["thumb_key"] is not None})


def stored(attachment_id: int) -> dict[str, Any]:
    """Where a file lies, for whoever has to send it on. The caller has seen access. Raises `NotFound`."""
    found = one("select name, kind, content_type, size, storage_key from attachment where id = %s", (attachment_id,))
    if found is None:
        raise NotFound()
    return found


def by_token(token: str) -> dict[str, Any]:
    """The file a link names: its keys, its type, its size and its name."""
    found = one(
        "select token, name, kind, content_type, size, storage_key, thumb_key from attachment where token = %s",
        (token,),
    )
    if found is None:
        raise NotFound()
    return found
