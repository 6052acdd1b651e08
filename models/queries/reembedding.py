"""The change to another model: what is still to be read with it, what the bot would learn from it, and how far it is.

Texts are read in the order of their numbers, so that whoever goes on begins after the last vector there is, and
what is written meanwhile comes at the end. What another transaction slipped in before that is found as a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.db import one, rows
from models.queries.knowledge import Place, Unread, numbers
from models.rules.embedders import MODELS
from models.rules.learned import Lesson

Out = dict[str, Any]


@dataclass(frozen=True)
class _Kept:
    """Where texts lie that have a vector."""

    source: str
    text: str
    key: str = "id"
    only: str = "true"


PLACES: dict[Place, _Kept] = {
    "service_phrase": _Kept("service_phrase t", "t.text"),
    "article_chunk": _Kept("article_chunk t join article a on a.id = t.article_id", "a.title || E'\\n' || t.text"),
    "article_phrase": _Kept("article_phrase t", "t.text"),
    "failed_response": _Kept("failed_response t", "t.text"),
    # what was small talk was never read
    "bot_turn": _Kept("bot_turn t", "t.question", "message_id", "t.embedding is not null"),
}

_LAST = (
    "coalesce((select max(v.text_id) from coming_vector v where v.reembedding_id = %(job)s and v.place = '{place}'), 0)"
)
_NONE = (
    "not exists (select from coming_vector v where v.reembedding_id = %(job)s and v.place = '{place}'"
    " and v.text_id = t.{key})"
)


def _unread(condition: str) -> str:
    parts = [
        f"(select '{place}' as place, t.{kept.key} as id, {kept.text} as text from {kept.source}"
        f" where {kept.only} and {condition.format(place=place, key=kept.key)} order by t.{kept.key} limit %(n)s)"
        for place, kept in PLACES.items()
    ]
    return " union all ".join(parts) + " limit %(n)s"


_NEXT = _unread("t.{key} > " + _LAST)
_GAPS = _unread(_NONE)


def following(reembedding_id: int, limit: int) -> list[Unread]:
    """The next texts to read, after those that have a coming vector; then any that were passed over."""
    asked = {"job": reembedding_id, "n": limit}
    return [Unread(**each) for each in rows(_NEXT, asked) or rows(_GAPS, asked)]


def count() -> int:
    """How many texts the desk has to read."""
    counts = " + ".join(
        f"(select count(*) from {place} t where {kept.only})"  # counted without its article: none is without
        for place, kept in PLACES.items()
    )
    found = one(f"select ({counts})::int as n")
    assert found is not None
    texts: int = found["n"]
    return texts


def coming_fingerprint(reembedding_id: int) -> str:
    """What `queries.knowledge.unlearned` will compare with, once the coming vectors hold."""
    found = one(
        "select md5(coalesce(string_agg(p.service_id || ' ' || p.origin || ' ' || p.text, E'\\n' order by p.id), '')) as now"
        " from service_phrase p join service s on s.id = p.service_id join coming_vector v"
        " on v.reembedding_id = %s and v.place = 'service_phrase' and v.text_id = p.id where s.enabled",
        (reembedding_id,),
    )
    assert found is not None
    return str(found["now"])


def coming_lessons(reembedding_id: int, most_per_service: int) -> list[Lesson]:
    """Everything that leads to an enabled service, as the coming model read it; of very many phrasings the newest."""
    found = rows(
        "select service_id, origin, embedding::text as vector from ("
        " select p.id, p.service_id, p.origin, v.embedding,"
        "   row_number() over (partition by p.service_id order by p.origin desc, p.id desc) as ord"
        " from service_phrase p join service s on s.id = p.service_id join coming_vector v"
        "   on v.reembedding_id = %s and v.place = 'service_phrase' and v.text_id = p.id where s.enabled) ranked"
        " where ord <= %s order by service_id, id",
        (reembedding_id, most_per_service),
    )
    return [Lesson(each["service_id"], each["origin"], numbers(each["vector"])) for each in found]


def coming_model() -> str | None:
    """The model the desk is about to go over to."""
    found = one("select model_id from reembedding where state = 'running'")
    return str(found["model_id"]) if found else None


def models() -> Out:
    """Every model there is, which one the desk reads with, and the newest change of it."""
    desk = one("select embedding_model from desk where id = 1")
    assert desk is not None
    said = {each["id"]: each for each in rows("select id, available, fault, checked_at from embedding_model")}
    return {
        "current": desk["embedding_model"],
        "models": [
            {
                "id": model.id,
                "languages": model.languages,
                "dimensions": model.dimensions,
                "megabytes": model.megabytes,
                "package": model.wheel,
                "available": model.id in said and said[model.id]["available"],
                "fault": said[model.id]["fault"] if model.id in said else None,
                "checked_at": said[model.id]["checked_at"].isoformat() if model.id in said else None,
            }
            for model in MODELS.values()
        ],
        "change": _newest(),
    }


def _newest() -> Out | None:
    found = one(
        "select r.*, a.name as by_name from reembedding r left join agent a on a.id = r.by_agent_id order by r.id desc limit 1"
    )
    if found is None:
        return None
    return {
        "id": found["id"],
        "model_id": found["model_id"],
        "from_model_id": found["from_model_id"],
        "state": found["state"],
        "by_name": found["by_name"],
        "texts": found["texts"],
        "read": found["read"],
        "fault": found["fault"],
        "started_at": found["started_at"].isoformat(),
        "finished_at": found["finished_at"].isoformat() if found["finished_at"] else None,
    }
