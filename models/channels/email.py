"""E-mail: a mailbox that is looked into over IMAP, and answered from over SMTP.

What is in a mail is read by `models/rules/mail_reading.py`, how it is fetched stands in `mailbox.py`, how it is handed
over in `models/mail.py`. Here the three are a channel.

Who somebody is hangs on what vouches for it. An address that passed DMARC is one person; the same address without proof
is another, who sees and joins nothing of the first, unless the mail answers one of ours with its signature.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from models import mail
from models.channels import mailbox
from models.channels.base import Channel
from models.channels.incoming import (
    AgentWrote,
    Event,
    Fetched,
    Ignored,
    Media,
    Person,
    Polled,
    Receipt,
    Unreadable,
    Update,
    Written,
)
from models.channels.mailbox import FAULTS, Letter, NoFolder, Place, Unauthorized
from models.channels.outgoing import Checked, Handed, Parcel, ToAgent
from models.channels.profile import Account, Capabilities, Field, Form
from models.rules import letters, mail_quotes, mail_reading, mail_writing
from models.rules.mail_reading import Mail
from models.rules.mail_server import LOOPBACK, MailServer, sender
from models.rules.mail_threads import AgentSigner, Call, Signer, looks_ours
from models.rules.media import MOST_BYTES
from models.settings import settings

LONGEST = 10_000
QUOTED_MOST = 20_000
"""Characters of a quote that are kept with a message."""

UNPROVED = "#unproved"
"""Ends the external id of somebody whose address nothing vouches for."""

_SECURITY = (("tls", "TLS from the first byte"), ("starttls", "STARTTLS"), ("none", "None (this machine only)"))
_WHOLE, _HEADERS = b"W", b"H"


@dataclass(frozen=True, slots=True)
class _Box:
    """What is filled in for one mailbox, made sense of."""

    place: Place
    server: MailServer
    address: Address
    done_folder: str
    trusted_server: str
    plus: bool
    poll_s: int
    forms: frozenset[str]


class Email(Channel):
    kind = "email"
    can = Capabilities(
        longest=2 * LONGEST,
        idempotent=False,
        media=dict.fromkeys(("image", "audio", "video", "document"), MOST_BYTES),
        caption=2 * LONGEST,
        together=True,
        subjects=True,
        receipts="sent",
        per_second=5.0,
        burst=5,
        live=False,
        chatty=False,
        polled=True,
        body_most=mail_reading.MOST_BYTES + 16,
    )
    form = Form(
        title="E-mail",
        blurb="A mailbox of yours: what comes in becomes chats, what is answered goes out from its address.",
        fields=(
            Field("from_address", "Address", help="Customers write to it, and are answered from it."),
            Field(
                "from_name",
                "Sender’s name",
                help="Stands before the address, such as Fernhill Support.",
                required=False,
            ),
            Field("imap_host", "IMAP server", help="Such as imap.example.com."),
            Field("imap_port", "IMAP port", "number", default=993),
            Field("imap_security", "IMAP encryption", "choice", default="tls", choices=_SECURITY),
            Field("user", "User name", help="Often the address itself."),
            Field("password", "Password", "secret", help="Most providers want one made for this app alone."),
            Field("folder", "Folder", default="INBOX", required=False),
            Field(
                "done_folder",
                "Move what was read to",
                required=False,
                help="A folder. Leave it empty to have mails marked as read where they lie.",
            ),
            Field("smtp_host", "SMTP server", help="Such as smtp.example.com."),
            Field("smtp_port", "SMTP port", "number", default=465),
            Field("smtp_security", "SMTP encryption", "choice", default="tls", choices=_SECURITY),
            Field("smtp_user", "SMTP user name", required=False, help="If it is another one."),
            Field("smtp_password", "SMTP password", "secret", required=False, help="If it is another one."),
            Field(
                "trusted_server",
                "Server that checks senders",
                required=False,
                help="The first word of the Authentication-Results header in mails you receive, such as mx.example.com."
                " Left empty, no sender counts as proved.",
            ),
            Field(
                "plus_addressing",
                "Answers may go to address+tag@…",
                "flag",
                required=False,
                default=False,
                help="Switch it on if the mailbox takes them: an answer then finds its chat even when a mail program"
                " drops the headers.",
            ),
            Field(
                "form_addresses",
                "Addresses of contact forms",
                required=False,
                help="Mails from these addresses are a form’s: the customer is who stands in Reply-To, unproved. Separate"
                " several by commas.",
                most=1000,
            ),
            Field("poll_s", "Seconds between looks", "number", default=30, required=False),
        ),
        docs="email",
    )

    def sender(self, name: str, filled: Mapping[str, Any]) -> str | None:
        return f"{' '.join(str(filled.get('from_name') or name).split())} <{filled.get('from_address', '')}>"

    # --- the way in ---------------------------------------------------------------------------------------

    def poll(self, account: Account) -> Polled:
        box = _box(account)
        looked_at = account.notes.get("looked_at")
        now = datetime.now(UTC).timestamp()
        if isinstance(looked_at, int | float) and 0 <= now - looked_at < box.poll_s and not account.notes.get("done"):
            return Polled()
        try:
            look = mailbox.look(box.place, account.notes, done_folder=box.done_folder)
        except Unauthorized as refusal:
            return Polled(fault=str(refusal), unauthorized=True)
        except NoFolder as gone:
            return Polled(fault=str(gone))
        except FAULTS as fault:
            return Polled(fault=mailbox.reason(fault))
        return Polled([_update(letter) for letter in look.letters], look.notes)

    def read(self, account: Account, raw: bytes) -> Sequence[Event]:
        box, signer = _box(account), _signer(account)
        found = _opened(raw, box.trusted_server)
        if found.bounce is not None:
            return [_bounced(found)]
        by_form = found.from_address in box.forms
        if found.automatic and not by_form:  # forms say that they are machines, and people filled them in
            return [Ignored(found.automatic)]
        if not found.from_address:
            return [Ignored("it has no sender that could be answered")]
        if _plain(box.address) in (found.from_address, found.reply_to[1] if by_form else "") or looks_ours(
            found.message_id
        ):
            return [Ignored("it is one of our own")]
        if by_form and found.reply_to[1]:
            return [_by_form(found)]
        call = _agent_signer(account).answered(references=found.references, recipients=found.recipients)
        return [_by_agent(call, found)] if call is not None else [_written(signer, found)]

    def original(self, raw: bytes) -> tuple[str, bytes] | None:
        return "message/rfc822", raw[9:]

    def fetch(self, account: Account, media: Media, raw: bytes, into: Path, most: int) -> Fetched:
        content = _content(raw, media.ref)
        if content is None:
            return Fetched("gone", "it is not in the mail.")
        if len(content) > most:
            return Fetched("too_large")
        into.write_bytes(content)
        return Fetched("got")

    # --- the way out --------------------------------------------------------------------------------------

    def send(self, account: Account, parcel: Parcel) -> Handed:
        box, signer = _box(account), _signer(account)
        chat_id = parcel.chat_id or 0
        message_id = signer.message_id(chat_id=chat_id, mail=parcel.key, to=parcel.to, domain=box.address.domain)
        automatic = parcel.automatic or parcel.broadcast_id is not None
        try:
            letter = mail_writing.message(
                message_id=message_id,
                sender=box.address,
                to=str(parcel.to_notes.get("address") or parcel.to.removesuffix(UNPROVED)),
                reply_to=signer.reply_address(_plain(box.address), chat_id=chat_id, to=parcel.to) if box.plus else None,
                said_subject=parcel.subject,
                stop=parcel.stop,
                text=parcel.body,
                author=parcel.author,
                thread=[*parcel.thread, *([parcel.reply_to] if parcel.reply_to else [])],
                automatic=automatic,
                at=datetime.now(UTC),
                files=[
                    mail_writing.Enclosure(each.name, each.content_type, each.content)
                    for each in (*((parcel.file,) if parcel.file else ()), *parcel.also)
                ],
            )
        except (ValueError, IndexError) as fault:
            return Handed("refused", f"It could not be written: {fault}", code="no_address")
        handed = mail.hand_over(box.server, letter, name=parcel.key, handing_over=_leaves)
        return _handed(handed, message_id)

    def write_to_agent(self, account: Account, letter: ToAgent, handing_over: Callable[[], None]) -> Handed:
        box, signer = _box(account), _agent_signer(account)
        plain = _plain(box.address)
        call = Call(letter.chat_id, letter.agent_id, letter.number) if letter.answerable else None
        message_id = (
            signer.message_id(call, box.address.domain) if call else f"<told-{letter.number}@{box.address.domain}>"
        )
        try:
            written = mail_writing.to_agent(
                message_id=message_id,
                sender=box.address,
                to=letter.to,
                reply_to=signer.reply_address(call, plain) if call and box.plus else None,
                subject=letter.subject,
                text=letter.text,
                at=datetime.now(UTC),
            )
        except (ValueError, IndexError) as fault:
            return Handed("refused", f"It could not be written: {fault}")
        handed = mail.hand_over(box.server, written, name=f"agent-{letter.number}", handing_over=handing_over)
        return Handed(handed.outcome, handed.reason, message_id)

    def connect(self, account: Account, address: str) -> Checked:
        try:
            box = _box(account)
        except ValueError as wrong:
            return Checked(False, str(wrong))
        for what, host, security in (
            ("IMAP", box.place.host, box.place.security),
            ("SMTP", box.server.host, box.server.security),
        ):
            if security == "none" and host not in LOOPBACK:
                return Checked(False, f"The {what} password would travel in the open: choose TLS or STARTTLS.")
        try:
            notes = mailbox.beginning(box.place, account.notes)
        except Unauthorized as refusal:
            return Checked(False, str(refusal), "unauthorized")
        except NoFolder as gone:
            return Checked(False, str(gone))
        except FAULTS as fault:
            return Checked(False, mailbox.reason(fault))
        handed = mail.sign_in(box.server)
        if handed.outcome != "sent":
            code = "unauthorized" if handed.signed_out else ""
            return Checked(False, f"Mails can be read, not sent: {handed.reason}", code, notes)  # type: ignore[arg-type]
        return Checked(True, "", notes={**notes, "account": _plain(box.address)})


# --- what is filled in ------------------------------------------------------------------------------------


def _box(account: Account) -> _Box:
    """Raises `ValueError` with a sentence where the address is none."""
    filled: Mapping[str, Any] = account.settings
    secrets = account.secrets
    written = sender(str(filled.get("from_address", "")))
    user, password = str(filled.get("user") or ""), secrets.get("password", "")
    return _Box(
        Place(
            str(filled.get("imap_host", "")),
            int(filled.get("imap_port") or 993),
            filled.get("imap_security") or "tls",
            user,
            password,
            str(filled.get("folder") or "INBOX"),
        ),
        MailServer(
            str(filled.get("smtp_host", "")),
            int(filled.get("smtp_port") or 465),
            str(filled.get("smtp_user") or user),
            secrets.get("smtp_password") or password,
            filled.get("smtp_security") or "tls",
        ),
        Address(" ".join(str(filled.get("from_name") or account.name).split()), written.username, written.domain),
        str(filled.get("done_folder") or ""),
        str(filled.get("trusted_server") or ""),
        bool(filled.get("plus_addressing")),
        max(5, int(filled.get("poll_s") or 30)),
        frozenset(
            each.lower() for each in str(filled.get("form_addresses") or "").replace(";", ",").replace(",", " ").split()
        ),
    )


def _plain(address: Address) -> str:
    return f"{address.username}@{address.domain}".lower()


def _signer(account: Account) -> Signer:
    return Signer(_key(account, "mail threads"), account.public_key)


def _agent_signer(account: Account) -> AgentSigner:
    return AgentSigner(_key(account, "letters to agents"), account.public_key)


def _key(account: Account, use: str) -> bytes:
    """A key of its own for each channel and use, made of the desk's: nothing that lies in the database signs anything."""
    return hmac.new(settings().secret_key.encode(), f"{use} {account.public_key}".encode(), sha256).digest()


