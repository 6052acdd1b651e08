"""What goes with a message: quotes, canned messages, and that a bare one stays as cheap as it was."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import enclosures
from models.db import one
from models.live import Room
from models.queries import shapes
from models.schemas.messages import MessageOut
from models.schemas.visitor import VisitorMessage
from models.tables.desk import CannedMessage
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    make_agent,
    make_customer,
    make_team,
    timers,
)
from tests.support.refusals import refused
from tests.support.statements import statements
from tests.support.told import Told


@pytest.fixture
def chat_id(ana: Colleague, customer: Customer) -> int:
    return chat_of(ana, customer)


# --- Quotes ---------------------------------------------------------------------------------------


def test_both_sides_quote_what_both_can_read(ana: Colleague, customer: Customer, chat_id: int, told: Told) -> None:
    asked = customer.says("Which day?")
    answer = ana.says(chat_id, "Monday", quote_id=asked.row["id"])
    assert answer.row["data"] == {
        "quote": {"id": asked.row["id"], "author_kind": "customer", "author_name": "Rosa Lind", "body": "Which day?"}
    }
    told.clear()
    thanks = customer.says("Good", quote_id=answer.row["id"])
    assert thanks.row["data"]["quote"]["body"] == "Monday"
    (heard,) = told.payloads("message:new", Room.customer(customer.id))
    assert heard["data"]["quote"]["author_name"] == "Ana Ruiz"
    assert MessageOut().validate(shapes.message(entries(chat_id)[-1])) == {}
    assert VisitorMessage().validate(heard) == {}
    assert_all_hold()


def test_a_long_message_is_quoted_by_its_beginning(ana: Colleague, customer: Customer, chat_id: int) -> None:
    long = customer.says("🌱" * 900)
    assert ana.says(chat_id, "I see", quote_id=long.row["id"]).row["data"]["quote"]["body"] == "🌱" * 200


def test_a_quote_never_carries_a_note_to_the_customer(ana: Colleague, customer: Customer, chat_id: int) -> None:
    note = ana.notes(chat_id, "Is always late")
    before = entries(chat_id)
    assert refused(lambda: ana.says(chat_id, "As I noted", quote_id=note.row["id"])) == "unknown_message"
    assert refused(lambda: customer.says("What?", quote_id=note.row["id"])) == "unknown_message"
    assert entries(chat_id) == before
    quoting = ana.notes(chat_id, "Still is", quote_id=note.row["id"])
    assert quoting.row["data"]["quote"]["body"] == "Is always late"


def test_only_words_of_the_same_chat_that_are_still_there_are_quoted(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    foreign = make_customer("Somebody Else").says("My secret")
    gone = ana.says(chat_id, "Wrong")
    ana.deletes(gone)
    event = next(each for each in entries(chat_id) if each["kind"] == "event")
    for number in (foreign.row["id"], gone.row["id"], event["id"], 987_654_321):
        assert refused(lambda number=number: ana.says(chat_id, "See above", quote_id=number)) == "unknown_message"
        assert refused(lambda number=number: customer.says("See above", quote_id=number)) == "unknown_message"
    assert_all_hold()


def test_an_answer_with_a_quote_is_an_answer(ana: Colleague, customer: Customer, chat_id: int) -> None:
    assert timers(chat_id) == {"first_reply"}
    said = ana.says(chat_id, "Monday", quote_id=entries(chat_id)[0]["id"])
    assert timers(chat_id) == set()
    chat = chat_row(chat_id)
    assert chat["first_replied_at"] == chat["last_agent_at"] == said.row["created_at"]
    assert chat["idle_due_at"] > said.row["created_at"]


def test_the_same_client_id_answers_with_what_was_stored_first(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    asked = customer.says("Which day?")
    first = ana.says(chat_id, "Monday", client_id="the-same-one", quote_id=asked.row["id"])
    again = ana.says(chat_id, "Monday", client_id="the-same-one", quote_id=987_654_321)
    assert again.row["id"] == first.row["id"]
    assert again.row["data"] == first.row["data"]


# --- Canned messages ------------------------------------------------------------------------------


def canned(**columns: Any) -> int:
    return int(CannedMessage.create(**{"shortcut": "hello", "title": "Hello", "body": "Hello there", **columns}).id)


def uses(canned_id: int) -> int:
    found = one("select uses, last_used_at is not null as used from canned_message where id = %s", (canned_id,))
    assert found is not None
    assert found["used"] == (found["uses"] > 0)
    return int(found["uses"])


def test_a_canned_message_counts_how_often_it_is_sent(ana: Colleague, chat_id: int) -> None:
    number = canned()
    ana.says(chat_id, "Hello there", canned_id=number, client_id="the-same-one")
    ana.says(chat_id, "Hello there", canned_id=number, client_id="the-same-one")
    ana.notes(chat_id, "Hello there", canned_id=number)
    assert uses(number) == 2


def test_only_those_one_may_use_are_counted(ana: Colleague, chat_id: int) -> None:
    other = make_agent("Ben Hale", role="admin")
    team = canned(shortcut="team", team=make_team("Elsewhere"))
    personal = canned(shortcut="own", agent=other.id)
    before = entries(chat_id)
    for number in (team, personal, 987_654_321):
        assert refused(lambda number=number: ana.says(chat_id, "Hello", canned_id=number)) == "unknown_canned"
    assert entries(chat_id) == before
    assert (uses(team), uses(personal)) == (0, 0)
    mine = canned(shortcut="own", agent=ana.id)
    ana.says(chat_id, "Hello", canned_id=mine)
    assert uses(mine) == 1


# --- The short way --------------------------------------------------------------------------------


def test_a_bare_message_costs_two_statements_between_begin_and_commit(
    ana: Colleague, customer: Customer, chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.says(chat_id)
    monkeypatch.delattr(enclosures, "gather")  # nothing of what follows is on its way
    with statements() as sent:
        ana.says(chat_id, "And another")
    assert len(sent.inside) == 2
    with statements() as sent:
        customer.says("Thank you")
    assert len(sent.inside) == 2
