"""The numbers a new desk starts with, each with its reason.

A desk keeps its own copies of those its people may change; the rules take every number as an
argument, so that a test, a team or a supervisor can choose another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Defaults:
    """Times and limits of the life of a chat."""

    agent_limit: int = 5
    """Chats at once. Five keeps answers quick; desks with short questions go to ten."""

    auto_assign: bool = True
    """Giving chats out keeps waits short when agents forget to look at the queue."""

    offer: timedelta = timedelta(seconds=120)
    """An offer waits this long: enough to read the chat, short for a customer who is told to wait."""

    presence_lease: timedelta = timedelta(seconds=45)
    """A silent screen counts as gone after three missed heartbeats, so one lost packet is no absence."""

    heartbeat: timedelta = timedelta(seconds=15)
    """Often enough for a lease of three beats, rare enough to cost nothing."""

    clean_close_grace: timedelta = timedelta(seconds=10)
    """A reload closes the last tab and opens it again; nobody should appear to leave meanwhile."""

    owner_gone: timedelta = timedelta(seconds=120)
    """A dropped line mostly comes back within two minutes; after that the customer needs somebody else."""

    visitor_gone: timedelta = timedelta(seconds=30)
    """A phone that changes networks is back by then; after it the dot turns grey."""

    idle_warn: timedelta = timedelta(minutes=5)
    """Silence after an agent's answer: ask kindly before closing."""

    idle_end: timedelta = timedelta(minutes=10)
    """Silence after the question too: the place is wanted by somebody who waits."""

    idle_end_async: timedelta = timedelta(hours=24)
    """E-mail and messengers are answered the next day; a ten-minute limit would cut people off."""

    queue_max: timedelta = timedelta(minutes=30)
    """Nobody watches an empty widget longer; offer to leave a message. Async channels wait for ever."""

    bot_idle: timedelta = timedelta(minutes=15)
    """A customer who says nothing to the bot for so long has his answer or has gone."""

    first_reply: timedelta = timedelta(seconds=60)
    """A picked chat without a word alerts its owner; it is returned to the queue only if the desk asks."""

    sticky: timedelta = timedelta(seconds=60)
    """The last owner is preferred so long on a reopen; longer would make the customer wait for one person."""

    reopen_live: timedelta = timedelta(minutes=15)
    """Who writes again so soon means the same issue."""

    reopen_async: timedelta = timedelta(hours=24)
    """On slow channels a day is what fifteen minutes are on the website."""

    reopen_follow_up: timedelta = timedelta(days=7)
    """We promised to come back: for a week an answer belongs to that issue."""

    reopen_time_waster: timedelta = timedelta(0)
    """A chat closed as a waste of time is never continued."""

    assign_policy: str = "least_loaded"
    """Fair by load; round robin is for desks that count turns."""

    alarm_wait: timedelta = timedelta(minutes=10)
    """Nobody has taken the chat in twice the time that turns it red: a supervisor should know."""

    promise: timedelta = timedelta(days=1)
    """"We will come back to you" is proposed for tomorrow; the agent chooses."""

    promise_warn: timedelta = timedelta(hours=1)
    """Time enough to still keep it."""

    escalation_expected: timedelta = timedelta(hours=1)
    """What needs somebody else takes longer than a chat and less than a day; the agent who escalates knows better."""

    note_edit: timedelta = timedelta(minutes=15)
    """A slip is seen soon; what colleagues have acted on stays as they read it."""

    late_reason: timedelta = timedelta(hours=24)
    """Whoever had the chat says why it ended by the end of their next shift; then reports may rely on it."""

    late_notes: timedelta = timedelta(hours=72)
    """Notes and tags may follow the end over a weekend; after that the record stays as it was."""


DEFAULTS = Defaults()
