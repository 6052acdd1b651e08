"""Take in bodies: what fits in memory, and files, counted while they are read, straight to the disk, in whatever way they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import request

from models.errors import Invalid, TooLarge, WrongBody
from models.rules.media import MOST_BYTES
from web import asyncmode, hooks

PIECE = 64 * 1024  # bytes
BODY_S = 30  # for a body that is no file: a quarter of a megabyte at most
PATIENCE_S = 180  # for the whole of it: 5 MB at a quarter of a megabit a second
POLITELY = MOST_BYTES  # bytes read and dropped of what is too large, so that the sender hears why


def hear_out(*, keep: bool = True) -> bytes:
    """The whole body of a request that fits in memory. Nothing of ours is held meanwhile but the sender's own line.

    `keep`: for whoever reads it from the request. Raises `Invalid` (`cut_off`) when it does not come within `BODY_S`.
    """
    try:
        with hooks.without_connection(), asyncmode.at_most(BODY_S, request.environ):
            return request.get_data(cache=keep)
    except TimeoutError:
        raise _cut_off() from None


def require_file() -> None:
    """Refuse, before anything is read, what is no file or says that it is too large."""
    said = request.headers
    if request.mimetype.startswith("multipart/"):
        raise WrongBody("Send the file itself as the body of the request, not a form with a file in it.")
    if said.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise WrongBody("Send the file as it is, without a Content-Encoding.")
    coding = said.get("Transfer-Encoding", "").strip().lower()
    if coding not in ("", "chunked") or (coding and "Content-Length" in said):
        raise WrongBody("Say how long the file is, or send it in chunks; not both.")
    length = said.get("Content-Length", "0").strip()
    if not (length.isascii() and length.isdigit()):
        raise WrongBody("The Content-Length is no number.")
    if not coding and int(length) > MOST_BYTES:
        _drop_politely()
        raise TooLarge()


def into(path: Path) -> None:
    """Write the body to `path`. Raises `TooLarge` at the first byte too many, `Invalid` (`cut_off`) when some are missing."""
    received = 0
    try:
        with path.open("xb", buffering=0) as file, asyncmode.at_most(PATIENCE_S, request.environ):
            for piece in _pieces():
                received += len(piece)
                if received > MOST_BYTES:
                    break
                file.write(piece)
    except (OSError, ValueError, EOFError):  # the line broke, the chunks are not chunks, or it took too long
        raise _cut_off() from None
    if received > MOST_BYTES:
        _drop_politely()
        raise TooLarge()
    promised = request.headers.get("Content-Length")
    if promised is not None and received < int(promised):
        raise _cut_off()


def _cut_off() -> Invalid:
    return Invalid("It did not arrive whole. Send it again.", code="cut_off")


def _pieces() -> Iterator[bytes]:
    """The body as it comes, by its length or by its chunks; the servers differ in all but this."""
    stream: Any = request.environ["wsgi.input"]
    chunked = "Transfer-Encoding" in request.headers
    left = MOST_BYTES + POLITELY if chunked else int(request.headers.get("Content-Length") or 0)
    while left > 0 and (piece := stream.read(min(PIECE, left))):
        left -= len(piece)
        yield piece


def _drop_politely() -> None:
    """A sender who is still sending does not listen: let them finish, within reason."""
    dropped = 0
    try:
        with asyncmode.at_most(10, request.environ):
            for piece in _pieces():
                dropped += len(piece)
                if dropped > POLITELY:
                    break
    except (OSError, ValueError, EOFError):
        pass
