"""Everything that supervisors and admins keep in order, over HTTP: who may, what comes back, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from models.queries.access import PERMISSIONS, Permission
from tests.support.clients import House
from tests.support.world import ROLES, fingerprint

READ, ANSWER = Permission.CHAT_READ, Permission.CHAT_ANSWER
SUPERVISE, EDIT, MANAGE = Permission.CHAT_SUPERVISE, Permission.DESK_EDIT, Permission.AGENT_MANAGE


class Ask(NamedTuple):
    """One request, made ready for the desk of the test, with the permission it takes."""

    needs: Permission
    method: str
    path: Callable[[House], str]
    body: Any = None
    status: int = 200


def at(path: str) -> Callable[[House], str]:
    return lambda house: path


def customer(path: str = "") -> Callable[[House], str]:
    def named(house: House) -> str:
        guest = house.world.guest()
        house.world.waiting(guest)
        return f"/api/customers/{guest.id}{path}"

    return named


def agent(path: str = "") -> Callable[[House], str]:
    return lambda house: f"/api/agents/{house.world.colleague('Billing').id}{path}"


ASKS = {
    "see a customer": Ask(READ, "GET", customer()),
    "correct a customer": Ask(ANSWER, "PATCH", customer(), {"location": "Bergen"}),
    "note on a customer": Ask(ANSWER, "POST", customer("/notes"), {"body": "Calls back in May."}, 201),
    "block": Ask(ANSWER, "POST", customer("/block"), {"reason": "Insults"}, 201),
    "unblock": Ask(SUPERVISE, "DELETE", customer("/block")),
    "who is blocked": Ask(SUPERVISE, "GET", at("/api/blocks")),
    "tags": Ask(READ, "GET", at("/api/tags")),
    "add a tag": Ask(EDIT, "POST", at("/api/tags"), {"name": "Late parcel", "hue": 25}, 201),
    "tag many": Ask(ANSWER, "POST", at("/api/tags/bulk"), {"chat_ids": [987_654]}),
    "attributes": Ask(READ, "GET", at("/api/attributes")),
    "add an attribute": Ask(EDIT, "POST", at("/api/attributes"), {"key": "plan", "label": "Plan", "type": "text"}, 201),
    "agents": Ask(EDIT, "GET", at("/api/agents")),
    "add an agent": Ask(
        MANAGE, "POST", at("/api/agents"), {"name": "New", "email": "new@desk.example", "role": "agent"}, 201
    ),
    "change an agent": Ask(MANAGE, "PATCH", agent(), {"own_limit": 3}),
    "reset a password": Ask(MANAGE, "POST", agent("/password")),
    "teams": Ask(EDIT, "GET", at("/api/teams")),
    "add a team": Ask(EDIT, "POST", at("/api/teams"), {"name": "Returns"}, 201),
    "settings": Ask(EDIT, "GET", at("/api/desk/settings")),
    "change settings": Ask(EDIT, "PATCH", at("/api/desk"), {"agent_limit": 7}),
    "audit": Ask(EDIT, "GET", at("/api/audit")),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ASKS)
def test_who_may(house: House, name: str, role: str) -> None:
    ask = ASKS[name]
    path = ask.path(house)
    console = house.console(house.world.colleague(role=role))
    console.get("/api/session")
    before = fingerprint()
    answer = console.request(ask.method, path, ask.body)
    if ask.needs in PERMISSIONS[role]:
        assert answer.status_code == ask.status, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert fingerprint() == before


BAD = {
    "a note of blanks": Ask(ANSWER, "POST", customer("/notes"), {"body": "  \n "}),
    "a block without a reason": Ask(ANSWER, "POST", customer("/block"), {"reason": "x"}),
    "a role nobody has": Ask(MANAGE, "PATCH", agent(), {"role": "king"}),
    "somebody's own row": Ask(MANAGE, "PATCH", agent(), {"password_hash": "x"}),
    "a limit of none": Ask(EDIT, "PATCH", at("/api/desk"), {"agent_limit": 0}),
    "a limit of 51": Ask(EDIT, "PATCH", at("/api/desk"), {"agent_limit": 51}),
    "a limit in words": Ask(EDIT, "PATCH", at("/api/desk"), {"agent_limit": "5"}),
    "a setting that is none": Ask(EDIT, "PATCH", at("/api/desk"), {"routing_version": 9}),
    "a tag without a name": Ask(EDIT, "POST", at("/api/tags"), {"name": " ", "hue": 25}),
    "a hue outside the wheel": Ask(EDIT, "POST", at("/api/tags"), {"name": "Late", "hue": 360}),
    "a choice without choices": Ask(EDIT, "POST", at("/api/attributes"), {"key": "a", "label": "A", "type": "choice"}),
    "a key with blanks": Ask(EDIT, "POST", at("/api/attributes"), {"key": "a b", "label": "A", "type": "text"}),
    "an eighth day": Ask(
        EDIT, "PATCH", at("/api/desk"), {"hours": {"time_zone": "UTC", "week": [{"day": 7, "hours": []}]}}
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_changes_nothing(house: House, name: str) -> None:
    ask = BAD[name]
    path = ask.path(house)
    console = house.console(house.world.colleague(role="admin"))
    console.get("/api/session")
    before = fingerprint()
    answer = console.request(ask.method, path, ask.body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["fields"]
    assert fingerprint() == before


def test_a_made_password_opens_the_door_once_shown(house: House) -> None:
    root = house.console(house.world.colleague(role="admin"))
    made = root.post("/api/agents", {"name": "New Hand", "email": "hand@desk.example", "role": "agent"}).json()
    signed = root.http.__class__().post(
        f"{root.url}/api/session", json={"email": "hand@desk.example", "password": made["password"]}, timeout=10
    )
    assert signed.json()["agent"]["name"] == "New Hand"
    assert made["password"] not in root.get("/api/agents").text
    assert made["password"] not in root.get("/api/audit").text


def test_a_customer_of_another_team_is_nobody(house: House) -> None:
    guest = house.world.guest()
    house.world.waiting(guest, team="Billing")
    console = house.console(house.world.colleague("Orders"))
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "X"}),
        ("POST", "/notes", {"body": "X"}),
        ("POST", "/block", {"reason": "Insults"}),
    ):
        answer = console.request(method, f"/api/customers/{guest.id}{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_was_kept_comes_back_as_it_was_typed(house: House) -> None:
    boss = house.console(house.world.colleague(role="supervisor"))
    hours = {
        "time_zone": "Europe/Oslo",
        "week": [{"day": 0, "hours": [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "24:00"}]}],
        "holidays": [{"date": "2026-12-25", "name": "Christmas", "hours": []}],
    }
    changed = boss.request("PATCH", "/api/desk", {"hours": hours, "brand": "#0b6b58", "promise_s": 7200})
    assert changed.status_code == 200, changed.text
    now = boss.get("/api/desk/settings").json()
    assert (now["hours"], now["brand"], now["promise_s"]) == (hours, "#0b6b58", 7200)
    team = boss.post("/api/teams", {"name": "Nights", "hours": hours, "agent_limit": 2}).json()["items"]
    assert next(each for each in team if each["name"] == "Nights")["hours"] == hours
