"""Chats and messages, as the console sees them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.schemas.base import MESSAGE_LIMIT, CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.channels import ChannelCan, DeliveryOut
from models.schemas.customers import CustomerBrief, CustomerOut, SessionBrief, TagOut
from models.schemas.escalations import CancelBody, EscalateBody, EscalationOut, RejectBody
from models.schemas.media import MOST_FILES, AttachmentOut
from models.schemas.people import AgentBrief, TeamBrief
from models.schemas.templates import TemplateRef, TemplateSend

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
AUTHORS = ("customer", "bot", "agent", "system")
KINDS = ("text", "note", "event")


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


class Author(Shape):
    """Who said it. `id` is the agent's or customer's number; the bot and the system have none."""

    kind = fields.String(required=True, validate=one_of(*AUTHORS))
    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class Source(Shape):
    """What the bot's answer rests on."""

    kind = fields.String(required=True, validate=one_of("service", "article"))
    id = Id(required=True)
    title = fields.String(required=True)


class Quote(Shape):
    """Another message of the same chat. What is corrected there is corrected here."""

    id = Id(required=True)
    author_kind = fields.String(required=True, validate=one_of(*AUTHORS))
    author_name = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "At most 200 characters; empty for a file alone"})
    deleted = Flag(metadata={"description": "The quoted message was deleted since, and its words with it"})


class MentionRef(Shape):
    """Who is named in a note: an agent, or everybody in a team."""

    kind = fields.String(required=True, validate=one_of("agent", "team"))
    id = Id(required=True)


class MentionOut(MentionRef):
    name = fields.String(required=True)


class RuleBrief(Shape):
    id = Id(required=True)
    name = fields.String(required=True)


class PromiseBrief(Shape):
    id = Id(required=True)
    due_at = Moment(required=True)
    owner = fields.Nested(AgentBrief, required=True)


class BroadcastRef(Shape):
    """The broadcast that a message was one of."""

    id = Id(required=True)
    title = fields.String(required=True)
    notice_id = Id(required=True)


class MessageData(Shape):
    """What a message carries beside its text. Every field may be missing."""

    event = fields.String(metadata={"description": "For kind `event`: its name, such as `assigned` or `ended`"})
    quick_replies = fields.List(
        fields.String(), metadata={"description": "Offered by the bot; the last asks for a person"}
    )
    sources = fields.List(fields.Nested(Source))
    helped = Flag(
        metadata={"description": "The customer’s thumb on an answer of the bot, and for `answer_rated` what it is now"}
    )
    failed = Flag(metadata={"description": "The bot could not answer; a failed response was recorded"})
    agent = fields.Nested(AgentBrief, allow_none=True, metadata={"description": "Whom the event is about"})
    by = fields.Nested(AgentBrief, allow_none=True, metadata={"description": "Who did it, when that is another"})
    team = fields.Nested(TeamBrief, allow_none=True)
    how = fields.String(metadata={"description": "pick, auto, takeover, reassign, returned, owner_gone …"})
    reason = fields.String(allow_none=True)
    waited_s = fields.Integer(metadata={"description": "Seconds spent in the queue"})
    quote = fields.Nested(Quote)
    attachments = fields.List(fields.Nested(AttachmentOut))
    removed_files = fields.List(
        fields.String(), metadata={"description": "Names of files that were kept for as long as the desk keeps them"}
    )
    mentions = fields.List(fields.Nested(MentionOut), metadata={"description": "Notes only"})
    broadcast = fields.Nested(BroadcastRef, metadata={"description": "It went to many customers at once"})
    target_id = Id(
        metadata={
            "description": "For `message_edited`, `message_deleted` and `answer_rated`: the message they are about"
        }
    )
    text = fields.String(metadata={"description": "For `message_edited`: what it says now"})
    policy = fields.String(metadata={"description": "For `assigned`: least_loaded, round_robin, sticky"})
    load = fields.Integer(  # type: ignore[assignment]  # the metaclass takes fields off the class
        metadata={"description": "For `assigned`: chats the agent had before this one"}
    )
    limit = fields.Integer(metadata={"description": "For `assigned`: chats at a time"})
    considered = fields.Integer(metadata={"description": "For `assigned`: how many agents were looked at"})
    over_limit = Flag(metadata={"description": "For `assigned`: a supervisor gave it beyond the limit"})
    rule = fields.Nested(RuleBrief, allow_none=True, metadata={"description": "The routing rule that chose the team"})
    priority = fields.Integer(metadata={"description": "For `queued` and `moved`: 0 normal, 1 high, 2 urgent"})
    promise = fields.Nested(PromiseBrief, allow_none=True)
    opens_at = fields.String(allow_none=True, metadata={"description": "For `queued`: closed now, opens then"})
    escalation_id = Id(metadata={"description": "For `escalated` and all that follows from it"})
    target = fields.String(metadata={"description": "For `escalated`: to whom, by name"})
    expected_at = Moment(metadata={"description": "For `escalated` and `promise_extended`: the customer was told so"})
    template = fields.Nested(TemplateRef, metadata={"description": "Its text is an approved template, filled in"})
    channel = fields.Dict(metadata={"description": "What its channel says of a message: where a mail came from …"})
    note = fields.String(
        metadata={"description": "For `escalation_rejected` and `escalation_declined`: in their words"}
    )


