"""Several at once, each on a connection of its own, with commits that hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog

from models.db import connection, db, one
from models.errors import DeskError

T = TypeVar("T")

PATIENCE_S = 60


def race(*contenders: Callable[[], Any]) -> list[Any]:
    """Start all at the same moment. What each returned, or the refusal it got; any other fault is raised here."""
    start = threading.Barrier(len(contenders))
    outcomes: list[Any] = [None] * len(contenders)
    faults: list[BaseException] = []

    def run(place: int, contender: Callable[[], Any]) -> None:
        try:
            with connection():
                start.wait(PATIENCE_S)
                outcomes[place] = contender()
        except DeskError as refusal:
            outcomes[place] = refusal
        except BaseException as fault:  # noqa: BLE001 - carried over to the thread that waits
            faults.append(fault)
            start.abort()

    with _handed_back():
        threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(contenders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
    if faults:
        raise faults[0]
    assert not any(thread.is_alive() for thread in threads), "somebody in the race never came home"
    return outcomes


@contextmanager
def _handed_back() -> Iterator[None]:
    """The watching test needs no connection meanwhile, and the pool has just enough for twenty."""
    held = not db.is_closed()
    if held:
        db.close()
    try:
        yield
    finally:
        if held:
            db.connect()


def meanwhile(action: Callable[[], T]) -> T:
    """Do it on another connection and wait for it: what somebody else does in between."""
    with ThreadPoolExecutor(1) as others:
        return others.submit(_connected, action).result(PATIENCE_S)


@contextmanager
def kept_waiting(action: Callable[[], T]) -> Iterator[Future[T]]:
    """Begin it on another connection and go on once it waits for a lock of ours. It is done at the end."""
    with ThreadPoolExecutor(1) as others:
        future = others.submit(_connected, action)
        deadline = time.monotonic() + PATIENCE_S
        while not one("select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"):
            assert not future.done(), f"it did not wait: {future.result()}"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield future


def _connected(action: Callable[[], T]) -> T:
    with connection():
        return action()


def refusals(outcomes: Sequence[Any]) -> list[DeskError]:
    return [each for each in outcomes if isinstance(each, DeskError)]


def codes(outcomes: Sequence[Any]) -> list[str | None]:
    """The refusal of each contender, None for who got through."""
    return [each.code if isinstance(each, DeskError) else None for each in outcomes]


@contextmanager
def no_deadlocks() -> Iterator[None]:
    """A deadlock is retried and nobody notices; here it is a fault of the lock order."""
    with structlog.testing.capture_logs() as logged:
        yield
    retried = [each for each in logged if each["event"] in ("transaction_retried", "message_batch_failed")]
    assert not retried, f"Locks were taken in different orders: {retried}"
