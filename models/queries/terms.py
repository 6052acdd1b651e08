"""What holds for the chats of a team: the desk's settings, and over them what the team decided for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.channels.known import LIVE
from models.db import Prepared, one, rows
from models.errors import NotFound
from models.rules import escalating
from models.rules import hours as rules
from models.rules.escalating import Course
from models.rules.hours import OpeningHours
from models.tables.chats import Chat

OVERRIDDEN = (
    "auto_assign",
    "assign_policy",
    "hours",
    "queue_max_s",
    "first_reply_s",
    "first_reply_requeue",
    "idle_warn_s",
    "idle_end_s",
    "idle_end_async_s",
    "alarm_wait_s",
    "escalation_steps",
    "escalation_in_hours",
    "escalation_expected_s",
)
"""The columns that both tables have: a team's null means "as the desk says"."""

COLUMNS = ", ".join(f"coalesce(t.{name}, d.{name}) as {name}" for name in OVERRIDDEN)
"""For statements of their own over `desk d left join team t`."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Settings in force. Seconds, unless the name says otherwise; `now` is when they were read."""

    auto_assign: bool
    assign_policy: str
    hours: OpeningHours | None  # None: always open
    queue_max_s: int
    first_reply_s: int
    first_reply_requeue: bool
    idle_warn_s: int
    idle_end_s: int
    idle_end_async_s: int
    alarm_wait_s: int
    escalation_steps: list[dict[str, Any]]  # rules/escalating.py, Step
    escalation_in_hours: bool
    escalation_expected_s: int
    now: datetime

    @property
    def open(self) -> bool:
        """Whether it is open at `now`, the database's clock."""
        return self.open_at(self.now)

    @property
    def opens_at(self) -> datetime | None:
        """While closed: when it opens next; None while open, and when no opening is known."""
        return rules.opens_at(self.hours, self.now)

    @property
    def open_since(self) -> datetime | None:
        """When this opening began; None while closed, and when there are no hours."""
        return rules.open_since(self.hours, self.now)

    @property
    def course(self) -> Course:
        """What becomes of an escalation while nobody takes it."""
        return Course(escalating.parse(self.escalation_steps), self.hours if self.escalation_in_hours else None)

    def open_at(self, moment: datetime) -> bool:
        return rules.is_open(self.hours, moment)


def is_live(channel_id: int) -> bool:
    """Whether customers of this channel sit in front of it, so that their silence means something."""
    return one("select 1 as yes from channel where id = %s and kind = any(%s)", (channel_id, list(LIVE))) is not None


def is_slow(chat: Chat) -> bool:
    """Whether what its customer reads comes as a message to a phone or a mailbox: nobody is asked there whether they are still here."""
    return chat.reply_by_email or not is_live(chat.channel_id)


def of_waiting() -> dict[int | None, Terms]:
    """What holds for every team that somebody waits for; None stands for chats without a team."""
    return _of("select distinct team_id from chat where state = 'queued'")


def of_teams() -> dict[int | None, Terms]:
    """What holds for every team in use; None stands for chats without a team."""
    return _of("select id as team_id from team where archived_at is null union all select null")


def _of(teams: str) -> dict[int | None, Terms]:
    found = rows(
        f"select w.team_id, {COLUMNS}, clock_timestamp() as now"
        f" from ({teams}) w join desk d on d.id = 1 left join team t on t.id = w.team_id"
    )
    return {each.pop("team_id"): _terms(each) for each in found}


_ONE = Prepared(
    "terms_in_force",
    f"select {COLUMNS}, clock_timestamp() as now from desk d left join team t on t.id = $1 where d.id = 1",
    ["bigint"],
)


def in_force(team_id: int | None) -> Terms:
    """What holds for this team, or for chats that no team has. One statement."""
    found = _ONE.one(team_id)
    if found is None:
        raise NotFound("The desk has no settings yet. `parley seed` makes them.")
    return _terms(found)


def _terms(found: dict[str, Any]) -> Terms:
    return Terms(**{**found, "hours": rules.parse(found["hours"])})
