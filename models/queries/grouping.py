"""What a grouping from scratch looks at: every failure with its vector and the cluster it is in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from models.db import one, stream

MOST = 100_000  # the newest: two minutes and a gigabyte

Row = dict[str, Any]


def last_run() -> datetime | None:
    found = one("select max(at) as at from grouping_run")
    return found["at"] if found else None


def now() -> datetime:
    found = one("select clock_timestamp() as now")
    assert found is not None
    moment: datetime = found["now"]
    return moment


def everything(model_id: str) -> Iterator[Row]:
    """All failures that this model has read and that are no noise, those of dismissed meanings left out."""
    yield from stream(
        "select f.id, f.cluster_id, coalesce(f.language, '') as language, f.embedding::text as vector from failed_response f"
        " left join cluster c on c.id = f.cluster_id where f.model_id = %s and f.embedding is not null and f.noise is null"
        " and (c.id is null and f.status = 'open' and f.looked_at is not null or c.status in ('open', 'snoozed', 'resolved'))"
        " order by f.id desc limit %s",
        (model_id, MOST),
    )
