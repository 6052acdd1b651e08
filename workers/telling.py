"""What happened on the desk, from its row to the servers that asked to be told."""

from __future__ import annotations

import time

import orjson
import structlog

from models import outbound
from models.actions import telling
from models.actions.telling import Claimed
from models.errors import Invalid
from models.outbound import Unanswered
from models.queries import webhooks as read
from models.rules import signing

log = structlog.get_logger()

DRAIN_S = 15  # one nudge's time; what is left is met by the next
AGENT = "Parley-Webhooks/1"


def drain(webhook_id: int) -> None:
    """Tell one webhook what is due, until nothing is, it rests, or the time is up."""
    until = time.monotonic() + DRAIN_S
    while time.monotonic() < until and (claimed := telling.claim(webhook_id)) is not None:
        _tell(claimed)


def _tell(claimed: Claimed) -> None:
    said = read.told(claimed.id)
    if said is None:
        telling.drop(claimed)
        return
    began = time.monotonic()
    status, fault = _ask(claimed, orjson.dumps(said))
    took_ms = int((time.monotonic() - began) * 1000)
    telling.settle(claimed, status=status, fault=fault, took_ms=took_ms)
    log.info(
        "webhook",
        webhook_id=claimed.webhook_id,
        hook_event=claimed.event,
        attempt=claimed.attempt,
        status=status,
        fault=fault,
    )


def _ask(claimed: Claimed, body: bytes) -> tuple[int | None, str | None]:
    """The status of the answer, or why there was none. Nothing else of the answer is read."""
    if not claimed.secret:
        return None, "secret_lost"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        **signing.sign(claimed.secret, claimed.event_id, int(time.time()), body),
    }
    try:
        return outbound.ask("POST", outbound.target(claimed.url), body=body, headers=headers, most=0).status, None
    except Unanswered as fault:
        return None, fault.reason
    except Invalid:  # an address that was fine when it was set, under other settings
        return None, "forbidden_address"
