"""Who gets the next chat, and what we tell about those who did not."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.assignment import Policy, Seat, explain, limit_of, line, order, turns

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def ago(minutes: int) -> datetime:
    return NOON - timedelta(minutes=minutes)


SEATS = st.lists(
    st.builds(
        Seat,
        agent_id=st.integers(1, 40),
        load=st.integers(0, 12),
        limit=st.integers(1, 10),
        last_given=st.none() | st.integers(0, 90).map(ago),
        available=st.booleans(),
    ),
    unique_by=lambda seat: seat.agent_id,
    max_size=12,
)


@pytest.mark.parametrize(
    ("seats", "line"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([Seat(1, 2, 5), Seat(2, 1, 5)], [2, 1], id="fewer chats first"),
        pytest.param([Seat(1, 2, 4), Seat(2, 3, 10)], [2, 1], id="the share of the limit counts, not the chats"),
        pytest.param([Seat(1, 1, 3, ago(1)), Seat(2, 2, 6, ago(9))], [2, 1], id="equal shares are equal"),
        pytest.param([Seat(1, 0, 5, ago(5)), Seat(2, 0, 5, ago(50))], [2, 1], id="longest since the last one"),
        pytest.param([Seat(1, 0, 5, ago(500)), Seat(2, 0, 5, None)], [2, 1], id="never given comes first"),
        pytest.param([Seat(7, 0, 5), Seat(3, 0, 5)], [3, 7], id="then the lower number"),
        pytest.param([Seat(1, 5, 5), Seat(2, 6, 5), Seat(3, 4, 5)], [3], id="the full are left out"),
        pytest.param([Seat(1, 0, 5, available=False), Seat(2, 4, 5)], [2], id="so are those not online"),
    ],
)
def test_order(seats: list[Seat], line: list[int]) -> None:
    assert [seat.agent_id for seat in order(seats)] == line


@given(SEATS)
def test_exactly_those_with_room_and_presence_stand_in_line(seats: list[Seat]) -> None:
    expected = {seat.agent_id for seat in seats if seat.available and seat.load < seat.limit}
    assert {seat.agent_id for seat in order(seats)} == expected


@given(SEATS, st.randoms(use_true_random=False))
def test_the_line_does_not_depend_on_how_the_seats_came(seats: list[Seat], chance: random.Random) -> None:
    shuffled = seats[:]
    chance.shuffle(shuffled)
    assert order(shuffled) == order(seats)


@given(SEATS)
def test_nobody_stands_before_somebody_with_more_room(seats: list[Seat]) -> None:
    line = order(seats)
    for before, after in pairwise(line):
        assert before.load * after.limit <= after.load * before.limit


@given(SEATS.filter(lambda seats: bool(order(seats))), st.integers(1, 60))
def test_giving_chats_one_by_one_never_passes_a_limit(seats: list[Seat], chats: int) -> None:
    table = {seat.agent_id: seat for seat in seats}
    for minute in range(chats):
        line = order(table.values())
        if not line:
            break
        first = line[0]
        given_at = NOON + timedelta(minutes=minute)
        table[first.agent_id] = Seat(first.agent_id, first.load + 1, first.limit, given_at, first.available)
        assert table[first.agent_id].load <= first.limit


def test_equal_agents_take_turns() -> None:
    table = {number: Seat(number, 0, 4) for number in (1, 2, 3)}
    turns = []
    for minute in range(6):
        first = order(table.values())[0]
        turns.append(first.agent_id)
        given_at = NOON + timedelta(minutes=minute)
        table[first.agent_id] = Seat(first.agent_id, first.load + 1, 4, given_at)
    assert turns == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(None, [1, 3, 5], id="nobody had a turn"),
        pytest.param(1, [3, 5, 1], id="behind the last"),
        pytest.param(4, [5, 1, 3], id="who had it is not there any more"),
        pytest.param(5, [1, 3, 5], id="round again"),
        pytest.param(99, [1, 3, 5], id="a number that is nobody's"),
    ],
)
def test_turns_go_round_among_those_with_room(after: int | None, expected: list[int]) -> None:
    seats = [Seat(5, 0, 5), Seat(1, 4, 5), Seat(2, 5, 5), Seat(3, 0, 5), Seat(4, 0, 5, available=False)]
    assert [seat.agent_id for seat in turns(seats, after)] == expected


@given(SEATS.filter(lambda seats: bool(order(seats))), st.integers(0, 45))
def test_round_robin_gives_everybody_a_turn_before_anybody_a_second(seats: list[Seat], after: int) -> None:
    free, pointer, had = len(turns(seats, after)), after, []
    for _ in range(free):
        pointer = turns(seats, pointer)[0].agent_id
        had.append(pointer)
    assert len(set(had)) == free


@given(SEATS, st.sampled_from(list(Policy)), st.integers(1, 40), st.integers(1, 40))
def test_the_known_come_first_and_who_let_it_drop_last_and_nobody_is_lost(
    seats: list[Seat], policy: Policy, preferred: int, avoided: int
) -> None:
    waiting = line(seats, policy, after=7, preferred=preferred, avoided=avoided)
    assert {seat.agent_id for seat in waiting} == {seat.agent_id for seat in order(seats)}
    ids = [seat.agent_id for seat in waiting]
    if avoided in ids:
        assert ids[-1] == avoided
    if preferred in ids and preferred != avoided:
        assert ids[0] == preferred


@pytest.mark.parametrize(
    ("chosen", "reasons", "places"),
    [
        pytest.param(
            1, {1: None, 2: None, 3: "at_capacity", 4: "not_online"}, [1, 2, None, None], id="the first in line got it"
        ),
        pytest.param(
            2,
            {1: "just_taken", 2: None, 3: "at_capacity", 4: "not_online"},
            [1, 2, None, None],
            id="the first was locked",
        ),
        pytest.param(
            None,
            {1: "just_taken", 2: "just_taken", 3: "at_capacity", 4: "not_online"},
            [1, 2, None, None],
            id="all were",
        ),
    ],
)
def test_explain(chosen: int | None, reasons: dict[int, str | None], places: list[int | None]) -> None:
    seats = [Seat(1, 0, 5), Seat(2, 3, 5), Seat(3, 5, 5), Seat(4, 0, 5, available=False)]
    verdicts = explain(seats, order(seats), chosen)
    assert {verdict.agent_id: verdict.excluded for verdict in verdicts} == reasons
    assert [verdict.place for verdict in verdicts] == places


def test_explain_says_who_let_it_drop() -> None:
    seats = [Seat(1, 0, 5), Seat(2, 3, 5)]
    verdicts = explain(seats, line(seats, Policy.LEAST_LOADED, avoided=1), 2, avoided=1)
    assert [(each.agent_id, each.place, each.excluded) for each in verdicts] == [(1, 2, "let_it_drop"), (2, 1, None)]


@given(SEATS)
def test_the_chosen_one_is_never_excluded(seats: list[Seat]) -> None:
    waiting = order(seats)
    for candidate in waiting:
        verdicts = {verdict.agent_id: verdict for verdict in explain(seats, waiting, candidate.agent_id)}
        assert len(verdicts) == len(seats)
        assert verdicts[candidate.agent_id].excluded is None


@pytest.mark.parametrize(
    ("agent", "team", "desk", "limit"),
    [
        (None, None, 5, 5),
        (None, 8, 5, 8),
        (3, 8, 5, 3),
        (3, None, 5, 3),
        (0, 8, 5, 1),
        (None, 400, 5, 50),
        (None, None, -2, 1),
        (50, 1, 1, 50),
    ],
)
def test_the_nearest_limit_counts_between_one_and_fifty(
    agent: int | None, team: int | None, desk: int, limit: int
) -> None:
    assert limit_of(agent, team, desk) == limit
