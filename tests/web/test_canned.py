"""Canned messages over HTTP: whose door is open, what is refused, and the file in and out."""

from __future__ import annotations

import csv
import io

import pytest

from tests.support import world as worlds
from tests.support.world import ROLES, fresh_id

TEXT = {"shortcut": "hello", "title": "Hello", "body": "Hello {{customer.name}}", "scope": "desk"}


@pytest.fixture
def boss(house):
    return house.console(house.world.colleague(role="supervisor"))


def test_one_is_added_changed_used_and_removed(house, boss) -> None:
    made = boss.post("/api/canned", TEXT)
    assert (made.status_code, made.json()["scope"], made.json()["uses"]) == (201, "desk", 0)
    path = f"/api/canned/{made.json()['id']}"
    changed = boss.put(path, TEXT | {"title": "Good day"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Good day")
    owner = house.world.colleague()
    chat_id = house.world.active(owner)
    body = {"client_id": fresh_id(), "body": "Hello Rosa", "canned_id": made.json()["id"]}
    assert house.console(owner).post(f"/api/chats/{chat_id}/messages", body).status_code == 201
    (found,) = house.console(owner).get("/api/canned").json()["items"]
    assert (found["uses"], found["editable"], found["last_used_at"] is not None) == (1, False, True)
    assert boss.request("DELETE", path).json() == {}
    gone = house.console(owner).post(f"/api/chats/{chat_id}/messages", body | {"client_id": fresh_id()})
    assert (gone.status_code, gone.json()["code"]) == (422, "unknown_canned")


@pytest.mark.parametrize("role", ROLES)
def test_shared_ones_are_the_supervisors_to_change(house, boss, role) -> None:
    number = boss.post("/api/canned", TEXT | {"shortcut": f"for-{role}"}).json()["id"]
    console = house.console(house.world.colleague(role=role))
    wanted = 200 if role in ("supervisor", "admin") else 403
    assert console.put(f"/api/canned/{number}", TEXT | {"shortcut": f"for-{role}"}).status_code == wanted
    assert console.request("DELETE", f"/api/canned/{number}").status_code == wanted


def test_ones_own_is_not_there_for_an_admin(house) -> None:
    agent = house.console(house.world.colleague())
    admin = house.console(house.world.colleague(role="admin"))
    number = agent.post("/api/canned", TEXT | {"scope": "personal"}).json()["id"]
    for method, body in (("PUT", TEXT), ("DELETE", None)):
        assert admin.request(method, f"/api/canned/{number}", body).status_code == 404
    assert admin.get("/api/canned").json()["items"] == []
    assert "Hello" not in admin.get("/api/canned/export").text


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"body": "Order {{order.id}}"}, 422, "unknown_variable"),
        ({"body": ""}, 422, "invalid"),
        ({"body": "x" * 4001}, 422, "invalid"),
        ({"shortcut": "x" * 33}, 422, "invalid"),
        ({"shortcut": "two words"}, 422, "invalid"),
        ({"scope": "world"}, 422, "invalid"),
        ({"scope": "team"}, 422, "invalid"),
        ({"attachment_ids": [1] * 11}, 422, "invalid"),
        ({"more": True}, 422, "invalid"),
        ({"shortcut": "taken"}, 409, "shortcut_taken"),
    ],
)
def test_what_will_not_do_is_refused_with_its_reason(house, boss, wrong, status, code) -> None:
    boss.post("/api/canned", TEXT | {"shortcut": "taken"})
    answer = boss.post("/api/canned", TEXT | wrong)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(boss.get("/api/canned").json()["items"]) == 1


def test_a_file_goes_out_and_comes_in_again(house, boss) -> None:
    boss.post("/api/canned", TEXT | {"body": "=1+1", "scope": "team", "team_id": house.world.teams["Orders"]})
    sheet = boss.get("/api/canned/export?format=csv")
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="canned-messages.csv"'
    text = sheet.content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1] == ["hello", "Hello", "'=1+1", "team", "Orders"]
    boss.request("DELETE", f"/api/canned/{boss.get('/api/canned').json()['items'][0]['id']}")
    report = boss.post("/api/canned/import", {"format": "csv", "text": text})
    assert report.json() == {"added": 1, "changed": 0, "unchanged": 0, "problems": [], "applied": False}
    assert boss.get("/api/canned").json()["items"] == []
    assert boss.post("/api/canned/import", {"format": "csv", "text": text, "dry_run": False}).json()["applied"]
    assert boss.get("/api/canned").json()["items"][0]["body"] == "=1+1"
    assert boss.get("/api/canned/export").json()[0]["team"] == "Orders"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 200_001}, {"text": "[]", "format": "xml"}])
def test_an_import_that_is_none_is_refused(boss, body) -> None:
    answer = boss.post("/api/canned/import", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_colleague_of_the_team_hears_that_the_list_changed(house, boss) -> None:
    mate = worlds.hire("Orders mate", "agent", house.world.teams["Orders"])
    with house.console(mate).socket() as socket:
        boss.post("/api/canned", TEXT)
        assert socket.hear("catalogue:changed") == {"what": "canned"}
