"""Opening hours: as people say them, on both sides of a clock change, and refused where they make no sense."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from models.rules.hours import is_open, opens_at, parse

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = [{"day": day, "hours": [("09:00", "12:30"), ("13:30", "18:00")]} for day in range(5)]


def hours(*, week: Any = (), holidays: Any = (), zone: str = "Europe/Berlin") -> dict[str, Any]:
    """Hours as the wire has them, with spans written as pairs."""

    def spans(said: Any) -> list[dict[str, str]]:
        return [{"opens": opens, "closes": closes} for opens, closes in said]

    return {
        "time_zone": zone,
        "week": [{"day": each["day"], "hours": spans(each["hours"])} for each in week],
        "holidays": [
            {"date": each["date"], "name": "A day off", "hours": spans(each.get("hours", ()))} for each in holidays
        ],
    }


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


USUAL = parse(hours(week=WEEK))


def test_no_hours_are_always_open() -> None:
    assert parse(None) is None
    assert is_open(None, datetime.now(UTC))
    assert opens_at(None, datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("moment", "open_", "next_"),
    [
        ("2026-11-20T08:59:59", False, "2026-11-20T09:00"),
        ("2026-11-20T09:00", True, None),
        ("2026-11-20T12:29:59", True, None),
        ("2026-11-20T12:30", False, "2026-11-20T13:30"),  # the end is not part of it; lunch
        ("2026-11-20T17:59:59", True, None),
        ("2026-11-20T18:00", False, "2026-11-23T09:00"),  # Friday evening: Monday
    ],
)
def test_a_week_with_lunch(moment: str, open_: bool, next_: str | None) -> None:
    assert is_open(USUAL, at(moment)) is open_
    assert opens_at(USUAL, at(moment)) == (at(next_) if next_ else None)


def test_hours_are_those_of_the_team_and_not_of_the_server() -> None:
    tokyo = parse(hours(week=[{"day": 0, "hours": [("09:00", "17:00")]}], zone="Asia/Tokyo"))
    assert is_open(tokyo, datetime(2026, 11, 23, 0, 0, tzinfo=UTC))  # Monday nine o'clock there
    assert opens_at(tokyo, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_nine_stays_nine_when_the_clocks_change() -> None:
    every_day = parse(hours(week=[{"day": day, "hours": [("09:00", "17:00")]} for day in range(7)]))
    before = opens_at(every_day, at("2026-03-27T20:00"))
    after = opens_at(every_day, at("2026-03-28T20:00"))
    assert before is not None
    assert after is not None
    assert after - before == timedelta(hours=23)


def test_a_time_that_is_skipped_opens_when_the_clocks_jump() -> None:
    """On 29 March 2026 clocks in Berlin go from 02:00 to 03:00."""
    early = parse(hours(week=[{"day": 6, "hours": [("02:30", "05:00")]}]))
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert opens_at(early, jump - timedelta(minutes=30)) == jump
    assert is_open(early, jump)
    assert not is_open(early, jump - timedelta(seconds=1))


def test_a_time_that_is_skipped_closes_when_the_clocks_jump() -> None:
    late = parse(hours(week=[{"day": 6, "hours": [("00:00", "02:30")]}]))
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert is_open(late, jump - timedelta(seconds=1))
    assert not is_open(late, jump)


def test_a_span_that_is_skipped_whole_never_opens() -> None:
    gone = parse(hours(week=[{"day": 6, "hours": [("02:10", "02:50")]}]))
    assert opens_at(gone, datetime(2026, 3, 28, 12, tzinfo=UTC)) == at("2026-04-05T02:10")


def test_a_time_shown_twice_opens_the_first_time_and_closes_the_last() -> None:
    """On 25 October 2026 clocks in Berlin show 02:00 to 03:00 twice."""
    opens = parse(hours(week=[{"day": 6, "hours": [("02:30", "06:00")]}]))
    first, second = at("2026-10-25T02:30"), at("2026-10-25T02:30", fold=1)
    assert opens_at(opens, at("2026-10-25T00:00")) == first
    assert is_open(opens, at("2026-10-25T02:10", fold=1))  # open since 02:30, and it stays open
    closes = parse(hours(week=[{"day": 6, "hours": [("00:00", "02:30")]}]))
    assert is_open(closes, second - timedelta(seconds=1))
    assert not is_open(closes, second)


def test_a_whole_day_that_never_was() -> None:
    """Samoa went from 29 to 31 December 2011."""
    samoa = parse(hours(week=[{"day": day, "hours": [("09:00", "17:00")]} for day in range(7)], zone="Pacific/Apia"))
    zone = ZoneInfo("Pacific/Apia")
    assert opens_at(samoa, at("2011-12-29T18:00", zone)) == at("2011-12-31T09:00", zone)


def test_the_night_goes_on_with_the_next_day() -> None:
    night = parse(hours(week=[{"day": 4, "hours": [("22:00", "24:00")]}, {"day": 5, "hours": [("00:00", "06:00")]}]))
    assert is_open(night, at("2026-11-20T23:59:59"))
    assert is_open(night, at("2026-11-21T00:00"))
    assert not is_open(night, at("2026-11-21T06:00"))


def test_a_holiday_is_closed_and_another_has_hours_of_its_own() -> None:
    feast = parse(
        hours(
            week=WEEK,
            holidays=[{"date": "2026-12-25"}, {"date": "2026-12-26", "hours": [("10:00", "11:00")]}],
        )
    )
    assert not is_open(feast, at("2026-12-25T10:00"))  # a Friday
    assert opens_at(feast, at("2026-12-25T10:00")) == at("2026-12-26T10:00")  # a Saturday, for once
    assert opens_at(feast, at("2026-12-26T11:00")) == at("2026-12-28T09:00")


def test_as_many_holidays_as_there_may_be_in_a_row() -> None:
    mondays = [{"date": (date(2026, 1, 5) + timedelta(days=7 * n)).isoformat()} for n in range(100)]
    rare = parse(hours(week=[{"day": 0, "hours": [("09:00", "10:00")]}], holidays=mondays))
    assert opens_at(rare, at("2026-01-01T00:00")) == at("2027-12-06T09:00")


@pytest.mark.parametrize("week", [[], [{"day": 3, "hours": []}]])
def test_a_week_that_never_opens(week: Any) -> None:
    never = parse(hours(week=week))
    assert not is_open(never, at("2026-11-20T10:00"))
    assert opens_at(never, at("2026-11-20T10:00")) is None


def test_open_on_one_holiday_only() -> None:
    once = parse(hours(holidays=[{"date": "2027-06-01", "hours": [("10:00", "11:00")]}]))
    assert opens_at(once, at("2026-11-20T10:00")) == at("2027-06-01T10:00")
    assert opens_at(once, at("2027-06-01T11:00")) is None


@pytest.mark.parametrize(
    "zone", ["", "Atlantis/Capital", "America", "../etc/passwd", "/etc/localtime", "europe/berlin "]
)
def test_an_unknown_zone(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(hours(week=WEEK, zone=zone))
    assert "time_zone" in refusal.value.detail["fields"]["hours"]


@pytest.mark.parametrize("time", ["25:99", "24:01", "9:00", "09:60", "0900", "٠٩:٠٠", "", "24:00\n"])
def test_no_such_time(time: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(hours(week=[{"day": 1, "hours": [("08:00", "12:00"), (time, "24:00")]}]))
    assert "opens" in refusal.value.detail["fields"]["hours"]["week"]["0"]["hours"]["1"]


@pytest.mark.parametrize("span", [("18:00", "09:00"), ("09:00", "09:00"), ("24:00", "24:00")])
def test_it_closes_before_it_opens(span: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(hours(week=[{"day": 1, "hours": [span]}]), field="team_hours")
    assert "closes" in refusal.value.detail["fields"]["team_hours"]["week"]["0"]["hours"]["0"]


def test_spans_of_a_day_may_touch_and_not_overlap() -> None:
    assert parse(hours(week=[{"day": 1, "hours": [("12:00", "18:00"), ("09:00", "12:00")]}])) is not None
    with pytest.raises(Invalid) as refusal:
        parse(hours(holidays=[{"date": "2026-12-24", "hours": [("09:00", "12:01"), ("12:00", "18:00")]}]))
    assert "opens" in refusal.value.detail["fields"]["hours"]["holidays"]["0"]["hours"]["1"]


@pytest.mark.parametrize(
    "date", ["2026-02-30", "2026-13-01", "26-01-01", "2026-W01-1", "20260101", "0001-01-01", "9999-12-31"]
)
def test_no_such_date(date: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(hours(week=WEEK, holidays=[{"date": date}]))
    assert "date" in refusal.value.detail["fields"]["hours"]["holidays"]["0"]


def test_nothing_is_given_twice() -> None:
    with pytest.raises(Invalid, match="Monday is given twice"):
        parse(hours(week=[WEEK[0], WEEK[0]]))
    with pytest.raises(Invalid, match="2026-12-24 is given twice"):
        parse(hours(holidays=[{"date": "2026-12-24"}, {"date": "2026-12-24"}]))


CLOCKS = st.integers(0, 24 * 60).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
SPANS = st.tuples(CLOCKS, CLOCKS).filter(lambda span: span[0] < span[1]).map(lambda span: [span])
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
MOMENTS = st.integers(0, 2 * 365 * 86_400).map(lambda s: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(st.lists(SPANS, max_size=7), ZONES, MOMENTS)
def test_it_is_open_when_it_says_it_opens_and_not_before(spans: list[Any], zone: str, now: datetime) -> None:
    kept = parse(hours(week=[{"day": day, "hours": each} for day, each in enumerate(spans)], zone=zone))
    found = opens_at(kept, now)
    if is_open(kept, now):
        assert found is None
    elif found is None:
        assert not spans
    else:
        assert found > now
        assert is_open(kept, found)
        assert not is_open(kept, found - timedelta(microseconds=1))
        assert not is_open(kept, now + (found - now) / 2)
