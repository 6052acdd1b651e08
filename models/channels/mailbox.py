"""A mailbox over IMAP: what is new in it, and what has been dealt with.

A mailbox names its mails by numbers that only grow (UID), as long as it says so (UIDVALIDITY). Up to which number it was
read stands in the channel's notes, stored together with what was read; only when that is committed, the next look marks
those mails as read, or moves them away. Whoever dies in between reads them again, and they are the same mails.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from models.channels.base import CONNECT_S, WHOLE_S
from models.rules.mail_reading import MOST_BYTES

Security = Literal["tls", "starttls", "none"]

AT_ONCE = 25
"""Mails of one look; there is another in a moment."""

BYTES_AT_ONCE = 3 * MOST_BYTES
LOOK_S = 15.0
"""Seconds of one look."""

OVERLAP = timedelta(days=2)
"""When a mailbox numbers its mails anew, those of the last days are read again, and known again."""

_REASON = 300
FAULTS = (IMAPClientError, OSError, ValueError)
"""What a server, or the way to it, can do to us. imaplib answers nonsense with a `ValueError` now and then."""


class Unauthorized(Exception):
    """The server does not accept our name and password."""


class NoFolder(Exception):
    """There is no such folder in the mailbox."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"

    @property
    def key(self) -> str:
        """Names the mailbox in the notes: those of another are of no use."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it lay there; of one that is too large the headers alone."""

    uid: int
    raw: bytes
    too_large: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What was found. `notes` is how far the mailbox was read."""

    letters: list[Letter]
    notes: Mapping[str, Any]


@contextmanager
def opened(place: Place) -> Iterator[tuple[IMAPClient, Mapping[bytes, Any]]]:
    """Signed in, the folder selected. Raises `Unauthorized`, `NoFolder`, or one of `FAULTS`."""
    client = IMAPClient(
        place.host,
        port=place.port,
        ssl=place.security == "tls",
        ssl_context=ssl.create_default_context() if place.security == "tls" else None,
        timeout=SocketTimeout(connect=CONNECT_S, read=WHOLE_S),
    )
    try:
        if place.security == "starttls":
            client.starttls(ssl.create_default_context())
        try:
            client.login(place.user, place.password)
        except LoginError as refusal:
            raise Unauthorized("The mailbox does not accept the name and password.") from refusal
        try:
            state = client.select_folder(place.folder)
        except IMAPClientError as refusal:
            raise NoFolder(f"There is no folder “{place.folder}” in this mailbox.") from refusal
        yield client, state
        with suppress(*FAULTS):
            client.logout()
    finally:
        with suppress(*FAULTS):
            client.shutdown()


def beginning(place: Place, notes: Mapping[str, Any]) -> dict[str, Any]:
    """Where to read on: where we were in this mailbox; in another after everything that lies there already."""
    with opened(place) as (_, state):
        if notes.get("mailbox") == place.key and "last_uid" in notes:
            return {}
        return _start(place, state)


def look(place: Place, notes: Mapping[str, Any], *, done_folder: str = "") -> Look:
    """Put away what the last look found, and fetch what has come since."""
    until = time.monotonic() + LOOK_S
    with opened(place) as (client, state):
        if notes.get("mailbox") != place.key or "last_uid" not in notes:
            return Look([], _start(place, state))
        validity = int(state[b"UIDVALIDITY"])
        if validity == notes["uidvalidity"]:
            _put_away(client, [int(each) for each in notes.get("done", ())], done_folder)
            last, since = int(notes["last_uid"]), notes.get("since")
        else:
            seen = datetime.fromtimestamp(notes.get("looked_at", time.time()), UTC) - OVERLAP
            last, since = 0, seen.timestamp()
        letters, last = _fetch(client, last, since, until)
        return Look(
            letters,
            {
                "mailbox": place.key,
                "uidvalidity": validity,
                "last_uid": last,
                "since": since,
                "done": [each.uid for each in letters],
                "looked_at": time.time(),
            },
        )


def reason(fault: BaseException) -> str:
    """What went wrong, in a few words; never a password."""
    return f"The mailbox could not be read: {type(fault).__name__}: {' '.join(str(fault).split())}"[:_REASON]


def _start(place: Place, state: Mapping[bytes, Any]) -> dict[str, Any]:
    return {
        "mailbox": place.key,
        "uidvalidity": int(state[b"UIDVALIDITY"]),
        "last_uid": int(state[b"UIDNEXT"]) - 1,
        "since": None,
        "done": [],
        "looked_at": time.time(),
    }


def _fetch(client: IMAPClient, last: int, since: float | None, until: float) -> tuple[list[Letter], int]:
    """The next mails after `last`, and up to which number the mailbox is read with them."""
    # a server answers "5:*" with its newest mail even where that is the fourth
    numbers = sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)[:AT_ONCE]
    if not numbers:
        return [], last
    facts = client.fetch(numbers, ["RFC822.SIZE", "INTERNALDATE"])
    letters: list[Letter] = []
    taken = 0
    for uid in numbers:
        fact = facts.get(uid)
        if fact is None or _too_old(fact.get(b"INTERNALDATE"), since):
            last = uid
            continue
        size = int(fact[b"RFC822.SIZE"])
        if letters and (taken + min(size, MOST_BYTES) > BYTES_AT_ONCE or time.monotonic() > until):
            break
        whole = size <= MOST_BYTES
        wanted = "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"
        found = client.fetch([uid], [wanted]).get(uid, {})
        raw = found.get(b"BODY[]" if whole else b"BODY[HEADER]")
        if isinstance(raw, bytes):  # else somebody has removed it at this moment
            letters.append(Letter(uid, raw, None if whole else size))
            taken += len(raw)
        last = uid
    return letters, last


def _too_old(arrived: datetime | None, since: float | None) -> bool:
    if since is None or arrived is None:
        return False
    return arrived.timestamp() < since  # IMAPClient gives local times without a zone


def _put_away(client: IMAPClient, numbers: list[int], folder: str) -> None:
    """Committed by now: marked as read, or moved. What is gone already is no matter, nor what cannot be moved."""
    if not numbers:
        return
    with suppress(IMAPClientError):
        client.add_flags(numbers, [b"\\Seen"], silent=True)
    if not folder:
        return
    with suppress(IMAPClientError):
        if not client.folder_exists(folder):
            client.create_folder(folder)
        if client.has_capability("MOVE"):
            client.move(numbers, folder)
        else:
            client.copy(numbers, folder)
            client.delete_messages(numbers, silent=True)
            client.expunge()
