"""Somebody ends, leaves, falls silent or comes back while somebody else is at it (R-4, R-10 to R-15)."""

from __future__ import annotations

from functools import partial

import pytest

from models.actions import presence, timekeeping, timers
from models.db import rows
from tests.support.invariants import assert_all_hold, assert_kept
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    entries,
    events,
    let_fall_due,
    let_time_pass,
    make_agent,
    make_customer,
    set_desk,
)
from tests.support.people import timers as armed
from tests.support.racing import codes, no_deadlocks, race
from web.commands import on_chat

SEEDS = pytest.mark.parametrize("seed", range(6))


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz")


@pytest.fixture
def ben() -> Colleague:
    return make_agent("Ben Hale")


@SEEDS
def test_r4_pick_against_leaving_the_queue(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = customer.waits()
    with no_deadlocks():
        picked, left = codes(race(partial(ana.takes, chat_id), customer.leaves))
    chat = chat_row(chat_id)
    assert left is None
    if picked is None:
        assert (chat["state"], chat["owner_id"]) == ("active", ana.id), "the pick came first: there is no line to leave"
    else:
        assert (picked, chat["state"], chat["end_cause"]) == ("state_conflict", "ended", "queue_abandoned")
    assert_all_hold()


@SEEDS
def test_r10_reassign_against_end_from_two_tabs(seed: int, ana: Colleague, ben: Colleague) -> None:
    chat_id = chat_of(ana)
    handed, ended = codes(race(partial(ana.hands, chat_id, ben), partial(ana.ends, chat_id)))
    chat = chat_row(chat_id)
    if handed is None:
        assert (ended, chat["state"], chat["owner_id"]) == ("not_owner", "active", ben.id)
    else:
        assert (handed, ended, chat["state"]) == ("state_conflict", None, "ended")
    assert_all_hold()


@SEEDS
def test_r10_return_against_end_from_two_tabs(seed: int, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    outcomes = codes(race(partial(ana.returns, chat_id), partial(ana.ends, chat_id), partial(ana.returns, chat_id)))
    assert sorted(outcomes, key=str) == [None, "state_conflict", "state_conflict"]
    assert_all_hold()


def test_r10_the_same_idempotency_key_carries_a_command_out_once(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    end = partial(on_chat, ana.viewer, "chat:end", chat_id=chat_id, key="one-click", reason="resolved")
    answers = race(*[end] * 4)
    assert [answer["state"] for answer in answers] == ["ended"] * 4
    assert events(chat_id).count("ended") == 1
    assert_all_hold()


@SEEDS
def test_r11_a_message_at_the_end_is_in_exactly_one_chat(seed: int, ana: Colleague) -> None:
    """Before the end it is the last word of that chat; after it, it opens the continuation, and the ack says so."""
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    with no_deadlocks():
        said, _ = race(partial(customer.says, "One more thing"), partial(ana.ends, chat_id))
    found = rows("select chat_id, all_seq from message where body = 'One more thing'")
    assert [each["chat_id"] for each in found] == [said.chat_id]
    (end,) = [each for each in entries(chat_id) if each["data"].get("event") == "ended"]
    if said.chat_id == chat_id:
        assert found[0]["all_seq"] < end["all_seq"]
        assert customer.chats == [chat_id]
    else:
        assert chat_row(said.chat_id)["previous_chat_id"] == chat_id
        assert chat_row(said.chat_id)["session_id"] == chat_row(chat_id)["session_id"]
    assert_kept([said])
    assert_all_hold()


@SEEDS
@pytest.mark.parametrize("move", ["reassigned", "ended", "returned"])
def test_r12_an_agents_message_against_losing_the_chat(seed: int, move: str, ana: Colleague, ben: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.says(chat_id, "Hello")
    moves = {
        "reassigned": partial(ana.hands, chat_id, ben),
        "ended": partial(ana.ends, chat_id),
        "returned": partial(ana.returns, chat_id),
    }
    said, moved = race(partial(ana.says, chat_id, "And another thing"), moves[move])
    assert moved is None
    stored = [each for each in entries(chat_id) if each["body"] == "And another thing"]
    if isinstance(said, Exception):
        code = {"reassigned": "not_owner", "ended": "not_owner", "returned": "state_conflict"}[move]
        assert (codes([said]), stored) == ([code], [])
    else:
        news = {"reassigned": "assigned", "ended": "ended", "returned": "queued"}[move]
        after = [each for each in entries(chat_id) if each["data"].get("event") == news][-1]
        assert stored[0]["all_seq"] < after["all_seq"]
    assert_all_hold()


@SEEDS
def test_r13_an_owner_who_reconnects_as_the_clock_runs_out(seed: int, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.screens_go_dark()
    presence.sweep()
    let_time_pass(chat_id, 121)
    race(ana.opens_screen, timekeeping.fire_due, timekeeping.fire_due)
    presence.sweep()
    chat = chat_row(chat_id)
    assert ana.now["status"] == "online"
    assert armed(chat_id) & {"owner_gone"} == set()
    if chat["state"] == "queued":
        assert (chat["priority"], events(chat_id)[-1]) == (1, "queued")
        ana.takes(chat_id)  # one click brings it back
    assert chat_row(chat_id)["owner_id"] == ana.id
    assert_all_hold()


@SEEDS
def test_r14_two_tabs_that_open_together_write_into_one_chat(seed: int) -> None:
    customer = make_customer()
    with no_deadlocks():
        said = race(*(partial(customer.says, f"Tab {number}") for number in range(6)))
    assert {each.chat_id for each in said} == {customer.chat}
    assert len(customer.chats) == 1
    assert {each["body"] for each in entries(customer.chat)} == {f"Tab {number}" for number in range(6)}
    assert_kept(sorted(said, key=lambda each: each.row["all_seq"]))
    assert_all_hold()


@SEEDS
def test_r14_two_tabs_that_come_back_together_continue_one_chat(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    first = chat_of(ana, customer)
    ana.ends(first)
    said = race(*(partial(customer.says, f"Tab {number}") for number in range(4)))
    assert len(customer.chats) == 2
    assert {each.chat_id for each in said} == {customer.chat}
    assert_all_hold()


@SEEDS
def test_r15_silence_falls_due_as_the_customer_answers(seed: int, ana: Colleague) -> None:
    set_desk(idle_warn_s=300, idle_end_s=600)
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    ana.says(chat_id, "Is it the blue one?")
    let_time_pass(chat_id, 301)
    timekeeping.fire_due()
    let_time_pass(chat_id, 301)
    said, *_ = race(partial(customer.says, "Yes, the blue one"), timekeeping.fire_due, timekeeping.fire_due)
    if said.chat_id == chat_id:
        assert (chat_row(chat_id)["state"], chat_row(chat_id)["idle_due_at"]) == ("active", None)
    else:
        assert chat_row(chat_id)["end_cause"] == "inactivity"
        assert chat_row(said.chat_id)["previous_chat_id"] == chat_id
    assert_kept([said])
    assert_all_hold()


@SEEDS
def test_r20_a_timer_met_by_many_workers_has_one_effect(seed: int) -> None:
    customer = make_customer()
    chat_id = customer.waits()
    let_time_pass(chat_id, 1801)
    assert sum(race(*[timekeeping.fire_due] * 6)) == 1
    assert events(chat_id).count("ended") == 1
    assert_all_hold()


@pytest.mark.parametrize("kind", ["queue_max", "bot_silent"])
def test_r20_a_timer_set_anew_after_the_sweep_has_seen_it_has_no_effect(
    kind: str, ana: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen as due, then disarmed or moved on, and only then fired: what is due is decided under the lock."""
    customer = make_customer()
    chat_id = customer.waits() if kind == "queue_max" else customer.says().chat_id
    let_fall_due(chat_id, kind)
    seen = timers.due

    def and_then_it_moves_on(limit: int) -> list[tuple[int, timers.TimerKind, int]]:
        found = seen(limit)
        assert [each[1] for each in found] == [kind]
        if kind == "queue_max":
            ana.takes(chat_id)
            ana.returns(chat_id)
        else:
            customer.says("And one more thing")
        return found

    monkeypatch.setattr(timers, "due", and_then_it_moves_on)
    assert timekeeping.fire_due() == 0
    assert chat_row(chat_id)["state"] == ("queued" if kind == "queue_max" else "bot")
    assert armed(chat_id) == {kind}
    assert_all_hold()
