"""The push bus between processes: Redis pub/sub that heals itself, and rooms that forget quickly.

What travels here may be lost: Postgres is the truth and clients ask for what they missed.
What must not happen is a front that stays deaf after Redis came back, a send that waits
for Redis, or a process that freezes because thousands of sockets dropped at once.

This class relies on private methods of python-socketio, whose version is pinned;
`tests/web/test_bus.py` fails when an update changes them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import redis
import structlog
from socketio import RedisManager

from models.live import BUS_CHANNEL, as_one
from web.sockets import frames

log = structlog.get_logger()

SELF_PING_S = 5
DEAF_AFTER_S = 15  # no word of our own for so long: subscribe anew
RETRY_MOST_S = 2  # the library sleeps up to a minute
MOST_AT_ONCE = 100  # messages published as one: each may have 40 KB, and Redis cuts a listener who is 32 MB behind
KEPT_WHILE_AWAY = 10_000  # messages to publish that wait for Redis; older ones are dropped, clients sync


class Bus(RedisManager):  # type: ignore[misc]
    """The client manager of a front."""

    def __init__(self, url: str, spawn: Callable[..., None], on_healed: Callable[[], None]) -> None:
        super().__init__(
            url,
            channel=BUS_CHANNEL,
            redis_options={"socket_timeout": 10, "socket_connect_timeout": 2, "health_check_interval": 10},
        )
        self._spawn, self._on_healed = spawn, on_healed
        self._rooms_of: dict[tuple[str, str], dict[str | None, None]] = {}
        self._outgoing: deque[bytes] = deque(maxlen=KEPT_WHILE_AWAY)
        self._wake = threading.Event()
        self._name = self.host_id.encode()
        self.heard_at = time.monotonic()

    def initialize(self) -> None:
        super().initialize()  # starts the listener
        self._spawn(self._publish_waiting)
        self._spawn(self._ping_self)

    # --- leaving rooms costs what the client was in, not what the whole desk is in ------------------------
    # The library scans every room of the namespace for each socket that drops: with ten thousand sockets
    # a blip of the network freezes the process for half a minute.

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        self._rooms_of.setdefault((namespace, sid), {})[room] = None

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        rooms = self._rooms_of.get((namespace, sid))
        if rooms is not None:
            rooms.pop(room, None)
            if not rooms:
                del self._rooms_of[(namespace, sid)]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get((namespace, sid), ()) if room is not None]

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in list(self._rooms_of.get((namespace, sid), ())):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            waiting = pending.get(namespace)
            if waiting and sid in waiting:
                waiting.remove(sid)
                if not waiting:
                    del pending[namespace]

    # --- telling: here at once, elsewhere through Redis, and no sender ever waits for it ------------------------

    def tell(self, namespace: str, event: str, rooms: list[str], payload: Any) -> None:
        """Tell whoever is in any of `rooms`, at every front."""
        message = {"method": "emit", "event": event, "data": [payload], "namespace": namespace, "room": rooms}
        self.tell_here(namespace, event, rooms, payload)
        self._publish(message)

    def tell_here(self, namespace: str, event: str, rooms: list[str], payload: Any) -> None:
        """Tell whoever is in any of `rooms` of this front."""
        heard_by = list(self.get_participants(namespace, rooms))
        if heard_by:
            frame = frames.event(namespace, event, payload)  # encoded once for all of them
            for _, eio_sid in heard_by:
                self.server.eio.send(eio_sid, frame)

    def _publish(self, data: dict[str, Any]) -> None:
        self._outgoing.append(orjson.dumps(data))
        self._wake.set()

    def _publish_waiting(self) -> None:
        """Send what has gathered, many messages as one, for as long as the process lives."""
        client = redis.Redis.from_url(self.redis_url, socket_timeout=2, socket_connect_timeout=2)
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._outgoing:
                batch = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), MOST_AT_ONCE))]
                try:
                    client.publish(BUS_CHANNEL, as_one(self._name, batch))
                except redis.RedisError as fault:
                    log.warning("bus_publish_failed", dropped=len(batch), fault=type(fault).__name__)
                    time.sleep(0.5)

    # --- listening never stays deaf -------------------------------------------------------------------------

    def _listen(self) -> Iterator[bytes | dict[str, Any]]:
        """What others say, one by one. Some messages come alone, most with others behind their speaker's name."""
        for message in self._redis_listen_with_retries():
            if message["type"] != "message":
                continue
            said: bytes = message["data"]
            if said.startswith(b"{"):
                yield said
            elif not said.startswith(self._name):  # what we said ourselves was heard here already
                yield from orjson.loads(said[len(self._name) :])

    def _redis_listen_with_retries(self) -> Iterator[dict[str, Any]]:
        pause, fell_deaf = 0.2, False
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                if fell_deaf:
                    log.info("bus_healed")
                    self._spawn(self._on_healed)
                pause, fell_deaf, self.heard_at = 0.2, False, time.monotonic()
                while True:
                    message = self.pubsub.get_message(timeout=SELF_PING_S)
                    if message is not None:
                        self.heard_at = time.monotonic()
                        yield message
                    elif time.monotonic() - self.heard_at > DEAF_AFTER_S:
                        raise redis.ConnectionError("deaf: not even our own pings arrive")
            except redis.RedisError as fault:
                if not fell_deaf:
                    log.warning("bus_deaf", fault=type(fault).__name__)
                fell_deaf = True
                time.sleep(pause)
                pause = min(RETRY_MOST_S, pause * 2)

    def _ping_self(self) -> None:
        while True:
            time.sleep(SELF_PING_S)
            self._publish({"method": "ping"})
