"""Broadcasts: drafts and their audiences, how far they are, and the ledger of their recipients."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from models.rules.audiences import LIST_MOST, Kind, Reason
from models.rules.broadcasting import (
    BODY_MOST,
    RATE_LEAST,
    RATE_MOST,
    RATE_USUAL,
    SUBJECT_MOST,
    TITLE_MOST,
    Outcome,
    State,
)
from models.schemas.base import CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.channels import ChannelCan
from models.schemas.history import MOST_VALUES, ChatFilter
from models.schemas.people import AgentBrief
from models.schemas.templates import TemplateSend

_KINDS = tuple(kind.value for kind in Kind)
_OUTCOMES = tuple(outcome.value for outcome in Outcome)
_REASONS = tuple(reason.value for reason in Reason)
LIST_TEXT_MOST = 200_000
TEMPLATES_MOST = 20
_ASKS = {"cluster": "cluster_id", "tag": "tag_ids", "filter": "filter", "list": "customer_ids"}


class Audience(Shape):
    """Whom it is for: exactly the one field that goes with the kind."""

    cluster_id = Id(metadata={"description": "For `cluster`: whom its questions failed"})
    tag_ids = fields.List(
        Id(), validate=long(1, MOST_VALUES), metadata={"description": "For `tag`: a chat with all of them"}
    )
    filter = fields.Nested(ChatFilter, metadata={"description": "For `filter`: a chat that the history would show"})
    customer_ids = fields.List(Id(), validate=long(1, LIST_MOST), metadata={"description": "For `list`: these people"})


def _fits(data: dict[str, Any]) -> None:
    if set(data.get("audience", ())) != {_ASKS.get(data.get("audience_kind", ""), "")}:
        raise ValidationError({"audience": ["Give the one field that goes with the kind of audience."]})


class AudienceBody(Shape):
    audience_kind = fields.String(required=True, validate=one_of(*_KINDS))
    audience = fields.Nested(Audience, required=True)

    @validates_schema
    def audience_fits_its_kind(self, data: dict[str, Any], **_: object) -> None:
        _fits(data)


class AudienceAsked(AudienceBody):
    templated = fields.List(
        Id(),
        load_default=list,
        validate=long(0, TEMPLATES_MOST),
        metadata={"description": "Channels for which a template is chosen: it goes to those outside the window"},
    )


class BroadcastTemplate(TemplateSend):
    """What goes to people on one channel whose window is closed. `{{customer.first_name}}` in a variable is their name."""

    channel_id = Id(required=True)


class BroadcastBody(AudienceBody):
    title = CleanText(required=True, least=1, most=TITLE_MOST, one_line=True)
    body = CleanText(required=True, least=1, most=BODY_MOST)
    subject = CleanText(
        load_default=None,
        allow_none=True,
        least=1,
        most=SUBJECT_MOST,
        one_line=True,
        metadata={"description": "Where it is a letter; the desk’s name when left out"},
    )
    templates = fields.List(fields.Nested(BroadcastTemplate), load_default=list, validate=long(0, TEMPLATES_MOST))
    rate = fields.Integer(
        load_default=RATE_USUAL,
        strict=True,
        validate=between(RATE_LEAST, RATE_MOST),
        metadata={"description": "Recipients a second"},
    )


class BroadcastPatch(Shape):
    """What changes of a draft; kind and audience go together."""

    title = CleanText(least=1, most=TITLE_MOST, one_line=True)
    body = CleanText(least=1, most=BODY_MOST)
    subject = CleanText(allow_none=True, least=1, most=SUBJECT_MOST, one_line=True)
    templates = fields.List(fields.Nested(BroadcastTemplate), validate=long(0, TEMPLATES_MOST))
    rate = fields.Integer(strict=True, validate=between(RATE_LEAST, RATE_MOST))
    audience_kind = fields.String(validate=one_of(*_KINDS))
    audience = fields.Nested(Audience)

    @validates_schema
    def audience_fits_its_kind(self, data: dict[str, Any], **_: object) -> None:
        if "audience" in data or "audience_kind" in data:
            _fits(data)


class ListBody(Shape):
    text = CleanText(
        required=True,
        least=1,
        most=LIST_TEXT_MOST,
        metadata={"description": "Numbers of customers or e-mail addresses, one a line"},
    )


class BadLine(Shape):
    line = fields.Integer(required=True)
    text = fields.String(required=True)
    problem = fields.String(required=True, validate=one_of("unreadable", "unknown", "twice"))


class ListRead(Shape):
    """Whom a pasted list names, and what is wrong with the lines that name nobody."""

    customer_ids = fields.List(Id(), required=True)
    bad = fields.List(fields.Nested(BadLine), required=True, metadata={"description": "The first 200"})
    bad_count = fields.Integer(required=True)
    cut = Flag(required=True, metadata={"description": "It names more people than one list holds"})


class CustomerName(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class LeftOutCount(Shape):
    reason = fields.String(required=True, validate=one_of(*_REASONS))
    count = fields.Integer(required=True)


class LeftOut(Shape):
    customer = fields.Nested(CustomerName, required=True)
    reason = fields.String(required=True, validate=one_of(*_REASONS))


class WayChannel(Shape):
    id = Id(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)


class WayOut(Shape):
    """One channel by which some of an audience are reached, what can be sent by it, and to how many how."""

    channel = fields.Nested(WayChannel, required=True)
    can = fields.Nested(ChannelCan, required=True)
    free = fields.Integer(required=True, metadata={"description": "Get the words themselves"})
    by_template = fields.Integer(required=True, metadata={"description": "Get the template: their window is closed"})
    closed = fields.Integer(required=True, metadata={"description": "Are left out, as no template is chosen"})
    sender = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "From whom it is; null: nothing but the channel’s name"},
    )
    stop = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What is added to the words so that their reader can stop them, for an example"},
    )


class AudienceOut(Shape):
    """How many would be written to now and how, and who would not and why."""

    reachable = fields.Integer(required=True)
    ways = fields.List(fields.Nested(WayOut), required=True)
    left_out = fields.List(fields.Nested(LeftOutCount), required=True)
    people = fields.List(
        fields.Nested(LeftOut), required=True, metadata={"description": "At most 100 of those who are left out"}
    )


class ScheduleBody(Shape):
    at = Moment(load_default=None, allow_none=True, metadata={"description": "Left out: at once"})
    confirmed = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata={"description": "How many are written to, typed by hand; needed above 500"},
    )


class TrialBody(Shape):
    customer_id = Id(required=True)


class BroadcastCounts(Shape):
    total = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    claimed = fields.Integer(required=True, metadata={"description": "Under way"})
    sent = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    unknown = fields.Integer(  # type: ignore[assignment]  # the metaclass takes fields off the class
        required=True, metadata={"description": "It left us and no answer came: never sent again"}
    )
    skipped = fields.Integer(required=True)


class ClusterName(Shape):
    id = Id(required=True)
    label = fields.String(required=True)


class BroadcastOut(Shape):
    """One message to many, and how far it is."""

    id = Id(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    state = fields.String(required=True, validate=one_of(*(state.value for state in State)))
    version = Seq(required=True)
    audience_kind = fields.String(required=True, validate=one_of(*_KINDS))
    cluster = fields.Nested(ClusterName, required=True, allow_none=True)
    rate = fields.Integer(required=True)
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    confirmed = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    scheduled_at = Moment(required=True, allow_none=True)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)
    counts = fields.Nested(BroadcastCounts, required=True)


class BroadcastDetail(BroadcastOut):
    subject = fields.String(required=True, allow_none=True)
    templates = fields.List(fields.Nested(BroadcastTemplate), required=True)
    audience = fields.Nested(Audience, required=True)
    time_zone = fields.String(
        required=True, allow_none=True, metadata={"description": "The desk's: of its opening hours, where it has any"}
    )
    names = fields.Dict(
        required=True, metadata={"description": "What the audience names is called, by kind and number"}
    )
    left_out = fields.List(fields.Nested(LeftOutCount), required=True)
    seen = fields.Integer(required=True)
    replied = fields.Integer(required=True)


class StartQuery(Shape):
    cluster_id = fields.Integer(required=True, validate=between(1, 2**63 - 1))


class BroadcastStart(Shape):
    """What a broadcast to a cluster's people may begin with."""

    cluster = fields.Nested(ClusterName, required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)


