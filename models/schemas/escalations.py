"""Escalations: an offer of a chat to another agent, a team or the supervisors, and what became of it."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.rules.escalating import MOST_STEPS, Cancellation, OfferState, Rejection, StepKind
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.people import AgentBrief, AgentOut, TeamBrief

DAY_S = 86_400

STATES = tuple(OfferState)
REJECTIONS = tuple(Rejection)
CANCELLATIONS = tuple(Cancellation)


class DeclineOut(Shape):
    """A member of the team said no; the offer goes on while somebody else could take it."""

    agent = fields.Nested(AgentBrief, required=True)
    reason = fields.String(required=True, validate=one_of(*REJECTIONS))
    note = fields.String(required=True)
    at = Moment(required=True)


class EscalationOut(Shape):
    """One offer. Exactly one of `agent`, `team` and `supervisors` says to whom it was made."""

    id = Id(required=True)
    chat_id = Id(required=True)
    state = fields.String(required=True, validate=one_of(*STATES))
    origin = fields.Nested(
        AgentBrief, required=True, metadata={"description": "Who had the chat, and keeps it meanwhile"}
    )
    by = fields.Nested(
        AgentBrief,
        required=True,
        allow_none=True,
        metadata={"description": "Who escalated, when that was a supervisor"},
    )
    agent = fields.Nested(AgentBrief, required=True, allow_none=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    supervisors = Flag(required=True)
    note = fields.String(required=True)
    expected_at = Moment(required=True, metadata={"description": "By when the customer was told to expect an answer"})
    made_at = Moment(required=True)
    due_at = Moment(required=True, metadata={"description": "Until then it can be accepted"})
    reminded_at = Moment(required=True, allow_none=True)
    looked = fields.List(
        fields.Nested(AgentBrief), required=True, metadata={"description": "Who could take it and has looked inside"}
    )
    declined = fields.List(fields.Nested(DeclineOut), required=True)
    decided_at = Moment(required=True, allow_none=True)
    decided_by = fields.Nested(
        AgentBrief, required=True, allow_none=True, metadata={"description": "Null: the desk itself"}
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Code of a rejection or cancellation"}
    )
    reason_note = fields.String(required=True)


class EscalationList(Shape):
    """Every offer of a chat, the newest first."""

    items = fields.List(fields.Nested(EscalationOut), required=True)


class TargetBody(Shape):
    """To whom: an agent or a team, one of the two."""

    agent_id = Id(load_default=None, allow_none=True)
    team_id = Id(load_default=None, allow_none=True)
    expected_at = Moment(
        load_default=None,
        allow_none=True,
        metadata={"description": "By when to expect an answer; left out: as the team has it"},
    )

    @validates_schema
    def one_target(self, data: dict[str, object], **_: object) -> None:
        if (data.get("agent_id") is None) == (data.get("team_id") is None):
            raise ValidationError({"agent_id": ["Choose an agent or a team."]})


class EscalateBody(TargetBody):
    """What is wrong and what was tried, for whoever takes it. `anyway`: offer it to a team where nobody is free."""

    note = CleanText(required=True, least=3, most=2000)
    anyway = Flag(load_default=False)


class EscalatePreview(Shape):
    """What the customer would be told."""

    body = fields.String(required=True)
    expected_at = Moment(required=True)


class RejectBody(Shape):
    """One of the reasons, and what lies behind it in words."""

    reason = fields.String(required=True, validate=one_of(*REJECTIONS))
    note = CleanText(required=True, least=3, most=500)


class CancelBody(Shape):
    reason = fields.String(load_default=None, allow_none=True, validate=one_of(*CANCELLATIONS))


class TargetTeam(TeamBrief):
    """A team a chat can be escalated to. `why_not`: no_agents, empty_team; null when somebody there is free."""

    online = fields.Integer(required=True)
    free = fields.Integer(required=True, metadata={"description": "Members who could take it now"})
    open = Flag(required=True)
    opens_at = Moment(required=True, allow_none=True)
    expected_s = fields.Integer(required=True, metadata={"description": "Proposed for the expected answer"})
    accept_s = fields.Integer(required=True, metadata={"description": "So long it can be accepted"})
    why_not = fields.String(required=True, allow_none=True)


class TargetAgent(Shape):
    """An agent a chat can be escalated to. `why_not`: target_offline, target_at_capacity, same_agent, yourself."""

    agent = fields.Nested(AgentOut, required=True)
    why_not = fields.String(required=True, allow_none=True)


class EscalationTargets(Shape):
    teams = fields.List(fields.Nested(TargetTeam), required=True)
    agents = fields.List(fields.Nested(TargetAgent), required=True, metadata={"description": "Free ones first"})
    expected_s = fields.Integer(required=True, metadata={"description": "Proposed when an agent is chosen"})
    time_zone = fields.String(required=True, allow_none=True, metadata={"description": "The customer's own"})


class Step(Shape):
    """What happens when an offer waits: so many seconds after it was made, or after the step before."""

    do = fields.String(required=True, validate=one_of(*StepKind))
    after_s = fields.Integer(required=True, strict=True, validate=between(10, 7 * DAY_S))
    team_id = Id(load_default=None, allow_none=True, metadata={"description": "For `team`"})


def steps(**more: object) -> fields.List[Any]:
    return fields.List(fields.Nested(Step), validate=long(1, MOST_STEPS), **more)  # type: ignore[arg-type]


class EscalationTexts(Shape):
    """What customers read, with `{agent}`, `{target}` and `{expected}`. Null: the desk's own words."""

    escalated = CleanText(least=1, most=500, allow_none=True, load_default=None)
    accepted = CleanText(least=1, most=500, allow_none=True, load_default=None)
    back = CleanText(least=1, most=500, allow_none=True, load_default=None)
    later = CleanText(least=1, most=500, allow_none=True, load_default=None)


