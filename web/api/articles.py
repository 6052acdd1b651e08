"""The knowledge base: articles, their drafts and versions."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import articles, knowledge_import
from models.queries import knowledge_base as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.knowledge import (
    ArticleBody,
    ArticleChange,
    ArticleList,
    ArticleOut,
    ArticleVersionList,
    KnowledgeQuery,
    Version,
)
from models.schemas.sheets import ImportReport, KnowledgeImport, SheetQuery
from web.api.routes import FILE_TYPES, blueprint, route, takes_much
from web.auth import may

bp = blueprint("articles", "The knowledge base: articles for the bot and for the widget’s help page")

takes_much(bp, "take")

READ, EDIT = may(Permission.CHAT_READ), may(Permission.KNOWLEDGE_EDIT)


@route(bp, "GET", "/articles", caller=READ, asks=KnowledgeQuery, gives=ArticleList)
def listed(**query: Any) -> Out:
    """Articles by title; with words, those that hold them anywhere."""
    return read.articles(g.viewer, **query)


@route(bp, "POST", "/articles", caller=EDIT, takes=ArticleBody, gives=ArticleOut, status=201)
def add(**body: Any) -> Out:
    """Add an article, as a draft or published."""
    return read.article(g.viewer, articles.add(g.viewer, **body))


@route(bp, "GET", "/articles/<int:article_id>", caller=READ, gives=ArticleOut)
def one_of(article_id: int) -> Out:
    """One article, with its draft."""
    return read.article(g.viewer, article_id)


@route(bp, "PUT", "/articles/<int:article_id>", caller=EDIT, takes=ArticleChange, gives=ArticleOut)
def change(article_id: int, **body: Any) -> Out:
    """Keep a draft, or publish, if nobody else has changed the article meanwhile."""
    articles.change(g.viewer, article_id, **body)
    return read.article(g.viewer, article_id)


@route(bp, "POST", "/articles/<int:article_id>/discard", caller=EDIT, takes=Version, gives=ArticleOut)
def discard(article_id: int, version: int) -> Out:
    """Throw the draft away; what customers see stays."""
    articles.discard_draft(g.viewer, article_id, version)
    return read.article(g.viewer, article_id)


@route(bp, "POST", "/articles/<int:article_id>/disable", caller=EDIT, takes=Version, gives=ArticleOut)
def disable(article_id: int, version: int) -> Out:
    """Show it to customers no more, until it is published again."""
    articles.take_off(g.viewer, article_id, version)
    return read.article(g.viewer, article_id)


@route(bp, "GET", "/articles/<int:article_id>/versions", caller=READ, gives=ArticleVersionList)
def versions(article_id: int) -> Out:
    """What was published before, newest first."""
    return read.article_versions(g.viewer, article_id)


@route(bp, "POST", "/articles/<int:article_id>/archive", caller=EDIT, gives=ArticleOut)
def archive(article_id: int) -> Out:
    """Take it out of use."""
    articles.archive(g.viewer, article_id)
    return read.article(g.viewer, article_id)


@route(bp, "POST", "/articles/<int:article_id>/restore", caller=EDIT, gives=ArticleOut)
def restore(article_id: int) -> Out:
    """Undo the archiving."""
    articles.bring_back(g.viewer, article_id)
    return read.article(g.viewer, article_id)


@route(bp, "GET", "/articles/export", caller=EDIT, asks=SheetQuery, gives_files=tuple(FILE_TYPES.values()))
def export(**query: Any) -> Response:
    """All articles as a file."""
    kind = query["format"]
    return Response(
        knowledge_import.article_file(g.viewer, kind),
        content_type=f"{FILE_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="articles.{kind}"'},
    )


@route(bp, "POST", "/articles/import", caller=EDIT, takes=KnowledgeImport, gives=ImportReport)
def take(**body: Any) -> Out:
    """Take a file of articles, whole or not at all; as a dry run, say what it would do."""
    return knowledge_import.take_articles(g.viewer, **body)
