"""What people decide about clusters and failed responses, and what they make of them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.rules.clusters import DISMISSALS, RESOLUTIONS
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of

KINDS = ("service", "article")
MOST_FAILURES = 1_000  # named in one decision
MOST_EXAMPLES = 200  # added to a service or an article at once


class Titled(Shape):
    """A service, an article or a cluster, by its number and what it is called."""

    id = Id(required=True)
    title = fields.String(required=True)


class SeenVersion(Shape):
    """`version`: as the caller last saw it; when somebody decided since, the answer is `cluster_changed`."""

    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=between(1, 2**31 - 1))


class RenameCluster(SeenVersion):
    label = CleanText(required=True, least=1, most=160, one_line=True)


class AssignCluster(SeenVersion):
    agent_id = Id(required=True, allow_none=True)


class SnoozeCluster(SeenVersion):
    until = Moment(required=True)


class DismissFailure(Shape):
    reason = fields.String(required=True, validate=one_of(*DISMISSALS))
    note = CleanText(load_default="", most=1000)


class DismissCluster(DismissFailure, SeenVersion):
    """Of a whole cluster."""


class ResolveFailure(Shape):
    reason = fields.String(required=True, validate=one_of(*RESOLUTIONS))
    note = CleanText(load_default="", most=1000)


class ResolveCluster(ResolveFailure, SeenVersion):
    """Of a whole cluster. Without a replay that passed, `note` must say why it is resolved all the same."""


def _failures(**more: Any) -> fields.List[Any]:
    return fields.List(Id(), required=True, validate=long(1, MOST_FAILURES), **more)


class SplitCluster(SeenVersion):
    failure_ids = _failures()
    label = CleanText(load_default=None, allow_none=True, least=1, most=160, one_line=True)


class MergeClusters(SeenVersion):
    other_ids = fields.List(Id(), required=True, validate=long(1, 50))


class MoveFailures(SeenVersion):
    failure_ids = _failures()
    to_id = Id(required=True, allow_none=True, metadata={"description": "Null: out of every cluster"})


class PlaceFailure(Shape):
    """Where a single failure belongs; null: nowhere."""

    cluster_id = Id(required=True, allow_none=True)


class ProposalBody(Shape):
    accept = Flag(required=True)


class NewArticle(Shape):
    title = CleanText(required=True, least=1, most=200, one_line=True)
    body = CleanText(required=True, least=1, most=50_000)


def _phrasings() -> fields.List[Any]:
    return fields.List(
        CleanText(least=1, most=2000, one_line=True),
        load_default=list,
        validate=long(0, MOST_EXAMPLES),
        metadata={"description": "In the customers' words"},
    )


class AddToArticle(SeenVersion):
    """Into the knowledge base: an article there is (`article_id`), or a new one (`article`). One of the two."""

    article_id = Id(load_default=None, allow_none=True)
    article = fields.Nested(NewArticle, load_default=None, allow_none=True)
    phrasings = _phrasings()

    @validates_schema
    def one_article(self, data: dict[str, Any], **_: object) -> None:
        if (data.get("article_id") is None) == (data.get("article") is None):
            raise ValidationError({"article_id": ["Choose an article, or write one."]})


class NewService(Shape):
    name = CleanText(required=True, least=1, most=120, one_line=True)
    description = CleanText(load_default="", most=1000)
    answer = CleanText(required=True, least=1, most=5000)
    team_id = Id(load_default=None, allow_none=True)


class AddToService(SeenVersion):
    """To a service there is (`service_id`), or a new one (`service`): one of the two, with examples."""

    service_id = Id(load_default=None, allow_none=True)
    service = fields.Nested(NewService, load_default=None, allow_none=True)
    phrasings = _phrasings()

    @validates_schema
    def one_service(self, data: dict[str, Any], **_: object) -> None:
        if (data.get("service_id") is None) == (data.get("service") is None):
            raise ValidationError({"service_id": ["Choose a service, or make one."]})
        if not data.get("phrasings"):
            raise ValidationError({"phrasings": ["Choose at least one example."]})


class ExampleCheckBody(Shape):
    """Examples to add to a service; null: to a new one."""

    service_id = Id(required=True, allow_none=True)
    failure_ids = _failures()


class ExampleDuplicate(Shape):
    """An example that says what another one, or the service itself, says already."""

    failure_id = Id(required=True)
    text = fields.String(required=True)
    like = fields.String(required=True)
    likeness = fields.Float(required=True)


class ExamplePull(Shape):
    """An example nearer to another service than to this one: it would pull that service's questions over."""

    failure_id = Id(required=True)
    text = fields.String(required=True)
    service = fields.Nested(Titled, required=True)
    likeness = fields.Float(required=True)
    own_likeness = fields.Float(required=True, allow_none=True)


class ExampleCheck(Shape):
    duplicates = fields.List(fields.Nested(ExampleDuplicate), required=True)
    pulls = fields.List(fields.Nested(ExamplePull), required=True)
    fresh = fields.List(fields.Integer(), required=True, metadata={"description": "Failures with neither trouble"})
