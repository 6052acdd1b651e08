"""Failures as the bot captures them, with vectors that say by their numbers what is alike."""

from __future__ import annotations

import math

from models.actions import failures, grouping
from models.actions.knowledge import record_vectors
from models.db import one, transaction
from models.queries import knowledge
from models.queries.knowledge import Unread
from models.rules.learned import Reading
from tests.support.world import Guest, World

MODEL = "all-MiniLM-L6-v2"


def meaning(place: int, turned: float = 0.0, towards: int = 300) -> list[float]:
    """A unit vector along one axis, turned by so many degrees towards another: the cosine of two meanings is theirs."""
    angle = math.radians(turned)
    vector = [0.0] * 384
    vector[place] = math.cos(angle)
    vector[towards] += math.sin(angle)
    return vector


def fail(world: World, text: str, vector: list[float] | None, guest: Guest | None = None) -> int:
    """A question of a customer that the bot could not answer. Returns the failure's number."""
    chat_id = world.waiting(guest, body=text)
    said = one("select max(id) as id from message where chat_id = %s and author_kind = 'customer'", (chat_id,))
    assert said is not None
    with transaction():
        failures.capture(
            chat_id,
            said["id"],
            text,
            "low_confidence",
            reading=Reading(vector, MODEL) if vector else None,
        )
    kept = one("select id from failed_response where message_id = %s", (said["id"],))
    assert kept is not None
    number: int = kept["id"]
    return number


def place_all() -> list[grouping.Placed]:
    """Place everything that waits, as the worker does."""
    found = []
    while placed := grouping.place_next():
        found.append(placed)
    return found


def cluster_of(world: World, text: str = "Where is my refund", place: int = 0, size: int = 3) -> int:
    """A cluster of so many failures that mean the same. Returns its number."""
    for number in range(size):
        fail(world, f"{text} {number}?", meaning(place, 5 * number))
    [*_, last] = place_all()
    assert last.cluster_id is not None
    return last.cluster_id


def read_knowledge(vectors: dict[str, list[float]] | None = None) -> None:
    """Give every text of the bot's knowledge a vector: its own, or one that is like nothing else."""
    while texts := [each for each in knowledge.unread(50) if isinstance(each, Unread)]:
        record_vectors(texts, [(vectors or {}).get(each.text, meaning(383)) for each in texts], MODEL)
