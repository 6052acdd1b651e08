"""Customers: who they are, how sure that is, what is known of them, and what happened before."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Moment, Shape, long, one_of
from models.schemas.people import AgentBrief

ATTRIBUTE_TYPES = ("text", "number", "date", "flag", "choice", "link")


class TagOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class CustomerBrief(Shape):
    id = Id(required=True)
    name = fields.String(required=True, metadata={"description": 'Shown name; "Visitor 48213" where none was given'})
    hue = fields.Integer(required=True)
    verified = Flag(required=True)
    online = Flag(required=True)
    blocked = Flag(required=True)


class IdentityOut(Shape):
    """How one channel knows the customer, and how sure that is."""

    channel = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "Of the channel: web, telegram, email …"})
    sure = fields.String(
        required=True,
        validate=one_of("anonymous", "claimed", "verified"),
        metadata={"description": "A browser we know again, a name or address somebody typed, or proof"},
    )
    label = fields.String(
        required=True, metadata={"description": "The address or name, or a short mark of the browser"}
    )
    proved = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Addresses and numbers that a provider or their owner vouched for"},
    )


class JoinOut(Shape):
    """Another customer who turned out to be this person. Supervisors can part them again."""

    id = Id(required=True)
    name = fields.String(required=True)
    how = fields.String(
        required=True,
        validate=one_of("confirmed", "vouched"),
        metadata={"description": "By its owner, through a letter’s link, or by a provider"},
    )
    proof = fields.String(required=True, metadata={"description": "The address or number both have"})
    channels = fields.List(fields.String(), required=True, metadata={"description": "By which the other was known"})
    at = Moment(required=True)


class AskedOut(Shape):
    """An address whose owner was asked by letter, and has not answered yet."""

    address = fields.String(required=True)
    at = Moment(required=True)


class CustomerNoteOut(Shape):
    id = Id(required=True)
    author = fields.Nested(AgentBrief, required=True)
    body = fields.String(required=True)
    created_at = Moment(required=True)


class BlockOut(Shape):
    """An abuser kept out."""

    id = Id(required=True)
    customer_id = fields.Integer(required=True, allow_none=True)
    customer_name = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True, metadata={"description": "Network address, also kept out"})
    reason = fields.String(required=True)
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    created_at = Moment(required=True)
    until = Moment(required=True, allow_none=True)


class CustomerOut(CustomerBrief):
    """A customer's details, for agents only."""

    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    browser = fields.String(required=True, allow_none=True)
    device = fields.String(required=True, allow_none=True)
    page = fields.String(required=True, allow_none=True, metadata={"description": "Path they wrote from"})
    referrer = fields.String(required=True, allow_none=True, metadata={"description": "Where they came from"})
    since = Moment(required=True)
    erased_at = Moment(
        required=True, allow_none=True, metadata={"description": "What was known of them is gone for good"}
    )
    broadcasts_off_at = Moment(
        required=True, allow_none=True, metadata={"description": "Since then they are not written to unasked"}
    )
    chats = fields.Integer(required=True, metadata={"description": "Chats ever, this one included"})
    identities = fields.List(fields.Nested(IdentityOut), required=True)
    joins = fields.List(fields.Nested(JoinOut), required=True, metadata={"description": "Newest first"})
    asked = fields.Nested(AskedOut, required=True, allow_none=True)
    attributes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "By key of an AttributeOut; only those with a value"},
    )
    notes = fields.List(fields.Nested(CustomerNoteOut), required=True, metadata={"description": "Newest first"})
    block = fields.Nested(BlockOut, required=True, allow_none=True)


class SessionChat(Shape):
    """One chat of an earlier issue, with how it came out."""

    id = Id(required=True)
    state = fields.String(required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)
    end_cause = fields.String(required=True, allow_none=True)
    rating = fields.Integer(required=True, allow_none=True)
    agent = fields.Nested(AgentBrief, required=True, allow_none=True)


class SessionBrief(Shape):
    """One issue, however many chats it took."""

    id = Id(required=True)
    subject = fields.String(required=True)
    created_at = Moment(required=True)
    chats = fields.List(fields.Nested(SessionChat), required=True, metadata={"description": "Oldest first"})


class CustomerPatch(Shape):
    """Correct what is known of a customer; what is left out stays, an empty text removes."""

    name = CleanText(most=80, one_line=True)
    email = CleanText(most=254, one_line=True)
    phone = CleanText(most=40, one_line=True)
    language = CleanText(most=35, one_line=True)
    location = CleanText(most=120, one_line=True)
    attributes = fields.Dict(
        keys=fields.String(validate=long(1, 40)), metadata={"description": "By key; null removes. Types are checked"}
    )


class CustomerNoteBody(Shape):
    body = CleanText(required=True, least=1, most=2000)


class BlockBody(Shape):
    """Keep a customer out. Their open chats are ended."""

    reason = CleanText(required=True, least=3, most=500)
    until = Moment(load_default=None, allow_none=True)
    address = Flag(load_default=False, metadata={"description": "Also whoever else writes from their network address"})


class BlockList(Shape):
    items = fields.List(fields.Nested(BlockOut), required=True)


class AttributeOut(Shape):
    """A typed fact the desk keeps of its customers."""

    id = Id(required=True)
    key = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, validate=one_of(*ATTRIBUTE_TYPES))
    choices = fields.List(fields.String(), required=True)
    archived = Flag(required=True)


class AttributeList(Shape):
    items = fields.List(fields.Nested(AttributeOut), required=True)


class AttributePatch(Shape):
    label = CleanText(least=1, most=60, one_line=True)
    choices = fields.List(CleanText(least=1, most=60, one_line=True), validate=long(0, 50))
    archived = Flag()


class AttributeBody(Shape):
    """A new attribute. Its key and type stay for good, because stored values depend on them."""

    key = CleanText(required=True, least=1, most=40, one_line=True)
    label = CleanText(required=True, least=1, most=60, one_line=True)
    type = fields.String(required=True, validate=one_of(*ATTRIBUTE_TYPES))
    choices = fields.List(CleanText(least=1, most=60, one_line=True), load_default=list, validate=long(0, 50))
