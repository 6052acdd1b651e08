"""A file comes in: its name made fit, its content looked at, stored, and given a row. Or refused, and nothing is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog

from models.actions import attachments, blocks, chat_log
from models.actions.chat_log import SYSTEM, Row
from models.db import atomically, connection, rows, run, transaction
from models.errors import Busy, Invalid, TooLarge, TooMany
from models.media import inspection, scanner
from models.media.storage import clear_abandoned, new_key, storage
from models.queries.access import Viewer, Visitor
from models.rules import file_names, media
from models.rules.lifecycle import State
from models.rules.media import MOST_BYTES

log = structlog.get_logger()

A_DAY = 200 * 1024 * 1024  # bytes one customer may upload within a day
SWEPT = 200  # files at a time: well within a task's limit
THUMB_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class Named:
    """A file of which only the name is known yet, and taken for possible."""

    name: str
    extension: str


def announced(by: Viewer | Visitor, raw_name: str) -> Named:
    """Look at the name before a byte is read.

    Raises `Invalid` (`wrong_type`), `TooMany` after 200 MB in a day, and whatever a blocked customer hears.
    """
    name = file_names.shown(raw_name)
    extension = file_names.extension(name)
    media.expected(extension)
    if isinstance(by, Visitor):
        blocks.require_welcome(by)
    if isinstance(by, Visitor) and attachments.uploaded_today(by) > A_DAY:
        raise TooMany("That was a lot of files for one day. Write to us if you need to send more.", retry_after_s=3600)
    return Named(name, extension)


def received(by: Viewer | Visitor, named: Named, folder: Path, file: Path) -> Row:
    """Judge a file that lies whole in a folder of its own, and keep it. Returns its `attachment` row.

    Holds no connection while others work on the file. Raises `Invalid` with the reason (`empty_file`,
    `wrong_type`, `unsafe_file`, `too_many_pixels`, `infected`), `TooLarge`, or `Busy`.
    """
    size = file.stat().st_size
    if size == 0:
        raise Invalid("This file is empty.", code="empty_file")
    if size > MOST_BYTES:
        raise TooLarge()
    seen = inspection.look(folder, file, named.extension)
    scanned = scanner.look(file)
    stored = seen.file.stat().st_size
    if stored > MOST_BYTES:
        raise media.too_many_pixels()
    key, thumb_key = new_key(), new_key() if seen.thumb is not None else None
    with connection():
        attachments.name_before_storing(key, thumb_key)
    storage().put(seen.file, key, seen.found.content_type)
    if seen.thumb is not None and thumb_key is not None:
        storage().put(seen.thumb, thumb_key, THUMB_TYPE)
    with transaction():
        return attachments.keep(
            by,
            name=named.name,
            found=seen.found,
            size=stored,
            storage_key=key,
            thumb_key=thumb_key,
            scanned=scanned,
        )


def sweep() -> None:
    """Forget what nobody sent, and remove the files of rows that are gone. A file that cannot be removed is met again."""
    attachments.forget_unsent()
    for key in _due():
        try:
            storage().remove(key)
        except (OSError, Busy) as fault:
            log.warning("file_not_removed", fault=type(fault).__name__)
            return
        _removed(key)
    clear_abandoned()


def _due() -> list[str]:
    """Files in the trash that no row names. A copy of a row may have saved one after it was thrown away."""
    run(
        "delete from media_trash t where due_at <= clock_timestamp()"
        " and exists (select from attachment a where t.storage_key in (a.storage_key, a.thumb_key))"
    )
    found = rows(
        "select storage_key from media_trash where due_at <= clock_timestamp() order by due_at limit %s", (SWEPT,)
    )
    return [row["storage_key"] for row in found]


@atomically
def _removed(key: str) -> None:
    run("delete from media_trash where storage_key = %s", (key,))


@atomically
def apologises(chat_id: int, text: str) -> None:
    """Tell a customer that something they sent could not be taken."""
    chat = chat_log.locked(chat_id)
    if chat.state != State.ENDED:
        chat_log.write(chat, SYSTEM, kind="event", body=text, data={"event": "file_refused"})
        chat.store()
