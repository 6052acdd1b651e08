"""Broadcasts' rules: which command fits which state, who types a number, the pace, and pasted lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Conflict, Invalid
from models.rules import audiences, broadcasting
from models.rules.broadcasting import BACKOFF_S, BURST_S, CONFIRM_ABOVE, MOVES, Command, State

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("state", State)
def test_a_command_is_taken_in_its_states_and_refused_in_all_others(command: Command, state: State) -> None:
    if state in MOVES[command]:
        broadcasting.require(command, state)
        return
    if command is Command.BEGIN:  # the sweep's own, which asks by condition
        return
    with pytest.raises(Conflict) as refusal:
        broadcasting.require(command, state)
    assert (refusal.value.code, refusal.value.detail) == ("broadcast_state", {"broadcast": state})


@pytest.mark.parametrize("reachable", [1, CONFIRM_ABOVE, CONFIRM_ABOVE + 1, 10_000])
def test_the_number_itself_always_confirms(reachable: int) -> None:
    broadcasting.require_confirmed(reachable, reachable)


def test_up_to_five_hundred_nothing_needs_to_be_typed_but_a_wrong_number_is_wrong() -> None:
    broadcasting.require_confirmed(CONFIRM_ABOVE, None)
    for reachable, typed in ((CONFIRM_ABOVE + 1, None), (CONFIRM_ABOVE, 3), (10_000, 1000)):
        with pytest.raises(Invalid) as refusal:
            broadcasting.require_confirmed(reachable, typed)
        assert (refusal.value.code, refusal.value.detail["count"]) == ("confirm_count", reachable)


@given(st.integers(1, 1000), st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 50))
def test_no_more_go_than_the_rate_and_half_a_second_allow(rate: int, pauses: list[float], most: int) -> None:
    """Whatever the senders' rhythm: in every stretch at most its seconds' worth, one, and the burst."""
    slot_at, now, taken = None, NOW, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        allowed = broadcasting.allowance(slot_at, now, rate, most)
        assert 0 <= allowed.many <= most
        assert (allowed.wait_s > 0) == (allowed.many == 0)
        if allowed.many:
            slot_at = broadcasting.slot_after(slot_at, now, rate, allowed.many)
            taken += allowed.many
    spent = (now - NOW).total_seconds()
    assert taken <= spent * rate + 1 + BURST_S * rate


@pytest.mark.parametrize("rate", [1, 20, 333, 1000])
def test_who_asks_often_enough_gets_the_whole_rate(rate: int) -> None:
    slot_at, now, taken = None, NOW, 0
    while now < NOW + timedelta(seconds=10):
        allowed = broadcasting.allowance(slot_at, now, rate, 20)
        if allowed.many:
            slot_at = broadcasting.slot_after(slot_at, now, rate, allowed.many)
            taken += allowed.many
        now += timedelta(seconds=allowed.wait_s or 0.005)
    assert taken == pytest.approx(10 * rate, rel=0.05, abs=1)


def test_waiting_what_was_said_is_enough() -> None:
    slot_at = broadcasting.slot_after(None, NOW, 4, 3)
    wait = broadcasting.allowance(slot_at, NOW, 4, 20).wait_s
    assert wait == pytest.approx(0.75)
    assert broadcasting.allowance(slot_at, NOW + timedelta(seconds=wait), 4, 20).many == 1


def test_tries_come_later_and_later_never_before_the_provider_wants_them_and_end() -> None:
    waits = [broadcasting.again_after(attempt, None) for attempt in range(1, len(BACKOFF_S) + 2)]
    assert waits == [*BACKOFF_S, None]
    assert broadcasting.again_after(1, 90) == 90
    assert broadcasting.again_after(2, 1) == BACKOFF_S[1]


@pytest.mark.parametrize(
    ("sent", "failed", "unknown", "state"),
    [(3, 0, 0, "done"), (1, 2, 0, "done"), (0, 2, 0, "failed"), (0, 2, 1, "done"), (0, 0, 0, "done")],
)
def test_it_has_failed_when_it_reached_nobody_it_tried(sent: int, failed: int, unknown: int, state: str) -> None:
    assert broadcasting.ended_as(sent, failed, unknown) == state


def test_a_list_is_numbers_and_addresses_however_they_are_parted() -> None:
    found = list(audiences.read("#12\n 13, Ben@Shop.example ;\n\nwhat?\n-3\n1.5\n0"))
    assert [(each.number, each.customer_id, each.email) for each in found] == [
        (1, 12, None),
        (2, 13, None),
        (2, None, "ben@shop.example"),
        (4, None, None),
        (5, None, None),
        (6, None, None),
        (7, None, None),
    ]


@given(st.text())
def test_whatever_is_pasted_is_read_or_said_to_be_unreadable(text: str) -> None:
    for line in audiences.read(text):
        assert line.number >= 1
        assert len(line.text) <= max(120, len(line.text) if line.readable else 0)
        assert line.customer_id is None or 0 < line.customer_id < 2**63
