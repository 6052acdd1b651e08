"""What people decide about clusters: split, merge, move, rename, snooze, assign, dismiss, resolve, reopen, undo.

Each decision is one transaction: it locks, asks the rules, keeps what was before, writes,
and tells every review screen. A cluster somebody decided about is pinned from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from models.actions import cluster_log, grouping, news
from models.actions.chat_log import db_now
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries import clusters as read
from models.queries import knowledge
from models.queries.access import Permission, Viewer
from models.rules import clusters as rules
from models.rules.clusters import Deed, Status
from models.rules.grouping import mean

Row = dict[str, Any]


@atomically
def rename(viewer: Viewer, cluster_id: int, *, label: str, version: int | None = None) -> None:
    cluster_log.locked(viewer, cluster_id, Deed.RENAME, version)
    before = cluster_log.snapshot([cluster_id])
    cluster_log.changed(viewer, cluster_id, label=label, label_by_hand=True)
    _kept(viewer, Deed.RENAME, cluster_id, before, {"label": label})


@atomically
def assign(viewer: Viewer, cluster_id: int, *, agent_id: int | None, version: int | None = None) -> None:
    """Say who takes care of it; None: nobody. It must be somebody who reviews."""
    cluster_log.locked(viewer, cluster_id, Deed.ASSIGN, version)
    if agent_id is not None and agent_id not in {each["id"] for each in read.reviewers()}:
        raise Invalid("Choose somebody who may review.", fields={"agent_id": ["Choose somebody who may review."]})
    before = cluster_log.snapshot([cluster_id])
    cluster_log.changed(viewer, cluster_id, owner_id=agent_id)
    _kept(viewer, Deed.ASSIGN, cluster_id, before, {"agent_id": agent_id})


@atomically
def snooze(viewer: Viewer, cluster_id: int, *, until: datetime, version: int | None = None) -> None:
    cluster_log.locked(viewer, cluster_id, Deed.SNOOZE, version)
    before = cluster_log.snapshot([cluster_id])
    until = rules.snooze_until(until, db_now())
    cluster_log.changed(viewer, cluster_id, status=Status.SNOOZED.value, snoozed_until=until)
    _kept(viewer, Deed.SNOOZE, cluster_id, before, {"until": until.isoformat()})


@atomically
def wake(viewer: Viewer, cluster_id: int, *, version: int | None = None) -> None:
    cluster_log.locked(viewer, cluster_id, Deed.WAKE, version)
    before = cluster_log.snapshot([cluster_id])
    cluster_log.changed(viewer, cluster_id, status=Status.OPEN.value, snoozed_until=None)
    _kept(viewer, Deed.WAKE, cluster_id, before)


@atomically
def dismiss(viewer: Viewer, cluster_id: int, *, reason: str, note: str = "", version: int | None = None) -> None:
    """Noise, or out of scope. From now on whatever means the same is dismissed as it comes in."""
    cluster_log.locked(viewer, cluster_id, Deed.DISMISS, version)
    open_ones = _open_members(cluster_id)
    before = cluster_log.snapshot([cluster_id], open_ones)
    cluster_log.changed(
        viewer, cluster_id, status=Status.DISMISSED.value, reason=reason, reason_note=note, snoozed_until=None
    )
    _settle(viewer, open_ones, Status.DISMISSED, reason, note)
    _kept(viewer, Deed.DISMISS, cluster_id, before, {"reason": reason, "failures": len(open_ones)}, note)


@atomically
def resolve(viewer: Viewer, cluster_id: int, *, reason: str, note: str = "", version: int | None = None) -> None:
    """Settled. Without a replay that shows it, a written reason must say why. It reopens by itself if they come back."""
    cluster_log.locked(viewer, cluster_id, Deed.RESOLVE, version)
    proved = rules.require_proof(read.proof(cluster_id), read.needed_percent(), note)
    open_ones = _open_members(cluster_id)
    before = cluster_log.snapshot([cluster_id], open_ones)
    now = db_now()
    cluster_log.changed(
        viewer,
        cluster_id,
        status=Status.RESOLVED.value,
        reason=reason,
        reason_note=note,
        snoozed_until=None,
        fixed_at=now,
    )
    _settle(viewer, open_ones, Status.RESOLVED, reason, note)
    after = {"reason": reason, "failures": len(open_ones), "proved": proved}
    _kept(viewer, Deed.RESOLVE, cluster_id, before, after, note)


@atomically
def reopen(viewer: Viewer, cluster_id: int, *, version: int | None = None) -> None:
    """Open it again, with the failures that were settled along with it."""
    cluster = cluster_log.locked(viewer, cluster_id, Deed.REOPEN, version)
    settled = rows(
        "select id from failed_response where cluster_id = %s and status = %s for update",
        (cluster_id, cluster["status"]),
    )
    ids = [each["id"] for each in settled]
    before = cluster_log.snapshot([cluster_id], ids)
    cluster_log.changed(viewer, cluster_id, status=Status.OPEN.value, reason=None, reason_note="")
    run(
        "update failed_response set status = 'open', status_reason = null, status_note = '', decided_by_id = %s,"
        " decided_at = clock_timestamp() where id = any(%s)",
        (viewer.id, ids),
    )
    _kept(viewer, Deed.REOPEN, cluster_id, before, {"failures": len(ids)})


@atomically
def split(
    viewer: Viewer, cluster_id: int, *, failure_ids: Sequence[int], label: str | None = None, version: int | None = None
) -> int:
    """Make another cluster of some of its failures. Returns the new one's number. Some must stay behind."""
    cluster = cluster_log.locked(viewer, cluster_id, Deed.SPLIT, version)
    going = _members(cluster_id, failure_ids)
    if len(going) >= cluster["size"]:
        raise Invalid("Some failures must stay.", fields={"failure_ids": ["Some failures must stay."]})
    before = cluster_log.snapshot([cluster_id], [each["id"] for each in going])
    middle = mean([each["vector"] for each in going])
    near = grouping.nearest_clusters(middle, cluster["model_id"], cluster["language"], grouping.LOOKED_UP)
    made = grouping.open_cluster(going, cluster["model_id"], cluster["language"], near, "moved", pinned=True)
    cluster_log.changed(viewer, cluster_id)
    cluster_log.changed(
        viewer,
        made,
        **({"label": label, "label_by_hand": True} if label else {}),
        **{
            name: cluster[name] for name in ("status", "reason", "reason_note", "snoozed_until", "fixed_at", "owner_id")
        },
    )
    grouping.recount(cluster_id)
    _kept(viewer, Deed.SPLIT, cluster_id, before, {"made": made, "failures": len(going)})
    news.cluster(made)
    enqueue(Job.DESCRIBE_CLUSTERS)
    return made


