"""What suggestions are made of: articles by their passages, the calibrator that holds, and what analysts chose."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.queries.knowledge import numbers
from models.rules.suggesting import FEATURES, Calibrator

PASSAGES = 20_000


def passages() -> list[tuple[int, list[float]]]:
    """Every passage and phrasing of a published article, with its vector."""
    found = rows(
        "select article_id, vector from (select c.article_id, c.embedding::text as vector from article_chunk c"
        " union all select p.article_id, p.embedding::text from article_phrase p) read"
        " join article a on a.id = read.article_id where a.published and vector is not null limit %s",
        (PASSAGES,),
    )
    return [(each["article_id"], numbers(each["vector"])) for each in found]


def calibrator() -> Calibrator | None:
    found = one("select weights from suggestion_calibrator order by id desc limit 1")
    if found is None or len(found["weights"]["known"]["weights"]) != len(FEATURES):
        return None
    return Calibrator.from_json(found["weights"])


def usual_facts() -> list[list[float]]:
    """The facts of the desk's newest clusters, by which a calibrator finds its scale."""
    found = rows("select facts from cluster where facts is not null and status <> 'merged' order by id desc limit 500")
    return [[float(each["facts"][name]) for name in FEATURES] for each in found if set(FEATURES) <= set(each["facts"])]


def untrained() -> str | None:
    """The fingerprint of what a calibrator would learn from now, or None when one has learned just that."""
    found = one(
        "select concat_ws(' ', (select embedding_model from desk where id = 1),"
        " (select knowledge from answer_bars order by id desc limit 1),"
        " (select count(*) / 10 from suggestion_outcome)) as now,"
        " (select knowledge from suggestion_calibrator order by id desc limit 1) as trained"
    )
    assert found is not None
    return None if found["now"] == found["trained"] else str(found["now"])


def outcomes() -> list[tuple[list[float], bool, bool]]:
    """What analysts chose since the desk reads with its model, the newest thousand: facts, was it known, was it the first."""
    found: list[dict[str, Any]] = rows(
        "select features, known, first_right from suggestion_outcome where at > coalesce("
        " (select max(finished_at) from reembedding where state = 'done'), '-infinity') order by id desc limit 1000"
    )
    return [
        ([float(each["features"][name]) for name in FEATURES], each["known"], each["first_right"])
        for each in found
        if set(FEATURES) <= set(each["features"])
    ]
