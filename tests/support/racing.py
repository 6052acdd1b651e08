"""Several at once, each on a connection of its own, with commits that hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from models.db import connection, db
from models.errors import DeskError

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


def meanwhile(action: Callable[[], Any]) -> Any:
    """Do it in another thread, on its own connection, and wait: what somebody else does in between."""
    answer: list[Any] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            with connection():
                answer.append(action())
        except BaseException as fault:  # noqa: BLE001 - carried over to the thread that waits
            faults.append(fault)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if faults:
        raise faults[0]
    return answer[0]


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
