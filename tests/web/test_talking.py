"""What agents do beside sending, through both doors: correct, draft, look on, name colleagues."""

from __future__ import annotations

import pytest

from models.db import run
from tests.support import world as worlds
from tests.support.clients import Socket
from tests.support.world import ROLES, fresh_id, stored


@pytest.fixture
def talk(house):
    """An agent with a chat, its customer, and a colleague of the same team."""
    world, guest = house.world, house.world.guest()
    owner = world.colleague()
    chat_id = world.active(owner, guest)
    mate = worlds.hire("Orders mate", "agent", world.teams["Orders"])
    world.arrive(mate)
    return world, owner, mate, guest, chat_id


def said(console, chat_id: int, body: str, **more) -> dict:
    answer = console.post(f"/api/chats/{chat_id}/messages", {"client_id": fresh_id(), "body": body, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["message"]


def test_a_message_is_edited_by_rest_and_by_socket_and_heard_by_the_customer(house, talk) -> None:
    _, owner, _, guest, chat_id = talk
    console = house.console(owner)
    message = said(console, chat_id, "It comes on Munday")
    path = f"/api/chats/{chat_id}/messages/{message['id']}"
    with console.socket() as agent, house.widget(guest).socket() as customer:
        answer = console.request("PATCH", path, {"body": "It comes on Monday"})
        assert (answer.status_code, answer.json()["message"]["body"]) == (200, "It comes on Monday")
        heard = customer.hear("message:new", lambda m: m["data"].get("event") == "message_edited")
        assert heard["data"] == {"event": "message_edited", "target_id": message["id"], "text": "It comes on Monday"}
        ack = agent.ask("message:edit", {"chat_id": chat_id, "message_id": message["id"], "body": "On Tuesday"})
        assert (ack["ok"], ack["data"]["message"]["body"]) == (True, "On Tuesday")
        ack = agent.ask("message:delete", {"chat_id": chat_id, "message_id": message["id"]})
        assert (ack["data"]["message"]["body"], ack["data"]["message"]["data"]) == ("", {})
        assert customer.hear("message:new", lambda m: m["data"].get("event") == "message_deleted")
        again = console.request("DELETE", path)
        assert again.json() == ack["data"]


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": " \n"}, {"body": "x" * 10_001}, {"body": "x", "more": 1}])
def test_an_edit_that_says_nothing_or_too_much_is_refused(house, talk, body) -> None:
    _, owner, _, _, chat_id = talk
    console = house.console(owner)
    message = said(console, chat_id, "It comes")
    answer = console.request("PATCH", f"/api/chats/{chat_id}/messages/{message['id']}", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    with console.socket() as agent:
        ack = agent.ask("message:edit", {"chat_id": chat_id, "message_id": message["id"], **body})
        assert ack["error"]["code"] == "invalid"
    assert stored(chat_id)[-1]["body"] == "It comes"


def test_what_was_read_is_a_conflict_on_both_doors(house, talk) -> None:
    _, owner, _, guest, chat_id = talk
    console = house.console(owner)
    message = said(console, chat_id, "It comes")
    with house.widget(guest).socket() as customer, console.socket() as agent:
        assert customer.ask("chat:read", {"chat_id": chat_id, "seq": message["pub_seq"]})["ok"]
        answer = console.request("PATCH", f"/api/chats/{chat_id}/messages/{message['id']}", {"body": "It stays"})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_read")
        ack = agent.ask("message:edit", {"chat_id": chat_id, "message_id": message["id"], "body": "It stays"})
        assert ack["error"]["code"] == "already_read"


def test_versions_are_for_supervisors(house, talk) -> None:
    world, owner, _, _, chat_id = talk
    console = house.console(owner)
    message = said(console, chat_id, "One")
    path = f"/api/chats/{chat_id}/messages/{message['id']}"
    console.request("PATCH", path, {"body": "Two"})
    assert console.get(f"{path}/versions").status_code == 403
    found = house.console(world.colleague(role="supervisor")).get(f"{path}/versions")
    assert [(each["how"], each["body"]) for each in found.json()["items"]] == [("edited", "One")]


def test_a_draft_is_kept_by_either_door_and_comes_with_the_chat(house, talk) -> None:
    _, owner, mate, _, chat_id = talk
    console = house.console(owner)
    assert console.put(f"/api/chats/{chat_id}/draft", {"body": "It c"}).json() == {}
    with console.socket() as agent:
        ack = agent.ask("chat:draft", {"chat_id": chat_id, "mode": "note", "body": "Ask Femi"})
        assert ack == {"ok": True, "data": {}}
    assert console.get(f"/api/chats/{chat_id}").json()["drafts"] == {"reply": "It c", "note": "Ask Femi"}
    assert console.get("/api/overview").json()["drafts"] == [chat_id]
    assert house.console(mate).get(f"/api/chats/{chat_id}").json()["drafts"] == {"reply": "", "note": ""}
    for body in ({"body": "x" * 10_001}, {"mode": "shout", "body": "x"}, {}):
        assert console.put(f"/api/chats/{chat_id}/draft", body).status_code == 422


def test_colleagues_see_who_else_has_the_chat_open(house, talk) -> None:
    _, owner, mate, _, chat_id = talk

    def company(socket: Socket) -> list[str]:
        """Who is there besides oneself, as it was told just now; then nothing of it is remembered."""
        told = socket.hear("chat:viewers", lambda told: told["chat_id"] == chat_id)
        socket.heard.clear()
        return [each["name"] for each in told["viewers"] if each["name"] != owner.name]

    with house.console(owner).socket() as first:
        assert first.ask("chat:watch", {"chat_id": chat_id})["ok"]
        assert company(first) == []
        with house.console(mate).socket() as second:
            assert second.ask("chat:watch", {"chat_id": chat_id})["ok"]
            assert company(first) == [mate.name]
            assert second.ask("chat:unwatch", {"chat_id": chat_id})["ok"]
            assert company(first) == []
            assert second.ask("chat:watch", {"chat_id": chat_id})["ok"]
            assert company(first) == [mate.name]
        assert company(first) == []


def test_who_changes_team_is_no_company_any_more(house, talk) -> None:
    world, owner, mate, _, chat_id = talk
    with house.console(owner).socket() as first, house.console(mate).socket() as second:
        for socket in (first, second):
            assert socket.ask("chat:watch", {"chat_id": chat_id})["ok"]
        first.hear("chat:viewers", lambda told: len(told["viewers"]) == 2)
        first.heard.clear()
        run("update team_member set team_id = %s where agent_id = %s", (world.teams["Billing"], mate.id))
        assert [each["name"] for each in first.hear("chat:viewers")["viewers"]] == [owner.name]


def test_typing_goes_both_ways_and_to_colleagues_who_look_on(house, talk) -> None:
    _, owner, mate, guest, chat_id = talk
    with (
        house.console(owner).socket() as agent,
        house.console(mate).socket() as looks_on,
        house.widget(guest).socket() as customer,
    ):
        assert looks_on.ask("chat:watch", {"chat_id": chat_id})["ok"]
        assert customer.ask("chat:typing", {"chat_id": chat_id, "on": True})["ok"]
        for console in (agent, looks_on):
            assert console.hear("chat:typing", lambda told: told["kind"] == "customer")["chat_id"] == chat_id
        assert agent.ask("chat:typing", {"chat_id": chat_id, "on": True})["ok"]
        seen = looks_on.hear("chat:typing", lambda told: told["kind"] == "agent")
        assert (seen["id"], seen["name"], seen["on"]) == (owner.id, owner.name, True)
        assert customer.hear("chat:typing", lambda told: told["kind"] == "agent")["name"] == owner.name
        assert looks_on.ask("chat:typing", {"chat_id": chat_id, "on": True})["ok"]
        assert agent.hear("chat:typing", lambda told: told["id"] == mate.id)["name"] == mate.name
    assert not [each for each in customer.heard if each.event == "chat:typing" and each.data["name"] == mate.name]


def test_a_mention_reaches_its_agent_and_is_seen(house, talk) -> None:
    world, owner, mate, _, chat_id = talk
    console, colleague = house.console(owner), house.console(mate)
    with colleague.socket() as socket:
        refs = [{"kind": "agent", "id": mate.id}]
        note = said(console, chat_id, "@mate look", internal=True, mentions=refs)
        assert note["data"]["mentions"] == [{"kind": "agent", "id": mate.id, "name": mate.name}]
        assert socket.hear("alert", lambda told: told["kind"] == "mentioned")["chat_id"] == chat_id
    page = colleague.get("/api/mentions?unseen=true&limit=10").json()
    assert [each["message"]["id"] for each in page["items"]] == [note["id"]]
    assert colleague.post("/api/mentions/seen", {"ids": [page["items"][0]["id"]]}).json() == {}
    assert colleague.get("/api/mentions").json()["unseen"] == 0
    body = {"client_id": fresh_id(), "body": "Look", "internal": True}
    far = world.colleague("Billing")
    refused = console.post(f"/api/chats/{chat_id}/messages", {**body, "mentions": [{"kind": "agent", "id": far.id}]})
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"]) == (
        422, "cannot_see", {"mentions": [far.name]},
    )  # fmt: skip
    shown = console.post(f"/api/chats/{chat_id}/messages", {**body, "internal": False, "mentions": refs})
    assert (shown.status_code, shown.json()["code"]) == (422, "invalid")


def test_a_customer_quotes_by_socket_and_never_a_note(house, talk) -> None:
    _, owner, _, guest, chat_id = talk
    console = house.console(owner)
    answer, note = said(console, chat_id, "On Monday"), said(console, chat_id, "Late again", internal=True)
    with house.widget(guest).socket() as customer:
        ack = customer.ask("message:send", {"client_id": fresh_id(), "body": "Good", "quote_id": answer["id"]})
        assert ack["data"]["message"]["data"]["quote"]["body"] == "On Monday"
        ack = customer.ask("message:send", {"client_id": fresh_id(), "body": "What?", "quote_id": note["id"]})
        assert ack["error"]["code"] == "unknown_message"


# --- roles ------------------------------------------------------------------------------------------------

PATHS = {"edit": ("PATCH", ""), "delete": ("DELETE", ""), "versions": ("GET", "/versions")}
WHAT_HAPPENS = {  # to somebody who tries it on a colleague's message: in their team's chat, and in another team's
    ("agent", "edit"): ("not_yours", "not_found"),
    ("agent", "delete"): ("not_yours", "not_found"),
    ("agent", "versions"): ("forbidden", "forbidden"),
    ("supervisor", "edit"): ("not_yours", "not_yours"),
    ("supervisor", "delete"): ("ok", "ok"),
    ("supervisor", "versions"): ("ok", "ok"),
    ("admin", "edit"): ("not_yours", "not_yours"),
    ("admin", "delete"): ("ok", "ok"),
    ("admin", "versions"): ("ok", "ok"),
    ("analyst", "edit"): ("forbidden", "forbidden"),
    ("analyst", "delete"): ("forbidden", "forbidden"),
    ("analyst", "versions"): ("forbidden", "forbidden"),
}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_correct_and_who_may_read_what_was_corrected(house, role) -> None:
    world = house.world
    console = house.console(world.colleague(role=role))
    for what, (method, path) in PATHS.items():
        found = []
        for team in ("Orders", "Billing"):
            writer = worlds.hire(f"{team} {what} {role}", "agent", world.teams[team])
            chat_id = world.active(writer)
            message = said(house.console(writer), chat_id, "Mine")
            body = {"body": "Yours"} if method == "PATCH" else None
            answer = console.request(method, f"/api/chats/{chat_id}/messages/{message['id']}{path}", body)
            found.append("ok" if answer.status_code == 200 else answer.json()["code"])
        assert tuple(found) == WHAT_HAPPENS[role, what], what


@pytest.mark.parametrize("event", ["message:edit", "message:delete"])
def test_sockets_decide_the_same(house, event) -> None:
    world = house.world
    writer = worlds.hire("A writer", "agent", world.teams["Orders"])
    chat_id = world.active(writer)
    for role in ROLES:
        message = said(house.console(writer), chat_id, "Mine")
        asked = {"chat_id": chat_id, "message_id": message["id"]} | ({"body": "X"} if event == "message:edit" else {})
        with house.console(world.colleague(role=role)).socket() as socket:
            ack = socket.ask(event, asked)
        code = "ok" if ack["ok"] else ack["error"]["code"]
        assert code == WHAT_HAPPENS[role, event.removeprefix("message:")][0], role
