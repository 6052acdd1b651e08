"""Broadcasts as people make them: drafted, counted, confirmed, frozen, held, cancelled, tried again."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from models.actions import blocks, broadcasts, erasure, sending
from models.actions.chat_log import db_now
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import broadcasts as read
from models.tables.desk import Tag
from tests.support.people import Colleague, Customer, chat_of, make_agent, make_customer
from tests.support.told import Told
from workers import casting


@pytest.fixture
def sue() -> Colleague:
    return make_agent("Sue Park", role="supervisor", limit=50)


def people(many: int) -> list[Customer]:
    """Customers who have written once."""
    made = [make_customer(f"Customer {number}") for number in range(many)]
    for each in made:
        each.says("Hello?")
        each.ends()
    return made


def a_draft(sue: Colleague, meant: list[Customer], **more: Any) -> int:
    body = {"title": "Parcels move again", "body": "Your parcel is on its way.", "rate": 1000, **more}
    return broadcasts.draft(
        sue.viewer, audience_kind="list", audience={"customer_ids": [each.id for each in meant]}, **body
    )


def ledger(number: int) -> dict[int, tuple[str, str | None]]:
    found = rows("select customer_id, state, reason from recipient where broadcast_id = %s and not trial", (number,))
    return {each["customer_id"]: (each["state"], each["reason"]) for each in found}


def wait_a_turn() -> None:
    """The pace of a thousand a second lets the next one go."""
    time.sleep(0.002)


def state(number: int) -> str:
    found = one("select state from broadcast where id = %s", (number,))
    assert found is not None
    return str(found["state"])


def test_the_count_names_who_is_left_out_and_why(sue: Colleague) -> None:
    well, off, kept_out, gone, lost = people(5)
    casting.notices.opts(off.visitor, out=True)
    blocks.block(sue.viewer, kept_out.id, "Insults")
    erasure.erase(make_agent("Kim", role="admin").viewer, gone.id, "Asked for it.")
    run("update visitor_token set expires_at = clock_timestamp() where customer_id = %s", (lost.id,))
    meant = {"customer_ids": [each.id for each in (well, off, kept_out, gone, lost)]}
    found = read.audience(sue.viewer, "list", meant)
    assert found["reachable"] == 1
    assert {each["reason"]: each["count"] for each in found["left_out"]} == {
        "opted_out": 1, "blocked": 1, "erased": 1, "unreachable": 1,
    }  # fmt: skip
    assert {each["customer"]["id"]: each["reason"] for each in found["people"]} == {
        off.id: "opted_out", kept_out.id: "blocked", gone.id: "erased", lost.id: "unreachable",
    }  # fmt: skip


def test_a_tag_means_whoever_has_a_chat_with_all_of_the_tags(sue: Colleague) -> None:
    both, single, neither = people(3)
    refund, urgent = (Tag.create(name=name, hue=1).id for name in ("refund", "urgent"))
    sue.tags(both.chat, refund, urgent)
    sue.tags(single.chat, refund)
    assert read.audience(sue.viewer, "tag", {"tag_ids": [refund]})["reachable"] == 2
    number = broadcasts.draft(
        sue.viewer, title="T", body="B", rate=10, audience_kind="tag", audience={"tag_ids": [refund, urgent]}
    )
    broadcasts.schedule(sue.viewer, number)
    assert ledger(number) == {both.id: ("waiting", None)}
    assert neither.id not in ledger(number)


def test_a_filter_means_what_the_history_would_show(sue: Colleague) -> None:
    asked, other = people(2)
    chat_id = chat_of(sue, make_customer("Ola"))
    sue.ends(chat_id, "follow_up")
    kept = {"filter": {"reasons": ["follow_up"]}}
    found = read.audience(sue.viewer, "filter", kept)
    assert found["reachable"] == 1
    assert {asked.id, other.id}.isdisjoint(ledger(scheduled(sue, "filter", kept)))


def scheduled(sue: Colleague, kind: str, audience: dict[str, Any]) -> int:
    number = broadcasts.draft(sue.viewer, title="T", body="B", rate=10, audience_kind=kind, audience=audience)
    broadcasts.schedule(sue.viewer, number)
    return number


def test_a_pasted_list_is_read_line_by_line(sue: Colleague) -> None:
    ada, ben = people(2)
    run("update customer set email = 'Ada@Shop.example' where id = %s", (ada.id,))
    text = f"ada@shop.example\n#{ben.id}\n\nnot an address\n99999999\n{ada.id}; nobody@shop.example"
    found = read.read_list(sue.viewer, text)
    assert found["customer_ids"] == [ada.id, ben.id]
    assert [(each["line"], each["problem"]) for each in found["bad"]] == [
        (4, "unreadable"), (5, "unknown"), (6, "twice"), (6, "unknown"),
    ]  # fmt: skip


def test_scheduling_freezes_the_audience(sue: Colleague) -> None:
    tag = Tag.create(name="late", hue=1).id
    early, late = people(2)
    sue.tags(early.chat, tag)
    number = scheduled(sue, "tag", {"tag_ids": [tag]})
    sue.tags(late.chat, tag)
    assert set(ledger(number)) == {early.id}


def test_who_is_left_out_stands_in_the_ledger(sue: Colleague) -> None:
    well, off = people(2)
    casting.notices.opts(off.visitor, out=True)
    number = a_draft(sue, [well, off])
    broadcasts.schedule(sue.viewer, number)
    assert ledger(number) == {well.id: ("waiting", None), off.id: ("skipped", "opted_out")}


def test_above_five_hundred_the_very_number_is_typed(sue: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.rules.broadcasting.CONFIRM_ABOVE", 2)
    number = a_draft(sue, people(3))
    for typed in (None, 2, 4):
        with pytest.raises(Invalid) as refusal:
            broadcasts.schedule(sue.viewer, number, confirmed=typed)
        assert (refusal.value.code, refusal.value.detail["count"]) == ("confirm_count", 3)
    assert not ledger(number), "nothing is frozen by a refusal"
    broadcasts.schedule(sue.viewer, number, confirmed=3)
    assert state(number) == "sending"


def test_nobody_to_write_to_is_said(sue: Colleague) -> None:
    (off,) = people(1)
    casting.notices.opts(off.visitor, out=True)
    with pytest.raises(Invalid) as refusal:
        broadcasts.schedule(sue.viewer, a_draft(sue, [off]))
    assert refusal.value.code == "nobody"


def test_what_is_scheduled_begins_when_its_time_has_come(sue: Colleague, told: Told) -> None:
    number = a_draft(sue, people(1))
    with pytest.raises(Invalid):
        broadcasts.schedule(sue.viewer, number, at=db_now() - timedelta(seconds=1))
    with pytest.raises(Invalid):
        broadcasts.schedule(sue.viewer, number, at=db_now() + timedelta(days=91))
    broadcasts.schedule(sue.viewer, number, at=db_now() + timedelta(hours=1))
    sending.sweep()
    assert state(number) == "scheduled"
    run("update broadcast set scheduled_at = clock_timestamp() where id = %s", (number,))
    run("update recipient set due_at = clock_timestamp() where broadcast_id = %s", (number,))
    told.clear()
    sending.sweep()
    assert state(number) == "sending"
    assert ("broadcasts.send", (number,)) in [(job.value, ids) for job, ids in told.nudges]


def test_a_draft_changes_and_what_is_frozen_does_not(sue: Colleague) -> None:
    meant = people(2)
    number = a_draft(sue, meant)
    broadcasts.change(sue.viewer, number, body="Better words.")
    assert read.detail(sue.viewer, number)["body"] == "Better words."
    broadcasts.schedule(sue.viewer, number)
    for refused in (
        lambda: broadcasts.change(sue.viewer, number, body="Too late."),
        lambda: broadcasts.delete(sue.viewer, number),
        lambda: broadcasts.schedule(sue.viewer, number),
        lambda: broadcasts.resume(sue.viewer, number),
    ):
        with pytest.raises(Conflict) as refusal:
            refused()
        assert refusal.value.code == "broadcast_state"
    other = a_draft(sue, meant)
    broadcasts.delete(sue.viewer, other)
    with pytest.raises(NotFound):
        read.detail(sue.viewer, other)


def test_cancelling_leaves_out_whoever_was_waiting(sue: Colleague) -> None:
    first, second = people(2)
    number = a_draft(sue, [first, second], rate=1)
    broadcasts.schedule(sue.viewer, number)
    (parcel,) = sending.claim(number).parcels
    broadcasts.cancel(sue.viewer, number)
    sending.record(parcel, casting.Handed("sent"))
    assert ledger(number) == {first.id: ("sent", None), second.id: ("skipped", "cancelled")}
    assert state(number) == "cancelled"


def test_those_who_failed_are_tried_again_and_the_unknown_are_not(sue: Colleague) -> None:
    failed, unknown = people(2)
    number = a_draft(sue, [failed, unknown])
    broadcasts.schedule(sue.viewer, number)
    (one_of,) = sending.claim(number).parcels
    wait_a_turn()
    (other,) = sending.claim(number).parcels
    sending.record(one_of, casting.Handed("refused", "400 no such chat"))
    sending.record(other, casting.Handed("unknown", "reset"))
    wait_a_turn()
    sending.claim(number)
    assert state(number) == "done"
    broadcasts.retry(sue.viewer, number)
    assert (state(number), ledger(number)) == ("sending", {failed.id: ("waiting", None), unknown.id: ("unknown", None)})
    (again,) = sending.claim(number).parcels
    sending.record(again, casting.Handed("sent"))
    wait_a_turn()
    sending.claim(number)
    assert (state(number), ledger(number)[failed.id]) == ("done", ("sent", None))
    with pytest.raises(Conflict) as refusal:
        broadcasts.retry(sue.viewer, number)
    assert refusal.value.code == "nobody"


def test_an_analyst_prepares_and_a_supervisor_sends(sue: Colleague) -> None:
    ana, meant = make_agent("Ana Lyst", role="analyst"), people(1)
    number = a_draft(ana, meant)
    for refused in (
        lambda: broadcasts.schedule(ana.viewer, number),
        lambda: broadcasts.try_out(ana.viewer, number, meant[0].id),
        lambda: a_draft(make_agent("Ben", role="agent"), meant),
        lambda: read.page(make_agent("Cleo", role="agent").viewer),
    ):
        with pytest.raises(Refused):
            refused()
    broadcasts.schedule(sue.viewer, number)
    assert read.page(ana.viewer)["items"][0]["by"]["id"] == sue.id


def test_a_test_send_goes_to_one_and_counts_nowhere(sue: Colleague) -> None:
    me, off = people(2)
    number = a_draft(sue, [off])
    broadcasts.try_out(sue.viewer, number, me.id)
    casting.send(number)
    found = read.detail(sue.viewer, number)
    assert (found["state"], found["counts"]["total"]) == ("draft", 0)
    assert one("select 1 as yes from notice where customer_id = %s", (me.id,)) is not None
    casting.notices.opts(off.visitor, out=True)
    with pytest.raises(Conflict) as refusal:
        broadcasts.try_out(sue.viewer, number, off.id)
    assert (refusal.value.code, refusal.value.detail["why"]) == ("left_out", "opted_out")


def test_the_ledger_is_read_by_pages_and_as_a_file(sue: Colleague) -> None:
    meant = people(3)
    number = a_draft(sue, meant)
    broadcasts.schedule(sue.viewer, number)
    casting.send(number)
    first = read.recipients(sue.viewer, number, limit=2)
    rest = read.recipients(sue.viewer, number, limit=2, after=first["next"])
    assert [each["customer"]["id"] for each in first["items"] + rest["items"]] == [each.id for each in meant]
    assert rest["next"] is None
    assert not read.recipients(sue.viewer, number, state="failed")["items"]
    lines = "".join(read.ledger(number)).splitlines()
    assert len(lines) == 4
    assert lines[0].endswith(
        "recipient_id,customer_id,customer,email,channel,state,reason,error,attempts,settled_at,seen,replied,chat_id"
    )
    assert ",sent," in lines[1]
