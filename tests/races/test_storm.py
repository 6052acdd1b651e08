"""Everything at once, for as long as it takes to answer some hundred customers (F40)."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from functools import partial

import pytest

from models.actions import assignment
from models.db import rows
from models.errors import DeskError, NotFound
from tests.support.invariants import assert_all_hold
from tests.support.people import make_agent, make_customer, make_team, set_desk
from tests.support.racing import no_deadlocks, race

CUSTOMERS = 120
ASSIGNERS = 8

# Somebody with room in the team of somebody who waits.
IDLE_BESIDE_A_QUEUE = """
select a.id, a.agent_limit, c.id as waiting from agent a join team_member m on m.agent_id = a.id
join chat c on c.team_id = m.team_id and c.state = 'queued'
where a.chosen_status = 'online' and (select count(*) from chat o where o.owner_id = a.id) < a.agent_limit
"""


class Storm:
    """A desk on its worst day. Each method is one move, made again and again until every chat has ended."""

    def __init__(self) -> None:
        self.teams = {name: make_team(name) for name in ("Orders", "Returns", "Technical")}
        ids = tuple(self.teams.values())
        self.agents = [
            make_agent(f"Agent{number} Storm", teams=(ids[number % 3], ids[(number + 1) % 3]), limit=1 + number % 5)
            for number in range(10)
        ]
        self.customers = [make_customer() for _ in range(CUSTOMERS)]
        self.over = threading.Event()

    def arrive(self) -> None:
        for customer, topic in zip(self.customers, itertools.cycle(self.teams)):
            customer.waits(topic=topic)

    def assign(self, dice: random.Random) -> None:
        assignment.assign_waiting(dice.choice(list(self.teams.values())))

    def pick(self, dice: random.Random) -> None:
        dice.choice(self.agents).takes(_one_of(_ids("state = 'queued'")[:8], dice))

    def hand_on(self, dice: random.Random) -> None:
        giver, target = dice.sample(self.agents, 2)
        giver.hands(_one_of(giver.owned, dice), target)

    def give_back(self, dice: random.Random) -> None:
        agent = dice.choice(self.agents)
        if dice.random() < 0.2:
            agent.returns(_one_of(agent.owned, dice))

    def end(self, dice: random.Random) -> None:
        agent = dice.choice(self.agents)
        if len(_ids("state = 'ended'")) == CUSTOMERS:
            self.over.set()
        agent.ends(_one_of(agent.owned, dice), dice.choice(["resolved", "no_response", "follow_up"]))

    def again(self, move: Callable[[random.Random], None], seed: int) -> None:
        dice = random.Random(seed)
        while not self.over.is_set():
            try:
                move(dice)
            except DeskError:
                continue  # a lost race, or nothing to move: the rows show who won


def _ids(condition: str) -> list[int]:
    return [each["id"] for each in rows(f"select id from chat where {condition} order by id")]


def _one_of(chats: list[int], dice: random.Random) -> int:
    if not chats:
        raise NotFound()
    return dice.choice(chats)


@pytest.mark.timeout(180)
def test_f40_assigners_pickers_givers_and_enders_at_once() -> None:
    set_desk(auto_assign=True)
    storm = Storm()
    moves = [storm.assign] * ASSIGNERS + [storm.pick] * 3 + [storm.hand_on] * 2 + [storm.give_back] + [storm.end] * 3
    with no_deadlocks():
        race(storm.arrive, *(partial(storm.again, move, seed) for seed, move in enumerate(moves)))
    assert len(_ids("state = 'ended'")) == CUSTOMERS
    assert_all_hold()


def test_f40_nobody_is_free_beside_a_queue_once_the_storm_is_over() -> None:
    """Half the customers, nobody ends a chat: every place is filled, none twice, and who is left waits."""
    set_desk(auto_assign=True)
    teams = [make_team(name) for name in ("Orders", "Returns")]
    agents = [
        make_agent(f"Agent{number} Calm", teams=(teams[number % 2],), limit=1 + number % 5) for number in range(8)
    ]
    for number in range(60):
        make_customer().waits(topic=("Orders", "Returns")[number % 2])
    with no_deadlocks():
        race(*(partial(assignment.assign_waiting, teams[number % 2]) for number in range(ASSIGNERS)))
    assignment.sweep()
    assert rows(IDLE_BESIDE_A_QUEUE) == []
    assert [len(agent.owned) for agent in agents] == [1 + number % 5 for number in range(8)]
    assert_all_hold()
