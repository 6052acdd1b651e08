"""What Socket.IO puts on the wire for an event and for an ack, as text.

The library's own packets look through every payload for binary parts, three times for
each message. Ours have none: the shapes of the wire are JSON.
"""

from __future__ import annotations

from typing import Any

import orjson
from socketio.packet import ACK, EVENT


def event(namespace: str, name: str, payload: Any) -> str:
    return f"{EVENT}{namespace},{orjson.dumps([name, payload]).decode()}"


def ack(namespace: str, number: int, answer: Any) -> str:
    return f"{ACK}{namespace},{number}{orjson.dumps([answer]).decode()}"
