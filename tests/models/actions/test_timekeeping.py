"""What falls due: a silent bot, a long wait, a missing first word, an owner who is gone, and silence (T4, T8, T16, T19).

Nobody waits here: the moments in the database are moved into the past instead.
"""

from __future__ import annotations

import pytest

from models.actions import bot, presence, timekeeping
from models.db import one, rows
from models.live import Room
from models.rules.answering import Answer
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    events,
    let_time_pass,
    make_agent,
    make_customer,
    set_desk,
    timers,
)
from tests.support.told import Told


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz")


@pytest.fixture
def customer() -> Customer:
    return make_customer("Rosa Lind")


def due_after(chat_id: int, seconds: float) -> int:
    """Let the time pass and settle what has fallen due; how many had an effect."""
    let_time_pass(chat_id, seconds)
    return timekeeping.fire_due()


# --- The bot says nothing -------------------------------------------------------------------------


def test_a_silent_bot_hands_over_and_what_it_left_open_is_kept(customer: Customer) -> None:
    said = customer.says("Where is my parcel?")
    assert due_after(said.chat_id, 19) == 0
    assert due_after(said.chat_id, 2) == 1
    assert chat_row(said.chat_id)["state"] == "queued"
    assert entries(said.chat_id)[-1]["data"]["how"] == "bot_silent"
    (failure,) = rows("select message_id, text, trigger from failed_response")
    assert failure == {"message_id": said.row["id"], "text": "Where is my parcel?", "trigger": "bot_silent"}
    assert timers(said.chat_id) == {"queue_max"}
    assert_all_hold()


def test_each_message_gives_the_bot_its_full_time_again(customer: Customer) -> None:
    chat_id = customer.says("Hi").chat_id
    let_time_pass(chat_id, 15)
    customer.says("Where is my parcel?")
    assert due_after(chat_id, 15) == 0
    assert chat_row(chat_id)["state"] == "bot"


def test_a_message_that_kills_its_worker_three_times_goes_to_a_person(customer: Customer) -> None:
    said = customer.says("Poison")
    for _ in range(bot.MOST_ATTEMPTS):
        assert bot.claim(said.row["id"]) is not None
        assert bot.claim(said.row["id"]) is None  # in other hands
        let_time_pass(said.chat_id, 0)
        _run_out_of_lease(said.chat_id)
    assert bot.claim(said.row["id"]) is None
    assert chat_row(said.chat_id)["state"] == "queued"
    assert rows("select trigger from failed_response") == [{"trigger": "bot_failed"}]


def _run_out_of_lease(chat_id: int) -> None:
    from models.db import run

    run("update chat set bot_lease_until = clock_timestamp() where id = %s", (chat_id,))


# --- T8: the wait is too long ---------------------------------------------------------------------


def test_t8_a_wait_that_is_too_long_ends_and_says_so(told: Told, customer: Customer) -> None:
    chat_id = customer.waits()
    assert due_after(chat_id, 1799) == 0
    told.clear()
    assert due_after(chat_id, 2) == 1
    chat = chat_row(chat_id)
    assert (chat["state"], chat["end_cause"], chat["ended_owner_id"]) == ("ended", "queue_expired", None)
    assert "Nobody could take your chat" in told.payloads("message:new", Room.customer(customer.id))[-1]["body"]
    assert timekeeping.fire_due() == 0
    assert_all_hold()


# --- The first word -------------------------------------------------------------------------------


