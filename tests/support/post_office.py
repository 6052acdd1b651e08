"""A real mail server for tests, which takes letters, refuses them, or misbehaves in the middle, as it is told."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from cli import ports

HANG_S = 30


@dataclass
class PostOffice:
    """What it received, and how it answers: to the recipient (`rcpt`), and to the letter itself (`data`).

    Whoever signs in does so with `password`; nobody has to.
    An answer is the line to say, "hang" to say nothing for long, or "drop" to close the connection.
    """

    port: int
    rcpt: str = "250 OK"
    data: str = "250 OK"
    password: str = "correct horse"
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    attempts: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def to(self) -> list[str]:
        return [str(letter["To"]) for letter in self.letters]

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    # aiosmtpd calls these two

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        self.attempts += 1
        said = await self._say(server, self.rcpt)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        said = await self._say(server, self.data)
        if said.startswith("250"):
            self.raw.append(content)
            message = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.letters.append(message)
        return said

    async def _say(self, server: SMTP, answer: str) -> str:
        if answer == "hang":
            await asyncio.sleep(HANG_S)
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
            await asyncio.sleep(0.1)
        return answer


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """An open post office on a free port of this machine."""
    office = PostOffice(ports.any_free())
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        ready_timeout=10,
        authenticator=office.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
