"""Handing a letter over to a server that takes it, refuses it, hangs, or hangs up: never lost, never twice."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from cli import ports
from models import mail
from models.mail import Handed
from models.rules import letters
from models.rules.mail_server import MailServer, sender
from tests.support.post_office import PostOffice, post_office


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found


def letter(text: str = "It has arrived.") -> EmailMessage:
    return letters.message(
        number=7,
        thread="chat-3",
        sender=sender("desk@fernhill.example"),
        desk_name="Fernhill",
        to="rosa@example.com",
        subject="Ana from Fernhill answered you",
        text=text,
        html=f"<p>{text}</p>",
        at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


def hand(office: PostOffice, message: EmailMessage | None = None, **server: Any) -> tuple[Handed, int]:
    """Hand a letter over. Returns the outcome and how often its text was said to leave."""
    left: list[int] = []
    handed = mail.hand_over(
        MailServer("127.0.0.1", office.port, **server),
        message or letter(),
        name="7-1",
        handing_over=lambda: left.append(1),
    )
    return handed, len(left)


def test_a_letter_arrives_word_for_word(office: PostOffice) -> None:
    text = "Hello\n.a line with a dot\n..two\n.\nGrüße 👋\n" + "long " * 400
    assert hand(office, letter(text)) == (Handed("sent"), 1)
    (found,) = office.letters
    body = found.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text + "\n"
    assert found["From"] == "Fernhill <desk@fernhill.example>"
    assert found["Message-ID"].startswith("<letter-7-")
    assert found["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("where", "answer", "outcome", "left"),
    [
        ("rcpt", "550 5.1.1 No such user", "refused", 0),
        ("rcpt", "450 4.2.1 Try later", "later", 0),
        ("rcpt", "drop", "later", 0),
        ("data", "554 5.7.1 Looks like spam", "refused", 1),
        ("data", "451 4.3.0 Disk full", "later", 1),
        ("data", "drop", "unknown", 1),
    ],
)
def test_what_the_server_says(office: PostOffice, where: str, answer: str, outcome: str, left: int) -> None:
    setattr(office, where, answer)
    handed, leavings = hand(office)
    assert (handed.outcome, leavings) == (outcome, left)
    if answer[0].isdigit():
        assert handed.reason == answer
    assert office.letters == []


@pytest.mark.parametrize(("where", "outcome"), [("rcpt", "later"), ("data", "unknown")])
def test_a_server_that_hangs_is_given_up(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, where: str, outcome: str
) -> None:
    monkeypatch.setattr(mail, "WHOLE_S", 1.0)
    setattr(office, where, "hang")
    began = time.monotonic()
    handed, _ = hand(office)
    assert handed.outcome == outcome
    assert time.monotonic() - began < 5


def test_nobody_listens() -> None:
    handed = mail.hand_over(MailServer("127.0.0.1", ports.any_free()), letter(), name="7-1", handing_over=_never)
    assert handed.outcome == "later"


def test_a_server_that_never_says_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        handed = mail.hand_over(
            MailServer("127.0.0.1", silent.getsockname()[1]), letter(), name="7-1", handing_over=_never
        )
    assert handed.outcome == "later"


def _never() -> None:
    raise AssertionError("the text must not leave")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for(office: PostOffice, security: str) -> None:
    handed, left = hand(office, security=security, user="desk", password="hunter22")
    assert (handed.outcome, left, office.attempts) == ("later", 0, 0)
    assert "hunter22" not in handed.reason


def test_a_password_is_not_repeated_when_it_is_not_taken(office: PostOffice) -> None:
    handed, left = hand(office, user="desk", password="hunter22")
    assert (handed.outcome, left) == ("later", 0)
    assert "hunter22" not in handed.reason


def test_a_goodbye_that_fails_makes_no_second_letter(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    import smtplib

    def fails(self: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", fails)
    assert hand(office)[0].outcome == "sent"


def test_letters_into_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "letters"
    left: list[int] = []
    handed = mail.hand_over(MailServer(folder=str(folder)), letter(), name="7-1", handing_over=lambda: left.append(1))
    assert (handed.outcome, left) == ("sent", [1])
    assert [each.name for each in folder.iterdir()] == ["7-1.eml"]
    assert b"It has arrived." in (folder / "7-1.eml").read_bytes()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    handed = mail.hand_over(
        MailServer(folder=str(tmp_path / "file" / "letters")), letter(), name="7-1", handing_over=_never
    )
    assert handed.outcome == "later"
