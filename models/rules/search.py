"""What somebody typed into the search, taken apart: words, phrases, what is excluded, operators, and what cannot be used.

Nothing here fails: a query is read while it is being typed, so half of an operator is only half, and said to be so.
Places are those of the text as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST_WORDS = 12
"""Words and phrases of one query. Whoever types more has pasted a paragraph, and gets what its first words find."""

OPERATORS: Mapping[str, str] = {
    "from": "who wrote it: customer, agent, bot, me, or a name",
    "agent": "who had the chat",
    "team": "which team",
    "tag": "with this tag",
    "reason": "why an agent ended it",
    "cause": "what ended it",
    "channel": "where it came in",
    "service": "what the bot took it for",
    "customer": "a customer's number",
    "rating": "1 to 5",
    "before": "written before that day",
    "after": "written on that day or later",
    "on": "written on that day, in that month or year",
    "is": "open, ended, mine, bot, escalated",
    "has": "media, rating",
    "in": "notes, or messages",
}
FIXED: Mapping[str, tuple[str, ...]] = {
    "is": ("ended", "open", "mine", "bot", "escalated"),
    "has": ("media", "rating"),
    "in": ("notes", "messages"),
    "rating": ("1", "2", "3", "4", "5"),
}
SPEAKERS = ("customer", "agent", "bot", "me")

_TOKEN = re.compile(
    r'(?P<not>-?)(?:(?P<name>[A-Za-z]+):(?P<value>"[^"]*"?|[^\s"]\S*|(?=\s|$))|"(?P<phrase>[^"]*)"?|(?P<word>\S+))'
)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase, and where it stands."""

    text: str
    start: int
    end: int
    phrase: bool = False
    excluded: bool = False
    growing: bool = False
    """The last word, with nothing after it: perhaps only its beginning."""


