"""Silence: after an answer a customer is asked, and a chat that nobody answers ends (T4, T19); slowly where people write slowly."""

from __future__ import annotations

import pytest

from models.actions import bot, senders, timekeeping
from models.channels.incoming import Person
from models.db import one, rows, run
from models.rules.answering import Answer
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    due_after,
    entries,
    events,
    let_time_pass,
    make_team,
    set_desk,
    timers,
)
from tests.support.told import Told


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


# --- T19 where customers write by mail or messenger -----------------------------------------------


@pytest.fixture
def far(customer: Customer) -> Customer:
    """A customer who writes by a messenger."""
    set_desk(bot_enabled=False)
    channel = one(
        "insert into channel (kind, name, public_key, allowed_origins) values ('telegram', 'Bot', 'far', '{}') returning id"
    )
    assert channel is not None
    return Customer(senders.meet(channel["id"], Person("77", name="Rosa Lind")))


def arrived(chat_id: int) -> None:
    run("update delivery set state = 'sent', settled_at = clock_timestamp() where chat_id = %s", (chat_id,))


def test_t19_on_slow_channels_a_day_of_silence_ends_a_chat_unasked_and_the_next_word_goes_on_with_it(
    ana: Colleague, far: Customer
) -> None:
    chat_id = far.says("Where is my parcel?").chat_id
    ana.takes(chat_id)
    ana.says(chat_id, "Which one?")
    arrived(chat_id)
    assert due_after(chat_id, 86_390) == 0
    assert due_after(chat_id, 20) == 1
    assert "idle_warning" not in events(chat_id)
    chat = chat_row(chat_id)
    assert (chat["state"], chat["end_cause"], chat["ended_owner_id"]) == ("ended", "inactivity", ana.id)
    assert rows("select id from delivery where chat_id = %s and state = 'queued'", (chat_id,)) == []
    let_time_pass(chat_id, 3600)
    again = far.says("The blue one").chat_id
    assert (again != chat_id, chat_row(again)["session_id"]) == (True, chat["session_id"])
    assert_all_hold()


def test_t8_on_slow_channels_no_wait_is_too_long(far: Customer) -> None:
    chat_id = far.says("Where is my parcel?").chat_id
    for _ in range(3):
        assert due_after(chat_id, 40_000) == 1, "supervisors are called, and nothing else happens"
        assert (chat_row(chat_id)["state"], timers(chat_id)) == ("queued", set())


def test_t19_on_slow_channels_too_a_customer_who_spoke_last_is_never_closed(ana: Colleague, far: Customer) -> None:
    chat_id = far.says("Where is my parcel?").chat_id
    ana.takes(chat_id)
    ana.says(chat_id, "Which one?")
    far.says("The blue one")
    arrived(chat_id)
    assert due_after(chat_id, 864_000) == 0
    assert chat_row(chat_id)["state"] == "active"


def test_t19_desk_and_team_have_their_own_time_for_slow_channels_and_it_may_change_meanwhile(
    ana: Colleague, far: Customer
) -> None:
    set_desk(idle_end_async_s=7200)
    first = far.says("Where is my parcel?")
    chat_id = first.chat_id
    ana.takes(chat_id)
    said = ana.says(chat_id, "Which one?")
    arrived(chat_id)
    assert (chat_row(chat_id)["idle_due_at"] - said.row["created_at"]).total_seconds() == 7200
    set_desk(idle_end_async_s=14_400)
    assert due_after(chat_id, 7300) == 0
    assert chat_row(chat_id)["state"] == "active"
    run("update chat set team_id = %s where id = %s", (make_team("Slow", idle_end_async_s=3600), chat_id))
    for more in ({}, {"quote_id": first.row["id"]}):  # the short way, and the longer one
        said = ana.says(chat_id, "This one?", **more)
        assert (chat_row(chat_id)["idle_due_at"] - said.row["created_at"]).total_seconds() == 3600
    arrived(chat_id)
    assert due_after(chat_id, 3601) == 1


def test_t19_nobody_is_silent_whom_we_owe_a_word_or_whom_ours_has_not_reached(ana: Colleague, far: Customer) -> None:
    chat_id = far.says("Where is my parcel?").chat_id
    ana.takes(chat_id)
    ana.says(chat_id, "We will see.")
    run("update delivery set state = 'dead', settled_at = clock_timestamp() where chat_id = %s", (chat_id,))
    assert due_after(chat_id, 90_000) == 0
    assert chat_row(chat_id)["idle_due_at"] is not None
    run(
        "update delivery d set state = case when m.kind = 'text' then 'sent' else 'failed' end, settled_at = clock_timestamp()"
        " from message m where m.id = d.message_id and d.chat_id = %s",
        (chat_id,),
    )
    run(
        "insert into promise (kind, chat_id, session_id, customer_id, owner_id, due_at)"
        " select 'escalation', id, session_id, customer_id, owner_id, clock_timestamp() + interval '2 days'"
        " from chat where id = %s",
        (chat_id,),
    )
    assert due_after(chat_id, 4000) == 0
    run("update promise set state = 'kept', settled_at = clock_timestamp()")
    assert due_after(chat_id, 172_800) == 1
    assert chat_row(chat_id)["state"] == "ended"
