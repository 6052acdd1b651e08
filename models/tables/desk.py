"""The desk itself: one row of settings, and the small things agents reach for."""

from __future__ import annotations

import peewee as pw

from models.db import Table
from models.tables.people import NOW, Agent, Team
from models.tables.types import Moment


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
    bot_silent_s = pw.IntegerField()  # a bot silent for so long hands over
    bot_idle_s = pw.IntegerField()
    queue_max_s = pw.IntegerField()
    first_reply_s = pw.IntegerField()
    first_reply_requeue = pw.BooleanField()
    idle_warn_s = pw.IntegerField()
    idle_end_s = pw.IntegerField()
    owner_gone_s = pw.IntegerField()
    sticky_s = pw.IntegerField()
    reopen_s = pw.IntegerField()
    wait_warn_s = pw.IntegerField()
    wait_late_s = pw.IntegerField()
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
    team = pw.ForeignKeyField(Team, on_delete="CASCADE", null=True)  # null: for everybody
    created_at = Moment(constraints=NOW)

    class Meta:
        indexes = ((("shortcut", "team"), True),)


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
