"""Channels: what can be connected and how, what is connected, and how it is."""

from __future__ import annotations

from marshmallow import fields

from models.rules.sites import MOST as MOST_SITES
from models.schemas.base import CleanText, Flag, Id, Moment, Seq, Shape, long, one_of

CHANNEL_STATES = ("new", "working", "resting", "paused", "broken")
FIELD_KINDS = ("text", "secret", "number", "flag", "choice", "long_text")


class FieldChoice(Shape):
    value = fields.String(required=True)
    label = fields.String(required=True)


class ChannelField(Shape):
    """One line of a channel's form. A secret is written and never read."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True, validate=one_of(*FIELD_KINDS))
    help = fields.String(required=True)
    required = Flag(required=True)
    default = fields.Raw(required=True, allow_none=True)
    choices = fields.List(fields.Nested(FieldChoice), required=True)
    most = fields.Integer(required=True)


class ChannelCan(Shape):
    """What can be sent by a channel: the composer says so before it is typed."""

    longest = fields.Integer(required=True, metadata={"description": "Characters; a longer text goes as several"})
    media = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "Kinds, each its bytes"}
    )
    caption = fields.Integer(required=True, metadata={"description": "Characters that go under one file"})
    buttons = fields.Integer(required=True)
    window_h = fields.Integer(required=True, allow_none=True, metadata={"description": "Hours after their last words"})
    templates = Flag(required=True)
    receipts = fields.String(required=True, validate=one_of("sent", "delivered", "read"))
    edits = Flag(required=True, metadata={"description": "What was sent can be changed at the customer’s"})
    deletes = Flag(required=True, metadata={"description": "What was sent can be taken back there"})
    deletes_h = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Hours after sending in which it can; null: always"}
    )
    quotes = Flag(required=True)
    subjects = Flag(required=True, metadata={"description": "A message has a subject line"})
    formats = Flag(required=True, metadata={"description": "Bold, italic and code are shown; else their marks go"})
    live = Flag(required=True, metadata={"description": "The customer sits in front of it"})


class ChannelKind(Shape):
    kind = fields.String(required=True)
    title = fields.String(required=True)
    blurb = fields.String(required=True)
    docs = fields.String(required=True)
    fields_ = fields.List(fields.Nested(ChannelField), required=True, data_key="fields", attribute="fields")
    can = fields.Nested(ChannelCan, required=True)


class ChannelKindList(Shape):
    items = fields.List(fields.Nested(ChannelKind), required=True)


class ChannelAdmin(Shape):
    """A channel and how it is. Of its secrets only the last four characters are ever shown."""

    id = Id(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    public_key = fields.String(required=True)
    address = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Where its provider calls us, or where the website finds the chat"},
    )
    sites = fields.List(
        fields.String(), required=True, metadata={"description": "Websites that may show the chat, as origins"}
    )
    settings = fields.Dict(required=True)
    secret_tails = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    notes = fields.Dict(required=True, metadata={"description": "What a check found out: who we are there"})
    state = fields.String(required=True, validate=one_of(*CHANNEL_STATES))
    paused_why = fields.String(required=True, allow_none=True, validate=one_of("agent", "unauthorized"))
    checking = Flag(required=True)
    checked_at = Moment(required=True, allow_none=True)
    last_in_at = Moment(required=True, allow_none=True)
    last_out_at = Moment(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    error_at = Moment(required=True, allow_none=True)
    lost = fields.Integer(required=True, metadata={"description": "Messages of 30 days that could not be handed over"})
    unread = fields.Integer(required=True, metadata={"description": "Updates that came in and could not be read"})
    waiting = fields.Integer(required=True, metadata={"description": "Messages on their way"})
    version = Seq(required=True)


class ChannelList(Shape):
    items = fields.List(fields.Nested(ChannelAdmin), required=True)


class ChannelBody(Shape):
    """`filled`: the form's fields by name, secrets among them."""

    kind = CleanText(required=True, least=1, most=40, one_line=True)
    name = CleanText(required=True, least=1, most=80, one_line=True)
    filled = fields.Dict(keys=fields.String(validate=long(1, 60)), required=True)


class ChannelPatch(Shape):
    """A secret that is not given stays as it is. `version` is the one that was read."""

    name = CleanText(least=1, most=80, one_line=True)
    filled = fields.Dict(keys=fields.String(validate=long(1, 60)))
    version = Seq(required=True)


class WebsitePatch(Shape):
    """`sites`: all that may show the chat, each by any of its addresses. `version` is the one that was read."""

    sites = fields.List(CleanText(least=1, most=300, one_line=True), required=True, validate=long(0, MOST_SITES))
    version = Seq(required=True)


class LostOut(Shape):
    """A message that could not be handed over. `unknown`: it may have arrived all the same."""

    id = Id(required=True)
    chat_id = Id(required=True)
    message_id = Id(required=True)
    customer = fields.String(required=True)
    body = fields.String(required=True)
    correction = fields.String(
        required=True,
        allow_none=True,
        validate=one_of("edited", "deleted"),
        metadata={"description": "What was not done there to a message that had arrived; null: a message itself"},
    )
    state = fields.String(required=True, validate=one_of("failed", "unknown", "dead"))
    code = fields.String(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    at = Moment(required=True, allow_none=True)


class LostIn(Shape):
    """An update that came in and could not be read."""

    id = Id(required=True)
    sender = fields.String(required=True)
    error = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    at = Moment(required=True)


class LostList(Shape):
    out = fields.List(fields.Nested(LostOut), required=True)
    came = fields.List(fields.Nested(LostIn), required=True)


class AlarmOut(Shape):
    """Something does not get out, or in, and nobody has seen to it yet. It ends by itself when nothing is stuck."""

    id = Id(required=True)
    about = fields.String(required=True, validate=one_of("channel", "webhook"))
    about_id = Id(required=True)
    name = fields.String(required=True)
    dead = fields.Integer(required=True, metadata={"description": "Messages that were given up"})
    waiting = fields.Integer(required=True, metadata={"description": "Messages that have waited over ten minutes"})
    unread = fields.Integer(required=True, metadata={"description": "Updates that came in and could not be read"})
    cut_off = Flag(
        required=True, metadata={"description": "It has not been reachable, or not let us in, for ten minutes"}
    )
    error = fields.String(required=True, allow_none=True)
    began_at = Moment(required=True)


class AlarmList(Shape):
    items = fields.List(fields.Nested(AlarmOut), required=True)


class DeliveryOut(Shape):
    """How far a message is on its way to a customer who is not on the website."""

    id = Id(required=True)
    state = fields.String(
        required=True,
        validate=one_of("queued", "claimed", "sent", "delivered", "read", "failed", "unknown", "dead"),
    )
    code = fields.String(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
