"""What the front asks of the workers: never lost, and the same not twice while it waits."""

from __future__ import annotations

import threading
import time

from models.jobs import Job
from web import nudges
from web.nudges import Nudges


class Broker:
    """Notes what it is handed. While it `hangs`, nothing gets through."""

    def __init__(self) -> None:
        self.taken: list[tuple[Job, tuple[int, ...]]] = []
        self.open = threading.Event()
        self.asked = threading.Event()

    def send(self, job: Job, ids: tuple[int, ...]) -> None:
        self.asked.set()
        assert self.open.wait(10)
        self.taken.append((job, ids))

    def has(self, many: int) -> bool:
        until = time.monotonic() + 10
        while len(self.taken) < many and time.monotonic() < until:
            time.sleep(0.005)
        return len(self.taken) >= many


def spawn(work) -> None:
    threading.Thread(target=work, daemon=True).start()


def test_the_same_nudge_is_handed_over_once_while_it_waits_and_again_when_it_comes_later() -> None:
    broker = Broker()
    ask = Nudges(spawn, broker.send)
    ask.put(Job.TAKE_IN, ())
    assert broker.asked.wait(10)
    for _ in range(100):  # the first is on its way: what it meant was said before these
        ask.put(Job.TAKE_IN, ())
        ask.put(Job.ANSWER_CUSTOMER, (7,))
    ask.put(Job.ANSWER_CUSTOMER, (8,))
    broker.open.set()
    assert broker.has(4)
    time.sleep(3 * nudges.REST_S)
    assert broker.taken == [
        (Job.TAKE_IN, ()),
        (Job.TAKE_IN, ()),
        (Job.ANSWER_CUSTOMER, (7,)),
        (Job.ANSWER_CUSTOMER, (8,)),
    ]
    ask.put(Job.TAKE_IN, ())
    assert broker.has(5)


def test_of_too_many_the_oldest_are_left_to_the_sweeps(monkeypatch) -> None:
    monkeypatch.setattr(nudges, "KEPT", 3)
    broker = Broker()
    ask = Nudges(spawn, broker.send)
    ask.put(Job.ANSWER_CUSTOMER, (0,))
    assert broker.asked.wait(10)
    for number in range(1, 6):
        ask.put(Job.ANSWER_CUSTOMER, (number,))
    broker.open.set()
    assert broker.has(4)
    time.sleep(3 * nudges.REST_S)
    assert [ids for _, ids in broker.taken] == [(0,), (3,), (4,), (5,)]
