"""Servers on this machine that misbehave as a test wants them to, and count who comes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

Handler = Callable[[socket.socket], None]


class Server:
    """A listener on loopback: whoever connects is counted and answered by `handler`.

    `raw`: the request is left for the handler to read, for one that speaks TLS first.
    """

    def __init__(self, handler: Handler | None = None, host: str = "127.0.0.1", *, raw: bool = False) -> None:
        self.seen: list[bytes] = []
        self.connections = 0
        self._handler = handler
        self._raw = raw
        self._socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._socket.getsockname()[1]
        self._listening = threading.Thread(target=self._serve, daemon=True)
        self._listening.start()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connected,), daemon=True).start()

    def _answer(self, connected: socket.socket) -> None:
        with connected:
            if self._handler is None:
                return
            try:
                if not self._raw:
                    self.seen.append(request_on(connected))
                self._handler(connected)
            except OSError:
                pass

    def close(self) -> None:
        """Nobody is there from now on. Closing alone would leave the one who waits in `accept` to take one more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._listening.join()


def request_on(connected: socket.socket) -> bytes:
    """One whole request: whoever hangs up on half of it resets the connection."""
    read = b""
    while b"\r\n\r\n" not in read and (more := connected.recv(65536)):
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (more := connected.recv(65536)):
        body, read = body + more, read + more
    return read


def says(text: bytes) -> Handler:
    return lambda connected: connected.sendall(text)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def dribbles_body(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        connected.sendall(b"z")
        time.sleep(0.05)


def dribbles(connected: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 1000:
        connected.sendall(bytes([byte]))
        time.sleep(0.05)


def resets(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
