"""Messages: what one is, how one is sent and corrected."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.schemas.base import MESSAGE_LIMIT, CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.channels import DeliveryOut
from models.schemas.media import MOST_FILES, AttachmentOut
from models.schemas.people import AgentBrief, TeamBrief
from models.schemas.templates import TemplateRef, TemplateSend

AUTHORS = ("customer", "bot", "agent", "system")
KINDS = ("text", "note", "event")


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


class MessagePage(Shape):
    """Entries in ascending order. `head` is the chat's newest number in the caller's own counter."""

    messages = fields.List(fields.Nested(MessageOut), required=True)
    head = Seq(required=True)
    more = Flag(required=True)


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


class MessagesQuery(Shape):
    """A page of one chat, by `all_seq`: the newest before `before`, or the oldest after `after`."""

    before = fields.Integer(load_default=None, allow_none=True)
    after = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=between(1, 200))
