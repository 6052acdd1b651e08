"""What every test stands on. The settings are in the environment before any module of the desk is imported.

A test under `tests/` gets a real Postgres, migrated and empty, and a real Redis,
without asking. The purely logical suites named in `WITHOUT_DATABASE` get neither.
eventlet and gevent are never imported here, for they change the world under every
other test: a test that needs the front starts it as a process of its own
(`tests/support/processes.py`), in the mode that ASYNC_MODE names.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import redis

from cli.postgres import Postgres
from cli.valkey import Valkey
from models.settings import Settings
from tests.support import processes, services
from tests.support.wiping import Wiper

ROOT = Path(__file__).resolve().parent
WITHOUT_DATABASE = tuple(ROOT / part for part in ("laws", "cli", "models/rules"))

SERVICES = pytest.StashKey[services.Services]()
POSTGRES = pytest.StashKey[Postgres]()
REDIS = pytest.StashKey[Valkey]()


class NoGreenThreads(MetaPathFinder):
    """Turns an import that would patch the standard library under pytest's feet into an error with a reason."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name in {"eventlet", "gevent"}:
            raise ImportError(
                f"{name} must not be imported into pytest: start the front with tests.support.processes.desk()"
            )
        return None


def pytest_configure(config: pytest.Config) -> None:
    """Start what this process needs: all of it in the first one, a Redis of its own in an xdist worker."""
    sys.meta_path.insert(0, NoGreenThreads())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if hasattr(config, "workerinput"):
        postgres = services.joined(config.workerinput["passport"])
    else:
        run = services.Services()
        config.stash[SERVICES] = run
        run.start()
        postgres = run.postgres
    config.stash[POSTGRES] = postgres
    config.stash[REDIS] = server = services.start_redis(postgres.data.parent, worker)
    os.environ.update(
        DATABASE_URL=postgres.url(f"test_{worker}"),
        REDIS_URL=server.url(),
        PARLEY_SECRET_KEY=secrets.token_urlsafe(32),
        PARLEY_PUBLIC_URL="http://127.0.0.1:8000",
        PARLEY_LOG="warning",
        PARLEY_MAIL_URL=f"file://{postgres.data.parent / 'letters'}",
        PARLEY_MAIL_FROM="Fernhill <desk@fernhill.example>",
        PARLEY_MEDIA_URL=(postgres.data.parent / f"media-{worker}").as_uri(),
        HF_HUB_OFFLINE="1",
        # Modules of the front may be imported here; only its processes run green.
        FRONT_ASYNC_MODE=os.environ.get("FRONT_ASYNC_MODE") or os.environ.get("ASYNC_MODE", "eventlet"),
        ASYNC_MODE="threading",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand each xdist worker the way to the shared Postgres."""
    node.workerinput["passport"] = node.config.stash[SERVICES].passport()


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(REDIS, None):
        server.stop()
    if run := config.stash.get(SERVICES, None):
        run.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the desk's processes had to say."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed:
        report.sections += [(f"the end of {name}'s log", text) for name, text in processes.last_words()]


@pytest.fixture(scope="session")
def settings() -> Settings:
    from models.settings import settings as read

    return read()


@pytest.fixture(scope="session")
def database(pytestconfig: pytest.Config, settings: Settings) -> Iterator[str]:
    """This process's own database, made by the real migrations, with `models.db` pointed at it. Gives its URL."""
    from models.db import connect, db

    url = services.clone(pytestconfig.stash[POSTGRES], settings.database_url.rsplit("/", 1)[1])
    connect(settings, application="parley-tests")
    yield url
    db.close_all()


@pytest.fixture(scope="session")
def wiper(pytestconfig: pytest.Config, database: str) -> Iterator[Wiper]:
    wiper = Wiper(pytestconfig.stash[POSTGRES], database.rsplit("/", 1)[1])
    yield wiper
    wiper.close()


@pytest.fixture(scope="session")
def redis_client(settings: Settings) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.redis_url)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins with the desk as the migrations left it, and with a connection of its own.

    Wiped before and not after: a failed test leaves its rows to look at, and a killed
    one leaves nothing to the next. `keeps_data` is for modules whose own fixture built
    what all their tests look at.
    """
    if any(request.path.is_relative_to(part) for part in WITHOUT_DATABASE):
        yield
        return
    wiper: Wiper = request.getfixturevalue("wiper")
    if not request.node.get_closest_marker("keeps_data"):
        wiper.wipe()
        if not processes.running():  # workers at work keep their queue bindings in there
            request.getfixturevalue("redis_client").flushall()
    from models.db import connection, db

    with connection():
        yield
    if not db.is_closed():
        db.close()
