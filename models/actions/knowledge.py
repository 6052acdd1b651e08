"""Teach the bot: services, articles, and what the worker makes of them.

Saving keeps what did not change: a phrasing that stays keeps its vector. What is new
has none yet, and the embedding worker is asked to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from models.db import atomically, one, rows, run
from models.jobs import Job, enqueue
from models.queries.knowledge import Unread, literal
from models.rules.learned import Learned, Vector
from models.rules.passages import cut

_NAMES_ITS_MODEL = {"failed_response": ", model_id = %(model)s"}  # all others are of the desk's own


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
) -> int:
    """Write a service under its key, new or not, with exactly these phrasings. Returns its id."""
    saved = one(
        "insert into service (key, name, description, answer, team_id, enabled) values (%s, %s, %s, %s, %s, %s)"
        " on conflict (key) do update set name = excluded.name, description = excluded.description,"
        " answer = excluded.answer, team_id = excluded.team_id, enabled = excluded.enabled,"
        " updated_at = clock_timestamp() returning id",
        (key, name, description, answer, team_id, enabled),
    )
    assert saved is not None
    service_id: int = saved["id"]
    examples = list(dict.fromkeys(text.strip() for text in phrasings if text.strip()))
    own = [text for text in (name, f"{name}. {description}", answer) if text.strip() and text not in examples]
    _keep_phrases(service_id, "example", examples)
    _keep_phrases(service_id, "own", list(dict.fromkeys(own)))
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
def save_article(*, slug: str, title: str, body: str, published: bool = True) -> int:
    """Write an article under its slug, new or not, and cut it into passages. Returns its id."""
    before = one("select id, title, body from article where slug = %s for update", (slug,))
    saved = one(
        "insert into article (slug, title, body, published) values (%s, %s, %s, %s)"
        " on conflict (slug) do update set title = excluded.title, body = excluded.body,"
        " published = excluded.published, updated_at = clock_timestamp() returning id",
        (slug, title, body, published),
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
        enqueue(Job.EMBED_KNOWLEDGE)
    return article_id


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
