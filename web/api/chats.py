"""Chats: the inbox, one conversation, and every command on it."""

from __future__ import annotations

from typing import Any

from flask import g

from models.queries import assignments as read_assignments
from models.queries import chats as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas import chats as shapes
from models.schemas.events import MessageAck
from models.schemas.messages import MessageBody, MessagePage, MessagesQuery
from web import commands, limits
from web.api.routes import blueprint, route
from web.auth import idempotency_key, may

bp = blueprint("chats", "Chats and what agents do with them")

READ, ANSWER = may(Permission.CHAT_READ), may(Permission.CHAT_ANSWER)


@route(bp, "GET", "/chats", caller=READ, asks=shapes.ListQuery, gives=shapes.ChatPage)
def inbox(**query: Any) -> Out:
    """A page of the Support Queue, of one's own chats, or of the chats the bot holds."""
    return read.inbox(g.viewer, which=query.pop("list"), **query)


@route(bp, "GET", "/chats/<int:chat_id>", caller=READ, gives=shapes.ChatDetail)
def detail(chat_id: int) -> Out:
    """One conversation: the chat, its customer, the newest entries, earlier chats, allowed commands."""
    return read.detail(g.viewer, chat_id)


@route(bp, "GET", "/chats/<int:chat_id>/messages", caller=READ, asks=MessagesQuery, gives=MessagePage)
def messages(chat_id: int, **query: Any) -> Out:
    """A page of entries by `all_seq`: the newest before `before`, or the oldest after `after`."""
    return read.messages(g.viewer, chat_id, **query)


@route(bp, "POST", "/chats/<int:chat_id>/messages", caller=ANSWER, takes=MessageBody, gives=MessageAck, status=201)
def send(chat_id: int, **body: Any) -> Out:
    """Write a message or a note. The same `client_id` again answers with the stored entry."""
    limits.count("agent_message", str(g.viewer.id))
    return commands.send(g.viewer, chat_id=chat_id, **body)


@route(bp, "POST", "/chats/<int:chat_id>/start", caller=ANSWER, gives=shapes.ChatOut)
def start(chat_id: int) -> Out:
    """Start Chat: take a waiting chat. Whoever is first wins; the others are told who."""
    return commands.on_chat(g.viewer, "chat:start", chat_id=chat_id, key=idempotency_key())


@route(bp, "POST", "/chats/<int:chat_id>/takeover", caller=may(Permission.CHAT_SUPERVISE), gives=shapes.ChatOut)
def takeover(chat_id: int) -> Out:
    """Take a chat from the bot, or from whoever has it."""
    return commands.on_chat(g.viewer, "chat:takeover", chat_id=chat_id, key=idempotency_key())


@route(bp, "POST", "/chats/<int:chat_id>/assign", caller=ANSWER, takes=shapes.AssignBody, gives=shapes.ChatOut)
def assign(chat_id: int, **body: Any) -> Out:
    """Hand a chat to another agent who is online and has room. `override`: beyond their limit, by a supervisor."""
    return commands.on_chat(g.viewer, "chat:assign", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "GET", "/chats/<int:chat_id>/assignments", caller=READ, gives=shapes.AssignmentList)
def assignments(chat_id: int) -> Out:
    """How the chat came to its owners, newest first; where the desk chose, with everybody it considered."""
    return read_assignments.of_chat(g.viewer, chat_id)


@route(
    bp,
    "POST",
    "/chats/<int:chat_id>/move",
    caller=may(Permission.CHAT_SUPERVISE),
    takes=shapes.MoveBody,
    gives=shapes.ChatOut,
)
def move(chat_id: int, **body: Any) -> Out:
    """Send a chat to another team, or change its priority. A waiting chat changes queues, another keeps its owner."""
    return commands.on_chat(g.viewer, "chat:move", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "POST", "/chats/<int:chat_id>/return", caller=ANSWER, takes=shapes.ReturnBody, gives=shapes.ChatOut)
def give_back(chat_id: int, **body: Any) -> Out:
    """Return a chat to the queue, with high priority and its original waiting time."""
    return commands.on_chat(g.viewer, "chat:return", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "POST", "/chats/<int:chat_id>/end", caller=ANSWER, takes=shapes.EndBody, gives=shapes.ChatOut)
def end(chat_id: int, **body: Any) -> Out:
    """End a chat with one of the five reasons. Others needs an explanation."""
    return commands.on_chat(g.viewer, "chat:end", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "POST", "/chats/<int:chat_id>/reason", caller=ANSWER, takes=shapes.EndBody, gives=shapes.ChatOut)
def reason(chat_id: int, **body: Any) -> Out:
    """Say why a chat ended that ended by itself: once, within 24 hours."""
    return commands.on_chat(g.viewer, "chat:reason", chat_id=chat_id, key=idempotency_key(), **body)


@route(bp, "PUT", "/chats/<int:chat_id>/tags", caller=ANSWER, takes=shapes.TagsBody, gives=shapes.ChatOut)
def tags(chat_id: int, **body: Any) -> Out:
    """Make these the chat's tags."""
    return commands.on_chat(g.viewer, "chat:tag", chat_id=chat_id, key=idempotency_key(), **body)
