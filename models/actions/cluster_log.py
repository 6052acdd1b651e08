"""What was decided about clusters and single failures: written with what it takes to undo it, and undone.

A decision keeps, before it changes them, the columns of every cluster and failure it touches.
Undoing puts back what is still as the decision left it, and reckons the middles of the
clusters anew: what came in meanwhile stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from models.actions import grouping
from models.db import as_json, one, rows, run
from models.errors import Conflict, NotFound
from models.queries.access import Permission, Viewer
from models.rules import clusters as rules
from models.rules.clusters import Deed, Status

Row = dict[str, Any]

_CLUSTER = (
    "status reason reason_note label label_by_hand owner_id pinned snoozed_until merged_into_id article_id service_id"
    " fixed_at proved_at"
).split()
_FAILURE = "cluster_id placed status status_reason status_note".split()
_TYPES = {"snoozed_until": "timestamptz", "fixed_at": "timestamptz", "proved_at": "timestamptz"}


def locked(viewer: Viewer, cluster_id: int, deed: Deed, version: int | None) -> Row:
    """A cluster somebody decides about, locked, with the membership of all clusters.

    Raises `NotFound`; `Conflict` `cluster_changed` when somebody decided since the caller last looked,
    `cluster_merged` when its failures are another's by now, `cluster_state` when the deed does not fit.
    """
    viewer.require(Permission.FAILURE_REVIEW)
    grouping.in_order()
    return seized(cluster_id, deed, version)


def seized(cluster_id: int, deed: Deed, version: int | None = None) -> Row:
    """The same for a further cluster of a decision that holds the order already."""
    found = one(
        "select c.*, a.name as decider_name, a.hue as decider_hue from cluster c"
        " left join agent a on a.id = c.decided_by_id where c.id = %s for update of c",
        (cluster_id,),
    )
    if found is None:
        raise NotFound()
    if found["status"] == Status.MERGED:
        raise Conflict(
            "This cluster was merged into another one.", code="cluster_merged", cluster_id=found["merged_into_id"]
        )
    if version is not None and version != found["version"]:
        by = {"id": found["decided_by_id"], "name": found["decider_name"], "hue": found["decider_hue"]}
        detail = {"by": by} if found["decided_by_id"] else {}
        raise Conflict(
            "Somebody else changed this cluster. Look at it again.",
            code="cluster_changed",
            version=found["version"],
            **detail,
        )
    rules.require(deed, found["status"])
    return found


def write(
    viewer: Viewer,
    deed: Deed,
    *,
    cluster_id: int | None = None,
    failure_id: int | None = None,
    before: Mapping[str, Any],
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> int:
    """Keep a decision. `before` is what `snapshot` gave. Returns its number."""
    made = one(
        "insert into cluster_decision (cluster_id, failed_response_id, kind, agent_id, agent_name, note, before, after)"
        " values (%s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb) returning id",
        (cluster_id, failure_id, deed.value, viewer.id, viewer.name, note, as_json(before), as_json(after or {})),
    )
    assert made is not None
    number: int = made["id"]
    return number


def snapshot(cluster_ids: Iterable[int], failure_ids: Iterable[int] = ()) -> Row:
    """The columns that a decision may change, of these clusters and failures, as they are now."""
    clusters = rows("select * from cluster where id = any(%s) order by id", (list(cluster_ids),))
    failures = rows("select * from failed_response where id = any(%s::bigint[]) order by id", (list(failure_ids),))
    return {
        "clusters": {str(each["id"]): {name: each[name] for name in _CLUSTER} for each in clusters},
        "failures": {str(each["id"]): {name: each[name] for name in _FAILURE} for each in failures},
    }


def changed(viewer: Viewer, cluster_id: int, **columns: Any) -> None:
    """Write columns of a cluster as a person's decision: from now on it is pinned, and its version counts on."""
    names = [*columns]
    run(
        f"update cluster set {''.join(f'{name} = %s, ' for name in names)} pinned = true, decided_by_id = %s,"
        " decided_at = clock_timestamp(), version = version + 1 where id = %s",
        (*columns.values(), viewer.id, cluster_id),
    )


def undo(viewer: Viewer, cluster_id: int, version: int | None) -> list[int]:
    """Take back the newest decision about a cluster. Returns the clusters that are another thing now.

    Raises `Conflict` (`nothing_to_undo`). What the desk decided by itself is undone by deciding otherwise.
    """
    viewer.require(Permission.FAILURE_REVIEW)
    grouping.in_order()
    newest = one(
        "select * from cluster_decision where cluster_id = %s and undone_at is null and failed_response_id is null"
        " order by id desc limit 1 for update",
        (cluster_id,),
    )
    seized(cluster_id, Deed.RENAME, version)
    if newest is None or newest["agent_id"] is None:
        raise Conflict("There is no decision that could be taken back.", code="nothing_to_undo")
    touched = _put_back(viewer, newest)
    run(
        "update cluster_decision set undone_at = clock_timestamp(), undone_by_id = %s where id = %s",
        (viewer.id, newest["id"]),
    )
    return touched


def _put_back(viewer: Viewer, decision: Row) -> list[int]:
    before, after = decision["before"], decision["after"]
    made = after.get("made")  # a cluster that this decision opened: its failures go home, later ones with them
    back: list[Row] = [{"id": int(key), **columns} for key, columns in before.get("failures", {}).items()]
    ids = [each["id"] for each in back]
    where_now = {
        each["id"]: each["cluster_id"]
        for each in rows("select id, cluster_id from failed_response where id = any(%s) for update", (ids,))
    }
    left_at = after.get("cluster_id", decision["cluster_id"])
    for each in back:
        if each["id"] not in where_now or where_now[each["id"]] not in (left_at, made):
            continue  # erased, or taken elsewhere by a later decision
        run(
            f"update failed_response set {', '.join(f'{name} = %s' for name in _FAILURE)},"
            " decided_at = clock_timestamp(), decided_by_id = %s where id = %s",
            (*(each[name] for name in _FAILURE), viewer.id, each["id"]),
        )
    if made is not None:
        run(
            "update failed_response set cluster_id = %s where cluster_id = %s",
            (decision["cluster_id"], made),
        )
        run(
            "update cluster set status = 'merged', reason = null, snoozed_until = null, merged_into_id = %s,"
            " version = version + 1 where id = %s",
            (decision["cluster_id"], made),
        )
    touched = [int(key) for key in before.get("clusters", {})]
    for key, columns in before.get("clusters", {}).items():
        settings = ", ".join(f"{name} = %s::{_TYPES[name]}" if name in _TYPES else f"{name} = %s" for name in columns)
        run(
            f"update cluster set {settings}, decided_by_id = %s, decided_at = clock_timestamp(), version = version + 1"
            " where id = %s",
            (*columns.values(), viewer.id, int(key)),
        )
    touched += [made] if made is not None else []
    for cluster_id in touched:
        grouping.recount(cluster_id)
    return touched
