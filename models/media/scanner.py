"""Show a file to a virus scanner that speaks clamd's INSTREAM, where PARLEY_SCANNER names one.

A scanner that is named and does not answer lets nothing through: a file nobody has
looked at is not stored.
"""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from models.errors import Busy, Invalid
from models.settings import settings

log = structlog.get_logger()

CONNECT_S, ANSWER_S = 3.0, 20.0
PIECE = 64 * 1024  # bytes sent at a time
_CLEAN, _FOUND = re.compile(rb"stream: OK\0?\s*"), re.compile(rb"stream: (.{1,200}) FOUND\0?\s*", re.DOTALL)


def configured() -> bool:
    return bool(settings().scanner)


def look(file: Path) -> bool:
    """True when a scanner found nothing, False when there is no scanner.

    Raises `Invalid` (`infected`) when it found something, `Busy` (`scanner_away`) when it did not say.
    """
    if not configured():
        return False
    try:
        answer = _ask(settings().scanner, file)
    except OSError as fault:
        log.warning("scanner_away", fault=type(fault).__name__)
        raise _away() from None
    if _CLEAN.fullmatch(answer):
        return True
    if found := _FOUND.fullmatch(answer):
        log.warning("file_infected", signature=found[1].decode("ascii", "replace"))
        raise Invalid("A virus scanner found something in this file, so it was not sent.", code="infected")
    log.warning("scanner_answer_unknown", answer=answer[:100].decode("ascii", "replace"))
    raise _away()


def _away() -> Busy:
    return Busy(
        "Files cannot be checked for viruses right now. Try again in a moment.",
        code="scanner_away",
        retry_after_ms=10_000,
    )


def _ask(address: str, file: Path) -> bytes:
    deadline = time.monotonic() + ANSWER_S
    with _connected(address) as line, file.open("rb") as content:
        line.settimeout(ANSWER_S)
        line.sendall(b"zINSTREAM\0")
        try:
            while piece := content.read(PIECE):
                line.sendall(len(piece).to_bytes(4) + piece)
            line.sendall(bytes(4))
        except ConnectionError:
            pass  # it has heard enough; what it says tells why
        answer = b""
        while b"\0" not in answer and len(answer) < 1000:
            line.settimeout(max(0.01, deadline - time.monotonic()))
            heard = line.recv(1000)
            if not heard:
                break
            answer += heard
    return answer


def _connected(address: str) -> socket.socket:
    """`clamd://host:port` or `clamd+unix:///path`."""
    parts = urlsplit(address)
    if parts.scheme == "clamd":
        return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=CONNECT_S)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(CONNECT_S)
        line.connect(unquote(parts.path))
    except OSError:
        line.close()
        raise
    return line
