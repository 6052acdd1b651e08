"""Nudges to the workers leave beside the requests: nobody who writes a message waits for a broker that hangs.

A nudge says that there is something to do, not what, and handing one over costs as much as keeping a webhook does. So
the same nudge that still waits here is not handed over twice, and after each handful there is a moment's rest in which
the next gathers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from models import jobs
from models.jobs import Job, Sender

KEPT = 10_000  # nudges that wait for the broker; the oldest of more is dropped, sweeps find its row
REST_S = 0.03


class Nudges:
    """One per front process."""

    def __init__(self, spawn: Callable[..., None], send: Sender = jobs.send) -> None:
        self._send = send
        self._waiting: dict[tuple[Job, tuple[int, ...]], None] = {}  # in the order they came
        self._lock = threading.Lock()
        self._wake = threading.Event()
        spawn(self._run)

    def put(self, job: Job, ids: tuple[int, ...]) -> None:
        with self._lock:
            self._waiting[job, ids] = None
            if len(self._waiting) > KEPT:
                del self._waiting[next(iter(self._waiting))]
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                gathered, self._waiting = self._waiting, {}
            for job, ids in gathered:
                self._send(job, ids)
            time.sleep(REST_S)