# --- the way in -------------------------------------------------------------------------------------------


def _update(letter: Letter) -> Update:
    """A mail as it is stored. Before it stands whether it is whole: nothing that a mail says of itself can claim that."""
    size = struct.pack(">Q", letter.too_large or 0)
    raw = (_HEADERS if letter.too_large is not None else _WHOLE) + size + letter.raw
    found = _opened(raw, "")
    return Update(
        provider_id=mail_reading.name_of(found), sender=found.from_address or "nobody", raw=raw, place=letter.uid
    )


def _opened(raw: bytes, trusted_server: str) -> Mail:
    if len(raw) < 9 or raw[:1] not in (_WHOLE, _HEADERS):
        raise Unreadable("it is not a mail as they are stored")
    size = struct.unpack(">Q", raw[1:9])[0] if raw[:1] == _HEADERS else None
    return mail_reading.read(raw[9:], trusted_server=trusted_server, too_large=size)


def _content(raw: bytes, ref: str) -> bytes | None:
    """A file of a mail, or the whole of a text that is too long for a message."""
    name = ref.partition(":")[2]
    if name != "text":
        return mail_reading.content(raw[9:], name)
    return _opened(raw, "").text.encode()


def _bounced(found: Mail) -> Event:
    """One of ours did not arrive. Its id is looked for as it is: whoever makes one up meets none of ours, as they are signed."""
    bounce = found.bounce
    assert bounce is not None
    ours = next((each for each in bounce.of if looks_ours(each)), None)
    if ours is None:
        return Ignored("it is a bounce of something else")
    if not bounce.final:
        return Ignored(f"it is on its way still: {bounce.reason}")
    return Receipt(ours, "failed", bounce.reason, "unreachable" if bounce.gone else "")


