"""A real front for each module of these tests, and a small desk behind it for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.support import world as worlds
from tests.support.clients import Console, Widget
from tests.support.processes import Desk, desk
from tests.support.world import Colleague, Guest, World

# The per-socket rates have a test of their own; everywhere else they would only slow the tests.
QUICK = {"PARLEY_RATE_FACTOR": "100"}


@pytest.fixture(scope="module")
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

    def _kept(self, browser):
        self._open.append(browser)
        return browser


@pytest.fixture
def house(front: Desk, world: World) -> Iterator[House]:
    made = House(front, world)
    yield made
    made.close()
