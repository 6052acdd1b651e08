"""Orders of supervisors: take a chat from its owner, change its queue, fill somebody beyond their limit, end it (T9, T21)."""

from __future__ import annotations

import pytest

from models.db import one
from models.errors import Conflict, Invalid, Refused
from models.jobs import Job
from models.tables.people import Team
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    entries,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
    waiting_chat,
)
from tests.support.refusals import refused
from tests.support.told import Told


def test_t21_a_supervisor_takes_a_chat_from_its_owner(told: Told, boss: Colleague, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    with pytest.raises(Refused):
        make_agent("Ben Hale").takes_over(chat_id)
    told.clear()
    boss.takes_over(chat_id)
    assert chat_row(chat_id)["owner_id"] == boss.id
    assert entries(chat_id)[-1]["data"]["how"] == "takeover"
    assert told.alerts(ana.id) == ["taken_over"]
    assert [each["owner"]["id"] for each in told.payloads("chat:changed", f"agent:{ana.id}")] == [boss.id]
    assert timers(chat_id) == {"first_reply"}
    assert_all_hold()


def test_t21_a_supervisor_without_room_is_refused_and_nothing_changes(boss: Colleague, ana: Colleague) -> None:
    set_desk(agent_limit=1)
    chat_of(boss)
    chat_id = chat_of(ana)
    assert refused(boss.takes_over, chat_id) == "at_capacity"
    boss.chooses("away")
    assert refused(boss.takes_over, chat_id) == "not_online"
    assert chat_row(chat_id)["owner_id"] == ana.id


def test_t21_a_waiting_chat_changes_queues(told: Told, boss: Colleague) -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    chat_id, behind = waiting_chat("Orders"), waiting_chat("Returns")
    told.clear()
    boss.moves(chat_id, team_id=returns, priority=2)
    chat = chat_row(chat_id)
    assert (chat["team_id"], chat["priority"], chat["state"]) == (returns, 2, "queued")
    event = entries(chat_id)[-1]
    assert (event["data"]["event"], event["data"]["team"]["name"], event["data"]["priority"]) == ("moved", "Returns", 2)
    assert event["pub_seq"] is None
    assert {each["team_id"]: each["waiting"] for each in told.payloads("queue:counts", "queue:all")} == {
        orders: 0,
        returns: 2,
    }
    assert (Job.ASSIGN_WAITING, (returns,)) in told.nudges
    assert told.payloads("queue:place", f"customer:{chat['customer_id']}")[-1]["position"] == 1
    assert chat_row(behind)["priority"] == 0
    heard = {room for each in told.tellings if each.event == "chat:changed" for room in each.rooms}
    assert {f"queue:{orders}", f"queue:{returns}"} <= heard
    assert_all_hold()


def test_t21_an_active_chat_keeps_its_owner_and_one_with_the_bot_stays_there(boss: Colleague, ana: Colleague) -> None:
    orders = make_team("Orders")
    active, with_bot = chat_of(ana), make_customer().says("Hello?").chat_id
    for chat_id, state in ((active, "active"), (with_bot, "bot")):
        boss.moves(chat_id, team_id=orders)
        assert (chat_row(chat_id)["team_id"], chat_row(chat_id)["state"]) == (orders, state)
    assert ana.owned == [active]


def test_t21_to_where_it_is_already_changes_nothing(boss: Colleague) -> None:
    orders = make_team("Orders")
    chat_id = waiting_chat("Orders")
    before = chat_row(chat_id)
    boss.moves(chat_id, team_id=orders, priority=0)
    boss.moves(chat_id)
    assert chat_row(chat_id) == before


def test_t21_refuses_teams_that_are_not_there_and_chats_that_are_over(boss: Colleague, ana: Colleague) -> None:
    gone = make_team("Gone")
    Team.update(archived_at="2025-01-01T00:00:00Z").where(Team.id == gone).execute()
    chat_id = waiting_chat()
    for team_id in (gone, 987_654):
        with pytest.raises(Invalid) as refusal:
            boss.moves(chat_id, team_id=team_id)
        assert refusal.value.code == "unknown_team"
        assert "team_id" in refusal.value.detail["fields"]
    assert chat_row(chat_id)["team_id"] is None
    ended = chat_of(ana)
    ana.ends(ended)
    with pytest.raises(Conflict):
        boss.moves(ended, priority=1)
    with pytest.raises(Refused):
        ana.moves(chat_id, priority=1)


def test_t9_a_supervisor_may_fill_somebody_beyond_their_limit_and_it_is_written_down(
    boss: Colleague, ana: Colleague
) -> None:
    full = make_agent("Fay Full", limit=1)
    chat_of(full)
    chat_id = chat_of(ana)
    assert refused(boss.hands, chat_id, full) == "target_at_capacity"
    assert refused(ana.hands, chat_id, full, override=True) == "forbidden"
    assert chat_row(chat_id)["owner_id"] == ana.id
    boss.hands(chat_id, full, override=True)
    data = entries(chat_id)[-1]["data"]
    assert (data["over_limit"], data["load"], data["limit"]) == (True, 1, 1)
    assert one("select over_limit from assignment where chat_id = %s and to_at is null", (chat_id,)) == {
        "over_limit": True
    }
    set_desk(auto_assign=True)
    waiting_chat()
    full.ends(chat_id)
    assert full.now["load"] == 1


def test_t9_an_override_that_was_not_needed_is_not_one_and_absence_cannot_be_overridden(
    boss: Colleague, ana: Colleague
) -> None:
    ben, away = make_agent("Ben Hale"), make_agent("Abe Away", status="away")
    chat_id = chat_of(ana)
    assert refused(boss.hands, chat_id, away, override=True) == "target_offline"
    boss.hands(chat_id, ben, override=True)
    assert "over_limit" not in entries(chat_id)[-1]["data"]


def test_t21_a_supervisor_ends_what_nobody_has(boss: Colleague, ana: Colleague) -> None:
    waiting, with_bot = waiting_chat(), make_customer().says("Hello?").chat_id
    for chat_id in (waiting, with_bot):
        assert refused(ana.ends, chat_id) == "state_conflict"
        boss.ends(chat_id, "time_waster")
        chat = chat_row(chat_id)
        assert (chat["state"], chat["end_cause"], chat["end_reason"]) == ("ended", "admin", "time_waster")
        assert timers(chat_id) == set()
    active = chat_of(ana)
    boss.ends(active)
    assert chat_row(active)["end_cause"] == "agent"
    assert refused(boss.ends, active) == "state_conflict"
    assert_all_hold()


@pytest.mark.parametrize(
    ("state", "of_agent", "of_boss"),
    [
        ("bot", set(), {"takeover", "end", "force"}),
        ("queued", {"pick"}, {"pick", "end", "force"}),
        (
            "own",
            {"agent_message", "reassign", "escalate", "return_to_queue", "end"},
            {"takeover", "reassign", "escalate", "end", "force"},
        ),
    ],
)
def test_what_is_offered_is_what_would_be_accepted(
    boss: Colleague, ana: Colleague, state: str, of_agent: set[str], of_boss: set[str]
) -> None:
    chat_id = {
        "bot": lambda: make_customer().says("Hello?").chat_id,
        "queued": waiting_chat,
        "own": lambda: chat_of(ana),
    }[state]()
    always = {"note", "tag"}
    assert set(ana.sees(chat_id)["allowed"]) - always == of_agent
    assert set(boss.sees(chat_id)["allowed"]) - always - {"return_to_queue"} == of_boss
