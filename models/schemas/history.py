"""The history: chats narrowed by what they were, views that keep such a choice, and timelines to read."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from webargs.fields import DelimitedList

from models.rules.narrowing import reversed_dates
from models.schemas.admin import ChoiceOut
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.chats import END_CAUSES, ChatOut
from models.schemas.customers import CustomerBrief
from models.schemas.messages import MessageOut
from models.schemas.people import AgentBrief
from models.schemas.promises import PromiseOut

SORTS = ("newest", "oldest", "longest", "lowest_rating")
MOST_VALUES = 50  # of one criterion
GONE_KINDS = ("agent", "team", "channel", "tag", "service", "customer", "reason")


def _moments(data: dict[str, Any]) -> None:
    if reversed_dates(data.get("from_at"), data.get("to_at")):
        raise ValidationError({"to_at": ["This is not after the beginning."]})


PERIODS = ("today", "yesterday", "week", "month", "quarter")


class ChatFilter(Shape):
    """Criteria that all hold together. Several values of one are alternatives, but for tags: a chat has them all."""

    scope = fields.String(
        load_default="all",
        validate=one_of("all", "mine"),
        metadata={"description": "`mine`: chats this agent was ever given, and so ever answered"},
    )
    state = fields.String(
        load_default=None,
        allow_none=True,
        validate=one_of("ended", "open", "any"),
        metadata={"description": "Left out: `any` for one's own chats, `ended` for all"},
    )
    period = fields.String(
        load_default=None,
        allow_none=True,
        validate=one_of(*PERIODS),
        metadata={
            "description": "Which stretch of time `from_at` and `to_at` were: whoever opens a view reckons it anew"
        },
    )
    from_at = Moment(load_default=None, allow_none=True, metadata={"description": "Ended then or later, or still open"})
    to_at = Moment(load_default=None, allow_none=True, metadata={"description": "Ended before then"})
    agent_ids = fields.List(
        Id(),
        load_default=list,
        validate=long(0, MOST_VALUES),
        metadata={"description": "Whoever had the chat at some time"},
    )
    team_ids = fields.List(Id(), load_default=list, validate=long(0, MOST_VALUES))
    channel_ids = fields.List(Id(), load_default=list, validate=long(0, MOST_VALUES))
    tag_ids = fields.List(Id(), load_default=list, validate=long(0, MOST_VALUES))
    service_ids = fields.List(
        Id(), load_default=list, validate=long(0, MOST_VALUES), metadata={"description": "What the bot took it for"}
    )
    customer_id = Id(load_default=None, allow_none=True)
    reasons = fields.List(
        fields.String(validate=long(2, 40)),
        load_default=list,
        validate=long(0, MOST_VALUES),
        metadata={"description": "Codes of end reasons"},
    )
    causes = fields.List(
        fields.String(validate=one_of(*END_CAUSES)), load_default=list, validate=long(0, len(END_CAUSES))
    )
    ratings = fields.List(fields.Integer(strict=True, validate=between(1, 5)), load_default=list, validate=long(0, 5))
    has_media = Flag(load_default=None, allow_none=True)
    escalated = Flag(load_default=None, allow_none=True)
    bot_only = Flag(
        load_default=None, allow_none=True, metadata={"description": "Nobody of the team ever had it, nor was asked to"}
    )

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        _moments(data)


def _row_id() -> fields.Integer:
    return fields.Integer(validate=between(1, 2**63 - 1))


class FilterQuery(Shape):
    """A `ChatFilter` in an address: several values are separated by commas."""

    scope = fields.String(load_default="all", validate=one_of("all", "mine"))
    state = fields.String(load_default=None, allow_none=True, validate=one_of("ended", "open", "any"))
    period = fields.String(load_default=None, allow_none=True, validate=one_of(*PERIODS))
    from_at = Moment(load_default=None, allow_none=True)
    to_at = Moment(load_default=None, allow_none=True)
    agent_ids = DelimitedList(_row_id(), load_default=list, validate=long(0, MOST_VALUES))
    team_ids = DelimitedList(_row_id(), load_default=list, validate=long(0, MOST_VALUES))
    channel_ids = DelimitedList(_row_id(), load_default=list, validate=long(0, MOST_VALUES))
    tag_ids = DelimitedList(_row_id(), load_default=list, validate=long(0, MOST_VALUES))
    service_ids = DelimitedList(_row_id(), load_default=list, validate=long(0, MOST_VALUES))
    customer_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))
    reasons = DelimitedList(fields.String(validate=long(2, 40)), load_default=list, validate=long(0, MOST_VALUES))
    causes = DelimitedList(
        fields.String(validate=one_of(*END_CAUSES)), load_default=list, validate=long(0, len(END_CAUSES))
    )
    ratings = DelimitedList(fields.Integer(validate=between(1, 5)), load_default=list, validate=long(0, 5))
    has_media = fields.Boolean(load_default=None, allow_none=True)
    escalated = fields.Boolean(load_default=None, allow_none=True)
    bot_only = fields.Boolean(load_default=None, allow_none=True)

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        _moments(data)


class HistoryQuery(FilterQuery):
    """A page of the history. `longest` shows chats that have ended, `lowest_rating` those with a rating."""

    sort = fields.String(load_default="newest", validate=one_of(*SORTS))
    limit = fields.Integer(load_default=30, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class HistoryPage(Shape):
    """Chats in the order that was asked for."""

    items = fields.List(fields.Nested(ChatOut), required=True)
    total = fields.Integer(
        required=True, allow_none=True, metadata={"description": "With the first page only; null on the others"}
    )
    capped = Flag(required=True, metadata={"description": "There are more than `total`: counting stopped there"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` for the next page"})


class HistoryChoices(Shape):
    """What a filter can name that no other list of the screens holds."""

    channels = fields.List(fields.Nested(ChoiceOut), required=True)
    services = fields.List(fields.Nested(ChoiceOut), required=True)


class Gone(Shape):
    """A criterion of a view that is not in use any more."""

    kind = fields.String(required=True, validate=one_of(*GONE_KINDS))
    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True, metadata={"description": "As it was called when the view was saved"})
    dropped = Flag(
        required=True, metadata={"description": "The view leaves it out; an archived team is still looked for"}
    )


class ViewBody(Shape):
    """A choice kept under a name: for oneself, or by a supervisor for everybody."""

    name = CleanText(required=True, least=1, most=60, one_line=True)
    shared = Flag(load_default=False)
    filter = fields.Nested(ChatFilter, required=True)
    q = CleanText(load_default="", most=500, one_line=True, metadata={"description": "Words and operators of a search"})
    sort = fields.String(load_default="newest", validate=one_of(*SORTS))


class ViewPatch(Shape):
    """What is left out stays."""

    name = CleanText(least=1, most=60, one_line=True)
    filter = fields.Nested(ChatFilter)
    q = CleanText(most=500, one_line=True)
    sort = fields.String(validate=one_of(*SORTS))


class ViewOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    shared = Flag(required=True)
    owner = fields.Nested(AgentBrief, required=True, allow_none=True)
    may_edit = Flag(required=True)
    filter = fields.Nested(ChatFilter, required=True, metadata={"description": "Without what is gone"})
    q = fields.String(required=True)
    sort = fields.String(required=True, validate=one_of(*SORTS))
    gone = fields.List(fields.Nested(Gone), required=True)
    updated_at = Moment(required=True)


class ViewList(Shape):
    """One's own views and the shared ones, by name."""

    items = fields.List(fields.Nested(ViewOut), required=True)


