"""Failed responses and their clusters: lists, the map, decisions, replays and figures."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from webargs.fields import DelimitedList

from models.rules.clusters import DISMISSALS, RESOLUTIONS, Deed, Status
from models.rules.failures import NOISES, TRIGGERS
from models.rules.narrowing import reversed_dates
from models.schemas.admin import ChoiceOut
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.people import AgentBrief, TeamBrief

FAILURE_STATES = ("open", "resolved", "dismissed")
PLACED = ("joined", "opened", "grouped", "moved")
SORTS = ("impact", "newest", "failures", "people", "trend")
KINDS = ("service", "article")
PROPOSALS = ("merge", "split", "move")
PURPOSES = ("before", "after")
REPLAY_STATES = ("waiting", "running", "done", "failed", "cancelled")
VERDICTS = ("fixed", "failing", "kept", "broken")
MOST_FAILURES = 1_000  # named in one decision
MOST_EXAMPLES = 200  # added to a service or an article at once

SHOWN = tuple(each for each in Status if each is not Status.MERGED)


class Titled(Shape):
    """A service, an article or a cluster, by its number and what it is called."""

    id = Id(required=True)
    title = fields.String(required=True)


class ClusterBrief(Titled):
    status = fields.String(required=True, validate=one_of(*Status))


class FailureCandidate(Shape):
    """Something the bot might have answered with."""

    kind = fields.String(required=True, validate=one_of(*KINDS))
    id = Id(required=True)
    title = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "How near it came, 0 to 1"})


class SuggestionOut(FailureCandidate):
    """What the desk already has that may serve a cluster."""

    confidence = fields.Float(
        required=True,
        metadata={"description": "Calibrated: of suggestions as sure as this one, the share that is right"},
    )


class CustomerOfFailure(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hue = fields.Integer(required=True)


class FailureOut(Shape):
    """One question the bot could not answer. Its session is read at message `message_seq` of chat `chat_id`."""

    id = Id(required=True)
    text = fields.String(required=True)
    trigger = fields.String(required=True, validate=one_of(*TRIGGERS))
    status = fields.String(required=True, validate=one_of(*FAILURE_STATES))
    status_reason = fields.String(required=True, allow_none=True)
    status_note = fields.String(required=True)
    decided_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    noise = fields.String(
        required=True, allow_none=True, validate=one_of(*NOISES), metadata={"description": "Why it needs no repair"}
    )
    language = fields.String(required=True, allow_none=True)
    channel = fields.Nested(ChoiceOut, required=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    customer = fields.Nested(CustomerOfFailure, required=True)
    chat_id = Id(required=True)
    session_id = Id(required=True)
    message_id = Id(required=True)
    message_seq = fields.Integer(required=True, metadata={"description": "The question's `all_seq` in its chat"})
    candidates = fields.List(fields.Nested(FailureCandidate), required=True)
    answer = fields.String(required=True, allow_none=True, metadata={"description": "What a person answered then"})
    answered_by = fields.Nested(AgentBrief, required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    cluster = fields.Nested(
        ClusterBrief, required=True, allow_none=True, metadata={"description": "Null: a single failure"}
    )
    placed = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(*PLACED),
        metadata={"description": "How it got into its cluster; `moved`: by hand"},
    )
    created_at = Moment(required=True)


def _numbers(most: int = 50) -> DelimitedList:
    return DelimitedList(fields.Integer(validate=between(1, 2**63 - 1)), load_default=list, validate=long(0, most))


class FailureFilter(Shape):
    """Criteria of an address that all hold together; several values of one are alternatives."""

    status = DelimitedList(
        fields.String(validate=one_of(*FAILURE_STATES)), load_default=list, validate=long(0, len(FAILURE_STATES))
    )
    triggers = DelimitedList(
        fields.String(validate=one_of(*TRIGGERS)), load_default=list, validate=long(0, len(TRIGGERS))
    )
    channel_ids = _numbers()
    team_ids = _numbers()
    languages = DelimitedList(fields.String(validate=long(2, 3)), load_default=list, validate=long(0, 50))
    cluster_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))
    single = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "true: in no cluster; false: in one"}
    )
    noise = fields.Boolean(load_default=False, allow_none=True, metadata={"description": "true: only what is noise"})
    from_at = Moment(load_default=None, allow_none=True)
    to_at = Moment(load_default=None, allow_none=True)
    q = CleanText(load_default=None, allow_none=True, most=200, one_line=True)

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        if reversed_dates(data.get("from_at"), data.get("to_at")):
            raise ValidationError({"to_at": ["This is not after the beginning."]})


class FailureQuery(FailureFilter):
    limit = fields.Integer(load_default=50, validate=between(1, 100))
    after = fields.String(load_default=None, allow_none=True, validate=long(0, 200))


class FailurePage(Shape):
    """Failures, newest first."""

    items = fields.List(fields.Nested(FailureOut), required=True)
    total = fields.Integer(required=True, allow_none=True, metadata={"description": "With the first page only"})
    capped = Flag(required=True, metadata={"description": "There are more than `total`"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "Pass as `after` for the next page"})


class FailureChoices(Shape):
    """What failures can be narrowed by, and who can take care of a cluster."""

    channels = fields.List(fields.Nested(ChoiceOut), required=True)
    languages = fields.List(fields.String(), required=True)
    reviewers = fields.List(fields.Nested(AgentBrief), required=True)


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


class DecisionOut(Shape):
    """What was decided, by whom; null: by the desk itself."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of(*Deed))
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    note = fields.String(required=True)
    facts = fields.Dict(required=True)
    at = Moment(required=True)
    undone_at = Moment(required=True, allow_none=True)


