"""Browsers for tests: HTTP as a signed-in agent or a visitor, and a socket that speaks frame by frame.

The socket is written by hand, so that a test may also say what no library would: half
a protocol, forged events, a connection that is reset in mid-sentence.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import websocket

from models.live import CONSOLE, VISITOR
from tests.support.processes import Desk
from tests.support.world import Colleague, Guest, World

PATIENCE_S = 10
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

Person = TypeVar("Person", bound="Browser")


class Browser:
    """HTTP with one person's credentials."""

    namespace = ""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def request(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        more.setdefault("timeout", PATIENCE_S)
        more.setdefault("allow_redirects", False)
        return self.http.request(method, self.url + path, **({"json": body} if body is not None else {}), **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.request("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.request("PUT", path, body, **more)

    def ticket(self) -> str:
        answer = self.post("/api/ticket" if self.namespace == CONSOLE else "/api/visitor/ticket")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ticket"])

    @contextmanager
    def socket(self) -> Iterator[Socket]:
        """An open socket of this person, closed at the end."""
        live = Socket(self.url)
        try:
            live.join(self.namespace, {"ticket": self.ticket()})
            yield live
        finally:
            live.close()


class Console(Browser):
    """An agent's browser: the cookie, and the header that proves it is our own page."""

    namespace = CONSOLE

    def __init__(self, url: str, colleague: Colleague) -> None:
        super().__init__(url)
        self.http.cookies.set("parley", colleague.token)
        self.csrf = ""

    def request(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        if method in UNSAFE and not self.csrf:
            self.csrf = super().request("GET", "/api/session").json().get("csrf_token", "")
        headers = {"X-CSRF-Token": self.csrf} if method in UNSAFE else {}
        return super().request(method, path, body, **{**more, "headers": {**headers, **more.get("headers", {})}})


class Widget(Browser):
    """A customer's browser."""

    namespace = VISITOR

    def __init__(self, url: str, guest: Guest) -> None:
        super().__init__(url)
        self.http.headers["Authorization"] = f"Bearer {guest.token}"


class House:
    """The desk and the front before it: hands out browsers."""

    def __init__(self, front: Desk, world: World) -> None:
        self.front, self.world = front, world
        self._open: list[Console | Widget] = []

    def console(self, colleague: Colleague | None = None) -> Console:
        return self._kept(Console(self.front.url, colleague or self.world.colleague()))

    def widget(self, guest: Guest | None = None) -> Widget:
        return self._kept(Widget(self.front.url, guest or self.world.guest()))

    def close(self) -> None:
        for browser in self._open:
            browser.http.close()

    def _kept(self, browser: Person) -> Person:
        self._open.append(browser)
        return browser


class Refused(Exception):
    """The namespace did not let us in."""


@dataclass(frozen=True)
class Heard:
    event: str
    data: Any
    at: float


class Socket:
    """One websocket with one namespace on it."""

    def __init__(self, url: str, *, origin: str | None = None) -> None:
        parts = urlsplit(url)
        self._web = websocket.create_connection(
            f"ws://{parts.netloc}/socket.io/?EIO=4&transport=websocket",
            timeout=PATIENCE_S,
            origin=origin or url,
            suppress_origin=origin == "",
        )
        self._web.settimeout(None)
        self._changed = threading.Condition()
        self._acks: dict[int, Any] = {}
        self._next_ack = 0
        self._answer: str | None = None
        self.namespace = ""
        self.heard: list[Heard] = []
        self.closed = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    # --- speaking -----------------------------------------------------------------------------------------

    def join(self, namespace: str, auth: Any = None) -> None:
        """Enter a namespace, or raise `Refused`."""
        self.namespace = namespace
        self.raw(f"40{namespace}," + (json.dumps(auth) if auth is not None else ""))
        self._wait(lambda: self._answer is not None or self.closed, PATIENCE_S)
        if self._answer is None or not self._answer.startswith("40"):
            raise Refused(self._answer)

    def raw(self, frame: str | bytes) -> None:
        """Send exactly this."""
        if isinstance(frame, bytes):
            self._web.send_binary(frame)
        else:
            self._web.send(frame)

    def send(self, event: str, data: Any = None) -> int:
        """Send an event and do not wait. Returns the number of its ack."""
        self._next_ack += 1
        arguments = [event] if data is None else [event, data]
        self.raw(f"42{self.namespace},{self._next_ack}{json.dumps(arguments)}")
        return self._next_ack

    def ack(self, number: int, patience: float = PATIENCE_S) -> Any:
        """What the server answered to that event."""
        if not self._wait(lambda: number in self._acks or self.closed, patience) or number not in self._acks:
            raise TimeoutError(f"no ack {number}; closed: {self.closed}")
        return self._acks[number]

    def ask(self, event: str, data: Any = None, patience: float = PATIENCE_S) -> Any:
        return self.ack(self.send(event, data), patience)

    def reset(self) -> None:
        """End the connection with a TCP reset: nobody says goodbye, what is on its way back is lost."""
        self._web.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._web.sock.close()

    def close(self) -> None:
        with suppress(Exception):
            self._web.close(timeout=1)
        self._listener.join(5)

    # --- hearing ------------------------------------------------------------------------------------------

    def hear(self, event: str, such: Callable[[Any], bool] = lambda data: True, patience: float = PATIENCE_S) -> Any:
        """The first event of that name and kind, heard already or soon."""

        def found() -> Heard | None:
            return next((each for each in list(self.heard) if each.event == event and such(each.data)), None)

        if not self._wait(lambda: found() is not None or self.closed, patience) or (first := found()) is None:
            raise TimeoutError(f"{event} was not heard; closed: {self.closed}; heard {self.names()}")
        return first.data

    def names(self) -> list[str]:
        return [each.event for each in list(self.heard)]

    def wait_closed(self, patience: float = PATIENCE_S) -> bool:
        return self._wait(lambda: self.closed, patience)

    def _wait(self, ready: Callable[[], bool], patience: float) -> bool:
        with self._changed:
            return self._changed.wait_for(ready, patience)

    def _listen(self) -> None:
        try:
            while True:
                frame = self._web.recv()
                if not frame:
                    break
                if frame == "2":
                    self._web.send("3")
                    continue
                with self._changed:
                    self._take(frame)
                    self._changed.notify_all()
        except (OSError, websocket.WebSocketException):
            pass
        finally:
            with self._changed:
                self.closed = True
                self._changed.notify_all()

    def _take(self, frame: str) -> None:
        kind, _, rest = frame.partition(",")
        if kind.startswith(("40", "44")):
            self._answer = frame
        elif kind.startswith("41"):
            self.closed = True
        elif kind.startswith("43"):
            number, _, body = rest.partition("[")
            self._acks[int(number)] = json.loads(f"[{body}")[0]
        elif kind.startswith("42"):
            event, *data = json.loads(rest)
            self.heard.append(Heard(event, data[0] if data else None, time.monotonic()))
