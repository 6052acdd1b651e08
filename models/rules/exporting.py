"""What an export holds, row by row, and how it is written down: CSV for people, JSON Lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.rules import spreadsheets

MOST_ROWS = 50_000
"""Of one file: what a spreadsheet still opens, and what a leaked link may cost at most."""

STATES = ("waiting", "working", "done", "failed", "cancelled", "expired")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "chats": (
        "chat_id", "session_id", "customer_id", "customer", "email", "channel", "team", "service", "state", "subject",
        "created_at", "queued_at", "first_replied_at", "ended_at", "waited_s", "first_reply_s", "duration_s",
        "agents", "ended_by", "end_cause", "end_reason", "end_note", "tags", "rating", "rating_comment",
        "messages", "files", "escalated", "previous_chat_id",
    ),
    "messages": (
        "message_id", "chat_id", "session_id", "customer_id", "customer", "channel", "place", "created_at", "kind",
        "author_kind", "author", "body", "files", "edited_at", "deleted_at",
    ),
}  # fmt: skip
"""The order of columns in a CSV file; JSON Lines have the same fields, lists as lists."""

Row = Mapping[str, Any]

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets take a file for UTF-8 only when it says so."""


def lines(format_: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The file, a line at a time. Every line of the first is a row of a table, of the second an object."""
    if format_ == "jsonl":
        yield from (json.dumps(row, default=_plain, ensure_ascii=False) + "\n" for row in rows)
        return
    yield BYTE_ORDER_MARK + _csv_line(columns)
    yield from (_csv_line([_cell(row[column]) for column in columns]) for row in rows)


def _csv_line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _cell(value: object) -> str:
    """A value as a cell. Only text can be taken for a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case datetime():
            return value.isoformat(timespec="seconds")
        case list():
            return spreadsheets.defused(", ".join(str(each) for each in value))
        case _:
            return spreadsheets.defused(str(value))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def file_name(what: str, format_: str, number: int, day: str) -> str:
    """What the file is called when it is saved."""
    return f"{what}-{day}-{number}.{format_}"
