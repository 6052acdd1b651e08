"""Escalations: ask, accept, reject, cancel, time out (T10 to T15, P4, P8, R-5 to R-9, R-18, R-19)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.actions import accounts, chat_log, desk, follow_ups, offer_course, presence, teams, timekeeping, viewing
from models.db import one, rows, run
from models.errors import Conflict, DeskError, Invalid, NotFound, Refused
from models.live import Room
from models.queries import escalations as read_escalations
from models.queries import offers
from models.queries import promises as read_promises
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    events,
    let_fall_due,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
    waiting_chat,
)
from tests.support.told import Told

LADDER: list[dict[str, Any]] = [
    {"do": "remind", "after_s": 60, "team_id": None},
    {"do": "origin", "after_s": 60, "team_id": None},
]


@pytest.fixture
def billing() -> int:
    return make_team("Billing")


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz")


@pytest.fixture
def ben(billing: int) -> Colleague:
    return make_agent("Ben Hale", teams=(billing,))


@pytest.fixture
def cleo(billing: int) -> Colleague:
    return make_agent("Cleo Park", teams=(billing,))


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor")


@pytest.fixture
def rosa() -> Customer:
    return make_customer("Rosa")


def offer_of(chat_id: int) -> dict[str, Any]:
    """The newest offer of the chat, as stored."""
    found = one("select * from escalation where chat_id = %s order by id desc limit 1", (chat_id,))
    assert found is not None
    return found


def promise_of(chat_id: int) -> dict[str, Any]:
    found = one("select * from promise where chat_id = %s and kind = 'escalation'", (chat_id,))
    assert found is not None
    return found


def public(chat_id: int) -> list[str]:
    return [each["body"] for each in entries(chat_id) if each["pub_seq"] is not None]


def code(action: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(DeskError) as refusal:
        action(*args, **more)
    return refusal.value.code


# --- T10: ask ---------------------------------------------------------------------------------------------


def test_t10_to_a_team_the_owner_keeps_the_chat_and_the_customer_is_told_a_time(
    told: Told, ana: Colleague, ben: Colleague, billing: int, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    told.clear()
    ana.escalates(chat_id, billing, "Refund over the limit.")
    chat, offer = chat_row(chat_id), offer_of(chat_id)
    assert (chat["state"], chat["owner_id"], chat["escalations"]) == ("escalated", ana.id, 1)
    assert (offer["state"], offer["origin_id"], offer["target_team_id"], offer["note"]) == (
        "pending",
        ana.id,
        billing,
        "Refund over the limit.",
    )
    assert (offer["due_at"] - offer["made_at"]).total_seconds() == 120
    assert "offer" in timers(chat_id)
    assert public(chat_id)[-1].startswith("Ana is passing your chat on to Billing. You can expect an answer by ")
    notes = [each["body"] for each in entries(chat_id) if each["kind"] == "note"]
    assert notes == ["Refund over the limit."]
    assert told.alerts(ben.id) == ["escalated"]
    assert told.payloads("chat:changed", Room.queue(billing))[-1]["escalation"]["team"]["name"] == "Billing"
    promise = promise_of(chat_id)
    assert (promise["owner_id"], promise["state"], promise["due_at"]) == (ana.id, "open", offer["expected_at"])
    assert_all_hold()


def test_t10_to_an_agent_keeps_a_place_of_theirs(ana: Colleague, rosa: Customer) -> None:
    ben = make_agent("Ben Hale", limit=1)
    ana.escalates(chat_of(ana, rosa), ben)
    assert ben.now["load"] == 1
    assert code(ben.takes, waiting_chat()) == "at_capacity"
    assert_all_hold()


def test_the_note_reaches_no_customer(ana: Colleague, billing: int, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing, "He shouts.")
    assert not any("shouts" in body for body in public(chat_id))


def test_a_time_of_ones_own_is_told_and_promised(ana: Colleague, billing: int, ben: Colleague, rosa: Customer) -> None:
    run("update customer set time_zone = 'Europe/Paris' where id = %s", (rosa.id,))
    expected = chat_log.db_now() + timedelta(days=3)
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing, expected_at=expected)
    assert promise_of(chat_id)["due_at"] == expected
    assert f"{expected.astimezone(ZoneInfo('Europe/Paris')):%H:%M on %A}" in public(chat_id)[-1]


@pytest.mark.parametrize("days", [-1, 400])
def test_a_time_that_is_past_or_absurd_is_refused(
    ana: Colleague, billing: int, ben: Colleague, rosa: Customer, days: int
) -> None:
    chat_id = chat_of(ana, rosa)
    with pytest.raises(Invalid) as refusal:
        ana.escalates(chat_id, billing, expected_at=chat_log.db_now() + timedelta(days=days))
    assert list(refusal.value.detail["fields"]) == ["expected_at"]
    assert chat_row(chat_id)["state"] == "active"


def test_whom_it_cannot_be_offered_to(ana: Colleague, boss: Colleague, rosa: Customer, billing: int) -> None:
    """Oneself, somebody offline, full or reading only; a team nobody is in, nobody is free in, or that is gone."""
    chat_id = chat_of(ana, rosa)
    away, full = make_agent("Abe Away", status="away"), make_agent("Fay Full", limit=1)
    full.takes(waiting_chat())
    reader, gone = make_agent("Ada Reads", role="analyst"), make_team("Gone")
    run("update team set archived_at = now() where id = %s", (gone,))
    assert code(ana.escalates, chat_id, ana) == "same_agent"
    assert code(boss.escalates, chat_id, boss) == "same_agent"
    assert code(ana.escalates, chat_id, away) == "target_offline"
    assert code(ana.escalates, chat_id, full) == "target_at_capacity"
    assert code(ana.escalates, chat_id, reader) == "target_offline"
    assert code(ana.escalates, chat_id, billing) == "empty_team"
    assert code(ana.escalates, chat_id, billing, anyway=True) == "empty_team"
    assert code(ana.escalates, chat_id, gone) == "unknown_team"
    assert code(ana.escalates, chat_id, 987_654) == "unknown_team"
    assert chat_row(chat_id)["state"] == "active"
    assert not rows("select 1 from escalation")


def test_a_team_without_anybody_free_gets_it_when_that_is_wanted(ana: Colleague, billing: int, rosa: Customer) -> None:
    make_agent("Ben Hale", teams=(billing,), status="away")
    chat_id = chat_of(ana, rosa)
    assert code(ana.escalates, chat_id, billing) == "no_agents"
    ana.escalates(chat_id, billing, anyway=True)
    assert chat_row(chat_id)["state"] == "escalated"


def test_an_owner_who_is_the_only_member_does_not_count(billing: int, rosa: Customer) -> None:
    ana = make_agent("Ana Ruiz", teams=(billing,))
    assert code(ana.escalates, chat_of(ana, rosa), billing) == "empty_team"


def test_escalating_twice_or_what_is_not_active_is_refused(
    ana: Colleague, ben: Colleague, boss: Colleague, billing: int, rosa: Customer
) -> None:
    waiting = waiting_chat()
    assert code(boss.escalates, waiting, billing) == "state_conflict"
    chat_id = chat_of(ana, rosa)
    assert code(ben.escalates, chat_id, billing) == "not_owner"
    ana.escalates(chat_id, billing)
    assert code(ana.escalates, chat_id, billing) == "state_conflict"
    assert len(rows("select 1 from escalation")) == 1


def test_a_supervisor_escalates_for_the_owner(ana: Colleague, boss: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    boss.escalates(chat_id, ben)
    offer = offer_of(chat_id)
    assert (offer["origin_id"], offer["by_agent_id"]) == (ana.id, boss.id)


def test_the_owner_and_the_customer_go_on_talking_and_silence_ends_nothing(
    ana: Colleague, ben: Colleague, billing: int, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    rosa.says("And now?")
    ana.says(chat_id, "They will be here soon.")
    ben.notes(chat_id, "I know this one.")
    assert code(ben.says, chat_id, "Hello") == "not_owner"
    assert chat_row(chat_id)["idle_due_at"] is None
    let_time_pass(chat_id, 3600)
    timekeeping.fire_due()
    assert chat_row(chat_id)["state"] != "ended"


# --- who sees it ------------------------------------------------------------------------------------------


def test_who_may_take_it_sees_it_while_it_is_offered_and_not_after(
    ana: Colleague, ben: Colleague, boss: Colleague, billing: int
) -> None:
    orders = make_team("Orders")
    team_ana, stranger = make_agent("Ada Lane", teams=(orders,)), make_agent("Eve Other")
    chat_id = make_customer().waits(topic="Orders")
    team_ana.takes(chat_id)
    with pytest.raises(NotFound):
        ben.sees(chat_id)
    team_ana.escalates(chat_id, billing)
    assert [each["id"] for each in ben.inbox("escalations")] == [chat_id]
    assert {"accept", "reject", "note"} <= set(ben.sees(chat_id)["allowed"])
    assert ben.inbox("escalations")[0]["escalation"]["note"]
    assert boss.inbox("escalations") == []
    assert [each["id"] for each in boss.inbox("all_escalations")] == [chat_id]
    assert "accept" not in boss.sees(chat_id)["allowed"]
    assert code(ana.inbox, "all_escalations") == "forbidden"
    with pytest.raises(NotFound):
        stranger.sees(chat_id)
    team_ana.cancels(chat_id)
    assert ben.inbox("escalations") == []
    with pytest.raises(NotFound):
        ben.sees(chat_id)


def test_the_origin_sees_who_looked_once(
    told: Told, ana: Colleague, ben: Colleague, boss: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    screens = {each: each.opens_screen() for each in (ana, ben, boss)}
    told.clear()
    for each in (ana, boss, ben, ben):
        viewing.opens(screens[each], chat_id)
        viewing.leaves(screens[each])
    looked = ana.sees(chat_id)["chat"]["escalation"]["looked"]
    assert [each["name"] for each in looked] == ["Ben Hale"]
    assert len(told.payloads("chat:changed", Room.agent(ana.id))) == 1


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


# --- T14 and T15: nobody came -----------------------------------------------------------------------------


def fall_due(chat_id: int) -> None:
    """The next step of the chat's offer is due now."""
    run("update escalation set made_at = made_at - (due_at - clock_timestamp()), due_at = clock_timestamp()"
        " where chat_id = %s and state = 'pending' and due_at > clock_timestamp()"
        " and (steps -> place ->> 'do') <> 'remind'", (chat_id,))  # fmt: skip
    let_fall_due(chat_id, "offer")
    timekeeping.fire_due()


