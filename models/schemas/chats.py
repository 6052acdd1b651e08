"""Chats, as the console sees them, and what is done to one."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import MESSAGE_LIMIT, CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.channels import ChannelCan
from models.schemas.customers import CustomerBrief, CustomerOut, SessionBrief, TagOut
from models.schemas.escalations import CancelBody, EscalateBody, EscalationOut, RejectBody
from models.schemas.messages import (
    ChatRef,
    LastMessage,
    MessagePage,
)
from models.schemas.people import AgentBrief, TeamBrief

STATES = ("bot", "queued", "active", "escalated", "ended")
END_CAUSES = (
    "agent",
    "visitor_left",
    "visitor_ended",
    "queue_abandoned",
    "queue_expired",
    "inactivity",
    "bot_resolved",
    "bot_idle",
    "admin",
    "merged",
)


class ChannelOut(Shape):
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "web, telegram, email, whatsapp, api …"})
    name = fields.String(required=True)
    can = fields.Nested(ChannelCan, metadata={"description": "What can be sent by it; not given for the website"})
    reply_until = Moment(
        allow_none=True,
        metadata={
            "description": "Until when anything may be written: `can.window_h` after their last words; null where they"
            " never wrote, not given where that is always"
        },
    )


class ChatOut(Shape):
    """One episode, complete enough for a list row and a header. Keep the one with the higher (version, all_seq)."""

    id = Id(required=True)
    session_id = Id(required=True)
    previous_chat_id = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, validate=one_of(*STATES))
    version = Seq(required=True)
    pub_seq = Seq(required=True)
    all_seq = Seq(required=True)
    customer = fields.Nested(CustomerBrief, required=True)
    channel = fields.Nested(ChannelOut, required=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    owner = fields.Nested(AgentBrief, required=True, allow_none=True)
    ended_owner = fields.Nested(AgentBrief, required=True, allow_none=True)
    priority = fields.Integer(required=True, metadata={"description": "0 normal, 1 high, 2 urgent"})
    first_message = fields.String(required=True)
    last_message = fields.Nested(LastMessage, required=True, allow_none=True)
    unread = fields.Integer(required=True, metadata={"description": "Public entries the owner has not read"})
    agent_read_seq = Seq(required=True)
    customer_read_seq = Seq(required=True)
    customer_delivered_seq = Seq(required=True)
    tags = fields.List(fields.Nested(TagOut), required=True)
    created_at = Moment(required=True)
    queued_at = Moment(
        required=True, allow_none=True, metadata={"description": "The original queue time; waits count from here"}
    )
    entered_state_at = Moment(required=True)
    first_replied_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    end_cause = fields.String(required=True, allow_none=True, validate=one_of(*END_CAUSES))
    end_reason = fields.String(required=True, allow_none=True, metadata={"description": "Code of an EndReasonOut"})
    end_note = fields.String(required=True, allow_none=True)
    rating = fields.Integer(required=True, allow_none=True, metadata={"description": "1-5 stars"})
    rating_comment = fields.String(required=True, allow_none=True)
    reply_by_email = Flag(required=True, metadata={"description": "The customer has left; what is written is mailed"})
    escalation = fields.Nested(
        EscalationOut, required=True, allow_none=True, metadata={"description": "The offer that is pending"}
    )


class HandOut(Shape):
    """One link of the chain of hands: an agent got the chat, or it was offered and not taken."""

    kind = fields.String(required=True, validate=one_of("owner", "offer"))
    how = fields.String(required=True, metadata={"description": "owner: as in AssignmentOut; offer: its state"})
    agent = fields.Nested(AgentBrief, required=True, allow_none=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    at = Moment(required=True)


class DraftsOut(Shape):
    reply = fields.String(required=True)
    note = fields.String(required=True)


class ChatDetail(Shape):
    """Everything the conversation and its details panel need, in one answer."""

    chat = fields.Nested(ChatOut, required=True)
    customer = fields.Nested(CustomerOut, required=True)
    messages = fields.Nested(MessagePage, required=True, metadata={"description": "The newest 50"})
    earlier = fields.List(
        fields.Nested(ChatOut),
        required=True,
        metadata={"description": "The customer's last ended chats, newest first, at most 10"},
    )
    sessions = fields.List(
        fields.Nested(SessionBrief),
        required=True,
        metadata={"description": "The customer's last 10 issues, newest first"},
    )
    allowed = fields.List(
        fields.String(), required=True, metadata={"description": "Commands that would be accepted from this agent now"}
    )
    drafts = fields.Nested(DraftsOut, required=True, metadata={"description": "What this agent typed and did not send"})
    viewers = fields.List(fields.Nested(AgentBrief), required=True, metadata={"description": "Who else has it open"})
    hands = fields.List(
        fields.Nested(HandOut), required=True, metadata={"description": "Through whose hands it went, in order"}
    )


class ChatPage(Shape):
    items = fields.List(fields.Nested(ChatOut), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` for the next page"})


class DraftBody(Shape):
    mode = fields.String(load_default="reply", validate=one_of("reply", "note"))
    body = CleanText(required=True, most=MESSAGE_LIMIT, metadata={"description": "Empty: there is no draft any more"})


class DraftIn(DraftBody, ChatRef):
    pass


class Viewers(Shape):
    """Who has a conversation open now, oneself included."""

    chat_id = Id(required=True)
    viewers = fields.List(fields.Nested(AgentBrief), required=True)


class SyncIn(ChatRef):
    """Ask for what was missed. `after` is the last number applied, in the caller's own counter."""

    after = Seq(required=True)


