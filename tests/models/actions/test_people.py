"""What agents write down about a person, and who may."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.actions import attributes, people
from models.db import rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import customers as read
from tests.support.people import Colleague, Customer, chat_of, make_agent, make_customer, make_team
from tests.support.told import Told


@pytest.fixture
def eve(ana: Colleague) -> Customer:
    customer = make_customer("Eve")
    chat_of(ana, customer)
    return customer


def facts(customer: Customer) -> dict[str, object]:
    return read.detail(customer.id)


def test_what_is_given_is_changed_and_the_rest_stays(ana: Colleague, eve: Customer, told: Told) -> None:
    people.corrects(ana.viewer, eve.id, email="eve@example.com", location="Bergen")
    told.clear()
    people.corrects(ana.viewer, eve.id, phone="+47 55 123456", location="")
    now = facts(eve)
    assert (now["name"], now["email"], now["phone"], now["location"]) == (
        "Eve",
        "eve@example.com",
        "+47 55 123456",
        None,
    )
    assert told.payloads("customer:changed", Room.watching(eve.chat))[0]["phone"] == "+47 55 123456"
    assert told.payloads("customer:changed", Room.agent(ana.id)), "the owner has it open, wherever they look"


def test_a_new_name_stands_on_the_open_chat_at_once(ana: Colleague, eve: Customer, told: Told) -> None:
    told.clear()
    people.corrects(ana.viewer, eve.id, name="Eve Moreau")
    assert told.payloads("chat:changed", Room.agent(ana.id))[-1]["customer"]["name"] == "Eve Moreau"


def test_a_change_is_audited_with_both_sides_and_no_change_is_not(ana: Colleague, eve: Customer) -> None:
    people.corrects(ana.viewer, eve.id, email="eve@example.com", name="Eve")
    people.corrects(ana.viewer, eve.id, email="eve@example.com")
    assert rows("select agent_name, what, target, target_id, before, after from audit_entry") == [
        {
            "agent_name": "Ana Ruiz",
            "what": "changed",
            "target": "customer",
            "target_id": str(eve.id),
            "before": {"email": None},
            "after": {"email": "eve@example.com"},
        }
    ]


@pytest.mark.parametrize(("field", "wrong"), [("email", "eve at home"), ("phone", "ask her")])
def test_what_cannot_be_is_refused_by_field_and_nothing_is_changed(
    ana: Colleague, eve: Customer, field: str, wrong: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        people.corrects(ana.viewer, eve.id, name="Another", **{field: wrong})
    assert field in refusal.value.detail["fields"]
    assert facts(eve)["name"] == "Eve"


def test_what_was_proved_is_not_typed_over(ana: Colleague, eve: Customer) -> None:
    run("update customer set verified = true, email = 'eve@example.com' where id = %s", (eve.id,))
    with pytest.raises(Conflict) as refusal:
        people.corrects(ana.viewer, eve.id, email="someone@example.com")
    assert refusal.value.code == "verified"
    people.corrects(ana.viewer, eve.id, email="eve@example.com", location="Bergen")
    assert facts(eve)["location"] == "Bergen"


def test_typed_attributes_are_checked_merged_and_removed(ana: Colleague, eve: Customer) -> None:
    boss = make_agent("Sam Boss", role="supervisor").viewer
    attributes.add(boss, "plan", "Plan", "choice", ["free", "gold"])
    attributes.add(boss, "seats", "Seats", "number")
    people.corrects(ana.viewer, eve.id, attributes={"plan": "gold", "seats": 3})
    people.corrects(ana.viewer, eve.id, attributes={"seats": None})
    assert facts(eve)["attributes"] == {"plan": "gold"}
    with pytest.raises(Invalid) as refusal:
        people.corrects(ana.viewer, eve.id, attributes={"plan": "silver", "seats": "three", "shoe": 43})
    assert refusal.value.detail["fields"].keys() == {"attributes.plan", "attributes.seats", "attributes.shoe"}
    assert facts(eve)["attributes"] == {"plan": "gold"}


def test_notes_are_the_writers_own_and_supervisors_may_clear_them(ana: Colleague, eve: Customer) -> None:
    ben, boss = make_agent("Ben Hale"), make_agent("Sam Boss", role="supervisor")
    people.notes(ana.viewer, eve.id, "Prefers to be called in the morning.")
    people.notes(ben.viewer, eve.id, "Speaks French.")
    newest, oldest = read.detail(eve.id)["notes"]
    assert (newest["author"]["name"], oldest["author"]["name"]) == ("Ben Hale", "Ana Ruiz")
    with pytest.raises(Refused):
        people.removes_note(ben.viewer, eve.id, oldest["id"])
    people.removes_note(ben.viewer, eve.id, newest["id"])
    people.removes_note(boss.viewer, eve.id, oldest["id"])
    assert facts(eve)["notes"] == []
    kept = rows("select before from audit_entry where what = 'removed_note' order by id")
    assert kept[-1] == {"before": {"note": "Prefers to be called in the morning."}}
    with pytest.raises(NotFound):
        people.removes_note(boss.viewer, eve.id, oldest["id"])


def test_another_teams_customer_does_not_exist(eve: Customer) -> None:
    away = make_agent("Far Away", teams=(make_team("Billing"),))
    run("update chat set team_id = %s", (make_team("Orders"),))
    for attempt in (
        lambda: people.corrects(away.viewer, eve.id, name="X"),
        lambda: people.notes(away.viewer, eve.id, "X"),
        lambda: read.seen_by(away.viewer, eve.id),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_an_analyst_reads_and_writes_nothing(eve: Customer) -> None:
    analyst = make_agent("Ann Lyst", role="analyst")
    assert read.seen_by(analyst.viewer, eve.id)["name"] == "Eve"
    with pytest.raises(Refused):
        people.notes(analyst.viewer, eve.id, "X")


def test_sessions_show_how_each_chat_came_out(ana: Colleague, eve: Customer) -> None:
    ana.ends(eve.chat)
    eve.rates(5)
    (issue,) = read.sessions(ana.viewer, eve.id)
    (chat,) = issue["chats"]
    assert (issue["subject"], chat["end_reason"], chat["rating"]) == ("Where is my parcel?", "resolved", 5)
    assert chat["agent"]["name"] == "Ana Ruiz"
    assert datetime.fromisoformat(chat["ended_at"]) <= datetime.now(UTC)
