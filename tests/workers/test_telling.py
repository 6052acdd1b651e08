"""Webhooks over real sockets: signed, told again when a server hangs, falls over or sends us elsewhere, and nowhere else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from models import outbound
from models.actions import webhooks
from models.actions.telling import sweep
from models.db import one, rows, run
from models.rules.signing import verify
from tests.support import world as worlds
from tests.support.servers import OK, Handler, Server, resets, says
from tests.support.world import World
from workers.telling import drain


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def nearby(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    """The operator lets webhooks go to this machine."""
    allowed = replace(settings, private_hosts=frozenset({"127.0.0.1"}))
    monkeypatch.setattr(outbound, "settings", lambda: allowed)


@pytest.fixture
def hooked(world: World, nearby: None) -> Iterator[Callable[[Handler | None], tuple[Server, int, str]]]:
    servers: list[Server] = []

    def start(handler: Handler | None) -> tuple[Server, int, str]:
        servers.append(Server(handler))
        admin = world.colleague(role="admin").viewer
        url = f"http://127.0.0.1:{servers[-1].port}/hooks?team=1"
        number, secret = webhooks.add(
            admin, name="CRM", url=url, events=["chat.started", "chat.queued"], internal=False
        )
        return servers[-1], number, secret

    yield start
    for each in servers:
        each.close()


def requests_of(server: Server) -> list[tuple[dict[str, str], bytes]]:
    found = []
    for seen in server.seen:
        head, _, body = seen.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        found.append(({name.lower(): value for name, value in lines}, body))
    return found


def log() -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in rows("select state, status, fault from webhook_delivery order by id")]


def test_what_happens_arrives_in_order_and_signed(hooked, world) -> None:
    server, number, secret = hooked(says(OK))
    chat_id = world.waiting()
    drain(number)
    drain(number)
    assert log() == [("sent", 200, None)] * 2
    told = requests_of(server)
    assert [json.loads(body)["type"] for _, body in told] == ["chat.started", "chat.queued"]
    for headers, body in told:
        said = json.loads(body)
        assert verify(secret, headers, body, now=time.time()) == said["data"]["event_id"]
        assert said["data"]["chat"]["id"] == chat_id
        assert headers["content-type"] == "application/json"
        assert not {"cookie", "authorization"} & set(headers)


@pytest.mark.parametrize(
    ("handler", "status", "fault"),
    [
        (says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), 500, None),
        (says(b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nsensitive"), 404, None),
        (says(b"HTTP/1.1 204 Fine\r\n\r\n"), 204, None),
        (resets, None, "broken_off"),
        (lambda connected: time.sleep(3), None, "timeout"),
    ],
    ids=["500", "404", "204", "resets", "hangs"],
)
def test_however_a_server_answers_the_log_says_so_and_nothing_more(
    hooked, world, monkeypatch, handler, status, fault
) -> None:
    monkeypatch.setattr(outbound.ask, "__kwdefaults__", {**outbound.ask.__kwdefaults__, "whole_s": 0.4})
    server, number, _ = hooked(handler)
    world.waiting()
    began = time.monotonic()
    drain(number)
    assert time.monotonic() - began < 2
    first, second = log()
    if status == 204:
        assert (first, second) == (("sent", 204, None),) * 2
    else:
        assert (first, second) == (("waiting", status, fault), ("waiting", None, None))
        assert server.connections == 1, "the next word of the chat waits for this one"
    assert "sensitive" not in str(rows("select * from webhook_delivery")) + str(rows("select * from webhook"))


def test_a_redirect_to_this_machine_leads_nowhere(hooked, world) -> None:
    canary = Server(says(OK))
    location = f"HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:{canary.port}/\r\nContent-Length: 0\r\n\r\n"
    _, number, _ = hooked(says(location.encode()))
    world.waiting()
    drain(number)
    assert log()[0] == ("waiting", 307, None)
    assert canary.connections == 0
    canary.close()


def test_without_the_operators_word_this_machine_is_not_asked(hooked, world, monkeypatch, settings) -> None:
    server, number, _ = hooked(says(OK))
    monkeypatch.setattr(outbound, "settings", lambda: settings)
    world.waiting()
    drain(number)
    assert log()[0] == ("waiting", None, "forbidden_address")
    assert server.connections == 0


def test_a_server_that_comes_back_is_told_what_it_missed(hooked, world) -> None:
    answers = [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"] * 3
    server, number, _ = hooked(lambda connected: connected.sendall(answers.pop() if answers else OK))
    for _ in range(4):
        world.waiting()
    drain(number)
    assert server.connections == 3, "after three failures in a row it is left in peace"
    run("update webhook set rest_until = clock_timestamp()")
    run("update webhook_delivery set due_at = clock_timestamp()")
    sweep()
    drain(number)
    assert {each[0] for each in log()} == {"sent"}
    by_chat: dict[int, list[str]] = {}
    for _, body in requests_of(server)[3:]:
        said = json.loads(body)
        by_chat.setdefault(said["data"]["chat"]["id"], []).append(said["type"])
    assert list(by_chat.values()) == [["chat.started", "chat.queued"]] * 4


def test_what_is_gone_is_not_told(hooked, world) -> None:
    server, number, _ = hooked(says(OK))
    run(
        "insert into webhook_delivery (webhook_id, event, event_id, subject_id) values (%s, 'broadcast.finished', 'x', 77)",
        (number,),
    )
    drain(number)
    assert (server.connections, one("select count(*)::int as n from webhook_delivery")) == (0, {"n": 0})


def test_a_secret_that_cannot_be_opened_any_more_sends_nothing(hooked, world) -> None:
    server, number, _ = hooked(says(OK))
    run("update webhook set secret = 'sealed with another key'")
    world.waiting()
    drain(number)
    assert log()[0] == ("waiting", None, "secret_lost")
    assert server.connections == 0
