"""Two beats may run, so every sweep may meet another: nothing happens twice, and nobody waits for ever."""

from __future__ import annotations

import pytest

from models.actions import assignment, presence, timekeeping
from models.db import rows
from tests.support.invariants import assert_all_hold
from tests.support.people import chat_of, chat_row, let_fall_due, make_agent, make_customer, set_desk
from tests.support.racing import no_deadlocks, race


@pytest.mark.parametrize("seed", range(3))
def test_every_sweep_at_once_over_a_desk_that_has_lost_its_people(seed: int) -> None:
    set_desk(auto_assign=True)
    gone = [make_agent(f"Agent{number} Gone") for number in range(6)]
    lost = [chat_of(agent) for agent in gone]
    late = [make_customer().waits() for _ in range(4)]
    for agent in gone:
        agent.screens_go_dark()
    for chat_id in late:
        let_fall_due(chat_id, "queue_max")
    with no_deadlocks():
        race(*[presence.sweep] * 4, *[timekeeping.fire_due] * 4, *[assignment.sweep] * 4)
    armed = rows("select chat_id from timer where kind = 'owner_gone' and state = 'armed' order by chat_id")
    assert [each["chat_id"] for each in armed] == lost
    assert {chat_row(chat_id)["end_cause"] for chat_id in late} == {"queue_expired"}
    for chat_id in lost:
        let_fall_due(chat_id, "owner_gone")
    with no_deadlocks():
        race(*[presence.sweep] * 3, *[timekeeping.fire_due] * 3, *(agent.opens_screen for agent in gone))
    presence.sweep()
    assignment.sweep()
    assert all(chat_row(chat_id)["state"] == "active" for chat_id in lost)
    assert_all_hold()
