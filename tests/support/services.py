"""One Postgres for a whole run, one Redis for each pytest process; all of it gone at the end.

Both are the very servers that `parley up` starts, with durability switched off. A
Redis each, because its push channels are shared by all databases of one server.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import psutil

from cli import account as accounts
from cli import migrate, ports
from cli.postgres import OWNER, Postgres
from cli.valkey import Valkey

TEMPLATE = "parley_template"
PREFIX = "parley-test-"


class Services:
    """What the first pytest process starts: the folder of the run, and the Postgres that all share."""

    def __init__(self) -> None:
        self.home = _fresh_home()
        self.postgres = Postgres(
            self.home / "postgres", ports.any_free(), secrets.token_hex(12), accounts.service_account(), durable=False
        )

    def start(self) -> None:
        self.postgres.start()
        self.postgres.ensure_database(TEMPLATE)
        migrate.migrate(self.postgres.url(TEMPLATE))

    def stop(self) -> None:
        self.postgres.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def passport(self) -> dict[str, str | int]:
        """What another pytest process of this run needs to join."""
        return {"home": str(self.home), "port": self.postgres.port, "password": self.postgres.password}


def joined(passport: dict[str, str | int]) -> Postgres:
    """The shared Postgres, seen from an xdist worker."""
    home, port, password = Path(str(passport["home"])), int(passport["port"]), str(passport["password"])
    return Postgres(home / "postgres", port, password, accounts.service_account(), durable=False)


def start_redis(home: Path, worker: str) -> Valkey:
    server = Valkey(
        home / f"valkey-{worker}", ports.any_free(), secrets.token_hex(12), accounts.service_account(), durable=False
    )
    server.start()
    return server


def clone(postgres: Postgres, name: str) -> str:
    """A fresh database made by the real migrations, in some 50 ms. Returns its URL."""
    with postgres.superuser("postgres") as server:
        server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY wal_log OWNER {OWNER}")
    return postgres.url(name)


def _fresh_home() -> Path:
    """A folder in memory where the system has one. Folders of runs that were killed are cleared away first."""
    shelf = Path("/dev/shm")  # noqa: S108 - mkdtemp below makes it ours alone
    if not os.access(shelf, os.W_OK):
        shelf = Path(tempfile.gettempdir())
    for left_over in shelf.glob(f"{PREFIX}*"):
        pid = left_over.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left_over, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=shelf))
    home.chmod(0o711)  # the database's own user must be able to walk in
    return home
