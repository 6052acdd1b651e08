"""How a worker tells the screens: over the push bus, to whichever front holds the socket."""

from __future__ import annotations

from functools import cache
from typing import Any

import socketio

from models import live
from models.settings import settings

PUSH_TIMEOUT_S = 2  # a deaf bus must not hold a worker; clients fetch what they missed


def emit(namespace: str, event: str, rooms: list[str], payload: Any) -> None:
    """Publish once for all rooms: a socket that is in two of them hears it once."""
    _bus().emit(event, payload, namespace=namespace, room=rooms)


@cache
def _bus() -> socketio.RedisManager:
    """Opened at the first word, hence in the process that speaks and never before a fork."""
    timeouts = {"socket_timeout": PUSH_TIMEOUT_S, "socket_connect_timeout": PUSH_TIMEOUT_S}
    return socketio.RedisManager(
        settings().redis_url, channel=live.BUS_CHANNEL, write_only=True, redis_options=timeouts
    )
