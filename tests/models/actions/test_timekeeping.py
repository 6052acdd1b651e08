"""What falls due: a silent bot, a long wait, a missing first word, an owner who is gone (T8, T16).

Nobody waits here: the moments in the database are moved into the past instead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.actions import bot, presence, timekeeping
from models.db import one, rows, run
from models.live import Room
from models.tables.desk import Desk
from models.tables.people import Team
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    due_after,
    entries,
    events,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
)
from tests.support.told import Told

# --- The bot says nothing -------------------------------------------------------------------------


def test_a_silent_bot_hands_over_and_what_it_left_open_is_kept(customer: Customer) -> None:
    said = customer.says("Where is my parcel?")
    assert due_after(said.chat_id, 19) == 0
    assert due_after(said.chat_id, 2) == 1
    assert chat_row(said.chat_id)["state"] == "queued"
    assert entries(said.chat_id)[-1]["data"]["how"] == "bot_silent"
    (failure,) = rows("select message_id, text, trigger from failed_response")
    assert failure == {"message_id": said.row["id"], "text": "Where is my parcel?", "trigger": "bot_silent"}
    assert timers(said.chat_id) == {"queue_max"}
    assert_all_hold()


def test_each_message_gives_the_bot_its_full_time_again(customer: Customer) -> None:
    chat_id = customer.says("Hi").chat_id
    let_time_pass(chat_id, 15)
    customer.says("Where is my parcel?")
    assert due_after(chat_id, 15) == 0
    assert chat_row(chat_id)["state"] == "bot"


def test_a_message_that_kills_its_worker_three_times_goes_to_a_person(customer: Customer) -> None:
    said = customer.says("Poison")
    for _ in range(bot.MOST_ATTEMPTS):
        assert bot.claim(said.row["id"]) is not None
        assert bot.claim(said.row["id"]) is None  # in other hands
        let_time_pass(said.chat_id, 0)
        _run_out_of_lease(said.chat_id)
    assert bot.claim(said.row["id"]) is None
    assert chat_row(said.chat_id)["state"] == "queued"
    assert rows("select trigger from failed_response") == [{"trigger": "bot_failed"}]


def _run_out_of_lease(chat_id: int) -> None:

    run("update chat set bot_lease_until = clock_timestamp() where id = %s", (chat_id,))


# --- T8: the wait is too long ---------------------------------------------------------------------


def test_t8_a_wait_that_is_too_long_ends_and_says_so(told: Told, customer: Customer) -> None:
    set_desk(alarm_wait_s=86_400)
    chat_id = customer.waits()
    assert due_after(chat_id, 1799) == 0
    told.clear()
    assert due_after(chat_id, 2) == 1
    chat = chat_row(chat_id)
    assert (chat["state"], chat["end_cause"], chat["ended_owner_id"]) == ("ended", "queue_expired", None)
    assert "Nobody could take your chat" in told.payloads("message:new", Room.customer(customer.id))[-1]["body"]
    assert timekeeping.fire_due() == 0
    assert_all_hold()


# --- The desk is closed, and opens ----------------------------------------------------------------


ALWAYS = [{"day": day, "hours": [{"opens": "00:00", "closes": "24:00"}]} for day in range(7)]
NEVER: dict[str, Any] = {"time_zone": "Europe/Berlin", "week": [], "holidays": []}


def closed_today(zone: str = "Europe/Berlin") -> dict[str, Any]:
    """Hours of a desk that is closed from yesterday to tomorrow, and open for the rest of the week."""
    (today,) = rows("select (clock_timestamp() at time zone %s)::date as day", (zone,))
    days = [(today["day"] + timedelta(days=by)).isoformat() for by in (-1, 0, 1)]
    return {
        "time_zone": zone,
        "week": ALWAYS,
        "holidays": [{"date": day, "name": "A day off", "hours": []} for day in days],
    }


def set_hours(hours: dict[str, Any] | None, team_id: int | None = None) -> None:
    table = Desk.update(hours=hours) if team_id is None else Team.update(hours=hours).where(Team.id == team_id)
    table.execute()


def test_a_closed_desk_says_when_it_opens_and_ends_nobodys_wait(told: Told, customer: Customer) -> None:
    set_hours(closed_today())
    chat_id = customer.waits()
    assert timers(chat_id) == set()
    entry = entries(chat_id)[-1]
    opens_at = entry["data"]["opens_at"]
    assert opens_at is not None
    assert "We’re closed right now" in entry["body"]
    assert "at 00:00 (Europe/Berlin)" in entry["body"]
    place = told.payloads("queue:place", Room.customer(customer.id))[-1]
    assert (place["opens_at"], place["position"]) == (opens_at, 1)
    told.clear()
    assert due_after(chat_id, 3 * 86_400) == 0  # nor is a supervisor called
    assert chat_row(chat_id)["state"] == "queued"
    assert_all_hold()


def test_at_opening_those_who_wait_are_served_with_their_original_waiting_time(told: Told, customer: Customer) -> None:
    set_hours(closed_today())
    chat_id = customer.waits()
    let_time_pass(chat_id, 40_000)
    queued_at = chat_row(chat_id)["queued_at"]
    told.clear()
    set_hours(None)
    set_desk(alarm_wait_s=86_400)
    assert timekeeping.fire_due() == 1
    assert timekeeping.fire_due() == 0
    assert timers(chat_id) == {"queue_max"}
    assert chat_row(chat_id)["queued_at"] == queued_at
    assert told.payloads("queue:place", Room.customer(customer.id))[-1]["opens_at"] is None
    assert due_after(chat_id, 1801) == 1  # from the opening on like everybody else
    assert chat_row(chat_id)["end_cause"] == "queue_expired"


def test_who_still_waits_when_the_desk_closes_is_kept_until_it_opens(customer: Customer) -> None:
    chat_id = customer.waits()
    set_hours(closed_today())
    assert due_after(chat_id, 1801) == 0
    assert (chat_row(chat_id)["state"], timers(chat_id)) == ("queued", set())
    set_hours(None)
    set_desk(alarm_wait_s=86_400)
    timekeeping.fire_due()
    assert timers(chat_id) == {"queue_max"}


def test_a_team_has_hours_of_its_own(customer: Customer) -> None:
    closed, open_ = make_team("Closed"), make_team("Open")
    set_hours(closed_today())
    set_hours({**closed_today(), "holidays": []}, open_)
    assert timers(customer.waits(topic="Open")) == {"queue_max"}
    assert timers(make_customer().waits(topic="Closed")) == set()
    set_hours(None)
    set_hours(closed_today(), closed)
    assert timers(make_customer().waits(topic="Closed")) == set()
    assert timers(make_customer().waits()) == {"queue_max"}


def test_a_desk_that_never_opens_still_keeps_what_was_written(customer: Customer) -> None:
    set_hours(NEVER)
    chat_id = customer.waits()
    assert entries(chat_id)[-1]["data"]["opens_at"] is None
    assert (chat_row(chat_id)["state"], timers(chat_id)) == ("queued", set())


def test_a_team_decides_its_own_times() -> None:
    team = make_team("Quick", queue_max_s=60, first_reply_s=10, idle_warn_s=30, idle_end_s=60, alarm_wait_s=3600)
    ana = make_agent("Ana Ruiz", teams=(team,))
    quick = make_customer()
    chat_id = quick.waits(topic="Quick")
    assert due_after(chat_id, 61) == 1
    assert chat_row(chat_id)["end_cause"] == "queue_expired"
    chat_id = make_customer().waits(topic="Quick")
    ana.takes(chat_id)
    assert due_after(chat_id, 11) == 1  # the first word is late
    ana.says(chat_id)
    assert due_after(chat_id, 31) == 1
    assert events(chat_id)[-1] == "idle_warning"
    assert due_after(chat_id, 31) == 1
    assert chat_row(chat_id)["end_cause"] == "inactivity"
    assert chat_row(chat_id)["team_id"] == team


def test_a_team_that_wants_late_chats_back_gets_them() -> None:
    ana = make_agent("Ana Ruiz", teams=(make_team("Quick", first_reply_s=10, first_reply_requeue=True),))
    chat_id = make_customer().waits(topic="Quick")
    ana.takes(chat_id)
    due_after(chat_id, 11)
    assert chat_row(chat_id)["state"] == "queued"


# --- Nobody takes the chat ------------------------------------------------------------------------


def calls(told: Told) -> list[int]:
    """Seconds waited, of each call for the supervisors."""
    found = [each for each in told.tellings if each.event == "alert" and each.payload["kind"] == "waiting_long"]
    assert all(set(each.rooms) == {Room.EVERY_QUEUE} for each in found)
    return [each.payload["seconds"] for each in found]


def test_supervisors_are_called_and_again_while_the_chat_still_waits(told: Told, customer: Customer) -> None:
    chat_id = customer.waits()
    due_after(chat_id, 599)
    assert calls(told) == []
    due_after(chat_id, 2)
    timekeeping.fire_due()
    assert [round(each, -1) for each in calls(told)] == [600]
    due_after(chat_id, 590)
    assert len(calls(told)) == 1
    due_after(chat_id, 15)
    assert [round(each, -1) for each in calls(told)] == [600, 1210]


def test_a_team_has_a_limit_of_its_own_and_who_is_served_calls_nobody(told: Told) -> None:
    ana = make_agent("Ana Ruiz", teams=(make_team("Quick", alarm_wait_s=30),))
    quick, usual = make_customer().waits(topic="Quick"), make_customer().waits()
    for chat_id in (quick, usual):
        let_time_pass(chat_id, 31)
    timekeeping.fire_due()
    assert [round(each, -1) for each in calls(told)] == [30]
    ana.takes(quick)
    told.clear()
    due_after(quick, 31)
    assert calls(told) == []


def test_the_morning_does_not_begin_with_alarms(told: Told, customer: Customer) -> None:
    """The desk opened a minute ago: who wrote in the night has not waited long for it."""
    set_hours(closed_today("UTC"))
    chat_id = customer.waits()
    let_time_pass(chat_id, 40_000)
    (now,) = rows("select clock_timestamp() at time zone 'UTC' as at")
    opened = max(now["at"] - timedelta(minutes=1), now["at"].replace(hour=0, minute=0))
    since = {"opens": f"{opened:%H:%M}", "closes": "24:00"}
    set_hours({**NEVER, "time_zone": "UTC", "week": [{"day": opened.weekday(), "hours": [since]}]})
    timekeeping.fire_due()
    assert calls(told) == []
    assert timers(chat_id) == {"queue_max"}


# --- The first word -------------------------------------------------------------------------------


def test_a_missing_first_word_alerts_owner_and_supervisors_once(told: Told, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    told.clear()
    assert due_after(chat_id, 61) == 1
    assert timekeeping.fire_due() == 0
    (alert,) = [each for each in told.tellings if each.event == "alert"]
    assert alert.payload["kind"] == "first_reply_late"
    assert set(alert.rooms) == {Room.agent(ana.id), Room.EVERY_QUEUE}
    assert chat_row(chat_id)["owner_id"] == ana.id


def test_a_missing_first_word_gives_the_chat_back_where_the_desk_wants_it(ana: Colleague) -> None:
    set_desk(first_reply_requeue=True)
    chat_id = chat_of(ana)
    due_after(chat_id, 61)
    assert (chat_row(chat_id)["state"], chat_row(chat_id)["priority"]) == ("queued", 1)
    assert_all_hold()


def test_a_first_word_in_time_leaves_nothing_due(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.says(chat_id)
    assert due_after(chat_id, 61) == 0


# --- T16: the owner is gone -----------------------------------------------------------------------


def test_t16_the_chats_of_an_owner_who_is_gone_come_back(told: Told, ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    queued_at = chat_row(chat_id)["queued_at"]
    ana.says(chat_id)
    ana.screens_go_dark()
    presence.sweep()
    assert timers(chat_id) == {"owner_gone"}
    told.clear()
    assert due_after(chat_id, 119) == 0
    assert due_after(chat_id, 2) == 1
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"], chat["priority"]) == ("queued", None, 1)
    assert (queued_at - chat["queued_at"]).total_seconds() == pytest.approx(121)  # as long ago as it was
    assert entries(chat_id)[-1]["data"]["how"] == "owner_gone"
    assert told.alerts(ana.id) == ["returned"]
    assert_all_hold()


def test_r13_the_clock_looks_again_before_it_takes_a_chat_away(ana: Colleague) -> None:
    """The owner is back, and no sweep has seen it yet."""
    chat_id = chat_of(ana)
    ana.screens_go_dark()
    presence.sweep()
    let_time_pass(chat_id, 60)
    ana.opens_screen()
    due_after(chat_id, 61)
    assert chat_row(chat_id)["owner_id"] == ana.id
    assert timers(chat_id) == set()


# --- One that fails -------------------------------------------------------------------------------


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.actions import chats

    set_desk(alarm_wait_s=86_400)
    bad, good = make_customer().waits(), make_customer().waits()
    finish = chats.finish

    def fails_for_one(chat: object, *args: object, **kwargs: object) -> None:
        if chat.id == bad:  # type: ignore[attr-defined]
            raise RuntimeError("a bug")
        finish(chat, *args, **kwargs)  # type: ignore[arg-type]

    let_time_pass(bad, 1802)
    let_time_pass(good, 1801)
    with monkeypatch.context() as broken:
        broken.setattr(chats, "finish", fails_for_one)
        assert timekeeping.fire_due() == 1
    assert (chat_row(bad)["state"], chat_row(good)["state"]) == ("queued", "ended")
    assert one("select count(*)::int as n from timer where chat_id = %s and state = 'armed'", (bad,)) == {"n": 1}
    assert timekeeping.fire_due() == 1
    assert chat_row(bad)["state"] == "ended"
