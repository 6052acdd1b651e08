"""What the bot answers with, as people keep it: services, articles, their versions and files, and a question tried."""

from __future__ import annotations

from marshmallow import fields

from models.rules import knowledge
from models.schemas.base import CleanText, Flag, Id, Moment, Shape, between, long, one_of
from models.schemas.messages import Source
from models.schemas.people import AgentBrief, TeamBrief


class KnowledgeQuery(Shape):
    """From a query string. Without a state, everything but what is archived."""

    q = CleanText(load_default="", most=200, one_line=True)
    state = fields.String(load_default=None, validate=one_of(*knowledge.STATES))


class Version(Shape):
    """The version that the editor has in front of them; another one now is refused as `stale`."""

    version = fields.Integer(required=True, strict=True, validate=between(1, 2**31 - 1))


class Kept(Shape):
    """What every entry has, as a list shows it."""

    id = Id(required=True)
    state = fields.String(required=True, validate=one_of(*knowledge.STATES))
    phrasing_count = fields.Integer(required=True, metadata={"description": "Customers’ phrasings"})
    unread = fields.Integer(
        required=True, metadata={"description": "Texts the bot has not read yet; it takes a few seconds"}
    )
    answers = fields.Integer(required=True, metadata={"description": "Given with it in the last 30 days"})
    helped = fields.Integer(required=True, metadata={"description": "Thumbs up in that time"})
    no_help = fields.Integer(required=True, metadata={"description": "Thumbs down in that time"})
    version = fields.Integer(required=True)
    updated_at = Moment(required=True)
    changed_by = fields.Nested(AgentBrief, required=True, allow_none=True)


class ServiceBrief(Kept):
    name = fields.String(required=True)
    description = fields.String(required=True)
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    handover = fields.String(required=True, validate=one_of(*knowledge.HANDOVERS))


class ServiceList(Shape):
    items = fields.List(fields.Nested(ServiceBrief), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many there are; a list holds the first 500"})
    editable = Flag(required=True, metadata={"description": "By the agent who asks"})


class ServiceContent(Shape):
    """A service as people write it."""

    name = fields.String(required=True)
    description = fields.String(required=True)
    answer = fields.String(required=True)
    phrasings = fields.List(fields.String(), required=True)
    quick_replies = fields.List(fields.String(), required=True)
    team_id = fields.Integer(required=True, allow_none=True)
    handover = fields.String(required=True, validate=one_of(*knowledge.HANDOVERS))
    enabled = Flag(required=True)


class ServiceOut(ServiceBrief):
    content = fields.Nested(ServiceContent, required=True)


class ServiceBody(Shape):
    """A new service. With `handover` it needs a team; without an answer it must hand over instead of answering."""

    name = CleanText(required=True, least=1, most=knowledge.NAME_LENGTH, one_line=True)
    description = CleanText(load_default="", most=300, one_line=True)
    answer = CleanText(load_default="", most=knowledge.ANSWER_LENGTH)
    phrasings = fields.List(
        CleanText(most=knowledge.PHRASING_LENGTH, one_line=True),
        load_default=list,
        validate=long(0, knowledge.MOST_PHRASINGS),
    )
    quick_replies = fields.List(
        CleanText(least=1, most=knowledge.QUICK_REPLY_LENGTH, one_line=True),
        load_default=list,
        validate=long(0, knowledge.MOST_QUICK_REPLIES),
    )
    team_id = Id(load_default=None, allow_none=True)
    handover = fields.String(load_default="never", validate=one_of(*knowledge.HANDOVERS))
    enabled = Flag(load_default=True)


class ServiceChange(ServiceBody, Version):
    """A service as it shall be, in place of the version given."""


class SavedVersion(Shape):
    version = fields.Integer(required=True)
    at = Moment(required=True)
    by_name = fields.String(required=True, metadata={"description": "Empty: the desk itself"})


class ServiceVersion(SavedVersion):
    content = fields.Nested(ServiceContent, required=True)


class ServiceVersionList(Shape):
    items = fields.List(fields.Nested(ServiceVersion), required=True)


class ArticleBrief(Kept):
    title = fields.String(required=True)
    has_draft = Flag(required=True, metadata={"description": "Something is written that customers do not see yet"})
    words = fields.Integer(required=True)


class ArticleList(Shape):
    items = fields.List(fields.Nested(ArticleBrief), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many there are; a list holds the first 500"})
    editable = Flag(required=True, metadata={"description": "By the agent who asks"})


class ArticleContent(Shape):
    title = fields.String(required=True)
    body = fields.String(required=True)
    phrasings = fields.List(fields.String(), required=True)


class ArticleDraft(ArticleContent):
    by = fields.Nested(AgentBrief, required=True, allow_none=True)
    updated_at = Moment(required=True)


class ArticleOut(ArticleBrief):
    content = fields.Nested(ArticleContent, required=True, metadata={"description": "As customers see it, or saw it"})
    draft = fields.Nested(ArticleDraft, required=True, allow_none=True)


class ArticleBody(Shape):
    """A new article: a draft, unless `publish` is set."""

    title = CleanText(required=True, least=1, most=120, one_line=True)
    body = CleanText(required=True, least=1, most=knowledge.BODY_LENGTH)
    phrasings = fields.List(
        CleanText(most=knowledge.PHRASING_LENGTH, one_line=True),
        load_default=list,
        validate=long(0, knowledge.MOST_PHRASINGS),
    )
    publish = Flag(load_default=False)


class ArticleChange(ArticleBody, Version):
    """What an article shall say, in place of the version given: kept as a draft, or published."""


class ArticleVersion(SavedVersion):
    content = fields.Nested(ArticleContent, required=True)


class ArticleVersionList(Shape):
    items = fields.List(fields.Nested(ArticleVersion), required=True)


class BotTrialBody(Shape):
    question = CleanText(required=True, least=1, most=2_000)


class BotTrialCandidate(Shape):
    kind = fields.String(required=True, validate=one_of("service", "article"))
    id = Id(required=True)
    title = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "0 to 1"})


