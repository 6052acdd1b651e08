"""Everything that supervisors and admins keep in order, over HTTP: who may, what comes back, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from models.actions import attributes, blocks, people, tags, teams
from models.queries import customers
from models.queries.access import PERMISSIONS, Permission, Viewer
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


def made_by(action: Callable[[Viewer], int], path: str) -> Callable[[House], str]:
    """The address of something that an admin has just made."""
    return lambda house: path.format(action(house.world.colleague(role="admin").viewer))


def tag(path: str = "") -> Callable[[House], str]:
    return made_by(lambda root: tags.add(root, "Late parcel", 25), "/api/tags/{}" + path)


def team(path: str = "") -> Callable[[House], str]:
    return made_by(lambda root: teams.add(root, "Nights"), "/api/teams/{}" + path)


def attribute(house: House) -> str:
    root = house.world.colleague(role="admin").viewer
    return f"/api/attributes/{attributes.add(root, 'plan', 'Plan', 'text')}"


def a_note_of(role: str) -> Callable[[House], str]:
    def named(house: House) -> str:
        guest = house.world.guest()
        house.world.waiting(guest)
        people.notes(house.world.colleague(role=role).viewer, guest.id, "Calls back in May.")
        (note,) = customers.detail(guest.id)["notes"]
        return f"/api/customers/{guest.id}/notes/{note['id']}"

    return named


def a_block(house: House) -> str:
    guest = house.world.guest()
    house.world.waiting(guest)
    blocks.block(house.world.colleague().viewer, guest.id, "Insults")
    return f"/api/blocks/{customers.blocks()['items'][0]['id']}"


ASKS = {
    "see a customer": Ask(READ, "GET", customer()),
    "correct a customer": Ask(ANSWER, "PATCH", customer(), {"location": "Bergen"}),
    "note on a customer": Ask(ANSWER, "POST", customer("/notes"), {"body": "Calls back in May."}, 201),
    "block": Ask(ANSWER, "POST", customer("/block"), {"reason": "Insults"}, 201),
    "unblock": Ask(SUPERVISE, "DELETE", customer("/block")),
    "remove somebody's note": Ask(SUPERVISE, "DELETE", a_note_of("admin")),
    "lift a block": Ask(SUPERVISE, "DELETE", a_block),
    "who is blocked": Ask(SUPERVISE, "GET", at("/api/blocks")),
    "tags": Ask(READ, "GET", at("/api/tags")),
    "add a tag": Ask(EDIT, "POST", at("/api/tags"), {"name": "Late parcel", "hue": 25}, 201),
    "change a tag": Ask(EDIT, "PATCH", tag(), {"hue": 75}),
    "remove a tag": Ask(EDIT, "DELETE", tag()),
    "tag many": Ask(ANSWER, "POST", at("/api/tags/bulk"), {"chat_ids": [987_654]}),
    "attributes": Ask(READ, "GET", at("/api/attributes")),
    "add an attribute": Ask(EDIT, "POST", at("/api/attributes"), {"key": "plan", "label": "Plan", "type": "text"}, 201),
    "change an attribute": Ask(EDIT, "PATCH", attribute, {"label": "Their plan"}),
    "agents": Ask(EDIT, "GET", at("/api/agents")),
    "add an agent": Ask(
        MANAGE, "POST", at("/api/agents"), {"name": "New", "email": "new@desk.example", "role": "agent"}, 201
    ),
    "change an agent": Ask(MANAGE, "PATCH", agent(), {"own_limit": 3}),
    "reset a password": Ask(MANAGE, "POST", agent("/password")),
    "teams": Ask(EDIT, "GET", at("/api/teams")),
    "add a team": Ask(EDIT, "POST", at("/api/teams"), {"name": "Returns"}, 201),
    "change a team": Ask(EDIT, "PATCH", team(), {"agent_limit": 3}),
    "archive a team": Ask(EDIT, "POST", team("/archive")),
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


def test_a_tag_is_merged_by_those_who_keep_tags(house: House) -> None:
    root = house.world.colleague(role="admin").viewer
    first, second = tags.add(root, "Late parcel", 25), tags.add(root, "Delay", 75)
    for role in ROLES:
        if EDIT not in PERMISSIONS[role]:
            answer = house.console(house.world.colleague(role=role)).post(
                f"/api/tags/{first}/merge", {"into_id": second}
            )
            assert answer.status_code == 403
    boss = house.console(house.world.colleague(role="supervisor"))
    merged = boss.post(f"/api/tags/{first}/merge", {"into_id": second})
    assert "Late parcel" not in {each["name"] for each in merged.json()["items"]}


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
