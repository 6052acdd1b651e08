"""What people decide about single failures: dismiss, resolve, reopen, place by hand."""

from __future__ import annotations

from typing import Any

from models.actions import cluster_log, grouping, news
from models.actions.clusters import move
from models.db import atomically, one, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries import knowledge
from models.queries.access import Permission, Viewer
from models.rules.clusters import Deed

Row = dict[str, Any]


@atomically
def dismiss(viewer: Viewer, failure_id: int, *, reason: str, note: str = "") -> None:
    """Noise, or out of scope. A single failure takes its meaning along: what is like it is dismissed as it comes in."""
    failure = _seized(viewer, failure_id, "open")
    before = cluster_log.snapshot([], [failure_id])
    _settle(viewer, failure_id, "dismissed", reason, note)
    made = None
    if failure["cluster_id"] is None and failure["vector"] is not None and failure["noise"] is None:
        failure["vector"] = knowledge.numbers(failure["vector"])
        near = grouping.nearest_clusters(
            failure["vector"], failure["model_id"], failure["language"], grouping.LOOKED_UP
        )
        made = grouping.open_cluster([failure], failure["model_id"], failure["language"], near, "moved", pinned=True)
        cluster_log.changed(viewer, made, status="dismissed", reason=reason, reason_note=note)
        news.cluster(made)
    after = {"reason": reason, **({"cluster_id": made} if made else {})}
    _kept(viewer, Deed.DISMISS, failure_id, before, after, note)


@atomically
def resolve(viewer: Viewer, failure_id: int, *, reason: str, note: str = "") -> None:
    _seized(viewer, failure_id, "open")
    before = cluster_log.snapshot([], [failure_id])
    _settle(viewer, failure_id, "resolved", reason, note)
    _kept(viewer, Deed.RESOLVE, failure_id, before, {"reason": reason}, note)


@atomically
def reopen(viewer: Viewer, failure_id: int) -> None:
    """Open it again. One that is in a dismissed cluster comes out of it: its meaning is another one after all."""
    failure = _seized(viewer, failure_id, "resolved", "dismissed")
    before = cluster_log.snapshot([], [failure_id])
    run(
        "update failed_response set status = 'open', status_reason = null, status_note = '', decided_by_id = %s,"
        " decided_at = clock_timestamp() where id = %s",
        (viewer.id, failure_id),
    )
    home = failure["cluster_id"]
    kept = one("select status from cluster where id = %s for update", (home,)) if home is not None else None
    if kept is not None and kept["status"] == "dismissed":
        run("update failed_response set cluster_id = null, placed = null where id = %s", (failure_id,))
        grouping.recount(home)
        news.cluster(home)
    _kept(viewer, Deed.REOPEN, failure_id, before, {})


@atomically
def place(viewer: Viewer, failure_id: int, *, cluster_id: int | None) -> None:
    """Put a failure into a cluster by hand, or out of the one it is in."""
    viewer.require(Permission.FAILURE_REVIEW)
    grouping.in_order()
    failure = _row(failure_id)
    if failure["cluster_id"] is not None:
        move(viewer, failure["cluster_id"], failure_ids=[failure_id], to_id=cluster_id)
        news.failure(failure_id)
        return
    if cluster_id is None:
        raise Conflict("It is in no cluster.", code="failure_state")
    to = cluster_log.seized(cluster_id, Deed.MOVE)
    if failure["vector"] is None or failure["model_id"] != to["model_id"]:
        raise Invalid(
            "This failure was not read yet. Try again in a minute.", fields={"cluster_id": ["It was not read yet."]}
        )
    before = cluster_log.snapshot([cluster_id], [failure_id])
    grouping.join({**failure, "vector": knowledge.numbers(failure["vector"])}, cluster_id, "moved")
    cluster_log.changed(viewer, cluster_id)
    cluster_log.write(
        viewer, Deed.MOVE, cluster_id=cluster_id, before=before, after={"cluster_id": cluster_id, "failures": 1}
    )
    news.cluster(cluster_id)
    news.failure(failure_id)
    enqueue(Job.DESCRIBE_CLUSTERS)


def _row(failure_id: int) -> Row:
    found = one(
        "select id, text, status, noise, cluster_id, language, model_id, created_at, embedding::text as vector"
        " from failed_response where id = %s for update",
        (failure_id,),
    )
    if found is None:
        raise NotFound()
    return found


def _seized(viewer: Viewer, failure_id: int, *states: str) -> Row:
    viewer.require(Permission.FAILURE_REVIEW)
    grouping.in_order()
    found = _row(failure_id)
    if found["status"] not in states:
        raise Conflict(f"This failure is {found['status']} already.", code="failure_state")
    return found


def _settle(viewer: Viewer, failure_id: int, status: str, reason: str, note: str) -> None:
    run(
        "update failed_response set status = %s, status_reason = %s, status_note = %s, decided_by_id = %s,"
        " decided_at = clock_timestamp() where id = %s",
        (status, reason, note, viewer.id, failure_id),
    )


def _kept(viewer: Viewer, deed: Deed, failure_id: int, before: Row, after: Row, note: str = "") -> None:
    cluster_log.write(viewer, deed, failure_id=failure_id, before=before, after=after, note=note)
    news.failure(failure_id)
