"""Repair a gap: what a cluster or a single failure needs goes into an article or a service, its questions with it.

The bot learns it as it learns everything: a phrasing without a vector is work for the
worker that reads. What was done is kept with the cluster, and a replay proves it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

from models.actions import cluster_log, describing, grouping, knowledge, news
from models.actions.chat_log import db_now
from models.db import atomically, one, run
from models.errors import Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries.access import Permission, Viewer
from models.rules.clusters import Deed

Row = dict[str, Any]


@atomically
def to_article(
    viewer: Viewer,
    *,
    cluster_id: int | None = None,
    failure_id: int | None = None,
    article_id: int | None = None,
    article: Row | None = None,
    phrasings: Sequence[str] = (),
    version: int | None = None,
) -> int:
    """Add to the knowledge base: phrasings for an article there is, or a new article. Returns the article's number.

    Raises `Invalid` (`knowledge_gone`) when the article was removed meanwhile.
    """
    _seized(viewer, Deed.ARTICLE, cluster_id, failure_id, version)
    if article is not None:
        article_id = knowledge.save_article(slug=_slug(article["title"]), **article)
    elif one("select 1 from article where id = %s and archived_at is null for key share", (article_id,)) is None:
        raise _gone("article_id", "This article was removed.")
    run(
        "insert into article_phrase (article_id, text) select %s, unnest(%s::text[]) on conflict do nothing",
        (article_id, _once(phrasings)),
    )
    run("update article set updated_at = clock_timestamp() where id = %s", (article_id,))
    enqueue(Job.EMBED_KNOWLEDGE)
    assert article_id is not None
    _kept(
        viewer, Deed.ARTICLE, cluster_id, failure_id, "article_id", article_id, len(phrasings), existing=article is None
    )
    return article_id


@atomically
def to_service(
    viewer: Viewer,
    *,
    cluster_id: int | None = None,
    failure_id: int | None = None,
    service_id: int | None = None,
    service: Row | None = None,
    phrasings: Sequence[str] = (),
    version: int | None = None,
) -> int:
    """Add to a service there is, or to a new one, with the failures as its examples. Returns the service's number."""
    _seized(viewer, Deed.SERVICE, cluster_id, failure_id, version)
    texts = _once(phrasings)
    if service is not None:
        service_id = knowledge.save_service(key=_slug(service["name"]), **service, phrasings=texts)
    else:
        if one("select 1 from service where id = %s and archived_at is null for key share", (service_id,)) is None:
            raise _gone("service_id", "This service was removed.")
        run(
            "insert into service_phrase (service_id, origin, text) select %s, 'example', unnest(%s::text[])"
            " on conflict (service_id, text) do update set origin = 'example' where service_phrase.origin = 'own'",
            (service_id, texts),
        )
        run("update service set updated_at = clock_timestamp() where id = %s", (service_id,))
        enqueue(Job.EMBED_KNOWLEDGE)
    assert service_id is not None
    _kept(viewer, Deed.SERVICE, cluster_id, failure_id, "service_id", service_id, len(texts), existing=service is None)
    return service_id


def _seized(viewer: Viewer, deed: Deed, cluster_id: int | None, failure_id: int | None, version: int | None) -> None:
    viewer.require(Permission.FAILURE_REVIEW)
    if cluster_id is not None:
        cluster_log.locked(viewer, cluster_id, deed, version)
        return
    grouping.in_order()
    if one("select 1 from failed_response where id = %s for update", (failure_id,)) is None:
        raise NotFound()


def _kept(
    viewer: Viewer,
    deed: Deed,
    cluster_id: int | None,
    failure_id: int | None,
    column: str,
    number: int,
    examples: int,
    *,
    existing: bool,
) -> None:
    after = {column: number, "examples": examples}
    if cluster_id is None:
        assert failure_id is not None
        cluster_log.write(
            viewer, deed, failure_id=failure_id, before=cluster_log.snapshot([], [failure_id]), after=after
        )
        news.failure(failure_id)
        return
    before = cluster_log.snapshot([cluster_id])
    cluster_log.changed(viewer, cluster_id, **{column: number, "fixed_at": db_now()})
    decision_id = cluster_log.write(viewer, deed, cluster_id=cluster_id, before=before, after=after)
    describing.note_outcome(decision_id, cluster_id, deed.value, number, existing=existing)
    news.cluster(cluster_id)


def _once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _slug(title: str) -> str:
    """A readable name for addresses and exports that nothing else has."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    return f"{words or 'topic'}-{secrets.token_hex(3)}"


def _gone(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, code="knowledge_gone", fields={field: [sentence]})
