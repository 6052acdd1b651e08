"""Which of two customers who are one person is kept, what becomes of what was known of both, and of their open chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

LINK_HOLDS = timedelta(hours=48)
"""So long a letter's link can be used. Whoever reads mail once a weekend is asked again."""

TYPED = ("name", "email", "phone", "language", "location", "time_zone")
"""Of the one who is kept where they have it, else of the other; what a sign-in vouches for goes before what was typed."""

SEEN = ("browser", "page", "referrer", "device", "address")
"""Where they wrote from: of the one who is kept, else of the other."""

FACTS = (*TYPED, *SEEN, "attributes", "verified", "broadcasts_off_at")

Facts = Mapping[str, Any]


def kept_of(customer_ids: Sequence[int]) -> int:
    """The customer that all of them become: the one the desk has known longest."""
    return min(customer_ids)


def united(kept: Facts, gone: Facts) -> dict[str, Any]:
    """What is known of the person now. Nothing that only one of them had is lost, and who declined broadcasts has declined."""
    first, second = (gone, kept) if gone["verified"] and not kept["verified"] else (kept, gone)
    facts: dict[str, Any] = {name: first[name] if first[name] is not None else second[name] for name in TYPED}
    facts |= {name: kept[name] if kept[name] is not None else gone[name] for name in SEEN}
    declined = [each["broadcasts_off_at"] for each in (kept, gone) if each["broadcasts_off_at"] is not None]
    return facts | {
        "attributes": {**second["attributes"], **first["attributes"]},
        "verified": kept["verified"] or gone["verified"],
        "broadcasts_off_at": min(declined, default=None),
    }


def parted(now: Facts, before: Facts, after: Facts) -> dict[str, Any]:
    """The facts of the one who was kept, apart again: as before, except for what somebody has changed since."""
    return {name: before[name] for name in FACTS if now[name] == after[name] and before[name] != after[name]}


def goes_on(one: Facts, other: Facts) -> bool:
    """Of two open chats of one person on one channel, whether the first is the one that goes on.

    A person's before the queue's before the bot's; of two alike the one in which the customer wrote last.
    """
    states = ("bot", "queued", "active", "escalated")

    def weight(chat: Facts) -> tuple[int, Any, int]:
        return min(states.index(chat["state"]), 2), chat["last_at"] or chat["created_at"], -chat["id"]

    return weight(one) > weight(other)
