"""Health, metrics and logs: for those who run the desk, on a port of their own, without a word of anybody."""

from __future__ import annotations

import json

import pytest
import requests

from models.actions import alarms
from models.db import one, run
from tests.support.clients import Console, Widget
from tests.support.processes import desk
from tests.support.world import CHANNEL_KEY, fresh_id

OPS = ("/health/live", "/health/ready", "/metrics")


def test_health_and_metrics_answer_on_the_ops_port(house) -> None:
    url = house.front.ops_url
    assert requests.get(f"{url}/health/live", timeout=5).json() == {"ok": True}
    ready = requests.get(f"{url}/health/ready", timeout=5)
    assert ready.status_code == 200
    assert ready.json()["ok"] is True
    assert ready.json()["checks"]["database"] is ready.json()["checks"]["redis"] is True
    assert ready.json()["checks"]["bus_heard_s"] < 15


@pytest.mark.parametrize("path", OPS)
def test_the_public_port_knows_none_of_it(house, path) -> None:
    answer = requests.get(house.front.url + path, timeout=5)
    assert "parley_" not in answer.text
    assert '"checks"' not in answer.text
    assert answer.headers["Content-Type"].startswith("text/html") or answer.status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/session", "/socket.io/", "/health", "/health/ready/../../api/session"])
def test_the_ops_port_knows_nothing_else(house, path) -> None:
    answer = requests.get(house.front.ops_url + path, timeout=5)
    assert answer.status_code == 404


def test_metrics_count_what_there_is(house) -> None:
    world = house.world
    world.waiting()
    with house.console().socket() as agent, house.widget().socket():
        agent.ask("presence:set", {"status": "away"})
        text = requests.get(f"{house.front.ops_url}/metrics", timeout=5).text
    assert 'parley_sockets{namespace="console"} 1.0' in text
    assert 'parley_sockets{namespace="visitor"} 1.0' in text
    assert 'parley_queue_length{team="Orders"} 1.0' in text
    assert 'parley_ack_seconds_count{event="presence:set"}' in text
    assert "Orders agent" not in text


def test_what_is_stuck_is_said_to_those_who_watch(house) -> None:
    channel = one(
        "insert into channel (kind, name, public_key, allowed_origins) values ('api', 'Till', 'k', '{}') returning id"
    )
    run("insert into inbound (channel_id, provider_id, sender, body, state, settled_at)"
        " values (%s, '1', 'x', '', 'dead', clock_timestamp())", (channel["id"],))  # fmt: skip
    alarms.sweep()
    url = house.front.ops_url
    text = requests.get(f"{url}/metrics", timeout=5).text
    assert 'parley_stuck_messages{channel="Till",state="unread"} 1.0' in text
    assert "parley_alarms 1.0" in text
    checks = requests.get(f"{url}/health/ready", timeout=5).json()["checks"]
    assert checks["alarms"] == ["Till: 1 message that came in could not be read."]


def test_logs_hold_no_words_no_tokens_no_passwords(database, world, limits_forgotten) -> None:
    """I17, at the most talkative setting, through success, refusal and failure alike."""
    word, password, note = "canary-word-7391", "canary-password-7391", "canary-note-7391"
    owner, guest = world.colleague(), world.guest()
    chat_id = world.active(owner, guest)
    with desk(parts=("web",), env={"PARLEY_LOG": "debug"}) as running:
        console, widget = Console(running.url, owner), Widget(running.url, guest)
        with console.socket() as agent, widget.socket() as customer:
            ticket = console.ticket()
            customer.ask("message:send", {"client_id": fresh_id(), "body": word})
            customer.ask("message:send", {"client_id": "short", "body": word})
            agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": note, "internal": True})
            agent.ask("chat:end", {"chat_id": chat_id, "reason": "other", "note": word})
            agent.ask(word, {"body": note})
            agent.raw(f'42/console,1["{word}')
        requests.post(f"{running.url}/api/session", json={"email": owner.email, "password": password}, timeout=10)
        requests.post(f"{running.url}/api/session", data=f'{{"password": "{password}"', timeout=10)
        requests.post(f"{running.url}/api/visitor/session", json={"key": CHANNEL_KEY, "token": guest.token}, timeout=10)
        console.get("/api/history", params={"q": word})
        widget.post("/api/visitor/messages", {"client_id": fresh_id(), "body": word, "odd": note})
        secrets = (note, password, owner.token, guest.token, console.csrf, ticket)
        log = running.log("web", last=10_000_000)
    assert "front_started" in log
    for secret in secrets:
        assert secret not in log
    # a made-up event's name is written down, shortened: that is how one learns of an attack
    told = [line for line in log.splitlines() if word in line]
    assert all("socket_event_unknown" in line for line in told)
    assert len(told) <= 1


def test_every_line_of_the_log_is_one_event(house) -> None:
    """What a client makes up cannot forge a line of its own."""
    with house.console().socket() as agent:
        agent.ask('x\n{"event": "forged", "level": "info"}', {})
    house.console().get("/api/chats/1%0a{forged}")
    lines = [line for line in house.front.log("web").splitlines() if line.startswith("{")]
    events = [json.loads(line)["event"] for line in lines]
    assert "socket_event_unknown" in events
    assert "forged" not in events
