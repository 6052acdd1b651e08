"""The history over HTTPS: what is found, by whom, and how a timeline is opened at a message."""

from __future__ import annotations

import json

from models.actions import customers, exports
from tests.support.clients import House
from tests.support.world import ROLES


def test_views_are_one_s_own_or_a_supervisors_gift(house: House) -> None:
    agent, boss = (house.console(house.world.colleague(role=role)) for role in ("agent", "supervisor"))
    made = agent.post("/api/views", {"name": "Bad days", "filter": {"ratings": [1], "state": "ended"}, "q": "pot"})
    assert made.status_code == 201
    view = made.json()
    assert (view["filter"], view["q"], view["may_edit"], view["gone"]) == (
        {"ratings": [1], "state": "ended"}, "pot", True, []
    )  # fmt: skip
    own = f"/api/views/{view['id']}"
    assert (
        boss.request("PATCH", own, {"name": "Mine now"}).status_code == boss.request("DELETE", own).status_code == 404
    )
    assert agent.request("PATCH", own, {"name": "Worse days"}).json()["name"] == "Worse days"
    assert agent.post("/api/views", {"name": "For all", "shared": True, "filter": {}}).status_code == 403
    shared = boss.post("/api/views", {"name": "For all", "shared": True, "filter": {}}).json()
    assert agent.request("DELETE", f"/api/views/{shared['id']}").status_code == 403
    assert [each["name"] for each in agent.get("/api/views").json()["items"]] == ["For all", "Worse days"]
    assert [each["name"] for each in agent.request("DELETE", own).json()["items"]] == ["For all"]
    assert agent.post("/api/views", {"name": "x", "filter": {"owner_id": 1}}).status_code == 422


def test_every_role_reads_timelines_of_what_it_sees(house: House) -> None:
    world = house.world
    own = world.ended(world.colleague("Orders"))
    foreign = world.ended(world.colleague("Billing"))
    for role in ROLES:
        console = house.console(world.colleague("Orders", role))
        chat = console.get("/api/history").json()["items"][-1]
        assert chat["id"] == own
        session = console.get(f"/api/sessions/{chat['session_id']}/timeline").json()
        message_id = session["items"][0]["id"]
        rail = console.get(f"/api/customers/{chat['customer']['id']}/timeline", params={"around": message_id}).json()
        assert rail["items"][0]["id"] == message_id
    console = house.console(world.colleague("Orders"))
    hidden = house.console(world.colleague("Billing")).get(f"/api/chats/{foreign}").json()["chat"]
    for path in (
        f"/api/sessions/{hidden['session_id']}/timeline",
        f"/api/customers/{hidden['customer']['id']}/timeline",
    ):
        assert console.get(path).status_code == 404


def test_a_search_leads_to_the_message(house: House) -> None:
    owner = house.world.colleague()
    chat_id = house.world.ended(owner)
    page = house.console(owner).get("/api/search", params={"q": "anybody tag:", "reasons": "resolved"}).json()
    (item,) = page["items"]
    assert item["chat"]["id"] == chat_id
    assert [piece["text"] for piece in item["hits"][0]["pieces"] if piece["hit"]] == ["anybody"]
    assert [each["code"] for each in page["problems"]] == ["half_typed"]


def test_a_reason_is_given_once_for_an_end_that_nobody_chose(house: House) -> None:
    world = house.world
    owner, guest = world.colleague(), world.guest()
    chat_id = world.active(owner, guest)
    customers.ends(guest.visitor, chat_id)
    console = house.console(owner)
    assert "give_reason" in console.get(f"/api/chats/{chat_id}").json()["allowed"]
    given = console.post(f"/api/chats/{chat_id}/reason", {"reason": "time_waster"})
    assert (given.json()["end_cause"], given.json()["end_reason"]) == ("visitor_ended", "time_waster")
    again = console.post(f"/api/chats/{chat_id}/reason", {"reason": "resolved"})
    assert (again.status_code, again.json()["code"]) == (409, "has_reason")
    for role, code in (("analyst", "forbidden"), ("agent", "not_found")):
        other = house.console(world.colleague("Billing", role))
        assert other.post(f"/api/chats/{chat_id}/reason", {"reason": "resolved"}).json()["code"] == code


