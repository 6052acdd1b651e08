"""Connections: one that the server has closed is never handed out, and none waits for an answer for ever."""

from __future__ import annotations

from dataclasses import replace

import peewee
import psycopg2
import pytest

from models.db import connect, connection, db, one, sqlstate
from models.settings import Settings


def _backend() -> int:
    """The server's process behind the connection that is handed out next; the pool gives the same one again."""
    with connection():
        found = one("select pg_backend_pid() as pid")
    assert found is not None
    return int(found["pid"])


@pytest.mark.keeps_data
def test_a_connection_ended_by_the_server_is_replaced_unseen(database: str) -> None:
    db.close_all()
    before = _backend()
    assert _backend() == before
    with psycopg2.connect(database) as other, other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", (before,))
    other.close()
    assert _backend() != before


@pytest.mark.keeps_data
def test_a_statement_ends_after_as_long_as_the_settings_say_and_its_fault_has_a_name(
    database: str, settings: Settings
) -> None:
    db.close_all()
    connect(replace(settings, statement_ms=50))
    try:
        with pytest.raises(peewee.OperationalError) as fault, connection():
            one("select pg_sleep(5)")
    finally:
        db.close_all()
        connect(settings)
    assert sqlstate(fault.value) == "57014"
