"""Which messages go out by a channel, in how many parts, and what becomes of one that could not be handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

BACKOFF_S = (5, 20, 60, 180)
"""Seconds before another try of what the provider could not take just now; after the last it is given up."""

GIVE_UP = timedelta(minutes=10)
"""What has waited so long on a channel that works is told to people rather than sent out of the blue."""

CORRECTIONS = ("message_edited", "message_deleted")
"""What agents take back or put right goes after the message itself, where the channel can do so (`actions/recalls.py`)."""

WORTH_A_LETTER = ("file_refused", "broadcasts_stopped", "broadcasts_wanted")
SILENT_EVENTS = ("answer_rated",)
SILENT_ENDS = ("bot_idle", "inactivity", "visitor_ended", "queue_abandoned", "merged")
"""Nobody is written to out of the blue because a chat was put away, nor told what they did themselves."""


class State(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DEAD = "dead"


LOST = frozenset({State.FAILED, State.UNKNOWN, State.DEAD})
"""What people see and may send again."""

REACHED = (State.SENT, State.DELIVERED, State.READ)
"""In this order; a receipt never goes back."""


def goes_out(author_kind: str, kind: str, body: str, data: Mapping[str, Any]) -> bool:
    """Whether a public entry is for the customer's eyes where they write from. Their own words never are."""
    if author_kind == "customer" or data.get("broadcast"):  # a broadcast went its own way
        return False
    if kind == "text" or data.get("event") in CORRECTIONS:
        return True
    if not body or data.get("event") in SILENT_EVENTS:
        return False
    return not (data.get("event") == "ended" and data.get("reason") in SILENT_ENDS)


def able(data: Mapping[str, Any], *, editing: Sequence[str], deleting: Sequence[str]) -> Sequence[str] | None:
    """The kinds of channel that an entry can go out by; None: all of them."""
    return {"message_edited": editing, "message_deleted": deleting}.get(data.get("event", ""))


def worth_a_letter(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether it is sent where each message is a letter.

    Words are. Of the desk's events only that a file was not taken, that broadcasts are stopped or wanted again, and when
    somebody will be there again.
    """
    if kind == "text" or data.get("event") in WORTH_A_LETTER:
        return True
    return data.get("event") == "queued" and bool(data.get("opens_at"))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to hand over: words, a file, or a file with words under it."""

    body: str = ""
    file: int | None = None
    """Which of the message's files, counted from 0."""

    buttons: Sequence[str] = ()
    also: Sequence[int] = ()
    """Its further files, where the channel takes them together."""


def parts(
    body: str,
    files: Sequence[str],
    *,
    longest: int,
    caption: int,
    buttons: Sequence[str] = (),
    most_buttons: int = 0,
    together: bool = False,
) -> list[Part]:
    """A message as the channel takes it: always the same parts for the same message.

    `files` are their kinds. With `together` they all go with the words. Otherwise words go under a single file where
    they fit; else they follow in messages of their own.
    Buttons hang on the last of the words; where there are none on the channel they are written out.
    """
    shown = list(buttons[:most_buttons])
    if buttons and not most_buttons:
        body = "\n".join([body, "", *(f"• {each}" for each in buttons)]).strip()
    if together and files:
        first, *rest = split(body, longest) or [""]
        return [Part(first, 0, also=tuple(range(1, len(files)))), *(Part(each) for each in rest)]
    if body and len(files) == 1 and len(body) <= caption and not shown:
        return [Part(body, 0)]
    words = [Part(each) for each in split(body, longest)]
    if words and shown:
        words[-1] = Part(words[-1].body, None, tuple(shown))
    return [*(Part("", place) for place in range(len(files))), *words]


def split(text: str, longest: int) -> list[str]:
    """A text in pieces of at most `longest` characters, cut where a reader pauses: paragraph, line, sentence, word."""
    pieces = []
    rest = text.strip()
    while len(rest) > longest:
        head = rest[:longest]
        cut = next(
            (place + len(mark) for mark in ("\n\n", "\n", ". ", " ") if (place := head.rfind(mark)) > longest // 3),
            longest,
        )
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def again_after(attempt: int, asked_s: float | None) -> float | None:
    """Seconds until the next try after the attempt of this number; None: given up. Never before `asked_s`.

    A provider that says when to come back is not failing, so that costs no attempt.
    """
    if asked_s is not None:
        return asked_s
    return BACKOFF_S[attempt - 1] if attempt <= len(BACKOFF_S) else None
