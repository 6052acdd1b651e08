"""The command bus: what an agent may ask for, by name, whichever transport carries it.

REST routes and socket events both come here with an authenticated viewer and arguments
that have passed their schema; here they meet the one action that carries them out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from models.actions import (
    agents,
    assignment,
    chats,
    corrections,
    customers,
    desk,
    drafts,
    escalations,
    feedback,
    late_reasons,
    messages,
    offer_course,
    queue,
)
from models.actions.conversation import agent_draft, say
from models.db import transaction
from models.queries import agents as read_agents
from models.queries import chats as read
from models.queries import shapes
from models.queries.access import Permission, Viewer, Visitor
from models.queries.shapes import Out

Run = Callable[..., Any]


class ChatCommand(NamedTuple):
    permission: Permission  # beside seeing the chat
    run: Run
    before: Callable[[int], None] = lambda _: None  # settles what has fallen due, whether the command then holds or not
    answer: Callable[[Viewer, int], Out] = read.seen_by


CHAT_COMMANDS: dict[str, ChatCommand] = {
    "chat:start": ChatCommand(Permission.CHAT_ANSWER, assignment.take),
    "chat:takeover": ChatCommand(Permission.CHAT_SUPERVISE, assignment.take_over),
    "chat:assign": ChatCommand(Permission.CHAT_ANSWER, chats.reassign),
    "chat:move": ChatCommand(Permission.CHAT_SUPERVISE, queue.move),
    "chat:return": ChatCommand(Permission.CHAT_ANSWER, queue.return_chat),
    "chat:end": ChatCommand(Permission.CHAT_ANSWER, chats.end),
    "chat:escalate": ChatCommand(Permission.CHAT_ANSWER, escalations.escalate),
    "chat:accept": ChatCommand(
        Permission.CHAT_ANSWER, escalations.accept, offer_course.settle_overdue, read.seen_by_offered
    ),
    "chat:reject": ChatCommand(
        Permission.CHAT_ANSWER, escalations.reject, offer_course.settle_overdue, read.seen_by_offered
    ),
    "chat:cancel": ChatCommand(Permission.CHAT_ANSWER, escalations.cancel),
    "chat:tag": ChatCommand(Permission.CHAT_ANSWER, chats.set_tags),
    "chat:reason": ChatCommand(Permission.CHAT_ANSWER, late_reasons.give),
}


def on_chat(viewer: Viewer, name: str, *, chat_id: int, key: str | None = None, **args: Any) -> Out:
    """Carry out a chat command and answer with the chat as it is now. The same `key` carries it out once."""
    command = CHAT_COMMANDS[name]
    viewer.require(command.permission)
    command.before(chat_id)
    if key is None:
        command.run(viewer, chat_id, **args)
    else:
        with transaction():
            if desk.first_time(viewer, key, name, chat_id):
                command.run(viewer, chat_id, **args)
    return command.answer(viewer, chat_id)


def send(viewer: Viewer, **args: Any) -> Out:
    """A message or note of an agent, stored; the REST twin of the socket's batched send."""
    viewer.require(Permission.CHAT_ANSWER)
    return {"message": shapes.message(say(agent_draft(viewer, **args)).row)}


def edit_message(viewer: Viewer, chat_id: int, message_id: int, body: str) -> Out:
    return {"message": shapes.message(corrections.edit(viewer, chat_id, message_id, body))}


def delete_message(viewer: Viewer, chat_id: int, message_id: int) -> Out:
    return {"message": shapes.message(corrections.delete(viewer, chat_id, message_id))}


def keep_draft(viewer: Viewer, chat_id: int, mode: str, body: str) -> Out:
    drafts.keep(viewer, chat_id, mode, body)
    return {}


def set_presence(viewer: Viewer, status: str, leave_chats: str = "stay") -> Out:
    agents.choose_status(viewer, status, leave_chats)
    return read_agents.out(viewer.id)


def agent_read(viewer: Viewer, chat_id: int, seq: int, only_delivered: bool = False) -> Out:
    messages.agent_reads(viewer, chat_id, seq, only_delivered)
    return {}


def on_own_chat(visitor: Visitor, run: Run, chat_id: int, **args: Any) -> Out:
    """A customer's command about their own chat; answers with the chat as they may know it."""
    run(visitor, chat_id, **args)
    return shapes.visitor_chat(read.row(chat_id))


def visitor_read(visitor: Visitor, chat_id: int, seq: int, only_delivered: bool = False) -> Out:
    messages.customer_reads(visitor, chat_id, seq, only_delivered)
    return {}


VISITOR_COMMANDS: dict[str, Run] = {
    "chat:person": customers.asks_for_person,
    "chat:leave": customers.leaves,
    "chat:email": customers.leaves_email,
    "chat:end": customers.ends,
    "chat:rate": customers.rates,
    "answer:rate": feedback.rates_answer,
}
