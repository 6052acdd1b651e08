"""Files go out by signed links: to whoever has one, while it holds, and in a dress in which they can do no harm."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from models.db import rows, run
from models.media import links
from tests.support import files
from tests.support.clients import Browser, House
from tests.support.world import fresh_id

TEXT = b"0123456789" * 100


def upload(browser: Browser, body: bytes, name: str) -> dict[str, Any]:
    path = "/api/uploads" if browser.namespace == "/console" else "/api/visitor/uploads"
    answer = browser.request("POST", path, data=body, params={"name": name}, timeout=60)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(house: House, url: str, **headers: str) -> requests.Response:
    """As anybody, without a sign-in."""
    return requests.get(house.front.url + url, headers=headers, timeout=20)


@pytest.fixture
def note(house: House) -> dict[str, Any]:
    return upload(house.widget(), TEXT, "Nöte, “one”.txt")


def test_a_document_is_saved_and_never_shown(house: House, note: dict[str, Any]) -> None:
    answer = get(house, note["url"])
    assert (answer.status_code, answer.content) == (200, TEXT)
    told = dict(answer.headers)
    assert told["Content-Type"] == "text/plain"
    assert told["Content-Disposition"] == (
        "attachment; filename=\"N_te, _one_.txt\"; filename*=UTF-8''N%C3%B6te%2C%20%E2%80%9Cone%E2%80%9D.txt"
    )
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert told["Referrer-Policy"]
    assert told["Accept-Ranges"] == "bytes"
    assert told["Content-Length"] == "1000"
    kept, _, seconds = told["Cache-Control"].partition("max-age=")
    assert kept == "private, "
    assert 3600 < int(seconds.split(",")[0]) <= 7200, "the link itself lives no longer"
    assert "Set-Cookie" not in told


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        ("p.png", lambda: files.picture(900, 700, "PNG"), "image/png"),
        ("s.mp3", files.mp3, "audio/mpeg"),
        ("v.webm", lambda: files.webm(video=True), "video/webm"),
        ("voice.webm", files.webm, "audio/webm"),
    ],
)
def test_pictures_sound_and_film_are_shown_in_the_page(house: House, name: str, make: Any, kind: str) -> None:
    told = upload(house.console(), make(), name)
    answer = get(house, told["url"])
    assert answer.headers["Content-Type"] == kind == told["content_type"]
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert len(answer.content) == told["size"]
    if told["kind"] == "image":
        thumb = get(house, told["thumb_url"])
        assert thumb.headers["Content-Type"] == "image/webp"
        assert 0 < len(thumb.content) < 200_000
    else:
        assert told["thumb_url"] is None


def test_a_pdf_is_saved_and_never_shown(house: House) -> None:
    answer = get(house, upload(house.console(), files.pdf(), "a.pdf")["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=0-9", 206, TEXT[:10], "bytes 0-9/1000"),
        ("bytes=990-", 206, TEXT[990:], "bytes 990-999/1000"),
        ("bytes=-5", 206, TEXT[-5:], "bytes 995-999/1000"),
        ("bytes=500-99999", 206, TEXT[500:], "bytes 500-999/1000"),
        ("bytes=0-", 206, TEXT, "bytes 0-999/1000"),
        ("bytes=1000-", 416, b"", "bytes */1000"),
        ("bytes=5000-6000", 416, b"", "bytes */1000"),
        ("bytes=0-1,5-6", 200, TEXT, None),
        ("bytes=9-5", 200, TEXT, None),
        ("bytes=x", 200, TEXT, None),
        ("lines=0-5", 200, TEXT, None),
    ],
)
def test_players_ask_for_parts(
    house: House, note: dict[str, Any], asked: str, status: int, body: bytes, told: str | None
) -> None:
    answer = get(house, note["url"], Range=asked)
    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers.get("Content-Range") == told


def test_a_part_of_another_file_is_no_part(house: House, note: dict[str, Any]) -> None:
    tag = get(house, note["url"]).headers["ETag"]
    assert get(house, note["url"], Range="bytes=0-4", **{"If-Range": tag}).status_code == 206
    assert get(house, note["url"], Range="bytes=0-4", **{"If-Range": '"another"'}).content == TEXT
    assert get(house, note["url"], **{"If-None-Match": tag}).status_code == 304


def test_a_head_tells_the_size_and_nothing_else(house: House, note: dict[str, Any]) -> None:
    answer = requests.head(house.front.url + note["url"], timeout=10)
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "1000")


def test_a_link_is_the_same_for_an_hour_and_dead_within_two(monkeypatch: pytest.MonkeyPatch) -> None:
    began = 1_800_000_000 // 3600 * 3600

    def at(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: began + seconds)

    at(0)
    first = links.link("token", links.FILE, "a.txt")
    _, _, token, variant, expiry, signature, _ = first.split("/")
    at(3599)
    assert links.link("token", links.FILE, "a.txt") == first
    assert links.seconds_left(token, variant, expiry, signature) == 3601
    at(3600)
    assert links.link("token", links.FILE, "a.txt") != first
    at(7199)
    assert links.seconds_left(token, variant, expiry, signature) == 1
    at(7200)
    assert links.seconds_left(token, variant, expiry, signature) == 0


def test_every_wrong_link_is_the_same_nothing(house: House, note: dict[str, Any]) -> None:
    picture = upload(house.widget(), files.picture(900, 700), "p.jpg")
    other = upload(house.widget(), TEXT, "other.txt")
    _, _, token, variant, expiry, signature, name = note["url"].split("/")
    old = int(time.time()) - 10

    def path(**changed: str) -> str:
        part = {"token": token, "variant": variant, "expiry": expiry, "signature": signature, "name": name, **changed}
        return f"/media/{part['token']}/{part['variant']}/{part['expiry']}/{part['signature']}/{part['name']}"

    wrong = [
        path(token=other["url"].split("/")[2]),
        path(token="A" * 32),
        path(token="..%2f..%2fetc"),
        path(variant="thumb"),
        path(variant="original"),
        path(expiry=str(int(expiry) + 3600)),
        path(expiry="0" + expiry),
        path(expiry="99999999999999999999"),
        path(expiry="-1"),
        path(expiry="٣"),
        path(expiry=str(old), signature=links._signature(token, "file", old)),
        path(signature=signature[:-1]),
        path(signature=signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        path(signature=signature.upper()),
        path(signature="%00"),
        path(signature="é"),
        path(name="evil.html"),
        path(name=name + ".html"),
        picture["thumb_url"].replace("/thumb/", "/file/"),
        links.link("A" * 32, links.FILE, "a.txt"),
        links.link(token, links.THUMB, "Nöte, “one”.txt"),
    ]
    answers = [get(house, each) for each in wrong]
    assert [each.status_code for each in answers] == [404] * len(wrong), list(zip(wrong, answers, strict=True))
    assert len({each.content for each in answers}) == 1, "all alike"
    assert len({tuple(sorted(each.headers)) for each in answers}) == 1
    assert {each.headers["Cache-Control"] for each in answers} == {"no-store"}
    assert get(house, "/media/a/b").status_code == 404


def test_fresh_links_are_for_those_who_may_see_the_file(house: House) -> None:
    world, guest = house.world, house.world.guest()
    owner = world.colleague()
    chat_id = world.active(owner, guest)
    widget, console, stranger = house.widget(guest), house.console(owner), house.widget()
    billing = house.console(world.colleague("Billing"))
    file = upload(widget, TEXT, "a.txt")["id"]
    mine, theirs = f"/api/visitor/attachments/{file}", f"/api/chats/{chat_id}/attachments/{file}"
    assert widget.get(mine).json()["name"] == "a.txt"
    assert console.get(theirs).status_code == 404, "not sent yet"
    sent = widget.post("/api/visitor/messages", {"client_id": fresh_id(), "body": "", "attachment_ids": [file]})
    assert sent.status_code == 201, sent.text
    assert console.get(theirs).json()["url"] == widget.get(mine).json()["url"]
    assert get(house, widget.get(mine).json()["url"]).content == TEXT
    assert stranger.get(mine).status_code == 404
    assert stranger.get(mine).content == stranger.get("/api/visitor/attachments/987654321").content
    assert billing.get(theirs).status_code == 404
    assert console.get(f"/api/chats/{world.active(owner)}/attachments/{file}").status_code == 404
    note = upload(console, TEXT, "secret.txt")["id"]
    told = console.post(
        f"/api/chats/{chat_id}/messages",
        {"client_id": fresh_id(), "body": "", "attachment_ids": [note], "internal": True},
    )
    assert told.status_code == 201, told.text
    assert console.get(f"/api/chats/{chat_id}/attachments/{note}").status_code == 200
    assert widget.get(f"/api/visitor/attachments/{note}").status_code == 404, "what is in a note is not for customers"


def test_a_message_is_told_with_links_to_both_sides(house: House) -> None:
    world, guest = house.world, house.world.guest()
    owner = world.colleague()
    chat_id = world.active(owner, guest)
    widget, console = house.widget(guest), house.console(owner)
    file = upload(console, files.picture(900, 700), "plan.jpg")
    with widget.socket() as customer, console.socket() as agent:
        said = agent.ask(
            "message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "", "attachment_ids": [file["id"]]}
        )
        assert said["data"]["message"]["data"]["attachments"] == [file]
        heard = customer.hear("message:new", lambda each: each["data"].get("attachments"))
        assert heard["data"]["attachments"] == [file]
        assert "token" not in heard["data"]["attachments"][0]
        assert get(house, heard["data"]["attachments"][0]["thumb_url"]).status_code == 200
    stored = rows("select data from message where chat_id = %s and data ? 'attachments'", (chat_id,))
    assert "/media/" not in str(stored), "a link that dies is never stored"
    assert console.get(f"/api/chats/{chat_id}").json()["chat"]["last_message"]["body"] == "plan.jpg"


def test_the_limits_are_told_as_they_are(house: House) -> None:
    told = house.console().get("/api/session").json()["desk"]["uploads"]
    assert told["most_bytes"] == 5_242_880
    assert told["scanned"] is False
    assert {"jpg", "webm", "weba", "docx"} <= set(told["extensions"])
    assert not {"zip", "svg", "html", "exe"} & set(told["extensions"])


def test_the_file_of_a_row_that_lost_its_file_is_no_file(house: House, note: dict[str, Any]) -> None:
    run("update attachment set storage_key = %s", ("ab/" + "ab" * 32,))
    assert get(house, note["url"]).status_code == 404
