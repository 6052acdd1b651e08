"""The widget's own API: a browser is somebody by its bearer token, and sees that somebody's chats alone."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request

from models.actions import customers, feedback, notices, transcripts, visitors
from models.actions.conversation import customer_draft, say
from models.queries import chats as read
from models.queries import knowledge, shapes
from models.queries import notices as read_notices
from models.queries import visitors as read_visitors
from models.queries.shapes import Out
from models.schemas import visitor as schemas
from models.schemas.base import CleanText, Flag, Shape
from models.schemas.events import Done
from models.schemas.people import TicketOut
from web import commands, limits
from web.api.routes import blueprint, route
from web.auth import ANYBODY, VISITOR, require_allowed_site

bp = blueprint("visitor", "What the customer's widget asks")

HELP_ARTICLES = 5


class ConfigQuery(Shape):
    key = CleanText(required=True, least=8, most=64, one_line=True)


class ThumbBody(Shape):
    helped = Flag(required=True)


class RatingBody(schemas.RatingIn):
    class Meta(Shape.Meta):
        exclude = ("chat_id",)


@route(bp, "GET", "/widget/config", caller=ANYBODY, asks=ConfigQuery, gives=schemas.WidgetConfig)
def config(key: str) -> Response:
    """What loader and frame need before anybody has said a word. Readable from the channel's own sites."""
    channel = read_visitors.channel(key)
    response = jsonify(read_visitors.config())
    origin = request.headers.get("Origin")
    if origin in channel["allowed_origins"]:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Vary"] = "Origin"
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@route(bp, "POST", "/visitor/session", caller=ANYBODY, takes=schemas.VisitorOpen, gives=schemas.VisitorOpened)
def open_session(key: str, token: str | None, **facts: str) -> Out:
    """Start or resume a visitor's session. An unknown or expired token starts a new one."""
    limits.count("visitor_session", limits.client_address())
    channel = read_visitors.channel(key)
    require_allowed_site(channel["allowed_origins"])
    token, visitor = visitors.arrives(
        channel["id"],
        token,
        **facts,
        browser=request.headers.get("User-Agent", ""),
        address=limits.client_address(),
    )
    return {"token": token, "config": read_visitors.config(), "state": read_visitors.state(visitor)}


@route(bp, "GET", "/visitor/state", caller=VISITOR, gives=schemas.VisitorState)
def state() -> Out:
    """The visitor's snapshot: who they are, the newest chat and its newest entries."""
    return read_visitors.state(g.visitor)


@route(bp, "POST", "/visitor/ticket", caller=VISITOR, gives=TicketOut, status=201)
def ticket() -> Out:
    """A one-use ticket for one visitor socket."""
    limits.count("ticket", f"customer:{g.visitor.customer_id}")
    return {"ticket": visitors.ticket_for(g.visitor)}


@route(bp, "PUT", "/visitor/details", caller=VISITOR, takes=schemas.VisitorDetails, gives=schemas.VisitorState)
def details(name: str, email: str) -> Out:
    """The pre-chat form."""
    customers.introduces(g.visitor, name, email)
    return read_visitors.state(g.visitor)


@route(
    bp, "POST", "/visitor/messages", caller=VISITOR, takes=schemas.VisitorSend, gives=schemas.VisitorSent, status=201
)
def send(**body: Any) -> Out:
    """Write a message. It opens a chat when there is none, and continues one that has ended."""
    limits.count("visitor_message", str(g.visitor.customer_id))
    said = say(customer_draft(g.visitor, **body))
    return {
        "message": shapes.visitor_message(said.row),
        "chat": shapes.visitor_chat(read.row(said.chat_id)),
    }


@route(bp, "GET", "/visitor/messages", caller=VISITOR, asks=schemas.VisitorSync, gives=schemas.VisitorPage)
def messages(chat_id: int, after: int) -> Out:
    """What was missed of one's own chat since `after`, a `pub_seq`."""
    return read.visitor_sync(g.visitor, chat_id, after)


@route(bp, "POST", "/visitor/chats/<int:chat_id>/person", caller=VISITOR, gives=schemas.VisitorChat)
def person(chat_id: int) -> Out:
    """Ask for a person."""
    return commands.on_own_chat(g.visitor, customers.asks_for_person, chat_id)


@route(bp, "POST", "/visitor/chats/<int:chat_id>/leave", caller=VISITOR, gives=schemas.VisitorChat)
def leave(chat_id: int) -> Out:
    """Leave the queue. If somebody has just picked the chat, it goes on."""
    return commands.on_own_chat(g.visitor, customers.leaves, chat_id)


