"""Many hands on the same chats: a hundred agents press Start chat at once, and a storm of assigners, pickers and givers.

python -m bench.picking                 both, at full size
python -m bench.picking --rounds 20 --chats 400
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from typing import Any

from peewee import OperationalError

from bench import report, talking
from bench.desk import Desk, desk
from bench.protocol import Socket, now
from bench.report import quantile_ms
from models.actions import assignment, chats
from models.db import connect, connection, rows, run
from models.errors import DeskError
from models.queries.access import Viewer
from models.settings import settings

PICKERS = 100
ROUNDS = 200
STORM_CHATS, STORM_AGENTS = 2_000, 40
ASSIGNERS, HANDS, GIVERS, ENDERS = 8, 20, 4, 8
CROWDS = 4  # processes that the people of the storm share
LOOK_EVERY_S = 0.1
BREATH_S = 0.005  # whoever found nothing to do, or was refused, tries again so soon

Counted = tuple[Counter[str], Counter[str]]  # what was done, and what was refused

# A chat that waits for everybody: no team, with a customer of its own.
_WAITING = """
with s as (insert into session (customer_id, subject) values (%(customer)s, 'Bench') returning id)
insert into chat (session_id, customer_id, channel_id, team_id, state, queued_at)
select id, %(customer)s, 1, %(team)s, 'queued', clock_timestamp() from s returning id
"""

# Agents with room in a team of somebody who waits, while the desk gives out chats.
_IDLE_BESIDE_A_QUEUE = """
select distinct a.id, a.last_given_at from agent a join team_member m on m.agent_id = a.id
where a.disabled_at is null and a.chosen_status = 'online'
  and exists (select from chat c where c.team_id = m.team_id and c.state = 'queued')
  and (select count(*) from chat o where o.owner_id = a.id) < a.agent_limit
"""

_ENDED = "select count(*)::int as n from chat where state = 'ended'"

_DOUBLE_OWNERS = """
select count(*)::int as n from assignment a join assignment b on b.chat_id = a.chat_id and b.id > a.id
where tstzrange(a.from_at, a.to_at) && tstzrange(b.from_at, b.to_at)
"""

_OVER_LIMIT = """
select count(*)::int as n from (
    select given.id from assignment given
    join assignment held on held.agent_id = given.agent_id
         and tstzrange(held.from_at, held.to_at) @> given.from_at
    join agent a on a.id = given.agent_id where not given.over_limit
    group by given.id, a.agent_limit having count(*) > a.agent_limit) broken
