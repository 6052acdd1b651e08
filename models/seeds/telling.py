"""Play a script: who answers, how long it takes, and how it comes to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from models.actions.chat_log import SYSTEM, Author
from models.rules import bot_says, wording
from models.seeds.cast import Cast, Person
from models.seeds.content import load
from models.seeds.knowledge import Source
from models.seeds.script import Line, Script, fill
from models.seeds.story import Story

_SAME_AGENT = 0.7  # how often a continued issue comes back to who knows it
_PICKED = 0.6  # how many chats are picked by hand; the others the desk gives out
_TAKEN, _REJECTED = 0.7, 0.2  # of escalations; the others time out
_NO = (
    ("missing_facts", "Which order is it? There are three in that account."),
    ("no_time", "On the phone with the courier until four. Please go on, I will look in afterwards."),
    ("not_needed", "You can book this yourself since Monday: Payments, Transfer by hand."),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What every story needs: the people, the bot and what it knows, the tags."""

    cast: Cast
    bot: Author
    sources: dict[str, Source]
    tags: dict[str, tuple[int, str]]


def tell(
    script: Script, stage: Stage, customer: Person, at: datetime, dice: Random, *, agent: Person | None = None
) -> Story:
    """Play the script from its first word. `agent` is who takes the chat; chance decides where it is None."""
    team_id = stage.cast.teams[script.team] if script.team else None
    story = Story(customer, stage.bot, team_id, at, dice)
    for line in script.lines:
        _step(story, line, stage, script, agent)
    if script.end:
        _end(story, script, stage)
    else:
        _tag(story, script, stage)
    return story


def tell_until(
    script: Script, stage: Stage, customer: Person, end: datetime, dice: Random, *, agent: Person | None = None
) -> Story:
    """Play the script so that its last word falls on `end`. Told once to learn how long it takes."""
    state = dice.getstate()
    rehearsal = tell(script, stage, customer, end, dice, agent=agent)
    dice.setstate(state)
    return tell(script, stage, customer, end - (rehearsal.at - end), dice, agent=agent)


def _step(story: Story, line: Line, stage: Stage, script: Script, agent: Person | None) -> None:
    if line.who in ("agent", "note") and story.owner is None:
        _start(story, stage, script, agent)
    names = {"first": story.customer.given_name or "there"}
    if story.owner is not None:
        names["agent"] = wording.first_name(story.owner.name)
    match line.who:
        case "customer":
            story.customer_says(line.text)
        case "queue":
            story.returns_to(agent)
        case "reassign":
            others = [each for each in stage.cast.answering[line.text] if each != story.owner]
            story.is_given_to(story.dice.choice(others), "reassign")
        case "escalate":
            _pass_on(story, line, stage)
        case "agent":
            story.agent_says(fill(line.text, names))
        case "note":
            story.agent_notes(fill(line.text, names))
        case _:
            _bot_step(story, line, stage)


def _name_of_team(key: str) -> str:
    name: str = next(team["name"] for team in load("teams") if team["key"] == key)
    return name


def _pass_on(story: Story, line: Line, stage: Stage) -> None:
    """The owner escalates to a team. Mostly somebody takes it; else the owner goes on alone."""
    team_id = stage.cast.teams[line.team]
    others = [each for each in stage.cast.answering[line.team] if each != story.owner]
    story.is_offered(team_id, _name_of_team(line.team), line.text)
    chance = story.dice.random()
    if chance < _TAKEN:
        story.offer_is_taken(story.dice.choice(others))
    elif chance < _TAKEN + _REJECTED:
        reason, note = story.dice.choice(_NO)
        story.offer_is_rejected(story.dice.choice(others), reason, note)
    else:
        story.nobody_takes_the_offer()


def _bot_step(story: Story, line: Line, stage: Stage) -> None:
    match line.who:
        case "bot":
            story.bot_answers(stage.sources[line.text])
        case "greeting":
            story.bot_makes_conversation(bot_says.GREETING)
        case "welcome":
            story.bot_makes_conversation(bot_says.YOU_ARE_WELCOME)
        case "handover":
            story.bot_fails()
        case "person":
            story.asks_for_person()
        case "button":
            story.wants_person()
        case _:
            raise ValueError(f"No such step in a conversation: {line.who!r}")


def _start(story: Story, stage: Stage, script: Script, agent: Person | None) -> None:
    """The chat leaves the queue."""
    assert script.team is not None
    how = "sticky" if story.chat["preferred_agent_id"] else "pick" if story.dice.random() < _PICKED else "auto"
    known = (
        agent
        if agent is not None and (how == "sticky" or not script.end or story.dice.random() < _SAME_AGENT)
        else None
    )
    story.waits()
    story.is_given_to(known or story.dice.choice(stage.cast.answering[script.team]), how)


def _tag(story: Story, script: Script, stage: Stage) -> None:
    story.is_tagged([stage.tags[key] for key in script.tags])


def _end(story: Story, script: Script, stage: Stage) -> None:
    cause, *why = script.end
    match cause:
        case "agent":
            assert story.owner is not None
            _tag(story, script, stage)
            story.pause(10, 60)
            owner = Author("agent", story.owner.id, story.owner.name, story.owner.hue)
            story.ends(owner, wording.ended(owner.name), cause, *why)
        case "inactivity":
            story.falls_silent(600)
            story.ends(SYSTEM, wording.IDLE_ENDED, cause)
        case "bot_idle":
            story.pause(900, 905)
            story.ends(SYSTEM, wording.BOT_IDLE_ENDED, cause)
        case "bot_resolved":
            story.pause(1, 2)
            story.ends(story.bot, wording.BOT_SOLVED, cause)
        case "queue_abandoned":
            story.pause(90, 500)
            customer = Author("customer", story.customer.id, story.customer.name, story.customer.hue)
            story.ends(customer, wording.CUSTOMER_LEFT_QUEUE, cause)
        case _:
            raise ValueError(f"No such end of a conversation: {cause!r}")
    if script.stars is not None:
        story.is_rated(script.stars, script.comment)