class BotTrialVerdict(Shape):
    """What the bot would say, how sure it is, and what else came near."""

    outcome = fields.String(
        required=True,
        validate=one_of("answered", "asked_back", "asked_which", "small_talk", "handed_over", "person"),
    )
    body = fields.String(required=True)
    quick_replies = fields.List(fields.String(), required=True)
    sources = fields.List(fields.Nested(Source), required=True)
    confidence = fields.Float(required=True, allow_none=True)
    sure = fields.Float(required=True, metadata={"description": "From here up the bot answers"})
    doubt = fields.Float(required=True, metadata={"description": "From here up it asks back"})
    candidates = fields.List(fields.Nested(BotTrialCandidate), required=True)


class BotTrialOut(Shape):
    """Both `verdict` and `fault` are null while the bot thinks: ask again in half a second."""

    id = Id(required=True)
    question = fields.String(required=True)
    verdict = fields.Nested(BotTrialVerdict, required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True)


class ModelOut(Shape):
    """A language model the bot can read with. Its weights come in a package; nothing is fetched at run time."""

    id = fields.String(required=True)
    languages = fields.String(required=True)
    dimensions = fields.Integer(required=True)
    megabytes = fields.Integer(required=True, metadata={"description": "Of memory, in each process that reads"})
    package = fields.String(required=True)
    available = Flag(required=True)
    fault = fields.String(required=True, allow_none=True, metadata={"description": "Why not, in a sentence"})
    checked_at = Moment(required=True, allow_none=True, metadata={"description": "By the workers, when they start"})


class ModelChangeOut(Shape):
    """The desk going over to another model: everything is read anew, then all at once it holds."""

    id = Id(required=True)
    model_id = fields.String(required=True)
    from_model_id = fields.String(required=True)
    state = fields.String(required=True, validate=one_of("running", "done", "cancelled", "failed"))
    by_name = fields.String(required=True, allow_none=True)
    texts = fields.Integer(required=True)
    read = fields.Integer(required=True)
    fault = fields.String(required=True, allow_none=True)
    started_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class ModelsOut(Shape):
    current = fields.String(required=True, metadata={"description": "The one the desk reads with"})
    models = fields.List(fields.Nested(ModelOut), required=True)
    change = fields.Nested(ModelChangeOut, required=True, allow_none=True, metadata={"description": "The newest"})


class ModelBody(Shape):
    model_id = CleanText(required=True, least=1, most=100, one_line=True)
