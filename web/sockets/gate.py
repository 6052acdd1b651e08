"""The gate of every socket event: known names, sizes, rates and schemas first; then one call; then its ack.

It takes the place of python-socketio's own dispatch, which would run `connect` and
`disconnect` handlers for a client that merely sends events by those names, and which
starts a task per event, so that two messages of one socket may overtake each other.
Here events of a socket run in their order, on the socket's own green thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import peewee
import structlog
from marshmallow import Schema, ValidationError
from socketio import Server

from models.db import connection
from models.errors import Busy, DeskError, Invalid, TooMany
from models.queries.access import Viewer
from models.rules import rates
from models.schemas.base import Shape
from web import errors, metrics
from web.auth import Who
from web.sockets import frames
from web.sockets.holders import Holder, Holders

log = structlog.get_logger()

EVENT_BYTES = 64 * 1024
FORGED_BEFORE_CUT = 3
FAULTS_BEFORE_CUT = 10
SETTLE_S = 10  # an event that follows a send waits so long at most for it to be stored

LIFECYCLE = frozenset({"connect", "disconnect", "connect_error", "error", "message"})

Ack = Callable[[dict[str, Any]], None]
Work = Callable[[Holder, dict[str, Any]], Any]
LaterWork = Callable[[Holder, dict[str, Any], Ack], None]


@dataclass(frozen=True, slots=True)
class Handled:
    """Who may send an event, what it takes, and what it calls. There is no event without a caller.

    `later` events answer through their ack when they are done (a send waits for its
    batch); the others answer with what they return.
    """

    caller: Who
    takes: Schema
    work: Work | None = None
    later: LaterWork | None = None
    rate: float = 5.0  # tokens a second, per socket and event
    burst: int = 30
    needs_database: bool = True


def event(
    caller: Who, takes: type[Shape], work: Work, *, rate: float = 5.0, burst: int = 30, needs_database: bool = True
) -> Handled:
    return Handled(caller, takes(), work=work, rate=rate, burst=burst, needs_database=needs_database)


def sending(caller: Who, takes: type[Shape], later: LaterWork, *, rate: float, burst: int) -> Handled:
    return Handled(caller, takes(), later=later, rate=rate, burst=burst)


class Gate:
    """Decides over every event of this process."""

    def __init__(
        self,
        server: Server,
        holders: Holders,
        tables: Mapping[str, Mapping[str, Handled]],
        *,
        most_in_flight: int,
        rate_factor: float,
    ) -> None:
        self._server, self._holders, self._tables = server, holders, tables
        self._most, self._in_flight, self._rate_factor = most_in_flight, 0, rate_factor
        server._handle_event = self._handle  # noqa: SLF001 - the library offers no hook before dispatch

    def _handle(self, eio_sid: str, namespace: str | None, ack_id: int | None, data: list[Any]) -> None:
        namespace = namespace or "/"
        sid = self._server.manager.sid_from_eio_sid(eio_sid, namespace)
        holder = self._holders.get(sid) if sid is not None else None
        if holder is None:
            return
        name = data[0] if data and isinstance(data[0], str) else ""
        ack = self._acker(holder, ack_id)
        handled = self._tables[namespace].get(name)
        if handled is None:
            self._unknown(holder, name, ack)
            return
        started = time.perf_counter()
        try:
            payload = self._admit(holder, name, handled, data)
        except DeskError as refusal:
            _refuse(ack, refusal)
            return
        if handled.later is not None:
            handled.later(holder, payload, _timed(ack, name, started))
            return
        holder.settled.wait(SETTLE_S)
        self._in_flight += 1
        try:
            ack({"ok": True, "data": _run(handled, holder, payload)})
        except DeskError as refusal:
            _refuse(ack, refusal)
        except (peewee.OperationalError, peewee.InterfaceError) as fault:
            log.warning("event_without_database", event_name=name, fault=type(fault).__name__)
            _refuse(ack, Busy(retry_after_ms=1000))
        except Exception:
            log.exception("event_failed", event_name=name)
            ack({"ok": False, "error": {"code": "failed", "message": "Something went wrong on our side."}})
        finally:
            self._in_flight -= 1
            metrics.ack_seconds.labels(name).observe(time.perf_counter() - started)

    def _admit(self, holder: Holder, name: str, handled: Handled, data: list[Any]) -> dict[str, Any]:
        """Let an event in, or raise why not. Cheap checks come first."""
        if self._in_flight >= self._most:
            metrics.shed.inc()
            raise Busy(retry_after_ms=500)
        holder.buckets[name], wait = rates.take(
            holder.buckets.get(name),
            time.monotonic(),
            handled.rate * self._rate_factor,
            max(1, round(handled.burst * self._rate_factor)),
        )
        if wait:
            raise TooMany(retry_after_s=max(1, round(wait)))
        if handled.caller.permission is not None and isinstance(holder.who, Viewer):
            holder.who.require(handled.caller.permission)
        if len(data) != 2 or not isinstance(data[1], dict):
            raise Invalid("An event takes exactly one object.")
        try:
            loaded: dict[str, Any] = handled.takes.load(data[1])
        except ValidationError as fault:
            raise errors.from_validation(fault) from None
        return loaded

    def _unknown(self, holder: Holder, name: str, ack: Ack) -> None:
        """Not one of ours. Life-cycle names are forgeries; a few of them end the socket."""
        holder.faults += FAULTS_BEFORE_CUT // FORGED_BEFORE_CUT + 1 if name in LIFECYCLE else 1
        log.warning("socket_event_unknown", event_name=name[:40], namespace=holder.namespace, faults=holder.faults)
        _refuse(ack, Invalid("There is no such event."))
        if holder.faults >= FAULTS_BEFORE_CUT:
            self._server.disconnect(holder.sid, namespace=holder.namespace)

    def _acker(self, holder: Holder, ack_id: int | None) -> Ack:
        if ack_id is None:
            return lambda _: None

        def acknowledge(answer: dict[str, Any]) -> None:
            # Acks of batched sends leave later than their handler.
            self._server.eio.send(holder.eio_sid, frames.ack(holder.namespace, ack_id, answer))

        return acknowledge


def _run(handled: Handled, holder: Holder, payload: dict[str, Any]) -> Any:
    assert handled.work is not None
    if not handled.needs_database:
        return handled.work(holder, payload)
    with connection():
        return handled.work(holder, payload)


def _refuse(ack: Ack, refusal: DeskError) -> None:
    ack({"ok": False, "error": errors.as_error(refusal)})


def _timed(ack: Ack, name: str, started: float) -> Ack:
    def acknowledge(answer: dict[str, Any]) -> None:
        metrics.ack_seconds.labels(name).observe(time.perf_counter() - started)
        ack(answer)

    return acknowledge


class Json:
    """orjson in the shape the libraries want. Too long or too deep is refused before anything looks at it."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        if len(text) > EVENT_BYTES:
            raise ValueError("event over 64 KiB")
        return orjson.loads(text)
