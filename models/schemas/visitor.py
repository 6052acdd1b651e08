"""What a customer's widget may know. An allow-list: nothing is inherited from the console's shapes but what is named."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import MESSAGE_LIMIT, CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.chats import STATES
from models.schemas.media import AttachmentOut, UploadLimits
from models.schemas.messages import AUTHORS, Quote, Sendable, Source


class VisitorAuthor(Shape):
    kind = fields.String(required=True, validate=one_of(*AUTHORS))
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class VisitorData(Shape):
    event = fields.String()
    quick_replies = fields.List(fields.String())
    helped = Flag(metadata={"description": "The customer’s own thumb on an answer of the bot"})
    sources = fields.List(fields.Nested(Source))
    removed_files = fields.List(fields.String(), metadata={"description": "Names of files that are no longer kept"})
    quote = fields.Nested(Quote)
    attachments = fields.List(fields.Nested(AttachmentOut))
    target_id = Id(metadata={"description": "For `message_edited` and `message_deleted`: the message they are about"})
    text = fields.String(metadata={"description": "For `message_edited`: what it says now"})
    broadcast = Flag(metadata={"description": "It went to many; one click stops further ones"})


class VisitorMessage(Shape):
    """One public entry. There is no `all_seq` here: a gap in it would tell that notes exist."""

    id = Id(required=True)
    chat_id = Id(required=True)
    kind = fields.String(required=True, validate=one_of("text", "event"))
    author = fields.Nested(VisitorAuthor, required=True)
    body = fields.String(required=True)
    data = fields.Nested(VisitorData, required=True)
    client_id = fields.String(required=True, allow_none=True)
    pub_seq = Seq(required=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)
    deleted_at = Moment(
        required=True, allow_none=True, metadata={"description": "Only a stub is left; `body` is empty"}
    )


class QueuePlace(Shape):
    """Place in line, and an honest range for the wait (null while too little is known)."""

    chat_id = Id(required=True)
    position = fields.Integer(required=True, metadata={"description": "1 is next"})
    wait_low_s = fields.Integer(required=True, allow_none=True)
    wait_high_s = fields.Integer(required=True, allow_none=True)
    opens_at = Moment(
        required=True, allow_none=True, metadata={"description": "The team is closed until then; null while it is open"}
    )


class VisitorAgent(Shape):
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class VisitorChat(Shape):
    id = Id(required=True)
    previous_chat_id = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, validate=one_of(*STATES))
    version = Seq(required=True)
    pub_seq = Seq(required=True)
    agent = fields.Nested(VisitorAgent, required=True, allow_none=True)
    team_name = fields.String(required=True, allow_none=True)
    agent_read_seq = Seq(required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    rating = fields.Integer(required=True, allow_none=True)
    reply_by_email = Flag(required=True, metadata={"description": "The customer left an address and need not wait"})


class HelpArticle(Shape):
    id = Id(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)


class HelpList(Shape):
    items = fields.List(fields.Nested(HelpArticle), required=True)


class Topic(Shape):
    """A team the customer may choose, and whether it is there now."""

    name = fields.String(required=True)
    opens_at = Moment(required=True, allow_none=True, metadata={"description": "Closed until then; null while open"})


class WidgetConfig(Shape):
    """What the loader and the frame need before anybody has said a word."""

    name = fields.String(required=True)
    brand = fields.String(required=True)
    greeting = fields.String(required=True)
    teaser = fields.String(required=True)
    bot_name = fields.String(required=True)
    bot_enabled = Flag(required=True)
    reply_minutes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Median first reply lately"}
    )
    agents = fields.List(
        fields.Nested(VisitorAgent), required=True, metadata={"description": "At most three who are online"}
    )
    ask_name = Flag(required=True, metadata={"description": "Show the pre-chat form to somebody unknown"})
    topics = fields.List(fields.Nested(Topic), required=True)
    opens_at = Moment(
        required=True, allow_none=True, metadata={"description": "The desk is closed until then; null while it is open"}
    )
    mail = Flag(required=True, metadata={"description": "Answers and transcripts can be mailed"})
    uploads = fields.Nested(UploadLimits, required=True)


class Notice(Shape):
    """What the desk says unasked: a broadcast that came while no chat was open."""

    id = Id(required=True)
    body = fields.String(required=True)
    placed_at = Moment(required=True)
    seen = Flag(required=True)


class NoticeList(Shape):
    """What lies in the customer's widget, the newest first, and whether they want to be written to unasked."""

    items = fields.List(fields.Nested(Notice), required=True)
    wanted = Flag(required=True)