def _written(signer: Signer, found: Mail) -> Written:
    address = found.from_address
    proved = found.trust.proved
    answered = None
    external_id = address if proved else address + UNPROVED
    if found.trust.verdict != "failed":  # a signature in a mail that is known to be forged helps nobody
        for each in (address, address + UNPROVED):
            answered = signer.answered(each, references=found.references, recipients=found.recipients)
            if answered is not None:
                external_id = each
                break
    text, media = _said(found)
    return Written(
        by=Person(
            external_id,
            name=found.from_name or address.partition("@")[0],
            email=address,
            proved=("email",) if proved and external_id == address else (),
            notes={"address": address},
        ),
        message_id=found.message_id,
        once=mail_reading.name_of(found),
        text=text,
        media=media,
        quotes=answered.message_id if answered else None,
        answers_chat=answered.chat_id if answered else None,
        subject=found.subject,
        aside=_aside(found),
    )


def _by_agent(call: Call, found: Mail) -> AgentWrote:
    return AgentWrote(
        agent_id=call.agent_id,
        chat_id=call.chat_id,
        letter_id=call.letter_id,
        address=found.from_address,
        proved=found.trust.proved,
        text=mail_quotes.own_words(found.text, letters.ABOVE),
        message_id=found.message_id,
        media=_media(found),
    )


