"""How a worker tells the screens: over the push bus, to whichever front holds the socket.

What one transaction has to say travels as one message: a chat that is given out is told six times, and six trips
to Redis take longer than giving it.
"""

from __future__ import annotations

import uuid
from collections import deque
from functools import cache
from typing import Any

import orjson
import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from models import live
from models.settings import settings

log = structlog.get_logger()

PUSH_TIMEOUT_S = 2  # a deaf bus must not hold a worker; clients fetch what they missed
MOST_AT_ONCE = 100  # as the fronts have it: each may have 40 KB, and Redis cuts a listener who is 32 MB behind

_NAME = uuid.uuid4().hex.encode()  # as long as a front's and nobody's own: every front listens
_gathered: deque[bytes] = deque()


def begin() -> None:
    """From now on this process speaks to the fronts."""
    live.speak_through(gather, say_gathered)


def gather(namespace: str, event: str, rooms: list[str], payload: Any) -> None:
    """Keep it until the transaction has said everything. A socket that is in two of the rooms hears it once."""
    message = {"method": "emit", "event": event, "data": [payload], "namespace": namespace, "room": rooms}
    _gathered.append(orjson.dumps(message))


def say_gathered() -> None:
    """Publish what has gathered. A bus that does not answer loses it, and holds nobody up for long."""
    while _gathered:
        batch = [_gathered.popleft() for _ in range(min(len(_gathered), MOST_AT_ONCE))]
        try:
            _bus().publish(live.BUS_CHANNEL, live.as_one(_NAME, batch))
        except redis.RedisError as fault:
            _gathered.clear()
            log.warning("bus_publish_failed", dropped=len(batch), fault=type(fault).__name__)


@cache
def _bus() -> redis.Redis:
    """Opened at the first word, hence in the process that speaks and never before a fork."""
    return connected_to(settings().redis_url)


def connected_to(url: str) -> redis.Redis:
    """Tried once more, for a connection that broke while nobody spoke."""
    once_more = Retry(NoBackoff(), 1)
    return redis.Redis.from_url(
        url, socket_timeout=PUSH_TIMEOUT_S, socket_connect_timeout=PUSH_TIMEOUT_S, retry=once_more
    )
