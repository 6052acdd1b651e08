"""Services and articles over HTTP: whose door is open, two editors, a large file, a question tried."""

from __future__ import annotations

import csv
import io
import json

import pytest

from models.actions import embedders
from models.rules.embedders import MODELS
from tests.support.world import ROLES

SERVICE = {"name": "Delivery", "answer": "Two days.", "phrasings": ["How long?"]}
ARTICLE = {"title": "Tall plants", "body": "They come on a pallet."}


@pytest.fixture
def ida(house):
    return house.console(house.world.colleague(role="analyst"))


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_and_all_but_agents_edit(house, ida, role) -> None:
    service = ida.post("/api/services", SERVICE).json()
    article = ida.post("/api/articles", ARTICLE).json()
    console = house.console(house.world.colleague(role=role))
    wanted = 403 if role == "agent" else 200
    assert console.get("/api/services").json()["editable"] == (role != "agent")
    assert console.get(f"/api/articles/{article['id']}/versions").json() == {"items": []}
    for method, path, body in (
        ("PUT", f"services/{service['id']}", {**SERVICE, "version": 1}),
        ("PUT", f"articles/{article['id']}", {**ARTICLE, "version": 1, "publish": True}),
        ("POST", f"articles/{article['id']}/disable", {"version": 2}),
        ("POST", f"services/{service['id']}/archive", None),
        ("POST", f"services/{service['id']}/restore", None),
        ("GET", "services/export?format=csv", None),
        ("POST", "articles/import", {"text": "[]"}),
    ):
        assert console.request(method, f"/api/{path}", body).status_code == wanted, path


def test_who_comes_second_hears_of_it_and_of_the_version_now(ida) -> None:
    made = ida.post("/api/services", SERVICE)
    path = f"/api/services/{made.json()['id']}"
    assert made.status_code == 201
    assert ida.put(path, {**SERVICE, "version": 1, "answer": "Three days."}).json()["version"] == 2
    late = ida.put(path, {**SERVICE, "version": 1})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "stale", 2)
    wrong = ida.put(path, {**SERVICE, "version": 2, "handover": "instead"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["team_id"])


def test_files_go_out_and_a_large_one_comes_in(ida) -> None:
    many = [{"name": f"Service {n}", "answer": "An answer. " * 20, "phrasings": [f"way {n}"]} for n in range(1200)]
    text = json.dumps(many)
    assert len(text) > 256 * 1024, "more than any other body may be"
    report = ida.post("/api/services/import", {"format": "json", "text": text, "dry_run": True}).json()
    assert (report["added"], report["problems"], report["applied"]) == (1200, [], False)
    assert ida.post("/api/articles", {**ARTICLE, "body": "x" * 300_000}).status_code == 413
    ida.post("/api/articles", {**ARTICLE, "body": "=1+1", "publish": True})
    sheet = ida.get("/api/articles/export?format=csv")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="articles.csv"'
    assert next(iter(csv.DictReader(io.StringIO(sheet.text))))["body"] == "'=1+1"


def test_a_question_is_tried_and_asked_for_again(house, ida) -> None:
    asked = ida.post("/api/bot/trials", {"question": "How long?"})
    assert (asked.status_code, asked.json()["verdict"]) == (202, None)
    path = f"/api/bot/trials/{asked.json()['id']}"
    assert ida.get(path).json() == asked.json()
    assert house.console(house.world.colleague()).get(path).status_code == 404


def test_the_model_is_seen_by_supervisors_and_changed_by_admins(house) -> None:
    embedders.report([(each, None) for each in MODELS])
    path = "/api/bot/models/changes"
    other = {"model_id": "universal-sentence-encoder-multilingual-3"}
    supervisor, admin = (house.console(house.world.colleague(role=role)) for role in ("supervisor", "admin"))
    seen = supervisor.get("/api/bot/models").json()
    assert (seen["current"], seen["change"]) == ("all-MiniLM-L6-v2", None)
    assert [each["dimensions"] for each in seen["models"]] == [384, 512]
    assert supervisor.post(path, other).status_code == 403
    assert admin.post(path, {"model_id": "all-MiniLM-L6-v2"}).json()["code"] == "same_model"
    assert admin.post(path, {"model_id": "none"}).status_code == 422
    begun = admin.post(path, other)
    assert begun.status_code == 202
    change = begun.json()["change"]
    assert (change["state"], change["model_id"], change["read"]) == ("running", other["model_id"], 0)
    assert admin.post(path, other).json()["code"] == "model_changing"
    assert supervisor.post(f"{path}/{change['id']}/cancel").status_code == 403
    assert admin.post(f"{path}/{change['id'] + 1}/cancel").status_code == 404
    assert admin.post(f"{path}/{change['id']}/cancel").json()["change"]["state"] == "cancelled"
    assert admin.post(f"{path}/{change['id']}/cancel").json()["code"] == "finished"
    told = supervisor.get("/api/audit?target=model").json()["items"]
    assert [each["what"] for each in told] == ["change_cancelled", "change_started"]


def test_the_limits_of_failed_responses_are_settings(house) -> None:
    supervisor = house.console(house.world.colleague(role="supervisor"))
    for name, wrong, right in (
        ("failure_join_percent", (29, 96, "60", None), 60),
        ("failure_pass_percent", (-1, 101, 80.5), 90),
        ("failure_reopen_count", (0, 1001), 5),
    ):
        for value in wrong:
            refused = supervisor.request("PATCH", "/api/desk", {name: value})
            assert (refused.status_code, list(refused.json()["fields"])) == (422, [name])
        assert supervisor.request("PATCH", "/api/desk", {name: right}).json()[name] == right
        assert supervisor.get("/api/audit?target=desk").json()["items"][0]["after"] == {name: right}
