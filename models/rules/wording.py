"""Sentences the desk itself says into a chat. Customers read the public ones; events name the rest."""

from __future__ import annotations

LOOKING = "We're finding someone for you."
LOOKING_AGAIN = "We're finding someone else for you. You keep your place."
STILL_THERE = "Are you still there? We'll close this chat in a few minutes if we don't hear from you."
CUSTOMER_ENDED = "You ended the chat."
CUSTOMER_LEFT_QUEUE = "You left the queue."
QUEUE_EXPIRED = "Nobody could take your chat in time. Write again and we'll answer as soon as we can."
IDLE_ENDED = "The chat was closed because we didn't hear from you. Write again to pick it up where you left off."
BOT_IDLE_ENDED = "The chat was closed because it went quiet. Write again at any time."
BOT_SOLVED = "The chat has ended."


def joined(name: str) -> str:
    return f"{first_name(name)} joined the chat."


def ended(name: str) -> str:
    return f"{first_name(name)} ended the chat."


def first_name(name: str) -> str:
    """Customers meet agents by their first name."""
    return name.split(maxsplit=1)[0]
