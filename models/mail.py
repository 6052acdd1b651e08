"""Hand one letter over: to an SMTP server, or into a folder.

What happened is said as one of four outcomes, because a letter must neither be lost nor sent twice:
the server took it, it refused it for good, it may be tried again, or nobody knows. The last is only
possible after the letter itself was on its way (`handing_over` was called).
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from models.rules.mail_server import MailServer

CONNECT_S, WHOLE_S = 3.0, 10.0  # a worker's time; another letter is waiting behind this one

_REASON = 300  # characters of a server's words that we keep


@dataclass(frozen=True, slots=True)
class Handed:
    """How handing a letter over ended, and in whose words."""

    outcome: Literal["sent", "refused", "later", "unknown"]
    reason: str = ""
    signed_out: bool = False
    """Whether the server does not accept our name and password: until somebody gives others, it is no use trying."""


def sign_in(server: MailServer) -> Handed:
    """Only go as far as being let in, and leave again: `sent` when a letter could be handed over now."""
    smtp = None
    try:
        smtp = _connected(server, time.monotonic() + WHOLE_S)
        smtp.quit()
    except (smtplib.SMTPException, OSError) as fault:
        return _not_connected(fault)
    finally:
        if smtp is not None:
            smtp.close()
    return Handed("sent")


def hand_over(server: MailServer, letter: EmailMessage, *, name: str, handing_over: Callable[[], None]) -> Handed:
    """Send a letter. `handing_over` is called once, just before its text leaves us; never raises for the server's sake.

    `name` is the file's where letters go into a folder.
    """
    if server.folder:
        return _into_folder(Path(server.folder), letter, name, handing_over)
    deadline = time.monotonic() + WHOLE_S
    smtp = None
    try:
        smtp = _connected(server, deadline)
        _address(smtp, letter, deadline)
    except _Refused as refusal:
        return refusal.handed
    except (smtplib.SMTPException, OSError) as fault:
        return _not_connected(fault)
    else:
        handing_over()
        return _deliver(smtp, letter, deadline)
    finally:
        if smtp is not None:
            smtp.close()


def _into_folder(folder: Path, letter: EmailMessage, name: str, handing_over: Callable[[], None]) -> Handed:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
        with os.fdopen(handle, "wb") as file:
            file.write(letter.as_bytes())
        handing_over()
        Path(unfinished).rename(folder / f"{name}.eml")
    except OSError as fault:
        return Handed("later", _words(fault))
    return Handed("sent")


def _connected(server: MailServer, deadline: float) -> smtplib.SMTP:
    """A connection that is as private as the settings ask, and signed in. Whatever fails here may be tried again."""
    context = ssl.create_default_context()
    smtp = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=CONNECT_S, context=context)
        if server.security == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=CONNECT_S)
    )
    try:
        _keep_to(deadline, smtp)
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


class _Refused(Exception):
    def __init__(self, handed: Handed) -> None:
        self.handed = handed
        super().__init__(handed.reason)


def _address(smtp: smtplib.SMTP, letter: EmailMessage, deadline: float) -> None:
    """Say from whom and to whom, up to where the server waits for the text. All of it may be done again."""
    steps: tuple[tuple[int, Callable[[], tuple[int, bytes]]], ...] = (
        (250, lambda: smtp.mail(letter["From"].addresses[0].addr_spec)),
        (250, lambda: smtp.rcpt(letter["To"].addresses[0].addr_spec)),
        (354, lambda: smtp.docmd("DATA")),
    )
    for wanted, step in steps:
        _keep_to(deadline, smtp)
        code, words = step()
        if code not in (wanted, 251):  # 251: it forwards to where they are now
            raise _Refused(_refusal(code, words))


def _deliver(smtp: smtplib.SMTP, letter: EmailMessage, deadline: float) -> Handed:
    """The text itself. From here on only the server knows whether it has it."""
    try:
        _keep_to(deadline, smtp)
        smtp.send(_as_data(letter))
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as fault:
        return Handed("unknown", _words(fault))
    if code >= 400:
        return _refusal(code, words)
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()  # whatever it says to our goodbye, it has the letter
    return Handed("sent")


def _as_data(letter: EmailMessage) -> bytes:
    """The letter as DATA takes it: every line ends in CRLF, a leading dot is doubled, a dot alone is the end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", letter.as_bytes())
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _refusal(code: int, words: bytes | str) -> Handed:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Handed("refused" if code >= 500 else "later", f"{code} {' '.join(said.split())}"[:_REASON])


def _keep_to(deadline: float, smtp: smtplib.SMTP) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"the server took longer than {WHOLE_S:.0f} s")
    assert isinstance(smtp.sock, socket.socket)
    smtp.sock.settimeout(left)


def _not_connected(fault: Exception) -> Handed:
    refused = isinstance(fault, smtplib.SMTPAuthenticationError) and fault.smtp_code >= 500
    return Handed("later", _words(fault), signed_out=refused)


def _words(fault: Exception) -> str:
    """What went wrong, in the server's words where it had any; never with a password in it."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return f"{fault.smtp_code} the server does not accept our name and password"
    if isinstance(fault, smtplib.SMTPResponseException):
        return _refusal(fault.smtp_code, fault.smtp_error).reason
    return f"{type(fault).__name__}: {fault}"[:_REASON]
