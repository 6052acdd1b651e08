"""How often something may happen: a bucket of tokens that fills steadily and empties by use.

A bucket is a value. Whoever keeps it (a row, a Redis key, a dictionary of one process) reads it,
takes from it and stores what comes back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many tokens there were, and at what second."""

    tokens: float
    at: float


def take(bucket: Bucket | None, now: float, rate: float, burst: int) -> tuple[Bucket, float]:
    """Take one token if there is one; return the bucket as it is now and the seconds to wait.

    Zero seconds mean "go on". Otherwise nothing was taken, and trying again earlier neither helps
    nor harms. No bucket yet is a full one. `rate` is tokens per second, `burst` the most it holds.
    """
    tokens = float(burst)
    if bucket is not None:
        elapsed = max(now - bucket.at, 0.0)  # a clock set back must not take tokens away
        tokens = min(bucket.tokens + elapsed * rate, tokens)
        now = max(now, bucket.at)
    if tokens >= 1:
        return Bucket(tokens - 1, now), 0.0
    return Bucket(tokens, now), (1 - tokens) / rate
