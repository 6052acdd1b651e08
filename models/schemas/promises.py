"""Promises: who will be contacted by when, and by whom. And notes that name somebody."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.chats import ChatOut
from models.schemas.customers import CustomerBrief
from models.schemas.messages import MessageOut
from models.schemas.people import AgentBrief

PROMISE_STATES = ("open", "kept", "cancelled")


class PromiseOut(Shape):
    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of("follow_up", "escalation"))
    state = fields.String(required=True, validate=one_of(*PROMISE_STATES))
    chat_id = Id(required=True, metadata={"description": "Where it was made"})
    session_id = Id(required=True)
    customer = fields.Nested(CustomerBrief, required=True)
    subject = fields.String(required=True)
    owner = fields.Nested(AgentBrief, required=True)
    due_at = Moment(required=True)
    note = fields.String(required=True)
    made_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    made_at = Moment(required=True)
    settled_at = Moment(required=True, allow_none=True)
    settled_note = fields.String(required=True)
    kept_chat_id = fields.Integer(required=True, allow_none=True, metadata={"description": "The follow-up chat"})


class PromiseQuery(Shape):
    scope = fields.String(load_default="mine", validate=one_of("mine", "all"))
    state = fields.String(load_default="open", validate=one_of("open", "settled"))
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class PromisePage(Shape):
    """Open ones: the first due first. Settled ones: newest first."""

    items = fields.List(fields.Nested(PromiseOut), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class PromisePatch(Shape):
    """Move a promise: another date, another owner, another note."""

    due_at = Moment()
    owner_id = Id()
    note = CleanText(most=500)


class PromiseSettle(Shape):
    """Kept by other means (a call, a letter), or not to be kept any more; the note says which."""

    state = fields.String(required=True, validate=one_of("kept", "cancelled"))
    note = CleanText(required=True, least=3, most=500)


class FollowUpBody(Shape):
    """The first message of a follow-up chat in the same session."""

    body = CleanText(required=True, least=1, most=10_000)
    client_id = CleanText(required=True, least=8, most=64, one_line=True)
    promise_id = Id(load_default=None, allow_none=True, metadata={"description": "The promise it keeps"})


class FollowUpOut(Shape):
    chat = fields.Nested(ChatOut, required=True)
    message = fields.Nested(MessageOut, required=True)


class MentionItem(Shape):
    """A note that names this agent, or a team of theirs."""

    id = Id(required=True)
    chat_id = Id(required=True)
    customer = fields.Nested(CustomerBrief, required=True)
    message = fields.Nested(MessageOut, required=True)
    team_name = fields.String(required=True, allow_none=True, metadata={"description": "Named as one of this team"})
    seen = Flag(required=True)
    created_at = Moment(required=True)


class MentionQuery(Shape):
    unseen = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    before = fields.Integer(load_default=None, allow_none=True, metadata={"description": "Older than this mention"})


class MentionPage(Shape):
    items = fields.List(fields.Nested(MentionItem), required=True)
    unseen = fields.Integer(required=True)
    more = Flag(required=True)


class MentionsSeen(Shape):
    """Which mentions were seen; none named: all of them."""

    ids = fields.List(Id(), load_default=list, validate=long(0, 100))
