"""What another system says through an API channel: one message is `{"type": …, "data": …}`, signed as a whole."""

from __future__ import annotations

from marshmallow import fields

from models.rules.failures import TRIGGERS
from models.rules.outbound import URL_MOST
from models.schemas.base import MESSAGE_LIMIT, CleanText, Id, Moment, Shape, between, long, one_of
from models.schemas.media import MOST_FILES

MOST_CANDIDATES = 10


class ApiPerson(Shape):
    """Who wrote, by the other system's own number for them."""

    id = CleanText(required=True, least=1, most=200, one_line=True)
    name = CleanText(load_default="", most=80, one_line=True)
    email = CleanText(load_default="", most=254, one_line=True)
    phone = CleanText(load_default="", most=40, one_line=True)
    language = CleanText(load_default="", most=35, one_line=True)


class ApiFile(Shape):
    """A file that the desk fetches: public, https, at most 5 MB."""

    name = CleanText(required=True, least=1, most=200, one_line=True)
    url = fields.String(required=True, validate=long(1, URL_MOST))
    size = fields.Integer(strict=True, validate=between(0, 2**40))


class ApiMessage(Shape):
    """A customer wrote. `id` names the message: replies and edits call it so."""

    id = CleanText(required=True, least=1, most=150, one_line=True)
    by = fields.Nested(ApiPerson, required=True, data_key="from")
    text = CleanText(load_default="", most=MESSAGE_LIMIT)
    files = fields.List(fields.Nested(ApiFile), load_default=list, validate=long(0, MOST_FILES))
    reply_to = CleanText(load_default=None, allow_none=True, least=1, most=150, one_line=True)


class ApiEdit(Shape):
    """A customer changed what they wrote."""

    id = CleanText(required=True, least=1, most=150, one_line=True)
    by = fields.Nested(ApiPerson, required=True, data_key="from")
    text = CleanText(required=True, least=1, most=MESSAGE_LIMIT)


class ApiReceipt(Shape):
    """What became of a message of the desk's: `id` is the `webhook-id` it came with."""

    id = CleanText(required=True, least=1, most=200, one_line=True)
    by = fields.Nested(ApiPerson, required=True, data_key="from")


class ApiCandidate(Shape):
    """A service or an article of this desk that the other bot might have answered with."""

    kind = fields.String(required=True, validate=one_of("service", "article"))
    id = Id(required=True)
    title = CleanText(required=True, least=1, most=200, one_line=True)
    score = fields.Float(required=True, validate=between(0, 1))


class ApiFailure(Shape):
    """Another bot could not answer: the customer's question goes to a person here, and to the review of failed responses."""

    id = CleanText(required=True, least=1, most=150, one_line=True)
    by = fields.Nested(ApiPerson, required=True, data_key="from")
    question = CleanText(required=True, least=1, most=MESSAGE_LIMIT)
    reason = fields.String(load_default="bot_failed", validate=one_of(*TRIGGERS))
    candidates = fields.List(fields.Nested(ApiCandidate), load_default=list, validate=long(0, MOST_CANDIDATES))


KINDS: dict[str, type[Shape]] = {
    "message": ApiMessage,
    "message_edited": ApiEdit,
    "delivered": ApiReceipt,
    "read": ApiReceipt,
    "failed_response": ApiFailure,
}


class ApiEnvelope(Shape):
    type = fields.String(required=True, validate=one_of(*KINDS))
    timestamp = Moment(metadata={"description": "When it happened, by the other system's clock; not used"})
    data = fields.Dict(required=True)
