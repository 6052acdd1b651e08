"""What is taken out of the desk: exports, erasures and their receipts, rules of retention."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.rules.exporting import STATES
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, one_of
from models.schemas.history import ChatFilter
from models.schemas.people import AgentBrief

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


class EraseBody(Shape):
    """Why somebody is erased: kept on the receipt, so it should not tell who it was."""

    reason = CleanText(required=True, least=3, most=500)


class ErasureOut(Shape):
    """A receipt. Nothing in it tells who it was."""

    id = Id(required=True)
    customer_id = Id(required=True)
    agent = fields.Nested(AgentBrief, required=True, allow_none=True)
    agent_name = fields.String(required=True)
    reason = fields.String(required=True)
    chats = fields.Integer(required=True, metadata={"description": "That were emptied; they stay as stubs"})
    messages = fields.Integer(required=True)
    files = fields.Integer(required=True)
    notes = fields.Integer(required=True)
    at = Moment(required=True)


class ErasureList(Shape):
    items = fields.List(fields.Nested(ErasureOut), required=True)


class RetentionBody(Shape):
    """What is removed when it is so old: ended chats, those of the bot alone, files, or broadcasts. It begins at rest."""

    what = fields.String(required=True, validate=one_of("chats", "bot_chats", "files", "broadcasts"))
    channel_id = Id(load_default=None, allow_none=True, metadata={"description": "None: every channel"})
    after_days = fields.Integer(required=True, strict=True, validate=between(1, 3650))

    @validates_schema
    def broadcasts_have_no_channel(self, data: dict[str, Any], **_: object) -> None:
        if data.get("what") == "broadcasts" and data.get("channel_id") is not None:
            raise ValidationError({"channel_id": ["A broadcast may go out by several channels: leave this empty."]})


class RetentionPatch(Shape):
    after_days = fields.Integer(strict=True, validate=between(1, 3650))
    enabled = Flag()


class RetentionOut(Shape):
    """A rule, what it would remove by its last dry run, and from when on it does if it is switched on."""

    id = Id(required=True)
    what = fields.String(required=True, validate=one_of("chats", "bot_chats", "files", "broadcasts"))
    channel_id = fields.Integer(required=True, allow_none=True)
    channel_name = fields.String(required=True, allow_none=True)
    after_days = fields.Integer(required=True)
    enabled = Flag(required=True)
    would_remove = fields.Integer(required=True, allow_none=True)
    begins_at = Moment(required=True, allow_none=True, metadata={"description": "A day after the rule last changed"})
    ran_at = Moment(required=True, allow_none=True)
    removed = fields.Integer(required=True, metadata={"description": "Ever"})


class RetentionList(Shape):
    items = fields.List(fields.Nested(RetentionOut), required=True)
