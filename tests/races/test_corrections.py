"""Words taken back while others read, hand on and end: whatever comes first holds, and nobody sees half of it."""

from __future__ import annotations

from functools import partial

import pytest

from models.db import one
from tests.support.invariants import assert_all_hold
from tests.support.people import chat_of, entries, make_agent, make_customer
from tests.support.racing import codes, no_deadlocks, race

ROUNDS = range(6)


@pytest.mark.parametrize("_", ROUNDS)
def test_an_edit_and_a_read_receipt(_: int) -> None:
    """Either the customer read the words that are there now, or the edit came before the reading."""
    ana, customer = make_agent(), make_customer()
    said = ana.says(chat_of(ana, customer), "Munday")
    with no_deadlocks():
        outcomes = race(partial(ana.edits, said, "Monday"), partial(customer.reads, said.row["pub_seq"]))
    stored = one("select body from message where id = %s", (said.row["id"],))
    assert stored is not None
    assert (codes(outcomes)[0], stored["body"]) in ((None, "Monday"), ("already_read", "Munday"))
    assert_all_hold()


@pytest.mark.parametrize("_", ROUNDS)
def test_an_edit_and_a_change_of_owner(_: int) -> None:
    ana, ben, customer = make_agent(), make_agent("Ben Hale"), make_customer()
    chat_id = chat_of(ana, customer)
    said = ana.says(chat_id, "Munday")
    with no_deadlocks():
        outcomes = race(partial(ana.edits, said, "Monday"), partial(ana.hands, chat_id, ben))
    assert codes(outcomes)[0] in (None, "not_owner")
    names = [each["data"].get("event") for each in entries(chat_id)]
    if codes(outcomes)[0] is None:
        assert names.index("message_edited") < len(names) - 1 - names[::-1].index("assigned")
    else:
        assert "message_edited" not in names
    assert_all_hold()


def test_one_message_deleted_by_many_is_deleted_once() -> None:
    ana, boss, customer = make_agent(), make_agent("The Boss", role="supervisor"), make_customer()
    chat_id = chat_of(ana, customer)
    said = ana.says(chat_id)
    with no_deadlocks():
        stubs = race(*[partial(who.deletes, said) for who in (ana, boss, ana, boss)])
    assert len({each["deleted_at"] for each in stubs}) == 1
    assert [each["data"].get("event") for each in entries(chat_id)].count("message_deleted") == 1
    assert_all_hold()


@pytest.mark.parametrize("_", ROUNDS)
def test_a_quote_of_words_that_go(_: int) -> None:
    """A quote is taken before the deletion and emptied by it, or refused after it; no word survives in a copy."""
    ana, customer = make_agent(), make_customer()
    chat_id = chat_of(ana, customer)
    said = ana.says(chat_id, "The code is 1234")
    with no_deadlocks():
        outcomes = race(partial(ana.deletes, said), partial(customer.says, "Thank you", quote_id=said.row["id"]))
    assert codes(outcomes)[1] in (None, "unknown_message")
    assert not [each for each in entries(chat_id) if "1234" in str(each["data"]) or "1234" in each["body"]]
    assert_all_hold()


def test_a_talk_goes_on_while_its_words_are_corrected() -> None:
    ana, customer = make_agent(), make_customer()
    chat_id = chat_of(ana, customer)

    def talks_and_corrects() -> None:
        for number in range(8):
            said = ana.says(chat_id, f"line {number}")
            ana.deletes(said)

    with no_deadlocks():
        race(talks_and_corrects, *[lambda: [customer.says("Hm") for _ in range(8)]] * 2)
    assert_all_hold()
