"""Which commands a chat would accept from this agent now, so that a screen offers no more."""

from __future__ import annotations

from typing import Any

from models.queries.access import Permission, Viewer
from models.rules.lifecycle import TABLE, Allowed, Command, State

_OWNERS = (Command.AGENT_MESSAGE, Command.REASSIGN, Command.RETURN_TO_QUEUE, Command.END)


def commands(viewer: Viewer, chat: dict[str, Any]) -> list[str]:
    """Names of the commands, in the table's order. Limits and presence are checked when one is used."""
    return [command.value for command in Command if _may(viewer, chat, command)]


def _may(viewer: Viewer, chat: dict[str, Any], command: Command) -> bool:
    if not isinstance(TABLE[State(chat["state"]), command], Allowed):
        return False
    supervises = viewer.may(Permission.CHAT_SUPERVISE)
    match command:
        case Command.PICK:
            return viewer.may(Permission.CHAT_ANSWER)
        case Command.TAKEOVER:
            return supervises and viewer.may(Permission.CHAT_ANSWER)
        case Command.AGENT_MESSAGE:
            return bool(chat["owner_id"] == viewer.id)
        case Command.NOTE | Command.TAG:
            return viewer.may(Permission.CHAT_ANSWER)
        case command if command in _OWNERS:
            return bool(chat["owner_id"] == viewer.id) or supervises
        case _:
            return False
