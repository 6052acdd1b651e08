"""Files made of the history: asked for, written by a worker, told of while it writes, kept for a day.

The row is the work. Whoever writes takes a lease and counts the attempt; who dies is made up for by a sweep,
from the beginning, for half a file is none. Cancelling is a change of the row, which the writer meets at its next step.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from models import jobs
from models.actions import attachments, audit, news
from models.db import atomically, one, rows, run
from models.errors import Busy, Conflict, Invalid, NotFound
from models.jobs import Job
from models.media.storage import incoming, new_key, storage
from models.queries import access
from models.queries import exports as read
from models.queries.access import Permission, Viewer
from models.rules import exporting
from models.rules.narrowing import Narrowing, narrowing

log = structlog.get_logger()

LEASE_S = 120  # longer than the task that writes is given
ATTEMPTS = 3
STEP_S = 0.5  # between two words of progress: often enough to be seen moving
AT_ONCE = 3  # of one agent, waiting or being written
KEPT = "24 hours"
REMEMBERED = "30 days"

Row = dict[str, Any]


class Cancelled(Exception):
    """Whoever asked for the file wants it no more, or another worker has taken it over."""


@atomically
def request(viewer: Viewer, *, what: str, format: str, filter: Row, notes: bool) -> int:  # noqa: A002 - their names
    """Ask for a file of chats or of messages. Returns its number. Raises `Invalid` (`too_many_exports`)."""
    viewer.require(Permission.HISTORY_EXPORT)
    criteria = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in filter.items()}
    return _ask(viewer, what, format, criteria, notes=notes)


@atomically
def request_customer(viewer: Viewer, customer_id: int, *, notes: bool) -> int:
    """Ask for a file with everything that is kept of one customer."""
    viewer.require(Permission.CHAT_SUPERVISE)
    access.see_customer(viewer, customer_id)
    return _ask(viewer, "customer", "jsonl", {"customer_id": customer_id}, notes=notes)


def _ask(viewer: Viewer, what: str, format_: str, criteria: Row, *, notes: bool) -> int:
    run("select 1 from agent where id = %s for no key update", (viewer.id,))
    waiting = one(
        "select count(*)::int as n from export where agent_id = %s and state in ('waiting', 'working')", (viewer.id,)
    )
    if waiting is not None and waiting["n"] >= AT_ONCE:
        raise Invalid(f"{AT_ONCE} of your exports are not finished yet.", code="too_many_exports")
    kept = {key: value for key, value in criteria.items() if value not in (None, [])}
    (made,) = rows(
        "insert into export (token, what, format, filter, notes, agent_id) values (%s, %s, %s, %s::jsonb, %s, %s) returning *",
        (secrets.token_urlsafe(24), what, format_, json.dumps(kept), notes, viewer.id),
    )
    number: int = made["id"]
    audit.note(
        viewer, "exported", "customer" if what == "customer" else "history",
        kept.get("customer_id") if what == "customer" else number,
        after={"export": number, "what": what, "format": format_, "notes": notes, "filter": kept},
    )  # fmt: skip
    news.export(viewer.id, read.out(made))
    jobs.enqueue(Job.WRITE_EXPORT, number)
    return number


@atomically
def cancel(viewer: Viewer, export_id: int) -> None:
    """Stop an export that is not finished. What was written of it is thrown away."""
    row = read.own(viewer, export_id)
    changed = rows(
        "update export set state = 'cancelled', finished_at = clock_timestamp(), lease_until = null"
        " where id = %s and state in ('waiting', 'working') returning *",
        (row["id"],),
    )
    if not changed:
        raise Conflict("This export is finished already.", code="finished")
    news.export(viewer.id, read.out(changed[0]))


@atomically
def fetched(viewer: Viewer, export_id: int) -> Row:
    """The file of one's own export is being downloaded: note it, and say where it lies."""
    row = read.own(viewer, export_id)
    if row["state"] != "done":
        raise NotFound()
    audit.note(viewer, "downloaded", "export", row["id"], after={"what": row["what"], "rows": row["rows_done"]})
    return row


# --- the worker ------------------------------------------------------------------------------------------------


def write(export_id: int) -> None:
    """Write the file of an export, if nobody else does."""
    row = _claim(export_id)
    if row is None:
        return
    viewer = read.viewer_of(row["agent_id"])
    if viewer is None:
        _fail(row, "Whoever asked for it does not work here any more.")
        return
    try:
        with incoming() as folder:
            file = folder / "export"
            _store(row, file, _write(row, viewer, file))
    except Cancelled:
        log.info("export_cancelled", export=export_id)
    except Exception as fault:
        _fail(
            row, "The file could not be written." if not isinstance(fault, Busy) else "There is no room for files now."
        )
        raise


@atomically
def _claim(export_id: int) -> Row | None:
    found = rows(
        "update export set state = 'working', attempts = attempts + 1, rows_done = 0,"
        " lease_until = clock_timestamp() + make_interval(secs => %s)"
        " where id = %s and (state = 'waiting' or (state = 'working' and lease_until <= clock_timestamp()))"
        " and attempts < %s returning *",
        (LEASE_S, export_id, ATTEMPTS),
    )
    return found[0] if found else None


