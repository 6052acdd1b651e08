"""Clusters of failed responses: lists, one whole, and everything that is decided about them."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import clusters, fixes, replays
from models.queries import clusters as read
from models.queries import example_check
from models.queries import replays as read_replays
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.clusters import ClusterDetail, ClusterPage, ClusterQuery, ProposalList
from models.schemas.repairs import (
    AddToArticle,
    AddToService,
    AssignCluster,
    DismissCluster,
    ExampleCheck,
    ExampleCheckBody,
    MergeClusters,
    MoveFailures,
    ProposalBody,
    RenameCluster,
    ResolveCluster,
    SeenVersion,
    SnoozeCluster,
    SplitCluster,
)
from models.schemas.replays import ReplayBody, ReplayOut
from web import limits
from web.api.failures import change_of
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("clusters", "Failed responses that mean the same")

REVIEW = may(Permission.FAILURE_REVIEW)
ONE = "/clusters/<int:cluster_id>"


@route(bp, "GET", "/clusters", caller=REVIEW, asks=ClusterQuery, gives=ClusterPage)
def all_clusters(**query: Any) -> Out:
    """Clusters in these states, the heaviest first, a page at a time."""
    return read.page(g.viewer, **query)


@route(bp, "GET", "/clusters/proposals", caller=REVIEW, gives=ProposalList)
def proposals() -> Out:
    """What the nightly grouping would rather have and nobody has decided on."""
    return read.proposals(g.viewer)


@route(
    bp,
    "POST",
    "/clusters/proposals/<int:proposal_id>",
    caller=REVIEW,
    takes=ProposalBody,
    gives=ClusterDetail,
)
def decide(proposal_id: int, accept: bool) -> Out:
    """Accept a proposal, which carries it out, or decline it."""
    return read.detail(g.viewer, clusters.decide_proposal(g.viewer, proposal_id, accept=accept))


@route(bp, "GET", ONE, caller=REVIEW, gives=ClusterDetail)
def one(cluster_id: int) -> Out:
    """A cluster with suggestions, draft, decisions, proposals and replays. Its failures: `/failures?cluster_id=`."""
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/rename", caller=REVIEW, takes=RenameCluster, gives=ClusterDetail)
def rename(cluster_id: int, **body: Any) -> Out:
    """Give it a name of one's own, which stays."""
    clusters.rename(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/assign", caller=REVIEW, takes=AssignCluster, gives=ClusterDetail)
def assign(cluster_id: int, **body: Any) -> Out:
    """Say who takes care of it."""
    clusters.assign(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/snooze", caller=REVIEW, takes=SnoozeCluster, gives=ClusterDetail)
def snooze(cluster_id: int, **body: Any) -> Out:
    """Out of the list until a day; then it is open again by itself."""
    clusters.snooze(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/wake", caller=REVIEW, takes=SeenVersion, gives=ClusterDetail)
def wake(cluster_id: int, **body: Any) -> Out:
    """Open a snoozed one before its day."""
    clusters.wake(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/dismiss", caller=REVIEW, takes=DismissCluster, gives=ClusterDetail)
def dismiss(cluster_id: int, **body: Any) -> Out:
    """Noise or out of scope: whatever means the same is dismissed as it comes in."""
    clusters.dismiss(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/resolve", caller=REVIEW, takes=ResolveCluster, gives=ClusterDetail)
def resolve(cluster_id: int, **body: Any) -> Out:
    """Settle it: a replay passed, or a written reason says why. Else the answer is `not_proved`."""
    clusters.resolve(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/reopen", caller=REVIEW, takes=SeenVersion, gives=ClusterDetail)
def reopen(cluster_id: int, **body: Any) -> Out:
    """Open a settled one again, with its failures."""
    clusters.reopen(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/split", caller=REVIEW, takes=SplitCluster, gives=ClusterDetail, status=201)
def split(cluster_id: int, **body: Any) -> Out:
    """Make another cluster of some of its failures. Answers with the new one."""
    return read.detail(g.viewer, clusters.split(g.viewer, cluster_id, **body))


@route(bp, "POST", f"{ONE}/merge", caller=REVIEW, takes=MergeClusters, gives=ClusterDetail)
def merge(cluster_id: int, **body: Any) -> Out:
    """Take the failures of other clusters in."""
    clusters.merge(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/move", caller=REVIEW, takes=MoveFailures, gives=ClusterDetail)
def move(cluster_id: int, **body: Any) -> Out:
    """Move some of its failures to another cluster, or out of every one."""
    clusters.move(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/undo", caller=REVIEW, takes=SeenVersion, gives=ClusterDetail)
def undo(cluster_id: int, **body: Any) -> Out:
    """Take back the newest decision about it. An article or a service that was saved stays saved."""
    clusters.undo(g.viewer, cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/article", caller=REVIEW, takes=AddToArticle, gives=ClusterDetail)
def to_article(cluster_id: int, **body: Any) -> Out:
    """Add to the knowledge base: to an article there is, or as a new one, with its questions as phrasings."""
    fixes.to_article(g.viewer, cluster_id=cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", f"{ONE}/service", caller=REVIEW, takes=AddToService, gives=ClusterDetail)
def to_service(cluster_id: int, **body: Any) -> Out:
    """Add to a service there is, or make one, with its questions as examples."""
    fixes.to_service(g.viewer, cluster_id=cluster_id, **body)
    return read.detail(g.viewer, cluster_id)


@route(bp, "POST", "/failures/examples/check", caller=REVIEW, takes=ExampleCheckBody, gives=ExampleCheck)
def check_examples(**body: Any) -> Out:
    """What these failures would do as examples of a service: which repeat, which pull others over. Changes nothing."""
    return example_check.check(g.viewer, **body)


@route(bp, "POST", f"{ONE}/replay", caller=REVIEW, takes=ReplayBody, gives=ReplayOut, status=202)
def replay(cluster_id: int, **body: Any) -> Out:
    """Ask all its questions and the regression set again: of the bot as it is, or as it would be with a change."""
    limits.count("agent_replay", str(g.viewer.id))
    return read_replays.one_of(replays.ask(g.viewer, cluster_id=cluster_id, change=change_of(body)))
