"""Failures and formerly good turns asked again: what a repair is proved by."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.schemas.base import Id, Moment, Shape, between, one_of
from models.schemas.people import AgentBrief
from models.schemas.repairs import KINDS, AddToArticle, AddToService

PURPOSES = ("before", "after")
REPLAY_STATES = ("waiting", "running", "done", "failed", "cancelled")
VERDICTS = ("fixed", "failing", "kept", "broken")


class ReplayOut(Shape):
    """Failures and formerly good turns asked again. `before`: with the change laid over; `after`: as the bot is."""

    id = Id(required=True)
    cluster_id = Id(required=True, allow_none=True)
    failure_id = Id(required=True, allow_none=True)
    purpose = fields.String(required=True, validate=one_of(*PURPOSES))
    change = fields.Dict(required=True, allow_none=True)
    state = fields.String(required=True, validate=one_of(*REPLAY_STATES))
    fault = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it failed: knowledge_gone, model_missing, worker_lost"},
    )
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    fixed = fields.Integer(required=True, metadata={"description": "Failures the bot answers now"})
    failing = fields.Integer(required=True, metadata={"description": "Failures it still cannot answer"})
    kept = fields.Integer(required=True, metadata={"description": "Good turns that stayed good"})
    broken = fields.Integer(required=True, metadata={"description": "Good turns that are none any more"})
    percent = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the failures, those fixed; null until it is done"}
    )
    asked_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class ReplayBody(Shape):
    """What to prove. With nothing: the bot as it is. Else with the change laid over it, and nothing saved."""

    article = fields.Nested(AddToArticle, load_default=None, allow_none=True)
    service = fields.Nested(AddToService, load_default=None, allow_none=True)

    @validates_schema
    def one_change(self, data: dict[str, Any], **_: object) -> None:
        if data.get("article") is not None and data.get("service") is not None:
            raise ValidationError({"service": ["One change at a time."]})


class ReplayTurnQuery(Shape):
    verdict = fields.String(load_default=None, allow_none=True, validate=one_of(*VERDICTS))
    limit = fields.Integer(load_default=100, validate=between(1, 500))
    after = fields.Integer(load_default=None, allow_none=True, validate=between(0, 2**63 - 1))


class ReplaySource(Shape):
    kind = fields.String(required=True, validate=one_of(*KINDS))
    id = Id(required=True)
    title = fields.String(required=True)


class ReplayTurnOut(Shape):
    """One question asked again. `failure_id` null: it is one of the formerly good turns."""

    id = Id(required=True)
    failure_id = Id(required=True, allow_none=True)
    question = fields.String(required=True)
    verdict = fields.String(
        required=True, allow_none=True, validate=one_of(*VERDICTS), metadata={"description": "Null: not asked yet"}
    )
    said = fields.String(required=True, allow_none=True)
    source = fields.Nested(ReplaySource, required=True, allow_none=True)
    confidence = fields.Float(required=True, allow_none=True)


class ReplayTurnPage(Shape):
    items = fields.List(fields.Nested(ReplayTurnOut), required=True)
    next = fields.Integer(required=True, allow_none=True)
