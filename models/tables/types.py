"""Column types that Postgres has and Peewee names only in an extension."""

from __future__ import annotations

from typing import Any

from playhouse.postgres_ext import ArrayField, BinaryJSONField, DateTimeTZField, TSVectorField

__all__ = ["ArrayField", "Json", "Moment", "Words"]


class Moment(DateTimeTZField):
    """timestamptz, always read as aware UTC."""


class Json(BinaryJSONField):
    """jsonb without Peewee's default GIN index: we read it whole, we never search in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(index=False, **kwargs)


class Words(TSVectorField):
    """tsvector, kept by the database itself. Its index stands in a migration."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(index=False, null=True, **kwargs)
