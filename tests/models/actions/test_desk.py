"""Settings of the desk, and commands that may be sent twice."""

from __future__ import annotations

import pytest

from models.actions import desk, tags
from models.db import rows
from models.errors import Conflict, Invalid, Refused
from models.jobs import Job
from models.live import Room
from models.queries import admin
from tests.support.people import chat_of, chat_row, make_agent, set_desk, waiting_chat
from tests.support.told import Told
from web.commands import on_chat


def test_a_supervisor_turns_auto_assign_on_and_who_waits_is_given_out(told: Told) -> None:
    ana, boss = make_agent("Ana Ruiz"), make_agent("Sam Boss", role="supervisor", status="away")
    chat_id = waiting_chat()
    told.run_jobs()
    assert chat_row(chat_id)["state"] == "queued"
    told.clear()
    desk.change_settings(boss.viewer, auto_assign=True)
    assert told.payloads("desk:changed", Room.DESK)[0]["auto_assign"] is True
    assert (Job.SWEEP_QUEUE, ()) in told.nudges
    told.run_jobs()
    assert ana.owned == [chat_id]


def test_what_is_left_out_stays_and_agents_change_nothing() -> None:
    set_desk(agent_limit=7)
    boss = make_agent("Sam Boss", role="supervisor")
    desk.change_settings(boss.viewer, auto_assign=True)
    desk.change_settings(boss.viewer)
    assert rows("select auto_assign, agent_limit from desk") == [{"auto_assign": True, "agent_limit": 7}]
    with pytest.raises(Refused):
        desk.change_settings(make_agent().viewer, auto_assign=False)


def test_a_key_is_new_once_and_belongs_to_its_command_and_its_agent() -> None:
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    assert desk.first_time(ana.viewer, "key", "chat:end", 1)
    assert not desk.first_time(ana.viewer, "key", "chat:end", 1)
    assert desk.first_time(ben.viewer, "key", "chat:end", 1)
    for command, target in (("chat:return", 1), ("chat:end", 2)):
        with pytest.raises(Conflict, match="another command"):
            desk.first_time(ana.viewer, "key", command, target)


def test_a_key_whose_command_was_refused_may_be_used_again() -> None:
    """The receipt is written in the transaction of the command: what did not happen has none."""
    ben, chat_id = make_agent("Ben Hale"), chat_of(make_agent("Ana Ruiz"))
    with pytest.raises(Conflict):
        on_chat(ben.viewer, "chat:start", chat_id=chat_id, key="key")
    assert rows("select 1 from command_receipt") == []


def test_a_beat_is_kept_as_the_newest_of_its_part() -> None:
    desk.beat("brain")
    (before,) = rows("select part, at from beat")
    desk.beat("brain")
    (after,) = rows("select part, at from beat")
    assert after["at"] > before["at"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"brand": "blue"}, "brand"),
        ({"brand": "#12345G"}, "brand"),
        ({"idle_warn_s": 900, "idle_end_s": 600}, "idle_end_s"),
        ({"wait_late_s": 60}, "wait_late_s"),
        ({"hours": {"time_zone": "Nowhere/At_All", "week": [], "holidays": []}}, "hours"),
    ],
)
def test_settings_that_cannot_be_change_nothing(given: dict[str, object], field: str) -> None:
    set_desk(wait_warn_s=120, wait_late_s=300, name="Before")
    boss = make_agent("Sam Boss", role="supervisor")
    with pytest.raises(Invalid) as refusal:
        desk.change_settings(boss.viewer, name="After", **given)
    assert field in refusal.value.detail["fields"]
    assert rows("select name from desk") == [{"name": "Before"}]


def test_a_change_is_audited_with_both_sides() -> None:
    boss = make_agent("Sam Boss", role="supervisor")
    set_desk(agent_limit=5, greeting="Hello")
    desk.change_settings(boss.viewer, agent_limit=10, greeting="Hello")
    (entry,) = admin.audit()["items"]
    assert (entry["target"], entry["before"], entry["after"]) == ("desk", {"agent_limit": 5}, {"agent_limit": 10})
    assert entry["agent"]["name"] == entry["agent_name"] == "Sam Boss"


def test_the_audit_is_read_in_pages_and_by_what_it_is_about() -> None:
    boss = make_agent("Sam Boss", role="supervisor")
    for limit in (6, 7, 8):
        desk.change_settings(boss.viewer, agent_limit=limit)
    tags.add(boss.viewer, "Refund", 25)
    newest = admin.audit(limit=2)
    assert ([each["target"] for each in newest["items"]], newest["more"]) == (["tag", "desk"], True)
    older = admin.audit(limit=2, before=newest["items"][-1]["id"])
    assert ([each["after"]["agent_limit"] for each in older["items"]], older["more"]) == ([7, 6], False)
    assert [each["target_name"] for each in admin.audit(target="tag")["items"]] == ["Refund"]
    assert admin.audit(agent_id=987_654)["items"] == []
