"""Failed responses one by one: lists, the map, figures, and what is decided about a single one."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from models.actions import failure_review, fixes, replays
from models.queries import failure_figures as figures_of
from models.queries import failures as read
from models.queries import replays as read_replays
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.clusters import FailureMap
from models.schemas.failures import (
    FailureChoices,
    FailureDetail,
    FailureFilter,
    FailurePage,
    FailurePlace,
    FailureQuery,
)
from models.schemas.figures import FailureFigures, FigureQuery
from models.schemas.repairs import AddToArticle, AddToService, DismissFailure, PlaceFailure, ResolveFailure
from models.schemas.replays import ReplayBody, ReplayOut, ReplayTurnPage, ReplayTurnQuery
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("failures", "What the bot could not answer")

REVIEW = may(Permission.FAILURE_REVIEW)


@route(bp, "GET", "/failures", caller=REVIEW, asks=FailureQuery, gives=FailurePage)
def failures(**query: Any) -> Out:
    """Failures, narrowed, newest first, a page at a time. Noise is left out unless it is asked for."""
    return read.page(g.viewer, **query)


@route(bp, "GET", "/failures/map", caller=REVIEW, asks=FailureFilter, gives=FailureMap)
def on_map(**query: Any) -> Out:
    """Where failures stand, and the clusters among them; of very many a sample."""
    return read.on_map(g.viewer, **{**query, "noise": False})


@route(bp, "GET", "/failures/choices", caller=REVIEW, gives=FailureChoices)
def choices() -> Out:
    """What failures can be narrowed by, and who can take care of a cluster."""
    return read.choices(g.viewer)


@route(bp, "GET", "/failures/figures", caller=REVIEW, asks=FigureQuery, gives=FailureFigures)
def figures(**query: Any) -> Out:
    """How well the bot does, by definitions that cannot flatter, and what became of the fixes."""
    return figures_of.report(g.viewer, **query)


@route(bp, "GET", "/failures/figures.csv", caller=REVIEW, asks=FigureQuery, gives_files=("text/csv",))
def figures_csv(**query: Any) -> Response:
    """The counts of each day, for a spreadsheet."""
    response = Response(figures_of.as_csv(g.viewer, **query), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="failed-responses.csv"'
    return response


@route(bp, "GET", "/failures/of-message/<int:message_id>", caller=REVIEW, gives=FailurePlace)
def of_message(message_id: int) -> Out:
    """The failure behind a message of the bot's that says it has no answer, and its cluster."""
    return read.of_message(g.viewer, message_id)


@route(bp, "GET", "/failures/<int:failure_id>", caller=REVIEW, gives=FailureDetail)
def failure(failure_id: int) -> Out:
    """One failure, with what was decided about it and how it was replayed."""
    return read.detail(g.viewer, failure_id)


@route(
    bp,
    "POST",
    "/failures/<int:failure_id>/dismiss",
    caller=REVIEW,
    takes=DismissFailure,
    gives=FailureDetail,
)
def dismiss(failure_id: int, **body: Any) -> Out:
    """Noise or out of scope: whatever means the same is dismissed with it from now on."""
    failure_review.dismiss(g.viewer, failure_id, **body)
    return read.detail(g.viewer, failure_id)


@route(
    bp,
    "POST",
    "/failures/<int:failure_id>/resolve",
    caller=REVIEW,
    takes=ResolveFailure,
    gives=FailureDetail,
)
def resolve(failure_id: int, **body: Any) -> Out:
    """Settle one failure, with a reason."""
    failure_review.resolve(g.viewer, failure_id, **body)
    return read.detail(g.viewer, failure_id)


@route(bp, "POST", "/failures/<int:failure_id>/reopen", caller=REVIEW, gives=FailureDetail)
def reopen(failure_id: int) -> Out:
    """Open one failure again."""
    failure_review.reopen(g.viewer, failure_id)
    return read.detail(g.viewer, failure_id)


@route(bp, "POST", "/failures/<int:failure_id>/place", caller=REVIEW, takes=PlaceFailure, gives=FailureDetail)
def place(failure_id: int, cluster_id: int | None) -> Out:
    """Put one failure into a cluster by hand, or out of every one."""
    failure_review.place(g.viewer, failure_id, cluster_id=cluster_id)
    return read.detail(g.viewer, failure_id)


@route(
    bp,
    "POST",
    "/failures/<int:failure_id>/article",
    caller=REVIEW,
    takes=AddToArticle,
    gives=FailureDetail,
)
def to_article(failure_id: int, **body: Any) -> Out:
    """Add it to the knowledge base: to an article there is, or as a new one."""
    fixes.to_article(g.viewer, failure_id=failure_id, **body)
    return read.detail(g.viewer, failure_id)


@route(
    bp,
    "POST",
    "/failures/<int:failure_id>/service",
    caller=REVIEW,
    takes=AddToService,
    gives=FailureDetail,
)
def to_service(failure_id: int, **body: Any) -> Out:
    """Add it to a service there is, or make one of it."""
    fixes.to_service(g.viewer, failure_id=failure_id, **body)
    return read.detail(g.viewer, failure_id)


@route(
    bp,
    "POST",
    "/failures/<int:failure_id>/replay",
    caller=REVIEW,
    takes=ReplayBody,
    gives=ReplayOut,
    status=202,
)
def replay(failure_id: int, **body: Any) -> Out:
    """Ask the bot again, as it is or as it would be. A worker runs it; `replay:changed` tells how far it is."""
    limits.count("agent_replay", str(g.viewer.id))
    return read_replays.one_of(replays.ask(g.viewer, failure_id=failure_id, change=change_of(body)))


@route(bp, "GET", "/replays/<int:replay_id>", caller=REVIEW, gives=ReplayOut)
def one_replay(replay_id: int) -> Out:
    """How far a replay is, and what it came to."""
    return read_replays.detail(g.viewer, replay_id)


@route(
    bp,
    "GET",
    "/replays/<int:replay_id>/turns",
    caller=REVIEW,
    asks=ReplayTurnQuery,
    gives=ReplayTurnPage,
)
def turns(replay_id: int, **query: Any) -> Out:
    """What each question of a replay came to: fixed, still failing; kept, newly broken."""
    return read_replays.turns(g.viewer, replay_id, **query)


@route(bp, "POST", "/replays/<int:replay_id>/cancel", caller=REVIEW, gives=ReplayOut)
def cancel_replay(replay_id: int) -> Out:
    """Stop a replay that is not over."""
    replays.cancel(g.viewer, replay_id)
    return read_replays.detail(g.viewer, replay_id)


def change_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The change to lay over the bot, without what is no part of it. None: the bot as it is."""
    kept = {
        kind: {name: value for name, value in change.items() if name != "version"}
        for kind, change in body.items()
        if change is not None
    }
    return kept or None