class MessageOut(Shape):
    """One numbered entry of a chat. `pub_seq` is null for what customers never see."""

    id = Id(required=True)
    chat_id = Id(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    author = fields.Nested(Author, required=True)
    body = fields.String(required=True)
    data = fields.Nested(MessageData, required=True)
    client_id = fields.String(required=True, allow_none=True)
    all_seq = Seq(required=True)
    pub_seq = Seq(required=True, allow_none=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)
    deleted_at = Moment(
        required=True, allow_none=True, metadata={"description": "Only a stub is left; `body` is empty"}
    )
    delivery = fields.Nested(
        DeliveryOut,
        required=True,
        allow_none=True,
        metadata={"description": "Null for what goes to the website, or to nobody"},
    )


class MessageDelivery(Shape):
    """How far a message is on its way. What is newer replaces what is older."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    delivery = fields.Nested(DeliveryOut, required=True)


class LastMessage(Shape):
    author_kind = fields.String(required=True, validate=one_of(*AUTHORS))
    author_id = fields.Integer(required=True, allow_none=True)
    body = fields.String(required=True, metadata={"description": "At most 200 characters"})
    at = Moment(required=True)


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


class MessagePage(Shape):
    """Entries in ascending order. `head` is the chat's newest number in the caller's own counter."""

    messages = fields.List(fields.Nested(MessageOut), required=True)
    head = Seq(required=True)
    more = Flag(required=True)


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


class Sendable(Shape):
    """What every message is made of. The same `client_id` twice is stored once. Text, files, or both."""

    client_id = CleanText(required=True, least=8, most=64, one_line=True)
    body = CleanText(required=True, most=MESSAGE_LIMIT)
    quote_id = Id(load_default=None, allow_none=True)
    attachment_ids = fields.List(Id(), load_default=list, validate=long(0, MOST_FILES))

    @validates_schema
    def says_something(self, data: dict[str, object], **_: object) -> None:
        if not data.get("body") and not data.get("attachment_ids") and not data.get("template"):
            raise ValidationError({"body": ["This is empty."]})


class MessageSend(Sendable):
    """A message or, with `internal`, a note, which may name colleagues."""

    chat_id = Id(required=True)
    internal = Flag(load_default=False)
    mentions = fields.List(fields.Nested(MentionRef), load_default=list, validate=long(0, 20))
    canned_id = Id(load_default=None, allow_none=True, metadata={"description": "The canned message it came from"})

    template = fields.Nested(
        TemplateSend,
        load_default=None,
        allow_none=True,
        metadata={"description": "An approved text instead of `body`, which stays empty"},
    )

    @validates_schema
    def template_goes_alone(self, data: dict[str, Any], **_: object) -> None:
        if data.get("template") and (data.get("internal") or data.get("body") or data.get("attachment_ids")):
            raise ValidationError({"template": ["A template is a message of its own: without text, files and notes."]})

    @validates_schema
    def only_notes_mention(self, data: dict[str, object], **_: object) -> None:
        if data.get("mentions") and not data.get("internal"):
            raise ValidationError({"mentions": ["Only notes can mention colleagues."]})


class MessageBody(MessageSend):
    """The same, where the URL already names the chat."""

    class Meta(Shape.Meta):
        exclude = ("chat_id",)


class ChatRef(Shape):
    chat_id = Id(required=True)


class MessageRef(ChatRef):
    """A message that is to be deleted; a stub stays."""

    message_id = Id(required=True)


class EditBody(Shape):
    body = CleanText(required=True, least=1, most=MESSAGE_LIMIT)


class EditMessage(EditBody, MessageRef):
    """Correct one's own message while the customer has not read it."""


class VersionOut(Shape):
    """What a message said before it was edited or deleted."""

    how = fields.String(required=True, validate=one_of("edited", "deleted"))
    body = fields.String(required=True)
    files = fields.List(fields.String(), required=True, metadata={"description": "Names of files that went with it"})
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    replaced_at = Moment(required=True)


class VersionList(Shape):
    """Oldest first; what the message says now is not among them."""

    items = fields.List(fields.Nested(VersionOut), required=True)


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


class MessagesQuery(Shape):
    """A page of one chat, by `all_seq`: the newest before `before`, or the oldest after `after`."""

    before = fields.Integer(load_default=None, allow_none=True)
    after = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=between(1, 200))
