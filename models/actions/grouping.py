"""Failures find their cluster: one transaction each, so that a worker killed in the middle loses and doubles nothing.

Whoever changes what is in which cluster holds one lock for that long (`in_order`): a failure
is placed in milliseconds, and two workers never open two clusters for one meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from models.actions import news
from models.db import atomically, one, rows, run
from models.queries import clusters as read
from models.queries import knowledge
from models.queries.knowledge import literal
from models.rules import failure_map, grouping
from models.rules.clusters import FEWEST, SAME_TOPIC, Status, reopens
from models.rules.grouping import Vector

_ORDER = 7_310_455  # names the lock; any number that no other advisory lock has
NEWEST_SINGLES = 4_000  # single failures that a new one is compared with: older ones have had their chance
LOOKED_UP = 3  # clusters nearest to a new one, between which it is placed on the map

Row = dict[str, Any]

_READ = "id, text, language, model_id, embedding::text as vector, created_at, status, status_reason, status_note"


@dataclass(frozen=True)
class Placed:
    """What became of one failure."""

    failure_id: int
    how: Literal["joined", "opened", "single"]
    cluster_id: int | None = None


def in_order() -> None:
    """Wait for whoever is changing what is in which cluster. Inside a transaction, before any row is locked."""
    run("select pg_advisory_xact_lock(%s)", (_ORDER,))


@atomically
def place_next() -> Placed | None:
    """Place the oldest failure that nobody has looked at. None when there is none, or another worker is at it."""
    free = one("select pg_try_advisory_xact_lock(%s) as mine", (_ORDER,))
    if not free or not free["mine"]:
        return None
    failure = one(
        f"select {_READ} from failed_response"
        " where looked_at is null and embedding is not null and noise is null and cluster_id is null"
        " order by id limit 1 for update skip locked"
    )
    if failure is None:
        return None
    failure["vector"] = knowledge.numbers(failure["vector"])
    desk = one("select failure_join_percent as percent, failure_reopen_count as reopening from desk where id = 1")
    assert desk is not None
    alike = desk["percent"] / 100
    near = nearest_clusters(failure["vector"], failure["model_id"], failure["language"], LOOKED_UP)
    home = _fitting(failure, failure["vector"], near)
    if home is not None and home["likeness"] >= alike:
        cluster_id: int = home["id"]
        join(failure, cluster_id, "joined")
        reopen_if_back(cluster_id, desk["reopening"])
        news.cluster(cluster_id)
        return Placed(failure["id"], "joined", cluster_id)
    opened = _open_around(failure, near, alike)
    if opened is not None:
        news.cluster(opened)
        return Placed(failure["id"], "opened", opened)
    x, y = failure_map.between(failure["vector"], [(each["likeness"], each["place"]) for each in near])
    run(
        "update failed_response set looked_at = clock_timestamp(), map_x = %s, map_y = %s where id = %s",
        (x, y, failure["id"]),
    )
    news.failure(failure["id"])
    return Placed(failure["id"], "single")


def _fitting(failure: Row, middle: Vector, near: Sequence[Row]) -> Row | None:
    """The nearest cluster that a failure may join: any, or where it was settled before it was looked at, one settled alike."""
    if failure["status"] != Status.OPEN:
        near = nearest_clusters(middle, failure["model_id"], failure["language"], 1, status=failure["status"])
    return near[0] if near else None


def nearest_clusters(
    vector: Vector, model_id: str, language: str | None, limit: int, *, status: str | None = None
) -> list[Row]:
    """Clusters by how like their middle is, with their place on the map. Another language is another meaning."""
    found = rows(
        "select id, size, 1 - (centroid <=> %(vector)s::vector) as likeness, map_x, map_y from cluster"
        " where status <> 'merged' and size > 0 and model_id = %(model)s"
        "   and (%(status)s::text is null or status = %(status)s)"
        "   and (language is null or %(language)s::text is null or language = %(language)s)"
        " order by centroid <=> %(vector)s::vector, id limit %(limit)s",
        {"vector": literal(list(vector)), "model": model_id, "language": language, "limit": limit, "status": status},
    )
    return [{**each, "place": (each["map_x"] or 0.0, each["map_y"] or 0.0)} for each in found]


def join(failure: Row, cluster_id: int, how: str) -> None:
    """Put a failure (its row locked, with its vector) into a cluster. Into a dismissed one it goes dismissed.

    The middle of the cluster moves by just this one, and the failure finds its place on the map.
    """
    cluster = one(
        "select id, status, reason, size, centroid::text as centroid, map_x, map_y from cluster where id = %s for update",
        (cluster_id,),
    )
    assert cluster is not None
    vector = failure["vector"]
    centroid = grouping.mean_with(knowledge.numbers(cluster["centroid"]), cluster["size"], vector)
    run(
        "update cluster set centroid = %s::vector, size = size + 1, first_seen_at = least(first_seen_at, %s),"
        " last_seen_at = greatest(last_seen_at, %s), changed_at = clock_timestamp() where id = %s",
        (literal(centroid), failure["created_at"], failure["created_at"], cluster_id),
    )
    x, y = failure_map.around(
        (cluster["map_x"] or 0.0, cluster["map_y"] or 0.0), vector, centroid, grouping.likeness(vector, centroid)
    )
    dismissed = cluster["status"] == Status.DISMISSED
    run(
        "update failed_response set cluster_id = %s, placed = %s, looked_at = clock_timestamp(), map_x = %s, map_y = %s,"
        " status = case when %s and status = 'open' then 'dismissed' else status end,"
        " status_reason = case when %s and status = 'open' then %s else status_reason end where id = %s",
        (cluster_id, how, x, y, dismissed, dismissed, cluster["reason"], failure["id"]),
    )


def reopen_if_back(cluster_id: int, needed: int) -> bool:
    """Reopen a resolved cluster once enough came that the bot should have answered since. The desk says so itself."""
    cluster = one(
        "select id, status, fixed_at, decided_at, reason from cluster where id = %s for update", (cluster_id,)
    )
    if cluster is None or cluster["status"] != Status.RESOLVED:
        return False
    back = one(
        "select count(*)::int as n from failed_response where cluster_id = %s and status = 'open' and created_at > %s",
        (cluster_id, cluster["fixed_at"] or cluster["decided_at"]),
    )
    assert back is not None
    if not reopens(cluster["status"], back["n"], needed):
        return False
    run(
        "update cluster set status = 'open', reason = null, reason_note = '', reopened = reopened + 1,"
        " reopened_at = clock_timestamp(), version = version + 1 where id = %s",
        (cluster_id,),
    )
    run(
        "insert into cluster_decision (cluster_id, kind, agent_name, after) values"
        " (%s, 'reopen', '', jsonb_build_object('came_back', %s::int, 'reason_before', %s::text))",
        (cluster_id, back["n"], cluster["reason"]),
    )
    return True


def _open_around(failure: Row, near: Sequence[Row], alike: float) -> int | None:
    """Open a cluster of this failure and the single ones like it, when there are enough. Its number, or None.

    When its middle turns out to lie close to a cluster there is, they join that one instead.
    """
    singles = _singles_like(failure)
    everybody = [failure, *singles]
    if len(everybody) < FEWEST or singles[0]["likeness"] < alike:
        return None  # what is alike on average has a pair that is
    table = grouping.table([each["vector"] for each in everybody])
    members = [everybody[place] for place in grouping.together(table, alike)]
    if len(members) < FEWEST:
        return None
    middle = grouping.mean([each["vector"] for each in members])
    close = _fitting(failure, middle, nearest_clusters(middle, failure["model_id"], failure["language"], 1))
    if close is not None and close["likeness"] >= SAME_TOPIC:
        cluster_id: int = close["id"]
        for each in members:
            join(each, cluster_id, "joined")
        return cluster_id
    cluster_id = open_cluster(members, failure["model_id"], failure["language"], near, "opened")
    if failure["status"] != Status.OPEN:  # all were settled one by one, before they were looked at
        run(
            "update cluster set status = %s, reason = %s, reason_note = %s, pinned = true, decided_at = clock_timestamp(),"
            " fixed_at = case when %s = 'resolved' then clock_timestamp() end where id = %s",
            (failure["status"], failure["status_reason"], failure["status_note"], failure["status"], cluster_id),
        )
    return cluster_id


def _singles_like(failure: Row) -> list[Row]:
    """The single failures nearest to this one, nearest first, locked; those another transaction holds are left out."""
    found = rows(
        f"select {_READ}, 1 - (embedding <=> %(vector)s::vector) as likeness from failed_response"
        " where id in (select id from ("
        "   select id, embedding from failed_response where cluster_id is null and looked_at is not null"
        "   and status = %(status)s and noise is null and model_id = %(model)s and id <> %(id)s"
        "   and (language is null or %(language)s::text is null or language = %(language)s)"
        "   order by id desc limit %(newest)s) newest"
        " order by embedding <=> %(vector)s::vector, id limit %(limit)s)"
        " order by embedding <=> %(vector)s::vector, id for update skip locked",
        {
            "model": failure["model_id"],
            "id": failure["id"],
            "status": failure["status"],
            "language": failure["language"],
            "vector": literal(failure["vector"]),
            "newest": NEWEST_SINGLES,
            "limit": grouping.NEIGHBOURS,
        },
    )
    return [{**each, "vector": knowledge.numbers(each["vector"])} for each in found]


def open_cluster(
    members: Sequence[Row], model_id: str, language: str | None, near: Sequence[Row], how: str, **columns: Any
) -> int:
    """Open a cluster of these failures (rows locked, with their vectors) and give it a place on the map."""
    vectors = [each["vector"] for each in members]
    middle = grouping.mean(vectors)
    central = members[grouping.most_central(vectors, [each["text"] for each in members])]
    wanted = failure_map.between(middle, [(each["likeness"], each["place"]) for each in near])
    taken = [
        (each["map_x"], each["map_y"]) for each in rows("select map_x, map_y from cluster where map_x is not null")
    ]
    anchor = failure_map.room(wanted, taken)
    made = one(
        "insert into cluster (label, language, model_id, centroid, size, central_id, map_x, map_y, first_seen_at, last_seen_at,"
        " pinned) values (%s, %s, %s, %s::vector, %s, %s, %s, %s, %s, %s, %s) returning id",
        (
            read.as_label(central["text"]),
            language,
            model_id,
            literal(middle),
            len(members),
            central["id"],
            *anchor,
            min(each["created_at"] for each in members),
            max(each["created_at"] for each in members),
            bool(columns.get("pinned", False)),
        ),
    )
    assert made is not None
    cluster_id: int = made["id"]
    for each in members:
        x, y = failure_map.around(anchor, each["vector"], middle, grouping.likeness(each["vector"], middle))
        run(
            "update failed_response set cluster_id = %s, placed = %s, looked_at = clock_timestamp(), map_x = %s, map_y = %s"
            " where id = %s",
            (cluster_id, how, x, y, each["id"]),
        )
    return cluster_id


def recount(cluster_id: int) -> int:
    """Reckon a cluster's middle and size anew from its members, and name another after it if need be. Its size.

    For what takes members away: a split, a move, an erasure. One without members keeps its last middle.
    """
    counted = one(
        "select count(f.id)::int as n, avg(f.embedding)::text as middle, min(f.created_at) as first, max(f.created_at) as last,"
        " bool_or(f.id = c.central_id) as named from cluster c left join failed_response f"
        " on f.cluster_id = c.id and f.embedding is not null where c.id = %s group by c.id",
        (cluster_id,),
    )
    assert counted is not None
    run(
        "update cluster set size = %(n)s, centroid = coalesce(%(middle)s::vector, centroid),"
        " first_seen_at = coalesce(%(first)s, first_seen_at), last_seen_at = coalesce(%(last)s, last_seen_at),"
        " central_id = case when %(named)s then central_id end, changed_at = clock_timestamp() where id = %(id)s",
        {**counted, "id": cluster_id, "named": bool(counted["named"])},
    )
    size: int = counted["n"]
    return size


@atomically
def wake_due() -> int:
    """Clusters that were snoozed until now are open again. How many."""
    woken = rows(
        "update cluster set status = 'open', snoozed_until = null, version = version + 1"
        " where status = 'snoozed' and snoozed_until <= clock_timestamp() returning id"
    )
    for each in woken:
        run(
            "insert into cluster_decision (cluster_id, kind, agent_name, before) values (%s, 'wake', '', '{}')",
            (each["id"],),
        )
        news.cluster(each["id"])
    return len(woken)


def place_members(cluster_id: int, middle: Vector, anchor: failure_map.Point) -> None:
    """Put the failures of a cluster around it on the map, for those that were brought in from elsewhere."""
    members = rows(
        "select id, embedding::text as vector from failed_response where cluster_id = %s and embedding is not null"
        " and (map_x is null or sqrt((map_x - %s) ^ 2 + (map_y - %s) ^ 2) > %s)",
        (cluster_id, *anchor, failure_map.RADIUS + 0.01),
    )
    for each in members:
        vector = knowledge.numbers(each["vector"])
        x, y = failure_map.around(anchor, vector, middle, grouping.likeness(vector, middle))
        run("update failed_response set map_x = %s, map_y = %s where id = %s", (x, y, each["id"]))