class ExtendBody(Shape):
    """A new time for the customer; they are told."""

    due_at = Moment(required=True)


class ReportQuery(Shape):
    """Offers made from `since` until before `until`; left out: the last 30 days."""

    since = Moment(load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True)
    team_id = fields.Integer(load_default=None, allow_none=True)


class Outcomes(Shape):
    """How many offers, and what became of them."""

    offered = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    timed_out = fields.Integer(required=True)
    withdrawn = fields.Integer(required=True)
    accept_median_s = fields.Integer(
        required=True, allow_none=True, metadata={"description": "From offer to acceptance"}
    )
    accept_p90_s = fields.Integer(required=True, allow_none=True)


class DayOutcomes(Outcomes):
    day = fields.String(required=True, metadata={"description": "YYYY-MM-DD, UTC"})


class TeamOutcomes(Outcomes):
    """Offers to this team; null stands for offers to the supervisors."""

    team = fields.Nested(TeamBrief, required=True, allow_none=True)


class AgentOutcomes(Outcomes):
    """Offers made to this agent, or taken by them from a team; `made` are those that came from them."""

    agent = fields.Nested(AgentBrief, required=True)
    made = fields.Integer(required=True)
    declined = fields.Integer(required=True, metadata={"description": "Offers to a team that they said no to"})


class ReasonCount(Shape):
    reason = fields.String(required=True, validate=one_of(*REJECTIONS))
    count = fields.Integer(required=True)


class EscalationReport(Shape):
    since = Moment(required=True)
    until = Moment(required=True)
    all = fields.Nested(Outcomes, required=True)
    days = fields.List(fields.Nested(DayOutcomes), required=True)
    teams = fields.List(fields.Nested(TeamOutcomes), required=True)
    agents = fields.List(fields.Nested(AgentOutcomes), required=True)
    rejections = fields.List(fields.Nested(ReasonCount), required=True, metadata={"description": "Most frequent first"})
