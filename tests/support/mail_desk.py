"""A desk with a mailbox: what customers write, and what goes out."""

from __future__ import annotations

from models.db import run
from models.queries import channels as read
from tests.support.mail_house import USER, MailHouse
from workers import delivering, taking

PASSED = "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"


_NUMBERS = iter(range(1, 10_000))


def mails(
    house: MailHouse, body: str, *, by: str = "Ada <ada@example.com>", above: str = PASSED, **headers: str
) -> str:
    """Somebody writes, and the desk looks into its mailbox. Returns the mail's Message-ID."""
    named = headers.pop("Message_ID", f"<{next(_NUMBERS)}@example.com>")
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    house.lay_in(
        f"{above}From: {by}\r\nTo: {USER}\r\nSubject: My order\r\nMessage-ID: {named}\r\n{more}\r\n{body}\r\n".encode()
    )
    looks()
    return named


def looks() -> None:
    run("update channel set notes = notes || '{\"looked_at\": 0}' where kind = 'email'")
    run("update channel_pace set look_due_at = clock_timestamp()")
    for number in read.polled():
        taking.poll(number)
    taking.take()


def goes_out() -> None:
    for _ in range(10):
        run("update channel_pace set tokens = 5")
        delivering.deliver()
