"""What an escalation offer goes through while nobody takes it, and what its customer is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from models.errors import Invalid
from models.rules import hours as opening
from models.rules.hours import OpeningHours

MOST_STEPS = 8
"""Longer ladders nobody climbs: the customer was promised an answer."""


class OfferState(StrEnum):
    """An offer is pending until exactly one of the others is its end."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"


class Rejection(StrEnum):
    """Why an offer is declined; words of one's own go with each."""

    WRONG_TEAM = "wrong_team"
    MISSING_FACTS = "missing_facts"
    NO_TIME = "no_time"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class Cancellation(StrEnum):
    """Why its origin takes an offer back."""

    MISTAKE = "mistake"
    NO_AGENTS = "no_agents"


class StepKind(StrEnum):
    """One thing that happens to an offer that waits."""

    REMIND = "remind"  # call those who could take it once more
    TEAM = "team"  # offer it to another team
    SUPERVISORS = "supervisors"  # offer it to the supervisors
    ORIGIN = "origin"  # back to who had it
    QUEUE = "queue"  # into the Support Queue, with high priority


LAST = frozenset({StepKind.ORIGIN, StepKind.QUEUE})
"""What a ladder can end with: the chat is with somebody again, or waits for anybody."""


@dataclass(frozen=True, slots=True)
class Step:
    """`after_s` seconds after the step before, or after the offer was made."""

    do: StepKind
    after_s: int
    team_id: int | None = None


DEFAULT_STEPS: tuple[Mapping[str, Any], ...] = (
    {"do": StepKind.REMIND.value, "after_s": 60, "team_id": None},
    {"do": StepKind.ORIGIN.value, "after_s": 60, "team_id": None},
)
"""Remind after a minute, back after two: a customer who was just told to wait is still there then."""


def parse(said: Sequence[Mapping[str, Any]], *, field: str = "escalation_steps") -> list[Step]:
    """Check a ladder in the shape `Step` of the wire, as sent or as stored.

    It ends with the origin or the queue, and only there; a step to a team names one. Raises `Invalid` with the
    place of what is wrong under `fields`.
    """
    steps = [Step(StepKind(each["do"]), each["after_s"], each.get("team_id")) for each in said]
    for place, step in enumerate(steps):
        if (step.do in LAST) != (place == len(steps) - 1):
            sentence = (
                "Nothing comes after this step. Put it last."
                if step.do in LAST
                else "The last step gives the chat back to its origin or to the queue."
            )
            raise _invalid(field, place, "do", sentence)
        if (step.do is StepKind.TEAM) != (step.team_id is not None):
            raise _invalid(field, place, "team_id", "Choose the team that is asked next, for this step and no other.")
    if not steps:
        raise Invalid("Say what happens when nobody takes it.", fields={field: ["At least one step."]})
    return steps


def _invalid(field: str, place: int, name: str, sentence: str) -> Invalid:
    fields: Any = {field: {str(place): {name: [sentence]}}}
    return Invalid(sentence, fields=fields)


@dataclass(frozen=True, slots=True)
class Course:
    """The ladder of one escalation, and whether only open hours of its desk count."""

    steps: Sequence[Step]
    hours: OpeningHours | None = None  # None: every hour counts

    def at(self, place: int, since: datetime) -> datetime:
        """When the step at `place` falls due, if the one before it happened at `since`."""
        return opening.after(self.hours, since, timedelta(seconds=self.steps[place].after_s))

    def closes(self, place: int, since: datetime) -> datetime:
        """Until when the offer can be accepted: the first step from `place` on that is no mere reminder."""
        moment = self.at(place, since)
        while self.steps[place].do is StepKind.REMIND:
            place += 1
            moment = self.at(place, moment)
        return moment

    def next_move(self, place: int) -> int:
        """The place of the first step from `place` on that is no mere reminder."""
        while self.steps[place].do is StepKind.REMIND:
            place += 1
        return place


# --- What customers read ---------------------------------------------------------------------------------

TEXTS: Mapping[str, str] = {
    "escalated": "{agent} is passing your chat on to {target}. You can expect an answer by {expected}. Write here at any time.",
    "accepted": "{agent} has your chat now.",
    "back": "{agent} is still here for you and goes on with your chat.",
    "later": "This takes longer than we told you. You can expect an answer by {expected}.",
}
"""The desk's own words, until it chooses others."""

PLACES: Mapping[str, frozenset[str]] = {
    "escalated": frozenset({"agent", "target", "expected"}),
    "accepted": frozenset({"agent"}),
    "back": frozenset({"agent"}),
    "later": frozenset({"expected"}),
}
"""What can be filled in where."""

NEEDED: Mapping[str, frozenset[str]] = {"escalated": frozenset({"expected"}), "later": frozenset({"expected"})}
"""A promise without its time is none."""


def check_texts(texts: Mapping[str, str | None], *, field: str = "escalation_texts") -> None:
    """Raise `Invalid` for braces that name nothing, and for a promise that leaves out its time."""
    for name, text in texts.items():
        if text is None:
            continue
        rest = text
        for place in PLACES[name]:
            rest = rest.replace("{" + place + "}", "")
        sentence = ""
        if "{" in rest or "}" in rest:
            sentence = "Use " + ", ".join("{" + each + "}" for each in sorted(PLACES[name])) + " and no other braces."
        elif missing := [each for each in NEEDED.get(name, ()) if "{" + each + "}" not in text]:
            sentence = "Say {" + missing[0] + "} somewhere: the customer is told a time."
        if sentence:
            fields: Any = {field: {name: [sentence]}}
            raise Invalid(sentence, fields=fields)


def say(name: str, texts: Mapping[str, str | None] | None, **filled: str) -> str:
    """The sentence with its places filled; what is filled in is never read for places again."""
    text = (texts or {}).get(name) or TEXTS[name]
    parts = text.split("{")
    said = parts[0]
    for part in parts[1:]:
        place, _, rest = part.partition("}")
        said += filled.get(place, "") + rest
    return said


def by_when(moment: datetime, now: datetime, zone_name: str | None) -> str:
    """A moment as its customer reads it: the time alone for today, with the day otherwise.

    In the customer's own zone where that is known; else in UTC, and said so.
    """
    zone = opening.known_zone(zone_name)
    there, today = moment.astimezone(zone or UTC), now.astimezone(zone or UTC).date()
    clock = f"{there:%H:%M}" + ("" if zone else " UTC")
    if there.date() == today:
        return clock
    if there.date() == today + timedelta(days=1):
        return f"{clock} tomorrow"
    return f"{clock} on {there:%A}, {there.day} {there:%B}"
