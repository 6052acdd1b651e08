"""Connections that wait in the pool: one that the server has closed is never handed out."""

from __future__ import annotations

import psycopg2
import pytest

from models.db import connection, db, one


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