"""


@dataclass
class Ears:
    """When each agent heard that a chat has an owner now."""

    heard: dict[int, list[float]] = field(default_factory=dict)

    def __call__(self, event: str, payload: Any, at: float) -> None:
        if event == "chat:changed" and payload["owner"] is not None:
            self.heard.setdefault(payload["id"], []).append(at)


async def everybody_picks(found: Desk, rounds: int) -> str:
    """F39: one chat, a hundred presses at the same moment; who won, what the others were told, and when all knew."""
    ears = Ears()
    people = await talking.few_at_a_time(
        partial(talking.agent, found, number, ears) for number in range(1, PICKERS + 1)
    )
    outcomes: Counter[str] = Counter()
    acks: list[float] = []
    known: list[float] = []
    wrong = 0
    for number in range(1, rounds + 1):
        chat_id = _one(_WAITING, customer=PICKERS + number, team=None)
        began = now()
        answers = await asyncio.gather(*(_press(person, chat_id, outcomes) for person in people))
        winners = [place for place, (ack, _) in enumerate(answers, 1) if ack and ack["ok"]]
        outcomes.update("started" if ack and ack["ok"] else _code(ack) for ack, _ in answers)
        acks += [at - began for _, at in answers]
        names = {ack["error"].get("by", {}).get("name") for ack, _ in answers if ack and not ack["ok"]}
        owner = rows("select owner_id from chat where id = %s", (chat_id,))[0]["owner_id"]
        wrong += winners != [owner] or names != {f"Agent {owner}"}
        await _until_all_know(ears, chat_id)
        known += [at - began for at in ears.heard.get(chat_id, [])]
        run("update assignment set to_at = clock_timestamp() where chat_id = %s", (chat_id,))
        run(
            "update chat set state = 'ended', owner_id = null, ended_at = now(), end_cause = 'admin' where id = %s",
            (chat_id,),
        )
    for person in people:
        person.close()
    others = PICKERS * rounds - outcomes["started"] - outcomes["already_taken"]
    counted = [outcomes["started"], outcomes["already_taken"], others, outcomes["asked again"], wrong]
    heads = ["F39", "presses", "started", "told who", "anything else", "asked again", "rounds wrong"]
    return report.table(
        [*heads, "ack p50/p99 ms", "all know p50/p99 ms"],
        [[f"{PICKERS} agents x {rounds}", str(PICKERS * rounds), *map(str, counted), _ms(acks), _ms(known)]],
    )


async def _press(person: Socket, chat_id: int, outcomes: Counter[str]) -> tuple[Any, float]:
    """Start chat as the console does it: a front that is full says when to come again, and is asked again."""
    while True:
        ack, at = await person.ask("chat:start", {"chat_id": chat_id})
        if ack is None or ack["ok"] or ack["error"]["code"] != "busy":
            return ack, at
        outcomes["asked again"] += 1
        await asyncio.sleep(ack["error"]["retry_after_ms"] / 1000)


async def _until_all_know(ears: Ears, chat_id: int) -> None:
    for _ in range(1_000):
        if len(ears.heard.get(chat_id, ())) >= PICKERS:
            break
        await asyncio.sleep(0.005)


def _code(ack: Any) -> str:
    return str(ack["error"]["code"]) if ack else "no_answer"


class Hand:
    """One of those who move chats in the storm, on a connection of its own."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.agents = [
            Viewer(each["id"], each["name"], 1, "agent", tuple(each["teams"]), 0)
            for each in rows(
                "select a.id, a.name, array_agg(m.team_id) as teams from agent a join team_member m on m.agent_id = a.id"
                " group by a.id order by a.id"
            )
        ]

    def assign(self) -> None:
        given = assignment.assign_waiting(self.dice.randint(1, 3))
        if not given:
            raise LookupError
        self.done["given"] += given

    def pick(self) -> None:
        assignment.take(self.dice.choice(self.agents), _some("state = 'queued'", self.dice))
        self.done["picked"] += 1

    def hand_on(self) -> None:
        giver, target = self.dice.sample(self.agents, 2)
        chats.reassign(giver, _some(f"owner_id = {giver.id}", self.dice), target.id)
        self.done["handed on"] += 1

    def end(self) -> None:
        agent = self.dice.choice(self.agents)
        chats.end(agent, _some(f"owner_id = {agent.id}", self.dice), "resolved")
        self.done["ended"] += 1

    def work(self, move: str, over: Event) -> None:
        while not over.is_set():
            try:
                getattr(self, move)()
            except LookupError:
                time.sleep(BREATH_S)  # nothing to do for this hand just now
            except DeskError as refusal:
                self.refusals[refusal.code] += 1
                time.sleep(BREATH_S)
            except OperationalError as fault:  # a lock that took too long: a front answers `busy`
                self.refusals[str(fault).strip()] += 1


