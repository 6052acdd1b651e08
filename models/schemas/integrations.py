"""Doors for other programs: API keys, and webhooks with what was sent to them."""

from __future__ import annotations

from marshmallow import fields

from models.rules.hook_events import EVENTS, TEST
from models.rules.outbound import URL_MOST
from models.rules.scopes import SCOPES
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.people import AgentBrief


class ApiKeyBody(Shape):
    """A key acts for an account, and may do what that account may, as far as its scopes go."""

    name = CleanText(required=True, least=1, most=80, one_line=True)
    scopes = fields.List(fields.String(validate=one_of(*SCOPES)), required=True, validate=long(1, len(SCOPES)))
    agent_id = Id(load_default=None, allow_none=True, metadata={"description": "For whom it acts; null: oneself"})
    expires_at = Moment(load_default=None, allow_none=True, metadata={"description": "Null: never"})


class ApiKeyOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True, metadata={"description": "Its first characters"})
    scopes = fields.List(fields.String(validate=one_of(*SCOPES)), required=True)
    state = fields.String(required=True, validate=one_of("on", "revoked", "expired", "account_disabled"))
    agent = fields.Nested(AgentBrief, required=True)
    made_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True, metadata={"description": "To the minute"})
    revoked_at = Moment(required=True, allow_none=True)


class ApiKeyList(Shape):
    items = fields.List(fields.Nested(ApiKeyOut), required=True)


class ApiKeyMade(Shape):
    """A new key. It is in this answer and nowhere else."""

    key = fields.Nested(ApiKeyOut, required=True)
    token = fields.String(required=True)


_SOME_EVENTS = long(1, len(EVENTS))


class WebhookBody(Shape):
    name = CleanText(required=True, least=1, most=80, one_line=True)
    url = fields.String(required=True, validate=long(1, URL_MOST), metadata={"description": "Public, and https"})
    events = fields.List(fields.String(validate=one_of(*EVENTS)), required=True, validate=_SOME_EVENTS)
    internal = Flag(load_default=False, metadata={"description": "Also what customers never see: notes, end notes"})


class WebhookPatch(Shape):
    """What is left out stays."""

    name = CleanText(least=1, most=80, one_line=True)
    url = fields.String(validate=long(1, URL_MOST))
    events = fields.List(fields.String(validate=one_of(*EVENTS)), validate=_SOME_EVENTS)
    internal = Flag()
    state = fields.String(validate=one_of("on", "paused"))


class WebhookOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)
    secret_tail = fields.String(required=True, metadata={"description": "The last characters of its secret"})
    events = fields.List(fields.String(validate=one_of(*EVENTS)), required=True)
    internal = Flag(required=True)
    state = fields.String(
        required=True,
        validate=one_of("on", "paused", "off"),
        metadata={"description": "`off`: the desk switched it off, because it took nothing for days, or said 410"},
    )
    failures = fields.Integer(required=True, metadata={"description": "In a row, until now"})
    failing_since = Moment(required=True, allow_none=True)
    rest_until = Moment(required=True, allow_none=True, metadata={"description": "Nothing is sent before"})
    last_at = Moment(required=True, allow_none=True, metadata={"description": "When it last took something"})
    waiting = fields.Integer(required=True)
    dead = fields.Integer(required=True, metadata={"description": "Given up, of the last 30 days"})
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class WebhookList(Shape):
    items = fields.List(fields.Nested(WebhookOut), required=True)


class WebhookMade(Shape):
    """A webhook with a new secret. The secret is in this answer and nowhere else."""

    webhook = fields.Nested(WebhookOut, required=True)
    secret = fields.String(required=True)


class WebhookLogQuery(Shape):
    state = fields.String(validate=one_of("waiting", "claimed", "sent", "dead"))
    before = fields.Integer(validate=between(1, 2**63 - 1))
    limit = fields.Integer(load_default=50, validate=between(1, 100))


class WebhookDeliveryOut(Shape):
    """One thing a webhook was told, or is to be. Of an answer only its status is kept."""

    id = Id(required=True)
    event = fields.String(required=True, validate=one_of(*EVENTS, TEST))
    event_id = fields.String(required=True, metadata={"description": "The `webhook-id`: the same at every attempt"})
    chat_id = fields.Integer(required=True, allow_none=True)
    subject_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Failed response or broadcast"}
    )
    state = fields.String(required=True, validate=one_of("waiting", "claimed", "sent", "dead"))
    attempts = fields.Integer(required=True)
    due_at = Moment(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "Of the last answer"})
    fault = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why there was no answer: timeout, unreachable, forbidden_address, bad_certificate …"},
    )
    took_ms = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    settled_at = Moment(required=True, allow_none=True)


class WebhookLog(Shape):
    items = fields.List(fields.Nested(WebhookDeliveryOut), required=True)
    more = Flag(required=True)


class WebhookReplay(Shape):
    since = Moment(required=True, metadata={"description": "What was given up and happened since then"})


class WebhookReplayed(Shape):
    count = fields.Integer(required=True)
