"""Which commands a chat would accept from this agent now, so that a screen offers no more."""

from __future__ import annotations

from typing import Any

from models.clock import now
from models.queries import offers
from models.queries.access import Permission, Viewer
from models.rules.ending import open_to_reason
from models.rules.lifecycle import TABLE, Allowed, Command, State

_OWNERS = (
    Command.AGENT_MESSAGE,
    Command.REASSIGN,
    Command.RETURN_TO_QUEUE,
    Command.ESCALATE,
    Command.CANCEL,
    Command.END,
)

_BY_ORDER = {
    State.BOT: (Command.END,),
    State.QUEUED: (Command.END,),
    State.ACTIVE: (Command.TAKEOVER,),
    State.ESCALATED: (Command.TAKEOVER,),
}
"""What a supervisor orders by a command of its own (T21). `force` itself stands for another team or priority."""


def commands(viewer: Viewer, chat: dict[str, Any]) -> list[str]:
    """Names of the commands, in the table's order. Limits and presence are checked when one is used."""
    found = [command.value for command in Command if _may(viewer, chat, command)]
    return [*found, GIVE_REASON] if _may_give_reason(viewer, chat) else found


GIVE_REASON = "give_reason"
"""No command of the table, for it leaves the state alone: why a chat ended that ended by itself."""


def _may_give_reason(viewer: Viewer, chat: dict[str, Any]) -> bool:
    had_it = viewer.may(Permission.CHAT_SUPERVISE) or chat["ended_owner_id"] == viewer.id
    return had_it and open_to_reason(chat["end_cause"], chat["end_reason"], chat["ended_at"], now())


def _may(viewer: Viewer, chat: dict[str, Any], command: Command) -> bool:
    supervises = viewer.may(Permission.CHAT_SUPERVISE)
    if supervises and command in _BY_ORDER.get(State(chat["state"]), ()):
        return bool(chat["owner_id"] != viewer.id)
    if not isinstance(TABLE[State(chat["state"]), command], Allowed):
        return False
    match command:
        case Command.TAKEOVER | Command.FORCE:
            return supervises
        case Command.ACCEPT | Command.REJECT:
            return offers.may_take(viewer, chat["escalation"])
        case Command.AGENT_MESSAGE:
            return bool(chat["owner_id"] == viewer.id)
        case Command.PICK | Command.NOTE | Command.TAG:
            return viewer.may(Permission.CHAT_ANSWER)
        case command if command in _OWNERS:
            return bool(chat["owner_id"] == viewer.id) or supervises
        case _:
            return False
