"""Sends that arrive together are stored together: one transaction, one fsync, then each its ack.

While one batch commits the next one gathers, so the busier the desk, the less each
message costs; a lone message goes at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog

from models.actions.conversation import post
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.db import connection
from models.errors import Busy, DeskError

log = structlog.get_logger()

MOST = 64  # messages in one transaction: past this the locks outlast what the shared commit saves

Done = Callable[[Said | DeskError], None]


class Batcher:
    """One per process. `put` returns at once; `done` is called with the outcome, in order of arrival."""

    def __init__(self, spawn: Callable[..., None], *, most_waiting: int) -> None:
        self._waiting: deque[tuple[Draft, Done]] = deque()
        self._wake = threading.Event()
        self._most_waiting = most_waiting
        spawn(self._run)

    def put(self, draft: Draft, done: Done) -> None:
        """Queue a draft; past the cap it is refused at once, before anything was stored."""
        if len(self._waiting) >= self._most_waiting:
            done(Busy(retry_after_ms=500))
            return
        self._waiting.append((draft, done))
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._one_batch()

    def _one_batch(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        outcomes: list[Any]
        try:
            with connection():
                outcomes = list(post([draft for draft, _ in batch]))
        except DeskError as refusal:
            outcomes = [refusal] * len(batch)
        except Exception:
            log.exception("message_batch_lost", size=len(batch))
            outcomes = [Busy(retry_after_ms=1000)] * len(batch)
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            try:
                done(outcome)
            except Exception:
                log.exception("ack_failed")
