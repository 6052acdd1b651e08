"""Files come in through the front: by length or in chunks, cut off, too long, dressed up, in every mode of serving."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import pytest

from models.db import rows
from models.media.storage import KEY, storage
from tests.support import files
from tests.support.clients import Browser, House
from tests.support.processes import Desk, desk
from tests.support.world import fresh_id

MOST = 5_242_880
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module", params=["eventlet", "gevent", "threading"])
def front(request, database) -> Iterator[Desk]:
    with desk(parts=("web",), env={"ASYNC_MODE": request.param, "PARLEY_RATE_FACTOR": "100"}) as running:
        yield running


def upload(browser: Browser, body: object, name: str = "note.txt", **headers: str):
    path = "/api/uploads" if browser.namespace == "/console" else "/api/visitor/uploads"
    return browser.request("POST", path, data=body, params={"name": name}, headers=headers, timeout=60)


def media_folder() -> Path:
    return storage().root


def lying_about() -> list[str]:
    """What is left of files that were just coming in."""
    place = storage().receiving()
    return [each.name for each in place.iterdir()] if place.exists() else []


def nothing_left(patience: float = 10) -> bool:
    deadline = time.monotonic() + patience
    while lying_about() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not lying_about()


def test_both_sides_upload_and_get_the_same_shape(house: House) -> None:
    for browser in (house.console(), house.widget()):
        answer = upload(browser, files.picture(1200, 900), "Mein Foto.JPG", **{"Content-Type": "image/jpeg"})
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["kind"], told["name"], told["content_type"]) == ("image", "Mein Foto.JPG", "image/jpeg")
        assert (told["width"], told["height"]) == (1200, 900)
        assert told["thumb_url"].startswith("/media/")
    assert len(rows("select 1 from attachment where message_id is null")) == 2
    assert not rows("select 1 from media_trash"), "what is kept is not on its way out"
    assert nothing_left()


@pytest.mark.parametrize("size", [1, 4_999_999, 5_000_000, 5_000_001, MOST - 1, MOST])
def test_five_megabytes_pass_however_one_counts(house: House, size: int) -> None:
    answer = upload(house.widget(), b"a" * size)
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == size


def test_one_byte_more_does_not(house: House) -> None:
    for browser in (house.console(), house.widget()):
        for body in (b"a" * (MOST + 1), b"a" * (2 * MOST)):
            answer = upload(browser, body)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not rows("select 1 from attachment")
    assert nothing_left()


def chunks(size: int) -> Iterator[bytes]:
    while size > 0:
        yield b"a" * min(size, 70_001)
        size -= 70_001


def test_a_file_may_come_in_chunks_and_is_counted_all_the_same(house: House) -> None:
    widget = house.widget()
    assert upload(widget, chunks(MOST)).json()["size"] == MOST
    answer = upload(widget, chunks(MOST + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert upload(widget, iter([])).json()["code"] == "empty_file"
    assert nothing_left()


def raw(house: House, headers: str, body: bytes, *, hang_up: bool = False, patience: float = 20) -> bytes:
    """Exactly these words over a line of one's own. What came back."""
    where = urlsplit(house.front.url)
    token = house.world.guest().token
    with socket.create_connection((where.hostname, where.port), timeout=patience) as line:
        head = f"POST /api/visitor/uploads?name=a.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}\r\n\r\n"
        line.sendall(head.encode() + body)
        if hang_up:
            line.shutdown(socket.SHUT_WR)
        heard = b""
        try:
            while piece := line.recv(65_536):
                heard += piece
                if b"}" in heard or heard.startswith(b"HTTP/1.0 400"):
                    break
        except OSError:
            pass
    return heard


