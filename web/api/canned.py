"""Canned messages."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import canned, canned_import
from models.queries import canned as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.rules.canned_files import CANNED
from models.schemas.catalogue import CannedBody, CannedList, CannedOut
from models.schemas.events import Done
from models.schemas.sheets import CannedImport, ImportReport, SheetQuery
from web.api.routes import FILE_TYPES, blueprint, route
from web.auth import may

bp = blueprint("canned", "Canned messages: to use, to keep in order, to carry elsewhere")

READ, ANSWER = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER)


@route(bp, "GET", "/canned", caller=READ, gives=CannedList)
def usable() -> Out:
    """Canned messages this agent may use, and the variables they may hold."""
    return read.usable(g.viewer)


@route(bp, "POST", "/canned", caller=ANSWER, takes=CannedBody, gives=CannedOut, status=201)
def add(**body: Any) -> Out:
    """Add a canned message: one's own, or as a supervisor a team's or the desk's."""
    return read.one_of(g.viewer, canned.add(g.viewer, **body))


@route(bp, "PUT", "/canned/<int:canned_id>", caller=ANSWER, takes=CannedBody, gives=CannedOut)
def change(canned_id: int, **body: Any) -> Out:
    """Change a canned message, its scope and its files included."""
    canned.change(g.viewer, canned_id, **body)
    return read.one_of(g.viewer, canned_id)


@route(bp, "DELETE", "/canned/<int:canned_id>", caller=ANSWER, gives=Done)
def remove(canned_id: int) -> Out:
    """Remove a canned message. Messages made from it stay."""
    canned.remove(g.viewer, canned_id)
    return {}


@route(bp, "GET", "/canned/export", caller=ANSWER, asks=SheetQuery, gives_files=tuple(FILE_TYPES.values()))
def export(**query: Any) -> Response:
    """Those one may use as a file, one's own among them. Attached files are not in it."""
    kind = query["format"]
    return Response(
        CANNED.written(read.records(g.viewer), kind),
        content_type=f"{FILE_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="canned-messages.{kind}"'},
    )


@route(bp, "POST", "/canned/import", caller=ANSWER, takes=CannedImport, gives=ImportReport)
def take(**body: Any) -> Out:
    """Take a file of canned messages, whole or not at all; as a dry run, say what it would do."""
    return canned_import.take(g.viewer, **body)
