"""What the bot could not answer, one by one."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from webargs.fields import DelimitedList

from models.rules.clusters import Deed, Status
from models.rules.failures import NOISES, TRIGGERS
from models.rules.narrowing import reversed_dates
from models.schemas.admin import ChoiceOut
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.people import AgentBrief, TeamBrief
from models.schemas.repairs import KINDS, Titled
from models.schemas.replays import ReplayOut

FAILURE_STATES = ("open", "resolved", "dismissed")
PLACED = ("joined", "opened", "grouped", "moved")


class ClusterBrief(Titled):
    status = fields.String(required=True, validate=one_of(*Status))


class FailureCandidate(Shape):
    """Something the bot might have answered with."""

    kind = fields.String(required=True, validate=one_of(*KINDS))
    id = Id(required=True)
    title = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "How near it came, 0 to 1"})


class SuggestionOut(FailureCandidate):
    """What the desk already has that may serve a cluster."""

    confidence = fields.Float(
        required=True,
        metadata={"description": "Calibrated: of suggestions as sure as this one, the share that is right"},
    )


class CustomerOfFailure(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class FailureOut(Shape):
    """One question the bot could not answer. Its session is read at message `message_seq` of chat `chat_id`."""

    id = Id(required=True)
    text = fields.String(required=True)
    trigger = fields.String(required=True, validate=one_of(*TRIGGERS))
    status = fields.String(required=True, validate=one_of(*FAILURE_STATES))
    status_reason = fields.String(required=True, allow_none=True)
    status_note = fields.String(required=True)
    decided_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    noise = fields.String(
        required=True, allow_none=True, validate=one_of(*NOISES), metadata={"description": "Why it needs no repair"}
    )
    language = fields.String(required=True, allow_none=True)
    channel = fields.Nested(ChoiceOut, required=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    customer = fields.Nested(CustomerOfFailure, required=True)
    chat_id = Id(required=True)
    session_id = Id(required=True)
    message_id = Id(required=True)
    message_seq = fields.Integer(required=True, metadata={"description": "The question's `all_seq` in its chat"})
    candidates = fields.List(fields.Nested(FailureCandidate), required=True)
    answer = fields.String(required=True, allow_none=True, metadata={"description": "What a person answered then"})
    answered_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    cluster = fields.Nested(
        ClusterBrief, required=True, allow_none=True, metadata={"description": "Null: a single failure"}
    )
    placed = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(*PLACED),
        metadata={"description": "How it got into its cluster; `moved`: by hand"},
    )
    created_at = Moment(required=True)


def _numbers(most: int = 50) -> DelimitedList:
    return DelimitedList(fields.Integer(validate=between(1, 2**63 - 1)), load_default=list, validate=long(0, most))


class FailureFilter(Shape):
    """Criteria of an address that all hold together; several values of one are alternatives."""

    status = DelimitedList(
        fields.String(validate=one_of(*FAILURE_STATES)), load_default=list, validate=long(0, len(FAILURE_STATES))
    )
    triggers = DelimitedList(
        fields.String(validate=one_of(*TRIGGERS)), load_default=list, validate=long(0, len(TRIGGERS))
    )
    channel_ids = _numbers()
    team_ids = _numbers()
    languages = DelimitedList(fields.String(validate=long(2, 3)), load_default=list, validate=long(0, 50))
    cluster_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))
    single = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "true: in no cluster; false: in one"}
    )
    noise = fields.Boolean(load_default=False, allow_none=True, metadata={"description": "true: only what is noise"})
    from_at = Moment(load_default=None, allow_none=True)
    to_at = Moment(load_default=None, allow_none=True)
    q = CleanText(load_default=None, allow_none=True, most=200, one_line=True)

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        if reversed_dates(data.get("from_at"), data.get("to_at")):
            raise ValidationError({"to_at": ["This is not after the beginning."]})


class FailureQuery(FailureFilter):
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class FailurePage(Shape):
    """Failures, newest first."""

    items = fields.List(fields.Nested(FailureOut), required=True)
    total = fields.Integer(required=True, allow_none=True, metadata={"description": "With the first page only"})
    capped = Flag(required=True, metadata={"description": "There are more than `total`"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` for the next page"})


class FailureChoices(Shape):
    """What failures can be narrowed by, and who can take care of a cluster."""

    channels = fields.List(fields.Nested(ChoiceOut), required=True)
    languages = fields.List(fields.String(), required=True)
    reviewers = fields.List(fields.Nested(AgentBrief), required=True)


class DecisionOut(Shape):
    """What was decided, by whom; null: by the desk itself."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of(*Deed))
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    note = fields.String(required=True)
    facts = fields.Dict(required=True)
    at = Moment(required=True)
    undone_at = Moment(required=True, allow_none=True)


class FailureDetail(Shape):
    failure = fields.Nested(FailureOut, required=True)
    decisions = fields.List(fields.Nested(DecisionOut), required=True)
    replays = fields.List(fields.Nested(ReplayOut), required=True)


class FailurePlace(Shape):
    """Where a failure is reviewed."""

    failure_id = Id(required=True)
    cluster_id = Id(required=True, allow_none=True)
