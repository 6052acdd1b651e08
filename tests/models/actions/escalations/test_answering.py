"""Accepting, rejecting and taking back (T11, T12, T13, R-5, R-6, R-8)."""

from __future__ import annotations

import pytest

from models.actions import timekeeping
from models.db import run
from models.errors import Conflict
from models.live import Room
from tests.support.invariants import assert_all_hold
from tests.support.offering import code, offer_of, promise_of, public
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    events,
    let_fall_due,
    let_time_pass,
    make_agent,
    timers,
    waiting_chat,
)
from tests.support.told import Told

# --- T11: accept ------------------------------------------------------------------------------------------


def test_t11_who_accepts_owns_it_and_the_customer_hears_who(
    told: Told, ana: Colleague, ben: Colleague, cleo: Colleague, billing: int, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    ben.accepts(chat_id)
    chat, offer = chat_row(chat_id), offer_of(chat_id)
    assert (chat["state"], chat["owner_id"], chat["team_id"]) == ("active", ben.id, billing)
    assert (offer["state"], offer["decided_by_id"]) == ("accepted", ben.id)
    assert timers(chat_id) == {"first_reply"}
    assert public(chat_id)[-1] == "Ben has your chat now."
    assert promise_of(chat_id)["owner_id"] == ben.id
    assert told.alerts(ana.id) == ["escalation_accepted"]
    assert told.payloads("chat:changed", Room.queue(billing))[-1]["owner"]["name"] == "Ben Hale"
    assert code(cleo.accepts, chat_id) == "already_taken"
    assert code(ana.says, chat_id, "Still me?") == "not_owner"
    assert_all_hold()


def test_a_place_that_was_kept_is_there(ana: Colleague, rosa: Customer) -> None:
    ben = make_agent("Ben Hale", limit=1)
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    assert (ben.owned, ben.now["load"]) == ([chat_id], 1)
    assert_all_hold()


def test_the_second_click_is_no_refusal(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    ben.accepts(chat_id)
    assert events(chat_id).count("assigned") == 2


def test_who_may_not_accept(ana: Colleague, billing: int, boss: Colleague, rosa: Customer) -> None:
    ben = make_agent("Ben Hale", teams=(billing,), limit=1)
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    assert code(ana.accepts, chat_id) == "own_escalation"
    assert code(boss.accepts, chat_id) == "not_target"
    ben.takes(waiting_chat())
    assert code(ben.accepts, chat_id) == "at_capacity"
    ben.chooses("away")
    assert code(ben.accepts, chat_id) == "not_online"
    assert offer_of(chat_id)["state"] == "pending"


def test_r6_nobody_accepts_after_the_time_even_before_a_sweep(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    from web import commands

    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    let_time_pass(chat_id, 121)
    run(
        "update escalation set due_at = due_at - interval '121 seconds', made_at = made_at - interval '121 seconds', place = 1"
    )
    with pytest.raises(Conflict) as refusal:
        commands.on_chat(ben.viewer, "chat:accept", chat_id=chat_id, key="once-and-once-only")
    assert (refusal.value.code, refusal.value.detail["how"]) == ("offer_closed", "timed_out")
    assert (chat_row(chat_id)["state"], chat_row(chat_id)["owner_id"]) == ("active", ana.id)
    assert offer_of(chat_id)["state"] == "timed_out"


def test_the_new_owner_who_says_nothing_is_alerted(told: Told, ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.says(chat_id)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    let_fall_due(chat_id, "first_reply")
    told.clear()
    timekeeping.fire_due()
    assert told.alerts(ben.id) == ["first_reply_late"]


# --- T12: reject ------------------------------------------------------------------------------------------


def test_t12_who_was_asked_by_name_rejects_and_the_origin_goes_on(
    told: Told, ana: Colleague, ben: Colleague, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    told.clear()
    ben.rejects(chat_id, "missing_facts", "Which order is it?")
    chat, offer = chat_row(chat_id), offer_of(chat_id)
    assert (chat["state"], chat["owner_id"]) == ("active", ana.id)
    assert (offer["state"], offer["reason"], offer["reason_note"]) == (
        "rejected",
        "missing_facts",
        "Which order is it?",
    )
    assert public(chat_id)[-1] == "Ana is still here for you and goes on with your chat."
    assert "offer" not in timers(chat_id)
    (alert,) = [each for each in told.payloads("alert", Room.agent(ana.id)) if each["kind"] == "escalation_rejected"]
    assert (alert["name"], alert["text"]) == ("Ben Hale", "Which order is it?")
    assert ben.now["load"] == 0
    assert promise_of(chat_id)["state"] == "open"
    assert code(ben.accepts, chat_id) == "offer_closed"
    assert code(ben.rejects, chat_id) == "offer_closed"
    assert_all_hold()


def test_the_reason_reaches_no_customer(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.rejects(chat_id, "other", "She is a pest.")
    from models.queries import chats as read

    assert "pest" not in str(read.visitor_sync(rosa.visitor, chat_id, 0))


def test_of_a_team_each_speaks_for_themselves(
    told: Told, ana: Colleague, ben: Colleague, cleo: Colleague, billing: int, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    ben.rejects(chat_id, "no_time", "Lunch first.")
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("escalated", "pending")
    assert told.alerts(ana.id) == ["escalation_declined"]
    assert ben.inbox("escalations") == []
    assert [each["id"] for each in cleo.inbox("escalations")] == [chat_id]
    (declined,) = ana.sees(chat_id)["chat"]["escalation"]["declined"]
    assert (declined["agent"]["name"], declined["reason"], declined["note"]) == ("Ben Hale", "no_time", "Lunch first.")
    cleo.rejects(chat_id, "wrong_team", "Ask returns.")
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("active", "rejected")


def test_r8_somebody_who_came_online_keeps_the_offer_open(ana: Colleague, ben: Colleague, billing: int) -> None:
    dora = make_agent("Dora Late", teams=(billing,), status="offline")
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    dora.chooses("online")
    dora.opens_screen()
    ben.rejects(chat_id)
    assert offer_of(chat_id)["state"] == "pending"
    dora.accepts(chat_id)
    assert chat_row(chat_id)["owner_id"] == dora.id


def test_who_declined_may_still_change_their_mind(
    ana: Colleague, ben: Colleague, cleo: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    ben.rejects(chat_id)
    ben.accepts(chat_id)
    assert chat_row(chat_id)["owner_id"] == ben.id


# --- T13: cancel ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["mistake", "no_agents", None])
def test_t13_the_origin_takes_it_back(
    told: Told, ana: Colleague, ben: Colleague, billing: int, rosa: Customer, reason: str | None
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    ana.cancels(chat_id, reason)
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"], offer_of(chat_id)["reason"]) == (
        "active",
        "cancelled",
        reason,
    )
    assert "offer" not in timers(chat_id)
    assert promise_of(chat_id)["state"] == "cancelled"
    assert told.payloads("chat:changed", Room.queue(billing))[-1]["escalation"] is None
    assert public(chat_id)[-1].startswith("Ana is still here")
    assert code(ana.cancels, chat_id) == "offer_closed"
    assert code(ben.accepts, chat_id) == "offer_closed"


def test_r5_after_an_accept_there_is_nothing_to_cancel(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    with pytest.raises(Conflict) as refusal:
        ana.cancels(chat_id)
    assert (refusal.value.code, refusal.value.detail["how"]) == ("offer_closed", "accepted")


def test_only_the_origin_or_a_supervisor_cancels(ana: Colleague, ben: Colleague, boss: Colleague, billing: int) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    assert code(ben.cancels, chat_id) == "not_owner"
    boss.cancels(chat_id)
    assert offer_of(chat_id)["state"] == "cancelled"
