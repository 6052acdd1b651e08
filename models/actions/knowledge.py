"""Teach the bot: services, articles, and what the worker makes of them.

Saving keeps what did not change: a phrasing that stays keeps its vector. What is new
has none yet, and the embedding worker is asked to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from models.db import as_json, atomically, one, rows, run
from models.jobs import Job, enqueue
from models.queries.access import Viewer
from models.queries.knowledge import Unread, literal
from models.rules.answering import Handover
from models.rules.knowledge import distinct
from models.rules.learned import Learned, Vector
from models.rules.passages import cut
from models.rules.turns import Kind

_NAMES_ITS_MODEL = {"failed_response": ", model_id = %(model)s"}  # all others are of the desk's own

_SAVE_SERVICE = """
insert into service (key, name, description, answer, team_id, enabled, quick_replies, handover, changed_by_id, published_at)
values (%(key)s, %(name)s, %(description)s, %(answer)s, %(team_id)s, %(enabled)s, %(quick_replies)s::text[], %(handover)s,
        %(by)s, case when %(enabled)s then clock_timestamp() end)
on conflict (key) do update set name = excluded.name, description = excluded.description, answer = excluded.answer,
    team_id = excluded.team_id, enabled = excluded.enabled, quick_replies = excluded.quick_replies,
    handover = excluded.handover, changed_by_id = excluded.changed_by_id, version = service.version + 1,
    published_at = coalesce(service.published_at, excluded.published_at), updated_at = clock_timestamp()
returning id, version
"""

_SAVE_ARTICLE = """
insert into article (slug, title, body, published, changed_by_id, published_at)
values (%(slug)s, %(title)s, %(body)s, %(published)s, %(by)s, case when %(published)s then clock_timestamp() end)
on conflict (slug) do update set title = excluded.title, body = excluded.body, published = excluded.published,
    changed_by_id = excluded.changed_by_id, version = article.version + 1,
    published_at = coalesce(article.published_at, excluded.published_at), updated_at = clock_timestamp()
returning id, version
"""


@atomically
def save_service(
    *,
    key: str,
    name: str,
    description: str,
    answer: str,
    phrasings: Iterable[str],
    team_id: int | None = None,
    enabled: bool = True,
    quick_replies: Sequence[str] = (),
    handover: Handover = "never",
    by: Viewer | None = None,
) -> int:
    """Write a service under its key, new or not, with exactly these phrasings, and keep it as a version. Returns its id."""
    examples = distinct(phrasings)
    content = {
        "name": name,
        "description": description,
        "answer": answer,
        "team_id": team_id,
        "enabled": enabled,
        "quick_replies": list(quick_replies),
        "handover": handover,
    }
    saved = one(_SAVE_SERVICE, {**content, "key": key, "by": by.id if by else None})
    assert saved is not None
    service_id: int = saved["id"]
    own = [text for text in (name, f"{name}. {description}", answer) if text.strip() and text not in examples]
    _keep_phrases(service_id, "example", examples)
    _keep_phrases(service_id, "own", list(dict.fromkeys(own)))
    _keep_version("service", service_id, saved["version"], {**content, "phrasings": examples}, by)
    enqueue(Job.EMBED_KNOWLEDGE)
    return service_id


def _keep_phrases(service_id: int, origin: str, texts: list[str]) -> None:
    run(
        "delete from service_phrase where service_id = %s and origin = %s and text <> all(%s)",
        (service_id, origin, texts),
    )
    run(
        "insert into service_phrase (service_id, origin, text) select %s, %s, unnest(%s::text[])"
        " on conflict (service_id, text) do update set origin = excluded.origin where service_phrase.origin <> excluded.origin",
        (service_id, origin, texts),
    )


@atomically
def save_article(
    *,
    slug: str,
    title: str,
    body: str,
    published: bool = True,
    phrasings: Iterable[str] = (),
    by: Viewer | None = None,
) -> int:
    """Write an article under its slug, new or not, cut it into passages, and keep it as a version. Returns its id."""
    before = one("select id, title, body from article where slug = %s for update", (slug,))
    saved = one(
        _SAVE_ARTICLE,
        {"slug": slug, "title": title, "body": body, "published": published, "by": by.id if by else None},
    )
    assert saved is not None
    article_id: int = saved["id"]
    if before is None or (before["title"], before["body"]) != (title, body):
        run("delete from article_chunk where article_id = %s", (article_id,))
        run(
            "insert into article_chunk (article_id, ord, text)"
            " select %s, ord, text from unnest(%s::text[]) with ordinality as passage (text, ord)",
            (article_id, cut(body)),
        )
    examples = distinct(phrasings)
    run("delete from article_phrase where article_id = %s and text <> all(%s)", (article_id, examples))
    run(
        "insert into article_phrase (article_id, text) select %s, unnest(%s::text[]) on conflict do nothing",
        (article_id, examples),
    )
    content = {"title": title, "body": body, "phrasings": examples}
    _keep_version("article", article_id, saved["version"], content, by)
    enqueue(Job.EMBED_KNOWLEDGE)
    return article_id


def _keep_version(noun: Kind, owner_id: int, version: int, content: Mapping[str, Any], by: Viewer | None) -> None:
    run(
        f"insert into {noun}_version ({noun}_id, version, content, by_agent_id, by_name) values (%s, %s, %s, %s, %s)",
        (owner_id, version, as_json(dict(content)), by.id if by else None, by.name if by else ""),
    )


@atomically
def record_vectors(texts: Sequence[Unread], vectors: Sequence[Vector], model_id: str) -> int:
    """Put each vector beside its text. A text that was removed meanwhile is passed over. Returns how many held.

    None does when the desk has gone over to another model while this one was reading.
    """
    if not one("select 1 as yes from desk where embedding_model = %s for share", (model_id,)):
        return 0
    pairs = sorted(zip(texts, vectors, strict=True), key=lambda pair: pair[0].place)
    held = 0
    for place, members in groupby(pairs, key=lambda pair: pair[0].place):
        group = list(members)
        held += len(
            rows(
                f"update {place} t set embedding = read.vector::vector{_NAMES_ITS_MODEL.get(place, '')}"
                " from unnest(%(ids)s::bigint[], %(vectors)s::text[]) as read (id, vector)"
                " where t.id = read.id and t.embedding is null returning t.id",
                {
                    "ids": [text.id for text, _ in group],
                    "vectors": [literal(vector) for _, vector in group],
                    "model": model_id,
                },
            )
        )
    return held


@atomically
def remember(learned: Learned, *, knowledge: str) -> None:
    """Put what was learned to use, all services at once: directions of two lessons do not mix."""
    run("update service set direction = null, bias = null")
    run(
        "update service s set direction = learned.vector::vector, bias = learned.bias"
        " from unnest(%s::bigint[], %s::text[], %s::float8[]) as learned (id, vector, bias) where s.id = learned.id",
        (
            [each.service_id for each in learned.directions],
            [literal(each.vector) for each in learned.directions],
            [each.bias for each in learned.directions],
        ),
    )
    run(
        "insert into answer_bars (knowledge, sure, doubt, examples, accuracy) values (%s, %s, %s, %s, %s)",
        (knowledge, learned.bars.sure, learned.bars.doubt, learned.examples, learned.accuracy),
    )