@atomically
def merge(viewer: Viewer, cluster_id: int, *, other_ids: Sequence[int], version: int | None = None) -> None:
    """Take the failures of other clusters in. The others stay as rows that say where their failures went."""
    wanted = sorted(set(other_ids) - {cluster_id})
    if not wanted:
        raise Invalid("Choose another cluster.", fields={"other_ids": ["Choose another cluster."]})
    into = cluster_log.locked(viewer, cluster_id, Deed.MERGE, version)
    others = [cluster_log.seized(each, Deed.MERGE) for each in wanted]
    if any(each["model_id"] != into["model_id"] for each in others):
        raise Conflict("These were read by two language models. Wait until all are read anew.", code="cluster_state")
    moving = rows(
        "select id, embedding::text as vector from failed_response where cluster_id = any(%s) order by id for update",
        (wanted,),
    )
    before = cluster_log.snapshot([cluster_id, *wanted], [each["id"] for each in moving])
    _move_in([each["id"] for each in moving], into)
    for each in wanted:
        cluster_log.changed(
            viewer, each, status=Status.MERGED.value, merged_into_id=cluster_id, reason=None, snoozed_until=None
        )
        grouping.recount(each)
    cluster_log.changed(viewer, cluster_id)
    grouping.recount(cluster_id)
    _place_again(cluster_id)
    _kept(viewer, Deed.MERGE, cluster_id, before, {"others": wanted, "failures": len(moving)})
    for each in wanted:
        news.cluster(each)
    enqueue(Job.DESCRIBE_CLUSTERS)


@atomically
def move(
    viewer: Viewer, cluster_id: int, *, failure_ids: Sequence[int], to_id: int | None, version: int | None = None
) -> None:
    """Move some failures to another cluster, or out of every one."""
    cluster_log.locked(viewer, cluster_id, Deed.MOVE, version)
    if to_id == cluster_id:
        raise Invalid("Choose another cluster.", fields={"to_id": ["Choose another cluster."]})
    going = [each["id"] for each in _members(cluster_id, failure_ids)]
    to = cluster_log.seized(to_id, Deed.MOVE) if to_id is not None else None
    before = cluster_log.snapshot([cluster_id, *([to_id] if to_id is not None else [])], going)
    if to is None:
        run("update failed_response set cluster_id = null, placed = null where id = any(%s)", (going,))
    else:
        _move_in(going, to)
        cluster_log.changed(viewer, to["id"])
        grouping.recount(to["id"])
        _place_again(to["id"])
    cluster_log.changed(viewer, cluster_id)
    grouping.recount(cluster_id)
    _kept(viewer, Deed.MOVE, cluster_id, before, {"cluster_id": to_id, "failures": len(going)})
    if to is not None:
        news.cluster(to["id"])
    enqueue(Job.DESCRIBE_CLUSTERS)


