"""A desk, a shop and a browser for the whole session; people with pages of their own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, expect, sync_playwright

from models import live
from models.db import connection, run
from tests.browser.people import Company, company
from tests.browser.stage import Stage, chromium, open_stage
from tests.support.wiping import Wiper
from workers import speaking

LOOK_HERE = Path(__file__).resolve().parents[2] / "artifacts" / "browser"  # what each page showed when a test failed

# No sandbox inside containers, no GPU, and not a word to anybody outside. The microphone hears a beep every second; who
# may use it is decided by each person's browser.
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-quic --no-first-run"
    " --disable-component-update --disable-sync --use-fake-device-for-media-stream"
).split()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A picture of every page, taken before anybody goes home."""
    yield
    everybody = getattr(item, "funcargs", {}).get("people")
    if call.when == "call" and call.excinfo is not None and isinstance(everybody, Company):
        everybody.pictures(LOOK_HERE / item.name)


@pytest.fixture(scope="session")
def stage(database: str) -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # two cores carry the desk, its workers and the browser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def emptied(stage: Stage, wiper: Wiper) -> Iterator[Stage]:
    """The desk without a row, for a module to fill once. What the module itself does reaches the screens."""
    speaks = live._emit
    speaking.begin()
    wiper.wipe()
    yield stage
    live.speak_through(speaks)


@pytest.fixture(scope="module")
def quiet_desk(emptied: Stage) -> Stage:
    """The team, no bot, and nobody waiting."""
    with connection():
        emptied.fill(bot=False)
    return emptied


@pytest.fixture(scope="module")
def answering_desk(emptied: Stage) -> Stage:
    """The team and a bot that knows its shop, and nobody waiting."""
    with connection():
        emptied.fill(bot=True)
        emptied.wait_for_the_bot()
    return emptied


@pytest.fixture(scope="module")
def demo_desk(emptied: Stage) -> Stage:
    """The whole demo."""
    with connection():
        emptied.fill_with_demo()
    return emptied


@pytest.fixture
def people(stage: Stage, browser: Browser, redis_client: redis.Redis) -> Iterator[Company]:
    """Who takes part in the test. Nobody has knocked too often yet, and whoever took part in the last one is gone."""
    for key in redis_client.scan_iter("*parley:rate*"):
        redis_client.delete(key)
    stage.wait_until_nobody_is_there()
    with connection():
        run("delete from socket_lease")
    with company(stage, browser) as everybody:
        yield everybody
