"""Clusters: failed responses that mean the same, where they stand, and what may repair them."""

from __future__ import annotations

from marshmallow import fields
from webargs.fields import DelimitedList

from models.rules.clusters import Status
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.failures import DecisionOut, SuggestionOut
from models.schemas.people import AgentBrief
from models.schemas.repairs import Titled
from models.schemas.replays import ReplayOut

SORTS = ("impact", "newest", "failures", "people", "trend")
PROPOSALS = ("merge", "split", "move")
SHOWN = tuple(each for each in Status if each is not Status.MERGED)


class MapCluster(Shape):
    id = Id(required=True)
    label = fields.String(required=True)
    status = fields.String(required=True, validate=one_of(*Status))
    x = fields.Float(required=True)
    y = fields.Float(required=True)
    size = fields.Integer(required=True)


class FailureMap(Shape):
    """Where failures stand. What is placed once stays there; distances are arbitrary, one cluster is about 1 wide."""

    points = fields.List(
        fields.List(fields.Float()),
        required=True,
        metadata={"description": "Each is [failure id, x, y, cluster id or 0]; of very many a sample, always the same"},
    )
    clusters = fields.List(fields.Nested(MapCluster), required=True)
    total = fields.Integer(required=True, metadata={"description": "Failures that fit, drawn or not"})


class ClusterOut(Shape):
    """Questions that mean the same: one thing to repair. `version` goes back with a decision."""

    id = Id(required=True)
    version = fields.Integer(required=True)
    status = fields.String(required=True, validate=one_of(*Status))
    reason = fields.String(required=True, allow_none=True)
    reason_note = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "A short central question, or as a person named it"})
    label_by_hand = Flag(required=True)
    keywords = fields.List(fields.String(), required=True)
    language = fields.String(required=True, allow_none=True)
    pinned = Flag(required=True, metadata={"description": "A person decided: no grouping changes it silently"})
    owner = fields.Nested(AgentBrief, required=True, allow_none=True)
    decided_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    snoozed_until = Moment(required=True, allow_none=True)
    merged_into_id = Id(required=True, allow_none=True)
    article = fields.Nested(Titled, required=True, allow_none=True, metadata={"description": "Made to answer it"})
    service = fields.Nested(Titled, required=True, allow_none=True, metadata={"description": "Made to answer it"})
    fixed_at = Moment(required=True, allow_none=True)
    proved_at = Moment(required=True, allow_none=True, metadata={"description": "First replay that passed"})
    reopened = fields.Integer(required=True, metadata={"description": "How often it came back by itself"})
    reopened_at = Moment(required=True, allow_none=True)
    failures = fields.Integer(required=True)
    open_failures = fields.Integer(required=True)
    people = fields.Integer(required=True)
    week = fields.Integer(required=True, metadata={"description": "Failures of the last 7 days"})
    week_before = fields.Integer(required=True, metadata={"description": "Failures of the 7 days before"})
    trend = fields.Float(
        required=True, allow_none=True, metadata={"description": "0.5: half as many again; null: none the week before"}
    )
    days = fields.List(
        fields.Integer(), required=True, metadata={"description": "Failures of each of the last 14 days"}
    )
    impact = fields.Integer(required=True, metadata={"description": "0 to 100: people, growth, how recent"})
    first_seen_at = Moment(required=True)
    last_seen_at = Moment(required=True)
    known = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "How likely something that exists serves it; below 0.5: a new topic; null: not looked at"
        },
    )
    suggestion = fields.Nested(SuggestionOut, required=True, allow_none=True)
    x = fields.Float(required=True)
    y = fields.Float(required=True)


class ClusterQuery(Shape):
    status = DelimitedList(
        fields.String(validate=one_of(*SHOWN)), load_default=lambda: ["open"], validate=long(1, len(SHOWN))
    )
    sort = fields.String(load_default="impact", validate=one_of(*SORTS))
    q = CleanText(load_default=None, allow_none=True, most=200, one_line=True)
    language = fields.String(load_default=None, allow_none=True, validate=long(2, 3))
    owner_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class ClusterPage(Shape):
    items = fields.List(fields.Nested(ClusterOut), required=True)
    total = fields.Integer(required=True, allow_none=True, metadata={"description": "With the first page only"})
    next = fields.String(required=True, allow_none=True)


class ProposalOut(Shape):
    """What a nightly grouping would rather have: merge two, split some off, move some to the other."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of(*PROPOSALS))
    cluster = fields.Nested(Titled, required=True)
    other = fields.Nested(Titled, required=True, allow_none=True)
    failure_ids = fields.List(fields.Integer(), required=True, metadata={"description": "Those that would go"})
    likeness = fields.Float(required=True, metadata={"description": "Cosine between the two halves"})
    made_at = Moment(required=True)


class ProposalList(Shape):
    items = fields.List(fields.Nested(ProposalOut), required=True)


class DraftSource(Shape):
    """A person's answer that a draft was made of."""

    failure_id = Id(required=True)
    chat_id = Id(required=True)
    by = fields.String(required=True, allow_none=True)


class DraftOut(Shape):
    """An article put together from what people answered: their sentences, each meaning once."""

    title = fields.String(required=True)
    body = fields.String(required=True)
    sources = fields.List(fields.Nested(DraftSource), required=True)


class ClusterDetail(Shape):
    cluster = fields.Nested(ClusterOut, required=True)
    suggestions = fields.List(fields.Nested(SuggestionOut), required=True, metadata={"description": "Best first"})
    draft = fields.Nested(DraftOut, required=True, allow_none=True)
    decisions = fields.List(fields.Nested(DecisionOut), required=True, metadata={"description": "Newest first"})
    proposals = fields.List(fields.Nested(ProposalOut), required=True)
    replays = fields.List(fields.Nested(ReplayOut), required=True, metadata={"description": "Newest first"})
    needed_percent = fields.Integer(required=True, metadata={"description": "Of a replay, to call it resolved"})
    people_to_tell = fields.Integer(required=True, metadata={"description": "Hit by it and not helped since"})
