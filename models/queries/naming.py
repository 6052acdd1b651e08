"""Names that people type for what the desk knows by number: in a search, and while it is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.db import rows
from models.queries.chats import like
from models.rules import search as rules
from models.rules.ending import EndCause


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its number or code, by the name that is typed for it, and by the one that is shown."""

    key: int | str
    typed: str
    shown: str


_LISTS: Mapping[str, str] = {
    "agent": "select id as key, name as typed, name as shown from agent",
    "team": "select id as key, name as typed, name as shown from team",
    "tag": "select id as key, name as typed, name as shown from tag",
    "channel": "select id as key, name as typed, name as shown from channel",
    "service": "select id as key, name as typed, name as shown from service",
    "reason": "select code as key, code as typed, label as shown from end_reason",
}
OPEN_KINDS = tuple(_LISTS)


def called(kind: str, name: str) -> list[int | str]:
    """Numbers or codes of what has this name, or else of all whose name begins with it."""
    if kind == "cause":
        return [cause.value for cause in EndCause if cause.value == name.lower()]
    beginning = like(name).removeprefix("%")
    source = _LISTS[kind]
    found = rows(
        f"select key, lower(typed) = lower(%(name)s) or lower(shown) = lower(%(name)s) as whole from ({source}) named"
        " where typed ilike %(beginning)s or shown ilike %(beginning)s",
        {"name": name, "beginning": beginning},
    )
    return [each["key"] for each in found if each["whole"]] or [each["key"] for each in found]


def like_name(kind: str, part: str, most: int) -> list[Named]:
    """Things whose name holds this part, those that begin with it first."""
    if kind == "cause":
        found = [Named(each.value, each.value, each.value) for each in EndCause if part.lower() in each.value]
        return found[:most]
    source = _LISTS[kind]
    return [
        Named(each["key"], each["typed"], each["shown"])
        for each in rows(
            f"select * from ({source}) named where typed ilike %(part)s or shown ilike %(part)s"
            " order by typed not ilike %(beginning)s and shown not ilike %(beginning)s, shown limit %(most)s",
            {"part": like(part), "beginning": like(part).removeprefix("%"), "most": most},
        )
    ]


def choices() -> dict[str, list[dict[str, object]]]:
    """`HistoryChoices`: channels and services by name, whoever edits them."""
    named = {kind: rows(f"select id, name from {kind} order by lower(name), id") for kind in ("channel", "service")}
    return {"channels": named["channel"], "services": named["service"]}


SUGGESTED = 8


def suggestions(q: str, at: int | None = None) -> dict[str, list[dict[str, object]]]:
    """A `SuggestList`: what the word at the caret could become."""
    caret = rules.at_caret(q, at)
    if caret is None:
        return {"items": []}
    found: list[tuple[str, str, str]] = []
    if caret.name is None:
        word = caret.value.lower()
        found += [("operator", f"{name}:", what) for name, what in rules.OPERATORS.items() if name.startswith(word)]
        if len(word) >= 2:
            found += [("tag", rules.written("tag", each.typed), each.shown) for each in like_name("tag", word, 3)]
            found += [("from", rules.written("from", each.typed), each.shown) for each in like_name("agent", word, 3)]
    elif caret.name in rules.FIXED:
        kind = caret.name
        known = [each for each in rules.FIXED[kind] if each.startswith(caret.value.lower())]
        found += [(kind, rules.written(kind, each), each) for each in known]
    elif caret.name == "from":
        known = [each for each in rules.SPEAKERS if each.startswith(caret.value.lower())]
        found += [("from", rules.written("from", each), each) for each in known]
        people = like_name("agent", caret.value, SUGGESTED)
        found += [("agent", rules.written("from", each.typed), each.shown) for each in people]
    elif caret.name in (*OPEN_KINDS, "cause"):
        kind = caret.name
        named = like_name(kind, caret.value, SUGGESTED)
        found += [(kind, rules.written(kind, each.typed), each.shown) for each in named]
    return {
        "items": [
            {"kind": kind, "text": text, "label": label, "start": caret.start, "end": caret.end}
            for kind, text, label in found[:SUGGESTED]
        ]
    }