def test_a_length_that_lies_stores_nothing_too_much(house: House) -> None:
    too_short = raw(house, "Content-Length: 3", b"abcdefgh")
    assert b" 201 " in too_short.split(b"\r\n")[0]
    assert b'"size":3' in too_short
    too_long = raw(house, "Content-Length: 100", b"abcdefgh", hang_up=True)
    assert b" 201 " not in too_long.split(b"\r\n")[0]
    huge = raw(house, "Content-Length: 99999999999", b"abc", hang_up=True)
    assert b" 201 " not in huge.split(b"\r\n")[0]
    for odd in ("-1", "1e3", "0x10", "five", "+5", "5, 5"):
        heard = raw(house, f"Content-Length: {odd}", b"abcde", hang_up=True)
        assert b" 201 " not in heard.split(b"\r\n")[0], odd
        assert b" 500 " not in heard.split(b"\r\n")[0], odd
    assert len(rows("select 1 from attachment")) == 1
    assert nothing_left()


def test_chunks_that_are_none_store_nothing(house: House) -> None:
    for headers, body in (
        ("Transfer-Encoding: chunked", b"zz\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"5\r\nab"),
        ("Transfer-Encoding: chunked", b"-5\r\nab\r\n0\r\n\r\n"),
        ("Transfer-Encoding: gzip, chunked", b"2\r\nab\r\n0\r\n\r\n"),
    ):
        heard = raw(house, headers, body, hang_up=True)
        assert b" 201 " not in heard.split(b"\r\n")[0], headers
        assert b" 500 " not in heard.split(b"\r\n")[0], headers
    assert not rows("select 1 from attachment")
    assert nothing_left()


def test_of_two_lengths_the_chunks_count_or_neither(house: House) -> None:
    """Request smuggling: two servers that believe different lengths see different requests."""
    raw(house, "Transfer-Encoding: chunked\r\nContent-Length: 4", b"2\r\nab\r\n0\r\n\r\n", hang_up=True)
    assert all(row["size"] == 2 for row in rows("select size from attachment"))
    assert nothing_left()


def test_whoever_leaves_half_way_leaves_nothing_behind(house: House) -> None:
    where, token = urlsplit(house.front.url), house.world.guest().token
    line = socket.create_connection((where.hostname, where.port))
    line.sendall(
        f"POST /api/visitor/uploads?name=a.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Length: 4000000\r\n\r\n".encode()
        + b"a" * 1_000_000
    )
    deadline = time.monotonic() + 10
    while not lying_about() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lying_about(), "it is just coming in"
    line.close()
    assert nothing_left()
    assert not rows("select 1 from attachment")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "identity"}, 201),
        ({"Content-Type": "application/json"}, 201),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 201),
        ({"Content-Type": "text/html"}, 201),
        ({"Content-Type": "nonsense"}, 201),
    ],
    ids=str,
)
def test_the_body_is_the_file_whatever_it_is_called(house: House, headers: dict[str, str], status: int) -> None:
    answer = upload(house.console(), b"name=value", **headers)
    assert answer.status_code == status, answer.text
    if status == 415:
        assert answer.json()["code"] == "wrong_body"
    else:
        assert answer.json()["content_type"] == "text/plain"


