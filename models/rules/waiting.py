"""How long a customer will probably wait: an honest range, or nothing.

Take the team's last pick-ups as a steady stream with an unknown rate. If `n` intervals between
them lasted `S` seconds together, then the time until the `k`-th pick-up from now, divided by `S`,
follows the beta prime distribution with parameters `k` and `n`, whatever the true rate is. Its
10 % and 90 % points make a range that holds for eight customers of ten, and is wide when little is
known. With `k` and `n` whole numbers a beta distribution is a sum of `n` binomial terms, so no
library is needed.

Pick-ups slow down when nobody waits, so a quiet hour makes the range too long, never too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, exp, floor, lgamma, log, log1p

LOW, HIGH = 0.10, 0.90
"""Eight of ten customers are picked up within the range."""

LEAST_SAMPLES = 3
"""From fewer intervals the range would be so wide that it says nothing."""

MOST_SAMPLES = 20
"""Older pick-ups tell of another shift."""

_EACH_STEP = 20
"""Places up to here are told at every step."""

_STEPS = ((60, 10), (600, 60), (1800, 300))
"""Rounded as people speak: tens of seconds in a minute, minutes in ten, then fives, then quarters."""

_COARSEST = 900


def wait_range(position: int, recent_intervals_s: Sequence[float], servers: int) -> tuple[int, int] | None:
    """Return the shortest and longest wait to tell somebody at this place (1 is next), in seconds.

    `recent_intervals_s` are the seconds between the team's last pick-ups, the newest last: all of
    its agents together, so their number needs no further part in it. None when too little is
    known, or when nobody is there to pick anything up.
    """
    samples = recent_intervals_s[-MOST_SAMPLES:]
    if position < 1 or servers < 1 or len(samples) < LEAST_SAMPLES:
        return None
    total = sum(samples)
    low = total * beta_prime_quantile(LOW, position, len(samples))
    high = total * beta_prime_quantile(HIGH, position, len(samples))
    return friendly(low, high)


@lru_cache(maxsize=4096)  # the whole queue is told its places at every move; places and samples repeat
def beta_prime_quantile(share: float, k: int, n: int) -> float:
    """Return the point below which this share of a beta prime distribution lies."""
    low, high = 0.0, 1.0
    for _ in range(50):  # halves the doubt each time: far finer than any rounding that follows
        middle = (low + high) / 2
        if _beta_cdf(middle, k, n) < share:
            low = middle
        else:
            high = middle
    return low / (1 - low)


def _beta_cdf(x: float, k: int, n: int) -> float:
    """Return the chance of at least `k` successes in `k + n - 1` trials that succeed with chance `x`."""
    trials = k + n - 1
    return sum(
        exp(
            lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
            + hits * log(x) + (trials - hits) * log1p(-x)
        )
        for hits in range(k, trials + 1)
    )  # fmt: skip


def worth_telling(told: int | None, position: int) -> bool:
    """Whether a place in line differs enough from the one last told.

    In front every step counts. Far behind only a twentieth does: nobody reads 4,812 after 4,813, and telling
    ten thousand people each time somebody is picked up would keep the desk from picking them up.
    """
    if told is None or min(told, position) <= _EACH_STEP:
        return told != position
    return abs(told - position) * 20 >= told


def friendly(low_s: float, high_s: float) -> tuple[int, int]:
    """Round outwards to steps people use, so that rounding never makes the promise bolder."""
    low_step, high_step = _step(low_s), _step(high_s)
    low = floor(low_s / low_step) * low_step
    high = ceil(high_s / high_step) * high_step
    return low, max(high, low + high_step)


def _step(seconds: float) -> int:
    return next((step for below, step in _STEPS if seconds <= below), _COARSEST)