def _hands(moves: list[str], seed: int, gate: Barrier, over: Event, told: Queue[Counted]) -> None:
    """One process of the storm: some hands, each on a thread. What they did goes into `told`."""
    settings.cache_clear()
    connect(settings(), application="parley-bench")
    done: Counter[str] = Counter()
    refusals: Counter[str] = Counter()

    def one(move: str, seed: int) -> None:
        with connection():
            hand = Hand(seed)
            gate.wait()
            hand.work(move, over)
        done.update(hand.done)
        refusals.update(hand.refusals)

    threads = [threading.Thread(target=one, args=(move, seed + place)) for place, move in enumerate(moves)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put((done, refusals))


class Storm:
    """F40: the actions themselves. Assigners are processes, as workers are; people share some, as they share fronts."""

    def __init__(self, size: int) -> None:
        self.size = size
        run("update desk set auto_assign = true")
        run("delete from team_member")
        run(
            "update agent set agent_limit = 1 + id %% 5, disabled_at = case when id > %s then now() end",
            (STORM_AGENTS,),
        )
        run("insert into team_member select 1 + id %% 3, id from agent where id <= %s", (STORM_AGENTS,))
        run("insert into team_member select 1 + (id + 1) %% 3, id from agent where id <= %s", (STORM_AGENTS,))
        run(
            "insert into socket_lease (sid, front, agent_id, seen_at) select 'storm-' || id, 'bench', id, '2100-01-01'"
            " from agent where id <= %s on conflict do nothing",
            (STORM_AGENTS,),
        )

    def rage(self) -> str:
        people = ["pick"] * HANDS + ["hand_on"] * GIVERS + ["end"] * ENDERS
        groups = [["assign"]] * ASSIGNERS + [people[place::CROWDS] for place in range(CROWDS)]
        making = multiprocessing.get_context("spawn")  # a forked process would share our connections
        gate, over = making.Barrier(1 + sum(map(len, groups))), making.Event()
        told: Queue[Counted] = making.Queue()
        processes = [
            making.Process(target=_hands, args=(moves, 100 * place, gate, over, told))
            for place, moves in enumerate(groups)
        ]
        for process in processes:
            process.start()
        gate.wait()
        began = now()
        arriving = threading.Thread(target=_connected, args=(self._arrive,))
        arriving.start()
        longest = self._watch()
        over.set()
        seconds = now() - began
        counted = [told.get() for _ in processes]
        arriving.join()
        for process in processes:
            process.join()
        done = sum((each for each, _ in counted), Counter())
        refusals = sum((each for _, each in counted), Counter())
        heads = ["F40", "given", "picked", "handed on", "ended", "refused"]
        heads += ["owners twice", "over a limit", "free beside a queue", "s"]
        refused = ", ".join(f"{count} {code}" for code, count in refusals.most_common())
        return report.table(
            heads,
            [[
                f"{self.size} chats, {STORM_AGENTS} agents, limits 1-5",
                *(str(done[name]) for name in ("given", "picked", "handed on", "ended")),
                refused or "0", str(_count(_DOUBLE_OWNERS)), str(_count(_OVER_LIMIT)), f"{longest:.1f} s at most", f"{seconds:.0f}",
            ]],
        )  # fmt: skip

    def _arrive(self) -> None:
        for number in range(self.size):
            _one(_WAITING, customer=PICKERS + ROUNDS + 1 + number, team=1 + number % 3)
            time.sleep(0.001)

    def _watch(self) -> float:
        """Until all have ended: the longest that one agent with room stood beside somebody who waits, in seconds.

        Who was given a chat between two looks and has room again has not stood there all the time.
        """
        longest = 0.0
        since: dict[tuple[int, datetime | None], float] = {}
        before = _count(_ENDED)
        while _count(_ENDED) - before < self.size:
            at = now()
            idle = [(each["id"], each["last_given_at"]) for each in rows(_IDLE_BESIDE_A_QUEUE)]
            since = {each: since.get(each, at) for each in idle}
            longest = max([longest, *(at - began for began in since.values())])
            time.sleep(LOOK_EVERY_S)
        return longest


def _some(condition: str, dice: random.Random) -> int:
    found = rows(f"select id from chat where {condition} order by id limit 8")
    if not found:
        raise LookupError
    chat_id: int = dice.choice(found)["id"]
    return chat_id


def _count(sql: str) -> int:
    return int(rows(sql)[0]["n"])


def _one(sql: str, **params: Any) -> int:
    found: int = rows(sql, params)[0]["id"]
    return found


def _connected(work: Callable[[], None]) -> None:
    with connection():
        work()


def _ms(values: list[float]) -> str:
    return " / ".join(f"{quantile_ms(values, q):.0f}" for q in (0.5, 0.99))


@contextmanager
def actions_on(found: Desk) -> Iterator[None]:
    """The desk's own actions in this process, on its database; what they tell goes nowhere."""
    found.lend_environment(connections=HANDS)
    settings.cache_clear()
    connect(settings(), application="parley-bench")
    with connection():
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--chats", type=int, default=STORM_CHATS)
    asked = parser.parse_args()
    customers = PICKERS + ROUNDS + asked.chats + 1
    with desk(chats=PICKERS, customers=customers, parts=("web",)) as found, actions_on(found):
        run("update chat set state = 'ended', owner_id = null, ended_at = now(), end_cause = 'admin'")
        run("update assignment set to_at = now() where to_at is null")
        print("\n" + asyncio.run(everybody_picks(found, asked.rounds)))
        print("\n" + Storm(asked.chats).rage())


if __name__ == "__main__":
    main()