def test_t14_a_reminder_then_back_to_the_origin(
    told: Told, ana: Colleague, ben: Colleague, billing: int, rosa: Customer
) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    fall_due(chat_id)
    assert told.alerts(ben.id) == ["escalation_reminder"]
    assert offer_of(chat_id)["reminded_at"] is not None
    assert "offer" in timers(chat_id)
    fall_due(chat_id)
    offer = offer_of(chat_id)
    assert (chat_row(chat_id)["state"], offer["state"], offer["decided_by_id"]) == ("active", "timed_out", None)
    assert offer["decided_at"] >= offer["due_at"]
    assert told.alerts(ana.id) == ["escalation_timed_out"]
    assert public(chat_id)[-1].startswith("Ana is still here")
    assert_all_hold()


def test_nothing_falls_due_before_its_time(ana: Colleague, ben: Colleague, billing: int) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    assert timekeeping.fire_due() == 0
    assert offer_of(chat_id)["state"] == "pending"


def test_down_the_ladder_to_the_next_team_the_supervisors_and_the_queue(
    told: Told, ana: Colleague, ben: Colleague, boss: Colleague, billing: int, rosa: Customer
) -> None:
    experts, empty = make_team("Experts"), make_team("Empty")
    eve = make_agent("Eve Sharp", teams=(experts,))
    steps = [
        {"do": "team", "after_s": 30, "team_id": empty},
        {"do": "team", "after_s": 30, "team_id": experts},
        {"do": "supervisors", "after_s": 30, "team_id": None},
        {"do": "queue", "after_s": 30, "team_id": None},
    ]
    teams.change(boss.viewer, billing, escalation_steps=steps)
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing, "Twice charged.")
    told.clear()
    fall_due(chat_id)  # nobody is in the team that comes next: it is passed by
    offer = offer_of(chat_id)
    assert (offer["target_team_id"], offer["state"], offer["note"]) == (experts, "pending", "Twice charged.")
    assert told.alerts(eve.id) == ["escalated"]
    assert [each["id"] for each in eve.inbox("escalations")] == [chat_id]
    assert ben.inbox("escalations") == []
    fall_due(chat_id)
    assert offer_of(chat_id)["target_supervisors"]
    assert [each["id"] for each in boss.inbox("escalations")] == [chat_id]
    assert chat_row(chat_id)["state"] == "escalated"
    fall_due(chat_id)
    chat = chat_row(chat_id)
    assert (chat["state"], chat["priority"], chat["owner_id"]) == ("queued", 1, None)
    states = [each["state"] for each in rows("select state from escalation where chat_id = %s order by id", (chat_id,))]
    assert states == ["timed_out"] * 3
    assert_all_hold()


