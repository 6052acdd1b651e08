"""One request to a provider, and which of the four outcomes it was. A new connection each time, so that a line that was
dropped while it rested cannot be taken for one that broke with our message on it.

What an error says is never passed on as it is: it holds the address, and that may hold the secret.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson
import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from models.channels.base import CONNECT_S, WHOLE_S
from models.channels.incoming import Fetched
from models.channels.profile import MIB

NEVER_LEFT = (ConnectTimeoutError, NewConnectionError, NameResolutionError, TlsError)
LOST_ANSWER = (502, 504)
"""A gateway says that whoever stands behind it did not answer in time; what that one did nobody knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`answered`: with this status and body. `later`: nothing of it left us. `unknown`: it did, and no answer came."""

    how: Literal["answered", "later", "unknown"]
    reason: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one where it is anything else."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after_s(self) -> float | None:
        said = self.headers.get("retry-after", "")
        return float(said) if said.isdigit() else None


def ask(method: str, url: str, *, most: int = MIB, into: Path | None = None, **more: Any) -> Answer:
    """Make one request. `more`: headers, params, json, data, files, as `requests` takes them.

    With `into` a good answer's body is written there; longer than `most` bytes and the reason is `too_large`.
    """
    ends_at = time.monotonic() + WHOLE_S
    headers = {"Connection": "close", "User-Agent": "Parley", **more.pop("headers", {})}
    try:
        with requests.request(
            method,
            url,
            headers=headers,
            timeout=(CONNECT_S, WHOLE_S - CONNECT_S),
            allow_redirects=False,
            stream=True,
            **more,
        ) as answer:
            return _read(answer, ends_at, most, into)
    except requests.exceptions.ConnectTimeout:
        return Answer("later", "no connection in time")
    except requests.exceptions.ConnectionError as fault:
        cause = fault.args[0] if fault.args else None
        if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NEVER_LEFT):
            return Answer("later", "no connection")
        return Answer("unknown", "the connection was lost before an answer came")
    except requests.exceptions.Timeout:
        return Answer("unknown", f"no answer within {WHOLE_S:.0f} s")
    except requests.exceptions.RequestException as fault:
        return Answer("unknown", f"no answer that could be read ({type(fault).__name__})")


def _read(answer: requests.Response, ends_at: float, most: int, into: Path | None) -> Answer:
    """The body, as far as it is wanted, within the time there is."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    keep = into if answer.ok else None
    pieces: list[bytes] = []
    size = 0
    target = keep.open("wb") if keep is not None else None
    try:
        for piece in answer.iter_content(64 * 1024):
            size += len(piece)
            if size > most:
                return Answer("answered", "too_large", answer.status_code, headers)
            if time.monotonic() > ends_at:
                return Answer("unknown", f"no whole answer within {WHOLE_S:.0f} s", answer.status_code)
            if target is not None:
                target.write(piece)
            else:
                pieces.append(piece)
    finally:
        if target is not None:
            target.close()
    return Answer("answered", "", answer.status_code, headers, b"".join(pieces))


def fetched(got: Answer, provider: str) -> Fetched:
    """What became of a file that was asked for `into` a path."""
    if got.reason == "too_large":
        return Fetched("too_large")
    if got.how != "answered" or got.status >= 500:
        return Fetched("later", got.reason or f"{provider} said {got.status}")
    return Fetched("got") if got.status == 200 else Fetched("gone", f"{provider} said {got.status}")
