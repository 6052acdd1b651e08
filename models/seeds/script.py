"""From a template to the words of one session: the same dice give the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from models.seeds.content import load

_SLOT = re.compile(r"\{(\w+)\}")
_MISS_ENDS_HAPPY = ["agent", "resolved"]


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a chat: who, and what is said. `{first}` and `{agent}` wait for the people."""

    who: str  # customer, agent, note, or a step of the bot or the desk
    text: str = ""  # for the bot the name of its source, for a reassignment the team
    team: str = ""  # for an escalation, whose note is the text


@dataclass(frozen=True, slots=True)
class Script:
    """One chat before anybody plays it."""

    team: str | None
    tags: tuple[str, ...]
    lines: tuple[Line, ...]
    end: tuple[str, ...] = ()  # cause, reason, note; empty for a chat that goes on
    stars: int | None = None
    comment: str | None = None
    after_h: float = 0  # hours after the end of the chat before


def fill(text: str, words: Mapping[str, str]) -> str:
    """Put words into the slots that have one; leave the others for whoever knows more."""
    return _SLOT.sub(lambda slot: words.get(slot[1], slot[0]), text)


def session(template: Mapping[str, Any], dice: Random) -> list[Script]:
    """The chats of one session. A continuation with a `share` happens in that share of the sessions."""
    words = _words(dice)
    service = dice.choice(load("services"))
    scripts: list[Script] = []
    for chat in template["chats"]:
        if dice.random() >= chat.get("share", 1):
            break
        lines = tuple(_lines(chat["lines"], words, service, dice))
        script = Script(
            team=template["team"],
            tags=tuple(template["tags"]),
            lines=lines,
            end=tuple(chat["end"]),
            after_h=chat.get("after_h", 0) * dice.uniform(0.9, 1.1),
        )
        scripts.append(_rated(script, chat, dice))
    return scripts


def open_chat(template: Mapping[str, Any], dice: Random) -> Script:
    """A chat that waits or goes on now."""
    lines = tuple(_lines(template["lines"], _words(dice), dice.choice(load("services")), dice))
    return Script(team=template["team"], tags=tuple(template["tags"]), lines=lines)


def missed(group: Mapping[str, Any], question: str, dice: Random) -> Script:
    """A chat that begins with a question the bot cannot answer, and ends with an agent who can."""
    lines = [
        ["customer", question],
        ["handover"],
        ["agent", "{hello} " + dice.choice(group["answers"])],
        ["customer", "{thanks}"],
        ["agent", "{bye}"],
    ]
    script = Script(
        team=group["team"],
        tags=tuple(group["tags"]),
        lines=tuple(_lines(lines, _words(dice), {}, dice)),
        end=tuple(_MISS_ENDS_HAPPY),
    )
    return _rated(script, {"stars": [5, 5, 4, 4, 3]}, dice)


def _words(dice: Random) -> dict[str, str]:
    """One word for each slot, kept for the whole session: a parcel does not change its number."""
    words = {name: dice.choice(options) for name, options in load("conversations")["words"].items()}
    return words | {"order": f"FH-{dice.randint(198_000, 204_999)}"}


def _lines(
    template: list[list[Any]], words: Mapping[str, str], service: Mapping[str, Any], dice: Random
) -> Iterator[Line]:
    phrases = load("conversations")["phrases"]
    for who, *said in template:
        team = said.pop(0) if who == "escalate" else ""
        text = said[0] if said else ""
        if isinstance(text, list):
            text = dice.choice(text)
        if text == "service:any":
            text = dice.choice(service["phrasings"])
        elif text == "service:same":
            text = f"service:{service['key']}"
        text = fill(text, {name: dice.choice(options) for name, options in phrases.items()})
        yield Line(who, fill(text, words), team)


def _rated(script: Script, chat: Mapping[str, Any], dice: Random) -> Script:
    """Six customers in ten give stars, and some of those a word with them."""
    stars, rates, speaks = chat.get("stars"), dice.random() < 0.6, dice.random() < 0.4
    if not stars or not rates:
        return script
    return replace(script, stars=dice.choice(stars), comment=chat.get("comment") if speaks else None)
