"""Which team an inquiry goes to, and how urgent it is: an ordered list of rules, the first that holds decides.

A rule holds when all of its conditions do; one without conditions always holds. Whatever no rule says is
left as it was: the team the customer asked for, else the team of the service the bot took it for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypedDict

Field = Literal["channel", "asked_team", "service", "attribute", "language", "words"]
Test = Literal["is", "is_not", "any_word", "no_word"]

TESTS: Mapping[str, tuple[str, ...]] = {
    "channel": ("is", "is_not"),
    "asked_team": ("is", "is_not"),
    "service": ("is", "is_not"),
    "attribute": ("is", "is_not"),
    "language": ("is", "is_not"),
    "words": ("any_word", "no_word"),
}
"""What may be asked of each fact."""

OF_IDS = ("channel", "asked_team", "service")
"""Facts whose values are numbers of rows, given as text."""


class Condition(TypedDict):
    """One test of an inquiry, as it is stored. Any of the values will do; for `is_not` and `no_word`, none may."""

    field: str
    test: str
    key: str  # names the attribute
    values: list[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the list. `broken`: its team is out of use, so it is passed over."""

    id: int | None
    name: str
    conditions: Sequence[Condition] = ()
    team_id: int | None = None
    priority: int | None = None
    enabled: bool = True
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is known of a chat when it first enters the queue."""

    text: str
    channel_id: int | None = None
    asked_team_id: int | None = None
    service_id: int | None = None
    language: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


Outcome = Literal["matched", "no_match", "not_reached", "off", "broken"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one rule; `held` says it for each of its conditions."""

    outcome: Outcome
    held: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the inquiry goes. `why` is how the team was chosen, `place` which rule decided (0 is the first)."""

    team_id: int | None
    priority: int | None
    why: Literal["rule", "asked", "service", "nobody"]
    place: int | None
    trace: tuple[Looked, ...]


def decide(rules: Sequence[Rule], inquiry: Inquiry, service_team_id: int | None = None) -> Decision:
    """Go down the list. `service_team_id` is who answers for the service when the bot cannot."""
    words = Words(inquiry.text)
    trace: list[Looked] = []
    place: int | None = None
    for number, rule in enumerate(rules):
        if place is not None:
            trace.append(Looked("not_reached"))
        elif not rule.enabled:
            trace.append(Looked("off"))
        else:
            held = tuple(holds(condition, inquiry, words) for condition in rule.conditions)
            if rule.broken:
                trace.append(Looked("broken", held))
            elif all(held):
                trace.append(Looked("matched", held))
                place = number
            else:
                trace.append(Looked("no_match", held))
    rule_team = rules[place].team_id if place is not None else None
    choices: tuple[tuple[int | None, Literal["rule", "asked", "service"]], ...] = (
        (rule_team, "rule"),
        (inquiry.asked_team_id, "asked"),
        (service_team_id, "service"),
    )
    team_id, why = next(((team, why) for team, why in choices if team is not None), (None, "nobody"))
    return Decision(team_id, rules[place].priority if place is not None else None, why, place, tuple(trace))  # type: ignore[arg-type]


def holds(condition: Condition, inquiry: Inquiry, words: Words) -> bool:
    """Whether this one test is passed. What is not known is nothing in particular: no `is` holds, every `is_not`."""
    values = condition["values"]
    match condition["field"]:
        case "channel":
            found = str(inquiry.channel_id) in values
        case "asked_team":
            found = str(inquiry.asked_team_id) in values
        case "service":
            found = str(inquiry.service_id) in values
        case "attribute":
            known = as_text(inquiry.attributes.get(condition["key"]))
            found = bool(known) and known in {fold(value) for value in values}
        case "language":
            found = any(speaks(inquiry.language, value) for value in values)
        case _:
            found = any(value in words for value in values)
    return found if condition["test"] in ("is", "any_word") else not found


def as_text(value: Any) -> str:
    """A typed fact the way a rule names it: `true` and `false`, whole numbers without a point; folded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return fold(str(value))


def speaks(language: str | None, wanted: str) -> bool:
    """Whether a language tag is the wanted one or a kind of it: `de-AT` is `de`, and `de` is not `de-AT`."""
    tag, prefix = ((each or "").strip().lower().replace("_", "-") for each in (language, wanted))
    return bool(prefix) and (tag == prefix or tag.startswith(f"{prefix}-"))


MOST_VALUES = 5_000
"""In the whole list: every inquiry is held against each of them while its customer waits."""

_ACCENTS = re.compile(r"[\u0300-\u036f]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})
# Scripts that put no space between words: there a word may stand anywhere.
_SCRIPTS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_UNSPACED = re.compile(f"[{_SCRIPTS}]")
_RUN = re.compile(rf"[^\W_{_SCRIPTS}]+")


@lru_cache(maxsize=2 * MOST_VALUES)  # the values of a desk's rules come again with every inquiry
def fold(text: str) -> str:
    """Without case, accents and the difference between kinds of space and apostrophe."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold()))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


@lru_cache(maxsize=2 * MOST_VALUES)
def _runs(folded: str) -> frozenset[str]:
    """The runs of letters and digits of a phrase: each must be one of the text's."""
    return frozenset(_RUN.findall(folded))


class Words:
    """The words of a text, to be asked whether it holds a word or phrase as a whole.

    A phrase is taken literally, so `c++` and `24/7` are words too. Where it begins or ends with a
    letter or digit, the text must not go on with one: `card` is not in "discard".
    """

    def __init__(self, text: str) -> None:
        folded = fold.__wrapped__(text)
        self._text, self._runs = f" {folded} ", frozenset(_RUN.findall(folded))

    def __contains__(self, phrase: str) -> bool:
        wanted = fold(phrase)
        if not wanted or not _runs(wanted) <= self._runs:
            return False
        place = self._text.find(wanted)
        while place >= 0:
            end = place + len(wanted)
            if _ends(self._text[place - 1], wanted[0]) and _ends(self._text[end], wanted[-1]):
                return True
            place = self._text.find(wanted, place + 1)
        return False


def _ends(outside: str, inside: str) -> bool:
    """Whether a word ends between these two neighbours."""
    return not (inside.isalnum() and outside.isalnum()) or bool(_UNSPACED.search(inside + outside))


def mistakes(condition: Condition) -> dict[str, str]:
    """What is wrong with a condition whatever the desk has, by field; empty when nothing is."""
    wrong: dict[str, str] = {}
    if condition["test"] not in TESTS[condition["field"]]:
        wrong["test"] = f"This can be asked: {', '.join(TESTS[condition['field']])}."
    if condition["field"] == "attribute" and not condition["key"]:
        wrong["key"] = "Name the attribute."
    if condition["field"] in OF_IDS and not all(_is_id(value) for value in condition["values"]):
        wrong["values"] = "These are numbers."
    if condition["field"] == "words" and not all(fold(value) for value in condition["values"]):
        wrong["values"] = "There is no word in one of these."
    return wrong


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19 and not value.startswith("0")
