"""Chats and messages, as the console sees them."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validates_schema

from models.schemas.base import MESSAGE_LIMIT, CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.people import AgentBrief, CustomerBrief, CustomerOut, TeamBrief

STATES = ("bot", "queued", "active", "escalated", "ended")
END_REASONS = ("resolved", "no_response", "follow_up", "time_waster", "other")
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


class TagOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class ChannelOut(Shape):
    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of("web"))
    name = fields.String(required=True)


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


class MessageData(Shape):
    """What a message carries beside its text. Every field may be missing."""

    event = fields.String(metadata={"description": "For kind `event`: its name, such as `assigned` or `ended`"})
    quick_replies = fields.List(
        fields.String(), metadata={"description": "Offered by the bot; the last asks for a person"}
    )
    sources = fields.List(fields.Nested(Source))
    failed = Flag(metadata={"description": "The bot could not answer; a failed response was recorded"})
    agent = fields.Nested(AgentBrief, allow_none=True, metadata={"description": "Whom the event is about"})
    by = fields.Nested(AgentBrief, allow_none=True, metadata={"description": "Who did it, when that is another"})
    team = fields.Nested(TeamBrief, allow_none=True)
    how = fields.String(metadata={"description": "pick, auto, takeover, reassign, returned, owner_gone …"})
    reason = fields.String(allow_none=True)
    waited_s = fields.Integer(metadata={"description": "Seconds spent in the queue"})


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
    end_reason = fields.String(required=True, allow_none=True, validate=one_of(*END_REASONS))
    end_note = fields.String(required=True, allow_none=True)
    rating = fields.Integer(required=True, allow_none=True, metadata={"description": "1-5 stars"})
    rating_comment = fields.String(required=True, allow_none=True)


class MessagePage(Shape):
    """Entries in ascending order. `head` is the chat's newest number in the caller's own counter."""

    messages = fields.List(fields.Nested(MessageOut), required=True)
    head = Seq(required=True)
    more = Flag(required=True)


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
    allowed = fields.List(
        fields.String(), required=True, metadata={"description": "Commands that would be accepted from this agent now"}
    )


class ChatPage(Shape):
    items = fields.List(fields.Nested(ChatOut), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` for the next page"})


class MessageSend(Shape):
    """A message or, with `internal`, a note. The same `client_id` twice is stored once."""

    chat_id = Id(required=True)
    client_id = CleanText(required=True, least=8, most=64, one_line=True)
    body = CleanText(required=True, least=1, most=MESSAGE_LIMIT)
    internal = Flag(load_default=False)


class MessageBody(MessageSend):
    """The same, where the URL already names the chat."""

    class Meta(Shape.Meta):
        exclude = ("chat_id",)


class ChatRef(Shape):
    chat_id = Id(required=True)


class SyncIn(ChatRef):
    """Ask for what was missed. `after` is the last number applied, in the caller's own counter."""

    after = Seq(required=True)


class TypingIn(ChatRef):
    on = Flag(required=True)


class ReadIn(ChatRef):
    """Everything up to `seq` (a `pub_seq`) has been seen by a person; with `only_delivered`, has merely arrived."""

    seq = Seq(required=True)
    only_delivered = Flag(load_default=False)


class EndBody(Shape):
    reason = fields.String(required=True, validate=one_of(*END_REASONS))
    note = CleanText(load_default="", most=500)

    @validates_schema
    def others_needs_an_explanation(self, data: dict[str, str], **_: object) -> None:
        if data.get("reason") == "other" and len(data.get("note", "")) < 3:
            raise ValidationError({"note": ["Others needs an explanation of 3 to 500 characters."]})


class EndIn(EndBody, ChatRef):
    pass


class AssignBody(Shape):
    agent_id = Id(required=True)
    note = CleanText(load_default="", most=2000)


class AssignIn(AssignBody, ChatRef):
    pass


class ReturnBody(Shape):
    reason = CleanText(load_default="", most=500)


class ReturnIn(ReturnBody, ChatRef):
    pass


class TagsBody(Shape):
    tag_ids = fields.List(Id(), required=True, validate=long(0, 20))


class CannedOut(Shape):
    id = Id(required=True)
    shortcut = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(
        required=True, metadata={"description": "May hold {{customer.name}}, {{agent.name}} and other variables"}
    )
    team = fields.Nested(TeamBrief, required=True, allow_none=True)


class CannedList(Shape):
    items = fields.List(fields.Nested(CannedOut), required=True)


class TagList(Shape):
    items = fields.List(fields.Nested(TagOut), required=True)


class ListQuery(Shape):
    """Which list of the inbox, and which part of it."""

    list = fields.String(load_default="queue", validate=one_of("queue", "mine", "bot"))
    team_id = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class HistoryQuery(Shape):
    """Ended chats, newest first."""

    scope = fields.String(load_default="all", validate=one_of("all", "mine"))
    q = CleanText(load_default="", most=200, one_line=True)
    reason = fields.String(load_default=None, allow_none=True, validate=one_of(*END_REASONS))
    agent_id = fields.Integer(load_default=None, allow_none=True)
    team_id = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=30, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class MessagesQuery(Shape):
    """A page of one chat, by `all_seq`: the newest before `before`, or the oldest after `after`."""

    before = fields.Integer(load_default=None, allow_none=True)
    after = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=between(1, 200))
