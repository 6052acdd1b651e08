"""A ticket opens one socket of its own kind, once, within half a minute, for a page of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import websocket
from engineio import packet
from engineio.socket import Socket as Connection

from models import live
from models.actions.visitors import hashed
from models.db import rows
from models.live import CONSOLE, VISITOR
from models.settings import settings
from tests.support.clients import Refused, Socket
from tests.support.front import application

AN_AGENTS, A_VISITORS = 10, 5  # sockets at once


@contextmanager
def bare(house, **more) -> Iterator[Socket]:
    socket = Socket(house.front.url, **more)
    yield socket
    socket.close()


def refused(house, namespace: str, auth) -> bool:
    with bare(house) as socket:
        try:
            socket.join(namespace, auth)
        except Refused:
            return True
    return False


def test_a_ticket_opens_a_socket_once(house) -> None:
    ticket = house.console().ticket()
    assert not refused(house, CONSOLE, {"ticket": ticket})
    assert refused(house, CONSOLE, {"ticket": ticket})


def test_two_that_use_one_ticket_at_once_find_one_open_door(house) -> None:
    ticket = house.console().ticket()
    sockets = [Socket(house.front.url) for _ in range(6)]
    for socket in sockets:
        socket.raw(f'40{CONSOLE},{{"ticket":"{ticket}"}}')
    for socket in sockets:
        assert socket._wait(lambda each=socket: each._answer is not None or each.closed, 5)
    assert sum((socket._answer or "").startswith("40") for socket in sockets) == 1
    for socket in sockets:
        socket.close()


def test_an_old_ticket_opens_nothing(house) -> None:
    ticket = house.console().ticket()
    lasts = rows("select extract(epoch from expires_at - clock_timestamp()) as s from ticket")[0]["s"]
    assert 25 < lasts <= 30
    rows("update ticket set expires_at = clock_timestamp() where token_hash = %s", (hashed(ticket),))
    assert refused(house, CONSOLE, {"ticket": ticket})


def test_a_ticket_is_good_for_its_own_namespace_alone(house) -> None:
    assert refused(house, VISITOR, {"ticket": house.console().ticket()})
    assert refused(house, CONSOLE, {"ticket": house.widget().ticket()})


@pytest.mark.parametrize(
    "auth",
    [None, {}, {"ticket": None}, {"ticket": ""}, {"ticket": 7}, {"ticket": ["x"]}, {"ticket": {"$ne": ""}}, [1], "x"],
)
@pytest.mark.parametrize("namespace", [CONSOLE, VISITOR])
def test_without_a_ticket_nobody_gets_in(house, namespace, auth) -> None:
    assert refused(house, namespace, auth)


@pytest.mark.parametrize("namespace", ["/", "/admin", "/console/", "/Console"])
def test_there_are_two_namespaces_and_no_more(house, namespace) -> None:
    assert refused(house, namespace, {"ticket": house.console().ticket()})


def test_a_cookie_or_a_bearer_token_opens_no_socket(house) -> None:
    """Another site's page would bring the cookie along; the ticket it cannot get."""
    ada, guest = house.world.colleague(), house.world.guest()
    connection = websocket.create_connection(
        house.front.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        cookie=f"parley={ada.token}",
        header=[f"Authorization: Bearer {guest.token}"],
        timeout=5,
    )
    connection.recv()
    for namespace in (CONSOLE, VISITOR):
        connection.send(f"40{namespace},")
        assert connection.recv().startswith(f"44{namespace}")
    connection.close()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1"]
)
def test_another_sites_page_gets_no_socket(house, origin) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        Socket(house.front.url, origin=origin)
    assert refusal.value.status_code == 400


def test_polling_is_not_spoken(house) -> None:
    answer = house.console().get("/socket.io/", params={"EIO": "4", "transport": "polling"})
    assert answer.status_code == 400


def test_a_person_holds_only_so_many_sockets(house) -> None:
    for browser, namespace, most in ((house.console(), CONSOLE, AN_AGENTS), (house.widget(), VISITOR, A_VISITORS)):
        sockets = []
        for _ in range(most):
            socket = Socket(house.front.url)
            socket.join(namespace, {"ticket": browser.ticket()})
            sockets.append(socket)
        assert refused(house, namespace, {"ticket": browser.ticket()}), namespace
        sockets.pop().close()
        time.sleep(0.2)
        assert not refused(house, namespace, {"ticket": browser.ticket()}), "a place that was left is free again"
        for socket in sockets:
            socket.close()


def test_who_does_not_say_who_it_is_is_shown_out(house) -> None:
    """A laptop could hold every place of the front with connections that never say a word."""
    silent, turned_away = Socket(house.front.url), Socket(house.front.url)
    turned_away.raw(f'40{CONSOLE},{{"ticket":"none"}}')
    with house.console().socket() as known:
        assert silent.wait_closed(25)
        assert turned_away.wait_closed(25)
        assert not known.closed
    for socket in (silent, turned_away):
        socket.close()


def test_a_stranger_whose_writer_is_gone_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still to be written to it is never written; whoever waited for that would close nobody any more."""
    app = application()
    from web.sockets.front import Front

    monkeypatch.setattr(live, "_emit", live._emit)  # the front takes it over
    front = Front(app, settings())
    engine = front.server.eio
    stuck, other = Connection(engine, "stuck"), Connection(engine, "other")
    stuck.send(packet.Packet(packet.NOOP))
    engine.sockets = {"stuck": stuck, "other": other}
    looking = threading.Thread(target=lambda: (front._close_strangers(), front._close_strangers()), daemon=True)
    looking.start()
    looking.join(5)
    assert not looking.is_alive()
    assert stuck.closed
    assert other.closed
    assert not engine.sockets
