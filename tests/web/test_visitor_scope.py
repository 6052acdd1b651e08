"""A visitor is who the token says, and sees that customer's chats alone; anything else is not there."""

from __future__ import annotations

import pytest
import requests

from models.actions.visitors import hashed
from models.db import rows
from tests.support.clients import Widget
from tests.support.world import CHANNEL_KEY, fingerprint, fresh_id

NOWHERE = 987_654_321


@pytest.fixture
def others_chat(house) -> int:
    """Somebody else's conversation, with a note in it."""
    owner = house.world.colleague()
    chat_id = house.world.active(owner)
    house.world.note(owner, chat_id, "canary-note")
    return chat_id


def over_rest(widget: Widget, chat_id: int) -> list[requests.Response]:
    """Every address of a visitor that names a chat."""
    return [
        widget.get("/api/visitor/messages", params={"chat_id": chat_id, "after": 0}),
        widget.post(f"/api/visitor/chats/{chat_id}/person"),
        widget.post(f"/api/visitor/chats/{chat_id}/leave"),
        widget.post(f"/api/visitor/chats/{chat_id}/end"),
        widget.post(f"/api/visitor/chats/{chat_id}/rating", {"stars": 5}),
        widget.put(f"/api/visitor/chats/{chat_id}/answers/1", {"helped": True}),
    ]


EVENTS = {
    "chat:sync": {"after": 0},
    "chat:typing": {"on": True},
    "chat:person": {},
    "chat:leave": {},
    "chat:end": {},
    "chat:rate": {"stars": 5},
    "answer:rate": {"message_id": 1, "helped": True},
}


def test_somebody_elses_chat_looks_like_no_chat_at_all(house, others_chat) -> None:
    widget = house.widget()
    before = fingerprint()
    foreign, missing = over_rest(widget, others_chat), over_rest(widget, NOWHERE)
    assert {each.status_code for each in foreign} == {404}
    assert [each.content for each in foreign] == [each.content for each in missing], "byte for byte"
    assert [sorted(each.headers) for each in foreign] == [sorted(each.headers) for each in missing]
    assert fingerprint() == before


def test_a_socket_tells_no_more_than_rest(house, others_chat) -> None:
    with house.widget().socket() as socket:
        for event, more in EVENTS.items():
            foreign = socket.ask(event, {"chat_id": others_chat, **more})
            missing = socket.ask(event, {"chat_id": NOWHERE, **more})
            assert foreign == missing, event
            assert foreign["error"]["code"] == "not_found", event
        before = rows("select * from chat where id = %s", (others_chat,))
        assert socket.ask("chat:read", {"chat_id": others_chat, "seq": 99}) == {"ok": True, "data": {}}
        assert rows("select * from chat where id = %s", (others_chat,)) == before, "nothing was read, nothing was said"


def test_an_agents_address_is_not_for_visitors_nor_the_other_way_round(house, others_chat) -> None:
    assert house.widget().get(f"/api/chats/{others_chat}").status_code == 401
    assert house.widget().get("/api/overview").status_code == 401
    assert house.console().get("/api/visitor/state").status_code == 401


def test_an_earlier_chat_of_ones_own_can_still_be_read(house) -> None:
    guest = house.world.guest()
    chat_id = house.world.ended(house.world.colleague(), guest)
    page = house.widget(guest).get("/api/visitor/messages", params={"chat_id": chat_id}).json()
    assert page["messages"][0]["kind"] == "text"
    rated = house.widget(guest).post(f"/api/visitor/chats/{chat_id}/rating", {"stars": 4})
    assert rated.json()["rating"] == 4


def test_the_token_decides_and_nothing_else_in_the_request(house, others_chat) -> None:
    """Ids of other customers, slipped in wherever they fit, change nothing (and are no fields of ours)."""
    stranger = house.widget()
    for extra in ({"customer_id": 1}, {"owner_id": 1}, {"chat_id": others_chat}, {"pub_seq": 1}, {"created_at": "now"}):
        answer = stranger.post("/api/visitor/messages", {"client_id": fresh_id(), "body": "me?", **extra})
        assert answer.status_code == 422, extra
    assert stranger.get("/api/visitor/state", params={"customer_id": 1}).json()["chat"] is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer undefined",
        "Basic abc",
        "Bearer ' or 1=1 --",
        "Bearer " + "a" * 4000,
    ],
)
def test_no_token_is_nobody(front, world, header) -> None:
    answer = requests.get(f"{front.url}/api/visitor/state", headers={"Authorization": header}, timeout=10)
    assert answer.status_code == 401


def test_an_expired_token_is_nobody(house) -> None:
    guest = house.world.guest()
    assert house.widget(guest).get("/api/visitor/state").status_code == 200
    rows("update visitor_token set expires_at = now() where token_hash = %s", (hashed(guest.token),))
    assert house.widget(guest).get("/api/visitor/state").status_code == 401


def test_a_token_is_never_in_an_address(house) -> None:
    """Addresses end in logs and in the Referer of other sites."""
    guest = house.world.guest()
    for name in ("token", "access_token", "Authorization"):
        answer = requests.get(f"{house.front.url}/api/visitor/state", params={name: guest.token}, timeout=10)
        assert answer.status_code == 401


def test_a_guessed_token_begins_a_new_visitor_and_is_not_kept(house, limits_forgotten) -> None:
    """Fixation: nobody chooses the token under which somebody else will be known."""
    planted = "planted-token-planted-token-planted-token"
    opened = requests.post(
        f"{house.front.url}/api/visitor/session", json={"key": CHANNEL_KEY, "token": planted}, timeout=10
    ).json()
    assert opened["token"] != planted
    assert len(opened["token"]) >= 43
    assert not rows("select 1 from visitor_token where token_hash = %s", (hashed(planted),))


def test_a_visitor_is_told_nothing_that_only_agents_know(house) -> None:
    """Notes, e-mail addresses of agents, other people's ids: not in any answer, not in any event."""
    world, guest = house.world, house.world.guest()
    owner = world.colleague()
    chat_id = world.active(owner, guest)
    widget, console = house.widget(guest), house.console(owner)
    with widget.socket() as customer, console.socket() as agent:
        for internal in (True, False):
            agent.ask(
                "message:send",
                {"chat_id": chat_id, "client_id": fresh_id(), "body": f"canary {internal}", "internal": internal},
            )
        customer.hear("message:new", lambda m: m["body"] == "canary False")
        told = str([each.data for each in customer.heard])
    asked = "".join(each.text for each in over_rest(widget, chat_id)) + widget.get("/api/visitor/state").text
    for secret in ("canary True", owner.email, "all_seq", "end_note", "owner_id", "client_id': 'c"):
        assert secret not in told, secret
        assert secret not in asked, secret


def test_a_ended_chat_cannot_be_left_rated_twice_or_reopened_by_its_number(house) -> None:
    guest = house.world.guest()
    chat_id = house.world.ended(house.world.colleague(), guest)
    widget = house.widget(guest)
    assert widget.post(f"/api/visitor/chats/{chat_id}/rating", {"stars": 5}).status_code == 200
    assert widget.post(f"/api/visitor/chats/{chat_id}/rating", {"stars": 1}).json()["code"] == "already_rated"
    assert widget.post(f"/api/visitor/chats/{chat_id}/person").json()["code"] == "state_conflict"
    assert widget.post(f"/api/visitor/chats/{chat_id}/leave").json()["state"] == "ended"
