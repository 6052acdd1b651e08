"""What a worker tells the screens reaches the bus that the fronts listen on."""

from __future__ import annotations

import json
import time

import redis

from models import live
from models.live import VISITOR, Event
from workers import speaking


def test_one_message_on_the_bus_for_all_rooms(redis_client: redis.Redis) -> None:
    speaking._bus.cache_clear()
    with redis_client.pubsub(ignore_subscribe_messages=True) as bus:
        bus.subscribe(live.BUS_CHANNEL)
        bus.get_message(timeout=1)
        speaking.emit(VISITOR, Event.QUEUE_PLACE.value, ["customer:1", "customer:2"], {"position": 1})
        deadline = time.monotonic() + 5
        while (heard := bus.get_message(timeout=0.1)) is None:
            assert time.monotonic() < deadline
        said = json.loads(heard["data"])
        assert (said["method"], said["event"], said["namespace"]) == ("emit", "queue:place", "/visitor")
        assert (said["room"], said["data"]) == (["customer:1", "customer:2"], [{"position": 1}])
        assert bus.get_message(timeout=0.2) is None, "said once"


def test_a_deaf_bus_holds_nobody_up() -> None:
    """Clients fetch what they missed; the action that told has long been committed."""
    bus = speaking._bus.__wrapped__()
    bus.redis_url = "redis://127.0.0.1:1/0"
    began = time.monotonic()
    bus.emit("heads", {}, namespace=VISITOR, room=["customer:1"])
    assert time.monotonic() - began < 2 * speaking.PUSH_TIMEOUT_S + 1
