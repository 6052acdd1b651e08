"""What a description of a cluster is made of: its failures with their vectors, and the words of all others."""

from __future__ import annotations

from typing import Any

from models.db import rows
from models.queries.knowledge import numbers

MEMBERS_READ = 500  # the newest failures speak for a large cluster
BACKGROUND = 3_000  # failures whose words say which are common

Row = dict[str, Any]


def due(limit: int) -> list[Row]:
    """Clusters that changed since they were described, the longest waiting first."""
    return rows(
        "select id, changed_at, language, status, size from cluster where status <> 'merged' and size > 0"
        " and (described_at is null or described_at < changed_at) order by described_at nulls first, id limit %s",
        (limit,),
    )


def members(cluster_id: int) -> list[Row]:
    """The newest failures of a cluster: text, vector, and what a person answered."""
    found = rows(
        "select f.id, f.text, f.chat_id, f.answer, a.name as answered_by, f.embedding::text as vector"
        " from failed_response f left join agent a on a.id = f.answered_by_id"
        " where f.cluster_id = %s and f.embedding is not null order by f.id desc limit %s",
        (cluster_id, MEMBERS_READ),
    )
    return [{**each, "vector": numbers(each["vector"])} for each in found]


def background() -> list[str]:
    """The newest failures' texts, whatever they are about."""
    return [
        each["text"]
        for each in rows(
            "select text from failed_response where noise is null order by id desc limit %s", (BACKGROUND,)
        )
    ]
