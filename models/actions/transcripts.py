"""A whole chat by letter, after its end: to the customer who asks, or to whom an agent names."""

from __future__ import annotations

from models.actions import chat_log, chats, letters
from models.db import atomically
from models.errors import Conflict
from models.queries import access
from models.queries.access import Permission, Viewer, Visitor
from models.rules.letters import address
from models.rules.lifecycle import State
from models.tables.chats import Chat


@atomically
def mails(viewer: Viewer, chat_id: int, email: str) -> None:
    """An agent has the public part of an ended chat mailed."""
    viewer.require(Permission.CHAT_ANSWER)
    letters.require_mail()
    to = address(email)
    _send(chats.locked_for(viewer, chat_id), to)


@atomically
def mails_own(visitor: Visitor, chat_id: int, email: str) -> None:
    """A customer has their own ended chat mailed to themselves."""
    letters.require_mail()
    to = address(email)
    access.visitor_chat(visitor, chat_id)
    _send(chat_log.locked(chat_id), to)


def _send(chat: Chat, to: str) -> None:
    if chat.state != State.ENDED:
        raise Conflict("A chat is mailed after its end.", state=chat.state)
    letters.transcript(chat, to)