@dataclass(frozen=True, slots=True)
class Operator:
    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be used; `code` is a key of the screens."""

    code: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, taken apart."""

    terms: tuple[Term, ...] = ()
    operators: tuple[Operator, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @property
    def excluded(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.excluded)

    def values(self, name: str) -> list[Operator]:
        return [operator for operator in self.operators if operator.name == name]


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on, and before another; None where it is open."""

    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass
class _Found:
    terms: list[Term] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plain(text: str) -> str:
    """The text with every character that cannot be stored or is not written replaced by a space, place for place."""
    return "".join(" " if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") else each for each in text)


def parse(text: str) -> Asked:
    """Take a query apart. An operator nobody knows is a word like any other: `12:30`, `http://…`."""
    text = plain(text)
    found = _Found()
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        name = (token["name"] or "").lower()
        if name in OPERATORS and not token["not"]:
            _operator(found, name, token["value"].strip('"').strip(), text[start:end], start, end)
        elif token["phrase"] is not None:
            _term(found, Term(_norm(token["phrase"]), start, end, phrase=True, excluded=bool(token["not"])))
        else:
            word = _norm(text[start + len(token["not"]) : end])
            growing = end == len(text) and not token["not"]
            _term(found, Term(word, start, end, excluded=bool(token["not"]), growing=growing))
    asked = Asked(tuple(found.terms), tuple(found.operators), tuple(found.problems))
    if asked.wanted or asked.operators or not text.strip():
        return asked
    if asked.excluded:
        found.problems.append(Problem("only_excluded", text.strip(), 0, len(text)))
    elif not found.problems:
        found.problems.append(Problem("only_common_words", text.strip(), 0, len(text)))
    return Asked(asked.terms, (), tuple(found.problems))


def _operator(found: _Found, name: str, value: str, text: str, start: int, end: int) -> None:
    if not value:
        found.problems.append(Problem("half_typed", text, start, end))
    elif name in FIXED and value.lower() not in FIXED[name]:
        beginning = any(known.startswith(value.lower()) for known in FIXED[name])
        found.problems.append(Problem("half_typed" if beginning else "unknown_value", text, start, end))
    else:
        found.operators.append(Operator(name, value.lower() if name in FIXED else _norm(value), start, end))


def _term(found: _Found, term: Term) -> None:
    if not any(each.isalnum() for each in term.text):
        return  # punctuation alone finds nothing and disturbs nothing
    if len(found.terms) >= MOST_WORDS:
        if not any(problem.code == "too_many_words" for problem in found.problems):
            found.problems.append(Problem("too_many_words", term.text, term.start, term.end))
        return
    found.terms.append(term)


def _norm(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def day(value: str, zone: ZoneInfo) -> Period | None:
    """The day, month or year a value names, as two moments; None when it names none."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year, month, number = (int(part) if part else None for part in found.groups())
    try:
        first = datetime(year or 0, month or 1, number or 1, tzinfo=zone)
        if number is not None:
            last = first + timedelta(days=1)
        elif month is not None:
            last = first.replace(year=first.year + month // 12, month=month % 12 + 1)
        else:
            last = first.replace(year=first.year + 1)
    except (ValueError, OverflowError):
        return None
    return Period(first, last)


def period(operators: Sequence[Operator], zone: ZoneInfo) -> tuple[Period, list[Problem]]:
    """What `before:`, `after:` and `on:` leave, all together."""
    from_at: datetime | None = None
    to_at: datetime | None = None
    problems = []
    dated = [each for each in operators if each.name in ("before", "after", "on")]
    for each in dated:
        named = day(each.value, zone)
        if named is None or named.from_at is None or named.to_at is None:
            problems.append(Problem("bad_date", each.value, each.start, each.end))
            continue
        if each.name != "before":
            from_at = max(filter(None, (from_at, named.from_at)))
        if each.name != "after":
            end = named.from_at if each.name == "before" else named.to_at
            to_at = min(filter(None, (to_at, end)))
    if from_at is not None and to_at is not None and from_at >= to_at:
        last = dated[-1]
        problems.append(Problem("dates_reversed", f"{last.name}:{last.value}", last.start, last.end))
    return Period(from_at, to_at), problems


def exactly(phrase: str) -> str:
    """A pattern for Postgres that finds this phrase, whole words, with any space between them."""
    inside = r"\s+".join(re.sub(r"(\W)", r"\\\1", word) for word in phrase.split())
    first, last = phrase[:1], phrase[-1:]
    return (r"\m" if first.isalnum() else "") + inside + (r"\M" if last.isalnum() else "")


BEFORE, SHOWN = 60, 240
"""Characters shown before what was found, and in all: two or three lines of a list."""

Marked = list[tuple[str, bool]]


def excerpt(marked: Marked) -> Marked:
    """The part of a text around the first place that is marked; what is left out is an ellipsis."""
    whole = "".join(text for text, _ in marked)
    if len(whole) <= SHOWN:
        return marked
    first = next((place for place, (_, hit) in enumerate(marked) if hit), 0)
    hit_at = sum(len(text) for text, _ in marked[:first])
    start = _word_begins(whole, max(0, min(hit_at - BEFORE, len(whole) - SHOWN)))
    end = start + SHOWN
    shown: Marked = [("… ", False)] if start else []
    place = 0
    for text, hit in marked:
        part = text[max(0, start - place) : max(0, end - place)]
        if part:
            shown.append((part, hit))
        place += len(text)
    return [*shown, (" …", False)] if end < len(whole) else shown


def _word_begins(text: str, place: int) -> int:
    """The first place at or before this one where a word begins, if one is near."""
    near = text.rfind(" ", max(0, place - 20), place + 1)
    return place if near < 0 or place == 0 else near + 1


# --- typing errors ---------------------------------------------------------------------------------------------


def forgiven(word: str) -> int:
    """How many letters may be wrong: none in a short word, where another one is another word."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2


def edits(one: str, other: str) -> int:
    """How many letters were added, left out, exchanged or swapped with their neighbour between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, compared in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != compared))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == compared:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def likely(typed: str, known: Mapping[str, int], most: int = 5) -> list[str]:
    """Of known words and how often each was written, those the typed one may be meant for, the nearest first."""
    allowed = forgiven(typed)
    near = [(edits(typed, word), -uses, word) for word, uses in known.items()]
    return [word for distance, _, word in sorted(near) if 0 < distance <= allowed][:most]


# --- completion ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caret:
    """What is being typed: an operator's value, or a word that may become an operator."""

    name: str | None
    value: str
    start: int
    end: int


def at_caret(text: str, caret: int | None) -> Caret | None:
    """The token the caret stands in or behind; None between two tokens and inside a phrase."""
    text = plain(text)
    place = len(text) if caret is None else min(caret, len(text))
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if start < place <= end:
            name = (token["name"] or "").lower()
            if name in OPERATORS and not token["not"]:
                return Caret(name, token["value"].strip('"'), start, end)
            return None if token["phrase"] is not None else Caret(None, text[start:end], start, end)
    return Caret(None, "", place, place)


def written(name: str, value: str) -> str:
    """An operator as one types it; what has a space in it stands in quotes."""
    return f'{name}:"{value}"' if re.search(r"\s", value) else f"{name}:{value}"
