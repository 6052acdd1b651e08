"""Files made of the history: asked for, watched, fetched, cancelled."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import exports
from models.errors import NotFound
from models.media import links
from models.media.storage import storage
from models.queries import exports as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.rules import exporting
from models.schemas.keeping import CustomerExportBody, ExportBody, ExportFileQuery, ExportList, ExportOut
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("exports", "Files made of the history")

EXPORT = may(Permission.HISTORY_EXPORT)
TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


@route(bp, "GET", "/exports", caller=EXPORT, gives=ExportList)
def all_exports() -> Out:
    """The newest exports one asked for, with fresh links to those that are there."""
    return read.page(g.viewer)


@route(bp, "POST", "/exports", caller=EXPORT, takes=ExportBody, gives=ExportOut, status=202)
def ask(**body: Any) -> Out:
    """Ask for a file. A worker writes it; `export:changed` tells how far it is."""
    limits.count("agent_export", str(g.viewer.id))
    return _out(exports.request(g.viewer, **body))


@route(
    bp,
    "POST",
    "/customers/<int:customer_id>/export",
    caller=may(Permission.CHAT_SUPERVISE),
    takes=CustomerExportBody,
    gives=ExportOut,
    status=202,
)
def ask_customer(customer_id: int, notes: bool) -> Out:
    """Ask for a file with everything that is kept of one customer."""
    limits.count("agent_export", str(g.viewer.id))
    return _out(exports.request_customer(g.viewer, customer_id, notes=notes))


@route(bp, "GET", "/exports/<int:export_id>", caller=EXPORT, gives=ExportOut)
def one(export_id: int) -> Out:
    """How far an export is, with a fresh link when its file is there."""
    return _out(export_id)


@route(bp, "POST", "/exports/<int:export_id>/cancel", caller=EXPORT, gives=ExportOut)
def cancel(export_id: int) -> Out:
    """Stop an export; nothing is left of it."""
    exports.cancel(g.viewer, export_id)
    return _out(export_id)


@route(
    bp,
    "GET",
    "/exports/<int:export_id>/file",
    caller=EXPORT,
    asks=ExportFileQuery,
    gives_files=tuple(TYPES.values()),
)
def file(export_id: int, expires: int, signature: str) -> Response:
    """The file itself, for whoever asked for it, while the link holds."""
    row = read.own(g.viewer, export_id)
    if not links.export_holds(export_id, row["token"], expires, signature):
        raise NotFound()
    row = exports.fetched(g.viewer, export_id)
    name = exporting.file_name(row["what"], row["format"], export_id, row["created_at"].date().isoformat())
    response = Response(storage().read(row["storage_key"], 0, row["size"]), mimetype=TYPES[row["format"]])
    response.headers["Content-Length"] = str(row["size"])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _out(export_id: int) -> Out:
    return read.out(read.own(g.viewer, export_id))
