"""What becomes of an offer that nobody takes (T14, T15, P4, P8)."""

from __future__ import annotations

import pytest

from models.actions import accounts, presence, teams, timekeeping
from models.db import rows, run
from tests.support.invariants import assert_all_hold
from tests.support.offering import LADDER, code, fall_due, offer_of, public
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    let_fall_due,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
)
from tests.support.told import Told

# --- T14 and T15: nobody came -----------------------------------------------------------------------------


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
