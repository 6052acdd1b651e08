"""Agents, teams and the desk they sit at, as the screens see them."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Moment, Shape, long, one_of
from models.schemas.media import UploadLimits

ROLES = ("agent", "supervisor", "analyst", "admin")
STATUSES = ("online", "away", "offline")
POLICIES = ("least_loaded", "round_robin")


class AgentBrief(Shape):
    """Just enough of an agent to put a name and a colour to something they did."""

    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True, metadata={"description": "Avatar hue, degrees 0-359"})


class TeamBrief(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class AgentOut(AgentBrief):
    """An agent with what assignment looks at. `status` is what others see: chosen status and lease together."""

    email = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(*ROLES))
    status = fields.String(required=True, validate=one_of(*STATUSES))
    chosen_status = fields.String(required=True, validate=one_of(*STATUSES))
    load = fields.Integer(  # type: ignore[assignment]  # the metaclass takes fields off the class: Schema.load stays
        required=True, metadata={"description": "Chats owned now"}
    )
    limit = fields.Integer(required=True, metadata={"description": "Chats at a time"})
    team_ids = fields.List(fields.Integer(), required=True)


class TeamOut(TeamBrief):
    auto_assign = Flag(required=True, metadata={"description": "In force: the team's own setting, else the desk's"})
    open = Flag(required=True, metadata={"description": "Within its opening hours"})
    opens_at = Moment(required=True, allow_none=True, metadata={"description": "While closed: when it opens next"})
    alarm_wait_s = fields.Integer(
        required=True, metadata={"description": "In force: supervisors are called after this wait"}
    )
    waiting = fields.Integer(required=True)
    online = fields.Integer(required=True)
    oldest_waiting_at = Moment(required=True, allow_none=True)


class DeskOut(Shape):
    """The settings every signed-in agent may see."""

    name = fields.String(required=True)
    brand = fields.String(required=True, metadata={"description": "One hex colour"})
    auto_assign = Flag(required=True)
    agent_limit = fields.Integer(required=True)
    wait_warn_s = fields.Integer(required=True, metadata={"description": "A wait turns amber after this many seconds"})
    wait_late_s = fields.Integer(required=True, metadata={"description": "... and red after this many"})
    first_reply_s = fields.Integer(
        required=True, metadata={"description": "Seconds until a missing first reply alerts"}
    )
    alarm_wait_s = fields.Integer(required=True, metadata={"description": "Supervisors are called after this wait"})
    promise_s = fields.Integer(required=True, metadata={"description": "How far ahead a promise is proposed"})
    promise_warn_s = fields.Integer(
        required=True, metadata={"description": "A promise is due soon this long before its time"}
    )
    assign_policy = fields.String(required=True, validate=one_of(*POLICIES))
    mail = Flag(required=True, metadata={"description": "Letters can be sent from this desk"})
    uploads = fields.Nested(UploadLimits, required=True)
    updated_at = Moment(required=True, metadata={"description": "Of two answers the later one holds"})


class MeOut(Shape):
    """Who is signed in, what they may do, and the desk they sit at."""

    agent = fields.Nested(AgentOut, required=True)
    desk = fields.Nested(DeskOut, required=True)
    permissions = fields.List(fields.String(), required=True)
    csrf_token = fields.String(required=True)


class MailCalls(Shape):
    """Whether an agent is written to what customers write in their chats while they are away."""

    on = Flag(required=True)
    possible = Flag(required=True, metadata={"description": "There is a mailbox whose server proves who answers"})
    address = fields.String(required=True)


class MailCallsIn(Shape):
    on = Flag(required=True)


class OverviewOut(Shape):
    """The numbers and people around the inbox, in one answer."""

    queue = fields.Integer(required=True, metadata={"description": "Chats waiting that this agent may pick"})
    mine = fields.Integer(required=True)
    escalations = fields.Integer(required=True, metadata={"description": "Offers that this agent may accept"})
    mentions = fields.Integer(required=True, metadata={"description": "Notes that name this agent and were not seen"})
    promises = fields.Integer(required=True, metadata={"description": "Own promises that are due or soon will be"})
    drafts = fields.List(fields.Integer(), required=True, metadata={"description": "Chats with something unsent"})
    desk = fields.Nested(DeskOut, required=True)
    teams = fields.List(fields.Nested(TeamOut), required=True)
    agents = fields.List(fields.Nested(AgentOut), required=True)


class SignIn(Shape):
    email = CleanText(required=True, most=254, least=3, one_line=True)
    password = fields.String(required=True, validate=long(1, 1024), load_only=True)


class PresenceIn(Shape):
    status = fields.String(required=True, validate=one_of(*STATUSES))
    leave_chats = fields.String(
        load_default="stay",
        validate=one_of("stay", "return"),
        metadata={"description": "Going offline with chats: keep them until the grace ends, or return them all now"},
    )


class TicketOut(Shape):
    ticket = fields.String(required=True, metadata={"description": "Opens one socket, once, within 30 s"})