class WantedBody(Shape):
    wanted = Flag(required=True, metadata={"description": "False: no more broadcasts"})


class VisitorState(Shape):
    """The visitor's own snapshot: who they are, the newest chat and its newest 50 entries."""

    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    known = Flag(required=True, metadata={"description": "Has given a name, or was verified"})
    chat = fields.Nested(VisitorChat, required=True, allow_none=True)
    messages = fields.List(fields.Nested(VisitorMessage), required=True)
    place = fields.Nested(QueuePlace, required=True, allow_none=True)
    notices = fields.Nested(NoticeList, required=True)


class VisitorOpen(Shape):
    """Start or resume a visitor's session on one website channel."""

    key = CleanText(required=True, least=8, most=64, one_line=True)
    token = fields.String(load_default=None, allow_none=True, validate=long(20, 200))
    page = CleanText(load_default="", most=500, one_line=True)
    referrer = CleanText(load_default="", most=500, one_line=True)
    language = CleanText(load_default="", most=35, one_line=True)
    time_zone = CleanText(load_default="", most=64, one_line=True)


class VisitorOpened(Shape):
    token = fields.String(required=True, metadata={"description": "256 bit; send it as `Authorization: Bearer`"})
    config = fields.Nested(WidgetConfig, required=True)
    state = fields.Nested(VisitorState, required=True)


class VisitorDetails(Shape):
    """The pre-chat form. What it is about goes with the first message (`VisitorSend.topic`)."""

    name = CleanText(required=True, least=1, most=80, one_line=True)
    email = CleanText(load_default="", most=254, one_line=True)


class EmailBody(Shape):
    email = CleanText(required=True, least=3, most=254, one_line=True)


class EmailInstead(EmailBody):
    """In the queue: do not wait, be answered by e-mail. The chat keeps its place."""

    chat_id = Id(required=True)


class LeaveMessage(EmailBody):
    """Nobody is there: leave a message and an address. It waits in the queue like every other inquiry."""

    client_id = CleanText(required=True, least=8, most=64, one_line=True)
    body = CleanText(required=True, least=1, most=MESSAGE_LIMIT)
    name = CleanText(load_default="", most=80, one_line=True)
    topic = CleanText(load_default="", most=80, one_line=True)


class VisitorSend(Sendable):
    topic = CleanText(
        load_default="", most=80, one_line=True, metadata={"description": "Team name, for a first message"}
    )
    notice_id = Id(
        load_default=None, allow_none=True, metadata={"description": "The notice this answers: it joins the chat first"}
    )


class VisitorSent(Shape):
    """The stored row. `chat` may be a new one: a message after the end continues in a new chat."""

    message = fields.Nested(VisitorMessage, required=True)
    chat = fields.Nested(VisitorChat, required=True)


class VisitorPage(Shape):
    messages = fields.List(fields.Nested(VisitorMessage), required=True)
    head = Seq(required=True)
    more = Flag(required=True)


class VisitorSync(Shape):
    """From a query string, where numbers arrive as text."""

    chat_id = fields.Integer(required=True, validate=between(1, 2**63 - 1))
    after = fields.Integer(load_default=0, validate=between(0, 2**53 - 1))


class AnswerRating(Shape):
    """A thumb on one answer of the bot."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    helped = Flag(required=True)


class RatingIn(Shape):
    chat_id = Id(required=True)
    stars = fields.Integer(required=True, strict=True, validate=between(1, 5))
    comment = CleanText(load_default="", most=1000)


class HelpQuery(Shape):
    q = CleanText(load_default="", most=200, one_line=True)
