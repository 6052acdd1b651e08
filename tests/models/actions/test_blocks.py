"""An abuser is kept out: their chats end, their words are refused, and it can be lifted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.actions import blocks, visitors
from models.actions.chat_log import db_now
from models.db import one, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import customers as read
from tests.support.people import Colleague, Customer, chat_of, chat_row, make_agent, make_customer


@pytest.fixture
def mallory(ana: Colleague) -> Customer:
    customer = make_customer("Mallory")
    chat_of(ana, customer)
    return customer


def test_the_open_chat_ends_and_nothing_they_write_is_stored(ana: Colleague, mallory: Customer) -> None:
    blocks.block(ana.viewer, mallory.id, "Insults")
    ended = chat_row(mallory.chat)
    assert (ended["state"], ended["end_cause"], ended["ended_owner_id"]) == ("ended", "admin", ana.id)
    before = one("select count(*) as n from message")
    with pytest.raises(Refused) as refusal:
        mallory.says("You again")
    assert refusal.value.code == "blocked"
    assert one("select count(*) as n from message") == before
    assert read.detail(mallory.id)["blocked"]
    assert read.detail(mallory.id)["block"]["reason"] == "Insults"


def test_others_at_the_same_address_are_kept_out_only_when_asked(ana: Colleague, mallory: Customer) -> None:
    twin = make_customer("Twin")
    run("update customer set address = '203.0.113.7' where id in (%s, %s)", (mallory.id, twin.id))
    blocks.block(ana.viewer, mallory.id, "Insults")
    twin.says("I am somebody else")
    blocks.lift_of(make_agent("Sam Boss", role="supervisor").viewer, mallory.id)
    chat_of(ana, mallory)
    blocks.block(ana.viewer, mallory.id, "Insults again", address=True)
    twin.ends()
    with pytest.raises(Refused):
        twin.says("Me again")


def test_a_new_token_from_a_blocked_address_does_not_help(ana: Colleague, mallory: Customer) -> None:
    run("update customer set address = '203.0.113.7' where id = %s", (mallory.id,))
    blocks.block(ana.viewer, mallory.id, "Insults", address=True)
    channel = one("select id from channel")
    assert channel is not None
    _, fresh = visitors.arrives(channel["id"], None, address="203.0.113.7")
    with pytest.raises(Refused):
        Customer(fresh).says("A new name")
    _, elsewhere = visitors.arrives(channel["id"], None, address="203.0.113.8")
    Customer(elsewhere).says("Hello")


def test_a_block_ends_by_itself(ana: Colleague, mallory: Customer) -> None:
    blocks.block(ana.viewer, mallory.id, "Cool down", db_now() + timedelta(hours=1))
    run("update block set until = clock_timestamp() - interval '1 second'")
    mallory.says("Sorry about that")
    assert not read.detail(mallory.id)["blocked"]
    assert read.blocks() == {"items": []}


def test_supervisors_lift_and_agents_do_not(ana: Colleague, mallory: Customer) -> None:
    boss = make_agent("Sam Boss", role="supervisor")
    blocks.block(ana.viewer, mallory.id, "Insults")
    (entry,) = read.blocks()["items"]
    assert (entry["customer_name"], entry["by"]["name"]) == ("Mallory", "Ana Ruiz")
    with pytest.raises(Refused):
        blocks.lift(ana.viewer, entry["id"])
    blocks.lift(boss.viewer, entry["id"])
    assert one("select target_name from audit_entry where what = 'unblocked'") == {"target_name": "Mallory"}
    mallory.says("Thank you")
    with pytest.raises(NotFound):
        blocks.lift(boss.viewer, entry["id"])


def test_twice_and_in_the_past_are_refused(ana: Colleague, mallory: Customer) -> None:
    with pytest.raises(Invalid) as refusal:
        blocks.block(ana.viewer, mallory.id, "Insults", db_now() - timedelta(seconds=1))
    assert "until" in refusal.value.detail["fields"]
    assert chat_row(mallory.chat)["state"] == "active"
    blocks.block(ana.viewer, mallory.id, "Insults")
    with pytest.raises(Conflict) as conflict:
        blocks.block(ana.viewer, mallory.id, "Insults")
    assert conflict.value.code == "already_blocked"
