"""Migrations run one process at a time, and never against a database that is ahead. The command leaves a desk behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from cli import ROOT, migrate
from cli.errors import Trouble
from tests.conftest import POSTGRES

NAME = "test_migrating"


@pytest.fixture
def empty(pytestconfig: pytest.Config) -> Iterator[str]:
    postgres = pytestconfig.stash[POSTGRES]
    name = f"{NAME}_{threading.get_native_id()}"
    postgres.ensure_database(name)
    yield postgres.url(name)
    with postgres.superuser("postgres") as server:
        server.run(f"DROP DATABASE {name} WITH (FORCE)")


def test_all_of_them_once_and_in_order(empty: str) -> None:
    waiting = migrate.pending(empty)
    assert waiting == sorted(waiting)
    assert migrate.migrate(empty) == waiting
    assert migrate.pending(empty) == []
    assert migrate.migrate(empty) == []


def test_two_machines_that_start_together_take_turns(empty: str) -> None:
    applied: list[list[str]] = []
    both = [threading.Thread(target=lambda: applied.append(migrate.migrate(empty))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    first, second = sorted(applied, key=len)
    assert first == []
    assert second


def test_a_database_that_is_ahead_of_us_is_left_alone(empty: str) -> None:
    migrate.migrate(empty)
    connection = psycopg2.connect(empty)
    with connection, connection.cursor() as cursor:
        cursor.execute("insert into schema_migration (name, applied) values ('9999_from_the_future', now())")
    connection.close()
    with pytest.raises(Trouble, match="9999_from_the_future"):
        migrate.migrate(empty)
    with pytest.raises(Trouble, match="newer Parley"):
        migrate.pending(empty)


def test_a_database_that_does_not_answer_is_named() -> None:
    with pytest.raises(Trouble, match=r"127\.0\.0\.1:1 does not answer"):
        migrate.migrate("postgresql://nobody@127.0.0.1:1/nothing")


def test_the_command_makes_a_desk_of_an_empty_database_and_leaves_one_as_it_is(empty: str) -> None:
    def parley(*words: str) -> str:
        env = {**os.environ, "DATABASE_URL": empty, "PARLEY_SECRET_KEY": "s" * 32}
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *words], cwd=ROOT, env=env, check=True, capture_output=True, text=True
        ).stdout

    def asked(sql: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(empty)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    assert "Applied 0001_desk" in parley("migrate")
    assert asked("select count(*), (select count(*) from channel), (select count(*) from agent) from desk") == [
        (1, 1, 0)
    ]
    asked("update desk set name = 'Plants & Co'")
    assert parley("migrate") == "The database is up to date.\n"
    assert asked("select name, (select count(*) from channel) from desk") == [("Plants & Co", 1)]
