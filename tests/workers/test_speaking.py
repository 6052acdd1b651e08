"""What a worker tells the screens reaches the bus that the fronts listen on."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from redis.client import PubSub

from models import live
from models.db import connection, transaction
from models.live import VISITOR, Event
from workers import speaking


@contextmanager
def spoken_by_a_worker() -> Iterator[None]:
    speaks = live._emit
    speaking.begin()
    try:
        yield
    finally:
        live.speak_through(speaks)


def test_one_message_on_the_bus_for_all_that_a_transaction_says_and_all_rooms(redis_client: redis.Redis) -> None:
    speaking._bus.cache_clear()
    with redis_client.pubsub(ignore_subscribe_messages=True) as bus:
        bus.subscribe(live.BUS_CHANNEL)
        bus.get_message(timeout=1)
        with connection(), spoken_by_a_worker(), transaction():
            for position in (1, 2):
                rooms = ["customer:1", "customer:2"]
                live.push(VISITOR, Event.QUEUE_PLACE, rooms, {"position": position})
        (said,) = batches_of_this_process(bus)
        for each in said:
            assert (each["method"], each["event"], each["namespace"]) == ("emit", "queue:place", "/visitor")
            assert each["room"] == ["customer:1", "customer:2"]
        assert [each["data"] for each in said] == [[{"position": 1}], [{"position": 2}]]


def batches_of_this_process(bus: PubSub) -> list[list[dict[str, Any]]]:
    """What it said until now, one list of events a message. A front may speak on the same bus, and is left out."""
    assert len(speaking._NAME) == len(uuid.uuid4().hex), "fronts cut off a name of this length"
    speaking._bus().publish(live.BUS_CHANNEL, speaking._NAME + b"over")
    batches: list[list[dict[str, Any]]] = []
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        heard = bus.get_message(timeout=0.1)
        if heard is None or not heard["data"].startswith(speaking._NAME):
            continue
        words = heard["data"].removeprefix(speaking._NAME)
        if words == b"over":
            return batches
        batches.append(json.loads(words))
    raise AssertionError("the bus did not carry the last word within 5 s")


def test_a_deaf_bus_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients fetch what they missed; the action that told has long been committed."""
    monkeypatch.setattr(speaking, "_bus", lambda: speaking.connected_to("redis://127.0.0.1:1/0"))
    for number in range(2 * speaking.MOST_AT_ONCE):
        speaking.gather(VISITOR, "heads", ["customer:1"], {"number": number})
    began = time.monotonic()
    speaking.say_gathered()
    assert time.monotonic() - began < 2 * speaking.PUSH_TIMEOUT_S + 1
    assert not speaking._gathered, "what was lost is not said late"
