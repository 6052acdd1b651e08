"""The life of a chat as one table: five states, twenty-three commands, every cell decided.

A chat is with the bot, waits in the queue, is with an agent, is offered to somebody else, or has
ended. `TABLE` says for each state and command whether it may happen and where it leads, or with
which code it is refused; `check` is the one place that refuses. Who may ask (roles, ownership,
limits) is not decided here: an action asks the table first and its own guards after, both under
the chat's row lock. The numbers T1 to T23 are the transitions described in `docs/lifecycle.md`,
whose diagram and table are written from this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models.errors import Conflict
from models.rules.defaults import DEFAULTS


class State(StrEnum):
    """Where a chat is in its life; exactly one at a time."""

    BOT = "bot"
    QUEUED = "queued"
    ACTIVE = "active"
    ESCALATED = "escalated"
    ENDED = "ended"


class Command(StrEnum):
    """Everything that people, timers and the bot can ask of a chat."""

    VISITOR_MESSAGE = "visitor_message"
    VISITOR_END = "visitor_end"
    QUEUE_LEAVE = "queue_leave"
    BOT_HANDOFF = "bot_handoff"
    BOT_RESOLVE = "bot_resolve"
    TAKEOVER = "takeover"
    PICK = "pick"
    AUTO_ASSIGN = "auto_assign"
    AGENT_MESSAGE = "agent_message"
    NOTE = "note"
    TAG = "tag"
    REASSIGN = "reassign"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    REJECT = "reject"
    CANCEL = "cancel"
    OFFER_TIMEOUT = "offer_timeout"
    END = "end"
    RETURN_TO_QUEUE = "return_to_queue"
    OWNER_GONE = "owner_gone"
    IDLE_END = "idle_end"
    FORCE = "force"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The command may happen. `to` is the state it leads to; None leaves the state as it is.

    `or_to` is the other landing of the few commands that have two: a rejected or timed-out offer
    goes back to its owner, or to the queue when that owner is gone.
    """

    to: State | None
    transition: str
    note: str = ""
    or_to: State | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The command does not fit the state; `code` tells the caller why."""

    code: str


Cell = Allowed | Refused

# --- The cells, each named as in the description of the life of a chat ----------------------

STAY = Allowed(None, "", "recorded; the state is not its business")
LATE = Allowed(None, "", "for 72 hours after the end, and audited")
AWAY = Allowed(None, "", "the pick came first: the customer only counts as offline")

T3 = Allowed(State.QUEUED, "T3", "the bot gives up, or the customer asks for a person")
T4 = Allowed(State.ENDED, "T4", "the bot has solved it, or the customer went quiet or left")
T5 = Allowed(State.ACTIVE, "T5", "a person takes over from the bot")
T6 = Allowed(State.ACTIVE, "T6", "an agent starts the chat")
T7 = Allowed(State.ACTIVE, "T7", "the desk gives the chat to the agent with most room")
T8 = Allowed(State.ENDED, "T8", "the customer left the queue, or waited too long")
T9 = Allowed(None, "T9", "another owner, the same state")
T10 = Allowed(State.ESCALATED, "T10", "offered to another agent or team; the owner stays")
T11 = Allowed(State.ACTIVE, "T11", "who accepts becomes the owner")
T12 = Allowed(State.ACTIVE, "T12", "back to its owner; T15: to the queue", or_to=State.QUEUED)
T13 = Allowed(State.ACTIVE, "T13", "the offer is taken back")
T14 = Allowed(State.ACTIVE, "T14", "back to its owner; T15: to the queue", or_to=State.QUEUED)
T16 = Allowed(State.QUEUED, "T16", "the owner returns it, or has gone")
T17 = Allowed(State.ENDED, "T17", "ended with a reason; a pending offer is withdrawn")
T18 = Allowed(State.ENDED, "T18", "the customer ends it; a pending offer is withdrawn")
T19 = Allowed(State.ENDED, "T19", "the customer never answered")
T20 = Allowed(None, "T20", "an ended chat stays ended: the message opens a new chat")
T21 = Allowed(None, "T21", "a supervisor's order names the state it leads to")
T22 = Allowed(State.ENDED, "T22", "merged into another chat, or erased")

WRONG = Refused("state_conflict")
"""It does not fit this state."""

TAKEN = Refused("already_taken")
"""Who wants to take a waiting chat finds it with somebody else."""

OVER = Refused("offer_closed")
"""The offer was decided, withdrawn or never made."""

NOT_YOURS = Refused("not_owner")
"""Nobody's to answer any more; the words go back to the agent's composer and are not lost."""

# Choices the description leaves open, and why:
# - `visitor_end` and `idle_end` with the bot are T4: there is no one else to ask.
# - a full wait in the queue (`queue_expired`) is a `queue_leave` on the customer's behalf.
# - `takeover` and `auto_assign` lose a race exactly as `pick` does, so they get the same answer.
# - notes and tags never reach the customer, so nobody has to pick a chat to leave one.
# - an offered chat is not reassigned, returned or lost: the offer is settled first, and settling
#   it (T12, T14) finds out whether its owner is still there.

# fmt: off
_GRID: Mapping[Command, tuple[Cell, Cell, Cell, Cell, Cell]] = {
    #                         BOT    QUEUED  ACTIVE  ESCALATED  ENDED
    Command.VISITOR_MESSAGE: (STAY,  STAY,   STAY,   STAY,      T20),
    Command.VISITOR_END:     (T4,    T8,     T18,    T18,       WRONG),
    Command.QUEUE_LEAVE:     (WRONG, T8,     AWAY,   AWAY,      WRONG),
    Command.BOT_HANDOFF:     (T3,    WRONG,  WRONG,  WRONG,     WRONG),
    Command.BOT_RESOLVE:     (T4,    WRONG,  WRONG,  WRONG,     WRONG),
    Command.TAKEOVER:        (T5,    WRONG,  TAKEN,  TAKEN,     WRONG),
    Command.PICK:            (WRONG, T6,     TAKEN,  TAKEN,     WRONG),
    Command.AUTO_ASSIGN:     (WRONG, T7,     TAKEN,  TAKEN,     WRONG),
    Command.AGENT_MESSAGE:   (WRONG, WRONG,  STAY,   STAY,      NOT_YOURS),
    Command.NOTE:            (STAY,  STAY,   STAY,   STAY,      LATE),
    Command.TAG:             (STAY,  STAY,   STAY,   STAY,      LATE),
    Command.REASSIGN:        (WRONG, WRONG,  T9,     WRONG,     WRONG),
    Command.ESCALATE:        (WRONG, WRONG,  T10,    WRONG,     WRONG),
    Command.ACCEPT:          (OVER,  OVER,   OVER,   T11,       OVER),
    Command.REJECT:          (OVER,  OVER,   OVER,   T12,       OVER),
    Command.CANCEL:          (OVER,  OVER,   OVER,   T13,       OVER),
    Command.OFFER_TIMEOUT:   (OVER,  OVER,   OVER,   T14,       OVER),
    Command.END:             (WRONG, WRONG,  T17,    T17,       WRONG),
    Command.RETURN_TO_QUEUE: (WRONG, WRONG,  T16,    WRONG,     WRONG),
    Command.OWNER_GONE:      (WRONG, WRONG,  T16,    WRONG,     WRONG),
    Command.IDLE_END:        (T4,    WRONG,  T19,    WRONG,     WRONG),
    Command.FORCE:           (T21,   T21,    T21,    T21,       WRONG),
    Command.MERGE:           (T22,   T22,    T22,    T22,       WRONG),
}
# fmt: on


TABLE: Mapping[tuple[State, Command], Cell] = MappingProxyType(
    {(state, command): cell for command, row in _GRID.items() for state, cell in zip(State, row, strict=True)}
)

_SENTENCES = {
    "state_conflict": "The chat is in another state now.",
    "already_taken": "Somebody else has this chat.",
    "not_owner": "This chat is not yours to answer any more.",
    "offer_closed": "This offer is no longer open.",
}


def check(state: State, command: Command, **facts: object) -> Allowed:
    """Say what the command does in this state, or refuse it with the code of its cell.

    `facts` go with a refusal, for whoever lost a race: the version, the owner, who has it now.
    """
    cell = TABLE[State(state), command]
    if isinstance(cell, Refused):
        raise Conflict(_SENTENCES[cell.code], code=cell.code, state=str(state), **facts)
    return cell


def late_notes_allowed(ended_at: datetime, now: datetime) -> bool:
    """Whether an ended chat still takes notes and tags."""
    return now - ended_at <= DEFAULTS.late_notes


def diagram() -> str:
    """Draw the table for people, as a Mermaid state diagram."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for (state, command), cell in TABLE.items():
        if isinstance(cell, Allowed):
            for landing in filter(None, (cell.to, cell.or_to)):
                arrows.setdefault((state, landing), []).append(f"{cell.transition} {command}")
    lines = ["stateDiagram-v2", "    [*] --> bot: T1 the bot answers first", "    [*] --> queued: T2 no bot"]
    lines.append("    [*] --> active: T23 an agent follows up on an ended chat")
    lines += [
        f"    {source} --> {landing}: {', '.join(labels)}"
        for (source, landing), labels in sorted(arrows.items(), key=_by_state)
    ]
    return "\n".join([*lines, "    ended --> [*]"])


def _by_state(arrow: tuple[tuple[State, State], list[str]]) -> tuple[int, int]:
    order = list(State)
    (source, landing), _ = arrow
    return order.index(source), order.index(landing)
