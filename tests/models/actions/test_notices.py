"""Broadcasts in a customer's widget: in the open chat, or waiting; answered, put away, not wanted any more."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import broadcasts, erasure, notices, retention
from models.channels.outgoing import Parcel
from models.db import one, rows, run
from models.errors import NotFound
from models.queries import broadcasts as read
from models.queries import exports, visitors
from models.queries import notices as read_notices
from models.queries.shapes import visitor_message
from tests.models.actions.test_broadcasts import a_draft, people
from tests.support import invariants
from tests.support.people import Colleague, Customer, chat_of, chat_row, entries, make_agent, make_customer
from tests.support.told import Told
from workers import casting


@pytest.fixture
def sue() -> Colleague:
    return make_agent("Sue Park", role="supervisor", limit=50)


def told_to(sue: Colleague, *customers: Customer) -> int:
    """A broadcast that has reached these customers."""
    number = a_draft(sue, list(customers))
    broadcasts.schedule(sue.viewer, number)
    casting.send(number)
    return number


def waits(customer: Customer) -> dict[str, Any]:
    return read_notices.waiting(customer.id, customer.visitor.channel_id)


def test_it_is_an_entry_of_the_open_chat_and_changes_nothing_else_there(sue: Colleague) -> None:
    ben = make_customer("Ben")
    chat_id = chat_of(sue, ben)
    before = chat_row(chat_id)
    number = told_to(sue, ben)
    last, after = entries(chat_id)[-1], chat_row(chat_id)
    assert (last["kind"], last["author_kind"], last["body"]) == ("text", "system", "Your parcel is on its way.")
    assert last["data"]["broadcast"]["id"] == number
    same = ("state", "owner_id", "idle_due_at", "last_agent_at", "last_customer_at", "first_replied_at")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert after["pub_seq"] == before["pub_seq"] + 1
    assert not waits(ben)["items"]
    invariants.assert_all_hold()


def test_the_customer_is_not_told_which_broadcast_it_was(sue: Colleague) -> None:
    ben = make_customer("Ben")
    chat_id = chat_of(sue, ben)
    told_to(sue, ben)
    shown = visitor_message(entries(chat_id)[-1])
    assert shown["data"] == {"broadcast": True}


def test_without_an_open_chat_it_waits_for_the_next_visit(sue: Colleague, told: Told) -> None:
    (ben,) = people(1)
    told_to(sue, ben)
    state = visitors.state(ben.visitor)
    assert [(each["body"], each["seen"]) for each in state["notices"]["items"]] == [
        ("Your parcel is on its way.", False)
    ]
    heard = [each for each in told.tellings if each.event == "notices:changed"]
    assert heard[-1].rooms == [f"customer:{ben.id}"]
    notices.seen(ben.visitor)
    assert waits(ben)["items"][0]["seen"]


def test_an_answer_opens_a_chat_that_knows_the_broadcast(sue: Colleague) -> None:
    (ben,) = people(1)
    number = told_to(sue, ben)
    (notice,) = waits(ben)["items"]
    said = ben.says("Which parcel?", notice_id=notice["id"])
    first, second = [each for each in entries(said.chat_id) if each["kind"] == "text"]
    assert (first["author_kind"], first["data"]["broadcast"]["id"]) == ("system", number)
    assert (second["author_kind"], second["body"]) == ("customer", "Which parcel?")
    assert chat_row(said.chat_id)["first_body"] == "Which parcel?"
    assert not waits(ben)["items"]
    (line,) = read.recipients(sue.viewer, number)["items"]
    assert (line["replied"], line["chat_id"]) == (True, said.chat_id)
    assert read.detail(sue.viewer, number)["replied"] == 1
    invariants.assert_all_hold()


def test_the_same_answer_sent_twice_is_one_chat_with_one_broadcast(sue: Colleague) -> None:
    (ben,) = people(1)
    told_to(sue, ben)
    (notice,) = waits(ben)["items"]
    first = ben.says("Which parcel?", client_id="client-twice", notice_id=notice["id"])
    again = ben.says("Which parcel?", client_id="client-twice", notice_id=notice["id"])
    assert first.row["id"] == again.row["id"]
    ben.says("Hello?", notice_id=notice["id"])
    assert [each["kind"] for each in entries(first.chat_id) if "broadcast" in each["data"]] == ["text"]


def test_somebody_elses_notice_is_nobodys(sue: Colleague) -> None:
    ben, eve = people(2)
    told_to(sue, ben)
    (notice,) = waits(ben)["items"]
    said = eve.says("Mine!", notice_id=notice["id"])
    assert not [each for each in entries(said.chat_id) if "broadcast" in each["data"]]
    with pytest.raises(NotFound):
        notices.close(eve.visitor, notice["id"])
    assert waits(ben)["items"]


def test_the_answer_goes_the_way_of_every_other_question(sue: Colleague) -> None:
    (ben,) = people(1)
    told_to(sue, ben)
    said = ben.says("Which parcel?", notice_id=waits(ben)["items"][0]["id"])
    row = chat_row(said.chat_id)
    assert (row["state"], row["bot_message_id"]) == ("bot", said.row["id"])


def test_what_is_put_away_stays_away(sue: Colleague) -> None:
    (ben,) = people(1)
    told_to(sue, ben)
    (notice,) = waits(ben)["items"]
    notices.close(ben.visitor, notice["id"])
    notices.close(ben.visitor, notice["id"])
    assert not waits(ben)["items"]


def test_one_click_ends_them_and_another_brings_them_back(sue: Colleague) -> None:
    (ben,) = people(1)
    notices.opts(ben.visitor, out=True)
    assert not waits(ben)["wanted"]
    assert read.audience(sue.viewer, "list", {"customer_ids": [ben.id]})["reachable"] == 0
    notices.opts(ben.visitor, out=False)
    assert waits(ben)["wanted"]
    assert read.audience(sue.viewer, "list", {"customer_ids": [ben.id]})["reachable"] == 1


def test_agents_see_that_they_want_no_more(sue: Colleague, told: Told) -> None:
    ben = make_customer("Ben")
    chat_id = chat_of(sue, ben)
    assert sue.sees(chat_id)["customer"]["broadcasts_off_at"] is None
    told.clear()
    notices.opts(ben.visitor, out=True)
    notices.opts(ben.visitor, out=True)
    assert sue.sees(chat_id)["customer"]["broadcasts_off_at"] is not None
    assert [each.event for each in told.tellings].count("customer:changed") == 1


def test_placing_twice_is_placing_once(sue: Colleague) -> None:
    ben = make_customer("Ben")
    chat_id = chat_of(sue, ben)
    number = told_to(sue, ben)
    (line,) = rows("select * from recipient where broadcast_id = %s", (number,))
    again = Parcel(
        row_id=line["id"],
        broadcast_id=number,
        customer_id=ben.id,
        channel_id=line["channel_id"],
        kind="web",
        body="Your parcel is on its way.",
        attempt=2,
    )
    assert notices.place(again) == notices.place(again)
    assert len([each for each in entries(chat_id) if "broadcast" in each["data"]]) == 1
    assert one("select count(*)::int as n from notice") == {"n": 1}


def test_it_counts_as_seen_when_it_was_read(sue: Colleague) -> None:
    ben, ola = make_customer("Ben"), people(1)[0]
    chat_id = chat_of(sue, ben)
    number = told_to(sue, ben, ola)
    assert read.detail(sue.viewer, number)["seen"] == 0
    ben.reads(chat_row(chat_id)["pub_seq"])
    assert read.detail(sue.viewer, number)["seen"] == 1
    notices.seen(ola.visitor)
    found = read.detail(sue.viewer, number)
    assert (found["seen"], found["replied"]) == (2, 0)


# --- what is forgotten, taken out and removed ---------------------------------------------------------------------


def test_nothing_lies_in_the_widget_of_somebody_erased(sue: Colleague) -> None:
    """R-23: not even what was on its way when they were."""
    (ben,) = people(1)
    first = told_to(sue, ben)
    second = a_draft(sue, [ben])
    broadcasts.schedule(sue.viewer, second)
    run("update recipient set error = 'ben@shop.example bounced' where broadcast_id = %s", (first,))
    erasure.erase(sue.viewer, ben.id, "Asked for it.")
    casting.send(second)
    assert not rows("select 1 from notice")
    found = rows("select state, reason, error from recipient order by id")
    assert [(each["state"], each["reason"], each["error"]) for each in found] == [
        ("sent", None, None),
        ("skipped", "erased", None),
    ]


def test_everything_kept_of_a_customer_holds_what_was_sent_to_them(sue: Colleague) -> None:
    (ben,) = people(1)
    number = told_to(sue, ben)
    found = [each for each in exports.of_customer(ben.id, notes=False) if each["is"] == "broadcast"]
    assert [(each["broadcast_id"], each["body"], each["state"]) for each in found] == [
        (number, "Your parcel is on its way.", "sent")
    ]


def test_old_broadcasts_are_removed_with_their_ledgers_and_drafts_stay(sue: Colleague) -> None:
    admin = make_agent("Kim Chief", role="admin")
    (ben,) = people(1)
    old, fresh, draft = told_to(sue, ben), told_to(sue, ben), a_draft(sue, [ben])
    run("update broadcast set finished_at = finished_at - interval '40 days' where id = %s", (old,))
    rule = retention.add(admin.viewer, what="broadcasts", channel_id=None, after_days=30)
    retention.change(admin.viewer, rule, enabled=True)
    run("update retention_rule set tried_at = tried_at - interval '25 hours'")
    assert retention.sweep() == 1
    assert [each["id"] for each in rows("select id from broadcast order by id")] == [fresh, draft]
    assert not rows("select 1 from recipient where broadcast_id = %s", (old,))
