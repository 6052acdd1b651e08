"""Who is there: leases, statuses, and what an absence sets in motion (P1 to P10)."""

from __future__ import annotations

import pytest
import redis

from models.actions import agents, assignment, presence, timekeeping
from models.db import rows, run
from models.errors import Refused
from models.live import Room
from models.queries import access
from models.rules.presence import CLEAN_CLOSE_GRACE_S, LEASE_S
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
    waiting_chat,
)
from tests.support.told import Told


def leases_grow_older(seconds: float) -> None:
    run("update socket_lease set seen_at = seen_at - make_interval(secs => %s)", (seconds,))


def told_status(told: Told, agent: Colleague) -> list[str]:
    return [each["status"] for each in told.payloads("presence:changed", Room.DESK) if each["id"] == agent.id]


def test_p1_one_of_several_tabs_closes_and_nothing_happens(told: Told, ana: Colleague) -> None:
    second = ana.opens_screen()
    told.clear()
    presence.socket_closes(second)
    leases_grow_older(CLEAN_CLOSE_GRACE_S + 1)
    assert presence.sweep() == 0
    assert ana.now["status"] == "online"
    assert told.tellings == []


def test_p2_the_last_tab_closes_and_a_reload_is_no_absence(told: Told) -> None:
    ana = make_agent("Ana Ruiz", status="offline")
    ana.chooses("online")
    sid = ana.opens_screen()
    told.clear()
    presence.socket_closes(sid)
    leases_grow_older(CLEAN_CLOSE_GRACE_S - 1)
    assert presence.sweep() == 0
    ana.opens_screen()
    leases_grow_older(2)
    assert presence.sweep() == 0
    assert told_status(told, ana) == []


def test_p2_after_the_grace_colleagues_hear_it_once(told: Told) -> None:
    ana = make_agent("Ana Ruiz", status="offline")
    ana.chooses("online")
    sid = ana.opens_screen()
    told.clear()
    presence.socket_closes(sid)
    leases_grow_older(CLEAN_CLOSE_GRACE_S + 1)
    assert presence.sweep() == 1
    assert presence.sweep() == 0
    assert told_status(told, ana) == ["offline"]


def test_p3_a_pulled_cable_is_seen_when_the_lease_runs_out(ana: Colleague) -> None:
    leases_grow_older(LEASE_S - 2)
    assert ana.now["status"] == "online"
    leases_grow_older(3)
    assert ana.now["status"] == "offline"


def test_p3_heartbeats_renew_and_a_socket_without_a_lease_is_named() -> None:
    ana = make_agent("Ana Ruiz", status="offline")
    ana.chooses("online")
    sid = ana.opens_screen()
    leases_grow_older(LEASE_S - 1)
    assert presence.renew_leases("front-1", [sid, "unknown"]) == ["unknown"]
    leases_grow_older(LEASE_S - 1)
    assert ana.now["status"] == "online"


def test_p4_whoever_is_gone_gets_nothing_new_and_their_chats_have_two_minutes(ana: Colleague) -> None:
    set_desk(auto_assign=True)
    mine = chat_of(ana)
    ana.screens_go_dark()
    waiting = waiting_chat()
    assert assignment.assign_waiting(None) == 0
    presence.sweep()
    presence.sweep()
    assert timers(mine) >= {"owner_gone"}
    (timer,) = rows(
        "select due_at - clock_timestamp() as left from timer where kind = 'owner_gone' and state = 'armed'"
    )
    assert timer["left"].total_seconds() == pytest.approx(120, abs=5)
    assert chat_row(waiting)["state"] == "queued"