@dataclass
class _Tally:
    """How many rows were written, and whether there were more than one file holds."""

    done: int = 0
    capped: bool = False


def _write(row: Row, viewer: Viewer, path: Path) -> _Tally:
    """Write every row into the file."""
    total, columns = None, exporting.COLUMNS.get(row["what"], ())
    if row["what"] == "customer":
        content = read.of_customer(row["filter"]["customer_id"], notes=row["notes"])
    else:
        wanted = _narrowing(row["filter"])
        total = read.total(viewer, row["what"], wanted, notes=row["notes"])
        content = read.content(viewer, row["what"], wanted, notes=row["notes"])
    _progress(row, 0, total)
    tally = _Tally()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(exporting.lines(row["format"], columns, _counted(row, content, total, tally)))
    return tally


def _counted(row: Row, content: Iterator[Row], total: int | None, tally: _Tally) -> Iterator[Row]:
    """The rows, counted and told of now and then; no more than one file holds."""
    told = time.monotonic()
    for each in content:
        if tally.done == exporting.MOST_ROWS:
            tally.capped = True
            return
        yield each
        tally.done += 1
        if time.monotonic() - told >= STEP_S:
            told = time.monotonic()
            _progress(row, tally.done, total)


def _narrowing(criteria: Row) -> Narrowing:
    moments = {key: datetime.fromisoformat(criteria[key]) for key in ("from_at", "to_at") if criteria.get(key)}
    return narrowing({**criteria, **moments})


@atomically
def _progress(row: Row, done: int, total: int | None) -> None:
    """Say how far the file is. Raises `Cancelled` when nobody wants it any more, or another attempt has begun."""
    changed = rows(
        "update export set rows_done = %s, rows_total = %s, lease_until = clock_timestamp() + make_interval(secs => %s)"
        " where id = %s and state = 'working' and attempts = %s returning *",
        (done, total, LEASE_S, row["id"], row["attempts"]),
    )
    if not changed:
        raise Cancelled
    news.export(row["agent_id"], read.out(changed[0]))


def _store(row: Row, path: Path, tally: _Tally) -> None:
    key, size = new_key(), path.stat().st_size
    attachments.name_before_storing(key)
    storage().put(path, key, "text/csv" if row["format"] == "csv" else "application/x-ndjson")
    _done(row, key, size, tally)


@atomically
def _done(row: Row, key: str, size: int, tally: _Tally) -> None:
    changed = rows(
        "update export set state = 'done', storage_key = %s, size = %s, rows_done = %s, rows_total = %s, capped = %s,"
        " lease_until = null, finished_at = clock_timestamp()"
        " where id = %s and state = 'working' and attempts = %s returning *",
        (key, size, tally.done, tally.done, tally.capped, row["id"], row["attempts"]),
    )
    if not changed:
        raise Cancelled  # its file is in the trash already, and stays there
    run("delete from media_trash where storage_key = %s", (key,))
    news.export(row["agent_id"], read.out(changed[0]))


@atomically
def _fail(row: Row, why: str) -> None:
    changed = rows(
        "update export set state = 'failed', fault = %s, lease_until = null, finished_at = clock_timestamp()"
        " where id = %s and state = 'working' and attempts = %s returning *",
        (why, row["id"], row["attempts"]),
    )
    for each in changed:
        news.export(row["agent_id"], read.out(each))


# --- the sweep -------------------------------------------------------------------------------------------------


def sweep() -> None:
    """Find what nobody writes, give up what was tried too often, and throw away what is old."""
    _give_up()
    _expire()
    for row in rows(
        "select id from export where state = 'waiting' or (state = 'working' and lease_until <= clock_timestamp())"
        " order by id limit 5"
    ):
        write(row["id"])


@atomically
def _give_up() -> None:
    changed = rows(
        "update export set state = 'failed', fault = 'It was tried too often.', lease_until = null,"
        " finished_at = clock_timestamp() where state = 'working' and lease_until <= clock_timestamp()"
        " and attempts >= %s returning *",
        (ATTEMPTS,),
    )
    for each in changed:
        news.export(each["agent_id"], read.out(each))


@atomically
def _expire() -> None:
    """Files older than a day go to the trash; what is said of them stays for a month."""
    old = rows(
        "select * from export where state = 'done' and finished_at <= clock_timestamp() - %s::interval for update",
        (KEPT,),
    )
    _throw_away(old)
    run("delete from export where state <> 'done' and created_at <= clock_timestamp() - %s::interval", (REMEMBERED,))


def _throw_away(old: list[Row]) -> None:
    for each in old:
        run("insert into media_trash (storage_key) values (%s) on conflict do nothing", (each["storage_key"],))
        (changed,) = rows(
            "update export set state = 'expired', storage_key = null where id = %s returning *", (each["id"],)
        )
        news.export(each["agent_id"], read.out(changed))


def forget_customer(customer_id: int) -> None:
    """Throw away files that hold one customer and nobody else. For whoever erases them, in the same transaction."""
    found = rows(
        "select * from export where state = 'done' and what = 'customer' and filter ->> 'customer_id' = %s for update",
        (str(customer_id),),
    )
    _throw_away(found)
