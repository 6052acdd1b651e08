"""Two ends of many chats, and two ways to make them talk: at a given rate, or as fast as answers come."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from bench.costs import Watch
from bench.desk import Desk
from bench.protocol import ANSWER_S, Refused, Socket, ask, now
from bench.report import Run

BODY = 120  # characters, as people write
KEY = 16  # of which the first ones name the message
OPENING_AT_ONCE = 20
OPENING_MOST, OPENING_AGAIN_S = 10, 0.5  # tries of one socket, and the pause between two
LAST_DELIVERIES_S = 1.0

CONSOLE, VISITOR = "/console", "/visitor"

T = TypeVar("T")


@dataclass
class Pair:
    """A chat, with both of its ends open. `turn` decides whose word is next."""

    ends: tuple[Socket, Socket]
    payload: tuple[dict[str, Any], dict[str, Any]]  # what a send of each end carries besides its words
    turns: itertools.count[int] = field(default_factory=itertools.count)


class Ears:
    """Whoever hears a message notes how long it took to arrive."""

    def __init__(self) -> None:
        self.expected: dict[str, tuple[float, int, Run]] = {}  # by key: since when, at which end, for whom

    def of(self, end: int) -> Callable[[str, Any, float], None]:
        def heard(event: str, payload: Any, at: float) -> None:
            if event != "message:new":
                return
            key = payload["body"][:KEY]
            expected = self.expected.get(key)
            if expected is not None and expected[1] == end:
                del self.expected[key]
                expected[2].deliveries.append(at - expected[0])

        return heard


class Talk:
    """The conversations of one run of the generator."""

    def __init__(self, pairs: Sequence[Pair], ears: Ears) -> None:
        self.pairs = pairs
        self.ears = ears
        self._keys = (f"{secrets.token_hex(4)}{number:08d}" for number in itertools.count())

    async def at_rate(self, run: Run, rate: float, seconds: float) -> None:
        """Open loop: a message is due every 1/rate seconds, whatever became of the ones before."""
        answers: list[asyncio.Future[None]] = []
        began = now()
        for number in range(round(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - now()))  # behind schedule, too, answers must be read
            run.lags.append(now() - due)
            answers.append(self._say(run, self.pairs[number % len(self.pairs)], due))
        run.seconds += now() - began
        await asyncio.gather(*answers)
        await asyncio.sleep(LAST_DELIVERIES_S)

    async def in_flight(self, run: Run, most: int, seconds: float) -> None:
        """Closed loop: `most` messages are on their way at any time, one in a chat at most."""
        began = now()
        free = deque(self.pairs)

        async def keep_talking() -> None:
            while now() - began < seconds:
                pair = free.popleft()
                await self._say(run, pair, now())
                free.append(pair)

        watching = asyncio.create_task(_watch_lag(run))
        await asyncio.gather(*(keep_talking() for _ in range(min(most, len(self.pairs)))))
        run.seconds += now() - began
        watching.cancel()
        await asyncio.sleep(min(LAST_DELIVERIES_S, seconds))

    def _say(self, run: Run, pair: Pair, due: float) -> asyncio.Future[None]:
        end = next(pair.turns) % 2
        key = next(self._keys)
        self.ears.expected[key] = due, 1 - end, run
        run.offered += 1
        body = key.ljust(BODY, ".")
        answer = pair.ends[end].ask("message:send", {"client_id": key, "body": body, **pair.payload[end]})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(partial(self._answered, run, key, due, done))
        return done

    def _answered(
        self, run: Run, key: str, due: float, done: asyncio.Future[None], answer: asyncio.Future[tuple[Any, float]]
    ) -> None:
        ack, at = answer.result()
        if ack is not None and ack["ok"]:
            run.acks.append(at - due)
        else:
            run.errors[ack["error"]["code"] if ack else "no_answer"] += 1
            run.refusals.append(at - due)
            self.ears.expected.pop(key, None)
        done.set_result(None)

    def close(self) -> None:
        for pair in self.pairs:
            for end in pair.ends:
                end.close()


async def _watch_lag(run: Run) -> None:
    """In a closed loop nothing is due; how late the generator's own loop wakes up says whether it keeps pace."""
    while True:
        due = now() + 0.01
        await asyncio.sleep(0.01)
        run.lags.append(now() - due)


async def measured(run: Run, watch: Watch, work: Awaitable[None]) -> Run:
    await work
    run.cost = watch.cost()
    return run


# --- opening sockets the way the pages do ---------------------------------------------------------------------


async def visitor(desk: Desk, number: int, ears: Callable[[str, Any, float], None]) -> Socket:
    bearer = {"Authorization": f"Bearer {desk.visitor_token(number)}"}
    found = await ask(desk.port, "POST", "/api/visitor/ticket", headers=bearer)
    return await Socket.open(desk.port, VISITOR, {"ticket": found["ticket"]}, ears)


async def agent(desk: Desk, number: int, ears: Callable[[str, Any, float], None]) -> Socket:
    cookie = {"Cookie": f"parley={desk.agent_token(number)}"}
    me = await ask(desk.port, "GET", "/api/session", headers=cookie)
    csrf = {"X-CSRF-Token": me["csrf_token"]}
    for tries_left in reversed(range(OPENING_MOST)):
        found = await ask(desk.port, "POST", "/api/ticket", headers={**cookie, **csrf})
        try:
            return await Socket.open(desk.port, CONSOLE, {"ticket": found["ticket"]}, ears)
        except Refused:
            if not tries_left:
                raise
            await asyncio.sleep(OPENING_AGAIN_S)  # a front that is full turns sockets away, and a page comes again
    raise AssertionError("unreachable")


async def talk_at(desk: Desk, chats: int) -> Talk:
    """Both ends of the first `chats` chats of the desk."""
    ears = Ears()

    async def pair(number: int) -> Pair:
        customer = await visitor(desk, number, ears.of(0))
        owner = await agent(desk, number, ears.of(1))
        return Pair((customer, owner), ({}, {"chat_id": number}))

    return Talk(await few_at_a_time(partial(pair, number) for number in range(1, chats + 1)), ears)


async def talk_at_anchor(port: int, chats: int) -> Talk:
    """The same on a bare server, where both ends are in one room."""
    ears = Ears()

    async def pair(number: int) -> Pair:
        one = await Socket.open(port, "/", {"room": number}, ears.of(0))
        other = await Socket.open(port, "/", {"room": number}, ears.of(1))
        return Pair((one, other), ({"chat_id": number}, {"chat_id": number}))

    return Talk(await few_at_a_time(partial(pair, number) for number in range(1, chats + 1)), ears)


async def few_at_a_time(works: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run all of them, a few at once; the outcomes in order."""
    room = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(work: Callable[[], Awaitable[T]]) -> T:
        async with room:
            return await asyncio.wait_for(work(), 2 * ANSWER_S)

    return list(await asyncio.gather(*(one(work) for work in works)))
