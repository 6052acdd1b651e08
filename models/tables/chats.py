"""Sessions, chats, who owned them when, and what falls due."""

from __future__ import annotations

from functools import cache
from typing import Any

import peewee as pw

from models.db import Table, run
from models.tables.customers import Channel, Customer
from models.tables.desk import Tag
from models.tables.knowledge import Service
from models.tables.people import NOW, Agent, Team
from models.tables.types import Json, Moment


class Session(Table):
    """One issue of one customer, however many chats it takes."""

    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    subject = pw.TextField()  # the first message of its first chat
    created_at = Moment(constraints=NOW)


class Chat(Table):
    """One episode: bot, queued, active, ended. The row that is locked before anything happens to it."""

    session = pw.ForeignKeyField(Session, on_delete="CASCADE")
    customer = pw.ForeignKeyField(Customer, on_delete="CASCADE")
    channel = pw.ForeignKeyField(Channel, index=False)
    team = pw.ForeignKeyField(Team, null=True, index=False)
    previous_chat = pw.ForeignKeyField("self", null=True, index=False)
    state = pw.TextField()
    owner = pw.ForeignKeyField(Agent, null=True, index=False)
    ended_owner = pw.ForeignKeyField(Agent, null=True, index=False)
    preferred_agent = pw.ForeignKeyField(Agent, null=True, index=False)  # whom a returning customer meets first ...
    preferred_until = Moment(null=True)  # ... until then
    avoid_agent = pw.ForeignKeyField(Agent, null=True, index=False)  # who let it drop: not offered to them first
    service = pw.ForeignKeyField(Service, null=True, on_delete="SET NULL", index=False)  # what the bot took it for
    priority = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    version = pw.IntegerField(constraints=[pw.SQL("DEFAULT 1")])
    pub_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    all_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    created_at = Moment(constraints=NOW)
    entered_state_at = Moment(constraints=NOW)
    queued_at = Moment(null=True)  # the original queue time: waits and order count from here
    first_replied_at = Moment(null=True)
    ended_at = Moment(null=True)
    end_cause = pw.TextField(null=True)
    end_reason = pw.TextField(null=True)
    end_note = pw.TextField(null=True)
    first_body = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])
    last_body = pw.TextField(constraints=[pw.SQL("DEFAULT ''")])  # newest public text, shortened
    last_author_kind = pw.TextField(null=True)
    last_author_id = pw.BigIntegerField(null=True)
    last_at = Moment(null=True)
    last_customer_at = Moment(null=True)
    last_agent_at = Moment(null=True)
    customer_read_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    customer_delivered_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    agent_read_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])
    bot_message_id = pw.BigIntegerField(null=True)  # the customer's message that the bot still has to answer
    bot_attempts = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    bot_lease_until = Moment(null=True)
    bot_misses = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])
    idle_due_at = Moment(null=True)  # when silence is next looked at; kept on the row so that a send arms it for free
    idle_warned_at = Moment(null=True)
    alarmed_at = Moment(null=True)  # when supervisors were last called because it waits
    reply_by_email = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # the customer left; answers go by e-mail
    mailed_seq = pw.IntegerField(constraints=[pw.SQL("DEFAULT 0")])  # public entries up to here were mailed
    escalations = pw.SmallIntegerField(constraints=[pw.SQL("DEFAULT 0")])  # how often it was escalated
    place_told = pw.IntegerField(null=True)  # the place in line that the customer was last told
    rating = pw.SmallIntegerField(null=True)
    rating_comment = pw.TextField(null=True)
    rated_at = Moment(null=True)

    @classmethod
    def columns(cls) -> str:
        """Each column of `chat c` by its name: what `c.*` is, for a statement that is prepared."""
        return ", ".join(f"c.{each.column_name}" for each in cls._meta.sorted_fields)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Chat:
        """A chat as `select * from chat` gave it, nothing changed. Peewee takes thrice as long over so many columns."""
        chat = cls(__no_default__=1)
        chat.__data__ = {each.name: row[each.column_name] for each in cls._meta.sorted_fields}
        chat._dirty.clear()
        return chat

    def store(self) -> None:
        """Write the columns that were changed since the row was read."""
        changed = tuple(sorted(each.name for each in self.dirty_fields))
        fields = self._meta.fields
        values = [fields[name].db_value(self.__data__[name]) for name in changed]
        run(self._storing(changed), (*values, self.id))
        self._dirty.clear()

    @classmethod
    @cache
    def _storing(cls, fields: tuple[str, ...]) -> str:
        """The statement that writes these columns: put together once, where Peewee would for each chat."""
        columns = ", ".join(f"{cls._meta.fields[name].column_name} = %s" for name in fields)
        return f"update chat set {columns} where id = %s"


class ChatTag(Table):
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", index=False)
    tag = pw.ForeignKeyField(Tag, on_delete="CASCADE")
    agent = pw.ForeignKeyField(Agent, null=True, index=False)  # who put it there
    created_at = Moment(constraints=NOW)

    class Meta:
        primary_key = pw.CompositeKey("chat", "tag")


class Assignment(Table):
    """An interval of ownership. Intervals of one chat never overlap (an exclusion constraint sees to it)."""

    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE")
    agent = pw.ForeignKeyField(Agent)
    from_at = Moment(constraints=NOW)
    to_at = Moment(null=True)
    how = pw.TextField()  # pick, auto, takeover, reassign, returned, sticky
    by_agent = pw.ForeignKeyField(Agent, null=True, index=False)
    policy = pw.TextField(null=True)  # by which rule the desk chose; null for a person's choice
    over_limit = pw.BooleanField(constraints=[pw.SQL("DEFAULT false")])  # a supervisor's order
    candidates = Json(null=True)  # everybody considered: rules/assignment.py, Verdict


class Timer(Table):
    """Something that falls due. Fired in a transaction of its own, by the database's clock, once."""

    kind = pw.TextField()
    chat = pw.ForeignKeyField(Chat, on_delete="CASCADE", null=True, index=False)
    agent = pw.ForeignKeyField(Agent, on_delete="CASCADE", null=True, index=False)
    due_at = Moment()
    state = pw.TextField(constraints=[pw.SQL("DEFAULT 'armed'")])  # armed, fired, cancelled
    done_at = Moment(null=True)
