"""When the right to be here ends, so does the socket: within five seconds, on every tab."""

from __future__ import annotations

import time

import pytest

from models.actions import agents
from models.db import rows
from models.live import CONSOLE
from tests.support.clients import Refused, Socket
from tests.support.world import fresh_id

WITHIN_S = 5


def said_to(house, chat_id: int, guest, body: str) -> None:
    """A customer writes, and the whole desk has heard it."""
    with house.widget(guest).socket() as customer:
        assert customer.ask("message:send", {"client_id": fresh_id(), "body": body})["ok"]


def test_signing_out_cuts_every_socket_of_that_sign_in_and_no_other(house) -> None:
    ada = house.world.colleague()
    other_browser = house.world.sign_in_again(ada)
    console = house.console(ada)
    with console.socket() as one, console.socket() as two, house.console(other_browser).socket() as elsewhere:
        assert console.request("DELETE", "/api/session").status_code == 204
        assert one.wait_closed(WITHIN_S)
        assert two.wait_closed(WITHIN_S)
        assert "cut:off" in one.names(), "the page is told why, so that it does not try again and again"
        assert not elsewhere.closed


@pytest.mark.parametrize(
    "end",
    [
        lambda ada: agents.disable(ada.id),
        lambda ada: rows("update agent_session set ended_at = now() where agent_id = %s", (ada.id,)),
        lambda ada: rows("update agent_session set expires_at = now() where agent_id = %s", (ada.id,)),
        lambda ada: rows("delete from agent where id = %s", (ada.id,)),
    ],
    ids=["disabled", "session ended elsewhere", "expired", "deleted"],
)
def test_whoever_may_not_be_here_any_more_is_cut_off(house, end) -> None:
    ada = house.world.colleague()
    with house.console(ada).socket() as socket:
        end(ada)
        assert socket.wait_closed(WITHIN_S)
    assert house.console(ada).get("/api/overview").status_code == 401


def test_a_supervisor_who_becomes_an_agent_hears_no_more_of_other_teams(house) -> None:
    world = house.world
    boss, owner, guest = world.colleague("Orders", "supervisor"), world.colleague("Billing"), world.guest()
    chat_id = world.active(owner, guest)
    with house.console(boss).socket() as socket:
        assert socket.ask("chat:watch", {"chat_id": chat_id})["ok"]
        said_to(house, chat_id, guest, "before")
        socket.hear("message:new", lambda m: m["body"] == "before")

        rows("update agent set role = 'agent' where id = %s", (boss.id,))
        time.sleep(WITHIN_S)
        said_to(house, chat_id, guest, "after")
        time.sleep(0.5)
        assert "after" not in [each.data["body"] for each in socket.heard if each.event == "message:new"]
        refused = socket.ask("chat:sync", {"chat_id": chat_id, "after": 0})
        assert refused["error"]["code"] == "not_found"
        assert not socket.closed, "a changed role is followed, not punished"


def test_who_leaves_a_team_hears_no_more_of_its_queue(house) -> None:
    world = house.world
    ada = world.colleague("Orders")
    with house.console(ada).socket() as socket:
        rows("delete from team_member where agent_id = %s", (ada.id,))
        time.sleep(WITHIN_S)
        chat_id = (
            house.widget(world.guest())
            .post("/api/visitor/messages", {"client_id": fresh_id(), "body": "Hello", "topic": "Orders"})
            .json()["chat"]["id"]
        )
        time.sleep(0.5)
        assert chat_id not in [each.data["id"] for each in socket.heard if each.event == "chat:changed"]
        assert house.console(ada).get(f"/api/chats/{chat_id}").status_code == 404


def test_a_ticket_dies_with_the_session_that_asked_for_it(house) -> None:
    ada = house.world.colleague()
    console = house.console(ada)
    ticket = console.ticket()
    console.request("DELETE", "/api/session")
    socket = Socket(house.front.url)
    with pytest.raises(Refused):
        socket.join(CONSOLE, {"ticket": ticket})
    socket.close()
