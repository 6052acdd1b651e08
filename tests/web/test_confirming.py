"""The page that a letter's link leads to, the question that agents have asked, and the way back: over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from models.actions import confirming, senders
from models.db import one, rows, run
from tests.support.joining import channel, letter_to, mailer, token_of, writes
from tests.support.world import ROLES, fresh_id
from workers import mailing

ADA = "ada@example.com"
CSP = (
    "default-src 'none'; frame-ancestors 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
)


pytestmark = pytest.mark.usefixtures("limits_forgotten")


@pytest.fixture
def ana(house):
    return house.world.colleague()


@pytest.fixture
def asked(house, ana) -> tuple[int, str]:
    """A chat whose customer was asked, and what the link in their letter holds."""
    chat_id = house.world.active(ana)
    answer = house.console(ana).post(f"/api/chats/{chat_id}/confirmation", {"email": ADA})
    assert (answer.status_code, answer.json()["asked"]["address"]) == (202, ADA)
    mailing.send_due()
    return chat_id, token_of(letter_to(ADA))


def page(house, token: str, method: str = "GET", **more: Any) -> requests.Response:
    return requests.request(method, f"{house.front.url}/confirm/{token}", timeout=10, allow_redirects=False, **more)


def heading(answer: requests.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found is not None, answer.text
    return found[1]


def is_proved() -> bool:
    return one("select 1 as yes from identity where notes -> 'proved' ->> 'email' = %s", (ADA,)) is not None


def test_looking_changes_nothing_and_pressing_does(house, asked) -> None:
    _, token = asked
    for method in ("GET", "HEAD", "GET"):
        looked = page(house, token, method)
        assert looked.status_code == 200
    assert "on the website" in looked.text
    assert f"<strong>{ADA}</strong>" in looked.text
    assert "{" not in looked.text, "every gap in the words is filled"
    assert (looked.headers["Content-Security-Policy"], looked.headers["Cache-Control"]) == (CSP, "no-store")
    assert "Is there anybody?" not in looked.text
    assert not is_proved()
    for method in ("PUT", "DELETE", "PATCH"):
        assert page(house, token, method).status_code == 405
    assert (page(house, token, "POST").status_code, is_proved()) == (200, True)
    assert heading(page(house, token)) == "This is confirmed already"
    assert heading(page(house, token, "POST")) == "Thank you, that is confirmed"


@pytest.mark.parametrize("forged", ["x", "A" * 43, "..%5c..", "%00", "<script>alert(1)", "a" * 3000])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forged_link_leads_nowhere_and_says_nothing(house, asked, forged, method) -> None:
    answer = page(house, forged, method)
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert ADA not in answer.text
    assert not is_proved()


def test_an_expired_link_says_so(house, asked) -> None:
    _, token = asked
    run("update confirmation set expires_at = clock_timestamp()")
    assert heading(page(house, token)) == "This link has expired"
    late = page(house, token, "POST")
    assert (late.status_code, heading(late), is_proved()) == (409, "This link has expired", False)


def test_asking_has_its_limits(house, ana) -> None:
    chat_id = house.world.active(ana)
    console = house.console(ana)
    said = [
        console.post(f"/api/chats/{chat_id}/confirmation", {"email": f"a{n}@example.com"}).status_code for n in range(4)
    ]
    assert said == [202, 202, 202, 429], "three letters an hour to one customer"
    others = [house.world.active(ana) for _ in range(4)]
    said = [console.post(f"/api/chats/{each}/confirmation", {"email": ADA}).status_code for each in others]
    assert said == [202, 202, 202, 429], "and to one address, whoever says it is theirs"


def test_links_are_not_guessed_at_leisure(house) -> None:
    said = [page(house, f"guess-{number}").status_code for number in range(32)]
    assert said[:30] == [404] * 30
    assert said[30:] == [429] * 2


@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask_and_who_may_part(house, role) -> None:
    who = house.console(house.world.colleague(role=role))
    chat_id = house.world.waiting(team="Orders")
    answers = role != "analyst"
    assert who.post(f"/api/chats/{chat_id}/confirmation", {"email": ADA}).status_code == (202 if answers else 403)
    box, bot = channel("email", "Mail"), channel("telegram", "Bot")
    writes(bot, mailer("telegram-id", proved=False))
    writes(box, mailer(ADA))
    again = mailer("telegram-id", proved=False)
    senders.meet(bot, type(again)(again.external_id, email=ADA, proved=("email",)))
    (join,) = rows("select id from customer_join")
    parted = who.request("DELETE", f"/api/joins/{join['id']}")
    assert parted.status_code == (200 if role in ("supervisor", "admin") else 403)
    if parted.ok:
        assert parted.json()["joins"] == []
        assert who.request("DELETE", f"/api/joins/{join['id']}").json()["code"] == "parted_already"
    assert who.request("DELETE", "/api/joins/999999").status_code == (404 if role in ("supervisor", "admin") else 403)


def test_a_chat_of_another_team_is_not_there(house) -> None:
    stranger = house.console(house.world.colleague("Billing"))
    chat_id = house.world.active(house.world.colleague("Orders"))
    answer = stranger.post(f"/api/chats/{chat_id}/confirmation", {"email": ADA})
    missing = stranger.post("/api/chats/999999/confirmation", {"email": ADA})
    assert (answer.status_code, answer.json()) == (missing.status_code, missing.json())
    assert answer.status_code == 404


def test_a_page_that_is_open_comes_again_as_whom_it_has_become(house, ana) -> None:
    by_mail = writes(channel("email", "Mail"), mailer(ADA))
    guest = house.world.guest()
    chat_id = house.world.active(ana, guest)
    with house.widget(guest).socket() as live:
        confirming.asks(ana.viewer, chat_id, ADA)
        mailing.send_due()
        assert page(house, token_of(letter_to(ADA)), "POST").status_code == 200
        assert live.hear("cut:off") == {"reason": "joined"}
    with house.widget(guest).socket() as again:
        said = again.ask("message:send", {"client_id": fresh_id(), "body": "Here I am again"})
        assert said["ok"], said
        assert said["data"]["message"]["chat_id"] == chat_id
    assert one("select customer_id from chat where id = %s", (chat_id,)) == {"customer_id": by_mail.id}
