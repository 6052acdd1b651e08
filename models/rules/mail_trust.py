"""Who vouches for a mail, whether a person wrote it, and whether it says that one of ours did not arrive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)\s*=\s*([a-z]{2,20})\b(.*)$", re.IGNORECASE | re.DOTALL)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([^\s\";]{1,255})", re.IGNORECASE)

METHODS = ("dmarc", "dkim", "spf")


@dataclass(frozen=True, slots=True)
class Trust:
    """What the mailbox's own server found out about the sender. `results` is empty where it said nothing we believe."""

    results: Mapping[str, str] = field(default_factory=dict)
    proved: bool = False
    """Whether the address in From is really whose it is: DMARC passed, for this very domain."""

    @property
    def verdict(self) -> str:
        """`passed`, `failed`, or `unknown`."""
        if self.proved:
            return "passed"
        return "failed" if self.results.get("dmarc") in ("fail", "permerror") else "unknown"


def trust(headers: Sequence[str], *, server: str, domain: str, senders: int = 1) -> Trust:
    """Read the Authentication-Results headers, newest first. Only the first of `server` counts: others can be made up.

    `domain` is the one in From; a mail with several senders proves none of them.
    """
    if not server:
        return Trust()
    for header in headers:
        identity, _, rest = _COMMENT.sub(" ", " ".join(header.split())).partition(";")
        if not identity.strip() or identity.split()[0].lower() != server.lower():
            continue
        results: dict[str, str] = {}
        of = ""
        for each in rest.split(";"):
            if (match := _RESULT.match(each)) is None:
                continue
            method, result, more = match.group(1).lower(), match.group(2).lower(), match.group(3)
            if method == "dmarc" and (named := _HEADER_FROM.search(more)) is not None:
                of = named.group(1).lower().rstrip(".")
            if results.get(method) != "pass":  # of several signatures one that holds is enough
                results[method] = result
        passed = results.get("dmarc") == "pass" and senders == 1 and of in ("", domain.lower())
        return Trust({method: results[method] for method in METHODS if method in results}, passed)
    return Trust()


def automatic(headers: Mapping[str, str]) -> str:
    """Why a mail is taken for the work of a machine, which is never answered; empty for a person's.

    A list's `Precedence: list` says nothing of that: people write to desks through lists.
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"it says that it was sent automatically ({submitted[:40]})"
    if headers.get("precedence", "").strip().lower() in ("bulk", "junk", "auto_reply"):
        return "it says that it went to many"
    suppress = headers.get("x-auto-response-suppress", "").lower()
    if any(word in suppress for word in ("all", "oof", "autoreply")):
        return "it asks for no automatic answer"
    if "x-autoreply" in headers or "x-autorespond" in headers:
        return "it says that it is an automatic answer"
    if headers.get("return-path", "").strip() == "<>":
        return "it has no sender that could be answered"
    return ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A server's word that a mail did not arrive (`final`), or not yet."""

    of: Sequence[str]
    """The Message-IDs it may be about."""

    final: bool
    reason: str
    gone: bool = False
    """Whether the address does not exist (5.1.x), rather than being full or busy."""


_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}$")
_REASON = 300  # characters of a server's words that are kept


def bounce(message: Message) -> Bounce | None:
    """Read a delivery status notification (RFC 3464); None for any other mail."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.walk() if part is not message]
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return None
    fields: dict[str, str] = {}
    for block in _blocks(status):
        if "action" in block or "status" in block:
            fields = block
            if block.get("action", "").lower() == "failed":
                break
    action = fields.get("action", "").strip().lower()
    code = fields.get("status", "").strip()
    said = re.sub(r"^\s*[\w-]{1,20}\s*;\s*", "", fields.get("diagnostic-code", ""))
    reason = " ".join(said.split())[:_REASON] or "It could not be delivered."
    if _STATUS.match(code) and code not in reason:
        reason = f"{code} {reason}"
    return Bounce(
        _returned(parts), action == "failed" or (not action and code.startswith("5")), reason, code.startswith("5.1.")
    )


def _blocks(status: Message) -> list[dict[str, str]]:
    inner = status.get_payload()
    if isinstance(inner, list):
        return [
            {name.lower(): str(value) for name, value in block.raw_items()}
            for block in inner
            if isinstance(block, Message)
        ]
    return []


def _returned(parts: Sequence[Message]) -> list[str]:
    """The Message-IDs of what is sent back: whole, or its headers alone."""
    found: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                found += [str(value) for name, value in inner[0].raw_items() if name.lower() == "message-id"]
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            found += re.findall(r"(?im)^message-id:\s*(<[^<>\s]{1,500}>)", text)
    return [each.strip() for each in found][:5]
