"""Tags and customer attributes: read by everybody, kept in order by supervisors."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import attributes, tags
from models.queries import catalogue as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.catalogue import BulkReport, TagBody, TagList, TagMerge, TagPatch, TagsBulk
from models.schemas.customers import AttributeBody, AttributeList, AttributePatch
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("catalogue", "Tags and customer attributes")

READ, ANSWER, EDIT = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER), may(Permission.DESK_EDIT)


@route(bp, "GET", "/tags", caller=READ, gives=TagList)
def all_tags() -> Out:
    """Every tag there is, by name, with how often it is used."""
    return read.tags()


@route(bp, "POST", "/tags", caller=EDIT, takes=TagBody, gives=TagList, status=201)
def add_tag(**body: Any) -> Out:
    """Add a tag."""
    tags.add(g.viewer, **body)
    return read.tags()


@route(bp, "PATCH", "/tags/<int:tag_id>", caller=EDIT, takes=TagPatch, gives=TagList)
def change_tag(tag_id: int, **body: Any) -> Out:
    """Rename or recolour a tag."""
    tags.change(g.viewer, tag_id, **body)
    return read.tags()


@route(bp, "DELETE", "/tags/<int:tag_id>", caller=EDIT, gives=TagList)
def remove_tag(tag_id: int) -> Out:
    """Take a tag off every chat and out of the list."""
    tags.remove(g.viewer, tag_id)
    return read.tags()


@route(bp, "POST", "/tags/<int:tag_id>/merge", caller=EDIT, takes=TagMerge, gives=TagList)
def merge_tag(tag_id: int, into_id: int) -> Out:
    """Merge a tag into another; this one is gone."""
    tags.merge(g.viewer, tag_id, into_id)
    return read.tags()


@route(bp, "POST", "/tags/bulk", caller=ANSWER, takes=TagsBulk, gives=BulkReport)
def tag_many(**body: Any) -> Out:
    """Put tags on many chats and take others off. What could not be done is named."""
    changed, refused = tags.bulk(g.viewer, **body)
    return {"changed": changed, "refused": refused}


@route(bp, "GET", "/attributes", caller=READ, gives=AttributeList)
def all_attributes() -> Out:
    """The typed facts the desk keeps of its customers."""
    return read.attributes()


@route(bp, "POST", "/attributes", caller=EDIT, takes=AttributeBody, gives=AttributeList, status=201)
def add_attribute(**body: Any) -> Out:
    """Define an attribute. Its key and type stay for good."""
    attributes.add(g.viewer, **body)
    return read.attributes()


@route(bp, "PATCH", "/attributes/<int:attribute_id>", caller=EDIT, takes=AttributePatch, gives=AttributeList)
def change_attribute(attribute_id: int, **body: Any) -> Out:
    """Rename an attribute, give other choices, archive it or bring it back."""
    attributes.change(g.viewer, attribute_id, **body)
    return read.attributes()
