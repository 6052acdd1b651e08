"""How the bot does, in shares that are defined on the page that shows them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.rules.narrowing import reversed_dates
from models.schemas.base import Moment, Shape, between, one_of
from models.schemas.repairs import Titled

FIGURES = (
    "fallback_rate",
    "session_fallback_rate",
    "double_fallback_rate",
    "containment",
    "net_containment",
    "confirmed_resolution",
    "assumed_resolution",
    "abandoned",
)


class FigureQuery(Shape):
    """Bot sessions begun from `since` until before `until`; left out: the last 30 days."""

    since = Moment(load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True)
    channel_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        if reversed_dates(data.get("since"), data.get("until")):
            raise ValidationError({"until": ["This is not after the beginning."]})


class FailureFigure(Shape):
    """A share: `part` of `whole`. Its definition is the string `failures.define.<name>`."""

    name = fields.String(required=True, validate=one_of(*FIGURES))
    part = fields.Integer(required=True)
    whole = fields.Integer(required=True)
    share = fields.Float(required=True, allow_none=True, metadata={"description": "Null: there is nothing to share"})
    before = fields.Float(
        required=True, allow_none=True, metadata={"description": "The share of the period before, of equal length"}
    )


class FailureDay(Shape):
    """The counts of one day: sessions by the day they began, turns by their own."""

    day = fields.String(required=True, metadata={"description": "YYYY-MM-DD, UTC"})
    turns = fields.Integer(required=True)
    failed_turns = fields.Integer(required=True)
    sessions = fields.Integer(required=True)
    failed_sessions = fields.Integer(required=True)
    contained = fields.Integer(required=True)


class FailureBacklog(Shape):
    """What waits for repair now."""

    clusters = fields.Integer(required=True)
    people = fields.Integer(required=True)
    singles = fields.Integer(required=True, metadata={"description": "Failures that no cluster has"})
    median_age_s = fields.Integer(required=True, allow_none=True)


class FixOut(Shape):
    """What became of a fix: failures a week in the four weeks before it and since, at most four."""

    cluster = fields.Nested(Titled, required=True)
    fixed_at = Moment(required=True)
    before_week = fields.Float(required=True)
    after_week = fields.Float(required=True, allow_none=True, metadata={"description": "Null: less than a day ago"})
    percent = fields.Integer(required=True, allow_none=True, metadata={"description": "Pass rate of its newest replay"})
    time_to_fix_s = fields.Integer(
        required=True, allow_none=True, metadata={"description": "From first failure to first replay that passed"}
    )
    reopened = fields.Integer(required=True)


class FailureFigures(Shape):
    since = Moment(required=True)
    until = Moment(required=True)
    figures = fields.List(fields.Nested(FailureFigure), required=True)
    days = fields.List(fields.Nested(FailureDay), required=True)
    backlog = fields.Nested(FailureBacklog, required=True)
    fixes = fields.List(fields.Nested(FixOut), required=True)
    median_time_to_fix_s = fields.Integer(required=True, allow_none=True)
