"""The API channel, both ways: signed messages in and out, a failure that another bot reports, and what is not believed."""

from __future__ import annotations

import base64
import itertools
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from models import outbound
from models.actions import channels
from models.actions.conversation import agent_draft, say
from models.db import one, rows, run
from models.rules.signing import new_secret, sign, verify
from models.settings import settings
from tests.support import files, front
from tests.support.people import Colleague, new_client_id
from tests.support.servers import OK, Handler, Server, says
from tests.support.sources import ROOT
from workers import connecting, delivering, taking

SECRET = new_secret(secrets.token_bytes)
_ids = itertools.count(1)


@pytest.fixture(autouse=True)
def nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator lets messages go to this machine."""
    allowed = replace(settings(), private_hosts=frozenset({"127.0.0.1"}))
    monkeypatch.setattr(outbound, "settings", lambda: allowed)


@pytest.fixture
def other(boss: Colleague) -> Iterator[Callable[[Handler], tuple[Server, int]]]:
    """Another system, and the channel to it."""
    servers: list[Server] = []

    def start(handler: Handler | None = None) -> tuple[Server, int]:
        servers.append(Server(handler or says(OK)))
        url = f"http://127.0.0.1:{servers[-1].port}/parley"
        number = channels.created(boss.viewer, "api", "Shop bot", {"url": url, "secret": SECRET})
        connecting.check(number)
        return servers[-1], number

    yield start
    for each in servers:
        each.close()


def calls(number: int, kind: str, data: Any, *, name: str = "", at: float | None = None, **changed: Any) -> int:
    """The other system calls us. Returns the status it got."""
    found = one("select public_key from channel where id = %s", (number,))
    assert found is not None
    body = json.dumps({"type": kind, "data": data}).encode()
    headers = sign(SECRET, name or f"evt-{next(_ids)}", int(at or time.time()), body)
    client = front.application().test_client()
    sent = {"data": changed.pop("body", body), "headers": {**headers, **changed}}
    return client.post(f"/hooks/api/{found['public_key']}", **sent).status_code


def wrote(text: str, *, who: str = "u-7", **more: Any) -> dict[str, Any]:
    return {"id": f"m-{next(_ids)}", "from": {"id": who, "name": "Ada"}, "text": text, **more}


def texts() -> list[str]:
    return [
        each["body"]
        for each in rows("select body from message where author_kind = 'customer' and kind = 'text' order by id")
    ]


def told(server: Server) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """What we told the other system, each believed by its signature."""
    found = []
    for seen in server.seen:
        head, _, body = seen.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        headers = {name.lower(): value for name, value in lines}
        verify(SECRET, headers, body, now=time.time())
        found.append((headers, json.loads(body)))
    return [each for each in found if each[1]["type"] == "message"]


def test_it_is_tried_when_it_is_connected(other) -> None:
    server, number = other()
    (seen,) = server.seen
    assert b'"type":"test"' in seen
    assert one("select connected from channel where id = %s", (number,)) == {"connected": True}
    _, away = other(says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"))
    assert one("select connected, error from channel where id = %s", (away,)) == {
        "connected": False,
        "error": "The other system said 500.",
    }


def test_a_question_becomes_a_chat_and_an_answer_goes_back_signed_and_in_order(other, boss) -> None:
    server, number = other()
    assert calls(number, "message", wrote("Where is my parcel?")) == 200
    taking.take()
    assert texts() == ["Where is my parcel?"]
    (chat,) = rows("select id, state from chat")
    run("update chat set state = 'active', owner_id = %s where id = %s", (boss.id, chat["id"]))
    run("delete from delivery")
    for words in ("On its way.", "It comes tomorrow."):
        say(agent_draft(boss.viewer, chat_id=chat["id"], client_id=new_client_id(), body=words))
    delivering.deliver()
    said = told(server)
    assert [each["data"]["text"] for _, each in said] == ["On its way.", "It comes tomorrow."]
    assert {each["data"]["to"] for _, each in said} == {"u-7"}
    states = rows("select state from delivery order by pub_seq")
    assert [each["state"] for each in states] == ["sent", "sent"]
    assert calls(number, "read", {"id": said[1][0]["webhook-id"], "from": {"id": "u-7"}}) == 200
    taking.take()
    assert one("select state from delivery order by pub_seq desc limit 1") == {"state": "read"}


def test_who_comes_three_times_is_heard_once(other) -> None:
    _, number = other()
    message = wrote("Once.")
    assert [calls(number, "message", message, name="evt-same") for _ in range(3)] == [200] * 3
    assert calls(number, "message", message, name="evt-again") == 200  # under another name, the same message
    taking.take()
    assert texts() == ["Once."]
    assert calls(number, "message_edited", {"id": message["id"], "from": {"id": "u-7"}, "text": "Once, please."}) == 200
    taking.take()
    assert texts() == ["Once, please."]


def test_what_is_not_signed_with_the_secret_now_finds_nothing(other) -> None:
    _, number = other()
    message, now = wrote("Believe me."), time.time()
    assert calls(number, "message", message, at=now - 301) == 404
    assert calls(number, "message", message, at=now + 301) == 404
    assert calls(number, "message", message, body=b'{"type":"message","data":{}}') == 404
    assert calls(number, "message", message, **{"webhook-signature": "v1,AAAA"}) == 404
    assert calls(number, "message", message, **{"webhook-id": "another"}) == 404
    assert calls(number, "message", message, **{"webhook-signature": ""}) == 404
    assert front.application().test_client().post("/hooks/api/nobody", data=b"{}").status_code == 404
    assert rows("select 1 from inbound") == []


def test_what_cannot_be_read_is_said_and_changes_nothing(other) -> None:
    _, number = other()
    for kind, data in (
        ("message", {}),
        ("message", wrote("x", extra=1)),
        ("message", {**wrote("x"), "from": "u-7"}),
        ("message", {**wrote("x"), "id": 7}),
        ("shrug", wrote("x")),
        ("failed_response", {"id": "f", "from": {"id": "u"}, "question": ""}),
        ("message", wrote("x" * 10_001)),
        ("message", []),
    ):
        assert calls(number, kind, data) == 400, (kind, str(data)[:80])
    assert calls(number, "message", wrote("x" * 300_000)) == 413
    assert rows("select 1 from inbound") == []


def test_a_failure_of_another_bot_is_kept_and_its_customer_handed_to_a_person(other) -> None:
    _, number = other()
    run("update desk set bot_enabled = true")
    near = [{"kind": "service", "id": 3, "title": "Refunds", "score": 0.41}]
    failed = {
        "id": "f-1",
        "from": {"id": "u-9"},
        "question": "Do you sell unicorns?",
        "reason": "no_knowledge",
        "candidates": near,
    }
    for _ in range(2):
        assert calls(number, "failed_response", failed) == 200
        taking.take()
    (kept,) = rows("select text, trigger, candidates, channel_id, status from failed_response")
    assert kept == {
        "text": "Do you sell unicorns?",
        "trigger": "no_knowledge",
        "candidates": near,
        "channel_id": number,
        "status": "open",
    }
    (chat,) = rows("select state, bot_message_id from chat")
    assert chat == {"state": "queued", "bot_message_id": None}
    assert [each["outcome"] for each in rows("select outcome from inbound")] == ["failure", "failure"]


def test_a_file_is_fetched_where_it_may_be_and_politely_left_where_not(other) -> None:
    picture = files.picture(60, 40, "PNG")
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(picture)
    there = Server(says(head + picture))
    _, number = other()
    address = f"http://127.0.0.1:{there.port}/cat.png"
    assert calls(number, "message", wrote("My cat.", files=[{"name": "cat.png", "url": address}])) == 200
    taking.take()
    (row,) = rows("select data from message where author_kind = 'customer'")
    assert [each["name"] for each in row["data"]["attachments"]] == ["cat.png"]
    for url in ("https://169.254.169.254/latest", "https://localhost.example:22/x", "file:///etc/passwd"):
        assert calls(number, "message", wrote("And this.", files=[{"name": "cat.png", "url": url}])) == 200
        taking.take()
    assert there.connections == 1
    assert {each["state"] for each in rows("select state from inbound")} == {"done"}
    assert len(rows("select 1 from attachment where chat_id is not null")) == 1
    there.close()


@pytest.mark.parametrize(
    ("handler", "state"),
    [
        (says(b"HTTP/1.1 503 Busy\r\nRetry-After: 40\r\nContent-Length: 0\r\n\r\n"), "queued"),
        (lambda connected: None, "queued"),
        (says(b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), "failed"),
        (says(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"), "failed"),
    ],
    ids=["busy", "hangs up", "redirects", "refuses"],
)
def test_however_the_other_system_answers_the_message_is_in_a_clear_state(other, boss, handler, state) -> None:
    server, number = other()
    assert calls(number, "message", wrote("Hello?")) == 200
    taking.take()
    (chat,) = rows("select id from chat")
    run("update chat set state = 'active', owner_id = %s where id = %s", (boss.id, chat["id"]))
    run("delete from delivery")
    say(agent_draft(boss.viewer, chat_id=chat["id"], client_id=new_client_id(), body="Yes."))
    server._handler = handler
    delivering.deliver()
    assert rows("select state from delivery") == [{"state": state}]
    if state == "queued":  # and under the same id it is told again
        server._handler = says(OK)
        run("update delivery set due_at = clock_timestamp()")
        run("update channel_pace set hold_until = null, open_until = null")
        run("update identity set hold_until = null, slot_at = null")
        delivering.deliver()
        assert rows("select state from delivery") == [{"state": "sent"}]
        assert len({headers["webhook-id"] for headers, _ in told(server)}) == 1


def test_a_file_of_an_agents_travels_in_the_message() -> None:
    from models.channels.api import _enclosed
    from models.channels.outgoing import File

    sent = _enclosed(File("a.txt", "document", "text/plain", b"\x00\xff"))
    assert base64.b64decode(sent["base64"]) == b"\x00\xff"


EXAMPLE = ROOT / "docs" / "examples" / "listener.py"


def await_port(port: int) -> None:
    for _ in range(100):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)


def test_the_example_of_the_docs_listens_and_believes_what_is_signed(boss, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    heard = tmp_path / "heard"
    with heard.open("w") as out:
        env = {**os.environ, "SECRET": SECRET, "PORT": str(port)}
        process = subprocess.Popen([sys.executable, EXAMPLE], env=env, stdout=out, stderr=subprocess.DEVNULL)
    try:
        await_port(port)
        number = channels.created(
            boss.viewer, "api", "Shop bot", {"url": f"http://127.0.0.1:{port}/x", "secret": SECRET}
        )
        connecting.check(number)
        assert one("select connected from channel where id = %s", (number,)) == {"connected": True}
        assert json.loads(heard.read_text())["type"] == "test"
        where = outbound.target(f"http://127.0.0.1:{port}/x")
        forged = {"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
        assert outbound.ask("POST", where, body=b"{}", headers=forged).status == 401
    finally:
        process.terminate()
        process.wait(10)


def test_the_example_of_the_docs_writes_what_the_desk_takes(other) -> None:
    """Sent to a listener of ours, and from there to the desk as it came."""
    there = Server(says(OK))
    done = subprocess.run(
        [sys.executable, EXAMPLE, f"http://127.0.0.1:{there.port}/", "Where is my parcel?"],
        env={**os.environ, "SECRET": SECRET},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stdout.strip() == "200"
    head, _, body = there.seen[0].partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    _, number = other()
    headers = {name.lower(): value for name, value in lines if name.lower().startswith("webhook-")}
    assert calls(number, "", {}, body=body, **headers) == 200
    taking.take()
    assert texts() == ["Where is my parcel?"]
    there.close()
