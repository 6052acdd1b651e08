"""What is taken out of the desk: exports, erasures and their receipts, rules of retention."""

from __future__ import annotations

from marshmallow import fields

from models.rules.exporting import STATES
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, one_of
from models.schemas.history import ChatFilter

WHAT = ("chats", "messages", "customer")
FORMATS = ("csv", "jsonl")


class ExportBody(Shape):
    """A file of chats, one row each, or of their messages; at most 50,000 rows, the newest chats first."""

    what = fields.String(required=True, validate=one_of("chats", "messages"))
    format = fields.String(load_default="csv", validate=one_of(*FORMATS))
    filter = fields.Nested(ChatFilter, load_default=lambda: ChatFilter().load({}))
    notes = Flag(load_default=False, metadata={"description": "Internal notes as well; `messages` only"})


class CustomerExportBody(Shape):
    notes = Flag(load_default=False, metadata={"description": "What colleagues wrote about them as well"})


class ExportOut(Shape):
    """A file that was asked for, and how far it is."""

    id = Id(required=True)
    what = fields.String(required=True, validate=one_of(*WHAT))
    format = fields.String(required=True, validate=one_of(*FORMATS))
    filter = fields.Dict(required=True, metadata={"description": "A ChatFilter, without what asks nothing"})
    notes = Flag(required=True)
    state = fields.String(required=True, validate=one_of(*STATES))
    rows_done = fields.Integer(required=True)
    rows_total = fields.Integer(required=True, allow_none=True, metadata={"description": "As far as it is known"})
    capped = Flag(required=True, metadata={"description": "There were more rows than one file holds"})
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "Bytes"})
    fault = fields.String(required=True, allow_none=True)
    url = fields.String(
        required=True, allow_none=True, metadata={"description": "Signed, for whoever asked, for 15 minutes"}
    )
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class ExportList(Shape):
    """One's own, the newest first. Files are kept for a day."""

    items = fields.List(fields.Nested(ExportOut), required=True)


class ExportFileQuery(Shape):
    expires = fields.Integer(required=True)
    signature = CleanText(required=True, least=1, most=100, one_line=True)