def test_a_supervisor_takes_what_nobody_else_took(
    ana: Colleague, ben: Colleague, boss: Colleague, billing: int
) -> None:
    set_desk(escalation_steps=[{"do": "supervisors", "after_s": 30, "team_id": None}, LADDER[1]])
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    fall_due(chat_id)
    assert code(ben.accepts, chat_id) == "not_target"
    boss.accepts(chat_id)
    assert chat_row(chat_id)["owner_id"] == boss.id


@pytest.mark.parametrize("how", ["rejected", "timed_out"])
def test_t15_with_an_owner_who_left_it_goes_to_the_queue_at_its_old_place(
    ana: Colleague, ben: Colleague, rosa: Customer, how: str
) -> None:
    chat_id = chat_of(ana, rosa)
    queued_at = chat_row(chat_id)["queued_at"]
    ana.escalates(chat_id, ben)
    ana.chooses("offline", "return")
    assert chat_row(chat_id)["state"] == "escalated"  # still offered: it may well be accepted
    if how == "rejected":
        ben.rejects(chat_id)
    else:
        fall_due(chat_id)
        fall_due(chat_id)
    chat = chat_row(chat_id)
    assert (chat["state"], chat["priority"], chat["queued_at"]) == ("queued", 1, queued_at)
    assert offer_of(chat_id)["state"] == how
    assert "queue_max" in timers(chat_id)
    assert_all_hold()