def _by_form(found: Mail) -> Written:
    """Somebody filled in a form and said what their address is. Nothing proves that, whoever vouches for the form."""
    name, address = found.reply_to
    text, media = _said(found)
    return Written(
        by=Person(
            address + UNPROVED, name=name or address.partition("@")[0], email=address, notes={"address": address}
        ),
        message_id=found.message_id,
        once=mail_reading.name_of(found),
        text=text,
        media=media,
        subject=found.subject,
        aside={**_aside(found), "from": address, "sender": "unknown", "form": found.from_address},
    )


def _media(found: Mail) -> list[Media]:
    prefix = sha256(found.message_id.encode()).hexdigest()[:8]
    return [Media(f"{prefix}:{each.ref}", each.name, _kind(each.content_type), each.size) for each in found.files]


def _said(found: Mail) -> tuple[str, list[Media]]:
    """The words for the chat, and the files to fetch."""
    text = found.text or ("" if found.files else found.quoted or found.subject)
    prefix = sha256(found.message_id.encode()).hexdigest()[:8]
    media = _media(found)
    if found.too_large is not None:
        megabytes = f"{found.too_large / 1024 / 1024:.0f} MB"
        note = f"[This mail of {megabytes} was too large to be read. Its subject: {found.subject or 'none'}]"
        return note, [Media(f"{prefix}:whole", "the whole mail.txt", "document", found.too_large)]
    if len(text) > LONGEST:
        media.append(Media(f"{prefix}:text", "the whole mail.txt", "document", len(text.encode())))
        text = text[: LONGEST - 40].rstrip() + "\n\n[The rest is in the file.]"
    left_out = "\n".join(f"[{name}: this file could not be opened]" for name in found.left_out if name == "winmail.dat")
    return "\n\n".join(each for each in (text, left_out) if each) or "[This mail is empty.]", media


def _kind(content_type: str) -> Literal["image", "audio", "video", "document"]:
    family = content_type.partition("/")[0]
    return family if family in ("image", "audio", "video") else "document"  # type: ignore[return-value]


def _aside(found: Mail) -> dict[str, Any]:
    """What an agent reads beside the words."""
    return {
        "kind": "email",
        "from": found.from_address,
        "subject": found.subject,
        "quoted": found.quoted[:QUOTED_MOST],
        "sender": found.trust.verdict,
        "checks": dict(found.trust.results),
        "remote_images": found.remote_images,
        "broken": found.broken,
    }


# --- the way out ------------------------------------------------------------------------------------------


def _leaves() -> None:
    """Nothing to write down: what leaves here and is not answered is `unknown`, whoever asks."""


def _handed(handed: mail.Handed, message_id: str) -> Handed:
    if handed.signed_out:
        return Handed("refused", handed.reason, code="unauthorized")
    if handed.outcome == "refused" and handed.reason.startswith(("550 5.1.", "553 5.1.", "551 5.1.")):
        return Handed("refused", handed.reason, code="unreachable")
    return Handed(handed.outcome, handed.reason, message_id if handed.outcome in ("sent", "unknown") else None)