class TypingIn(ChatRef):
    on = Flag(required=True)


class ReadIn(ChatRef):
    """Everything up to `seq` (a `pub_seq`) has been seen by a person; with `only_delivered`, has merely arrived."""

    seq = Seq(required=True)
    only_delivered = Flag(load_default=False)


class PromiseIn(Shape):
    """When the customer will be contacted, and by whom; what is left out is proposed by the desk."""

    due_at = Moment(load_default=None, allow_none=True)
    owner_id = Id(load_default=None, allow_none=True)
    note = CleanText(load_default="", most=500)


class EndBody(Shape):
    """The code of an end reason. Which of them need a note, and which record a promise, the desk's list says."""

    reason = CleanText(required=True, least=2, most=40, one_line=True)
    note = CleanText(load_default="", most=500)
    promise = fields.Nested(PromiseIn, load_default=None, allow_none=True)


class EndIn(EndBody, ChatRef):
    pass


class AssignBody(Shape):
    agent_id = Id(required=True)
    note = CleanText(load_default="", most=2000)
    override = Flag(load_default=False, metadata={"description": "Beyond their limit; supervisors only, and recorded"})


class AssignIn(AssignBody, ChatRef):
    pass


class ReturnBody(Shape):
    reason = CleanText(load_default="", most=500)


class ReturnIn(ReturnBody, ChatRef):
    pass


class MoveBody(Shape):
    """A supervisor sends a chat to another team, or changes its priority. What is left out stays."""

    team_id = Id(load_default=None, allow_none=True)
    priority = fields.Integer(load_default=None, allow_none=True, strict=True, validate=between(0, 2))


class MoveIn(MoveBody, ChatRef):
    pass


class EscalateIn(EscalateBody, ChatRef):
    pass


class RejectIn(RejectBody, ChatRef):
    pass


class CancelIn(CancelBody, ChatRef):
    pass


class CandidateOut(Shape):
    """Why this agent was, or was not, given the chat."""

    agent = fields.Nested(AgentBrief, required=True)
    load = fields.Integer(required=True)  # type: ignore[assignment]  # the metaclass takes fields off the class
    limit = fields.Integer(required=True)
    place = fields.Integer(
        required=True, allow_none=True, metadata={"description": "In line; null without room or presence"}
    )
    excluded = fields.String(
        required=True, allow_none=True, metadata={"description": "not_online, at_capacity, just_taken, let_it_drop …"}
    )


class AssignmentOut(Shape):
    """One interval of ownership and, where the desk chose, everybody it considered."""

    id = Id(required=True)
    agent = fields.Nested(AgentBrief, required=True)
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    how = fields.String(required=True)
    policy = fields.String(required=True, allow_none=True)
    over_limit = Flag(required=True)
    from_at = Moment(required=True)
    to_at = Moment(required=True, allow_none=True)
    candidates = fields.List(fields.Nested(CandidateOut), required=True)


class AssignmentList(Shape):
    """How a chat came to its owners, newest first."""

    items = fields.List(fields.Nested(AssignmentOut), required=True)


class TagsBody(Shape):
    tag_ids = fields.List(Id(), required=True, validate=long(0, 20))


class TranscriptQuery(Shape):
    notes = fields.Boolean(load_default=False)


class ListQuery(Shape):
    """Which list of the inbox, and which part of it."""

    list = fields.String(
        load_default="queue", validate=one_of("queue", "mine", "escalations", "all_escalations", "bot")
    )
    team_id = fields.Integer(load_default=None, allow_none=True)
    channel_id = fields.Integer(load_default=None, allow_none=True)
    tag_id = fields.Integer(load_default=None, allow_none=True)
    q = CleanText(load_default="", most=200, one_line=True)
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))
