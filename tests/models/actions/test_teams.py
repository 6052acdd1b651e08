"""Teams: what each decides for itself, who is in them, and when one can go."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import teams
from models.db import rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.jobs import Job
from models.live import Room
from models.queries import admin
from tests.support.people import Colleague, chat_of, chat_row, make_agent, make_customer, make_team, set_desk
from tests.support.told import Told

ALWAYS = {
    "time_zone": "Europe/Paris",
    "week": [{"day": 0, "hours": [{"opens": "09:00", "closes": "17:00"}]}],
    "holidays": [],
}


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor", status="away")


def team(name: str) -> dict[str, Any]:
    return next(each for each in admin.teams()["items"] if each["name"] == name)


def test_a_team_starts_as_the_desk_says(boss: Colleague, told: Told) -> None:
    ana = make_agent("Ana Ruiz")
    teams.add(boss.viewer, "Returns", member_ids=[ana.id], hue=75)
    made = team("Returns")
    assert made["member_ids"] == [ana.id]
    assert {made[name] for name in ("auto_assign", "agent_limit", "assign_policy", "hours", "queue_max_s")} == {None}
    assert {"what": "teams"} in told.payloads("catalogue:changed", Room.DESK)


def test_its_own_numbers_come_and_go(boss: Colleague) -> None:
    number = teams.add(boss.viewer, "Returns")
    teams.change(boss.viewer, number, agent_limit=3, hours=ALWAYS, idle_warn_s=60, idle_end_s=120)
    assert (team("Returns")["agent_limit"], team("Returns")["hours"]) == (3, ALWAYS)
    teams.change(boss.viewer, number, agent_limit=None)
    assert (team("Returns")["agent_limit"], team("Returns")["idle_end_s"]) == (None, 120)


def test_times_must_fit_the_desks_as_well(boss: Colleague) -> None:
    number = teams.add(boss.viewer, "Returns")
    set_desk(idle_warn_s=300, idle_end_s=600)
    with pytest.raises(Invalid) as refusal:
        teams.change(boss.viewer, number, idle_warn_s=600)
    assert "idle_end_s" in refusal.value.detail["fields"]
    assert team("Returns")["idle_warn_s"] is None


@pytest.mark.parametrize(
    "wrong", [{**ALWAYS, "time_zone": "Mars/Olympus"}, {**ALWAYS, "week": [{"day": 0, "hours": [{"opens": "17:00", "closes": "09:00"}]}]}]
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(boss: Colleague, wrong: dict[str, Any]) -> None:
    number = teams.add(boss.viewer, "Returns")
    with pytest.raises(Invalid):
        teams.change(boss.viewer, number, hours=wrong)
    assert team("Returns")["hours"] is None


def test_who_leaves_gives_the_teams_chats_back_and_keeps_the_others(boss: Colleague, told: Told) -> None:
    orders, billing = make_team("Orders"), make_team("Billing")
    ana = make_agent("Ana Ruiz", teams=(orders, billing))
    ours = make_customer().waits(topic="Orders")
    theirs = make_customer().waits(topic="Billing")
    ana.takes(ours)
    ana.takes(theirs)
    teams.change(boss.viewer, orders, member_ids=[])
    assert (chat_row(ours)["state"], chat_row(theirs)["owner_id"]) == ("queued", ana.id)
    assert "returned" in told.alerts(ana.id)
    assert team("Billing")["member_ids"] == [ana.id]


def test_a_new_member_may_get_who_waits(boss: Colleague, told: Told) -> None:
    set_desk(auto_assign=True)
    orders = make_team("Orders")
    ana = make_agent("Ana Ruiz")
    chat_id = make_customer().waits(topic="Orders")
    told.run_jobs()
    assert chat_row(chat_id)["state"] == "queued"
    teams.change(boss.viewer, orders, member_ids=[ana.id])
    assert (Job.SWEEP_QUEUE, ()) in told.nudges
    told.run_jobs()
    assert chat_row(chat_id)["owner_id"] == ana.id


def test_strangers_are_named(boss: Colleague) -> None:
    number = teams.add(boss.viewer, "Returns")
    with pytest.raises(Invalid) as refusal:
        teams.change(boss.viewer, number, name="Refunds", member_ids=[987_654])
    assert refusal.value.code == "unknown_agent"
    assert team("Returns")["id"] == number, "nothing half done"


def test_a_name_is_taken_whatever_its_case(boss: Colleague) -> None:
    teams.add(boss.viewer, "Returns")
    other = teams.add(boss.viewer, "Orders")
    for attempt in (
        lambda: teams.add(boss.viewer, "RETURNS"),
        lambda: teams.change(boss.viewer, other, name="returns"),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "name_taken"


def test_a_team_in_use_stays_and_says_why(boss: Colleague) -> None:
    orders = make_team("Orders")
    ana = make_agent("Ana Ruiz", teams=(orders,))
    chat_id = make_customer().waits(topic="Orders")
    ana.takes(chat_id)
    run(
        "insert into routing_rule (ord, name, conditions, team_id) values (1, 'Words about parcels', '[]', %s)",
        (orders,),
    )
    run(
        "insert into service (key, name, answer, team_id) values ('returns', 'Returns', 'Send it back.', %s)", (orders,)
    )
    with pytest.raises(Conflict) as refusal:
        teams.archive(boss.viewer, orders)
    assert refusal.value.code == "team_in_use"
    assert refusal.value.detail["uses"] == {
        "chats": 1,
        "rules": ["Words about parcels"],
        "services": ["Returns"],
        "offers": 0,
        "teams": [],
    }
    ana.ends(chat_id)
    run("delete from routing_rule")
    run("delete from service")
    teams.archive(boss.viewer, orders)
    assert team("Orders")["archived"]
    with pytest.raises(NotFound):
        teams.change(boss.viewer, orders, name="Again")


def test_agents_change_nothing() -> None:
    with pytest.raises(Refused):
        teams.add(make_agent().viewer, "Mine")


def test_the_audit_keeps_what_differed(boss: Colleague) -> None:
    number = teams.add(boss.viewer, "Returns", agent_limit=4)
    teams.change(boss.viewer, number, agent_limit=6, name="Returns")
    changed = rows("select before, after from audit_entry where what = 'changed'")
    assert changed == [{"before": {"agent_limit": 4}, "after": {"agent_limit": 6}}]


def test_a_limit_below_the_load_takes_nothing_away(boss: Colleague) -> None:
    orders = make_team("Orders")
    ana = make_agent("Ana Ruiz", teams=(orders,))
    owned = [chat_of(ana), chat_of(ana)]
    teams.change(boss.viewer, orders, agent_limit=1)
    assert ana.owned == owned
    assert (ana.now["load"], ana.now["limit"]) == (2, 1)
    with pytest.raises(Invalid) as refusal:
        ana.takes(make_customer().waits())
    assert refusal.value.code == "at_capacity"
