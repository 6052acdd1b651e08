"""What the pieces of every schema take and refuse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from models.schemas.base import Moment


@pytest.mark.parametrize("zone", ["+00:00", "-18:56", "+23:59"])  # Postgres itself knows zones of less than 16 hours
def test_a_moment_is_utc_whatever_zone_it_comes_in(zone: str) -> None:
    sent = f"2026-04-04T19:16:02{zone}"
    moment = Moment().deserialize(sent)
    assert moment == datetime.fromisoformat(sent)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00+23:59", "1279-04-04T19:16:02Z", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_ends_of_the_calendar_is_refused_in_words(sent: str) -> None:
    with pytest.raises(ValidationError, match="between 1900 and 9000"):
        Moment().deserialize(sent)


@pytest.mark.parametrize("sent", ["2026-04-04T19:16:02", "yesterday", 5, None])
def test_a_moment_without_a_zone_is_none(sent: object) -> None:
    with pytest.raises(ValidationError):
        Moment().deserialize(sent)
