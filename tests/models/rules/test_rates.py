"""A bucket of tokens lets a burst through, and then a steady trickle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.rules.rates import Bucket, take


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    bucket, waits = None, []
    for _ in range(4):
        bucket, wait_s = take(bucket, now=100.0, rate=0.5, burst=3)
        waits.append(wait_s)
    assert waits == [0, 0, 0, 2]


def test_waiting_as_told_is_enough() -> None:
    bucket, wait_s = take(Bucket(tokens=0.25, at=100.0), now=100.0, rate=0.5, burst=3)
    assert wait_s == 1.5
    _, wait_s = take(bucket, now=101.5, rate=0.5, burst=3)
    assert wait_s == 0


def test_asking_too_early_costs_nothing() -> None:
    patient = impatient = Bucket(tokens=0, at=0)
    for now in (0.2, 0.4, 0.6, 0.8):
        impatient, _ = take(impatient, now=now, rate=1, burst=5)
    assert take(patient, now=1.01, rate=1, burst=5)[1] == take(impatient, now=1.01, rate=1, burst=5)[1] == 0


def test_a_clock_set_back_takes_nothing_away_and_gives_nothing_twice() -> None:
    bucket, wait_s = take(Bucket(tokens=1, at=100), now=40, rate=1, burst=5)
    assert wait_s == 0
    assert bucket == Bucket(tokens=0, at=100)


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80), st.sampled_from([0.1, 0.5, 2.0, 10.0]), st.integers(1, 20))
def test_never_more_than_the_burst_and_what_trickled_in(gaps: list[float], rate: float, burst: int) -> None:
    bucket, now, passed = None, 0.0, 0
    for gap in gaps:
        now += gap
        bucket, wait_s = take(bucket, now, rate, burst)
        passed += wait_s == 0
        assert 0 <= bucket.tokens <= burst
    assert passed <= burst + (now - gaps[0]) * rate + 1e-6
