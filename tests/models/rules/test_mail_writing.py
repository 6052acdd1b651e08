"""Mails as they go out: threads kept, subjects kept, nothing smuggled into a header."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

from models.rules import mail_writing
from models.rules.mail_writing import Enclosure

DESK = Address("Fernhill", "desk", "fernhill.example")


def _written(**more: Any) -> EmailMessage:
    facts: dict[str, Any] = {
        "message_id": "<p.7.delivery-1-0.abc@fernhill.example>",
        "sender": DESK,
        "to": "ada@example.com",
        "reply_to": None,
        "said_subject": "My order",
        "text": "It left us.\n\nSee https://fernhill.example/t?a=1&b=2.",
        "author": "Nina",
        "thread": ["<1@example.com>"],
        "automatic": False,
        "at": datetime(2026, 11, 28, 9, 0, tzinfo=UTC),
    }
    letter = mail_writing.message(**facts | more)
    read = message_from_bytes(letter.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_mail_answers_in_its_thread() -> None:
    letter = _written(thread=["<1@example.com>", "<p.7.delivery-0-0.x@fernhill.example>", "<2@example.com>"])
    assert letter["Subject"] == "Re: My order"
    assert letter["In-Reply-To"] == "<2@example.com>"
    assert letter["References"].split() == [
        "<1@example.com>",
        "<p.7.delivery-0-0.x@fernhill.example>",
        "<2@example.com>",
    ]
    assert letter["From"] == "Nina (Fernhill) <desk@fernhill.example>" or letter["From"].addresses[0].username == "desk"
    assert letter["Auto-Submitted"] is None


def test_what_no_person_wrote_says_so() -> None:
    assert _written(automatic=True)["Auto-Submitted"] == "auto-replied"


def test_the_text_goes_plain_and_as_html_with_its_links() -> None:
    letter = _written(text="1 < 2 & <b>\nhttps://f.example/?a=1&b='x")
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "1 < 2 & <b>" in plain.get_content()
    assert "1 &lt; 2 &amp; &lt;b&gt;<br>" in html.get_content()
    assert "href='https://f.example/?a=1&amp;b='" in html.get_content()


def test_files_go_along_whole() -> None:
    letter = _written(files=[Enclosure("naïve plan.pdf", "application/pdf", b"%PDF-1.4 \x00\xff")])
    (file,) = letter.iter_attachments()
    assert file.get_filename() == "naïve plan.pdf"
    assert file.get_content() == b"%PDF-1.4 \x00\xff"


@pytest.mark.parametrize(
    "subject", ["Re: Re: My order", "AW: Re: My order", "re[2]:  My order", "FWD: My order", "My\r\n order"]
)
def test_a_subject_gets_one_re(subject: str) -> None:
    assert mail_writing.subject(subject) == "Re: My order"


def test_nothing_is_smuggled_into_a_header() -> None:
    evil = "x\r\nBcc: all@example.com"
    letter = _written(author=evil, said_subject=evil, thread=["<1@x>\r\nBcc: all@example.com", "<ok@x>"])
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Re: x Bcc: all@example.com"
    assert letter["References"] == "<ok@x>"
    for field in ({"to": "a@b.example\r\nBcc: all@example.com"}, {"message_id": "<a@b>\r\nBcc: x@y.example"}):
        with pytest.raises((ValueError, IndexError)):
            _written(**field)


def test_a_long_thread_keeps_its_first_and_its_newest() -> None:
    kept = mail_writing.references([f"<{number}@x>" for number in range(100)])
    assert (kept[0], kept[-1], len(kept)) == ("<0@x>", "<99@x>", 10)


def test_long_names_and_addresses_stand_as_they_are() -> None:
    names = [f"<{'a' * 100}{number}@mail.example.com>" for number in range(3)]
    stop = f"https://desk.example.com/stop/{'b' * 90}"
    letter = mail_writing.message(
        message_id="<p.7.x@fernhill.example>",
        sender=DESK,
        to="ada@example.com",
        reply_to=None,
        said_subject="News",
        text="It left us.",
        author="",
        thread=names,
        automatic=True,
        at=datetime(2026, 11, 28, 9, 0, tzinfo=UTC),
        stop=stop,
    )
    raw = letter.as_bytes()
    assert f"In-Reply-To: {names[-1]}\r\n".encode() in raw
    assert f"References: {names[0]}\r\n {names[1]}\r\n {names[2]}\r\n".encode() in raw
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in raw
    assert b"Subject: News\r\n" in raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
