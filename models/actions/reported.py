"""A bot of somebody else's could not answer: its customer's question goes to a person, and to what is reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.actions import chat_log, chats, conversation, failures, queue
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.db import atomically
from models.rules.failures import Trigger
from models.rules.lifecycle import Command, State
from models.rules.turns import Candidate


@atomically
def failure(draft: Draft, reason: Trigger, candidates: Sequence[dict[str, Any]]) -> Said:
    """Say the question in its customer's name, keep that it failed, and hand over, all of it or nothing.

    The desk's own bot is not asked: somebody has tried already. Reporting twice is reporting once.
    """
    said = conversation.say(draft)
    near = [Candidate(kind=c["kind"], id=c["id"], title=c["title"], score=c["score"]) for c in candidates]
    failures.capture(said.chat_id, said.row["id"], draft.body, reason, candidates=near)
    chat = chat_log.locked(said.chat_id)
    if chat.state == State.BOT:
        chats.guard(chat, Command.BOT_HANDOFF)
        queue.enter(chat, data={"how": reason})
    return said
