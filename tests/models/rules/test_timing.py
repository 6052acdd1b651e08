"""Pairs of times that only make sense in one order."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules import timing


def test_the_later_one_is_named() -> None:
    for first, second in (("idle_warn_s", "idle_end_s"), ("wait_warn_s", "wait_late_s")):
        timing.check({first: 10, second: 11})
        for wrong in (10, 9):
            with pytest.raises(Invalid) as refusal:
                timing.check({first: 10, second: wrong})
            assert refusal.value.detail["fields"].keys() == {second}


def test_half_a_pair_says_nothing() -> None:
    timing.check({"idle_warn_s": 900})
