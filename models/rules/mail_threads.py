"""Our Message-IDs and reply addresses, signed, so that an answer finds its chat and a made-up one finds none.

Those to customers and those to agents are of two forms and signed with two keys: one is never the other.

What is signed is the channel, the chat, the mail and to whom it went. Whoever holds a mail of ours can answer it as
the one it went to, and nobody else: a signature for one address is worth nothing under another.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

_BYTES = 15  # of the signature: 24 letters, 120 bits
_ID = re.compile(r"^<p\.([0-9]{1,18})\.([a-z0-9-]{1,60})\.([a-z2-7]{24})@[^<>\s@]{1,255}>$", re.IGNORECASE)
_TAG = re.compile(r"^r([0-9]{1,18})\.([a-z2-7]{24})$", re.IGNORECASE)
_AGENT_ID = re.compile(
    r"^<a\.([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})\.([a-z2-7]{24})@[^<>\s@]{1,255}>$", re.IGNORECASE
)
_AGENT_TAG = re.compile(r"^a([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})\.([a-z2-7]{24})$", re.IGNORECASE)
_ANY_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,400}>")
MOST_REFERENCES = 30


@dataclass(frozen=True, slots=True)
class Found:
    """A signature that holds: which chat it names, and which mail of ours, where it names one."""

    chat_id: int
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one channel."""

    key: bytes
    channel: str
    """The channel's public key: another channel's signatures are worth nothing here."""

    def message_id(self, *, chat_id: int, mail: str, to: str, domain: str) -> str:
        """`mail` names one mail for good (`delivery-7-0`): sent again, it has the same id."""
        return f"<p.{chat_id}.{mail}.{self._mac('mail', chat_id, mail, to)}@{domain}>"

    def reply_address(self, address: str, *, chat_id: int, to: str) -> str:
        local, _, domain = address.rpartition("@")
        return f"{local}+r{chat_id}.{self._mac('reply', chat_id, '', to)}@{domain}"

    def ours(self, message_id: str, to: str) -> Found | None:
        """What one of our Message-IDs names, if we sent it to `to`."""
        if (match := _ID.match(message_id.strip())) is None:
            return None
        chat_id, mail, mac = int(match.group(1)), match.group(2).lower(), match.group(3).lower()
        if not hmac.compare_digest(mac, self._mac("mail", chat_id, mail, to)):
            return None
        return Found(chat_id, message_id.strip())

    def answered(self, to: str, *, references: Sequence[str], recipients: Iterable[str]) -> Found | None:
        """Which chat a mail from `to` answers. The newest reference counts first, then the address it was sent to."""
        for reference in reversed(references):
            if (found := self.ours(reference, to)) is not None:
                return found
        for address in recipients:
            tag = address.rpartition("@")[0].rpartition("+")[2]
            if (match := _TAG.match(tag)) is None:
                continue
            chat_id = int(match.group(1))
            if hmac.compare_digest(match.group(2).lower(), self._mac("reply", chat_id, "", to)):
                return Found(chat_id)
        return None

    def _mac(self, use: str, chat_id: int, mail: str, to: str) -> str:
        said = "\0".join((use, self.channel, str(chat_id), mail, to)).encode()
        digest = hmac.new(self.key, said, sha256).digest()[:_BYTES]
        return base64.b32encode(digest).decode().lower()


@dataclass(frozen=True, slots=True)
class Call:
    """What a letter to an agent names: the chat it tells of, whom it went to, and which letter it is."""

    chat_id: int
    agent_id: int
    letter_id: int


@dataclass(frozen=True, slots=True)
class AgentSigner:
    """Signs letters to agents that go out by one channel. Whoever answers one may speak in its chat, if all else holds."""

    key: bytes
    channel: str

    def message_id(self, call: Call, domain: str) -> str:
        return f"<a.{call.chat_id}.{call.agent_id}.{call.letter_id}.{self._mac('mail', call)}@{domain}>"

    def reply_address(self, call: Call, address: str) -> str:
        local, _, domain = address.rpartition("@")
        return f"{local}+a{call.chat_id}.{call.agent_id}.{call.letter_id}.{self._mac('reply', call)}@{domain}"

    def answered(self, *, references: Sequence[str], recipients: Iterable[str]) -> Call | None:
        """Which letter a mail answers, if a signature of ours says so. From whom it is has to be looked at beside this."""
        tags = (each.rpartition("@")[0].rpartition("+")[2] for each in recipients)
        for use, form, named in (("mail", _AGENT_ID, reversed(references)), ("reply", _AGENT_TAG, tags)):
            for each in named:
                if (match := form.match(each.strip())) is None:
                    continue
                call = Call(int(match.group(1)), int(match.group(2)), int(match.group(3)))
                if hmac.compare_digest(match.group(4).lower(), self._mac(use, call)):
                    return call
        return None

    def _mac(self, use: str, call: Call) -> str:
        said = "\0".join(
            (f"agent {use}", self.channel, str(call.chat_id), str(call.agent_id), str(call.letter_id))
        ).encode()
        digest = hmac.new(self.key, said, sha256).digest()[:_BYTES]
        return base64.b32encode(digest).decode().lower()


def looks_ours(message_id: str) -> bool:
    """Whether an id has the form of ours, whoever made it up."""
    return bool(_ID.match(message_id.strip()) or _AGENT_ID.match(message_id.strip()))


def references(*headers: str) -> list[str]:
    """The Message-IDs in these headers, oldest first, each once; only the newest so many."""
    seen = dict.fromkeys(each for header in headers for each in _ANY_ID.findall(header[-20_000:]))
    return list(seen)[-MOST_REFERENCES:]