def test_p4_away_keeps_its_chats_for_ever(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.says(chat_id)
    ana.chooses("away")
    presence.sweep()
    assert timers(chat_id) == set()


def test_p4_choosing_offline_and_staying_starts_the_clock_like_an_absence(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.chooses("offline", leave_chats="stay")
    presence.sweep()
    assert "owner_gone" in timers(chat_id)


def test_p5_who_returns_in_time_keeps_the_chat_and_the_customer_sees_nothing(told: Told, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    ana.says(chat_id)
    ana.screens_go_dark()
    presence.sweep()
    told.clear()
    ana.opens_screen()
    presence.sweep()
    let_time_pass(chat_id, 121)
    timekeeping.fire_due()
    assert (timers(chat_id), chat_row(chat_id)["owner_id"]) == (set(), ana.id)
    assert told.heard_in(Room.customer(customer.id)) == []
    assert told_status(told, ana) == ["online"]


def test_p6_offline_with_return_gives_everything_back_now(ana: Colleague) -> None:
    chats = [chat_of(ana) for _ in range(2)]
    ana.chooses("offline", leave_chats="return")
    assert {chat_row(chat_id)["state"] for chat_id in chats} == {"queued"}
    assert_all_hold()


def test_p6_signing_out_of_the_last_session_returns_all_and_of_another_nothing(told: Told, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    second = agents.signs_in(ana.id, "second-session", "127.0.0.1", "a phone")
    phone = access.viewer_by_session_id(second)
    assert phone is not None
    told.clear()
    agents.signs_out(phone)
    assert told.payloads("cut:off", Room.session(second)) == [{"reason": "signed_out"}]
    assert (chat_row(chat_id)["state"], ana.now["status"]) == ("active", "online")
    agents.signs_out(ana.viewer)
    assert (chat_row(chat_id)["state"], ana.now["chosen_status"]) == ("queued", "offline")
    assert access.viewer_by_session_id(ana.viewer.session_id) is None


def test_p7_online_again_brings_nothing_back_by_itself_but_it_waits_in_front(ana: Colleague) -> None:
    mine = chat_of(ana)
    ana.chooses("offline", leave_chats="return")
    waiting_chat()
    ana.chooses("online")
    assert ana.owned == []
    assert ana.inbox("queue")[0]["id"] == mine


def test_p8_a_disabled_account_loses_its_sockets_its_sessions_and_its_chats(told: Told, ana: Colleague) -> None:
    chats = [chat_of(ana) for _ in range(2)]
    told.clear()
    agents.disable(ana.id)
    assert told.payloads("cut:off", Room.agent(ana.id)) == [{"reason": "disabled"}]
    assert access.viewer_by_session_id(ana.viewer.session_id) is None
    assert {chat_row(chat_id)["state"] for chat_id in chats} == {"queued"}
    assert rows("select 1 from socket_lease where agent_id = %s", (ana.id,)) == []
    assert_all_hold()


def test_p9_a_lower_limit_takes_nothing_away_and_lets_nothing_in() -> None:
    set_desk(auto_assign=True)
    team = make_team("Orders", agent_limit=3)
    ana = make_agent("Ana Ruiz", teams=(team,))
    for _ in range(3):
        ana.takes(waiting_chat("Orders"))
    run("update team set agent_limit = 1")
    waiting_chat("Orders")
    assert assignment.assign_waiting(team) == 0
    ana.ends(ana.owned[0])
    ana.ends(ana.owned[0])
    assert assignment.assign_waiting(team) == 0
    ana.ends(ana.owned[0])
    assert assignment.assign_waiting(team) == 1


def test_p10_an_emptied_redis_changes_nothing(ana: Colleague, redis_client: redis.Redis) -> None:
    """Leases lie in Postgres: whoever was there is there, and nobody's chats go anywhere (G12, F11)."""
    set_desk(auto_assign=True)
    chats = [chat_of(ana) for _ in range(2)]
    redis_client.flushall()
    assert presence.sweep() == 0
    timekeeping.fire_due()
    assert ana.now["status"] == "online"
    assert ana.owned == chats
    assert all("owner_gone" not in timers(chat_id) for chat_id in chats)
    waiting_chat()
    assert assignment.assign_waiting(None) == 1


def test_an_analyst_has_no_status_to_choose() -> None:
    with pytest.raises(Refused):
        make_agent("Ada Reads", role="analyst").chooses("online")


def test_a_customers_page_turns_the_dot_green_and_grey(told: Told, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    told.clear()
    presence.visitor_socket_opens(customer.id, "page-1", "front-1")
    presence.socket_closes("page-1")
    leases_grow_older(CLEAN_CLOSE_GRACE_S + 1)
    presence.renew_leases("front-1", [])
    ana.opens_screen()
    presence.sweep()
    presence.sweep()
    shown = [each["customer"]["online"] for each in told.payloads("chat:changed", Room.agent(ana.id))]
    assert shown == [True, False]
    assert chat_row(chat_id)["state"] == "active"


def test_the_sweep_forgets_what_nobody_needs_any_more(ana: Colleague) -> None:
    from models.actions import desk, visitors

    visitors.ticket_for(ana.viewer)
    desk.first_time(ana.viewer, "a-key", "chat:end", 1)
    run("update ticket set expires_at = expires_at - interval '1 hour'")
    run("update command_receipt set created_at = created_at - interval '2 days'")
    leases_grow_older(3600)
    presence.sweep()
    for table in ("socket_lease", "ticket", "command_receipt"):
        assert rows(f"select 1 from {table}") == [], table
