"""Broadcasts: their states and what may be done in each, who must type a number first, and how fast they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.errors import Conflict, Invalid
from models.rules import marks, wording

TITLE_MOST, BODY_MOST, SUBJECT_MOST = 120, 2_000, 200
"""A title is one line of a list; a body is read in a window 400 pixels wide by somebody who did not ask for it."""

CONFIRM_ABOVE = 500
"""To more people than this nothing is sent before somebody has typed how many they are."""

RATE_LEAST, RATE_MOST, RATE_USUAL = 1, 1_000, 20
"""Recipients a second. The usual pace leaves an agents' desk the time to answer those who write back."""

BURST_S = 0.5
"""What a pause of the senders leaves unused is made up for by at most half a second's worth at once."""

ANSWER_DAYS = 7
"""Where nothing says what somebody answers, whoever begins a chat within so many days of a broadcast answers that."""

BACKOFF_S = (5, 30, 120, 600)
"""Seconds before another try of one that its channel could not take just now; after the last it has failed."""


class State(StrEnum):
    """Where a broadcast is. `done` reached somebody, or had nobody to reach; `failed` reached nobody it tried."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What stands in the ledger for one recipient. The last four are final, but for `failed`, which may be retried."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Command(StrEnum):
    EDIT = "edit"
    DELETE = "delete"
    SCHEDULE = "schedule"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"


MOVES: Mapping[Command, frozenset[State]] = {
    Command.EDIT: frozenset({State.DRAFT}),
    Command.DELETE: frozenset({State.DRAFT}),
    Command.SCHEDULE: frozenset({State.DRAFT}),
    Command.BEGIN: frozenset({State.SCHEDULED}),
    Command.PAUSE: frozenset({State.SENDING}),
    Command.RESUME: frozenset({State.PAUSED}),
    Command.CANCEL: frozenset({State.SCHEDULED, State.SENDING, State.PAUSED}),
    Command.RETRY: frozenset({State.SENDING, State.PAUSED, State.DONE, State.FAILED}),
}
"""In which states each command is taken."""

_REFUSALS = {
    Command.EDIT: "A broadcast that is scheduled or sent is not changed any more.",
    Command.DELETE: "A broadcast that is scheduled or sent stays as a record. Cancel it instead.",
    Command.SCHEDULE: "This broadcast is scheduled or sent already.",
    Command.PAUSE: "Only a broadcast that is being sent can be paused.",
    Command.RESUME: "Only a paused broadcast can go on.",
    Command.CANCEL: "There is nothing left to cancel.",
    Command.RETRY: "What has failed can be tried again once the broadcast is being sent, or has ended by itself.",
}


def require(command: Command, state: str) -> None:
    """Raise `Conflict` (`broadcast_state`, with `broadcast`: the state it is in) when the state does not take this."""
    if state not in MOVES[command]:
        raise Conflict(_REFUSALS[command], code="broadcast_state", broadcast=state)


def require_confirmed(reachable: int, typed: int | None) -> None:
    """Above `CONFIRM_ABOVE` people the very number has to be typed. A number that is given is never a wrong one.

    Raises `Invalid` (`confirm_count`, with `count`: how many they are now).
    """
    if typed == reachable or (typed is None and reachable <= CONFIRM_ABOVE):
        return
    raise Invalid(
        f"Type {reachable} to confirm that this goes to so many people.", code="confirm_count", count=reachable
    )


def words(body: str, *, formats: bool, stop: str | None) -> str:
    """What is sent of a broadcast by one channel. `formats`: whether it knows the marks of bold and the like; `stop`: the
    address that ends broadcasts, where that is not said beside the words.
    """
    said = body if formats else marks.without(body)
    return said if stop is None else wording.stopping(said, stop)


def require_fits(words: int, longest: int, channel: str) -> None:
    """Raise `Invalid` (`too_long_there`, with `channel` and `over`: by how many characters) for what a channel cannot take."""
    if words > longest:
        raise Invalid(
            f"{channel} takes {longest} characters, and this is {words} with the line about stopping.",
            code="too_long_there",
            channel=channel,
            over=words - longest,
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many may go now, and, where that is none, after how many seconds to ask again."""

    many: int
    wait_s: float


def allowance(slot_at: datetime | None, now: datetime, rate: int, most: int) -> Allowance:
    """How many recipients may be claimed now at `rate` a second, at most `most`. `slot_at`: when the next one's turn is."""
    first = _first_slot(slot_at, now, rate)
    if first > now:
        return Allowance(0, (first - now).total_seconds())
    return Allowance(min(most, 1 + int((now - first).total_seconds() * rate)), 0.0)


def slot_after(slot_at: datetime | None, now: datetime, rate: int, taken: int) -> datetime:
    """When the next one's turn is, `taken` having been claimed now."""
    return _first_slot(slot_at, now, rate) + timedelta(seconds=taken / rate)


def _first_slot(slot_at: datetime | None, now: datetime, rate: int) -> datetime:
    """The turn of the next one; turns that nobody took are lost but for the last half second's."""
    if slot_at is None:
        return now
    return max(slot_at, now - timedelta(seconds=max(BURST_S - 1 / rate, 0)))


def again_after(attempt: int, asked_s: float | None) -> float | None:
    """Seconds until the next try after the attempt of this number; None when there is none. Never before `asked_s`."""
    if attempt > len(BACKOFF_S):
        return None
    return max(BACKOFF_S[attempt - 1], asked_s or 0)


def ended_as(sent: int, failed: int, unknown: int) -> State:
    """What a broadcast is when nobody is left to send to."""
    return State.FAILED if failed and not sent and not unknown else State.DONE
