"""Who counts as here, and with which code a chat is kept from somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import presence

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
CHOICES = st.sampled_from(["online", "away", "offline"])
SEVERAL = st.integers(0, 60)


@pytest.mark.parametrize(
    ("chosen", "lease_alive", "seen"),
    [
        ("online", True, "online"),
        ("away", True, "away"),
        ("offline", True, "offline"),
        ("online", False, "offline"),
        ("away", False, "offline"),
        ("offline", False, "offline"),
    ],
)
def test_others_see_the_choice_only_while_a_screen_answers(chosen: str, lease_alive: bool, seen: str) -> None:
    assert presence.effective(chosen, lease_alive) == seen


@pytest.mark.parametrize(
    ("chosen", "lease_alive", "load", "own", "target"),
    [
        ("online", True, 4, None, None),
        ("online", True, 5, "at_capacity", "target_at_capacity"),
        ("online", True, 9, "at_capacity", "target_at_capacity"),
        ("away", True, 0, "not_online", "target_offline"),
        ("online", False, 0, "not_online", "target_offline"),
        ("offline", False, 9, "not_online", "target_offline"),
    ],
)
def test_a_refusal_says_whose_trouble_it_is(
    chosen: str, lease_alive: bool, load: int, own: str | None, target: str | None
) -> None:
    assert presence.why_not(chosen, lease_alive, load, 5) == own
    assert presence.why_not(chosen, lease_alive, load, 5, target=True) == target


@given(CHOICES, st.booleans(), SEVERAL, SEVERAL)
def test_available_is_online_alive_and_with_room(chosen: str, lease_alive: bool, load: int, limit: int) -> None:
    expected = chosen == "online" and lease_alive and load < limit
    assert presence.available(chosen, lease_alive, load, limit) is expected
    assert (presence.why_not(chosen, lease_alive, load, limit) is None) is expected


@given(CHOICES, SEVERAL, SEVERAL)
def test_losing_the_lease_never_makes_anybody_available(chosen: str, load: int, limit: int) -> None:
    assert not presence.available(chosen, False, load, limit)


@given(CHOICES, st.booleans(), SEVERAL, SEVERAL)
def test_more_load_never_makes_anybody_available(chosen: str, lease_alive: bool, load: int, limit: int) -> None:
    if not presence.available(chosen, lease_alive, load, limit):
        assert not presence.available(chosen, lease_alive, load + 1, limit)


@pytest.mark.parametrize(
    ("chosen", "lease_alive", "seconds"),
    [
        ("online", True, None),
        ("away", True, None),
        ("online", False, 120),
        ("away", False, 120),
        ("offline", True, 120),
    ],
)
def test_chats_go_back_two_minutes_after_their_owner_went_but_not_from_away(
    chosen: str, lease_alive: bool, seconds: int | None
) -> None:
    expected = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert presence.owner_gone_due(chosen, lease_alive, NOON) == expected


def test_the_numbers_fit_together() -> None:
    assert (presence.LEASE_S, presence.HEARTBEAT_S) == (45, 15)
    assert (presence.CLEAN_CLOSE_GRACE_S, presence.OWNER_GONE_S) == (10, 120)
    assert presence.LEASE_S >= 3 * presence.HEARTBEAT_S, "two lost heartbeats must not end a lease"
    assert presence.OWNER_GONE_S > presence.LEASE_S