class BroadcastQuery(Shape):
    limit = fields.Integer(load_default=30, validate=between(1, 100))
    before = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))


class BroadcastPage(Shape):
    items = fields.List(fields.Nested(BroadcastOut), required=True)
    next = fields.Integer(required=True, allow_none=True)


class RecipientQuery(Shape):
    state = fields.String(load_default=None, allow_none=True, validate=one_of(*_OUTCOMES))
    limit = fields.Integer(load_default=50, validate=between(1, 200))
    after = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))


class RecipientOut(Shape):
    """One line of the ledger."""

    id = Id(required=True)
    customer = fields.Nested(CustomerName, required=True)
    channel = fields.String(required=True, allow_none=True)
    trial = Flag(required=True, metadata={"description": "A test send; counts nowhere"})
    state = fields.String(required=True, validate=one_of(*_OUTCOMES))
    reason = fields.String(required=True, allow_none=True, validate=one_of(*_REASONS))
    error = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    settled_at = Moment(required=True, allow_none=True)
    chat_id = fields.Integer(required=True, allow_none=True)
    seen = Flag(required=True)
    replied = Flag(required=True)


class RecipientPage(Shape):
    items = fields.List(fields.Nested(RecipientOut), required=True)
    next = fields.Integer(required=True, allow_none=True)
