"""The servers this run brings itself: PostgreSQL where no DATABASE_URL is given, Valkey where no REDIS_URL is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cli import account as accounts
from cli import ports
from cli.errors import Trouble
from cli.postgres import Postgres
from cli.progress import say
from cli.rundir import RunDir
from cli.valkey import Valkey

POSTGRES_PORT, REDIS_PORT = 55432, 56379


@dataclass
class Embedded:
    """What was started here; None where the environment named a server."""

    postgres: Postgres | None
    valkey: Valkey | None

    @classmethod
    def for_run(cls, run_dir: RunDir, secrets: dict[str, str]) -> Embedded:
        """Plan what is missing. Nothing is started yet."""
        need_postgres, need_redis = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
        postgres, valkey = None, None
        if need_postgres or need_redis:
            account = accounts.service_account()
            home = accounts.home_for(run_dir.path, account)
        if need_postgres:
            _refuse_foreign(home / "postgres", account)
            port = _port("PARLEY_POSTGRES_PORT", POSTGRES_PORT, "The database")
            postgres = Postgres(home / "postgres", port, secrets["PARLEY_POSTGRES_PASSWORD"], account)
        if need_redis:
            _refuse_foreign(home / "valkey", account)
            port = _port("PARLEY_REDIS_PORT", REDIS_PORT, "The Redis-compatible server")
            valkey = Valkey(home / "valkey", port, secrets["PARLEY_REDIS_PASSWORD"], account)
        return cls(postgres, valkey)

    def start(self) -> None:
        if self.postgres:
            if not self.postgres.exists():
                say("Making a new database (once).")
            self.postgres.start()
            self.postgres.ensure_database()
        if self.valkey:
            self.valkey.start()

    def stop(self) -> None:
        """The database last: somebody may still have had something to write."""
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    def addresses(self) -> dict[str, str]:
        """The environment of every process of the desk: the given addresses, or ours."""
        return {
            "DATABASE_URL": self.postgres.url() if self.postgres else os.environ["DATABASE_URL"],
            "REDIS_URL": self.valkey.url() if self.valkey else os.environ["REDIS_URL"],
        }

    def servers(self) -> dict[str, Postgres | Valkey]:
        named = {"postgres": self.postgres, "valkey": self.valkey}
        return {name: server for name, server in named.items() if server}


def _port(variable: str, usual: int, who: str) -> int:
    """The port asked for, or the usual one, or the next free one with a word about it."""
    if chosen := os.environ.get(variable):
        port = int(chosen)
        if not ports.is_free(port):
            raise Trouble(f"Port {port} ({variable}) is held by {ports.holder(port)}.", f"Choose another {variable}.")
        return port
    if ports.is_free(usual):
        return usual
    port = ports.next_free(usual + 1)
    say(f"Port {usual} is held by {ports.holder(usual)}; {who.lower()} listens on {port} this time.")
    return port


def _refuse_foreign(data: Path, account: accounts.Account | None) -> None:
    """Data made by one user cannot be served by another; say so before a server fails with riddles."""
    if not data.exists():
        return
    expected = account.uid if account else os.geteuid()
    if data.stat().st_uid != expected:
        raise Trouble(
            f"The data in {data} belongs to another user (number {data.stat().st_uid}) than the one starting now.",
            "Start Parley as the user who started it first.",
        )
