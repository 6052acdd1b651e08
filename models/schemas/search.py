"""Search: what was asked, what was found in which message, and what could be typed next."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.chats import ChatOut
from models.schemas.customers import CustomerBrief
from models.schemas.history import FilterQuery
from models.schemas.messages import KINDS, Author

MOST_QUERY = 500  # characters; whoever pastes a page is not searching
PROBLEMS = (
    "only_common_words",
    "only_excluded",
    "half_typed",
    "unknown_value",
    "bad_date",
    "dates_reversed",
    "too_many_words",
)
SUGGESTED = (
    "operator",
    "from",
    "agent",
    "team",
    "tag",
    "reason",
    "cause",
    "channel",
    "service",
    "is",
    "has",
    "in",
    "rating",
    "date",
)


class SearchQuery(FilterQuery):
    """Words, "phrases", -words and operators, within what the filter leaves. Newest words first."""

    q = fields.String(required=True, validate=long(0, MOST_QUERY))
    zone = fields.String(
        load_default="UTC", validate=long(1, 64), metadata={"description": "IANA name: whose days `before:` means"}
    )
    limit = fields.Integer(load_default=20, validate=between(1, 50))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class Piece(Shape):
    """A stretch of text; with `hit`, it is what was looked for."""

    text = fields.String(required=True)
    hit = Flag(required=True)


class SearchHit(Shape):
    """A message that holds what was looked for, and the part of it that does."""

    message_id = Id(required=True)
    all_seq = Seq(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    author = fields.Nested(Author, required=True)
    created_at = Moment(required=True)
    pieces = fields.List(fields.Nested(Piece), required=True)


class SearchItem(Shape):
    """A chat, with the newest messages in it that fit, at most three; none when it was found by operators alone."""

    chat = fields.Nested(ChatOut, required=True)
    hits = fields.List(fields.Nested(SearchHit), required=True)


class SearchPerson(Shape):
    """A customer whose name or address fits, with the newest of their chats."""

    customer = fields.Nested(CustomerBrief, required=True)
    chats = fields.Integer(required=True, metadata={"description": "Those the reader may see"})
    chat = fields.Nested(ChatOut, required=True)


class SearchProblem(Shape):
    """Something in the query that could not be used, and where it stands. Nothing has failed."""

    code = fields.String(required=True, validate=one_of(*PROBLEMS))
    text = fields.String(required=True)
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)


class Corrected(Shape):
    """A word nobody wrote, and the ones like it that were found instead."""

    typed = fields.String(required=True)
    meant = fields.List(fields.String(), required=True)


class SearchPage(Shape):
    items = fields.List(fields.Nested(SearchItem), required=True)
    people = fields.List(
        fields.Nested(SearchPerson), required=True, metadata={"description": "With the first page, at most five"}
    )
    problems = fields.List(fields.Nested(SearchProblem), required=True)
    corrected = fields.List(fields.Nested(Corrected), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` to go on"})
    searched_to = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "With few or no items and a `next`: the search has come so far back, and goes on"},
    )


class SuggestQuery(Shape):
    q = fields.String(load_default="", validate=long(0, MOST_QUERY))
    at = fields.Integer(
        load_default=None, allow_none=True, validate=between(0, MOST_QUERY), metadata={"description": "The caret"}
    )


class Suggestion(Shape):
    """Put `text` in the place from `start` to `end` of the query."""

    kind = fields.String(required=True, validate=one_of(*SUGGESTED))
    text = fields.String(required=True)
    label = fields.String(required=True)
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)


class SuggestList(Shape):
    """What the word at the caret could become, the likeliest first."""

    items = fields.List(fields.Nested(Suggestion), required=True)
