"""How sure is sure enough: two bars, measured on the desk's own phrasings and never guessed.

A confidence means something only beside the confidences of answers known to be
right, and those move with every service added. So each phrasing is held out in
turn, and the bars are quantiles of the confidence of those led to their own
service. No example of a foreign question is needed.

On the demo desk (25 services, 287 phrasings) this gives sure .45 and doubt .36. Of 40
paraphrases written apart, 32 are answered rightly, 5 find their topic in "Did you
mean", 2 are answered wrongly; 27 of 30 foreign questions get no answer at all.
`tests/workers/test_bot_quality.py` holds us to that, and `bench/answering.py`
measures the same on public data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SURE_QUANTILE = 0.15  # one right answer in seven is asked back first; most wrong ones fall in the same share
DOUBT_QUANTILE = 0.05  # below it, one right guess in twenty, and nearly every foreign question
ENOUGH = 20  # fewer held-out phrasings than this measure nothing


@dataclass(frozen=True)
class Bars:
    sure: float
    doubt: float


UNMEASURED = Bars(sure=0.60, doubt=0.45)  # a desk with a handful of phrasings: rather ask than err


def measure(right: Sequence[float]) -> Bars:
    """The bars, from the confidences of held-out phrasings that were led to their own service."""
    if len(right) < ENOUGH:
        return UNMEASURED
    return Bars(sure=_quantile(right, SURE_QUANTILE), doubt=_quantile(right, DOUBT_QUANTILE))


def _quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
