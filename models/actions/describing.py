"""What a cluster is about: its label, key words, suggestions and draft are kept with it, and it is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.actions import grouping, news
from models.db import as_json, atomically, one, rows, run
from models.rules.suggesting import Calibrator

Row = dict[str, Any]


@dataclass(frozen=True)
class Suggested:
    """A service or an article that may serve a cluster."""

    kind: str
    id: int
    score: float
    confidence: float


@dataclass(frozen=True)
class Description:
    """All that is said about a cluster. `seen` is its `changed_at` when it was looked at."""

    cluster_id: int
    seen: Any
    central_id: int
    label: str
    keywords: Sequence[str]
    known: float | None = None
    suggestions: Sequence[Suggested] = field(default_factory=tuple)
    facts: Row | None = None
    draft: Row | None = None


@atomically
def describe(found: Description) -> None:
    """Keep what a cluster is about. A label that a person gave stays. One that changed meanwhile is looked at again."""
    cluster = one("select id, label_by_hand from cluster where id = %s for update", (found.cluster_id,))
    if cluster is None:
        return
    run(
        "update cluster set central_id = (select id from failed_response where id = %s), keywords = %s, known = %s,"
        " facts = %s::jsonb, draft = %s::jsonb, described_at = %s, label = case when label_by_hand then label else %s end where id = %s",
        (
            found.central_id,
            list(found.keywords),
            found.known,
            as_json(found.facts),
            as_json(found.draft),
            found.seen,
            found.label,
            found.cluster_id,
        ),
    )
    run("delete from cluster_suggestion where cluster_id = %s", (found.cluster_id,))
    for place, each in enumerate(found.suggestions, 1):
        run(
            "insert into cluster_suggestion (cluster_id, ord, service_id, article_id, score, confidence)"
            f" select %s, %s, {'id, null' if each.kind == 'service' else 'null, id'}, %s, %s from {each.kind} where id = %s",
            (found.cluster_id, place, each.score, each.confidence, each.id),
        )
    news.cluster(found.cluster_id)


@atomically
def tidy() -> int:
    """Clusters whose failures were erased, or read by another model, are reckoned anew; empty ones go. How many changed."""
    grouping.in_order()
    stale = rows(
        "select c.id, c.model_id, n.model from cluster c left join lateral ("
        "  select count(*) filter (where f.model_id = c.model_id) as here, min(f.model_id) filter (where f.model_id <> c.model_id)"
        "  as model, count(*) as all from failed_response f where f.cluster_id = c.id and f.embedding is not null) n on true"
        " where c.status <> 'merged' and (n.here <> c.size or n.model is not null) order by c.id limit 100 for update of c"
    )
    for each in stale:
        if each["model"] is not None:
            left = one(
                "select 1 from failed_response where cluster_id = %s and model_id = %s", (each["id"], each["model_id"])
            )
            if left is None:  # all its failures were read anew
                run("update cluster set model_id = %s where id = %s", (each["model"], each["id"]))
        if grouping.recount(each["id"]) == 0:
            run("delete from cluster where id = %s and not exists (select from failed_response where cluster_id = %s)",
                (each["id"], each["id"]))  # fmt: skip
    return len(stale)


@atomically
def remember(calibrator: Calibrator, *, knowledge: str, lessons: Row) -> None:
    """Put a calibrator to use; every cluster is weighed anew by it. `lessons`: how many, and how well they were told."""
    run(
        "insert into suggestion_calibrator (knowledge, weights, simulated, decided, auroc, ece)"
        " values (%s, %s::jsonb, %s, %s, %s, %s)",
        (
            knowledge,
            as_json(calibrator.to_json()),
            lessons["simulated"],
            lessons["decided"],
            lessons["auroc"],
            lessons["ece"],
        ),
    )
    run("update cluster set described_at = null where status in ('open', 'snoozed')")


def note_outcome(decision_id: int, cluster_id: int, kind: str, number: int, *, existing: bool) -> None:
    """What somebody chose for a cluster that had suggestions: whether something there was, and whether the first."""
    run(
        "insert into suggestion_outcome (decision_id, features, known, first_right)"
        " select %s, c.facts, %s, %s and exists (select from cluster_suggestion g where g.cluster_id = c.id and g.ord = 1"
        "   and case when %s = 'service' then g.service_id else g.article_id end = %s)"
        " from cluster c where c.id = %s and c.facts is not null",
        (decision_id, existing, existing, kind, number, cluster_id),
    )
