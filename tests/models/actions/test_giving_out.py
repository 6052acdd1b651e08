"""By which policy the desk gives chats out, whom it passes by, and what it writes down of each choice."""

from __future__ import annotations

import pytest

from models.actions import assignment, timekeeping
from models.db import one, rows, run
from models.errors import NotFound
from models.jobs import Job
from models.queries import agents, assignments
from models.rules.assignment import limit_of
from models.tables.people import Agent, Team
from tests.support.people import (
    chat_of,
    chat_row,
    entries,
    let_fall_due,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.told import Told

ALWAYS_CLOSED = {"time_zone": "UTC", "week": [], "holidays": []}


def record(chat_id: int) -> dict[int, tuple[int, int, int | None, str | None]]:
    """What the newest interval says of each candidate: load, limit, place, what excluded them."""
    found = one("select candidates from assignment where chat_id = %s order by id desc limit 1", (chat_id,))
    assert found is not None
    return {agent: tuple(rest) for agent, *rest in found["candidates"] or []}


# --- round robin -----------------------------------------------------------------------------------


def test_round_robin_goes_round_whatever_the_load() -> None:
    set_desk(auto_assign=True, assign_policy="round_robin")
    ana, ben, cem = (make_agent(name, limit=9) for name in ("Ana Ruiz", "Ben Hale", "Cem Kaya"))
    for _ in range(3):
        chat_of(ana)
    given = [waiting_chat() for _ in range(4)]
    assert assignment.assign_waiting(None) == 4
    assert [chat_row(chat_id)["owner_id"] for chat_id in given] == [ana.id, ben.id, cem.id, ana.id]
    assert one("select last_given_agent_id as id from desk") == {"id": ana.id}


def test_round_robin_remembers_where_it_stood_and_passes_by_who_has_no_room() -> None:
    set_desk(auto_assign=True, assign_policy="round_robin")
    ana, ben, cem = (make_agent(name, limit=2) for name in ("Ana Ruiz", "Ben Hale", "Cem Kaya"))
    first = waiting_chat()
    assignment.assign_waiting(None)
    ben.chooses("away")
    second = waiting_chat()
    assignment.assign_waiting(None)  # another run: only the database knows where the last one stood
    ben.chooses("online")
    third = waiting_chat()
    assignment.assign_waiting(None)
    assert [chat_row(each)["owner_id"] for each in (first, second, third)] == [ana.id, cem.id, ana.id]


def test_each_team_has_its_policy_and_its_turns() -> None:
    set_desk(auto_assign=True, assign_policy="least_loaded")
    orders, returns = make_team("Orders", assign_policy="round_robin"), make_team("Returns")
    ana, ben = (make_agent(name, teams=(orders, returns), limit=9) for name in ("Ana Ruiz", "Ben Hale"))
    chat_of(ana)
    chat_of(ana)
    by_load = [waiting_chat("Returns") for _ in range(2)]
    in_turn = [waiting_chat("Orders") for _ in range(2)]
    assignment.sweep()
    assert [chat_row(each)["owner_id"] for each in in_turn] == [ana.id, ben.id]
    assert [chat_row(each)["owner_id"] for each in by_load] == [ben.id, ben.id]
    pointers = {each["id"]: each["last_given_agent_id"] for each in rows("select id, last_given_agent_id from team")}
    assert pointers == {orders: ben.id, returns: None}


def test_a_sticky_chat_takes_no_turn() -> None:
    set_desk(auto_assign=True, assign_policy="round_robin")
    ana, ben, customer = make_agent("Ana Ruiz"), make_agent("Ben Hale"), make_customer()
    ben.ends(chat_of(ben, customer))
    again = customer.waits("It came back")
    other = waiting_chat()
    assignment.assign_waiting(None)
    assert [chat_row(each)["owner_id"] for each in (again, other)] == [ben.id, ana.id]


# --- when not --------------------------------------------------------------------------------------


def test_a_closed_team_is_not_given_out_and_may_be_picked_by_hand() -> None:
    set_desk(auto_assign=True)
    night = make_team("Night", hours=ALWAYS_CLOSED)
    ana = make_agent(teams=(night,))
    chat_id = waiting_chat("Night")
    assert assignment.sweep() == 0
    ana.takes(chat_id)
    assert ana.owned == [chat_id]


def test_a_limit_lowered_under_the_load_takes_nothing_away_and_gives_nothing_new() -> None:
    set_desk(auto_assign=True)
    ana = make_agent(limit=3)
    held = [waiting_chat() for _ in range(3)]
    assignment.sweep()
    Agent.update(agent_limit=1).where(Agent.id == ana.id).execute()
    waiting_chat()
    ana.ends(held[0])
    assert assignment.sweep() == 0
    assert ana.owned == held[1:]
    ana.ends(held[1])
    ana.ends(held[2])
    assert assignment.sweep() == 1


def test_auto_assign_turned_off_leaves_the_queue_alone(told: Told) -> None:
    set_desk(auto_assign=True)
    make_agent()
    chat_id = waiting_chat()
    set_desk(auto_assign=False)
    told.run_jobs()
    assert assignment.sweep() == 0
    assert chat_row(chat_id)["state"] == "queued"


def test_who_let_a_chat_drop_comes_last() -> None:
    set_desk(auto_assign=True, first_reply_requeue=True)
    ana, ben = make_agent("Ana Ruiz", limit=5), make_agent("Ben Hale", limit=1)
    chat_id = chat_of(ana)
    let_fall_due(chat_id, "first_reply")
    timekeeping.fire_due()
    assert chat_row(chat_id)["avoid_agent_id"] == ana.id
    chat_of(ana)  # busier than Ben would not be needed: Ben is asked first because Ana let it drop
    assignment.sweep()
    assert chat_row(chat_id)["owner_id"] == ben.id
    assert chat_row(chat_id)["avoid_agent_id"] is None
    assert record(chat_id) == {ana.id: (1, 5, 2, "let_it_drop"), ben.id: (0, 1, 1, None)}


def test_who_let_a_chat_drop_gets_it_when_nobody_else_has_room() -> None:
    set_desk(auto_assign=True, owner_gone_s=1)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale", limit=1)
    chat_of(ben)
    chat_id = chat_of(ana)
    ana.returns(chat_id, "Lunch")
    assignment.sweep()
    assert chat_row(chat_id)["owner_id"] == ana.id
    assert record(chat_id)[ana.id] == (0, 5, 1, None)


def test_who_let_a_chat_drop_waits_while_others_with_room_are_only_being_given_another() -> None:
    from models.db import db
    from tests.support.racing import meanwhile

    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chat_id = chat_of(ana)
    ana.returns(chat_id)
    with db.atomic():
        run("select 1 from agent where id = %s for update", (ben.id,))
        assert meanwhile(lambda: assignment.assign_waiting(None)) == 0
    assert assignment.assign_waiting(None) == 1
    assert chat_row(chat_id)["owner_id"] == ben.id


def test_p7_who_let_it_drop_may_pick_it_by_hand() -> None:
    ana = make_agent()
    chat_id = chat_of(ana)
    ana.returns(chat_id)
    ana.takes(chat_id)
    assert ana.owned == [chat_id]
    assert chat_row(chat_id)["avoid_agent_id"] is None


def test_who_knows_the_customer_and_let_this_chat_drop_is_not_preferred() -> None:
    set_desk(auto_assign=True)
    ana, ben, customer = make_agent("Ana Ruiz"), make_agent("Ben Hale"), make_customer()
    ana.ends(chat_of(ana, customer))
    again = customer.waits("It came back")
    ana.takes(again)
    ana.returns(again)
    assignment.sweep()
    assert chat_row(again)["owner_id"] == ben.id


# --- when it runs ----------------------------------------------------------------------------------


def test_a_place_that_is_handed_on_or_given_back_is_free_at_once(told: Told) -> None:
    orders, returns = make_team("Orders"), make_team("Returns", auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", teams=(orders, returns), limit=1), make_agent("Ben Hale", teams=(orders,))
    held = waiting_chat("Orders")
    ana.takes(held)
    wanted = waiting_chat("Returns")
    told.run_jobs()
    assert ana.owned == [held]
    ana.hands(held, ben)
    told.run_jobs()
    assert ana.owned == [wanted]
    other = waiting_chat("Returns")
    ana.returns(wanted)
    told.run_jobs()
    assert len(ana.owned) == 1
    assert {chat_row(each)["state"] for each in (wanted, other)} == {"active", "queued"}


def test_a_run_that_is_full_asks_to_go_on(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "MOST_PER_RUN", 2)
    set_desk(auto_assign=True)
    make_agent(limit=9)
    for _ in range(5):
        waiting_chat()
    told.clear()
    assert assignment.assign_waiting(None) == 2
    assert told.nudges == [(Job.ASSIGN_WAITING, (0,))]
    told.run_jobs()
    assert rows("select 1 from chat where state = 'queued'") == []


def test_those_who_are_nudged_are_the_queues_an_agent_serves(told: Told) -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    for topic in ("Orders", "Returns", ""):
        waiting_chat(topic)
    told.clear()
    make_agent(teams=(orders,))
    assert {ids for job, ids in told.nudges if job == Job.ASSIGN_WAITING} == {(orders,), (0,)}
    assert returns


def test_the_numbers_of_the_queue_are_told_when_a_run_is_over(told: Told) -> None:
    set_desk(auto_assign=True)
    make_agent(limit=2)
    for _ in range(3):
        waiting_chat()
    told.clear()
    assignment.assign_waiting(None)
    assert told.payloads("queue:counts", "queue:none") == [{"team_id": None, "waiting": 1}]


# --- the record ------------------------------------------------------------------------------------


def test_each_choice_is_written_down_with_all_who_were_looked_at(told: Told) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", limit=4), make_agent("Ben Hale", limit=2)
    away, full = make_agent("Abe Away", status="away"), make_agent("Fay Full", limit=1)
    chat_of(full)
    chat_of(ben)
    chat_id = waiting_chat()
    assignment.assign_waiting(None)
    found = one("select how, policy, over_limit from assignment where chat_id = %s", (chat_id,))
    assert found == {"how": "auto", "policy": "least_loaded", "over_limit": False}
    assert record(chat_id) == {
        ana.id: (0, 4, 1, None),
        ben.id: (1, 2, 2, None),
        away.id: (0, 5, None, "not_online"),
        full.id: (1, 1, None, "at_capacity"),
    }
    data = entries(chat_id)[-1]["data"]
    assert {key: data[key] for key in ("how", "policy", "load", "limit", "considered")} == {
        "how": "auto",
        "policy": "least_loaded",
        "load": 0,
        "limit": 4,
        "considered": 4,
    }
    (item,) = assignments.of_chat(ana.viewer, chat_id)["items"]
    assert [(each["agent"]["name"], each["place"], each["excluded"]) for each in item["candidates"]] == [
        ("Ana Ruiz", 1, None),
        ("Ben Hale", 2, None),
        ("Abe Away", None, "not_online"),
        ("Fay Full", None, "at_capacity"),
    ]


def test_a_second_chat_of_the_same_run_is_written_down_with_the_first_one_counted() -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", limit=4), make_agent("Ben Hale", limit=4)
    first, second = waiting_chat(), waiting_chat()
    assignment.assign_waiting(None)
    assert record(first)[ana.id][0] == 0
    assert record(second) == {ana.id: (1, 4, 2, None), ben.id: (0, 4, 1, None)}


def test_a_persons_choice_has_no_candidates_and_the_newest_interval_comes_first() -> None:
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chat_id = chat_of(ana)
    ana.hands(chat_id, ben)
    listed = assignments.of_chat(ana.viewer, chat_id)["items"]
    assert [(each["how"], each["agent"]["name"], each["by"]["name"], each["candidates"]) for each in listed] == [
        ("reassign", "Ben Hale", "Ana Ruiz", []),
        ("pick", "Ana Ruiz", "Ana Ruiz", []),
    ]
    assert [each["to_at"] is None for each in listed] == [True, False]


def test_the_record_is_for_those_who_may_see_the_chat() -> None:
    make_team("Orders")
    stranger = make_agent("Otto Other")
    with pytest.raises(NotFound):
        assignments.of_chat(stranger.viewer, waiting_chat("Orders"))
    with pytest.raises(NotFound):
        assignments.of_chat(stranger.viewer, 987_654)


def test_the_record_of_five_hundred_stays_small() -> None:
    set_desk(auto_assign=True)
    make_agent("Ana Ruiz")
    run(
        "insert into agent (name, email, password_hash, role, hue) select 'Agent ' || n, n || '@x.example', '-', 'agent', 1"
        " from generate_series(1, 499) n"
    )
    chat_id = waiting_chat()
    assignment.assign_waiting(None)
    assert len(record(chat_id)) == 500
    size = one("select pg_column_size(candidates) as bytes from assignment where chat_id = %s", (chat_id,))
    assert size is not None
    assert size["bytes"] < 8_000


# --- the limit in SQL and in the rules -------------------------------------------------------------


@pytest.mark.parametrize("own", [None, 7])
@pytest.mark.parametrize("of_teams", [(), (None,), (3,), (8, 3), (None, 50)])
def test_sql_and_rule_agree_on_the_limit(own: int | None, of_teams: tuple[int | None, ...]) -> None:
    set_desk(agent_limit=5)
    teams = tuple(make_team(f"Team {number}", agent_limit=limit) for number, limit in enumerate(of_teams))
    gone = make_team("Gone", agent_limit=1)
    Team.update(archived_at="2025-01-01T00:00:00Z").where(Team.id == gone).execute()
    ana = make_agent(limit=own, teams=(*teams, gone))
    lowest = min((limit for limit in of_teams if limit is not None), default=None)
    assert agents.row(ana.id)["limit"] == limit_of(own, lowest, 5)