class TimelineQuery(Shape):
    """One of `around`, `before` and `after`, each the id of a message; none: the newest entries."""

    around = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=between(1, 2**63 - 1),
        metadata={"description": "This message and its neighbours on both sides"},
    )
    before = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))
    after = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=between(0, 2**63 - 1),
        metadata={"description": "0: from the very beginning"},
    )
    limit = fields.Integer(load_default=50, validate=between(1, 200))

    @validates_schema
    def one_direction(self, data: dict[str, Any], **_: object) -> None:
        if sum(data.get(name) is not None for name in ("around", "before", "after")) > 1:
            raise ValidationError({"around": ["Only one of around, before and after."]})


class SessionStretch(Shape):
    """One issue on a timeline, with those of its chats that the reader may see, oldest first."""

    id = Id(required=True)
    subject = fields.String(required=True)
    created_at = Moment(required=True)
    chats = fields.List(fields.Nested(ChatOut), required=True)
    promises = fields.List(fields.Nested(PromiseOut), required=True, metadata={"description": "Made in these chats"})


class Timeline(Shape):
    """Entries in the order they happened: of one session, or of all sessions of a customer on one rail.

    `sessions` are those of the entries shown, oldest first. Entries of different chats may lie between each other.
    """

    customer = fields.Nested(CustomerBrief, required=True)
    sessions = fields.List(fields.Nested(SessionStretch), required=True)
    sessions_total = fields.Integer(required=True, metadata={"description": "Sessions the reader may see"})
    since = Moment(required=True, metadata={"description": "When the first of them began"})
    items = fields.List(fields.Nested(MessageOut), required=True, metadata={"description": "Oldest first"})
    older = Flag(required=True)
    newer = Flag(required=True)
