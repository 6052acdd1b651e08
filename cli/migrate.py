"""`parley migrate`: bring the database to this version's schema, one process at a time, and make an empty one a desk."""

from __future__ import annotations

import argparse
from urllib.parse import unquote, urlsplit

import peewee
from playhouse.migrations import Runner

from cli import ROOT
from cli.environment import use_running_desk
from cli.errors import Trouble
from cli.rundir import RunDir
from models.db import connect, connection
from models.seeds.desk import seed_bare
from models.settings import settings

MIGRATIONS = ROOT / "models/migrations"

# One number for "somebody is migrating": several machines may start at once.
TURN = 0x7061726C6579
WAIT_FOR_TURN = "120s"  # the other one may be building an index
# A migration that cannot get its lock gives up at once: behind it, every reader of the table would be waiting.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing; fail if something is to be done")


def run(asked: argparse.Namespace) -> int:
    use_running_desk(RunDir())
    url = settings().database_url
    if asked.check:
        waiting = pending(url)
        print("\n".join(waiting) if waiting else "The database is up to date.")
        return 1 if waiting else 0
    applied = migrate(url)
    print(f"Applied {', '.join(applied)}." if applied else "The database is up to date.")
    connect(settings(), statement_ms=60_000, application="parley-migrate")
    with connection():
        seed_bare()
    return 0


def migrate(url: str) -> list[str]:
    """Apply what is missing, in order. Returns the names; raises `Trouble` if the database is ahead of us."""
    database = _open(url)
    try:
        database.execute_sql(f"SET lock_timeout = '{WAIT_FOR_TURN}'")
        database.execute_sql("SELECT pg_advisory_lock(%s)", (TURN,))
        database.execute_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        database.execute_sql(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        runner = Runner(database, str(MIGRATIONS))
        _refuse_a_newer_database(runner)
        return list(runner.up())
    except peewee.OperationalError as error:
        if "lock timeout" not in str(error):
            raise
        raise Trouble(
            "A migration could not get its lock: something is using the table it must change.",
            "Nothing was changed. Try again when the desk is quieter.",
        ) from error
    finally:
        database.close()  # ends our turn, too


def pending(url: str) -> list[str]:
    """The names of what `migrate` would apply. Changes nothing."""
    database = _open(url)
    try:
        runner = Runner(database, str(MIGRATIONS))
        _refuse_a_newer_database(runner)
        return [migration.name for migration in runner.status() if not migration.applied]
    finally:
        database.close()


def _open(url: str) -> peewee.PostgresqlDatabase:
    parts = urlsplit(url)
    database = peewee.PostgresqlDatabase(
        parts.path.lstrip("/"),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or None,
        host=parts.hostname,
        port=parts.port or 5432,
        connect_timeout=5,
        application_name="parley-migrate",
        options="-c timezone=UTC",
    )
    try:
        database.connect()
    except peewee.OperationalError as error:
        raise Trouble(
            f"The database at {parts.hostname}:{parts.port or 5432} does not answer: {str(error).strip().splitlines()[-1]}",
            "Check DATABASE_URL, or unset it and let Parley start its own.",
        ) from error
    return database


def _refuse_a_newer_database(runner: Runner) -> None:
    unknown = [migration.name for migration in runner.status() if migration.path is None]
    if unknown:
        raise Trouble(
            f"The database was already moved on by a newer Parley ({', '.join(unknown)}), which this version does not know.",
            "Nothing was changed. Update this checkout, or point DATABASE_URL at another database.",
        )