@atomically
def undo(viewer: Viewer, cluster_id: int, *, version: int | None = None) -> None:
    """Take back the newest decision about it."""
    touched = cluster_log.undo(viewer, cluster_id, version)
    for each in touched:
        _place_again(each)
        news.cluster(each)
    if cluster_id not in touched:
        news.cluster(cluster_id)
    enqueue(Job.DESCRIBE_CLUSTERS)


@atomically
def decide_proposal(viewer: Viewer, proposal_id: int, *, accept: bool) -> int:
    """Accept or decline what a nightly grouping would rather have. Returns the cluster it was about."""
    viewer.require(Permission.FAILURE_REVIEW)
    grouping.in_order()
    proposal = one("select * from cluster_proposal where id = %s for update", (proposal_id,))
    if proposal is None:
        raise NotFound()
    if proposal["state"] != "open":
        raise Conflict("This proposal is decided already.", code="proposal_decided")
    if accept:
        _carry_out(viewer, proposal)
    run(
        "update cluster_proposal set state = %s, decided_at = clock_timestamp(), decided_by_id = %s where id = %s",
        ("accepted" if accept else "declined", viewer.id, proposal_id),
    )
    cluster_id: int = proposal["cluster_id"]
    return cluster_id


def _carry_out(viewer: Viewer, proposal: Row) -> None:
    cluster_id, other_id = proposal["cluster_id"], proposal["other_id"]
    still = [
        each["id"]
        for each in rows(
            "select id from failed_response where cluster_id = %s and id = any(%s)",
            (cluster_id, proposal["failure_ids"]),
        )
    ]
    doing: dict[str, Callable[[], Any]] = {
        "merge": lambda: merge(viewer, cluster_id, other_ids=[other_id]),
        "split": lambda: split(viewer, cluster_id, failure_ids=still),
        "move": lambda: move(viewer, cluster_id, failure_ids=still, to_id=other_id),
    }
    doing[proposal["kind"]]()


# --- what they share -------------------------------------------------------------------------------------------


def _kept(viewer: Viewer, deed: Deed, cluster_id: int, before: Row, after: Row | None = None, note: str = "") -> None:
    cluster_log.write(viewer, deed, cluster_id=cluster_id, before=before, after=after, note=note)
    news.cluster(cluster_id)


def _open_members(cluster_id: int) -> list[int]:
    found = rows(
        "select id from failed_response where cluster_id = %s and status = 'open' order by id for update", (cluster_id,)
    )
    return [each["id"] for each in found]


def _members(cluster_id: int, failure_ids: Sequence[int]) -> list[Row]:
    """Those of the named failures that are in this cluster, locked, with their vectors. All of them must be."""
    wanted = sorted(set(failure_ids))
    found = rows(
        "select id, text, created_at, embedding::text as vector from failed_response"
        " where cluster_id = %s and id = any(%s) and embedding is not null order by id for update",
        (cluster_id, wanted),
    )
    if len(found) != len(wanted) or not wanted:
        raise Invalid(
            "Not all of these are in the cluster.", fields={"failure_ids": ["Not all of these are in the cluster."]}
        )
    return [{**each, "vector": knowledge.numbers(each["vector"])} for each in found]


def _move_in(failure_ids: Sequence[int], into: Row) -> None:
    """Put failures into a cluster by hand. Into a dismissed or resolved one they go as settled as it is."""
    settled = into["status"] in (Status.DISMISSED, Status.RESOLVED)
    run(
        "update failed_response set cluster_id = %s, placed = 'moved', looked_at = coalesce(looked_at, clock_timestamp()),"
        " status = case when %s and status = 'open' then %s else status end,"
        " status_reason = case when %s and status = 'open' then %s else status_reason end where id = any(%s)",
        (into["id"], settled, into["status"], settled, into["reason"], list(failure_ids)),
    )


def _settle(viewer: Viewer, failure_ids: Sequence[int], status: Status, reason: str, note: str) -> None:
    run(
        "update failed_response set status = %s, status_reason = %s, status_note = %s, decided_by_id = %s,"
        " decided_at = clock_timestamp() where id = any(%s)",
        (status.value, reason, note, viewer.id, list(failure_ids)),
    )


def _place_again(cluster_id: int) -> None:
    """Failures that came from elsewhere move to their cluster's place on the map; the cluster itself stays."""
    cluster = one("select centroid::text as centroid, map_x, map_y from cluster where id = %s", (cluster_id,))
    assert cluster is not None
    grouping.place_members(
        cluster_id, knowledge.numbers(cluster["centroid"]), (cluster["map_x"] or 0, cluster["map_y"] or 0)
    )
