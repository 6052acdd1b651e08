"""Whom a broadcast is for: the kinds of audience, why somebody is left out, and lists that are pasted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.errors import Invalid
from models.rules import contact


class Kind(StrEnum):
    CLUSTER = "cluster"  # whom questions of one meaning failed, and who has not been helped since
    TAG = "tag"  # who has a chat with all of these tags
    FILTER = "filter"  # who has a chat that the history would show
    LIST = "list"  # these very people


class Reason(StrEnum):
    """Why somebody who was meant is not written to."""

    ERASED = "erased"
    BLOCKED = "blocked"
    OPTED_OUT = "opted_out"
    HELPED = "helped"
    UNREACHABLE = "unreachable"
    SAME_PERSON = "same_person"  # somebody who is meant as well turned out to be them
    BLOCKS_US = "blocks_us"  # on the only way there is to them
    WINDOW_CLOSED = "window_closed"  # they wrote too long ago, and no template was chosen
    CANCELLED = "cancelled"  # the broadcast was, before their turn came


LIST_MOST = 10_000
"""People in one pasted list: what one request can carry."""

BAD_SHOWN = 200
"""Bad lines that are reported one by one; beyond that somebody has pasted something else."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pasted list: a customer's number or an e-mail address, whichever it is."""

    number: int  # of the line, from 1
    text: str
    customer_id: int | None = None
    email: str | None = None

    @property
    def key(self) -> tuple[int | None, str | None]:
        return self.customer_id, self.email

    @property
    def readable(self) -> bool:
        return self.customer_id is not None or self.email is not None


def read(text: str) -> Iterator[Line]:
    """The lines of a pasted list, empty ones left out. Commas and semicolons part like line ends; `#12` is 12."""
    for number, line in enumerate(text.splitlines(), 1):
        for part in line.replace(";", ",").split(","):
            if entry := part.strip():
                yield _line(number, entry)


def _line(number: int, entry: str) -> Line:
    digits = entry.removeprefix("#")
    if digits.isascii() and digits.isdigit() and 0 < int(digits[:20]) < 2**63:
        return Line(number, entry, customer_id=int(digits[:20]))
    try:
        return Line(number, entry, email=contact.email(entry).lower())
    except Invalid:
        return Line(number, entry[:120])
