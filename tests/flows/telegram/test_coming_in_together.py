"""Words of many people are taken in together, in a few statements; what is not so plain goes the longer way beside them."""

from __future__ import annotations

import pytest

from models.actions import blocks, inbox
from models.db import one, rows, run
from tests.support import files
from tests.support.people import Colleague, entries
from tests.support.statements import statements
from tests.support.telegram import BotApi, photo, update
from tests.support.telegram_desk import calls, comes, outcomes
from workers import taking

PEOPLE = range(1, 11)


@pytest.fixture
def known(shop: int) -> int:
    """A channel whose ten people wrote before, and wait for an agent."""
    comes(shop, *(update(1, chat=person, name=f"P{person}", text="Hello") for person in PEOPLE))
    run("update chat set state = 'queued', queued_at = clock_timestamp() where state = 'bot'")
    assert outcomes() == {"message": 10}
    return shop


def said_by(person: int) -> list[str]:
    found = one(
        "select c.id from chat c join identity i on i.customer_id = c.customer_id where i.external_id = %s",
        (str(person),),
    )
    assert found is not None
    return [each["body"] for each in entries(found["id"]) if each["author_kind"] == "customer"]


def writes(shop: int, person: int, text: str, number: int = 2, name: str = "") -> None:
    assert calls(shop, update(number, chat=person, name=name or f"P{person}", text=text)) == 200


def test_ten_cost_little_more_than_one(known: int) -> None:
    costs = []
    for round_, some in enumerate((PEOPLE[:1], PEOPLE), 2):
        for person in some:
            writes(known, person, f"line {round_}", round_)
        found = inbox.claim()
        assert len(found) == len(some)
        with statements() as sent:
            taking.do(found)
        costs.append(len(sent))
    assert costs[0] == costs[1]
    assert said_by(1) == ["Hello", "line 2", "line 3"]
    assert [said_by(person)[-1] for person in PEOPLE] == ["line 3"] * 10
    assert outcomes() == {"message": 21}


def test_each_becomes_its_own_and_later_ones_of_a_sender_wait(known: int, boss: Colleague) -> None:
    """One is blocked, one has a new name, one quotes, one wrote twice: nobody's lot is another's."""
    (enemy,) = rows("select customer_id as id from identity where external_id = '1'")
    blocks.block(boss.viewer, enemy["id"], "Insults")
    writes(known, 1, "Am I blocked?")
    writes(known, 2, "I have married", name="P2 New")
    assert calls(known, update(2, chat=3, name="P3", text="That one", reply_to_message={"message_id": 1})) == 200
    writes(known, 4, "first")
    writes(known, 4, "second", 3)
    claimed = {each.id for each in inbox.claim()}
    assert len(claimed) == 4, "one of each sender"
    run("update inbound set state = 'waiting', lease_until = null, attempts = 0 where state = 'claimed'")
    taking.take()
    assert [said_by(person) for person in (2, 3, 4)] == [
        ["Hello", "I have married"],
        ["Hello", "That one"],
        ["Hello", "first", "second"],
    ]
    assert one("select name from identity where external_id = '2'") == {"name": "P2 New"}
    quoting = one("select data -> 'quote' is not null as yes from message where body = 'That one'")
    assert quoting == {"yes": True}
    assert outcomes() == {"message": 14, "refused: blocked": 1}


def test_of_those_with_files_one_stays_in_hand_and_the_others_are_given_back(known: int, api: BotApi) -> None:
    api.files = {f"f{person}": files.picture(40 + person, 40) for person in PEOPLE[:3]}
    for person in PEOPLE[:3]:
        assert calls(known, update(2, chat=person, name=f"P{person}", photo=photo(f"f{person}"))) == 200
    writes(known, 9, "only words")
    taking.do(inbox.claim())
    assert outcomes() == {"message": 12, "waiting": 2}
    taking.take()
    assert outcomes() == {"message": 14}
    assert [each["attempts"] for each in rows("select attempts from inbound where state = 'done'")] == [1] * 14
    kept = rows("select name from attachment where message_id is not null")
    assert len(kept) == 3


def test_a_fault_of_what_is_done_together_shows_whose_it_is(known: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for person in PEOPLE[:3]:
        writes(known, person, "again")
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "all_said", lambda _: (_ for _ in ()).throw(RuntimeError("a fault")))
        taking.take()
    assert outcomes() == {"message": 13}
    assert [said_by(person) for person in PEOPLE[:3]] == [["Hello", "again"]] * 3
