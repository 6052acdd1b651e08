"""A Socket.IO client made for measuring: raw frames on asyncio, so that the generator costs a fraction of the server.

Engine.IO v4 and Socket.IO v5 over a websocket, as much as a desk uses of them. Frames are
masked with zeros: the mask protects caches of the open internet, and nothing leaves this
machine.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import time
from collections.abc import Callable
from typing import Any

import orjson

HOST = "127.0.0.1"
ANSWER_S = 30  # whoever has not been answered by then is counted as `no_answer`
BUSY_MOST = 10  # times a busy front is asked
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

now = time.perf_counter
Heard = Callable[[str, Any, float], None]


class Refused(Exception):
    """The server would not open the socket."""


async def ask(port: int, method: str, path: str, *, headers: dict[str, str], body: Any = None) -> Any:
    """One REST request on a connection of its own; the decoded answer. Raises `Refused` on any other status than 2xx.

    A front that is busy is asked again when it said, as a page does.
    """
    for _ in range(BUSY_MOST):
        status, content = await ask_once(port, method, path, headers=headers, body=body)
        if status.split()[1] != b"503":
            break
        await asyncio.sleep(orjson.loads(content).get("retry_after_ms", 500) / 1000)
    if status.split()[1][:1] != b"2":
        raise Refused(f"{method} {path}: {status.decode()} {content[:200].decode('utf-8', 'replace')}")
    return orjson.loads(content)


async def ask_once(port: int, method: str, path: str, *, headers: dict[str, str], body: Any) -> tuple[bytes, bytes]:
    """Status line and content."""
    content = orjson.dumps(body) if body is not None else b""
    head = {
        "Host": f"{HOST}:{port}",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)
        answer = await asyncio.wait_for(reader.read(), ANSWER_S)
    finally:
        writer.close()
    status, _, rest = answer.partition(b"\r\n")
    _, _, content = rest.partition(b"\r\n\r\n")
    return status, content


class Socket(asyncio.Protocol):
    """One open socket in one namespace. `heard(event, payload, at)` is called for what the server tells."""

    def __init__(self, namespace: str, auth: dict[str, Any], heard: Heard) -> None:
        self.alive = False
        self._namespace, self._auth, self._heard = namespace, auth, heard
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[asyncio.Future[tuple[Any, float]], asyncio.TimerHandle]] = {}
        self._buffer = b""
        self._upgraded = False
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    async def open(cls, port: int, namespace: str, auth: dict[str, Any], heard: Heard) -> Socket:
        _, socket = await asyncio.get_running_loop().create_connection(lambda: cls(namespace, auth, heard), HOST, port)
        await asyncio.wait_for(socket.opened, ANSWER_S)
        return socket

    def ask(self, event: str, payload: dict[str, Any]) -> asyncio.Future[tuple[Any, float]]:
        """Send an event; the future holds its ack and the moment it came (None: it never did)."""
        number = next(self._numbers)
        answer: asyncio.Future[tuple[Any, float]] = self._loop.create_future()
        self._waiting[number] = answer, self._loop.call_later(ANSWER_S, self._settle, number, None)
        self._say(f"42{self._namespace},{number}".encode() + orjson.dumps([event, payload]))
        return answer

    def close(self) -> None:
        self._transport.close()

    def fall_silent(self) -> None:
        """As if the cable were pulled: the connection stays, and nothing is read or said any more."""
        self._transport.pause_reading()

    # --- asyncio calls these ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        at = now()
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        while (frame := self._next_frame()) is not None:
            code, content = frame
            if code == TEXT:
                self._packet(content, at)
            elif code == PING:
                self._frame(PONG, content)
            elif code == CLOSE:
                self._transport.close()

    def connection_lost(self, fault: Exception | None) -> None:
        self.alive = False
        if not self.opened.done():
            self.opened.set_exception(fault or Refused("closed before it was open"))
        for number in list(self._waiting):
            self._settle(number, None)

    # --- the layers, lowest first ----------------------------------------------------------------------------

    def _upgrade(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0] + b" ":
            self.opened.set_exception(Refused(head[:200].decode("utf-8", "replace")))
            self._transport.close()
            return False
        self._buffer, self._upgraded = rest, True
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        """A whole frame from the front of the buffer. Servers here neither mask nor split."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 0x0F, buffer[start : start + size]

    def _frame(self, code: int, content: bytes) -> None:
        size = len(content)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._transport.write(bytes((0x80 | code,)) + length + b"\0\0\0\0" + content)

    def _say(self, packet: bytes) -> None:
        self._frame(TEXT, packet)

    def _packet(self, content: bytes, at: float) -> None:
        """Engine.IO: 0 open, 2 ping. Socket.IO inside 4: 0 connected, 2 event, 3 ack, 4 refused."""
        kind = content[:2]
        if kind == b"42":
            event, payload = orjson.loads(content[content.index(b"[") :])
            self._heard(event, payload, at)
        elif kind == b"43":
            start = content.index(b"[")
            number = int(content[2:start].rpartition(b",")[2])
            self._settle(number, orjson.loads(content[start:])[0], at)
        elif kind == b"2":
            self._say(b"3")
        elif kind[:1] == b"0":
            self._say(b"40" + self._namespace.encode() + b"," + orjson.dumps(self._auth))
        elif kind == b"40":
            self.alive = True
            self.opened.set_result(None)
        elif kind == b"44":
            self.opened.set_exception(Refused(content.decode("utf-8", "replace")))
            self._transport.close()

    def _settle(self, number: int, answer: Any, at: float | None = None) -> None:
        waiting, timer = self._waiting.pop(number, (None, None))
        if waiting is not None and timer is not None:
            timer.cancel()
            if not waiting.done():
                waiting.set_result((answer, at if at is not None else now()))