class ReplayOut(Shape):
    """Failures and formerly good turns asked again. `before`: with the change laid over; `after`: as the bot is."""

    id = Id(required=True)
    cluster_id = Id(required=True, allow_none=True)
    failure_id = Id(required=True, allow_none=True)
    purpose = fields.String(required=True, validate=one_of(*PURPOSES))
    change = fields.Dict(required=True, allow_none=True)
    state = fields.String(required=True, validate=one_of(*REPLAY_STATES))
    fault = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it failed: knowledge_gone, model_missing, worker_lost"},
    )
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    fixed = fields.Integer(required=True, metadata={"description": "Failures the bot answers now"})
    failing = fields.Integer(required=True, metadata={"description": "Failures it still cannot answer"})
    kept = fields.Integer(required=True, metadata={"description": "Good turns that stayed good"})
    broken = fields.Integer(required=True, metadata={"description": "Good turns that are none any more"})
    percent = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the failures, those fixed; null until it is done"}
    )
    asked_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class FailureDetail(Shape):
    failure = fields.Nested(FailureOut, required=True)
    decisions = fields.List(fields.Nested(DecisionOut), required=True)
    replays = fields.List(fields.Nested(ReplayOut), required=True)


class FailurePlace(Shape):
    """Where a failure is reviewed."""

    failure_id = Id(required=True)
    cluster_id = Id(required=True, allow_none=True)


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


# --- decisions -------------------------------------------------------------------------------------------------


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


class ReplayBody(Shape):
    """What to prove. With nothing: the bot as it is. Else with the change laid over it, and nothing saved."""

    article = fields.Nested(AddToArticle, load_default=None, allow_none=True)
    service = fields.Nested(AddToService, load_default=None, allow_none=True)

    @validates_schema
    def one_change(self, data: dict[str, Any], **_: object) -> None:
        if data.get("article") is not None and data.get("service") is not None:
            raise ValidationError({"service": ["One change at a time."]})


class ReplayTurnQuery(Shape):
    verdict = fields.String(load_default=None, allow_none=True, validate=one_of(*VERDICTS))
    limit = fields.Integer(load_default=100, validate=between(1, 500))
    after = fields.Integer(load_default=None, allow_none=True, validate=between(0, 2**63 - 1))


