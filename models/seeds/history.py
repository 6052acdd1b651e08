"""Five lively weeks behind the demo desk, and what waits and goes on there now.

The calendar is drawn first, then every chat is told, then all rows are written at
once. Only a desk without chats gets a history: one that has any is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.actions.chat_log import bot_author
from models.actions.timers import TimerKind
from models.db import rows
from models.rules import failures
from models.rules.defaults import DEFAULTS
from models.rules.lifecycle import State
from models.seeds import bulk, script, telling
from models.seeds.bulk import Row
from models.seeds.cast import Cast, Person
from models.seeds.content import load
from models.seeds.knowledge import sources
from models.seeds.script import Script
from models.seeds.story import Story
from models.seeds.telling import Stage
from models.tables.chats import Assignment, Chat, ChatTag, Session, Timer
from models.tables.desk import Tag
from models.tables.escalations import Escalation, EscalationAnswer
from models.tables.failures import FailedResponse
from models.tables.messages import Message

DAYS = 35
SESSIONS = 370  # some have a second or third chat, so about 400 chats come of them
JUST_NOW = 12  # of them within the last hour: from these the desk knows how long a wait takes

PATIENCE = timedelta(hours=12)  # whoever tries the demo for an afternoon finds everybody still there

_WEEK = (1.3, 1.15, 1.0, 1.0, 0.95, 0.7, 0.35)  # Monday is busiest, Sunday quiet
_HOURS = {8: 0.5, 9: 0.9, 10: 1.2, 11: 1.3, 12: 1.0, 13: 0.9, 14: 1.2, 15: 1.1, 16: 0.9, 17: 0.6}
_APART = timedelta(hours=3)  # between two issues of one customer


@dataclass(frozen=True, slots=True)
class Issue:
    """One session: the chats of one customer about one thing, in order."""

    customer: Person
    stories: list[Story] = field(default_factory=list)


class Calendar:
    """When things happen, and that no customer is in two places at once."""

    def __init__(self, now: datetime, dice: Random) -> None:
        self.now, self.dice = now, dice
        self._taken: dict[int, list[tuple[datetime, datetime]]] = {}
        self._days = [now - timedelta(days=ago) for ago in range(DAYS + 1)]
        self._weights = [_WEEK[day.weekday()] for day in self._days]

    def some_time(self) -> datetime:
        """A moment of the last weeks, in opening hours, long enough ago to be over by now."""
        while True:
            (day,) = self.dice.choices(self._days, self._weights)
            (hour,) = self.dice.choices(list(_HOURS), list(_HOURS.values()))
            at = day.replace(hour=hour, minute=self.dice.randrange(60), second=self.dice.randrange(60), microsecond=0)
            if at < self.now - timedelta(hours=2):
                return at

    def just_now(self) -> datetime:
        return self.now - timedelta(minutes=self.dice.uniform(35, 59))

    def is_free(self, customer: Person, at: datetime) -> bool:
        return all(not start - _APART < at < end for start, end in self._taken.get(customer.id, []))

    def take(self, customer: Person, start: datetime, end: datetime) -> None:
        self._taken.setdefault(customer.id, []).append((start, end))


def add_history(channel_id: int, cast: Cast, now: datetime, dice: Random) -> bool:
    """Fill an empty desk with what has happened there. Does nothing, and says so, where there is a chat already."""
    if rows("select from chat limit 1"):
        return False
    tag_ids = bulk.ids_by(Tag, "name")
    tags = {tag["key"]: (tag_ids[tag["name"]], tag["name"]) for tag in load("tags")}
    stage = Stage(cast, bot_author(), sources(), tags)
    calendar = Calendar(now, dice)
    current = list(_open_issues(stage, calendar))
    _write(channel_id, [*_past_issues(stage, calendar), *current])
    return True


def _open_issues(stage: Stage, calendar: Calendar) -> Iterable[Issue]:
    """What waits in the queue and what agents are in the middle of."""
    conversations = load("conversations")
    for template in conversations["waiting"] + conversations["active"]:
        customer = stage.cast.customers[template["customer"]]
        agent = stage.cast.agents[template["agent"]] if "agent" in template else None
        last_word = calendar.now - timedelta(minutes=template["minutes_ago"])
        story = telling.tell_until(
            script.open_chat(template, calendar.dice), stage, customer, last_word, calendar.dice, agent=agent
        )
        calendar.take(customer, story.chat["created_at"], calendar.now)
        yield Issue(customer, [story])


def _past_issues(stage: Stage, calendar: Calendar) -> Iterable[Issue]:
    for number, scripts in enumerate(_sessions(calendar.dice)):
        draw = calendar.just_now if number < JUST_NOW else calendar.some_time
        stories: list[Story] = []
        while not stories:
            at, customer = draw(), calendar.dice.choice(list(stage.cast.customers.values()))
            if calendar.is_free(customer, at):
                stories = _tell_all(scripts, stage, customer, at, calendar)
        last = stories[-1].chat
        reopens = DEFAULTS.reopen_follow_up if last["end_reason"] == "follow_up" else _APART
        calendar.take(customer, at, last["ended_at"] + reopens)
        yield Issue(customer, stories)


def _sessions(dice: Random) -> Iterable[list[Script]]:
    """Every question the bot missed, once, and among them the templates by their weight."""
    missed = [[script.missed(group, question, dice)] for group in load("misses") for question in group["questions"]]
    templates: Sequence[Mapping[str, Any]] = load("conversations")["ended"]
    weights = [template.get("weight", 1) for template in templates]
    drawn = dice.choices(templates, weights, k=SESSIONS - len(missed) - len(templates))
    # each template at least once, so that every kind of end can be found
    sessions = missed + [script.session(template, dice) for template in [*templates, *drawn]]
    dice.shuffle(sessions)
    return sessions


def _tell_all(
    scripts: Sequence[Script], stage: Stage, customer: Person, at: datetime, calendar: Calendar
) -> list[Story]:
    """The chats of one session, as far as they are over by now."""
    stories: list[Story] = []
    agent: Person | None = None
    for each in scripts:
        if stories:
            at = _in_opening_hours(stories[-1].chat["ended_at"] + timedelta(hours=each.after_h), each.after_h)
        story = telling.tell(each, stage, customer, at, calendar.dice, agent=agent)
        if story.at > calendar.now:
            break
        stories.append(story)
        agent = next((one for one in stage.cast.agents.values() if one.id == story.chat["ended_owner_id"]), None)
    return stories


def _in_opening_hours(at: datetime, after_h: float) -> datetime:
    """Who comes back days later comes while somebody is there; who comes back at once does not wait for morning."""
    if after_h < 1 or at.hour in _HOURS:
        return at
    return at.replace(hour=min(_HOURS)) + timedelta(days=at.hour > max(_HOURS))


def _write(channel_id: int, issues: Sequence[Issue]) -> None:
    """Give everything its number, in the order in which it happened, and store it."""
    issues = sorted(issues, key=lambda issue: issue.stories[0].chat["created_at"])
    sessions: list[Row] = []
    for number, issue in zip(bulk.take_ids(Session, len(issues)), issues, strict=True):
        first = issue.stories[0].chat
        sessions.append(
            {
                "id": number,
                "customer_id": issue.customer.id,
                "subject": first["first_body"],
                "created_at": first["created_at"],
            }
        )
        for story in issue.stories:
            story.chat |= {"session_id": number, "channel_id": channel_id}
    stories = sorted((story for issue in issues for story in issue.stories), key=lambda story: story.chat["created_at"])
    _number(stories)
    for issue in issues:
        for before, after in zip(issue.stories, issue.stories[1:], strict=False):
            after.chat["previous_chat_id"] = before.chat["id"]
    bulk.insert(Session, sessions)
    bulk.insert(Chat, [story.chat for story in stories])
    bulk.insert(Message, [message for story in stories for message in story.messages])
    bulk.insert(Assignment, [interval for story in stories for interval in story.assignments])
    bulk.insert(Escalation, [offer for story in stories for offer in story.offers])
    bulk.insert(
        EscalationAnswer,
        [{"escalation_id": answer.pop("of")["id"], **answer} for story in stories for answer in story.answers],
    )
    bulk.insert(ChatTag, [tag for story in stories for tag in story.tags])
    bulk.insert(FailedResponse, [failure for story in stories for failure in _failures(story)])
    bulk.insert(Timer, list(_timers(stories)))


def _number(stories: Sequence[Story]) -> None:
    messages = sorted((each for story in stories for each in story.messages), key=lambda each: each["created_at"])
    for number, message in zip(bulk.take_ids(Message, len(messages)), messages, strict=True):
        message["id"] = number
    offers = sorted((each for story in stories for each in story.offers), key=lambda each: each["made_at"])
    for number, offer in zip(bulk.take_ids(Escalation, len(offers)), offers, strict=True):
        offer["id"] = number
    for story in stories:
        for message in story.messages:
            if "offer" in message["data"]:
                message["data"]["escalation_id"] = story.offers[message["data"].pop("offer")]["id"]
    for number, story in zip(bulk.take_ids(Chat, len(stories)), stories, strict=True):
        story.chat["id"] = number
        for row in (*story.messages, *story.assignments, *story.tags, *story.offers):
            row["chat_id"] = number


def _failures(story: Story) -> Iterable[Row]:
    """What the bot could not answer. The vectors come from a worker, as for everything it reads."""
    for failure in story.failures:
        message = failure["message"]
        yield {
            "chat_id": story.chat["id"],
            "message_id": message["id"],
            "text": message["body"],
            "normalized": failures.normalize(message["body"]),
            "language": "en",
            **{key: story.chat[key] for key in ("channel_id", "session_id", "customer_id")},
            "bot_version": "",
            "noise": failures.noise(message["body"]),
            "trigger": failure["trigger"],
            "candidates": [],
            **_settled(message["body"]),
            "created_at": failure["created_at"],
        }


def _settled(question: str) -> Row:
    """What was decided about it since. The worker that groups makes clusters of what was settled alike."""
    found = next(
        (group["settled"] for group in load("misses") if "settled" in group and question in group["questions"]), None
    )
    if found is None:
        return {"status": "open", "status_reason": None, "status_note": ""}
    return {"status": found["status"], "status_reason": found["reason"], "status_note": found["note"]}


def _timers(stories: Sequence[Story]) -> Iterable[Row]:
    """Demo customers are patient, and wait for agents who have not signed in yet.

    Once an agent has been there, or a chat has moved, the desk's own times hold.
    """
    kinds = {State.QUEUED: TimerKind.QUEUE_MAX, State.ACTIVE: TimerKind.OWNER_GONE}
    for story in stories:
        if story.chat["state"] in kinds:
            yield {
                "kind": kinds[story.chat["state"]],
                "chat_id": story.chat["id"],
                "due_at": story.chat["created_at"] + PATIENCE,
                "state": "armed",
            }
