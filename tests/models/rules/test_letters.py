"""Letters written out: what is in them, and what nobody can smuggle into them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from models.errors import Invalid
from models.rules import letters
from models.rules.letters import Desk, Line
from models.rules.mail_server import MailServer, parse, sender

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
DESK = Desk("Fernhill", "#285bd8", "https://shop.example/plants")


def message(*, to: str = "rosa@example.com", subject: str = "Hello", name: str = "Fernhill") -> EmailMessage:
    return letters.message(
        number=7,
        thread="chat-3",
        sender=sender("desk@fernhill.example"),
        desk_name=name,
        to=to,
        subject=subject,
        text="Text",
        html="<p>Text</p>",
        at=AT,
    )


def test_what_was_answered_is_in_both_parts_with_the_way_back() -> None:
    lines = [Line(AT, "Ana Ruiz", "First\nsecond"), Line(AT, "Ana Ruiz", "", ["label.pdf"])]
    subject, text, html = letters.reply(DESK, customer="Rosa", lines=lines)
    assert subject == "Ana Ruiz from Fernhill answered you"
    for part in (text, html):
        assert "Hello Rosa," in part
        assert "label.pdf" in part
        assert DESK.url in part
    assert "Ana Ruiz: First\n    second" in text


def test_what_people_wrote_is_no_html() -> None:
    hostile = "<script>alert(1)</script>"
    desk = Desk(hostile, "#285bd8", "https://shop.example/'><script>")
    lines = [Line(AT, hostile, hostile, [hostile]), Line(AT, "", hostile)]
    for _, _, html in (
        letters.reply(desk, customer=hostile, lines=lines),
        letters.transcript(desk, began_at=AT, lines=lines),
    ):
        assert "<script" not in html


@pytest.mark.parametrize("name", ["Fern\r\nBcc: all@example.com", "Fern\nhill", "a" * 300, "“Fern” <hill>, Ltd. ☘"])
def test_no_header_comes_in_by_a_name(name: str) -> None:
    raw = message(subject=f"{name} answered you", name=name).as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    assert not any(line.lower().startswith(b"bcc:") for line in head.split(b"\r\n"))
    assert sum(line.lower().startswith(b"from:") for line in head.split(b"\r\n")) == 1


@pytest.mark.parametrize(
    "to", ["rosa@example.com\r\nBcc: all@example.com", "rosa@example.com, all@example.com", "Rosa <rosa@example.com>"]
)
def test_no_second_recipient_comes_in_by_an_address(to: str) -> None:
    with pytest.raises(Invalid) as refusal:
        letters.address(to)
    assert "email" in refusal.value.detail["fields"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "rosa",
        "rosa@",
        "@example.com",
        "rosa@example",
        "rosa@@example.com",
        "ro sa@example.com",
        "rösa@example.com",
        "rosa@ex..ample.com",
        "rosa@" + "a" * 64 + ".com",
        "rosa.@example.com",
        "x" * 250 + "@example.com",
    ],
)
def test_an_address_that_no_letter_can_reach(address: str) -> None:
    with pytest.raises(Invalid):
        letters.address(address)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("rosa@example.com", "rosa@example.com"),
        (" Rosa.Lind+shop@Example.com ", "Rosa.Lind+shop@Example.com"),
        ("rosa@bücher.example", "rosa@xn--bcher-kva.example"),
    ],
)
def test_an_address_as_the_network_knows_it(said: str, kept: str) -> None:
    assert letters.address(said) == kept
    assert message(to=kept)["To"].addresses[0].addr_spec == kept


def test_letters_of_one_chat_gather_in_one_thread() -> None:
    assert message()["References"] == "<chat-3@fernhill.example>"
    assert message()["Message-ID"] == message()["Message-ID"]


# --- Where they go ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, security="starttls")),
        ("smtp://mail.example.com:25?tls=none", MailServer("mail.example.com", 25)),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025)),
        ("smtp://localhost:1025?tls=starttls", MailServer("localhost", 1025, security="starttls")),
        ("smtps://de%40sk:p%3Aw%2F@mail.example.com", MailServer("mail.example.com", 465, "de@sk", "p:w/", "tls")),
        ("file:///var/lib/parley/my%20letters", MailServer(folder="/var/lib/parley/my letters")),
    ],
)
def test_addresses_of_mail_servers(url: str, server: MailServer | None) -> None:
    assert parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:0x",
        "smtp://mail.example.com:99999",
        "smtp://mail.example.com?tls=maybe",
        "smtp://mail.example.com?ssl=1",
        "smtps://mail.example.com?tls=none",
        "smtp://desk:hunter22@mail.example.com?tls=none",
        "file://letters",
        "file:letters",
        "file:///",
    ],
)
def test_an_address_that_cannot_be_used_says_why_and_no_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z?s].*\.$") as fault:
        parse(url)
    assert "hunter22" not in str(fault.value)


def test_a_password_is_in_no_repr() -> None:
    assert "hunter22" not in repr(parse("smtps://desk:hunter22@mail.example.com"))


@pytest.mark.parametrize("said", ["", "desk", "desk@", "Fernhill desk@fernhill.example", "<a@b>\r\nBcc: c@d.example"])
def test_a_sender_that_cannot_be_one(said: str) -> None:
    if said.startswith("<"):
        assert sender(said).addr_spec == "a@b"  # the rest is not part of it
        return
    with pytest.raises(ValueError, match="full address"):
        sender(said)
