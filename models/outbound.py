"""Ask a server whose address somebody gave us, without becoming their way into this network.

The name is resolved once, every address it has must be public, and the connection is made to the very address
that was looked at: a name that answers otherwise a moment later changes nothing. No redirect is followed, no proxy
of the environment used, nothing unpacked, no cookie or password sent. The whole of it takes `WHOLE_S` at the most.
Workers alone ask; a front never waits for somebody else's server.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from models.rules import outbound as rules
from models.rules.outbound import Target
from models.settings import settings

WHOLE_S = 5.0
MOST = 1024 * 1024  # bytes of an answer that are read

Resolve = Callable[[str, int], list[str]]


class Unanswered(Exception):
    """No answer came. `reason` is one of REASONS; `left` says whether the request may have arrived all the same."""

    def __init__(self, reason: str, *, left: bool = False) -> None:
        self.reason, self.left = reason, left
        super().__init__(reason)


REASONS = ("unresolved", "forbidden_address", "timeout", "unreachable", "bad_certificate", "broken_off")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. `whole` is false where it said more than was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False, default=b"")
    whole: bool = True


def target(url: str) -> Target:
    """Read and check an address that somebody gave us, without asking anybody. Raises `Invalid` (`bad_url`)."""
    own = urlsplit(settings().public_url).hostname or ""
    return rules.target(url, own_hosts=(own,), private_hosts=settings().private_hosts)


def resolved(host: str, port: int) -> list[str]:
    """Every address of this name, in the order to try them. Raises `OSError`."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def ask(
    method: str,
    where: Target,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most: int = MOST,
    whole_s: float = WHOLE_S,
    resolve: Resolve = resolved,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Send one request and read up to `most` bytes of its answer, whatever its status. Raises `Unanswered`.

    `trust` says whose certificates are believed where those of the system are not meant.
    """
    deadline = time.monotonic() + whole_s
    address = _checked(where, _in_time(resolve, where, deadline))
    connection = _Pinned(where, address, deadline, trust)
    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        return _exchange(connection, method, where, body, headers or {}, most)
    finally:
        watchdog.cancel()
        connection.close()


def _exchange(
    connection: _Pinned, method: str, where: Target, body: bytes | None, headers: Mapping[str, str], most: int
) -> Answer:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError:
        raise Unanswered("bad_certificate") from None
    except OSError:
        raise Unanswered("timeout" if connection.late else "unreachable") from None
    try:
        connection.request(method, where.path, body=body, headers={**headers, "Host": where.host_header})
        answer = connection.getresponse()
        read = answer.read(most + 1)
    except (OSError, http.client.HTTPException, ValueError):
        raise Unanswered("timeout" if connection.late else "broken_off", left=True) from None
    if connection.late:  # cut in the middle of a body without a length, which then reads as if it were whole
        raise Unanswered("timeout", left=True)
    return Answer(answer.status, dict(answer.headers.items()), read[:most], len(read) <= most)


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at; the name in it is for the certificate and the server alone."""

    def __init__(self, where: Target, address: str, deadline: float, trust: ssl.SSLContext | None) -> None:
        super().__init__(where.host, where.port)
        self._where, self._address, self._deadline = where, address, deadline
        self._trust = (trust or ssl.create_default_context()) if where.scheme == "https" else None
        self._wire: socket.socket | None = None  # `self.sock` is forgotten once the answer has begun

    @property
    def late(self) -> bool:
        return time.monotonic() >= self._deadline

    def connect(self) -> None:
        left = max(0.01, self._deadline - time.monotonic())
        self.sock = self._wire = socket.create_connection((self._address, self._where.port), timeout=left)
        if self._trust is not None:
            wrapped = self._trust.wrap_socket(
                self.sock, server_hostname=self._where.host, do_handshake_on_connect=False
            )
            self.sock = self._wire = wrapped
            self._require_time()
            wrapped.do_handshake()
        self._require_time()

    def _require_time(self) -> None:
        if self.late:  # `cut` may have come before there was anything to cut
            raise TimeoutError

    def cut(self) -> None:
        """End it from another thread, whatever it waits for: a server that dribbles never runs into a timeout."""
        with suppress(OSError):
            if self._wire is not None:
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)  # not that of TLS, which waits for the other side


def _checked(where: Target, addresses: list[str]) -> str:
    """The address to connect to. One that may not be asked spoils them all: who mixes them means harm."""
    if not addresses:
        raise Unanswered("unresolved")
    if not where.private and any(rules.not_asked(each) for each in addresses):
        raise Unanswered("forbidden_address")
    return addresses[0]


def _in_time(resolve: Resolve, where: Target, deadline: float) -> list[str]:
    """Resolve in a thread of its own: the system's resolver waits as long as it likes."""
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            found.set_result(resolve(where.host, where.port))
        except (OSError, UnicodeError):
            found.set_result([])

    threading.Thread(target=look, name="resolve", daemon=True).start()
    try:
        return found.result(timeout=max(0.01, deadline - time.monotonic()))
    except TimeoutError:
        raise Unanswered("timeout") from None
