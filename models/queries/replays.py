"""Replays: how far one is, and what each question of it came to."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import Invalid, NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out, moment
from models.rules.clusters import Proof

_REPLAYS = """
select r.*, a.id as by_id, a.name as by_name, a.hue as by_hue
from replay r left join agent a on a.id = r.by_agent_id
"""
SHOWN = 10


def newest(*, cluster_id: int | None = None, failure_id: int | None = None) -> list[Out]:
    """The newest replays of a cluster or of a single failure, newest first."""
    found = rows(
        f"{_REPLAYS} where r.cluster_id = %s or r.failed_response_id = %s order by r.id desc limit {SHOWN}",
        (cluster_id, failure_id),
    )
    return [out(each) for each in found]


def one_of(replay_id: int) -> Out:
    """A `ReplayOut`. Raises `NotFound`."""
    found = one(f"{_REPLAYS} where r.id = %s", (replay_id,))
    if found is None:
        raise NotFound()
    return out(found)


def detail(viewer: Viewer, replay_id: int) -> Out:
    viewer.require(Permission.FAILURE_REVIEW)
    return one_of(replay_id)


def turns(
    viewer: Viewer, replay_id: int, *, verdict: str | None = None, limit: int = 100, after: int | None = None
) -> Out:
    """A `ReplayTurnPage`: what each question came to, in the order they are asked."""
    viewer.require(Permission.FAILURE_REVIEW)
    one_of(replay_id)
    if after is not None and after < 0:
        raise Invalid(fields={"after": ["Not a page marker."]})
    found = rows(
        "select id, failed_response_id, regression_turn_id, question, verdict, said, source_kind, source_id, source_title,"
        " confidence from replay_turn where replay_id = %(replay)s and id > %(after)s"
        " and (%(verdict)s::text is null or verdict = %(verdict)s) order by id limit %(limit)s",
        {"replay": replay_id, "after": after or 0, "verdict": verdict, "limit": limit + 1},
    )
    shown = found[:limit]
    return {
        "items": [
            {
                "id": each["id"],
                "failure_id": each["failed_response_id"],
                "question": each["question"],
                "verdict": each["verdict"],
                "said": each["said"],
                "source": {"kind": each["source_kind"], "id": each["source_id"], "title": each["source_title"]}
                if each["source_kind"]
                else None,
                "confidence": each["confidence"],
            }
            for each in shown
        ],
        "next": shown[-1]["id"] if len(found) > limit else None,
    }


def out(row: dict[str, Any]) -> Out:
    """A `ReplayOut`."""
    done = row["state"] == "done"
    return {
        "id": row["id"],
        "cluster_id": row["cluster_id"],
        "failure_id": row["failed_response_id"],
        "purpose": row["purpose"],
        "change": row["change"],
        "state": row["state"],
        "fault": row["fault"],
        "by": shapes.agent_brief(row, "by_"),
        "total": row["total"],
        "done": row["done"],
        "fixed": row["fixed"],
        "failing": row["failing"],
        "kept": row["kept"],
        "broken": row["broken"],
        "percent": Proof(row["fixed"], row["failing"], row["broken"]).percent if done else None,
        "asked_at": row["asked_at"].isoformat(),
        "finished_at": moment(row["finished_at"]),
    }
