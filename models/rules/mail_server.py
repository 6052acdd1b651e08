"""Where letters are handed over: an SMTP server, or a folder for a desk that only shows what it would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Security = Literal["tls", "starttls", "none"]

PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """With a `folder`, letters are written there and go nowhere."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)  # never in a log, never in a traceback
    security: Security = "none"
    folder: str = ""


def parse(url: str) -> MailServer | None:
    """Read an address like `smtp://user:password@host:587?tls=starttls`. Empty: no mail.

    Raises `ValueError` with a sentence for whoever set it; the sentence never repeats a password.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/") or parts.path == "/":
            raise ValueError(
                "A folder for letters is given with its full path, such as file:///var/lib/parley/letters."
            )
        return MailServer(folder=unquote(parts.path))
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("It must begin with smtp://, smtps:// or file:///.")
    if not parts.hostname:
        raise ValueError("It names no server; write it like smtp://mail.example.com:587.")
    security = _security(parts.scheme, parts.hostname, dict(parse_qsl(parts.query, keep_blank_values=True)))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and security == "none" and parts.hostname not in LOOPBACK:
        raise ValueError("A password would travel in the open: use smtps:// or ?tls=starttls.")
    try:
        port = parts.port or PORTS[security]
    except ValueError:
        raise ValueError("Its port is not a number from 1 to 65535.") from None
    return MailServer(parts.hostname, port, user, password, security)


def _security(scheme: str, host: str, asked: dict[str, str]) -> Security:
    if unknown := set(asked) - {"tls"}:
        raise ValueError(f"It has an option there is not: {', '.join(sorted(unknown))}.")
    if scheme == "smtps":
        if asked.get("tls", "tls") != "tls":
            raise ValueError("smtps:// is encrypted from the first byte; leave ?tls= away.")
        return "tls"
    usual: Security = "none" if host in LOOPBACK else "starttls"
    match asked.get("tls", usual):
        case "starttls":
            return "starttls"
        case "none":
            return "none"
        case _:
            raise ValueError("?tls= is either starttls or none.")


def sender(said: str) -> Address:
    """Read whom letters are from, like `Fernhill <desk@example.com>`. Raises `ValueError` with a sentence."""
    name, address = parseaddr(said)
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError):
        raise ValueError("It is not a full address; write it like Fernhill <desk@example.com>.") from None
