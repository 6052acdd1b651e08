"""Two want the same chat. The first lock wins; the others hear who it was (R-1, R-2, R-3, R-16, R-17)."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from models.actions import assignment, desk
from models.db import db, rows, run
from models.queries import terms
from models.rules import assignment as rules
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    chat_of,
    chat_row,
    events,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.racing import codes, meanwhile, no_deadlocks, race, refusals
from tests.support.told import Told


@pytest.mark.parametrize("seed", range(5))
def test_r1_twenty_agents_pick_one_chat_and_one_gets_it(seed: int) -> None:
    agents = [make_agent(f"Agent{number} Number") for number in range(20)]
    chat_id = waiting_chat()
    with no_deadlocks():
        outcomes = race(*(partial(agent.takes, chat_id) for agent in agents))
    owner = chat_row(chat_id)["owner_id"]
    (winner,) = [agent for agent, code in zip(agents, codes(outcomes), strict=True) if code is None]
    assert winner.id == owner
    lost = refusals(outcomes)
    assert {refusal.code for refusal in lost} == {"already_taken"}
    assert all(refusal.detail["by"]["name"] == winner.name for refusal in lost)
    assert all(winner.name in refusal.sentence for refusal in lost)
    assert_all_hold()


def test_r1_the_second_click_of_the_winner_is_no_refusal() -> None:
    ana, chat_id = make_agent(), waiting_chat()
    assert codes(race(*[partial(ana.takes, chat_id)] * 5)) == [None] * 5
    assert events(chat_id).count("assigned") == 1


@pytest.mark.parametrize("seed", range(5))
def test_r2_the_desk_gives_out_chats_while_agents_pick_them(seed: int) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chats = [waiting_chat() for _ in range(4)]
    with no_deadlocks():
        outcomes = race(
            *(partial(ana.takes, chat_id) for chat_id in chats),
            *(partial(ben.takes, chat_id) for chat_id in chats),
            partial(assignment.assign_waiting, None),
            partial(assignment.assign_waiting, None),
        )
    assert set(codes(outcomes)) <= {None, "already_taken", "at_capacity"}
    assignment.sweep()
    assert sorted(ana.owned + ben.owned) == chats
    assert_all_hold()


def test_r2_the_assigner_never_waits_for_a_persons_lock() -> None:
    """Somebody holds the first chat's lock: the assigner passes it by and gives out the next."""
    set_desk(auto_assign=True)
    ana, first, second = make_agent(), waiting_chat(), waiting_chat()
    with db.atomic():
        run("select 1 from chat where id = %s for update", (first,))
        assert meanwhile(partial(assignment.assign_waiting, None)) == 1
    assert ana.owned == [second]


@pytest.mark.parametrize("seed", range(5))
def test_r3_two_assigners_fill_one_free_place_once(seed: int) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", limit=1), make_agent("Ben Hale", limit=2)
    chats = [waiting_chat() for _ in range(6)]
    race(*[partial(assignment.assign_waiting, None)] * 8)
    assignment.sweep()
    assert (len(ana.owned), len(ben.owned)) == (1, 2)
    assert sum(chat_row(chat_id)["state"] == "queued" for chat_id in chats) == 3
    assert_all_hold()


@pytest.mark.parametrize("seed", range(3))
def test_round_robin_goes_round_however_many_give_out(seed: int) -> None:
    """No two assigners go on from the same place, in the queue of a team and in everybody's."""
    set_desk(auto_assign=True, assign_policy="round_robin")
    orders = make_team("Orders")
    agents = [make_agent(f"Agent{number} Turn", teams=(orders,), limit=20) for number in range(6)]
    for topic in ("Orders", ""):
        for _ in range(12):
            waiting_chat(topic)
    with no_deadlocks():
        race(*[partial(assignment.assign_waiting, orders)] * 4, *[partial(assignment.assign_waiting, None)] * 4)
    assignment.sweep()
    for team_id in (orders, None):
        given = Counter(chat_row(chat_id)["owner_id"] for chat_id in chats_of(team_id))
        assert given.total() == 12
        # an agent who is at that moment given a chat of the other queue is passed by, and not waited for
        passed_by = Counter(each["agent"] for each in rows(PASSED_BY, {"team": team_id}))
        turns = [given[agent.id] + passed_by[agent.id] for agent in agents]
        assert max(turns) - min(turns) <= 1
    assert_all_hold()


PASSED_BY = """
select (verdict ->> 0)::int as agent from assignment i join chat c on c.id = i.chat_id
cross join jsonb_array_elements(i.candidates) verdict
where c.team_id is not distinct from %(team)s and verdict ->> 4 = 'just_taken'
"""


def chats_of(team_id: int | None) -> list[int]:
    return [each["id"] for each in rows("select id from chat where team_id is not distinct from %s", (team_id,))]


@pytest.mark.parametrize("seed", range(3))
def test_round_robin_of_one_queue_never_misses_a_turn(seed: int) -> None:
    set_desk(auto_assign=True, assign_policy="round_robin")
    agents = [make_agent(f"Agent{number} Turn", limit=20) for number in range(6)]
    for _ in range(18):
        waiting_chat()
    with no_deadlocks():
        race(*[partial(assignment.assign_waiting, None)] * 8)
    assignment.sweep()
    assert [len(agent.owned) for agent in agents] == [3] * 6
    assert_all_hold()


