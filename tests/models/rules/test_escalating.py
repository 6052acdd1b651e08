"""The ladder of an offer, and the words its customer reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.errors import Invalid
from models.rules import escalating, hours
from models.rules.escalating import DEFAULT_STEPS, Course, Step, StepKind

FRIDAY_1650 = datetime(2026, 11, 27, 16, 50, tzinfo=UTC)

NINE_TO_FIVE = hours.parse(
    {"time_zone": "UTC", "week": [{"day": day, "hours": [{"opens": "09:00", "closes": "17:00"}]} for day in range(5)]}
)


def step(do: str, after_s: int = 60, team_id: int | None = None) -> dict[str, Any]:
    return {"do": do, "after_s": after_s, "team_id": team_id}


# --- the ladder -------------------------------------------------------------------------------------------


def test_the_ladder_a_desk_starts_with_is_a_ladder() -> None:
    assert escalating.parse(DEFAULT_STEPS) == [Step(StepKind.REMIND, 60), Step(StepKind.ORIGIN, 60)]


@pytest.mark.parametrize(
    ("steps", "place", "name"),
    [
        ([step("remind")], "0", "do"),
        ([step("origin"), step("queue")], "0", "do"),
        ([step("queue"), step("remind"), step("origin")], "0", "do"),
        ([step("team"), step("origin")], "0", "team_id"),
        ([step("remind", team_id=3), step("origin")], "0", "team_id"),
        ([step("supervisors"), step("origin", team_id=3)], "1", "team_id"),
    ],
)
def test_what_is_no_ladder_is_refused_at_its_place(steps: list[dict[str, Any]], place: str, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        escalating.parse(steps)
    assert list(refusal.value.detail["fields"]["escalation_steps"][place]) == [name]


def test_no_step_at_all_is_refused() -> None:
    with pytest.raises(Invalid):
        escalating.parse([])


def test_an_offer_closes_at_its_first_step_that_is_no_reminder() -> None:
    ladder = Course(escalating.parse([step("remind", 30), step("remind", 20), step("team", 10, 7), step("origin", 40)]))
    assert ladder.at(0, FRIDAY_1650) == FRIDAY_1650 + timedelta(seconds=30)
    assert ladder.closes(0, FRIDAY_1650) == FRIDAY_1650 + timedelta(seconds=60)
    assert ladder.closes(3, FRIDAY_1650) == FRIDAY_1650 + timedelta(seconds=40)
    assert [ladder.next_move(place) for place in range(4)] == [2, 2, 2, 3]


def test_open_hours_alone_count_when_it_is_set_so() -> None:
    """Ten minutes before the weekend, half an hour ends on Monday."""
    ladder = Course(escalating.parse([step("origin", 1800)]), NINE_TO_FIVE)
    assert ladder.closes(0, FRIDAY_1650) == datetime(2026, 11, 30, 9, 20, tzinfo=UTC)


# --- open time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "seconds", "until"),
    [
        (datetime(2026, 11, 27, 10, tzinfo=UTC), 60, datetime(2026, 11, 27, 10, 1, tzinfo=UTC)),
        (datetime(2026, 11, 27, 7, tzinfo=UTC), 60, datetime(2026, 11, 27, 9, 1, tzinfo=UTC)),
        (datetime(2026, 11, 27, 16, 59, tzinfo=UTC), 60, datetime(2026, 11, 27, 17, tzinfo=UTC)),
        (datetime(2026, 11, 28, 12, tzinfo=UTC), 8 * 3600, datetime(2026, 11, 30, 17, tzinfo=UTC)),
        (datetime(2026, 11, 26, 16, tzinfo=UTC), 10 * 3600, datetime(2026, 11, 30, 10, tzinfo=UTC)),
    ],
)
def test_time_passes_only_while_it_is_open(since: datetime, seconds: int, until: datetime) -> None:
    assert hours.after(NINE_TO_FIVE, since, timedelta(seconds=seconds)) == until


def test_without_hours_or_with_none_that_open_every_hour_counts() -> None:
    never = hours.parse({"time_zone": "UTC", "week": []})
    for given in (None, never):
        assert hours.after(given, FRIDAY_1650, timedelta(hours=3)) == FRIDAY_1650 + timedelta(hours=3)


# --- words ------------------------------------------------------------------------------------------------


def test_the_desks_own_words_fill_every_place() -> None:
    said = escalating.say("escalated", None, agent="Ana", target="Billing", expected="17:30")
    assert said.startswith("Ana is passing your chat on to Billing. You can expect an answer by 17:30.")
    for name in escalating.TEXTS:
        filled = escalating.say(name, {}, agent="Ana", target="Billing", expected="17:30")
        assert "{" not in filled
        assert "}" not in filled


def test_what_is_filled_in_is_never_read_for_places() -> None:
    said = escalating.say("accepted", {"accepted": "{agent} is here. {agent}!"}, agent="{expected} {agent}")
    assert said == "{expected} {agent} is here. {expected} {agent}!"


@pytest.mark.parametrize(
    "text",
    ["By {expected}, {who}.", "By {expected}, {agent", "By {expected}}.", "{expected} { agent }", "No time said."],
)
def test_a_text_with_places_that_nobody_fills_or_without_its_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        escalating.check_texts({"escalated": text})
    assert "escalated" in refusal.value.detail["fields"]["escalation_texts"]


def test_texts_of_ones_own_and_none_are_taken() -> None:
    escalating.check_texts(
        {"escalated": "Wait until {expected}, {target} comes.", "back": "Hello again.", "later": None}
    )


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (datetime(2026, 11, 27, 17, 30, tzinfo=UTC), "Europe/Paris", "18:30"),
        (datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "Europe/Paris", "00:30 tomorrow"),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Europe/Paris", "09:00 on Monday, 30 November"),
        (datetime(2026, 11, 27, 17, 30, tzinfo=UTC), None, "17:30 UTC"),
        (datetime(2026, 11, 27, 17, 30, tzinfo=UTC), "Mars/Olympus", "17:30 UTC"),
    ],
)
def test_a_customer_reads_the_time_on_their_own_clock(moment: datetime, zone: str | None, said: str) -> None:
    assert escalating.by_when(moment, FRIDAY_1650, zone) == said
