"""Many rows in one statement, and the numbers they will have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import Table, db, rows

Row = dict[str, Any]


def insert(table: type[Table], new: Sequence[Row]) -> None:
    """Insert rows that all have the same columns, passing over those whose natural key is taken.

    The rows travel as one JSON document: a statement with a parameter for each value
    would take ten times as long.
    """
    if not new:
        return
    name, columns = _name(table), ", ".join(new[0])
    db.execute_sql(
        f"insert into {name} ({columns}) select {columns} from jsonb_populate_recordset(null::{name}, %s)"
        " on conflict do nothing",
        (json.dumps(new, default=datetime.isoformat),),
    )


def take_ids(table: type[Table], count: int) -> list[int]:
    """Numbers for rows that have to name each other before they are written."""
    taken = rows(
        "select nextval(pg_get_serial_sequence(%s, 'id')) as id from generate_series(1, %s)",
        (_name(table), count),
    )
    return [each["id"] for each in taken]


def ids_by(table: type[Table], column: str) -> dict[str, int]:
    """The ids of a table's rows by their natural key."""
    return {each["key"]: each["id"] for each in rows(f"select id, {column} as key from {_name(table)}")}


def _name(table: type[Table]) -> str:
    name: str = table._meta.table_name  # noqa: SLF001 - Peewee documents it under this name
    return name
