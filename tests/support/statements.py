"""What is asked of the database meanwhile: how many statements something costs, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from models.db import db

_FRAME = ("begin", "commit", "savepoint", "release")


class Statements(list[tuple[str, Any]]):
    """Each with its parameters, in the order they were sent."""

    @property
    def inside(self) -> list[str]:
        """Without those that only open and close a transaction."""
        return [sql for sql, _ in self if not sql.lower().startswith(_FRAME)]


@contextmanager
def statements() -> Iterator[Statements]:
    """Everything that this process sends to the database inside."""
    sent = Statements()
    execute = db.execute_sql

    def noted(sql: str, params: Any = None) -> Any:
        sent.append((sql, params))
        return execute(sql, params)

    with patch.object(db, "execute_sql", noted):
        yield sent
