"""Clusters of failed responses: lists, one whole, its numbers and its proof. For those who review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.clock import now
from models.db import one, rows
from models.errors import Invalid, NotFound
from models.queries import audiences, shapes
from models.queries.access import PERMISSIONS, Permission, Viewer
from models.queries.shapes import Out, moment
from models.rules import clusters as rules
from models.rules.clusters import Numbers, Proof

LABEL_LENGTH = 160
DAYS_SHOWN = 14
DECISIONS_SHOWN = 50
FIGURED = 5_000
"""A list sorted by weight looks at so many clusters at the most, those seen last: the rest are older than anyone reads."""

_CLUSTERS = """
select c.id, c.version, c.status, c.reason, c.reason_note, c.label, c.label_by_hand, c.keywords, c.language, c.pinned,
       c.decided_at, c.snoozed_until, c.merged_into_id, c.fixed_at, c.proved_at, c.reopened, c.reopened_at, c.known,
       c.map_x, c.map_y, c.first_seen_at, c.last_seen_at, c.size,
       o.id as owner_id, o.name as owner_name, o.hue as owner_hue,
       d.id as decider_id, d.name as decider_name, d.hue as decider_hue,
       c.article_id, a.title as article_title, c.service_id, s.name as service_title,
       n.failures, n.people, n.open, n.week, n.before, n.days,
       g.service_id as first_service_id, g.article_id as first_article_id, g.confidence as first_confidence,
       g.score as first_score, coalesce(gs.name, ga.title) as first_title
from cluster c
left join agent o on o.id = c.owner_id
left join agent d on d.id = c.decided_by_id
left join article a on a.id = c.article_id
left join service s on s.id = c.service_id
left join cluster_suggestion g on g.cluster_id = c.id and g.ord = 1
left join service gs on gs.id = g.service_id
left join article ga on ga.id = g.article_id
left join lateral (
    select count(*)::int as failures, count(distinct f.customer_id)::int as people,
           count(*) filter (where f.status = 'open')::int as open,
           count(*) filter (where f.created_at > clock_timestamp() - interval '7 days')::int as week,
           count(*) filter (where f.created_at <= clock_timestamp() - interval '7 days'
                            and f.created_at > clock_timestamp() - interval '14 days')::int as before,
           array_agg(14 - ceil(extract(epoch from clock_timestamp() - f.created_at) / 86400)::int)
               filter (where f.created_at > clock_timestamp() - interval '14 days') as days
    from failed_response f where f.cluster_id = c.id) n on true
