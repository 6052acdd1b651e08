"""Nudges to the workers leave beside the requests: nobody who writes a message waits for a broker that hangs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from models import jobs
from models.jobs import Job

KEPT = 10_000  # nudges that wait for the broker; older ones are dropped, sweeps find their rows


class Nudges:
    """One per front process."""

    def __init__(self, spawn: Callable[..., None]) -> None:
        self._waiting: deque[tuple[Job, tuple[int, ...]]] = deque(maxlen=KEPT)
        self._wake = threading.Event()
        spawn(self._run)

    def put(self, job: Job, ids: tuple[int, ...]) -> None:
        self._waiting.append((job, ids))
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                jobs.send(*self._waiting.popleft())
