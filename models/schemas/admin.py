"""What supervisors and admins decide: people, teams, settings, hours, routing, and the audit of it all."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Moment, Seq, Shape, between, long, one_of
from models.schemas.escalations import EscalationTexts, Step, steps
from models.schemas.people import POLICIES, ROLES, AgentBrief, AgentOut, DeskOut, TeamBrief

DAY_S = 86_400


class Hours(Shape):
    """From and until, `HH:MM` in the team's time zone; `24:00` is midnight at the end of the day."""

    opens = fields.String(required=True, validate=long(5, 5))
    closes = fields.String(required=True, validate=long(5, 5))


class Weekday(Shape):
    """0 is Monday. No hours: closed."""

    day = fields.Integer(required=True, strict=True, validate=between(0, 6))
    hours = fields.List(fields.Nested(Hours), required=True, validate=long(0, 4))


class Holiday(Shape):
    """A date that differs from its weekday; without hours it is closed."""

    date = fields.String(required=True, validate=long(10, 10), metadata={"description": "YYYY-MM-DD"})
    name = CleanText(required=True, least=1, most=60, one_line=True)
    hours = fields.List(fields.Nested(Hours), load_default=list, validate=long(0, 4))


class OpeningHours(Shape):
    """When customers can expect an answer."""

    time_zone = fields.String(required=True, validate=long(1, 64), metadata={"description": "IANA name"})
    week = fields.List(fields.Nested(Weekday), required=True, validate=long(0, 7))
    holidays = fields.List(fields.Nested(Holiday), load_default=list, validate=long(0, 100))


def _limit(**more: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=between(1, 50), **more)  # type: ignore[arg-type]


def _number(least: int, most: int, about: str) -> fields.Integer:
    return fields.Integer(strict=True, validate=between(least, most), metadata={"description": about})


def _seconds(least: int, most: int, **more: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=between(least, most), **more)  # type: ignore[arg-type]


class TeamPatch(Shape):
    """What is left out stays. Null: as the desk says."""

    name = CleanText(least=1, most=60, one_line=True)
    hue = fields.Integer(strict=True, validate=between(0, 359))
    member_ids = fields.List(Id(), validate=long(0, 1000))
    auto_assign = Flag(allow_none=True)
    agent_limit = _limit(allow_none=True)
    assign_policy = fields.String(allow_none=True, validate=one_of(*POLICIES))
    hours = fields.Nested(OpeningHours, allow_none=True)
    queue_max_s = _seconds(60, DAY_S, allow_none=True)
    first_reply_s = _seconds(10, 3600, allow_none=True)
    first_reply_requeue = Flag(allow_none=True)
    idle_warn_s = _seconds(30, DAY_S, allow_none=True)
    idle_end_s = _seconds(60, 2 * DAY_S, allow_none=True)
    idle_end_async_s = _seconds(3600, 30 * DAY_S, allow_none=True)
    alarm_wait_s = _seconds(30, DAY_S, allow_none=True)
    escalation_steps = steps(allow_none=True)
    escalation_in_hours = Flag(allow_none=True, metadata={"description": "Steps count open hours alone"})
    escalation_expected_s = _seconds(60, 30 * DAY_S, allow_none=True)


class TeamBody(TeamPatch):
    name = CleanText(required=True, least=1, most=60, one_line=True)
    hue = fields.Integer(load_default=262, strict=True, validate=between(0, 359))


class TeamAdminOut(TeamBrief):
    """A team with all it decides for itself; null where the desk decides."""

    member_ids = fields.List(fields.Integer(), required=True)
    auto_assign = Flag(required=True, allow_none=True)
    agent_limit = fields.Integer(required=True, allow_none=True)
    assign_policy = fields.String(required=True, allow_none=True, validate=one_of(*POLICIES))
    hours = fields.Nested(OpeningHours, required=True, allow_none=True)
    queue_max_s = fields.Integer(required=True, allow_none=True)
    first_reply_s = fields.Integer(required=True, allow_none=True)
    first_reply_requeue = Flag(required=True, allow_none=True)
    idle_warn_s = fields.Integer(required=True, allow_none=True)
    idle_end_s = fields.Integer(required=True, allow_none=True)
    idle_end_async_s = fields.Integer(required=True, allow_none=True)
    alarm_wait_s = fields.Integer(required=True, allow_none=True)
    escalation_steps = fields.List(fields.Nested(Step), required=True, allow_none=True)
    escalation_in_hours = Flag(required=True, allow_none=True)
    escalation_expected_s = fields.Integer(required=True, allow_none=True)
    archived = Flag(required=True)
    waiting = fields.Integer(required=True)


