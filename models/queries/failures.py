"""Failed responses: lists, one whole, the map. For those who review; they all read every team's chats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.db import one, rows
from models.errors import Invalid, NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.clusters import contains
from models.queries.shapes import Out, moment

COUNTED = 10_000
POINTS = 10_000  # of the map at the most; beyond that a sample is drawn, the same one each time

_FAILURES = """
select f.id, f.text, f.trigger, f.status, f.status_reason, f.status_note, f.noise, f.language, f.candidates, f.placed,
       f.answer, f.answered_at, f.created_at, f.decided_at, f.chat_id, f.session_id, f.message_id, m.all_seq as message_seq,
       f.customer_id, cu.name as customer_name, cu.verified as customer_verified,
       h.id as channel_id, h.name as channel_name,
       t.id as team_id, t.name as team_name, t.hue as team_hue,
       w.id as answered_by_id, w.name as answered_by_name, w.hue as answered_by_hue,
       d.id as decider_id, d.name as decider_name, d.hue as decider_hue,
       k.id as cluster_id, k.label as cluster_label, k.status as cluster_status
from failed_response f
join chat c on c.id = f.chat_id
join message m on m.id = f.message_id
join customer cu on cu.id = f.customer_id
join channel h on h.id = f.channel_id
left join team t on t.id = c.team_id
left join agent w on w.id = f.answered_by_id
left join agent d on d.id = f.decided_by_id
left join cluster k on k.id = f.cluster_id
"""


def conditions(
    *,
    status: Sequence[str] = (),
    triggers: Sequence[str] = (),
    channel_ids: Sequence[int] = (),
    team_ids: Sequence[int] = (),
    languages: Sequence[str] = (),
    cluster_id: int | None = None,
    single: bool | None = None,
    noise: bool | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    q: str | None = None,
) -> tuple[list[str], dict[str, Any]]:
    """What must hold of a failure `f` in a chat `c`, with the parameters."""
    where: list[str] = ["true"]
    params: dict[str, Any] = {}
    for name, column, values in (
        ("status", "f.status", status),
        ("triggers", "f.trigger", triggers),
        ("channel_ids", "f.channel_id", channel_ids),
        ("team_ids", "c.team_id", team_ids),
        ("languages", "f.language", languages),
    ):
        if values:
            where.append(f"{column} = any(%({name})s)")
            params[name] = list(values)
    if cluster_id is not None:
        where.append("f.cluster_id = %(cluster)s")
        params["cluster"] = cluster_id
    if single is not None:
        where.append("f.cluster_id is null" if single else "f.cluster_id is not null")
    if noise is not None:
        where.append("f.noise is not null" if noise else "f.noise is null")
    if from_at is not None:
        where.append("f.created_at >= %(from_at)s")
        params["from_at"] = from_at
    if to_at is not None:
        where.append("f.created_at < %(to_at)s")
        params["to_at"] = to_at
    if q:
        where.append("f.text ilike %(q)s")
        params["q"] = contains(q)
    return where, params


def page(viewer: Viewer, *, limit: int = 50, after: str | None = None, **wanted: Any) -> Out:
    """A `FailurePage`, newest first."""
    viewer.require(Permission.FAILURE_REVIEW)
    where, params = conditions(**wanted)
    joined = "from failed_response f join chat c on c.id = f.chat_id"
    counted = None
    if after is None:
        told = one(
            f"select count(*)::int as n from (select {joined} where {' and '.join(where)} limit {COUNTED + 1}) counted",
            params,
        )
        counted = told["n"] if told else 0
    if after is not None:
        params["key"], params["last"] = _marker(after)
        where.append("(f.created_at, f.id) < (%(key)s::timestamptz, %(last)s)")
    params["limit"] = limit + 1
    found = rows(
        f"{_FAILURES} where {' and '.join(where)} order by f.created_at desc, f.id desc limit %(limit)s", params
    )
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return {
        "items": [out(each) for each in shown],
        "total": min(counted, COUNTED) if counted is not None else None,
        "capped": counted is not None and counted > COUNTED,
        "next": f"{last['created_at'].isoformat()}|{last['id']}" if last else None,
    }


def _marker(text: str) -> tuple[str, int]:
    try:
        key, last = text.split("|")
        number = int(last)
        if not 0 < number < 2**63:
            raise ValueError
        return datetime.fromisoformat(key).isoformat(), number
    except ValueError:
        raise Invalid("This page marker is not one of ours.", fields={"after": ["Not a page marker."]}) from None


def of_message(viewer: Viewer, message_id: int) -> Out:
    """A `FailurePlace`: what failed where the bot said that it has no answer. Raises `NotFound`."""
    viewer.require(Permission.FAILURE_REVIEW)
    found = one(
        "select f.id as failure_id, f.cluster_id from message m join failed_response f"
        " on f.chat_id = m.chat_id and f.message_id < m.id where m.id = %s and m.author_kind = 'bot'"
        " order by f.message_id desc limit 1",
        (message_id,),
    )
    if found is None:
        raise NotFound()
    return found


def one_of(failure_id: int) -> Out:
    """A `FailureOut`. Raises `NotFound`."""
    found = one(f"{_FAILURES} where f.id = %s", (failure_id,))
    if found is None:
        raise NotFound()
    return out(found)


def detail(viewer: Viewer, failure_id: int) -> Out:
    """A `FailureDetail`: a failure with what was decided about it and how it was replayed."""
    from models.queries import replays

    viewer.require(Permission.FAILURE_REVIEW)
    failure = one_of(failure_id)
    decided = rows(
        "select d.id, d.kind, d.note, d.after, d.at, d.undone_at, d.agent_id, coalesce(a.name, d.agent_name) as agent_name,"
        " coalesce(a.hue, 0) as agent_hue from cluster_decision d left join agent a on a.id = d.agent_id"
        " where d.failed_response_id = %s order by d.id desc limit 50",
        (failure_id,),
    )
    return {
        "failure": failure,
        "decisions": [
            {
                "id": each["id"],
                "kind": each["kind"],
                "by": shapes.agent_brief(each, "agent_"),
                "note": each["note"],
                "facts": each["after"],
                "at": each["at"].isoformat(),
                "undone_at": moment(each["undone_at"]),
            }
            for each in decided
        ],
        "replays": replays.newest(failure_id=failure_id),
    }


def out(row: dict[str, Any]) -> Out:
    """A `FailureOut` of a row of `_FAILURES`."""
    return {
        "id": row["id"],
        "text": row["text"],
        "trigger": row["trigger"],
        "status": row["status"],
        "status_reason": row["status_reason"],
        "status_note": row["status_note"],
        "decided_by": shapes.agent_brief(row, "decider_"),
        "decided_at": moment(row["decided_at"]),
        "noise": row["noise"],
        "language": row["language"],
        "channel": {"id": row["channel_id"], "name": row["channel_name"]},
        "team": shapes.team_brief(row, "team_"),
        "customer": {
            "id": row["customer_id"],
            "name": shapes.shown_name(row["customer_name"], row["customer_id"]),
            "hue": shapes.customer_hue(row["customer_id"]),
        },
        "chat_id": row["chat_id"],
        "session_id": row["session_id"],
        "message_id": row["message_id"],
        "message_seq": row["message_seq"],
        "candidates": [
            {"kind": each["kind"], "id": each["id"], "title": each["title"], "score": each["score"]}
            for each in row["candidates"]
        ],
        "answer": row["answer"],
        "answered_by": shapes.agent_brief(row, "answered_by_"),
        "answered_at": moment(row["answered_at"]),
        "cluster": {"id": row["cluster_id"], "title": row["cluster_label"], "status": row["cluster_status"]}
        if row["cluster_id"] is not None
        else None,
        "placed": row["placed"],
        "created_at": row["created_at"].isoformat(),
    }


def choices(viewer: Viewer) -> Out:
    """What a list of failures can be narrowed by, as far as there is any of it."""
    viewer.require(Permission.FAILURE_REVIEW)
    from models.queries.clusters import reviewers

    return {
        "channels": rows(
            "select id, name from channel h where exists (select from failed_response f where f.channel_id = h.id) order by name"
        ),
        "languages": [
            each["language"]
            for each in rows(
                "select distinct language from failed_response where language is not null order by language limit 200"
            )
        ],
        "reviewers": reviewers(),
    }


def on_map(viewer: Viewer, **wanted: Any) -> Out:
    """A `FailureMap`: where failures stand, and the clusters among them. Each point is [id, x, y, cluster id or 0]."""
    viewer.require(Permission.FAILURE_REVIEW)
    where, params = conditions(**wanted)
    where.append("f.map_x is not null and f.noise is null")
    source = f"from failed_response f join chat c on c.id = f.chat_id where {' and '.join(where)}"
    counted = one(f"select count(*)::int as n {source}", params)
    assert counted is not None
    params["most"] = POINTS
    # A digest draws the sample: without pattern, and the same for everybody and at any time.
    order = "order by md5(f.id::text) limit %(most)s" if counted["n"] > POINTS else ""
    points = rows(f"select f.id, f.map_x, f.map_y, coalesce(f.cluster_id, 0) as cluster_id {source} {order}", params)
    clusters = rows(
        "select id, label, status, map_x, map_y, size from cluster where id = any(%s) order by id",
        (sorted({each["cluster_id"] for each in points} - {0}),),
    )
    return {
        "points": [
            [each["id"], round(each["map_x"], 3), round(each["map_y"], 3), each["cluster_id"]] for each in points
        ],
        "clusters": [
            {
                "id": each["id"],
                "label": each["label"],
                "status": each["status"],
                "x": each["map_x"] or 0.0,
                "y": each["map_y"] or 0.0,
                "size": each["size"],
            }
            for each in clusters
        ],
        "total": counted["n"],
    }