@route(
    bp,
    "POST",
    "/visitor/chats/<int:chat_id>/email",
    caller=VISITOR,
    takes=schemas.EmailBody,
    gives=schemas.VisitorChat,
)
def by_email(chat_id: int, email: str) -> Out:
    """Do not wait: be answered by e-mail. The chat keeps its place in the queue."""
    limits.count("visitor_letter", str(g.visitor.customer_id))
    return commands.on_own_chat(g.visitor, customers.leaves_email, chat_id, email=email)


@route(bp, "POST", "/visitor/leave", caller=VISITOR, takes=schemas.LeaveMessage, gives=schemas.VisitorSent, status=201)
def leave_message(**body: Any) -> Out:
    """Nobody is there: leave a message and an address. It waits in the queue like every other inquiry."""
    limits.count("visitor_message", str(g.visitor.customer_id))
    said = customers.leaves_message(g.visitor, **body)
    return {
        "message": shapes.visitor_message(said.row),
        "chat": shapes.visitor_chat(read.row(said.chat_id)),
    }


@route(
    bp,
    "POST",
    "/visitor/chats/<int:chat_id>/transcript",
    caller=VISITOR,
    takes=schemas.EmailBody,
    gives=Done,
    status=202,
)
def mail_transcript(chat_id: int, email: str) -> Out:
    """Have one's own ended chat sent by e-mail."""
    limits.count("visitor_letter", str(g.visitor.customer_id))
    limits.count("letter_address", email.lower())
    transcripts.mails_own(g.visitor, chat_id, email)
    return {}


@route(bp, "POST", "/visitor/chats/<int:chat_id>/end", caller=VISITOR, gives=schemas.VisitorChat)
def end(chat_id: int) -> Out:
    """End the chat, wherever it is."""
    return commands.on_own_chat(g.visitor, customers.ends, chat_id)


@route(bp, "POST", "/visitor/chats/<int:chat_id>/rating", caller=VISITOR, takes=RatingBody, gives=schemas.VisitorChat)
def rate(chat_id: int, **body: Any) -> Out:
    """Rate an ended chat, once."""
    return commands.on_own_chat(g.visitor, customers.rates, chat_id, **body)


@route(
    bp,
    "PUT",
    "/visitor/chats/<int:chat_id>/answers/<int:message_id>",
    caller=VISITOR,
    takes=ThumbBody,
    gives=schemas.VisitorChat,
)
def rate_answer(chat_id: int, message_id: int, helped: bool) -> Out:
    """A thumb up or down on one answer of the bot. The last one counts."""
    limits.count("visitor_read", str(g.visitor.customer_id))
    return commands.on_own_chat(g.visitor, feedback.rates_answer, chat_id, message_id=message_id, helped=helped)


@route(bp, "POST", "/visitor/notices/seen", caller=VISITOR, gives=schemas.NoticeList)
def seen() -> Out:
    """Everything that lies in one's widget has been looked at."""
    notices.seen(g.visitor)
    return _notices()


@route(bp, "POST", "/visitor/notices/<int:notice_id>/close", caller=VISITOR, gives=schemas.NoticeList)
def close(notice_id: int) -> Out:
    """Put one notice away."""
    notices.close(g.visitor, notice_id)
    return _notices()


@route(bp, "PUT", "/visitor/broadcasts", caller=VISITOR, takes=schemas.WantedBody, gives=schemas.NoticeList)
def broadcasts(wanted: bool) -> Out:
    """Want no more messages unasked, or want them again."""
    notices.opts(g.visitor, out=not wanted)
    return _notices()


def _notices() -> Out:
    return read_notices.waiting(g.visitor.customer_id, g.visitor.channel_id)


@route(bp, "GET", "/visitor/help", caller=VISITOR, asks=schemas.HelpQuery, gives=schemas.HelpList)
def help_articles(q: str) -> Out:
    """Published articles that fit the words, or the first few when there are none."""
    limits.count("visitor_read", str(g.visitor.customer_id))
    return {"items": knowledge.help_articles(q, HELP_ARTICLES)}


@route(bp, "GET", "/visitor/help/<int:article_id>", caller=VISITOR, gives=schemas.HelpArticle)
def help_article(article_id: int) -> Out:
    """One published article: the source of an answer."""
    limits.count("visitor_read", str(g.visitor.customer_id))
    return knowledge.help_article(article_id)
