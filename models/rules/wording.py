"""Sentences the desk itself says into a chat. Customers read the public ones; events name the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

NAMELESS = "there"
"""Whom a greeting is for who gave no name: "Hello there"."""

LOOKING = "We’re finding someone for you."
LOOKING_AGAIN = "We’re finding someone else for you. You keep your place."
STILL_THERE = "Are you still there? We’ll close this chat in a few minutes if we don’t hear from you."
CUSTOMER_ENDED = "You ended the chat."
CUSTOMER_LEFT_QUEUE = "You left the queue."
QUEUE_EXPIRED = "Nobody could take your chat in time. Write again and we’ll answer as soon as we can."
BY_EMAIL = "We’ll answer you by e-mail. You can close this page."
IDLE_ENDED = "The chat was closed because we didn’t hear from you. Write again to pick it up where you left off."
BOT_IDLE_ENDED = "The chat was closed because it went quiet. Write again at any time."
BLOCKED_ENDED = "This chat has been closed."
BOT_SOLVED = "The chat has ended."
MERGED = "This chat goes on in the other one you have open with us."
THE_CUSTOMER = "The customer, by a letter’s link"  # who has done it, where no agent has
A_PROVIDER = "The provider’s proof"


def same_person(name: str, proof: str) -> str:
    """What agents read when two customers turn out to be one person. `name`: the other; `proof`: what both have."""
    return f"This customer is the same person as {name}: {proof} has been proved to be theirs."


def asked_to_confirm(by: str, address: str) -> str:
    """What agents read when a letter asks their customer whether an address is theirs."""
    return f"{by} asked for a confirmation of {address}."


def confirmed(address: str) -> str:
    """What agents read when its owner has said that an address is theirs."""
    return f"{address} is confirmed: whoever reads its mail says that this is them."


def parted(by: str) -> str:
    """What agents read when somebody has parted two customers again."""
    return f"{by} separated this customer from another: they are not the same person."


def made_good(question: str, answer: str, *, most: int) -> str:
    """What a broadcast to people may begin with whose question the bot could not answer; at most so many characters."""
    asked = f"You asked us: “{question}”" if question else "You asked us a question"
    lead = f"{asked}, and our assistant had no answer for you. We are sorry about that."
    text = f"{lead}\n\n{answer.strip()}" if answer.strip() else f"{lead} Now it has one: write to us here, and we help."
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


CLOSED = "We’re closed right now. We have your message and will answer it."


def closed_until(opens_at: datetime) -> str:
    """What waits says who waits for a closed desk. The moment is in the team's own zone, which the sentence names."""
    zone = f" ({opens_at.tzinfo})" if opens_at.tzinfo is not None else ""
    day = f"{opens_at:%A}, {opens_at.day} {opens_at:%B}"
    return f"We’re closed right now. We have your message and open on {day} at {opens_at:%H:%M}{zone}."


PROMISES = {
    "kept": "The promise was kept",
    "cancelled": "The promise was called off",
    "moved": "The promise was changed",
}


def promise(how: str, note: str = "") -> str:
    """What agents read of a promise that was kept, called off or changed."""
    return f"{PROMISES[how]}: {note}" if note else f"{PROMISES[how]}."


def letter(kind: str, state: str, address: str, reason: str = "") -> str:
    """What agents read of a letter to their customer, when it has gone out or will not."""
    what = {"transcript": "The transcript", "confirmation": "The question whether this address is theirs"}.get(
        kind, "The answer"
    )
    match state:
        case "sent":
            return f"{what} was sent to {address}."
        case "unknown":
            return f"{what} to {address} may not have arrived: {reason}."
        case _:
            return f"{what} could not be sent to {address}: {reason}."


OFFER_TAKEN_BACK = "The escalation was cancelled."
CHAT_HAS_ENDED = "The chat has ended."
A_SUPERVISOR = "a supervisor"  # to whom a chat is passed on when it is anybody who supervises


def declined(name: str, note: str) -> str:
    """What agents read when a member of the team says no to an offer."""
    return f"{name} declined: {note}"


_BY_CHANNEL = {
    "web": "on the website",
    "telegram": "in Telegram",
    "whatsapp": "in WhatsApp",
    "email": "by e-mail",
}


def by_channel(kind: str) -> str:
    """How somebody writes to the desk, for a letter to them."""
    return _BY_CHANNEL.get(kind, "another way")


def joined(name: str) -> str:
    return f"{first_name(name)} joined the chat."


def ended(name: str) -> str:
    return f"{first_name(name)} ended the chat."


def first_name(name: str) -> str:
    """Customers meet agents by their first name."""
    return name.split(maxsplit=1)[0]


A_FILE = "A file"  # what an issue is called that began without a word


def files_alone(data: Mapping[str, Any]) -> str:
    """What a list says of a message that is nothing but files: their names."""
    names = [each["name"] for each in data.get("attachments", ())]
    if len(names) <= 1:
        return "".join(names)
    return f"{names[0]} and {len(names) - 1} more"


def stopping(body: str, address: str) -> str:
    """A broadcast's words with the way to get no more of them."""
    return f"{body}\n\n{how_to_stop(address)}"


def how_to_stop(address: str) -> str:
    """The line under a broadcast that is no notice in a widget. The word: `rules/stopping.py`."""
    return f"No more messages like this: answer STOP, or open {address}"


def broadcast_lost(reason: str) -> str:
    """What agents read where a broadcast stands in a chat that its customer never got."""
    return f"The broadcast above did not arrive: {reason}" if reason else "The broadcast above did not arrive."


NO_MORE = (
    "You’ll get no more messages like that one. We still answer what you ask us. If you change your mind, write START."
)
AGAIN = "You’ll get our messages again. To end them, write STOP."