def test_a_missing_first_word_alerts_owner_and_supervisors_once(told: Told, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    told.clear()
    assert due_after(chat_id, 61) == 1
    assert timekeeping.fire_due() == 0
    (alert,) = [each for each in told.tellings if each.event == "alert"]
    assert alert.payload["kind"] == "first_reply_late"
    assert set(alert.rooms) == {Room.agent(ana.id), Room.EVERY_QUEUE}
    assert chat_row(chat_id)["owner_id"] == ana.id


def test_a_missing_first_word_gives_the_chat_back_where_the_desk_wants_it(ana: Colleague) -> None:
    set_desk(first_reply_requeue=True)
    chat_id = chat_of(ana)
    due_after(chat_id, 61)
    assert (chat_row(chat_id)["state"], chat_row(chat_id)["priority"]) == ("queued", 1)
    assert_all_hold()


def test_a_first_word_in_time_leaves_nothing_due(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.says(chat_id)
    assert due_after(chat_id, 61) == 0


# --- T19: silence ---------------------------------------------------------------------------------


def test_t19_silence_after_an_answer_is_asked_about_and_then_closed(
    told: Told, ana: Colleague, customer: Customer
) -> None:
    chat_id = chat_of(ana, customer)
    ana.says(chat_id, "Is it the blue one?")
    assert due_after(chat_id, 299) == 0
    assert due_after(chat_id, 2) == 1
    question = entries(chat_id)[-1]
    assert (question["data"]["event"], question["pub_seq"] is not None) == ("idle_warning", True)
    assert timekeeping.fire_due() == 0  # asked once
    assert due_after(chat_id, 290) == 0
    assert due_after(chat_id, 11) == 1
    chat = chat_row(chat_id)
    assert (chat["state"], chat["end_cause"], chat["end_reason"], chat["ended_owner_id"]) == (
        "ended",
        "inactivity",
        None,
        ana.id,
    )
    assert_all_hold()


def test_t19_an_answer_after_the_question_keeps_the_chat(ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    ana.says(chat_id, "Is it the blue one?")
    due_after(chat_id, 301)
    customer.says("Yes")
    assert due_after(chat_id, 3600) == 0
    assert (chat_row(chat_id)["state"], chat_row(chat_id)["idle_warned_at"]) == ("active", None)


def test_t19_a_customer_who_spoke_last_is_never_closed(ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    ana.says(chat_id)
    customer.says("And?")
    assert due_after(chat_id, 86_400) == 0


def test_t19_another_word_of_the_agent_starts_the_clock_anew(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.says(chat_id, "Is it the blue one?")
    due_after(chat_id, 301)
    ana.says(chat_id, "Or the green one?")
    assert due_after(chat_id, 299) == 0
    assert due_after(chat_id, 2) == 1
    assert events(chat_id).count("idle_warning") == 2


def test_t19_a_question_that_came_late_still_leaves_time_to_answer(ana: Colleague) -> None:
    """Workers were down for an hour: nobody is closed the moment they come back."""
    chat_id = chat_of(ana)
    ana.says(chat_id)
    assert due_after(chat_id, 3600) == 1
    assert (events(chat_id)[-1], chat_row(chat_id)["state"]) == ("idle_warning", "active")
    assert due_after(chat_id, 299) == 0
    assert due_after(chat_id, 2) == 1
    assert chat_row(chat_id)["state"] == "ended"


def test_t4_silence_after_the_bots_answer_closes_quietly(customer: Customer) -> None:
    said = customer.says("Where is my parcel?")
    turn = bot.claim(said.row["id"])
    assert turn is not None
    assert bot.replies(turn, Answer("It is on its way."))
    assert due_after(said.chat_id, 899) == 0
    assert due_after(said.chat_id, 2) == 1
    assert chat_row(said.chat_id)["end_cause"] == "bot_idle"
    assert_all_hold()


def test_t4_who_writes_to_the_bot_again_is_not_closed(customer: Customer) -> None:
    said = customer.says("Where is my parcel?")
    turn = bot.claim(said.row["id"])
    assert turn is not None
    bot.replies(turn, Answer("It is on its way."))
    let_time_pass(said.chat_id, 890)
    customer.says("And the other?")
    assert chat_row(said.chat_id)["idle_due_at"] is None


# --- T16: the owner is gone -----------------------------------------------------------------------


def test_t16_the_chats_of_an_owner_who_is_gone_come_back(told: Told, ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    queued_at = chat_row(chat_id)["queued_at"]
    ana.says(chat_id)
    ana.screens_go_dark()
    presence.sweep()
    assert timers(chat_id) == {"owner_gone"}
    told.clear()
    assert due_after(chat_id, 119) == 0
    assert due_after(chat_id, 2) == 1
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"], chat["priority"]) == ("queued", None, 1)
    assert (queued_at - chat["queued_at"]).total_seconds() == pytest.approx(121)  # as long ago as it was
    assert entries(chat_id)[-1]["data"]["how"] == "owner_gone"
    assert told.alerts(ana.id) == ["returned"]
    assert_all_hold()


def test_r13_the_clock_looks_again_before_it_takes_a_chat_away(ana: Colleague) -> None:
    """The owner is back, and no sweep has seen it yet."""
    chat_id = chat_of(ana)
    ana.screens_go_dark()
    presence.sweep()
    let_time_pass(chat_id, 60)
    ana.opens_screen()
    due_after(chat_id, 61)
    assert chat_row(chat_id)["owner_id"] == ana.id
    assert timers(chat_id) == set()


# --- One that fails -------------------------------------------------------------------------------


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.actions import chats

    bad, good = make_customer().waits(), make_customer().waits()
    finish = chats.finish

    def fails_for_one(chat: object, *args: object, **kwargs: object) -> None:
        if chat.id == bad:  # type: ignore[attr-defined]
            raise RuntimeError("a bug")
        finish(chat, *args, **kwargs)  # type: ignore[arg-type]

    let_time_pass(bad, 1802)
    let_time_pass(good, 1801)
    with monkeypatch.context() as broken:
        broken.setattr(chats, "finish", fails_for_one)
        assert timekeeping.fire_due() == 1
    assert (chat_row(bad)["state"], chat_row(good)["state"]) == ("queued", "ended")
    assert one("select count(*)::int as n from timer where chat_id = %s and state = 'armed'", (bad,)) == {"n": 1}
    assert timekeeping.fire_due() == 1
    assert chat_row(bad)["state"] == "ended"
