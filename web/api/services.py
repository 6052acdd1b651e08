"""Services: what the bot can do for a customer, and who may teach it."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import knowledge_import, services
from models.queries import knowledge_base as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.knowledge import (
    KnowledgeQuery,
    ServiceBody,
    ServiceChange,
    ServiceList,
    ServiceOut,
    ServiceVersionList,
)
from models.schemas.sheets import ImportReport, KnowledgeImport, SheetQuery
from web.api.routes import FILE_TYPES, blueprint, route, takes_much
from web.auth import may

bp = blueprint("services", "Services: what the bot answers, in which words customers ask, who takes over")

takes_much(bp, "take")

READ, EDIT = may(Permission.CHAT_READ), may(Permission.KNOWLEDGE_EDIT)


@route(bp, "GET", "/services", caller=READ, asks=KnowledgeQuery, gives=ServiceList)
def listed(**query: Any) -> Out:
    """Services by name; with words, those that hold them anywhere."""
    return read.services(g.viewer, **query)


@route(bp, "POST", "/services", caller=EDIT, takes=ServiceBody, gives=ServiceOut, status=201)
def add(**body: Any) -> Out:
    """Add a service. The bot has read it a few seconds later."""
    return read.service(g.viewer, services.add(g.viewer, **body))


@route(bp, "GET", "/services/<int:service_id>", caller=READ, gives=ServiceOut)
def one_of(service_id: int) -> Out:
    """One service, whole."""
    return read.service(g.viewer, service_id)


@route(bp, "PUT", "/services/<int:service_id>", caller=EDIT, takes=ServiceChange, gives=ServiceOut)
def change(service_id: int, **body: Any) -> Out:
    """Change a service, if nobody else has meanwhile."""
    services.change(g.viewer, service_id, **body)
    return read.service(g.viewer, service_id)


@route(bp, "GET", "/services/<int:service_id>/versions", caller=READ, gives=ServiceVersionList)
def versions(service_id: int) -> Out:
    """What it said before, newest first."""
    return read.service_versions(g.viewer, service_id)


@route(bp, "POST", "/services/<int:service_id>/archive", caller=EDIT, gives=ServiceOut)
def archive(service_id: int) -> Out:
    """Take it out of use. Chats keep what it answered."""
    services.archive(g.viewer, service_id)
    return read.service(g.viewer, service_id)


@route(bp, "POST", "/services/<int:service_id>/restore", caller=EDIT, gives=ServiceOut)
def restore(service_id: int) -> Out:
    """Undo the archiving."""
    services.bring_back(g.viewer, service_id)
    return read.service(g.viewer, service_id)


@route(bp, "GET", "/services/export", caller=EDIT, asks=SheetQuery, gives_files=tuple(FILE_TYPES.values()))
def export(**query: Any) -> Response:
    """All services as a file."""
    kind = query["format"]
    return Response(
        knowledge_import.service_file(g.viewer, kind),
        content_type=f"{FILE_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="services.{kind}"'},
    )


@route(bp, "POST", "/services/import", caller=EDIT, takes=KnowledgeImport, gives=ImportReport)
def take(**body: Any) -> Out:
    """Take a file of services, whole or not at all; as a dry run, say what it would do."""
    return knowledge_import.take_services(g.viewer, **body)
