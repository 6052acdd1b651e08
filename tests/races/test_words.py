"""Many write at once: every word is kept, numbered without a gap, and in its speaker's order (G1 to G3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from models.actions import conversation, queue
from models.actions.messages import Said
from models.db import db, run
from tests.support.invariants import assert_all_hold, assert_kept
from tests.support.people import Customer, chat_of, chat_row, make_agent, make_customer, waiting_chat
from tests.support.racing import kept_waiting, no_deadlocks, race


def test_owner_and_customer_talk_at_once() -> None:
    ana, customer = make_agent(), make_customer()
    chat_id = chat_of(ana, customer)

    def talk(say: Callable[[str], Said]) -> list[Said]:
        return [say(f"line {number}") for number in range(15)]

    with no_deadlocks():
        said = race(
            partial(talk, partial(ana.says, chat_id)), partial(talk, customer.says), partial(talk, customer.says)
        )
    for line in said:
        assert_kept(line)
    assert_all_hold()


def test_one_message_sent_again_by_many_tries_is_stored_once() -> None:
    customer = make_customer()
    customer.waits()
    said = race(*[partial(customer.says, "Hello?", client_id="the-same-one")] * 6)
    assert len({each.row["id"] for each in said}) == 1
    assert_all_hold()


@pytest.mark.parametrize("seed", range(3))
def test_batches_that_share_chats_do_not_block_each_other(seed: int) -> None:
    """Each front commits its messages in batches, in whatever order they came."""
    dice = random.Random(seed)
    customers = [make_customer() for _ in range(8)]
    for customer in customers:
        customer.waits()

    def front(who: list[Customer], name: str) -> list[Said]:
        kept: list[Said] = []
        for number in range(8):
            outcomes = conversation.post([customer.draft(f"{name} {number}") for customer in who])
            assert all(isinstance(outcome, Said) for outcome in outcomes)
            kept += [outcome for outcome in outcomes if isinstance(outcome, Said)]
        return kept

    with no_deadlocks():
        said = race(*(partial(front, dice.sample(customers, 8), f"front {number}") for number in range(3)))
    for line in said:
        assert_kept(sorted(line, key=lambda each: each.row["all_seq"]))
    assert_all_hold()


def test_places_are_told_in_the_order_of_locks_and_not_of_the_line() -> None:
    """A batch of messages holds the first chat and wants the others; telling places must not hold one of them."""
    ana, customer = make_agent(), make_customer()
    first, *others = customer.waits(), *(waiting_chat() for _ in range(10))
    for chat_id in reversed(others):  # they come back with priority: before the first, in the line as on the disk
        ana.takes(chat_id)
        ana.returns(chat_id)
    customer.says("Still here")

    with db.atomic():
        run("select 1 from chat where id = %s for update", (first,))
        with kept_waiting(queue.tell_places):
            run("select 1 from chat where id = any(%s) for update nowait", (others,))
            db.commit()
    assert [chat_row(each)["place_told"] for each in (*others, first)] == list(range(1, 12))