class TeamAdminList(Shape):
    items = fields.List(fields.Nested(TeamAdminOut), required=True)


class AgentAdminOut(AgentOut):
    """An account. `own_limit` is the agent's own number; null: as the team or the desk says."""

    own_limit = fields.Integer(required=True, allow_none=True)
    disabled = Flag(required=True)
    last_seen_at = Moment(required=True, allow_none=True)


class AgentAdminList(Shape):
    items = fields.List(fields.Nested(AgentAdminOut), required=True)


class AgentBody(Shape):
    name = CleanText(required=True, least=1, most=80, one_line=True)
    email = CleanText(required=True, least=3, most=254, one_line=True)
    role = fields.String(required=True, validate=one_of(*ROLES))
    team_ids = fields.List(Id(), load_default=list, validate=long(0, 100))
    own_limit = _limit(load_default=None, allow_none=True)


class AgentPatch(Shape):
    name = CleanText(least=1, most=80, one_line=True)
    role = fields.String(validate=one_of(*ROLES))
    team_ids = fields.List(Id(), validate=long(0, 100))
    own_limit = _limit(allow_none=True)
    disabled = Flag()


class AgentMade(Shape):
    """The password is shown this once and stored nowhere."""

    agent = fields.Nested(AgentAdminOut, required=True)
    password = fields.String(required=True)


class DeskSettings(DeskOut):
    """Everything of the desk that can be set."""

    greeting = fields.String(required=True)
    teaser = fields.String(required=True)
    bot_name = fields.String(required=True)
    bot_enabled = Flag(required=True)
    ask_name = Flag(required=True)
    pick_with_auto = Flag(required=True)
    hours = fields.Nested(OpeningHours, required=True, allow_none=True)
    queue_max_s = fields.Integer(required=True)
    first_reply_requeue = Flag(required=True)
    idle_warn_s = fields.Integer(required=True)
    idle_end_s = fields.Integer(required=True)
    idle_end_async_s = fields.Integer(required=True)
    owner_gone_s = fields.Integer(required=True)
    bot_idle_s = fields.Integer(required=True)
    sticky_s = fields.Integer(required=True)
    reopen_s = fields.Integer(required=True)
    escalation_steps = fields.List(fields.Nested(Step), required=True)
    escalation_in_hours = Flag(required=True)
    escalation_expected_s = fields.Integer(required=True)
    escalation_texts = fields.Nested(
        EscalationTexts, required=True, metadata={"description": "Null: as in `…_default`"}
    )
    failure_join_percent = fields.Integer(required=True)
    failure_pass_percent = fields.Integer(required=True)
    failure_reopen_count = fields.Integer(required=True)
    escalation_texts_default = fields.Nested(EscalationTexts, required=True)


class DeskIn(Shape):
    """What a supervisor may change of the desk; what is left out stays."""

    name = CleanText(least=1, most=60, one_line=True)
    brand = fields.String(validate=long(7, 7), metadata={"description": "One hex colour, such as #285bd8"})
    greeting = CleanText(least=1, most=200, one_line=True)
    teaser = CleanText(most=200, one_line=True)
    bot_name = CleanText(least=1, most=40, one_line=True)
    bot_enabled = Flag()
    ask_name = Flag()
    auto_assign = Flag()
    pick_with_auto = Flag()
    assign_policy = fields.String(validate=one_of(*POLICIES))
    agent_limit = _limit()
    hours = fields.Nested(OpeningHours, allow_none=True)
    queue_max_s = _seconds(60, DAY_S)
    first_reply_s = _seconds(10, 3600)
    first_reply_requeue = Flag()
    idle_warn_s = _seconds(30, DAY_S)
    idle_end_s = _seconds(60, 2 * DAY_S)
    idle_end_async_s = _seconds(3600, 30 * DAY_S)
    owner_gone_s = _seconds(10, 3600)
    bot_idle_s = _seconds(60, DAY_S)
    sticky_s = _seconds(0, 3600)
    reopen_s = _seconds(0, 7 * DAY_S)
    wait_warn_s = _seconds(5, DAY_S)
    wait_late_s = _seconds(10, DAY_S)
    alarm_wait_s = _seconds(30, DAY_S)
    promise_s = _seconds(3600, 60 * DAY_S)
    promise_warn_s = _seconds(60, 7 * DAY_S)
    escalation_steps = steps()
    escalation_in_hours = Flag()
    escalation_expected_s = _seconds(60, 30 * DAY_S)
    escalation_texts = fields.Nested(EscalationTexts)
    failure_join_percent = _number(
        30, 95, "How alike two failed questions must be to belong together; higher makes more and smaller clusters"
    )
    failure_pass_percent = _number(
        0, 100, "Of a cluster's questions that a replay must show fixed before it counts as proved"
    )
    failure_reopen_count = _number(1, 1000, "Failures after the fix that open a resolved cluster again")


