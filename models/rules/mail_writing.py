"""A message of a chat as a mail. Pure: headers are set through `email`, which refuses line breaks; text is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from html import escape

_RE = re.compile(r"^\s*((re|aw|sv|antw|rif|res|odp|vs|fw|fwd|wg|tr)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"^<[^<>\s\x00-\x1f\x7f]{1,400}>$")
_LINK = re.compile(r"https?://[^\s<>\"']{1,1000}[^\s<>\"'.,;:!?)\]]")
MOST_REFERENCES = 10


class _Written(EmailPolicy):
    """Names and addresses are written as they are, one a line. The library would encode a long one, and then nobody, threading
    mails or stopping them, knows it again.
    """

    AS_THEY_ARE = frozenset({"in-reply-to", "references", "list-unsubscribe"})

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() not in self.AS_THEY_ARE:
            return super().fold_binary(name, value)
        return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}".encode()


_WRITTEN = _Written(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Enclosure:
    name: str
    content_type: str
    content: bytes


def subject(said: str) -> str:
    """`Re: …`, once, however often it went to and fro."""
    plain = _RE.sub("", " ".join(said.split())).strip()
    return f"Re: {plain[:200] or 'Your message'}"


def references(thread: Sequence[str]) -> list[str]:
    """Message-IDs that may stand in a header, oldest first; the first of a long thread is kept, and the newest."""
    fit = [each for each in dict.fromkeys(thread) if _ID.match(each)]
    return fit if len(fit) <= MOST_REFERENCES else [fit[0], *fit[1 - MOST_REFERENCES :]]


def message(
    *,
    message_id: str,
    sender: Address,
    to: str,
    reply_to: str | None,
    said_subject: str,
    text: str,
    author: str,
    thread: Sequence[str],
    automatic: bool,
    at: datetime,
    files: Sequence[Enclosure] = (),
    stop: str = "",
) -> EmailMessage:
    """Write it out. Raises `ValueError` or `IndexError` for an address that no mail can go to.

    `automatic`: no person wrote it, so no machine shall answer it. `stop`: it goes to many, under its own subject; there
    its reader stops that, and so does a mail program at one press (RFC 8058).
    """
    letter = EmailMessage(policy=_WRITTEN)
    local, _, domain = to.rpartition("@")
    letter["From"] = Address(_named(author, sender.display_name), sender.username, sender.domain)
    letter["To"] = Address(username=local, domain=domain)
    if reply_to:
        letter["Reply-To"] = Address(sender.display_name, addr_spec=reply_to)
    known = references(thread)
    letter["Subject"] = " ".join(said_subject.split()) if stop else subject(said_subject)
    letter["Date"] = at
    letter["Message-ID"] = message_id
    if known:
        letter["In-Reply-To"] = known[-1]
        letter["References"] = " ".join(known)
    if automatic:
        letter["Auto-Submitted"] = "auto-generated" if stop else "auto-replied"
    if stop:
        letter["List-Unsubscribe"] = f"<{stop}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter["Precedence"] = "bulk"
    letter["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    letter.set_content(text.rstrip() + "\n")
    letter.add_alternative(_html(text), subtype="html")
    for file in files:
        main, _, sub = file.content_type.partition("/")
        letter.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return letter


def to_agent(
    *, message_id: str, sender: Address, to: str, reply_to: str | None, subject: str, text: str, at: datetime
) -> EmailMessage:
    """A letter to one of the team. Raises as `message` does. No machine shall answer it: only words of theirs count."""
    letter = EmailMessage(policy=_WRITTEN)
    local, _, domain = to.rpartition("@")
    letter["From"] = sender
    letter["To"] = Address(username=local, domain=domain)
    if reply_to:
        letter["Reply-To"] = Address(sender.display_name, addr_spec=reply_to)
    letter["Subject"] = " ".join(subject.split())[:200]
    letter["Date"] = at
    letter["Message-ID"] = message_id
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(text.rstrip() + "\n")
    letter.add_alternative(_html(text), subtype="html")
    return letter


def _named(author: str, desk: str) -> str:
    """ "Ada at Fernhill": who wrote, and for whom."""
    who, house = " ".join(author.split())[:60], " ".join(desk.split())[:80]
    return f"{who} ({house})" if who and house and who != house else who or house


def _html(text: str) -> str:
    paragraphs = re.split(r"\n{2,}", text.replace("\r\n", "\n").strip())
    body = "".join(f"<p>{'<br>'.join(_linked(line) for line in each.split(chr(10)))}</p>" for each in paragraphs)
    return f"<!doctype html><html><body style='font:15px/1.5 system-ui,sans-serif'>{body}</body></html>"


def _linked(line: str) -> str:
    written, at = [], 0
    for match in _LINK.finditer(line):
        address = escape(match.group())
        written += [escape(line[at : match.start()]), f"<a href='{address}'>{address}</a>"]
        at = match.end()
    return "".join([*written, escape(line[at:])])
