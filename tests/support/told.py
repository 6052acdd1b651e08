"""What the desk told its screens and nudged its workers to do, kept for a test to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from models import jobs, live
from models.actions import assignment, bot, grouping, presence, timekeeping
from models.jobs import Job
from models.rules.answering import Answer, Miss, Said, Verdict

Mind = Callable[[Said], Verdict]


@dataclass(frozen=True)
class Telling:
    """One push: what was said, and to whom."""

    namespace: str
    event: str
    rooms: list[str]
    payload: Any


@dataclass
class Told:
    """Listens in the place of the push bus and of the broker; `run_jobs` is all the workers in one."""

    tellings: list[Telling] = field(default_factory=list)
    nudges: list[tuple[Job, tuple[int, ...]]] = field(default_factory=list)

    def hear(self, namespace: str, event: str, rooms: list[str], payload: Any) -> None:
        self.tellings.append(Telling(namespace, event, rooms, payload))

    def nudge(self, job: Job, *ids: int) -> None:
        self.nudges.append((job, ids))

    def clear(self) -> None:
        self.tellings.clear()
        self.nudges.clear()

    def payloads(self, event: str, room: str) -> list[Any]:
        return [each.payload for each in self.tellings if each.event == event and room in each.rooms]

    def heard_in(self, *rooms: str) -> list[Telling]:
        """What a socket that is in these rooms heard, each telling once."""
        return [each for each in self.tellings if set(rooms) & set(each.rooms)]

    def alerts(self, agent_id: int) -> list[str]:
        return [each["kind"] for each in self.payloads("alert", live.Room.agent(agent_id))]

    def run_jobs(self, mind: Mind | None = None) -> None:
        """Do what workers would, one nudge after the other, until nobody asks for anything."""
        while self.nudges:
            job, ids = self.nudges.pop(0)
            match job:
                case Job.ANSWER_CUSTOMER:
                    _bot_takes(ids[0], mind)
                case Job.ASSIGN_WAITING:
                    assignment.assign_waiting(ids[0] or None)
                case Job.SWEEP_QUEUE:
                    assignment.sweep()
                case Job.SWEEP_TIMERS:
                    timekeeping.fire_due()
                case Job.GROUP_FAILURES:
                    while grouping.place_next():
                        pass
                case Job.SWEEP_PRESENCE:
                    presence.sweep()
                case _:
                    raise AssertionError(f"no worker here for {job}")


def _bot_takes(message_id: int, mind: Mind | None) -> None:
    turn = bot.claim(message_id)
    if turn is None or mind is None:
        return
    verdict = mind(Said(turn.text, turn.earlier))
    match verdict:
        case Answer():
            bot.replies(turn, verdict)
        case Miss():
            bot.fails(turn, verdict)
        case _:
            bot.resolves(turn, verdict.body)


@contextmanager
def listening() -> Iterator[Told]:
    """Everything told and nudged inside is kept; nothing leaves this process."""
    told = Told()
    speaks, nudges = live._emit, jobs.nudge
    live.speak_through(told.hear)
    jobs.nudge = told.nudge
    try:
        yield told
    finally:
        live.speak_through(speaks)
        jobs.nudge = nudges
