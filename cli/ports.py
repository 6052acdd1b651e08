"""Ports of this machine: is one free, who holds it, which is the next."""

from __future__ import annotations

import socket
from contextlib import suppress

import psutil

from cli.errors import Trouble

# Chromium refuses to open these (its "unsafe ports"), so the web must not land on one by accident.
UNSAFE_IN_BROWSERS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now (TIME_WAIT of an earlier one does not count)."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def any_free(host: str = "127.0.0.1") -> int:
    """A free port that a browser will also open."""
    while True:
        with socket.socket() as probe:
            probe.bind((host, 0))
            port: int = probe.getsockname()[1]
        if port not in UNSAFE_IN_BROWSERS:
            return port


def next_free(first: int, *, tries: int = 50) -> int:
    for port in range(first, first + tries):
        if port not in UNSAFE_IN_BROWSERS and is_free(port):
            return port
    raise Trouble(f"No port between {first} and {first + tries - 1} is free.", "`ss -ltnp` shows who holds them.")


def holder(port: int) -> str:
    """Who listens there, as far as we may know: "nginx (process 812)", or "another program"."""
    with suppress(psutil.Error, OSError):
        for link in psutil.net_connections(kind="tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port and link.pid:
                return f"{psutil.Process(link.pid).name()} (process {link.pid})"
    return "another program"
