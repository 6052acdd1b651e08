"""The range told to a waiting customer: honest by calculation, and seen to be so by simulation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.waiting import HIGH, LOW, beta_prime_quantile, friendly, wait_range, worth_telling

INTERVALS = st.lists(st.floats(0.1, 3600), min_size=3, max_size=30)
PLACES = st.integers(1, 60)


def test_too_little_is_known() -> None:
    assert wait_range(1, [], 3) is None
    assert wait_range(1, [60, 70], 3) is None
    assert wait_range(1, [60, 70, 80], 3) is not None


def test_nobody_is_there_to_pick_up() -> None:
    assert wait_range(1, [60, 70, 80], 0) is None


def test_who_is_not_in_line_has_no_wait() -> None:
    assert wait_range(0, [60, 70, 80], 3) is None


def test_a_pick_up_each_minute_reads_as_people_would_say_it() -> None:
    assert wait_range(1, [60] * 20, 3) == (0, 180)
    assert wait_range(5, [60] * 20, 3) == (120, 540)


def test_only_the_last_twenty_intervals_count() -> None:
    assert wait_range(3, [9000] * 40 + [60] * 20, 3) == wait_range(3, [60] * 20, 3)


def test_two_places_with_one_sample_have_a_known_answer() -> None:
    """With k = n = 1 the quantile is p / (1 - p)."""
    assert beta_prime_quantile(0.9, 1, 1) == pytest.approx(9)
    assert beta_prime_quantile(0.1, 1, 1) == pytest.approx(1 / 9)
    assert beta_prime_quantile(0.5, 7, 7) == pytest.approx(1)


@pytest.mark.parametrize("position", [1, 2, 5, 15])
@pytest.mark.parametrize("samples", [3, 8, 20])
def test_eight_customers_of_ten_are_picked_up_within_the_range(position: int, samples: int) -> None:
    """Before rounding: rounding goes outwards and can only help."""
    chance, rate, runs = random.Random(position * 100 + samples), 1 / 75, 4000
    low, high = (beta_prime_quantile(share, position, samples) for share in (LOW, HIGH))
    held = 0
    for _ in range(runs):
        seen = sum(chance.expovariate(rate) for _ in range(samples))
        wait = sum(chance.expovariate(rate) for _ in range(position))
        held += low * seen <= wait <= high * seen
    assert held / runs == pytest.approx(HIGH - LOW, abs=0.025)


def test_the_rounded_range_holds_at_least_as_often() -> None:
    chance, held, runs = random.Random(7), 0, 1500
    for _ in range(runs):
        told = wait_range(4, [chance.expovariate(1 / 90) for _ in range(12)], 2)
        assert told is not None
        held += told[0] <= sum(chance.expovariate(1 / 90) for _ in range(4)) <= told[1]
    assert held / runs >= 0.8


@given(PLACES, INTERVALS)
def test_a_range_is_a_range_in_friendly_steps(position: int, intervals: list[float]) -> None:
    told = wait_range(position, intervals, 1)
    assert told is not None
    low, high = told
    assert 0 <= low < high
    assert low % 10 == high % 10 == 0


@given(PLACES, INTERVALS)
def test_further_back_never_waits_less(position: int, intervals: list[float]) -> None:
    nearer, further = wait_range(position, intervals, 1), wait_range(position + 1, intervals, 1)
    assert nearer is not None
    assert further is not None
    assert nearer[0] <= further[0]
    assert nearer[1] <= further[1]


@given(st.floats(0, 40_000), st.floats(0, 40_000))
def test_rounding_never_makes_the_promise_bolder(one: float, other: float) -> None:
    low, high = sorted((one, other))
    told_low, told_high = friendly(low, high)
    assert told_low <= low
    assert told_high >= high


@pytest.mark.parametrize(
    ("exact", "told"),
    [
        ((0, 0), (0, 10)),
        ((12, 47), (10, 50)),
        ((61, 130), (60, 180)),
        ((700, 1700), (600, 1800)),
        ((1900, 4000), (1800, 4500)),
    ],
)
def test_rounded_as_people_speak(exact: tuple[float, float], told: tuple[int, int]) -> None:
    assert friendly(*exact) == told


@pytest.mark.parametrize(
    ("told", "position", "expected"),
    [
        (None, 4812, True),
        (3, 3, False),
        (3, 2, True),
        (21, 20, True),
        (2, 9, True),
        (4813, 4812, False),
        (4813, 4573, False),
        (4813, 4572, True),
        (4813, 5054, True),
        (4813, 1, True),
        (40, 39, False),
        (40, 38, True),
    ],
)
def test_a_place_is_told_when_it_makes_a_difference(told: int | None, position: int, expected: bool) -> None:
    assert worth_telling(told, position) is expected


def test_whoever_moves_up_one_by_one_hears_of_every_place_in_front_and_of_few_behind() -> None:
    heard: list[int] = []
    for position in range(10_000, 0, -1):
        told = heard[-1] if heard else None
        heard += [position] if worth_telling(told, position) else []
    assert heard[-20:] == list(range(20, 0, -1))
    assert len(heard) < 200