def test_a_packed_bomb_is_not_unpacked(house: House) -> None:
    answer = upload(house.widget(), gzip.compress(bytes(50_000_000)), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("query", ["", "?name=", "?name=" + "a" * 4097])
def test_a_file_needs_a_name_and_nothing_else(house: House, query: str) -> None:
    answer = house.widget().request("POST", f"/api/visitor/uploads{query}", data=b"x")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_name_decides_before_the_file_is_read(house: House) -> None:
    answer = upload(house.widget(), b"x" * MOST, "virus.exe")
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_type")
    assert ".exe" in answer.json()["message"]


def test_names_never_reach_the_disk(house: House) -> None:
    widget = house.widget()
    for name in ("../../etc/passwd.txt", "/etc/a.txt", "a\0b.txt", "..%2f..%2fa.txt", "Ünï🌿.txt", "-rf;$(id).txt"):
        answer = widget.request("POST", f"/api/visitor/uploads?name={quote(name)}", data=b"hello")
        assert answer.status_code == 201, (name, answer.text)
    for row in rows("select storage_key from attachment"):
        assert KEY.fullmatch(row["storage_key"])
        assert (media_folder() / row["storage_key"]).read_bytes() == b"hello"
    on_disk = {str(each.relative_to(media_folder())) for each in media_folder().rglob("*") if each.is_file()}
    assert all(KEY.fullmatch(each) for each in on_disk), on_disk


def test_other_addresses_take_no_more_than_before(house: House) -> None:
    body = {"client_id": fresh_id(), "body": "x" * (256 * 1024 + 1)}
    assert house.widget().post("/api/visitor/messages", body).status_code == 413


def test_an_analyst_sends_no_files_and_a_stranger_neither(house: House) -> None:
    analyst = house.console(house.world.colleague(role="analyst"))
    assert upload(analyst, b"x").status_code == 403
    assert Browser(house.front.url).request("POST", "/api/visitor/uploads?name=a.txt", data=b"x").status_code == 401
    agent = house.console()
    refused = agent.request("POST", "/api/uploads?name=a.txt", data=b"x", headers={"X-CSRF-Token": "0"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")


def test_an_upload_is_taken_back_by_its_own_side_alone(house: House) -> None:
    guest, agent = house.widget(), house.console()
    mine, theirs = upload(guest, b"x").json()["id"], upload(agent, b"x").json()["id"]
    stranger = house.widget()
    for browser, path in (
        (stranger, f"/api/visitor/uploads/{mine}"),
        (guest, f"/api/visitor/uploads/{theirs}"),
        (agent, f"/api/uploads/{mine}"),
        (guest, "/api/visitor/uploads/987654321"),
    ):
        assert browser.request("DELETE", path).status_code == 404
    assert guest.request("DELETE", f"/api/visitor/uploads/{mine}").status_code == 204
    assert agent.request("DELETE", f"/api/uploads/{theirs}").status_code == 204
    assert guest.request("DELETE", f"/api/visitor/uploads/{mine}").status_code == 404
    assert not rows("select 1 from attachment")


def test_a_slow_sender_holds_up_nobody(house: House) -> None:
    """Twenty who dawdle, as many as there are connections to the database, and others are served."""
    where, token = urlsplit(house.front.url), house.world.guest().token
    lines = []
    for _ in range(20):
        line = socket.create_connection((where.hostname, where.port))
        line.sendall(
            f"POST /api/visitor/uploads?name=a.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Length: 4000000\r\n\r\n".encode()
            + b"a"
        )
        lines.append(line)
    deadline = time.monotonic() + 10
    while len(lying_about()) < 20 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(lying_about()) == 20
    widget = house.widget()
    started = time.monotonic()
    for _ in range(10):
        assert widget.get("/api/visitor/state").status_code == 200
    assert time.monotonic() - started < 3
    for line in lines:
        line.close()
    assert nothing_left()


def test_twenty_at_once_weigh_little(house: House) -> None:
    process = psutil.Process(house.front.pid("web"))
    widgets, photo = [house.widget() for _ in range(20)], files.photo_of_size(MOST)
    before, peak, done = process.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], process.memory_info().rss)
            time.sleep(0.02)

    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda widget=widget: answers.append(upload(widget, photo, "p.jpg").status_code))
        for widget in widgets
    ]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    done.set()
    watcher.join()
    assert answers == [201] * 20
    grown = (peak[0] - before) / 1e6
    assert grown < 100, f"20 uploads of 5 MB at once: the front grew by {grown:.0f} MB"


def test_others_are_served_while_pictures_are_drawn(house: House) -> None:
    widget, photo = house.widget(), files.noisy_photo()
    with house.console().socket() as agent:
        sender = threading.Thread(target=upload, args=(widget, photo, "p.jpg"))
        sender.start()
        longest, asked = 0.0, 0
        while sender.is_alive():
            started = time.monotonic()
            agent.ask("chat:unwatch", {"chat_id": 1})
            longest, asked = max(longest, time.monotonic() - started), asked + 1
            time.sleep(0.01)
        assert asked >= 5
        assert longest < 0.5, "nobody waits for somebody else's photo"
