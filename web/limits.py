"""How often is too often. Counters live in Redis, so every front counts together.

Without Redis the limits that guard the doors (signing in, new visitor sessions) go on
inside this process at half the rate: they fail closed. Socket messages are counted per
socket, without Redis at all (`web/sockets/gate.py`).
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import structlog
from flask import request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from models.errors import TooMany
from models.settings import settings

log = structlog.get_logger()

# What is limited, per key: docs/operations.md lists them for people.
RATES: dict[str, tuple[str, ...]] = {
    "sign_in_account": ("5/15 minutes",),
    "sign_in_address": ("20/15 minutes",),
    "visitor_session": ("10/minute", "100/hour"),
    "visitor_message": ("30/minute", "300/hour"),
    "visitor_read": ("120/minute",),
    "agent_message": ("120/minute",),
    "visitor_letter": ("10/hour",),
    "agent_letter": ("60/hour",),
    "letter_address": ("10/hour",),  # nobody's letter box is filled through us
    "confirmation": ("3/hour", "10/day"),  # letters that ask one customer whether an address is theirs
    "confirmation_address": ("3/hour", "5/day"),  # and that one address gets, whoever says it is theirs
    "confirm": ("30/minute",),  # looks at and answers to links of letters, per network address
    "agent_search": ("60/minute",),
    "agent_export": ("5/hour",),
    "templates_read": ("20/minute",),  # each asks a provider
    "broadcast_trial": ("10/minute",),
    "agent_replay": ("60/hour",),  # each asks the bot hundreds of questions
    "bot_trial": ("30/minute",),  # each is a question in the line of the customers'
    "api_key": ("600/minute",),
    "wrong_key": ("30/minute",),  # per address
    "webhook_test": ("20/minute",),
    "ticket": ("30/minute",),
    "visitor_upload": ("20/hour",),
    "agent_upload": ("60/hour",),
}
SCALED = frozenset(
    {"visitor_upload", "agent_upload", "agent_export", "agent_replay"}
)  # PARLEY_RATE_FACTOR multiplies these, as it does the sockets'


@cache
def _shared() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(
        RedisStorage(settings().redis_url, socket_timeout=1, socket_connect_timeout=1, key_prefix="parley:rate")
    )


@cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


@cache
def _items(name: str, halved: bool) -> tuple[RateLimitItem, ...]:
    found = tuple(parse(rate) for rate in RATES[name])
    if name in SCALED:
        found = tuple(type(each)(max(1, round(each.amount * settings().rate_factor)), each.multiples) for each in found)
    if not halved:
        return found
    return tuple(type(each)(max(1, each.amount // 2), each.multiples) for each in found)


def count(name: str, key: str) -> None:
    """Count one more, or raise `TooMany` with the seconds to wait."""
    try:
        _hit(_shared(), _items(name, False), name, key)
    except TooMany:
        raise
    except Exception as fault:  # noqa: BLE001 - a limiter must answer whatever Redis does
        log.warning("limits_without_redis", limit=name, fault=type(fault).__name__)
        _hit(_own(), _items(name, True), name, key)


def require_room(name: str, key: str) -> None:
    """Raise `TooMany` if one more would be too many, without counting one."""
    try:
        _test(_shared(), _items(name, False), name, key)
    except TooMany:
        raise
    except Exception:  # noqa: BLE001 - as above
        _test(_own(), _items(name, True), name, key)


def forget(name: str, key: str) -> None:
    """Start counting anew: what was counted turned out to be in order."""
    for limiter, halved in ((_own(), True), (_shared(), False)):
        try:
            for item in _items(name, halved):
                limiter.clear(item, name, key)
        except Exception as fault:  # noqa: BLE001 - then the count simply runs out
            log.warning("limit_not_cleared", limit=name, fault=type(fault).__name__)


def _hit(limiter: MovingWindowRateLimiter, items: tuple[RateLimitItem, ...], name: str, key: str) -> None:
    for item in items:
        if not limiter.hit(item, name, key):
            raise _too_many(limiter, item, name, key)


def _test(limiter: MovingWindowRateLimiter, items: tuple[RateLimitItem, ...], name: str, key: str) -> None:
    for item in items:
        if not limiter.test(item, name, key):
            raise _too_many(limiter, item, name, key)


def _too_many(limiter: MovingWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> TooMany:
    reset_at, _ = limiter.get_window_stats(item, name, key)
    return TooMany(retry_after_s=max(1, math.ceil(reset_at - time.time())))


def client_address() -> str:
    """Who sends the request that is being answered."""
    return address_of(request.environ)


def address_of(environ: Mapping[str, Any]) -> str:
    """Who is calling, as far as our own proxies can be believed; an IPv6 caller counts by its /64."""
    hops = settings().trusted_proxies
    address = environ.get("REMOTE_ADDR", "")
    if hops:
        forwarded = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(forwarded) >= hops:
            address = forwarded[-hops]
    return by_network(address)


def by_network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