FIELDS = ("channel", "asked_team", "service", "attribute", "language", "words")
TESTS = ("is", "is_not", "any_word", "no_word")


class Condition(Shape):
    """One test of an inquiry. Ids are given as text; `key` names the attribute."""

    field = fields.String(required=True, validate=one_of(*FIELDS))
    test = fields.String(required=True, validate=one_of(*TESTS))
    key = CleanText(load_default="", most=40, one_line=True)
    values = fields.List(CleanText(least=1, most=80, one_line=True), required=True, validate=long(1, 50))


class Rule(Shape):
    """When every condition holds, the inquiry goes to this team with this priority. Null leaves it as it is."""

    id = Id(load_default=None, allow_none=True, metadata={"description": "Null for a new one"})
    name = CleanText(required=True, least=1, most=80, one_line=True)
    enabled = Flag(load_default=True)
    conditions = fields.List(fields.Nested(Condition), required=True, validate=long(0, 10))
    team_id = Id(load_default=None, allow_none=True)
    priority = fields.Integer(load_default=None, allow_none=True, strict=True, validate=between(0, 2))


class ChoiceOut(Shape):
    id = Id(required=True)
    name = fields.String(required=True)


class RoutingOut(Shape):
    """The ordered list, and what its editor can choose from. `version` goes back with a save."""

    rules = fields.List(fields.Nested(Rule), required=True)
    version = Seq(required=True)
    channels = fields.List(fields.Nested(ChoiceOut), required=True)
    teams = fields.List(fields.Nested(ChoiceOut), required=True)
    services = fields.List(fields.Nested(ChoiceOut), required=True)


class RoutingIn(Shape):
    """The whole list, in order. A save over somebody else's is refused as `stale`."""

    rules = fields.List(fields.Nested(Rule), required=True, validate=long(0, 100))
    version = Seq(required=True)


class Sample(Shape):
    """An inquiry that might come in."""

    text = CleanText(required=True, least=1, most=2000)
    channel_id = Id(load_default=None, allow_none=True)
    asked_team_id = Id(load_default=None, allow_none=True)
    service_id = Id(load_default=None, allow_none=True)
    language = CleanText(load_default="", most=35, one_line=True)
    attributes = fields.Dict(keys=fields.String(validate=long(1, 40)), load_default=dict)


class RoutingTry(Shape):
    """A dry run: these rules, saved or not, against a sample. Nothing is changed."""

    rules = fields.List(fields.Nested(Rule), required=True, validate=long(0, 100))
    sample = fields.Nested(Sample, required=True)


class RuleTrace(Shape):
    """What became of one rule: for each of its conditions whether it held."""

    place = fields.Integer(required=True, metadata={"description": "0 is the first"})
    name = fields.String(required=True)
    outcome = fields.String(required=True, validate=one_of("matched", "no_match", "not_reached", "off", "broken"))
    held = fields.List(Flag(), required=True)


class RoutingTried(Shape):
    team = fields.Nested(TeamBrief, required=True, allow_none=True)
    priority = fields.Integer(required=True)
    matched = fields.Integer(required=True, allow_none=True, metadata={"description": "Place of the rule that decided"})
    why = fields.String(required=True, validate=one_of("rule", "asked", "service", "nobody"))
    trace = fields.List(fields.Nested(RuleTrace), required=True)


class AuditOut(Shape):
    id = Id(required=True)
    agent = fields.Nested(AgentBrief, required=True, allow_none=True)
    agent_name = fields.String(required=True)
    what = fields.String(required=True)
    target = fields.String(required=True)
    target_id = fields.String(required=True, allow_none=True)
    target_name = fields.String(required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    at = Moment(required=True)


class AuditQuery(Shape):
    target = fields.String(load_default=None, allow_none=True, validate=long(1, 40))
    agent_id = fields.Integer(load_default=None, allow_none=True)
    before = fields.Integer(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=between(1, 100))


class AuditPage(Shape):
    items = fields.List(fields.Nested(AuditOut), required=True)
    more = Flag(required=True)
