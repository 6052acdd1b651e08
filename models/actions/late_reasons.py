"""A reason for an end that nobody chose (T18): once, soon after it, by whoever had the chat last or a supervisor.

An ended chat stays as it ended. This is the one thing that may still be said of its end, and it is said in the
chat's own log and in the audit.
"""

from __future__ import annotations

from models.actions import audit, chat_log, chats, promises
from models.actions.chat_log import Row, agent_author
from models.db import atomically
from models.errors import Conflict
from models.queries import customers
from models.queries.access import Permission, Viewer
from models.rules import ending
from models.rules.lifecycle import State


@atomically
def give(viewer: Viewer, chat_id: int, reason: str, note: str = "", promise: Row | None = None) -> None:
    """Say why a chat ended that ended by itself. What ended it stays on record beside the reason.

    Raises `Conflict`: `state_conflict` while it is open, `has_reason`, `too_late`, or `not_owner`.
    """
    viewer.require(Permission.CHAT_ANSWER)
    chosen = chats.reason_in_use(reason)
    explanation = ending.explanation(note, needed=chosen.needs_note)
    ending.require_promise_fits(promise, promises=chosen.promises)
    chat = chats.locked_for(viewer, chat_id)
    if chat.state != State.ENDED:
        raise chats.moved(chat, Conflict("This chat has not ended."))
    if chat.ended_owner_id != viewer.id and not viewer.may(Permission.CHAT_SUPERVISE):
        raise Conflict("This chat was not yours when it ended.", code="not_owner", state=chat.state)
    ending.require_open_reason(chat.end_cause, chat.end_reason, chat.ended_at, chat_log.db_now())
    author = agent_author(viewer)
    made = promises.make(chat, author, **(promise or {})) if chosen.promises else None
    chat_log.change(
        chat,
        "reason_given",
        author,
        public=False,
        data={"reason": reason, **({"promise": made} if made is not None else {})},
        end_reason=reason,
        end_note=explanation,
    )
    audit.note(
        viewer,
        "explained",
        "chat",
        chat.id,
        customers.name_in(chat.id),
        before={"cause": chat.end_cause},
        after={"cause": chat.end_cause, "reason": reason, "note": explanation},
    )
