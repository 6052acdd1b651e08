"""Promises and letters while several people, or sweeps, are at them at once."""

from __future__ import annotations

from functools import partial

import pytest

from models.actions import chats, customers, end_reasons, follow_ups, letters, promises, timekeeping
from models.db import one, rows, run
from tests.support.invariants import assert_all_hold, assert_kept
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    events,
    make_agent,
    make_customer,
    new_client_id,
)
from tests.support.racing import codes, no_deadlocks, race
from tests.support.told import Told

SEEDS = pytest.mark.parametrize("seed", range(4))


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz")


def promised(ana: Colleague) -> tuple[int, int]:
    chat_id = chat_of(ana)
    chats.end(ana.viewer, chat_id, "follow_up")
    found = one("select id from promise where chat_id = %s", (chat_id,))
    assert found is not None
    return chat_id, found["id"]


@SEEDS
def test_a_promise_is_settled_once(seed: int, ana: Colleague) -> None:
    boss = make_agent("Ida Holm", role="supervisor")
    chat_id, promise_id = promised(ana)
    with no_deadlocks():
        outcomes = codes(
            race(
                partial(follow_ups.settle, ana.viewer, promise_id, "kept", "Called them"),
                partial(follow_ups.settle, boss.viewer, promise_id, "cancelled", "They called us"),
                partial(
                    follow_ups.begin, ana.viewer, chat_id, body="Hi", client_id=new_client_id(), promise_id=promise_id
                ),
            )
        )
    assert sorted(outcomes, key=str) == [None, "settled", "settled"]
    told = [name for name in events(chat_id) if name in ("promise_kept", "promise_cancelled")]
    assert len(told) == 1
    assert_all_hold()


@SEEDS
def test_a_message_at_the_end_neither_loses_the_promise_nor_itself(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    with no_deadlocks():
        said, ended = race(
            partial(customer.says, "One more thing"), partial(chats.end, ana.viewer, chat_id, "follow_up")
        )
    assert ended is None
    assert len(rows("select id from promise where chat_id = %s", (chat_id,))) == 1
    assert chat_row(said.chat_id)["session_id"] == chat_row(chat_id)["session_id"]
    assert_kept([said])
    assert_all_hold()


@SEEDS
def test_a_customer_who_writes_as_the_follow_up_begins_is_in_one_chat(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    chats.end(ana.viewer, chat_id, "follow_up")
    with no_deadlocks():
        said, begun = race(
            partial(customer.says, "Any news?"),
            partial(follow_ups.begin, ana.viewer, chat_id, body="It has come.", client_id=new_client_id()),
        )
    (open_chat,) = rows("select id, state from chat where customer_id = %s and state <> 'ended'", (customer.id,))
    assert said.chat_id == open_chat["id"]
    if isinstance(begun, Exception):
        assert codes([begun]) == ["already_open"]
    else:
        assert begun.chat_id == said.chat_id
    assert_all_hold()


@SEEDS
def test_sweeps_at_once_remind_once(seed: int, ana: Colleague, told: Told) -> None:
    promised(ana)
    run("update promise set due_at = clock_timestamp() - interval '1 minute'")
    told.clear()
    assert sum(race(*[promises.remind] * 4)) == 1
    assert [each.payload["kind"] for each in told.tellings if each.event == "alert"] == ["promise_due"]


@SEEDS
def test_sweeps_at_once_call_supervisors_once(seed: int, told: Told) -> None:
    from tests.support.people import let_time_pass

    let_time_pass(make_customer().waits(), 601)
    told.clear()
    assert sum(race(*[timekeeping.fire_due] * 4)) == 1
    assert [each.payload["kind"] for each in told.tellings if each.event == "alert"] == ["waiting_long"]


@SEEDS
def test_a_letter_is_in_the_hands_of_one_worker(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = customer.waits()
    customers.leaves_email(customer.visitor, chat_id, "rosa@example.com")
    ana.takes(chat_id)
    ana.says(chat_id)
    run("update mail set due_at = clock_timestamp()")
    (mail,) = rows("select id from mail")
    with no_deadlocks():
        claimed = race(*[partial(letters.claim, mail["id"])] * 4)
    assert sum(each is not None for each in claimed) == 1
    with no_deadlocks():  # a word said meanwhile neither waits for it nor puts it into other hands
        *claimed, said = race(*[partial(letters.claim, mail["id"])] * 3, partial(ana.says, chat_id, "One more thing"))
    assert claimed == [None] * 3
    assert_kept([said])


@SEEDS
def test_leaving_an_address_against_being_picked_up(seed: int, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = customer.waits()
    with no_deadlocks():
        outcomes = codes(
            race(
                partial(ana.takes, chat_id), partial(customers.leaves_email, customer.visitor, chat_id, "r@example.com")
            )
        )
    assert outcomes == [None, None]
    chat = chat_row(chat_id)
    assert (chat["state"], chat["reply_by_email"]) == ("active", True)
    assert_all_hold()


@SEEDS
def test_two_admins_add_the_same_reason_once(seed: int) -> None:
    heads = [make_agent(name, role="admin") for name in ("Ida", "Joe")]
    outcomes = codes(race(*(partial(end_reasons.add, head.viewer, "Sent to repair") for head in heads)))
    assert sorted(outcomes, key=str) == [None, "name_taken"]
    assert len(rows("select code from end_reason where label = 'Sent to repair'")) == 1


@SEEDS
def test_a_reason_taken_out_of_use_as_a_chat_ends_by_it(seed: int, ana: Colleague) -> None:
    head = make_agent("Ida", role="admin")
    code = end_reasons.add(head.viewer, "Sent to repair")
    chat_id = chat_of(ana)
    with no_deadlocks():
        ended, archived = codes(
            race(
                partial(chats.end, ana.viewer, chat_id, code),
                partial(end_reasons.change, head.viewer, code, archived=True),
            )
        )
    assert archived is None
    assert ended in (None, "unknown_reason")
    assert chat_row(chat_id)["state"] == ("ended" if ended is None else "active")
