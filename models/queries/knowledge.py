"""What the desk knows: near a question, still without a vector, or for a help page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from models.db import one, rows
from models.errors import NotFound
from models.rules.answering import NEAREST, NearPassage, NearService, Neighbours
from models.rules.bars import UNMEASURED, Bars
from models.rules.learned import Lesson, Reading, Vector

SERVICES_WEIGHED = 10
PASSAGES_WEIGHED = 10

VERSION = """
select left(md5(concat_ws(' ', d.embedding_model, (select b.id || b.knowledge from answer_bars b order by b.id desc limit 1),
       (select max(a.updated_at) from article a))), 12) as version from desk d where d.id = 1
"""

# One round trip. Services are weighed exactly, each by its own phrasings: a desk has hundreds, not millions.
_NEAREST = (
    """
with asked as (select %(vector)s::vector as vector from desk where embedding_model = %(model)s),
leaning as (
    select s.id, s.name, s.answer, s.quick_replies, s.handover, s.bias - (s.direction <#> asked.vector) as lean
    from service s, asked
    where s.enabled and s.direction is not null),
voted as (
    select l.*, exp(lean - max(lean) over ()) as share from leaning l),
weighed as (
    select v.id, v.name, v.answer, v.quick_replies, v.handover, v.share / sum(v.share) over () as vote,
           coalesce(near.likeness, 0) as nearness,
           lower(v.name) = lower(%(text)s) as named
    from voted v, asked, lateral (
        select avg(likeness) as likeness from (
            select 1 - (p.embedding <=> asked.vector) as likeness from service_phrase p
            where p.service_id = v.id and p.embedding is not null
            order by p.embedding <=> asked.vector limit %(nearest)s) three) near),
services as (
    select * from weighed order by named desc, vote + nearness desc limit %(services)s),
passages as (
    select a.id as article_id, a.title, c.text, 1 - (c.embedding <=> asked.vector) as nearness
    from article_chunk c join article a on a.id = c.article_id, asked
    where a.published and c.embedding is not null
    order by c.embedding <=> asked.vector limit %(passages)s),
by_phrase as (
    select near.article_id, a.title, c.text, near.nearness, true as phrased
    from (
        select p.article_id, 1 - min(p.embedding <=> asked.vector) as nearness
        from article_phrase p join article a on a.id = p.article_id, asked
        where a.published and p.embedding is not null
        group by p.article_id order by 2 desc limit %(passages)s) near
    join article a on a.id = near.article_id, asked, lateral (
        select c.text from article_chunk c where c.article_id = near.article_id
        order by c.embedding <=> asked.vector nulls last, c.ord limit 1) c),
bars as (
    select sure, doubt from answer_bars order by id desc limit 1)
select coalesce((select jsonb_agg(services) from services), '[]') as services,
       coalesce((select jsonb_agg(passages) from passages), '[]')
           || coalesce((select jsonb_agg(by_phrase) from by_phrase), '[]') as passages,
       (select count(*) from asked) > 0 as current,
       (select to_jsonb(bars) from bars) as bars, ("""
    + VERSION
    + """) as version
"""
)


def model_id() -> str:
    """The model that the desk reads with now."""
    found = one("select embedding_model from desk where id = 1")
    assert found is not None
    return str(found["embedding_model"])


def nearest(reading: Reading, text: str) -> Neighbours | None:
    """The services and passages near a question, with the bars that hold now.

    None when the desk has gone over to another model: the question must be read anew.
    """
    found = one(
        _NEAREST,
        {
            "vector": literal(reading.vector),
            "model": reading.model_id,
            "text": " ".join(text.split()),
            "nearest": NEAREST,
            "services": SERVICES_WEIGHED,
            "passages": PASSAGES_WEIGHED,
        },
    )
    assert found is not None
    if not found["current"]:
        return None
    return Neighbours(
        services=[NearService(**each) for each in found["services"]],
        passages=[NearPassage(**each) for each in found["passages"]],
        bars=Bars(**found["bars"]) if found["bars"] else UNMEASURED,
        version=found["version"],
    )


def bot_version() -> str:
    """A short fingerprint of everything the bot answers with now: its model, what it learned, the articles."""
    found = one(VERSION)
    assert found is not None
    return str(found["version"])


def bars() -> Bars:
    """How sure the bot must be now."""
    found = one("select sure, doubt from answer_bars order by id desc limit 1")
    return Bars(**found) if found else UNMEASURED


Place = Literal["service_phrase", "article_chunk", "article_phrase", "failed_response", "bot_turn"]


@dataclass(frozen=True)
class Unread:
    """A text that waits for its vector, and where the vector belongs."""

    place: Place
    id: int
    text: str


def unread(limit: int) -> list[Unread]:
    """The next texts to embed: first what teaches the bot to answer, then what it failed on."""
    found = rows(
        "(select 'service_phrase' as place, id, text from service_phrase where embedding is null order by id limit %(n)s)"
        " union all (select 'article_chunk', c.id, a.title || E'\\n' || c.text from article_chunk c"
        " join article a on a.id = c.article_id where c.embedding is null order by c.id limit %(n)s)"
        " union all (select 'article_phrase', id, text from article_phrase where embedding is null order by id limit %(n)s)"
        " union all (select 'failed_response', id, text from failed_response where embedding is null order by id limit %(n)s)"
        " limit %(n)s",
        {"n": limit},
    )
    return [Unread(**each) for each in found]


def unlearned() -> str | None:
    """The fingerprint of the services as they are now, or None when just this was learned last."""
    found = one(
        "select md5(coalesce(string_agg(p.service_id || ' ' || p.origin || ' ' || p.text, E'\\n' order by p.id), ''))"
        " as now, (select knowledge from answer_bars order by id desc limit 1) as learned"
        " from service_phrase p join service s on s.id = p.service_id where s.enabled and p.embedding is not null"
    )
    assert found is not None
    return None if found["now"] == found["learned"] else str(found["now"])


def lessons(most_per_service: int) -> list[Lesson]:
    """Everything that leads to an enabled service; of very many phrasings the newest."""
    found = rows(
        "select service_id, origin, embedding::text as vector from ("
        " select p.*, row_number() over (partition by p.service_id order by p.origin desc, p.id desc) as place"
        " from service_phrase p join service s on s.id = p.service_id where s.enabled and p.embedding is not null) ranked"
        " where place <= %s order by service_id, id",
        (most_per_service,),
    )
    return [Lesson(each["service_id"], each["origin"], numbers(each["vector"])) for each in found]


_HELP = """
with asked as (select replace(plainto_tsquery('english', %(q)s)::text, '&', '|')::tsquery as words)
select a.id, a.title, a.body from article a, asked
where a.published and (
    %(q)s = '' or to_tsvector('english', a.title || ' ' || a.body) @@ asked.words
    or a.title ilike %(part)s or a.body ilike %(part)s or word_similarity(%(q)s, a.title) > 0.5)
order by a.title ilike %(part)s desc,
    ts_rank(setweight(to_tsvector('english', a.title), 'A') || to_tsvector('english', a.body), asked.words) desc,
    word_similarity(%(q)s, a.title) desc, a.id
limit %(limit)s
"""


def help_articles(q: str, limit: int = 10) -> list[dict[str, Any]]:
    """Published articles for the widget's help page: by words, half-typed words and near misses. No model needed."""
    part = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return rows(_HELP, {"q": q, "part": part, "limit": limit})


def help_article(article_id: int) -> dict[str, Any]:
    """One published article, for the widget."""
    found = one("select id, title, body from article where id = %s and published", (article_id,))
    if found is None:
        raise NotFound()
    return found


def literal(vector: Vector) -> str:
    """A vector as Postgres reads it."""
    return "[" + ",".join(map(repr, vector)) + "]"


def numbers(text: str) -> Vector:
    """A vector as Postgres writes it."""
    return [float(number) for number in text[1:-1].split(",")]
