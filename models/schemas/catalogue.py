"""The small things agents reach for, and supervisors keep in order: canned messages, tags, end reasons."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.customers import TagOut
from models.schemas.media import MOST_FILES, AttachmentOut
from models.schemas.people import AgentBrief, TeamBrief

SCOPES = ("personal", "team", "desk")


class CannedOut(Shape):
    id = Id(required=True)
    shortcut = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(
        required=True, metadata={"description": "May hold {{customer.name}}, {{agent.name}} and other variables"}
    )
    scope = fields.String(required=True, validate=one_of(*SCOPES))
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    owner = fields.Nested(AgentBrief, required=True, allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentOut), required=True)
    uses = fields.Integer(required=True)
    last_used_at = Moment(required=True, allow_none=True)
    updated_at = Moment(required=True)
    editable = Flag(required=True, metadata={"description": "By the agent who asks"})


class CannedList(Shape):
    """Those this agent may use. `variables` are the names a body may hold between double braces."""

    items = fields.List(fields.Nested(CannedOut), required=True)
    variables = fields.List(fields.String(), required=True)


class CannedBody(Shape):
    """A canned message, new or changed. An unknown variable is refused, by name."""

    shortcut = CleanText(required=True, least=1, most=32, one_line=True)
    title = CleanText(required=True, least=1, most=80, one_line=True)
    body = CleanText(required=True, least=1, most=4000)
    scope = fields.String(required=True, validate=one_of(*SCOPES))
    team_id = Id(load_default=None, allow_none=True)
    attachment_ids = fields.List(Id(), load_default=list, validate=long(0, MOST_FILES))


class TagUse(TagOut):
    """A tag with how often it is on a chat."""

    uses = fields.Integer(required=True)


class TagList(Shape):
    items = fields.List(fields.Nested(TagUse), required=True)


class TagBody(Shape):
    name = CleanText(required=True, least=1, most=40, one_line=True)
    hue = fields.Integer(required=True, strict=True, validate=between(0, 359))


class TagPatch(Shape):
    name = CleanText(least=1, most=40, one_line=True)
    hue = fields.Integer(strict=True, validate=between(0, 359))


class TagMerge(Shape):
    """Every chat that has this tag gets the other one instead; this one is gone."""

    into_id = Id(required=True)


class TagsBulk(Shape):
    chat_ids = fields.List(Id(), required=True, validate=long(1, 200))
    add = fields.List(Id(), load_default=list, validate=long(0, 20))
    remove = fields.List(Id(), load_default=list, validate=long(0, 20))


class BulkRefusal(Shape):
    chat_id = Id(required=True)
    code = fields.String(required=True)


class BulkReport(Shape):
    changed = fields.Integer(required=True)
    refused = fields.List(fields.Nested(BulkRefusal), required=True)


class EndReasonOut(Shape):
    """Why an agent may end a chat, in the order of the keys 1 to 9."""

    code = fields.String(required=True)
    label = fields.String(required=True)
    hint = fields.String(required=True)
    needs_note = Flag(required=True)
    promises = Flag(required=True, metadata={"description": "Ending so records a promise with a date and an owner"})
    builtin = Flag(required=True, metadata={"description": "One of the product's five, which stay"})
    archived = Flag(required=True)


class EndReasonList(Shape):
    items = fields.List(fields.Nested(EndReasonOut), required=True)


class EndReasonBody(Shape):
    label = CleanText(required=True, least=2, most=60, one_line=True)
    hint = CleanText(load_default="", most=120, one_line=True)
    needs_note = Flag(load_default=False)
    promises = Flag(load_default=False)


class EndReasonPatch(Shape):
    """The label of the product's five stays; their hint may be put in the desk's own words."""

    label = CleanText(least=2, most=60, one_line=True)
    hint = CleanText(most=120, one_line=True)
    needs_note = Flag()
    promises = Flag()
    archived = Flag()
