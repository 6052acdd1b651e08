"""Templates: texts that a provider approved, with gaps to fill."""

from __future__ import annotations

from marshmallow import fields

from models.rules.templates import STATES, VALUE_MOST
from models.schemas.base import CleanText, Flag, Moment, Shape, long, one_of

MOST_VARIABLES = 50


class TemplateGap(Shape):
    name = fields.String(required=True, metadata={"description": "Its provider’s name for it: 1, 2 … or first_name"})
    place = fields.String(required=True, validate=one_of("header", "body", "button"))
    example = fields.String(required=True)
    button = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Which button it stands in, from 0"}
    )


class TemplateOut(Shape):
    """One text in one language, and what its provider thinks of it. Gaps stand in it as `{{name}}`."""

    name = fields.String(required=True)
    language = fields.String(required=True)
    category = fields.String(required=True)
    header = fields.String(required=True)
    body = fields.String(required=True)
    footer = fields.String(required=True)
    buttons = fields.List(fields.String(), required=True)
    gaps = fields.List(fields.Nested(TemplateGap), required=True)
    most = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Characters of each place once it is filled"},
    )
    state = fields.String(required=True, validate=one_of(*STATES))
    unusable = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it cannot be sent; an approved one can have a reason"},
    )


class TemplateList(Shape):
    items = fields.List(fields.Nested(TemplateOut), required=True)
    read_at = Moment(required=True, allow_none=True, metadata={"description": "When the whole list was last read"})
    reading = Flag(required=True, metadata={"description": "The provider is being asked; ask again in a moment"})
    fault = fields.String(required=True, allow_none=True, metadata={"description": "Why the list could not be read"})


class TemplateSend(Shape):
    """A template and what goes in its gaps, in their order."""

    name = CleanText(required=True, least=1, most=512, one_line=True)
    language = CleanText(required=True, least=1, most=20, one_line=True)
    variables = fields.List(CleanText(most=VALUE_MOST), load_default=list, validate=long(0, MOST_VARIABLES))


class TemplateRef(Shape):
    """The template that a message was made of."""

    name = fields.String(required=True)
    language = fields.String(required=True)
    values = fields.List(fields.Dict(), required=True)