"""


def page(
    viewer: Viewer,
    *,
    status: Sequence[str] = ("open",),
    sort: str = "impact",
    q: str | None = None,
    language: str | None = None,
    owner_id: int | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Out:
    """A `ClusterPage`: clusters in these states, the heaviest, newest, largest or fastest growing first."""
    viewer.require(Permission.FAILURE_REVIEW)
    where, params = ["c.status <> 'merged'", "c.status = any(%(status)s)"], {"status": list(status), "most": FIGURED}
    if q:
        where.append(
            "(c.label ilike %(q)s or array_to_string(c.keywords, ' ') ilike %(q)s or exists"
            " (select from failed_response f where f.cluster_id = c.id and f.text ilike %(q)s))"
        )
        params["q"] = contains(q)
    if language:
        where.append("c.language = %(language)s")
        params["language"] = language
    if owner_id is not None:
        where.append("c.owner_id = %(owner)s")
        params["owner"] = owner_id
    many = rows(
        "select c.id, c.first_seen_at, c.last_seen_at, count(f.id)::int as failures,"
        " count(distinct f.customer_id)::int as people,"
        " count(f.id) filter (where f.created_at > clock_timestamp() - interval '7 days')::int as week,"
        " count(f.id) filter (where f.created_at <= clock_timestamp() - interval '7 days'"
        "                     and f.created_at > clock_timestamp() - interval '14 days')::int as before"
        f" from (select c.* from cluster c where {' and '.join(where)} order by c.last_seen_at desc, c.id desc limit %(most)s) c"
        " left join failed_response f on f.cluster_id = c.id group by c.id, c.first_seen_at, c.last_seen_at",
        params,
    )
    at = now()
    weighed = sorted(((_weight(sort, each, at), each["id"]) for each in many), reverse=True)
    marker = _marker(after) if after is not None else None
    weighed_on = [each for each in weighed if marker is None or each < marker]
    shown = weighed_on[:limit]
    return {
        "items": in_order([number for _, number in shown]),
        "total": len(weighed) if after is None else None,
        "next": f"{shown[-1][0]!r}|{shown[-1][1]}" if len(weighed_on) > limit else None,
    }


def _weight(sort: str, row: dict[str, Any], at: datetime) -> float:
    counted = _numbers(row)
    match sort:
        case "newest":
            return counted.last_seen_at.timestamp()
        case "failures":
            return float(counted.failures)
        case "people":
            return float(counted.people)
        case "trend":
            return float(counted.week - counted.before)
    return float(rules.impact(counted, at))


def _marker(text: str) -> tuple[float, int]:
    try:
        weight, number = text.split("|")
        found = float(weight), int(number)
        if not abs(found[0]) < 10**12 or not 0 < found[1] < 2**63:
            raise ValueError
    except ValueError:
        raise Invalid("This page marker is not one of ours.", fields={"after": ["Not a page marker."]}) from None
    return found


def in_order(cluster_ids: Sequence[int]) -> list[Out]:
    found = {each["id"]: out(each) for each in rows(_CLUSTERS + " where c.id = any(%s)", (list(cluster_ids),))}
    return [found[number] for number in cluster_ids if number in found]


def one_of(cluster_id: int) -> Out:
    """A `ClusterOut`. Raises `NotFound`."""
    found = in_order([cluster_id])
    if not found:
        raise NotFound()
    return found[0]


def detail(viewer: Viewer, cluster_id: int) -> Out:
    """A `ClusterDetail`: a cluster with everything it takes to decide about it."""
    viewer.require(Permission.FAILURE_REVIEW)
    cluster = one_of(cluster_id)
    kept = one("select draft from cluster where id = %s", (cluster_id,))
    return {
        "cluster": cluster,
        "suggestions": _suggestions(cluster_id),
        "draft": kept["draft"] if kept else None,
        "decisions": _decisions(cluster_id),
        "proposals": proposals(viewer, cluster_id=cluster_id)["items"],
        "replays": _replays(cluster_id),
        "needed_percent": needed_percent(),
        "people_to_tell": audiences.reachable(viewer, "cluster", {"cluster_id": cluster_id}),
    }


def out(row: dict[str, Any]) -> Out:
    """A `ClusterOut` of a row of `_CLUSTERS`."""
    counted = _numbers(row)
    days = [0] * DAYS_SHOWN
    for day in row["days"] or ():
        days[min(max(day, 0), DAYS_SHOWN - 1)] += 1
    first_kind = "service" if row["first_service_id"] else "article"
    return {
        "id": row["id"],
        "version": row["version"],
        "status": row["status"],
        "reason": row["reason"],
        "reason_note": row["reason_note"],
        "label": row["label"],
        "label_by_hand": row["label_by_hand"],
        "keywords": list(row["keywords"]),
        "language": row["language"],
        "pinned": row["pinned"],
        "owner": shapes.agent_brief(row, "owner_"),
        "decided_by": shapes.agent_brief(row, "decider_"),
        "decided_at": moment(row["decided_at"]),
        "snoozed_until": moment(row["snoozed_until"]),
        "merged_into_id": row["merged_into_id"],
        "article": _titled(row, "article"),
        "service": _titled(row, "service"),
        "fixed_at": moment(row["fixed_at"]),
        "proved_at": moment(row["proved_at"]),
        "reopened": row["reopened"],
        "reopened_at": moment(row["reopened_at"]),
        "failures": counted.failures,
        "open_failures": row["open"],
        "people": counted.people,
        "week": counted.week,
        "week_before": counted.before,
        "trend": rules.trend(counted.week, counted.before),
        "days": days,
        "impact": rules.impact(counted, now()),
        "first_seen_at": counted.first_seen_at.isoformat(),
        "last_seen_at": counted.last_seen_at.isoformat(),
        "known": row["known"],
        "suggestion": {
            "kind": first_kind,
            "id": row[f"first_{first_kind}_id"],
            "title": row["first_title"],
            "score": row["first_score"],
            "confidence": row["first_confidence"],
        }
        if row["first_confidence"] is not None
        else None,
        "x": row["map_x"] or 0.0,
        "y": row["map_y"] or 0.0,
    }


def _titled(row: dict[str, Any], kind: str) -> Out | None:
    number = row[f"{kind}_id"]
    return {"id": number, "title": row[f"{kind}_title"]} if number is not None else None


def _numbers(row: dict[str, Any]) -> Numbers:
    return Numbers(
        row["failures"], row["people"], row["week"], row["before"], row["first_seen_at"], row["last_seen_at"]
    )


def _suggestions(cluster_id: int) -> list[Out]:
    return rows(
        "select case when g.service_id is not null then 'service' else 'article' end as kind,"
        " coalesce(g.service_id, g.article_id) as id, coalesce(s.name, a.title) as title, g.score, g.confidence"
        " from cluster_suggestion g left join service s on s.id = g.service_id left join article a on a.id = g.article_id"
        " where g.cluster_id = %s order by g.ord",
        (cluster_id,),
    )


def _decisions(cluster_id: int) -> list[Out]:
    found = rows(
        "select d.id, d.kind, d.note, d.after, d.at, d.undone_at, d.agent_id, coalesce(a.name, d.agent_name) as agent_name,"
        " coalesce(a.hue, 0) as agent_hue from cluster_decision d left join agent a on a.id = d.agent_id"
        " where d.cluster_id = %s order by d.id desc limit %s",
        (cluster_id, DECISIONS_SHOWN),
    )
    return [
        {
            "id": each["id"],
            "kind": each["kind"],
            "by": shapes.agent_brief(each, "agent_"),
            "note": each["note"],
            "facts": each["after"],
            "at": each["at"].isoformat(),
            "undone_at": moment(each["undone_at"]),
        }
        for each in found
    ]


def proposals(viewer: Viewer, *, cluster_id: int | None = None) -> Out:
    """A `ProposalList`: what the newest grouping would rather have and nobody has decided on, surest first."""
    viewer.require(Permission.FAILURE_REVIEW)
    found = rows(
        "select p.id, p.kind, p.cluster_id, c.label as cluster_label, p.other_id, o.label as other_label, p.failure_ids,"
        " p.likeness, p.made_at from cluster_proposal p join cluster c on c.id = p.cluster_id"
        " left join cluster o on o.id = p.other_id"
        " where p.state = 'open' and c.status <> 'merged' and (o.id is null or o.status <> 'merged')"
        "   and (%(cluster)s::bigint is null or %(cluster)s in (p.cluster_id, p.other_id))"
        " order by p.likeness desc, p.id limit 100",
        {"cluster": cluster_id},
    )
    return {
        "items": [
            {
                "id": each["id"],
                "kind": each["kind"],
                "cluster": {"id": each["cluster_id"], "title": each["cluster_label"]},
                "other": {"id": each["other_id"], "title": each["other_label"]} if each["other_id"] else None,
                "failure_ids": list(each["failure_ids"]),
                "likeness": each["likeness"],
                "made_at": each["made_at"].isoformat(),
            }
            for each in found
        ]
    }


def _replays(cluster_id: int) -> list[Out]:
    from models.queries import replays

    return replays.newest(cluster_id=cluster_id)


def proof(cluster_id: int) -> Proof | None:
    """The newest finished replay of the bot as it is. What another model came to proves nothing any more."""
    found = one(
        "select fixed, failing, broken from replay where cluster_id = %s and purpose = 'after' and state = 'done'"
        " and finished_at > coalesce((select max(finished_at) from reembedding where state = 'done'), '-infinity')"
        " order by id desc limit 1",
        (cluster_id,),
    )
    return Proof(**found) if found else None


def needed_percent() -> int:
    found = one("select failure_pass_percent as percent from desk where id = 1")
    assert found is not None
    percent: int = found["percent"]
    return percent


def reviewers() -> list[Out]:
    """Those who may review, by name: to whom a cluster can be assigned."""
    roles = [role for role, may in PERMISSIONS.items() if Permission.FAILURE_REVIEW in may]
    return rows(
        "select id, name, hue from agent where disabled_at is null and role = any(%s) order by name, id", (roles,)
    )


def as_label(text: str) -> str:
    """One line of a question, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= LABEL_LENGTH:
        return line
    return line[: LABEL_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def contains(q: str) -> str:
    return "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
