"""Health and metrics, on a port of their own that the public never reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import redis
import structlog

from models.db import connection, one, rows
from models.queries import alarms
from models.rules.letters import alarm_facts
from models.settings import Settings
from web import metrics
from web.sockets.front import Front

log = structlog.get_logger()

STALE_S = 20  # the sweeps beat every few seconds; a part silent for so long is not at work

StartResponse = Callable[..., Any]


class Ops:
    """A small WSGI application: `/health/live`, `/health/ready`, `/metrics`."""

    def __init__(self, settings: Settings, front: Front) -> None:
        self._front = front
        self._redis = redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/health/live":
                return _answer(start_response, "200 OK", {"ok": True})
            case "/health/ready":
                checks = self.checks()
                ready = checks["database"] and checks["redis"] and not self._front.draining
                return _answer(
                    start_response, "200 OK" if ready else "503 Service Unavailable", {"ok": ready, "checks": checks}
                )
            case "/metrics":
                self._front.count_sockets()
                start_response("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
                return [metrics.read()]
            case _:
                return _answer(start_response, "404 Not Found", {"ok": False})

    def checks(self) -> dict[str, Any]:
        """Whether each thing the desk needs answers, and how long ago each part of the back room worked."""
        found: dict[str, Any] = {
            "database": False,
            "redis": False,
            "bus_heard_s": round(self._front.bus_silence(), 1),
            "parts": {},
            "model": {"ok": True, "id": None, "fault": None},
            "alarms": [],
        }
        try:
            with connection():
                beats = rows(
                    "select part, extract(epoch from clock_timestamp() - at)::float as age from beat order by part"
                )
                model = one(
                    "select d.embedding_model as id, coalesce(m.available, true) as ok, m.fault"
                    " from desk d left join embedding_model m on m.id = d.embedding_model where d.id = 1"
                )
                stuck = alarms.everything()
            found["database"] = True
            found["alarms"] = [sentence for each in stuck for sentence in alarm_facts(each)]
            found["model"] = model or found["model"]
            found["parts"] = {
                each["part"]: {"ok": each["age"] < STALE_S, "age_s": round(each["age"], 1)} for each in beats
            }
        except Exception as fault:  # noqa: BLE001 - a health check reports trouble, it has none
            log.warning("health_database", fault=type(fault).__name__)
        try:
            found["redis"] = bool(self._redis.ping())
        except redis.RedisError as fault:
            log.warning("health_redis", fault=type(fault).__name__)
        return found


def _answer(start_response: StartResponse, status: str, body: dict[str, Any]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")])
    return [orjson.dumps(body)]