def test_an_owner_whose_line_dropped_is_waited_for_as_ever(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    """Gone only when the desk's patience has run out, and not when they are back by then."""
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ana.screens_go_dark()
    presence.sweep()
    assert "owner_gone" in timers(chat_id)
    ben.rejects(chat_id)
    assert chat_row(chat_id)["state"] == "active"
    other = chat_of(make_agent("Cy Drop"), make_customer())
    cy = Colleague(make_agent("Cy Two").viewer)
    chat_id = other
    run("update chat set owner_id = %s where id = %s", (cy.id, chat_id))
    run("update assignment set agent_id = %s where chat_id = %s and to_at is null", (cy.id, chat_id))
    cy.escalates(chat_id, ben)
    cy.screens_go_dark()
    presence.sweep()
    let_fall_due(chat_id, "owner_gone")
    timekeeping.fire_due()
    assert chat_row(chat_id)["state"] == "escalated"
    ben.rejects(chat_id)
    assert chat_row(chat_id)["state"] == "queued"


def test_p4_who_was_asked_by_name_and_leaves_has_timed_out(told: Told, ana: Colleague, rosa: Customer) -> None:
    for leaves in ("away", "offline", "dark"):
        ben = make_agent("Ben Hale")
        chat_id = chat_of(ana, make_customer())
        ana.escalates(chat_id, ben)
        told.clear()
        if leaves == "dark":
            ben.screens_go_dark()
            presence.sweep()
        else:
            ben.chooses(leaves)
            told.run_jobs()
        offer = offer_of(chat_id)
        assert (offer["state"], offer["reason"], chat_row(chat_id)["state"]) == ("timed_out", "offline", "active"), (
            leaves
        )
        assert "escalation_timed_out" in told.alerts(ana.id)
    assert_all_hold()


def test_of_a_team_one_who_leaves_just_drops_out(ana: Colleague, ben: Colleague, billing: int) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    ben.chooses("offline")
    presence.sweep()
    assert offer_of(chat_id)["state"] == "pending"


def test_p8_an_origin_who_may_answer_no_more_loses_it_to_the_queue(
    ana: Colleague, ben: Colleague, rosa: Customer
) -> None:
    admin = make_agent("Ada Min", role="admin")
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    accounts.change(admin.viewer, ana.id, disabled=True)
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("queued", "withdrawn")
    assert ben.now["load"] == 0
    assert_all_hold()


def test_p8_a_target_whose_account_is_taken_away_has_timed_out(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    admin = make_agent("Ada Min", role="admin")
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    accounts.change(admin.viewer, ben.id, disabled=True)
    presence.sweep()
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("active", "timed_out")


# --- what else ends an offer ------------------------------------------------------------------------------


def test_r9_ending_withdraws_it(told: Told, ana: Colleague, ben: Colleague, billing: int, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    ana.ends(chat_id)
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("ended", "withdrawn")
    assert timers(chat_id) == set()
    assert promise_of(chat_id)["state"] == "kept"
    assert told.payloads("chat:changed", Room.queue(billing))[-1]["state"] == "ended"
    assert code(ben.accepts, chat_id) == "offer_closed"
    assert_all_hold()


def test_the_customer_ends_it_and_nothing_was_kept(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    rosa.ends()
    assert (offer_of(chat_id)["state"], promise_of(chat_id)["state"]) == ("withdrawn", "cancelled")
    assert ben.now["load"] == 0


def test_t21_a_supervisor_takes_it_from_both(ana: Colleague, ben: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    assert code(ana.hands, chat_id, boss) == "state_conflict"
    assert code(ana.returns, chat_id) == "state_conflict"
    boss.takes_over(chat_id)
    assert (chat_row(chat_id)["owner_id"], offer_of(chat_id)["state"]) == (boss.id, "withdrawn")
    assert ben.now["load"] == 0
    assert_all_hold()


def test_a_team_that_is_asked_or_stands_on_a_ladder_stays_in_use(
    ana: Colleague, ben: Colleague, boss: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    with pytest.raises(Conflict) as refusal:
        teams.archive(boss.viewer, billing)
    assert refusal.value.detail["uses"]["offers"] == 1
    ana.cancels(chat_id)
    set_desk(escalation_steps=[{"do": "team", "after_s": 30, "team_id": billing}, LADDER[1]])
    with pytest.raises(Conflict) as refusal:
        teams.archive(boss.viewer, billing)
    assert refusal.value.detail["uses"]["teams"] == [""]
    desk.change_settings(boss.viewer, escalation_steps=LADDER)
    teams.archive(boss.viewer, billing)


@pytest.mark.parametrize("of_team", [False, True])
def test_a_ladder_to_a_team_that_is_gone_is_refused_at_its_place(boss: Colleague, billing: int, of_team: bool) -> None:
    steps = [{"do": "team", "after_s": 30, "team_id": 987_654}, LADDER[1]]
    change = partial(teams.change, boss.viewer, billing) if of_team else partial(desk.change_settings, boss.viewer)
    with pytest.raises(Invalid) as refusal:
        change(escalation_steps=steps)
    assert list(refusal.value.detail["fields"]["escalation_steps"]) == ["0"]


def test_a_desk_speaks_in_its_own_words(ana: Colleague, ben: Colleague, boss: Colleague, rosa: Customer) -> None:
    words = {"escalated": "Moment, {target} knows more. By {expected}.", "accepted": "Here is {agent}.", "back": None}
    desk.change_settings(boss.viewer, escalation_texts={**words, "later": None})
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    assert public(chat_id)[-1].startswith("Moment, Ben knows more. By ")
    ben.accepts(chat_id)
    assert public(chat_id)[-1] == "Here is Ben."
    with pytest.raises(Invalid):
        desk.change_settings(boss.viewer, escalation_texts={"escalated": "Soon."})


# --- the promise ------------------------------------------------------------------------------------------


def test_a_later_time_is_told_to_the_customer(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    promise = promise_of(chat_id)
    later = chat_log.db_now() + timedelta(days=2)
    assert code(follow_ups.extend, ana.viewer, promise["id"], later) == "not_owner"
    preview = read_escalations.preview_extension(ben.viewer, promise["id"], later)["body"]
    assert preview not in public(chat_id)
    follow_ups.extend(ben.viewer, promise["id"], later)
    assert promise_of(chat_id)["due_at"] == later
    assert public(chat_id)[-1].startswith("This takes longer than we told you.")
    assert public(chat_id)[-1] == preview
    past = chat_log.db_now() - timedelta(minutes=1)
    assert code(read_escalations.preview_extension, ben.viewer, promise["id"], past) == "bad_date"
    ben.ends(chat_id)
    assert code(follow_ups.extend, ben.viewer, promise["id"], later) == "settled"


def test_what_was_promised_after_a_chat_is_not_told_into_it(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.ends(chat_id, "follow_up")
    (promise,) = read_promises.page(ana.viewer)["items"]
    later = chat_log.db_now() + timedelta(days=2)
    assert code(follow_ups.extend, ana.viewer, promise["id"], later) == "not_an_escalation"


def test_a_promise_warns_before_it_breaks(told: Told, ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben, expected_at=chat_log.db_now() + timedelta(hours=5))
    ben.accepts(chat_id)
    run("update promise set due_at = clock_timestamp() + interval '10 minutes', warned_at = null")
    told.clear()
    timekeeping.fire_due()
    assert told.alerts(ben.id) == ["promise_soon"]


def test_escalating_again_keeps_one_promise(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.rejects(chat_id)
    later = chat_log.db_now() + timedelta(hours=9)
    ana.escalates(chat_id, ben, expected_at=later)
    assert [each["due_at"] for each in rows("select due_at from promise")] == [later]
    assert chat_row(chat_id)["escalations"] == 2


# --- what is shown ----------------------------------------------------------------------------------------


def test_the_chain_of_hands_and_every_offer_are_told(
    ana: Colleague, ben: Colleague, cleo: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, ben)
    ben.rejects(chat_id, "wrong_team", "Not ours.")
    ana.escalates(chat_id, billing)
    cleo.accepts(chat_id)
    hands = cleo.sees(chat_id)["hands"]
    told = [(each["kind"], each["how"], (each["agent"] or each["team"])["name"]) for each in hands]
    assert told == [
        ("owner", "pick", "Ana Ruiz"),
        ("offer", "rejected", "Ben Hale"),
        ("owner", "escalation", "Cleo Park"),
    ]
    states = [each["state"] for each in offers.of_chat(ana.viewer, chat_id)["items"]]
    assert states == ["accepted", "rejected"]


def test_a_reader_answers_nothing(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    reader = make_agent("Ada Reads", role="analyst")
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    for action in (reader.accepts, reader.rejects):
        with pytest.raises(Refused):
            action(chat_id)
    assert offer_course.sweep_absent() == 0


def test_what_was_never_offered_is_closed_and_nothing_became_of_it(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    for settle in (ana.accepts, ana.cancels):
        with pytest.raises(Conflict) as refusal:
            settle(chat_id)
        assert refusal.value.code == "offer_closed"
        assert "how" not in refusal.value.detail
