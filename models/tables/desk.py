"""The desk itself: one row of settings, and the small things agents reach for."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.people import NOW, Agent, Team
from models.tables.types import ArrayField, Json, Moment


class Desk(Table):
    """The one row of settings. A team may override what its own columns name."""

    name = pw.TextField()
    brand = pw.TextField()  # one hex colour, for the widget
    greeting = pw.TextField()
    teaser = pw.TextField()
    bot_name = pw.TextField()
    bot_enabled = pw.BooleanField()
    auto_assign = pw.BooleanField()
    pick_with_auto = pw.BooleanField()  # may agents pick by hand while auto-assign is on
    ask_name = pw.BooleanField()  # the pre-chat form
    agent_limit = pw.SmallIntegerField()
    assign_policy = pw.TextField()  # least_loaded, round_robin
    last_given_agent_id = pw.BigIntegerField(null=True)  # where round robin stands for chats without a team
    hours = Json(null=True)  # null: always open; rules/hours.py says what it holds
    bot_silent_s = pw.IntegerField()  # a bot silent for so long hands over
    bot_idle_s = pw.IntegerField()
    queue_max_s = pw.IntegerField()
    first_reply_s = pw.IntegerField()
    first_reply_requeue = pw.BooleanField()
    idle_warn_s = pw.IntegerField()
    idle_end_s = pw.IntegerField()
    idle_end_async_s = pw.IntegerField(
        constraints=[pw.SQL("DEFAULT 86400")]
    )  # where they write from by mail and messenger
    owner_gone_s = pw.IntegerField()
    sticky_s = pw.IntegerField()
    reopen_s = pw.IntegerField()
    wait_warn_s = pw.IntegerField()
    wait_late_s = pw.IntegerField()
    alarm_wait_s = pw.IntegerField()  # supervisors are called when somebody has waited so long
    promise_s = pw.IntegerField()  # how far ahead a promise is proposed
    promise_warn_s = pw.IntegerField()  # its owner is reminded so long before
    escalation_steps = Json()  # what becomes of an offer that nobody takes: rules/escalating.py, Step
    escalation_in_hours = pw.BooleanField()  # its steps count open hours alone
    escalation_expected_s = pw.IntegerField()  # proposed to the agent who escalates
    escalation_texts = Json(null=True)  # what customers read, where the desk chose its own words
    failure_join_percent = pw.SmallIntegerField(
        constraints=[pw.SQL("DEFAULT 55")]
    )  # how alike failures of a cluster are
    failure_pass_percent = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 80")])  # of a replay, to call it resolved
    failure_reopen_count = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 3")])  # neighbours that undo a fix
    embedding_model = pw.TextField(constraints=[pw.SQL("DEFAULT 'all-MiniLM-L6-v2'")])  # rules/embedders.py
    routing_version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # counts saves, so that two editors notice
    updated_at = Moment(constraints=NOW)

    @classmethod
    def the(cls) -> Desk:
        """The desk's one row."""
        found: Desk = cls.get_by_id(1)
        return found


class Tag(Table):
    name = pw.TextField(unique=True)
    hue = pw.SmallIntegerField()


class CannedMessage(Table):
    shortcut = pw.TextField()
    title = pw.TextField()
    body = pw.TextField()
    team = pw.ForeignKeyField(Team, on_delete="CASCADE", null=True)  # for this team alone
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", null=True)  # for this agent alone; with neither, for all
    uses = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    last_used_at = Moment(null=True)
    created_at = Moment(constraints=NOW)
    updated_at = Moment(constraints=NOW)

    class Meta:
        indexes = ((("shortcut", "team", "agent"), True),)


class EndReason(Table):
    """Why an agent may end a chat: the five of the product, which stay, and those a desk adds."""

    code = pw.TextField(primary_key=True)
    label = pw.TextField()
    hint = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    ord = pw.SmallIntegerField()
    needs_note = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    promises = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # ending so records a promise
    builtin = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])
    archived_at = Moment(null=True)


class RoutingRule(Table):
    """One line of the ordered list that sends inquiries to teams. The list is saved whole."""

    ord = pw.SmallIntegerField()
    name = pw.TextField()
    enabled = pw.BooleanField(constraints=[pw.SQL("DEFAULT true")])
    conditions = Json(constraints=[pw.SQL("DEFAULT '[]'")])  # rules/routing.py says what they hold
    team = pw.ForeignKeyField(Team, null=True)
    priority = pw.SmallIntegerField(null=True)


class Attribute(Table):
    """A typed fact the desk keeps of its customers, beside those every desk has."""

    key = pw.TextField(unique=True)
    label = pw.TextField()
    type = pw.TextField()  # text, number, date, flag, choice, link
    choices = ArrayField(pw.TextField, index=False)
    ord = pw.SmallIntegerField()
    archived_at = Moment(null=True)


class AuditEntry(Table):
    """Who changed what of the desk, and from what to what."""

    agent = pw.ForeignKeyField(Agent, null=True, index=False)
    agent_name = pw.TextField()
    what = pw.TextField()  # changed, added, archived, merged ...
    target = pw.TextField()  # team, agent, tag, desk ...
    target_id = pw.TextField(null=True)
    target_name = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    before = Json(null=True)
    after = Json(null=True)
    at = Moment(constraints=NOW)


class CommandReceipt(Table):
    """The answer a command got, so that the same Idempotency-Key gets the same answer."""

    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", index=False)
    key = pw.TextField()
    command = pw.TextField()
    target = pw.BigIntegerField(null=True)
    created_at = Moment(constraints=NOW)

    class Meta:
        primary_key = pw.CompositeKey("agent", "key")


class Beat(Table):
    """When each part of the back room last did something: liveness is work done, not a process that exists."""

    part = pw.TextField(primary_key=True)
    at = Moment(constraints=NOW)
