"""The desk gives chats out: to whom, in which order, and when not (T7, and the agent who comes first on a return)."""

from __future__ import annotations

from models.actions import assignment
from models.jobs import Job
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    chat_of,
    chat_row,
    entries,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.told import Told


def test_t7_gives_the_longest_waiting_to_the_agent_with_most_room(told: Told) -> None:
    set_desk(auto_assign=True)
    busy, free = make_agent("Bea Busy", limit=2), make_agent("Finn Free", limit=5)
    chat_of(busy)
    first, second = waiting_chat(), waiting_chat()
    told.clear()
    assert assignment.assign_waiting(None) == 2
    assert {chat_row(chat_id)["owner_id"] for chat_id in (first, second)} == {free.id}
    assert told.alerts(free.id) == ["assigned", "assigned"]
    assert entries(first)[-1]["data"]["how"] == "auto"
    assert chat_row(first)["entered_state_at"] < chat_row(second)["entered_state_at"]
    assert_all_hold()


def test_t7_between_equals_it_is_who_was_given_one_longest_ago() -> None:
    set_desk(auto_assign=True)
    agents = [make_agent(f"Agent{number} Equal") for number in range(3)]
    for _ in range(6):
        waiting_chat()
    assignment.assign_waiting(None)
    assert [len(agent.owned) for agent in agents] == [2, 2, 2]


def test_t7_priority_comes_before_waiting() -> None:
    set_desk(auto_assign=True)
    ana = make_agent(limit=1)
    early, late = waiting_chat(), waiting_chat()
    ana.takes(late)
    ana.returns(late)
    assignment.assign_waiting(None)
    assert ana.owned == [late]
    assert chat_row(early)["state"] == "queued"


def test_t7_only_to_who_is_there_has_room_and_serves_the_team() -> None:
    set_desk(auto_assign=True)
    orders, returns = make_team("Orders"), make_team("Returns")
    make_agent("Otto Other", teams=(returns,))
    make_agent("Ada Reads", role="analyst", teams=(orders,))
    make_agent("Abe Away", teams=(orders,), status="away")
    make_agent("Dan Dark", teams=(orders,)).screens_go_dark()
    make_agent("Fay Full", teams=(orders,), limit=1).takes(waiting_chat("Orders"))
    chat_id = waiting_chat("Orders")
    assert assignment.assign_waiting(orders) == 0
    ana = make_agent("Ana Ruiz", teams=(orders,))
    assert assignment.assign_waiting(orders) == 1
    assert ana.owned == [chat_id]


def test_a_chat_of_no_team_is_everybodys() -> None:
    set_desk(auto_assign=True)
    ana = make_agent(teams=(make_team("Orders"),))
    waiting_chat()
    assert assignment.assign_waiting(None) == 1
    assert len(ana.owned) == 1


def test_t7_off_means_off_and_a_team_may_think_otherwise() -> None:
    eager, shy = make_team("Eager", auto_assign=True), make_team("Shy", auto_assign=False)
    ana = make_agent(teams=(eager, shy))
    for topic in ("Eager", "Shy", ""):
        waiting_chat(topic)
    assert assignment.sweep() == 1
    assert chat_row(ana.owned[0])["team_id"] == eager
    set_desk(auto_assign=True)
    assert assignment.sweep() == 1
    assert [chat_row(chat_id)["team_id"] for chat_id in ana.owned] == [eager, None]


def test_a_chat_that_enters_the_queue_nudges_the_assigner_of_its_team(told: Told) -> None:
    orders = make_team("Orders")
    told.clear()
    waiting_chat("Orders")
    assert (Job.ASSIGN_WAITING, (orders,)) in told.nudges


def test_a_place_that_becomes_free_is_filled_at_once(told: Told) -> None:
    set_desk(auto_assign=True)
    ana = make_agent(limit=1)
    first, second = waiting_chat(), waiting_chat()
    told.run_jobs()
    assert ana.owned == [first]
    ana.ends(first)
    told.run_jobs()
    assert ana.owned == [second]


def test_an_agent_who_comes_online_is_given_who_waits(told: Told) -> None:
    set_desk(auto_assign=True)
    chat_id = waiting_chat()
    told.run_jobs()
    ana = make_agent()
    told.run_jobs()
    assert ana.owned == [chat_id]


# --- T20: back to whom they know ------------------------------------------------------------------


def test_t20_who_comes_back_meets_their_agent_first_even_if_others_have_more_room(told: Told) -> None:
    set_desk(auto_assign=True)
    ana, customer = make_agent("Ana Ruiz", limit=3), make_customer()
    ana.ends(chat_of(ana, customer))
    chat_of(ana)
    ben = make_agent("Ben Hale")
    told.clear()
    said = customer.says("It came back")
    assert chat_row(said.chat_id)["state"] == "queued"  # past the bot: somebody knows them
    told.run_jobs()
    assert said.chat_id in ana.owned
    assert entries(said.chat_id)[-1]["data"]["how"] == "sticky"
    assert ben.owned == []
    assert_all_hold()


def test_t20_a_full_agent_is_not_waited_for() -> None:
    set_desk(auto_assign=True)
    ana, customer = make_agent("Ana Ruiz", limit=1), make_customer()
    ana.ends(chat_of(ana, customer))
    chat_of(ana)
    chat_id = customer.waits("It came back")
    ben = make_agent("Ben Hale")
    assignment.sweep()
    assert ben.owned == [chat_id]


def test_t20_the_preference_ends_with_its_window() -> None:
    set_desk(auto_assign=True)
    ana, ben, customer = make_agent("Ana Ruiz", limit=2), make_agent("Ben Hale"), make_customer()
    ana.ends(chat_of(ana, customer))
    chat_of(ana)
    chat_id = customer.waits("It came back")
    let_time_pass(chat_id, 61)
    assignment.sweep()
    assert ben.owned == [chat_id]
