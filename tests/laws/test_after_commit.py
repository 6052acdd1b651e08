"""Law 3: the world is told after the commit, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from models import jobs, live
from models.db import after_commit, collected_hooks, connection, run_hooks, transaction
from models.jobs import Job
from models.live import CONSOLE, Event


class Undone(Exception):
    """What a test raises to take its own transaction back."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[list[str]]:
    """What the world heard, in order."""
    heard: list[str] = []

    def nudged(job: Job, *ids: int) -> None:
        heard.append(job.value)

    def emitted(namespace: str, event: str, rooms: list[str], payload: object) -> None:
        heard.append(event)

    monkeypatch.setattr(jobs, "nudge", nudged)
    monkeypatch.setattr(live, "_emit", emitted)
    with connection():
        yield heard


def push() -> None:
    live.push(CONSOLE, Event.ALERT, ["desk"], {})


def push_and_undo() -> None:
    with transaction():
        push()
        raise Undone


@pytest.mark.parametrize("say", [push, lambda: jobs.enqueue(Job.SWEEP_QUEUE), lambda: after_commit(print)])
def test_nothing_is_told_outside_a_transaction(say) -> None:
    with pytest.raises(RuntimeError, match="told before saved"):
        say()


def test_it_is_told_once_the_outermost_transaction_has_held(told: list[str]) -> None:
    with transaction():
        push()
        with transaction():
            jobs.enqueue(Job.SWEEP_QUEUE)
        assert told == [], "an inner transaction is only a savepoint: the outer one may still be undone"
    assert told == [Event.ALERT, Job.SWEEP_QUEUE]


def test_what_was_undone_is_never_told(told: list[str]) -> None:
    with pytest.raises(Undone):
        push_and_undo()
    assert told == []


def test_an_undone_savepoint_takes_its_words_back_and_no_others(told: list[str]) -> None:
    with transaction():
        jobs.enqueue(Job.SWEEP_TIMERS)
        with pytest.raises(Undone):
            push_and_undo()
        jobs.enqueue(Job.SWEEP_QUEUE)
    assert told == [Job.SWEEP_TIMERS, Job.SWEEP_QUEUE]


def test_one_failing_hook_does_not_silence_the_others(told: list[str]) -> None:
    def fails() -> None:
        raise OSError("the bus is away")

    with structlog.testing.capture_logs() as logs, transaction():
        after_commit(fails)
        push()
    assert told == [Event.ALERT], "the row is stored; a lost word is repaired by a sweep, a lost hook list by nobody"
    assert [entry["event"] for entry in logs] == ["after_commit_failed"]


def test_a_hook_that_speaks_again_does_so_in_its_own_transaction(told: list[str]) -> None:
    def again() -> None:
        with transaction():
            push()

    with transaction():
        after_commit(again)
    assert told == [Event.ALERT]


def test_a_batch_tells_when_it_says_so(told: list[str]) -> None:
    with collected_hooks() as hooks:
        push()
    assert told == []
    run_hooks(hooks)
    assert told == [Event.ALERT]
