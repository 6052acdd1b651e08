"""What a night's grouping changes: at once where nobody has decided, else as a proposal to those who review.

Each change is one transaction of its own, and looks again at what it is about: failures come in and
people decide while the grouping thinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.actions import grouping, news
from models.db import as_json, atomically, one, rows, run
from models.queries import knowledge
from models.rules.clusters import FEWEST
from models.rules.grouping import likeness, mean
from models.rules.regrouping import Change

Row = dict[str, Any]

REMEMBERED = "60 days"  # what somebody declined is not proposed again for so long
KEPT = 30  # runs; what was proposed in older ones is gone with them


@atomically
def begin(model_id: str, failures: int, groups: int, seconds: float, *, after: datetime | None) -> int | None:
    """Note a run. What older ones proposed and nobody decided on is out of date.

    None when another worker has noted one since `after`, the last one that this one knew of.
    """
    grouping.in_order()
    newest = one("select max(at) as at from grouping_run")
    if newest is not None and newest["at"] != after:
        return None
    run(
        "update cluster_proposal set state = 'outdated', decided_at = clock_timestamp() where state = 'open' and run_id in"
        " (select id from grouping_run where model_id = %s)",
        (model_id,),
    )
    run("delete from grouping_run where id in (select id from grouping_run order by id desc offset %s)", (KEPT,))
    made = one(
        "insert into grouping_run (model_id, failures, groups, seconds) values (%s, %s, %s, %s) returning id",
        (model_id, failures, groups, seconds),
    )
    assert made is not None
    number: int = made["id"]
    return number


@atomically
def make(run_id: int, change: Change) -> str:
    """Apply one change, or propose it. Returns which: applied, proposed, or passed over."""
    grouping.in_order()
    clusters = rows(
        "select id, status, pinned, model_id, language, map_x, map_y, centroid::text as centroid from cluster"
        " where id = any(%s) order by id for update",
        ([each for each in (change.cluster_id, change.other_id) if each is not None],),
    )
    known = {each["id"]: each for each in clusters}
    if len(known) != len({change.cluster_id, change.other_id} - {None}) or any(
        each["status"] == "merged" for each in clusters
    ):
        return "passed over"
    leaving = change.other_id if change.kind == "merge" else change.cluster_id
    members = _still_there(change.failure_ids, leaving)
    free = all(not each["pinned"] and each["status"] == "open" for each in clusters)
    if change.kind in ("open", "join"):
        return _place_singles(change, members) if free else "passed over"
    if len(members) < FEWEST and change.kind == "split":
        return "passed over"
    if not members:
        return "passed over"
    if free:
        return _apply(run_id, change, members)
    return _propose(run_id, change, members, known)


def _still_there(failure_ids: Sequence[int], cluster_id: int | None) -> list[Row]:
    found = rows(
        "select id, text, language, model_id, created_at, embedding::text as vector from failed_response"
        " where id = any(%s) and cluster_id is not distinct from %s and embedding is not null and noise is null"
        " order by id for update",
        (list(failure_ids), cluster_id),
    )
    return [{**each, "vector": knowledge.numbers(each["vector"])} for each in found]


def _place_singles(change: Change, members: Sequence[Row]) -> str:
    if change.other_id is not None:
        for each in members:
            grouping.join(each, change.other_id, "grouped")
        if members:
            news.cluster(change.other_id)
        return "applied" if members else "passed over"
    if len(members) < FEWEST:
        return "passed over"
    _open(members)
    return "applied"


def _open(members: Sequence[Row]) -> int:
    first = members[0]
    near = grouping.nearest_clusters(
        mean([each["vector"] for each in members]), first["model_id"], first["language"], grouping.LOOKED_UP
    )
    made = grouping.open_cluster(members, first["model_id"], first["language"], near, "grouped")
    news.cluster(made)
    return made


def _apply(run_id: int, change: Change, members: Sequence[Row]) -> str:
    before: Row = {"failures": {str(each["id"]): {} for each in members}}
    if change.kind == "split":
        made = _open(members)
        _note(change.cluster_id, "split", before, {"made": made, "failures": len(members)})
    else:
        into = change.cluster_id if change.kind == "merge" else change.other_id
        assert into is not None
        for each in members:
            grouping.join(each, into, "grouped")
        _note(into, change.kind, before, {"others": [change.other_id], "failures": len(members)})
        news.cluster(into)
    leaving = change.other_id if change.kind == "merge" else change.cluster_id
    assert leaving is not None
    left = grouping.recount(leaving)
    if change.kind == "merge":
        _move_the_rest(leaving, change.cluster_id, left)
    news.cluster(leaving)
    run("update grouping_run set applied = applied + 1 where id = %s", (run_id,))
    return "applied"


def _move_the_rest(leaving: int, into: int | None, left: int) -> None:
    """A merged cluster keeps nothing: what the grouping saw elsewhere is single again, to be placed as if it were new."""
    if left:
        run(
            "update failed_response set cluster_id = null, placed = null, looked_at = null where cluster_id = %s",
            (leaving,),
        )
        grouping.recount(leaving)
    run(
        "update cluster set status = 'merged', merged_into_id = %s, version = version + 1 where id = %s",
        (into, leaving),
    )


def _propose(run_id: int, change: Change, members: Sequence[Row], known: dict[int, Row]) -> str:
    declined = one(
        f"select 1 from cluster_proposal where state = 'declined' and decided_at > clock_timestamp() - interval '{REMEMBERED}'"
        " and kind = %s and cluster_id = %s and other_id is not distinct from %s",
        (change.kind, change.cluster_id, change.other_id),
    )
    if declined is not None:
        return "passed over"
    assert change.cluster_id is not None
    other = known[change.other_id]["centroid"] if change.other_id is not None else None
    middle = mean([each["vector"] for each in members])
    if change.kind == "merge" or other is None:
        alike = likeness(middle, knowledge.numbers(known[change.cluster_id]["centroid"]))
    else:
        alike = likeness(middle, knowledge.numbers(other))
    run(
        "insert into cluster_proposal (run_id, kind, cluster_id, other_id, failure_ids, likeness) values (%s, %s, %s, %s, %s, %s)",
        (run_id, change.kind, change.cluster_id, change.other_id, [each["id"] for each in members], alike),
    )
    run("update grouping_run set proposed = proposed + 1 where id = %s", (run_id,))
    return "proposed"


def _note(cluster_id: int | None, kind: str, before: Row, after: Row) -> None:
    """What the desk decided by itself is in the same log."""
    run(
        "insert into cluster_decision (cluster_id, kind, agent_name, before, after) values (%s, %s, '', %s::jsonb, %s::jsonb)",
        (cluster_id, kind, as_json(before), as_json(after)),
    )