def test_a_file_is_fetched_by_whoever_asked_and_nobody_else(house: House) -> None:
    world = house.world
    chat_id = world.ended(world.colleague())
    analyst, boss = (house.console(world.colleague(role=role)) for role in ("analyst", "supervisor"))
    asked = analyst.post("/api/exports", {"what": "chats", "format": "jsonl", "filter": {"reasons": ["resolved"]}})
    assert (asked.status_code, asked.json()["state"], asked.json()["url"]) == (202, "waiting", None)
    number = asked.json()["id"]
    exports.write(number)
    done = analyst.get(f"/api/exports/{number}").json()
    assert (done["state"], done["rows_done"]) == ("done", 1)
    file = analyst.get(done["url"])
    assert file.headers["Content-Type"].startswith("application/x-ndjson")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="chats-')
    assert file.headers["Cache-Control"] == "no-store"
    assert json.loads(file.text)["chat_id"] == chat_id
    assert analyst.get(done["url"].replace("signature=", "signature=0")).status_code == 404
    assert analyst.get(f"/api/exports/{number}/file").status_code == 422
    for path in (f"/api/exports/{number}", done["url"]):
        assert boss.get(path).status_code == 404
    assert boss.post(f"/api/exports/{number}/cancel").status_code == 404
    assert analyst.post(f"/api/exports/{number}/cancel").json()["code"] == "finished"
    assert [each["id"] for each in analyst.get("/api/exports").json()["items"]] == [number]
    assert house.console(world.colleague()).get(done["url"]).status_code == 403


def test_one_customers_file_is_for_supervisors(house: House) -> None:
    world, guest = house.world, house.world.guest()
    world.ended(world.colleague(), guest)
    path = f"/api/customers/{guest.id}/export"
    for role, status in (("agent", 403), ("analyst", 403), ("supervisor", 202), ("admin", 202)):
        assert house.console(world.colleague(role=role)).post(path, {}).status_code == status
    assert house.console(world.colleague(role="admin")).post("/api/customers/987654/export", {}).status_code == 404


def test_erasing_is_for_supervisors_and_leaves_a_receipt(house: House) -> None:
    world, guest = house.world, house.world.guest()
    chat_id = world.ended(world.colleague(), guest)
    path, body = f"/api/customers/{guest.id}/erase", {"reason": "Asked for it by letter."}
    for role in ("agent", "analyst"):
        assert house.console(world.colleague(role=role)).post(path, body).status_code == 403
    boss = house.console(world.colleague(role="supervisor"))
    assert boss.post(path, {"reason": "x"}).status_code == 422
    with boss.socket() as screen:
        screen.ask("chat:watch", {"chat_id": chat_id})
        made = boss.post(path, body)
        assert made.status_code == 201
        assert screen.hear("customer:changed")["erased_at"]
    assert boss.get("/api/erasures").json()["items"] == [made.json()]
    assert boss.post(path, body).json()["code"] == "already_erased"
    rail = boss.get(f"/api/customers/{guest.id}/timeline").json()
    assert {each["body"] for each in rail["items"] if each["kind"] != "event"} == {""}
    assert house.widget(guest).get("/api/visitor/state").status_code == 401


def test_retention_is_the_admins(house: House) -> None:
    world = house.world
    admin = house.console(world.colleague(role="admin"))
    made = admin.post("/api/retention", {"what": "bot_chats", "after_days": 90})
    assert made.status_code == 201
    (rule,) = made.json()["items"]
    assert (rule["enabled"], rule["would_remove"]) == (False, 0)
    path = f"/api/retention/{rule['id']}"
    assert admin.post("/api/retention", {"what": "bot_chats", "after_days": 30}).json()["code"] == "rule_exists"
    assert admin.request("PATCH", path, {"enabled": True}).json()["items"][0]["enabled"]
    assert admin.post(f"{path}/try").status_code == 200
    for role in ("agent", "supervisor", "analyst"):
        console = house.console(world.colleague(role=role))
        assert console.get("/api/retention").status_code == 403
        assert console.request("PATCH", path, {"enabled": False}).status_code == 403
        assert console.post(f"{path}/try").status_code == 403
        assert console.request("DELETE", path).status_code == 403
    assert admin.request("DELETE", path).json()["items"] == []
