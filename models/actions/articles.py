"""Articles as people look after them: drafted, published, taken off, archived and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.actions import audit, knowledge, news
from models.actions.chat_log import Row
from models.actions.services import locked, stale
from models.db import atomically, one, rows, run
from models.errors import Conflict
from models.jobs import Job, enqueue
from models.queries.access import Permission, Viewer
from models.rules.knowledge import distinct, key_of

_DRAFT = """
insert into article_draft (article_id, title, body, phrasings, by_agent_id)
values (%(id)s, %(title)s, %(body)s, %(phrasings)s::text[], %(by)s)
on conflict (article_id) do update set title = excluded.title, body = excluded.body, phrasings = excluded.phrasings,
    by_agent_id = excluded.by_agent_id, updated_at = clock_timestamp()
"""


@atomically
def add(viewer: Viewer, *, title: str, body: str, phrasings: Sequence[str] = (), publish: bool = False) -> int:
    """Add an article, published or as a draft that customers do not see. Returns its id."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    run("select pg_advisory_xact_lock(hashtext('article'))")
    slug = key_of(title, [each["slug"] for each in rows("select slug from article")])
    if publish:
        article_id = knowledge.save_article(slug=slug, title=title, body=body, phrasings=phrasings, by=viewer)
    else:
        made = one(
            "insert into article (slug, title, body, published, changed_by_id) values (%s, %s, '', false, %s) returning id",
            (slug, title, viewer.id),
        )
        assert made is not None
        article_id = made["id"]
        _keep_draft(viewer, article_id, title, body, phrasings)
    audit.note(viewer, "added", "article", article_id, title)
    news.catalogue("articles")
    return article_id


@atomically
def change(
    viewer: Viewer,
    article_id: int,
    version: int,
    *,
    title: str,
    body: str,
    phrasings: Sequence[str] = (),
    publish: bool = False,
) -> None:
    """Keep this as the draft, or publish it in the place of what customers see; the draft is gone then.

    Raises `Conflict` as `stale`, with the version now, when somebody has saved since, or as `archived`.
    """
    viewer.require(Permission.KNOWLEDGE_EDIT)
    article = _for_editing(article_id, version)
    if publish:
        knowledge.save_article(slug=article["slug"], title=title, body=body, phrasings=phrasings, by=viewer)
        run("delete from article_draft where article_id = %s", (article_id,))
        audit.note(viewer, "published", "article", article_id, title)
    else:
        _keep_draft(viewer, article_id, title, body, phrasings)
        _set(article_id, "", viewer)
    news.catalogue("articles")


@atomically
def discard_draft(viewer: Viewer, article_id: int, version: int) -> None:
    """Throw the draft away; what customers see stays. Raises `Conflict` as `never_published` when it is all there is."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    article = _for_editing(article_id, version)
    if article["published_at"] is None:
        raise Conflict("The draft is all there is of this article. Archive it instead.", code="never_published")
    if run("delete from article_draft where article_id = %s", (article_id,)):
        _set(article_id, "", viewer)
    news.catalogue("articles")


@atomically
def take_off(viewer: Viewer, article_id: int, version: int) -> None:
    """Show it to customers no more, until it is published again."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    article = _for_editing(article_id, version)
    if article["published"]:
        _set(article_id, ", published = false", viewer)
        audit.note(viewer, "disabled", "article", article_id, article["title"])
    news.catalogue("articles")


@atomically
def archive(viewer: Viewer, article_id: int) -> None:
    """Take an article out of use. Chats that quote it keep their words; again is once."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    article = locked("article", article_id)
    if article["archived_at"] is None:
        _set(article_id, ", was_live = published, published = false, archived_at = clock_timestamp()", viewer)
        audit.note(viewer, "archived", "article", article_id, article["title"])
        news.catalogue("articles")


@atomically
def bring_back(viewer: Viewer, article_id: int) -> None:
    """Undo the archiving: as it was, published or not."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    article = locked("article", article_id)
    if article["archived_at"] is not None:
        _set(article_id, ", published = was_live, archived_at = null", viewer)
        audit.note(viewer, "brought_back", "article", article_id, article["title"])
        news.catalogue("articles")


def _for_editing(article_id: int, version: int) -> Row:
    article = locked("article", article_id)
    if article["version"] != version:
        raise stale(article)
    if article["archived_at"] is not None:
        raise Conflict("This article is archived. Bring it back first.", code="archived")
    return article


def _keep_draft(viewer: Viewer, article_id: int, title: str, body: str, phrasings: Sequence[str]) -> None:
    draft: dict[str, Any] = {"title": title, "body": body, "phrasings": distinct(phrasings)}
    run(_DRAFT, {**draft, "id": article_id, "by": viewer.id})


def _set(article_id: int, columns: str, viewer: Viewer) -> None:
    run(
        f"update article set version = version + 1, updated_at = clock_timestamp(), changed_by_id = %s{columns} where id = %s",
        (viewer.id, article_id),
    )
    enqueue(Job.EMBED_KNOWLEDGE)
