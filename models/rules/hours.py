"""When a desk or a team is open: weekly hours in its own time zone, and holidays that differ.

Hours are kept as people say them (`models/schemas/admin.py`, `OpeningHours`), because a desk that
opens at nine opens at nine on both sides of a clock change. Moments are worked out when they are
asked for. No hours at all means always open.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from models.errors import Invalid

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MIDNIGHT = 24 * 60
"""`24:00`: the end of the day, so that a night shift is two spans that touch."""

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Dates beyond are slips of the finger."""

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Span = tuple[int, int]
"""Minutes since midnight, from and until; the end is not part of it."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Hours that have been checked: seven weekdays from Monday, and the dates that differ from them."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    holidays: Mapping[date, tuple[Span, ...]]

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it is open on this date, in order; a holiday replaces the weekday."""
        return self.holidays.get(day, self.week[day.weekday()])


def parse(said: Mapping[str, Any] | None, *, field: str = "hours") -> OpeningHours | None:
    """Check hours in the shape `OpeningHours` of the wire, as sent or as stored. None stays None: always open.

    Raises `Invalid` with the place of what is wrong under `fields`, nested as the shape is:
    an unknown zone, no such time or date, an end before its beginning, spans that overlap,
    a day or a date given twice.
    """
    if said is None:
        return None
    zone = _zone(said["time_zone"], (field, "time_zone"))
    week: list[tuple[Span, ...]] = [()] * len(DAYS)
    seen: set[int] = set()
    for place, each in enumerate(said["week"]):
        day = each["day"]
        if day in seen:
            raise _invalid((field, "week", place, "day"), f"{DAYS[day]} is given twice.")
        seen.add(day)
        week[day] = _spans(each["hours"], (field, "week", place, "hours"))
    holidays: dict[date, tuple[Span, ...]] = {}
    for place, each in enumerate(said.get("holidays", ())):
        found = _date(each["date"], (field, "holidays", place, "date"))
        if found in holidays:
            raise _invalid((field, "holidays", place, "date"), f"{each['date']} is given twice.")
        holidays[found] = _spans(each.get("hours", ()), (field, "holidays", place, "hours"))
    return OpeningHours(zone, tuple(week), holidays)


def is_open(hours: OpeningHours | None, now: datetime) -> bool:
    """Say whether it is open at this moment (aware)."""
    return hours is None or any(opens <= now < closes for opens, closes in _around(hours, now))


def open_since(hours: OpeningHours | None, now: datetime) -> datetime | None:
    """Return when the span that this moment lies in began, in UTC; None while closed, and when always open.

    Spans that touch at midnight are told apart: who counts from here counts from midnight again.
    """
    if hours is None:
        return None
    return next((opens for opens, closes in _around(hours, now) if opens <= now < closes), None)


def opens_at(hours: OpeningHours | None, now: datetime) -> datetime | None:
    """Return the next moment it opens, in UTC; None while it is open, and for hours that never open again."""
    if hours is None or is_open(hours, now):
        return None
    for day in _days_from(hours, now):
        for opens, closes in _moments(hours, day):
            if now < opens < closes:
                return opens
    return None


def after(hours: OpeningHours | None, since: datetime, span: timedelta) -> datetime:
    """Return the moment when it has been open for `span` since then, in UTC: closed hours do not count.

    Where there are no hours, or they hold too few open ones, every hour counts.
    """
    if hours is None:
        return since + span
    left = span
    for opens, closes in sorted(
        {*_around(hours, since), *(s for d in _days_from(hours, since) for s in _moments(hours, d))}
    ):
        begins = max(opens, since)
        if begins >= closes:
            continue
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    return since + span


def known_zone(name: str | None) -> ZoneInfo | None:
    """The time zone of this name; None for one that nobody knows, or for none."""
    return ZoneInfo(name) if name and name in _zones() else None


def _around(hours: OpeningHours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every span that this moment could lie in: a day of the zone never ends later than a day after."""
    today = now.astimezone(hours.zone).date()
    for day in (today - timedelta(days=1), today):
        yield from _moments(hours, day)


def _days_from(hours: OpeningHours, now: datetime) -> Iterator[date]:
    """The dates to look at, in order: far enough that every weekday comes up as no holiday, twice (a clock
    change may swallow one)."""
    today = now.astimezone(hours.zone).date()
    ahead = 15 + 7 * len(hours.holidays) if any(hours.week) else 2
    near = {today + timedelta(days=each) for each in range(ahead)}
    yield from sorted(near | {day for day in hours.holidays if day >= today})


def _moments(hours: OpeningHours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The spans of a date as moments in UTC. A span that a clock change swallows whole is empty."""
    for opens, closes in hours.spans(day):
        yield _moment(hours.zone, day, opens, latest=False), _moment(hours.zone, day, closes, latest=True)


def _moment(zone: ZoneInfo, day: date, minutes: int, *, latest: bool) -> datetime:
    """The moment at which clocks of the zone show this time.

    When clocks go back they show it twice: opening means the first time, closing the last. When
    they go forward past it, it is the moment they do.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early > late:  # only for a time that is skipped: the offset after the change comes out earlier
        return _change_between(zone, late, early)
    return late if latest else early


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The moment at which the zone's offset changes, to the second."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str, place: tuple[str | int, ...]) -> ZoneInfo:
    if name not in _zones():
        raise _invalid(place, "There is no such time zone. Use a name like Europe/Paris.")
    return ZoneInfo(name)


def _spans(said: Sequence[Mapping[str, str]], place: tuple[str | int, ...]) -> tuple[Span, ...]:
    found: list[tuple[Span, int]] = []
    for number, each in enumerate(said):
        opens = _minutes(each["opens"], (*place, number, "opens"))
        closes = _minutes(each["closes"], (*place, number, "closes"))
        if opens >= closes:
            raise _invalid((*place, number, "closes"), "It closes before it opens. A night goes on with the next day.")
        found.append(((opens, closes), number))
    found.sort()
    for (earlier, _), (later, number) in itertools.pairwise(found):
        if later[0] < earlier[1]:
            raise _invalid((*place, number, "opens"), "These hours overlap with others of the same day.")
    return tuple(span for span, _ in found)


def _minutes(said: str, place: tuple[str | int, ...]) -> int:
    if _CLOCK.fullmatch(said) is None:
        raise _invalid(place, "There is no such time. Use one from 00:00 to 24:00.")
    hour, minute = said.split(":")
    return int(hour) * 60 + int(minute)


def _date(said: str, place: tuple[str | int, ...]) -> date:
    try:
        found = date.fromisoformat(said) if _DATE.fullmatch(said) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _invalid(place, "There is no such date. Write it like 2026-12-24.")
    return found


def _invalid(place: tuple[str | int, ...], sentence: str) -> Invalid:
    fields: Any = [sentence]
    for name in reversed(place):
        fields = {str(name): fields}
    return Invalid(sentence, fields=fields)
