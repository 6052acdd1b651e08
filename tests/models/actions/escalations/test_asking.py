"""Escalating: whom a chat can be offered to, what the customer is told, and who sees the offer (T10)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from models.actions import chat_log, timekeeping, viewing
from models.db import rows, run
from models.errors import Invalid, NotFound
from models.live import Room
from tests.support.invariants import assert_all_hold
from tests.support.offering import code, offer_of, promise_of, public
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    timers,
    waiting_chat,
)
from tests.support.told import Told

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
