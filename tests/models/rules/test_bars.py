import pytest

from models.rules.bars import DOUBT_QUANTILE, ENOUGH, SURE_QUANTILE, UNMEASURED, measure


def test_the_bars_are_quantiles_of_what_was_right() -> None:
    bars = measure([n / 100 for n in range(101)])
    assert bars.sure == pytest.approx(SURE_QUANTILE)
    assert bars.doubt == pytest.approx(DOUBT_QUANTILE)


def test_a_handful_of_phrasings_measures_nothing() -> None:
    assert measure([0.9] * (ENOUGH - 1)) == UNMEASURED
    assert UNMEASURED.doubt < UNMEASURED.sure
