"""Whoever sends a body a byte at a time holds up nobody but themselves."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.clients import House

LINES = 30  # more than the connections to the database that one front has


@pytest.fixture
def many_lines(house: House) -> Iterator[list[socket.socket]]:
    where = urlsplit(house.front.url)
    with ExitStack() as open_lines:
        yield [
            open_lines.enter_context(socket.create_connection((where.hostname, where.port), timeout=20))
            for _ in range(LINES)
        ]


@pytest.mark.parametrize("path", ["/api/session", "/hooks/telegram/nobody"])
def test_others_are_served_while_bodies_dribble_in(house: House, many_lines: list[socket.socket], path: str) -> None:
    for line in many_lines:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{".encode()
        )
    time.sleep(0.3)  # every one of them is being listened to by now
    for _ in range(3):
        began = time.monotonic()
        assert requests.get(f"{house.front.url}/api/session", timeout=10).status_code == 401
        assert time.monotonic() - began < 1.5, "a pool that is empty makes one wait for 2 s"
    last = many_lines[-1]
    last.sendall(b'"name": "Nobody"   }'[1:])
    heard = last.recv(65_536).split(b"\r\n")[0]
    assert b" 40" in heard or b" 42" in heard, "the slow one is answered, too"
