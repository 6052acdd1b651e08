"""Law 4 in practice: the front is the same under eventlet, gevent and plain threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
import socketio

from models.live import CONSOLE, VISITOR
from tests.support.clients import Console, Widget
from tests.support.processes import Desk, desk
from tests.support.world import fresh_id

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module", params=["eventlet", "gevent", "threading"])
def front(request, database) -> Iterator[Desk]:
    env = {"ASYNC_MODE": request.param, "PARLEY_RATE_FACTOR": "100"}
    with desk(parts=("web",), env=env) as running:
        assert f'"mode": "{request.param}"' in running.log("web")
        yield running


class Client:
    """The library's own client, as other people's programs use it."""

    def __init__(self, url: str, namespace: str, ticket: str) -> None:
        self.namespace, self.heard, self._news = namespace, [], threading.Condition()
        self._io = socketio.Client(reconnection=False)
        self._io.on("*", self._hears, namespace=namespace)
        self._io.connect(
            url, auth={"ticket": ticket}, namespaces=[namespace], transports=["websocket"], wait_timeout=10
        )

    def ask(self, event: str, data: dict) -> dict:
        return self._io.call(event, data, namespace=self.namespace, timeout=10)

    def hear(self, event: str, **such: object) -> dict:
        def found() -> dict | None:
            return next((data for name, data in self.heard if name == event and such.items() <= data.items()), None)

        with self._news:
            assert self._news.wait_for(found, 10), f"{event} {such}"
        return found()

    def close(self) -> None:
        self._io.disconnect()

    def _hears(self, event: str, data: dict) -> None:
        with self._news:
            self.heard.append((event, data))
            self._news.notify_all()


def test_a_conversation_from_hello_to_goodbye(house) -> None:
    world, guest, owner = house.world, house.world.guest(), house.world.colleague()
    world.arrive(owner)
    console, widget = house.console(owner), house.widget(guest)
    agent = Client(house.front.url, CONSOLE, console.ticket())
    customer = Client(house.front.url, VISITOR, widget.ticket())
    said = customer.ask("message:send", {"client_id": fresh_id(), "body": "Hello?", "topic": "Orders"})
    chat_id = said["data"]["chat"]["id"]
    assert agent.hear("chat:changed", id=chat_id, state="queued")["first_message"] == "Hello?"
    assert agent.ask("chat:start", {"chat_id": chat_id})["data"]["state"] == "active"
    agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "Good day."})
    assert customer.hear("message:new", body="Good day.")["author"]["name"] == owner.name
    assert agent.ask("chat:end", {"chat_id": chat_id, "reason": "resolved"})["data"]["state"] == "ended"
    assert console.get(f"/api/chats/{chat_id}").json()["chat"]["end_reason"] == "resolved"
    agent.close()
    customer.close()


def test_order_and_acks_hold(house) -> None:
    owner = house.world.colleague()
    chat_id = house.world.active(owner)
    with house.console(owner).socket() as agent:
        numbers = [
            agent.send("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": f"{place:02}"})
            for place in range(50)
        ]
        places = [agent.ack(number, 20)["data"]["message"]["pub_seq"] for number in numbers]
        assert places == list(range(places[0], places[0] + 50))


def test_what_is_refused_is_refused(house) -> None:
    with house.console().socket() as agent:
        agent.raw("42/console,7[")
        assert agent.ask("disconnect", {})["error"]["code"] == "invalid"
        assert agent.ask("chat:sync", {"chat_id": "7", "after": 0})["error"]["code"] == "invalid"
    assert house.console().get("/socket.io/", params={"EIO": "4", "transport": "polling"}).status_code == 400


def test_a_password_is_proved_while_others_are_served(house, limits_forgotten) -> None:
    """argon2 holds a core for a tenth of a second: in a thread of its own, not before everybody's socket."""
    url, console = house.front.url, house.console()

    def sign_in() -> None:
        requests.post(f"{url}/api/session", json={"email": "nobody@desk.example", "password": "x"}, timeout=20)

    sign_in()
    with console.socket() as agent:
        proofs = [threading.Thread(target=sign_in) for _ in range(4)]
        for proof in proofs:
            proof.start()
        served = 0
        while any(proof.is_alive() for proof in proofs):
            agent.ask("chat:unwatch", {"chat_id": 1})
            served += 1
        assert served >= 8, "two asks for each proof at the least"


def test_signing_out_cuts_the_socket(house) -> None:
    console = house.console()
    with console.socket() as agent:
        console.request("DELETE", "/api/session")
        assert agent.wait_closed(5)


def test_an_orderly_end_is_quick(database, front, world) -> None:
    """Last of the module: the front that was asked to stop says goodbye and goes."""
    with Console(front.url, world.colleague()).socket() as agent, Widget(front.url, world.guest()).socket() as customer:
        started = time.monotonic()
        assert front.terminate("web", patience=15) == 0
        assert time.monotonic() - started < 10
        assert agent.wait_closed(5)
        assert customer.wait_closed(5)