def test_whoever_is_asked_is_counted_anew_and_the_line_drawn_up_again() -> None:
    """An assigner goes by what it has read; what others have given meanwhile comes to light before it gives."""
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chats = [waiting_chat() for _ in range(4)]
    believes = assignment.Candidates(None)
    assert [seat.load for seat in believes.seats(terms.in_force(None).now)] == [0, 0]
    for chat_id in chats[:2]:
        ana.takes(chat_id)
    assert assignment._step(None, believes)
    assert (ana.owned, ben.owned) == (chats[:2], [chats[2]])


@pytest.mark.parametrize("seed", range(3))
def test_least_loaded_leaves_nobody_out_however_many_give_out(seed: int) -> None:
    """Who is being given a chat at this moment is passed by, so shares may differ, but nobody gets two agents' work."""
    set_desk(auto_assign=True)
    agents = [make_agent(f"Agent{number} Fair", limit=20) for number in range(6)]
    for _ in range(24):
        waiting_chat()
    with no_deadlocks():
        race(*[partial(assignment.assign_waiting, None)] * 6)
    assignment.sweep()
    loads = [len(agent.owned) for agent in agents]
    assert sum(loads) == 24
    assert min(loads) >= 1
    assert max(loads) <= 2 * 24 // 6
    assert_all_hold()


@pytest.mark.parametrize("seed", range(3))
def test_r3_an_agent_who_picks_everything_at_once_stops_at_the_limit(seed: int) -> None:
    """Different chats, so only the agent's own row stands between them and the limit."""
    ana = make_agent(limit=2)
    chats = [waiting_chat() for _ in range(8)]
    outcomes = race(*(partial(ana.takes, chat_id) for chat_id in chats))
    assert sorted(codes(outcomes), key=str) == [None] * 2 + ["at_capacity"] * 6
    assert len(ana.owned) == 2
    assert_all_hold()


@pytest.mark.parametrize("seed", range(3))
def test_r3_chats_handed_to_one_agent_by_many_stop_at_the_limit(seed: int) -> None:
    target = make_agent("Tom Target", limit=2)
    givers = [make_agent(f"Giver{number} G") for number in range(6)]
    chats = [chat_of(giver) for giver in givers]
    outcomes = race(
        *(partial(giver.hands, chat_id, target) for giver, chat_id in zip(givers, chats, strict=True)),
    )
    assert codes(outcomes).count(None) == 2
    assert set(codes(outcomes)) == {None, "target_at_capacity"}
    assert_all_hold()


@pytest.mark.parametrize("seed", range(5))
def test_two_agents_who_hand_each_other_a_chat_do_not_block_each_other(seed: int) -> None:
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    of_ana, of_ben = [chat_of(ana) for _ in range(2)], [chat_of(ben) for _ in range(2)]
    with no_deadlocks():
        outcomes = race(
            *(partial(ana.hands, chat_id, ben) for chat_id in of_ana),
            *(partial(ben.hands, chat_id, ana) for chat_id in of_ben),
        )
    assert codes(outcomes) == [None] * 4
    assert (ana.owned, ben.owned) == (of_ben, of_ana)
    assert_all_hold()


def test_r16_auto_assign_turned_off_half_way_stops_there(told: Told) -> None:
    """The setting is read with each chat that is given, not once for the whole run."""
    set_desk(auto_assign=True)
    make_agent(limit=5)
    boss = make_agent("Sam Boss", role="supervisor", status="away")
    chats = [waiting_chat() for _ in range(5)]
    told.clear()

    def turn_off_after_two(*telling: object) -> None:
        told.hear(*telling)  # type: ignore[arg-type]
        if sum(each.event == "alert" for each in told.tellings) == 2 and not any(
            each.event == "desk:changed" for each in told.tellings
        ):
            meanwhile(partial(desk.change_settings, boss.viewer, auto_assign=False))

    from models import live

    live.speak_through(turn_off_after_two)
    assert assignment.assign_waiting(None) == 2
    assert [chat_row(chat_id)["state"] for chat_id in chats] == ["active"] * 2 + ["queued"] * 3


def test_r17_an_agent_who_goes_away_after_being_chosen_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chat_id = waiting_chat()
    chosen = rules.order

    def then_ana_goes_away(seats: list[rules.Seat]) -> list[rules.Seat]:
        line = chosen(seats)
        assert line[0].agent_id == ana.id
        meanwhile(partial(ana.chooses, "away"))
        return line

    monkeypatch.setattr(rules, "order", then_ana_goes_away)
    assert assignment.assign_waiting(None) == 1
    assert chat_row(chat_id)["owner_id"] == ben.id


def test_r17_an_agent_whose_status_is_just_changing_is_not_waited_for() -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chat_id = waiting_chat()
    with db.atomic():
        run("update agent set chosen_status = 'away' where id = %s", (ana.id,))
        assert meanwhile(partial(assignment.assign_waiting, None)) == 1
    assert chat_row(chat_id)["owner_id"] == ben.id


@pytest.mark.parametrize("seed", range(3))
def test_r17_nobody_is_given_a_chat_after_their_break_began(seed: int) -> None:
    set_desk(auto_assign=True)
    agents = [make_agent(f"Agent{number} N", limit=2) for number in range(4)]
    chats = [make_customer().waits() for _ in range(6)]
    race(*(partial(agent.chooses, "away") for agent in agents[:3]), *[partial(assignment.assign_waiting, None)] * 4)
    held = {agent.id: len(agent.owned) for agent in agents[:3]}
    assignment.sweep()
    assert {agent.id: len(agent.owned) for agent in agents[:3]} == held
    assert len(agents[3].owned) == 2
    assert sum(chat_row(chat_id)["state"] == "queued" for chat_id in chats) == 6 - 2 - sum(held.values())
    assert_all_hold()