class ReplaySource(Shape):
    kind = fields.String(required=True, validate=one_of(*KINDS))
    id = Id(required=True)
    title = fields.String(required=True)


class ReplayTurnOut(Shape):
    """One question asked again. `failure_id` null: it is one of the formerly good turns."""

    id = Id(required=True)
    failure_id = Id(required=True, allow_none=True)
    question = fields.String(required=True)
    verdict = fields.String(
        required=True, allow_none=True, validate=one_of(*VERDICTS), metadata={"description": "Null: not asked yet"}
    )
    said = fields.String(required=True, allow_none=True)
    source = fields.Nested(ReplaySource, required=True, allow_none=True)
    confidence = fields.Float(required=True, allow_none=True)


class ReplayTurnPage(Shape):
    items = fields.List(fields.Nested(ReplayTurnOut), required=True)
    next = fields.Integer(required=True, allow_none=True)


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


# --- figures ---------------------------------------------------------------------------------------------------

FIGURES = (
    "fallback_rate",
    "session_fallback_rate",
    "double_fallback_rate",
    "containment",
    "net_containment",
    "confirmed_resolution",
    "assumed_resolution",
    "abandoned",
)


class FigureQuery(Shape):
    """Bot sessions begun from `since` until before `until`; left out: the last 30 days."""

    since = Moment(load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True)
    channel_id = fields.Integer(load_default=None, allow_none=True, validate=between(1, 2**63 - 1))

    @validates_schema
    def ends_after_it_begins(self, data: dict[str, Any], **_: object) -> None:
        if reversed_dates(data.get("since"), data.get("until")):
            raise ValidationError({"until": ["This is not after the beginning."]})


class FailureFigure(Shape):
    """A share: `part` of `whole`. Its definition is the string `failures.define.<name>`."""

    name = fields.String(required=True, validate=one_of(*FIGURES))
    part = fields.Integer(required=True)
    whole = fields.Integer(required=True)
    share = fields.Float(required=True, allow_none=True, metadata={"description": "Null: there is nothing to share"})
    before = fields.Float(
        required=True, allow_none=True, metadata={"description": "The share of the period before, of equal length"}
    )


class FailureDay(Shape):
    """The counts of one day: sessions by the day they began, turns by their own."""

    day = fields.String(required=True, metadata={"description": "YYYY-MM-DD, UTC"})
    turns = fields.Integer(required=True)
    failed_turns = fields.Integer(required=True)
    sessions = fields.Integer(required=True)
    failed_sessions = fields.Integer(required=True)
    contained = fields.Integer(required=True)


class FailureBacklog(Shape):
    """What waits for repair now."""

    clusters = fields.Integer(required=True)
    people = fields.Integer(required=True)
    singles = fields.Integer(required=True, metadata={"description": "Failures that no cluster has"})
    median_age_s = fields.Integer(required=True, allow_none=True)


class FixOut(Shape):
    """What became of a fix: failures a week in the four weeks before it and since, at most four."""

    cluster = fields.Nested(Titled, required=True)
    fixed_at = Moment(required=True)
    before_week = fields.Float(required=True)
    after_week = fields.Float(required=True, allow_none=True, metadata={"description": "Null: less than a day ago"})
    percent = fields.Integer(required=True, allow_none=True, metadata={"description": "Pass rate of its newest replay"})
    time_to_fix_s = fields.Integer(
        required=True, allow_none=True, metadata={"description": "From first failure to first replay that passed"}
    )
    reopened = fields.Integer(required=True)


class FailureFigures(Shape):
    since = Moment(required=True)
    until = Moment(required=True)
    figures = fields.List(fields.Nested(FailureFigure), required=True)
    days = fields.List(fields.Nested(FailureDay), required=True)
    backlog = fields.Nested(FailureBacklog, required=True)
    fixes = fields.List(fields.Nested(FixOut), required=True)
    median_time_to_fix_s = fields.Integer(required=True, allow_none=True)
