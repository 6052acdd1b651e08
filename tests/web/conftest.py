"""A real front for all of these tests, and a small desk behind it for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.support import world as worlds
from tests.support.clients import House
from tests.support.processes import Desk, desk
from tests.support.world import World

# The per-socket rates have a test of their own; everywhere else they would only slow the tests.
QUICK = {"PARLEY_RATE_FACTOR": "100"}


@pytest.fixture(scope="session")
def front(database: str) -> Iterator[Desk]:
    """One front process, without workers."""
    with desk(parts=("web",), env=QUICK) as running:
        yield running


@pytest.fixture
def world(clean: None) -> World:
    return worlds.build()


@pytest.fixture
def limits_forgotten(redis_client: redis.Redis) -> None:
    """Nobody has tried anything yet."""
    for key in redis_client.scan_iter("*parley:rate*"):
        redis_client.delete(key)


@pytest.fixture
def house(front: Desk, world: World) -> Iterator[House]:
    made = House(front, world)
    yield made
    made.close()
