"""A mail as it came, read: who, what, which files. Nothing in a mail makes this raise.

Mails lie about their characters, break off in the middle, nest for ever and put line breaks where none belong. What
cannot be read as it says is read as well as it can be, and whoever answers is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from hashlib import sha256

from models.rules import mail_html, mail_quotes, mail_threads, mail_trust, tnef
from models.rules.mail_trust import Bounce, Trust

MOST_BYTES = 10 * 1024 * 1024
"""Of a whole mail. Of a larger one only the headers are fetched."""

DEEPEST = 30  # parts within parts
MOST_PARTS = 400
MOST_FILES = 20
LONGEST = 200_000  # characters of text that are looked at
_HEADER_MOST = 20_000  # characters of one header
_SUBJECT_MOST, _NAME_MOST, _ID_MOST = 300, 120, 400

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, MessageError)
"""What the library raises over headers that are not in the form they should have."""

_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
"""Parts that are for programs: nobody sent them as a file, so nobody is told that they are not taken."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ADDRESS = re.compile(r"^[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,255}$")
_SINGLE_BYTE = re.compile(
    r"^(us-?ascii|ascii|ansi_x3.*|iso-?8859-?\d+|latin-?\d|windows-?125\d|cp125\d|x-?unknown|)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a mail. `ref` is its number among the parts, by which it is taken out again."""

    ref: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says."""

    message_id: str
    """Made of its content where it has none."""

    from_name: str
    from_address: str
    """Empty where there is none that could be answered."""

    subject: str
    text: str
    reply_to: tuple[str, str] = ("", "")
    """Name and address to answer to, where the mail names one."""

    quoted: str = ""
    sent: str = ""
    files: Sequence[Part] = ()
    left_out: Sequence[str] = ()
    """Names of what was there and is not among the files."""

    references: Sequence[str] = ()
    recipients: Sequence[str] = ()
    """Addresses it was sent to, as far as they are ours to know: with a + in them."""

    remote_images: int = 0
    broken: bool = False
    """Whether it was not in the form it should have, and something may be missing."""

    too_large: int | None = None
    """Its bytes, where only its headers were fetched."""

    automatic: str = ""
    bounce: Bounce | None = None
    trust: Trust = field(default_factory=Trust)

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]


def read(raw: bytes, *, trusted_server: str = "", too_large: int | None = None) -> Mail:
    """Read a mail, or the headers of one that is too large."""
    try:
        message = message_from_bytes(raw, policy=compat32)
        return _read(message, raw, trusted_server, too_large)
    except RecursionError:  # parts within parts, by the hundred
        head = raw.split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
        alone = message_from_bytes(
            re.sub(rb"(?im)^content-(type|transfer-encoding):.*$", b"X-Removed: 1", head) + b"\n\n"
        )
        return _read(alone, raw, trusted_server, too_large, broken=True)


def name_of(mail: Mail) -> str:
    """What one mail is called for good: the same mail by two ways has one name, two mails with one id have two."""
    body = "\0".join(
        (mail.message_id, mail.from_address, mail.subject, " ".join(mail.text.split()), " ".join(mail.quoted.split()))
    )
    files = "\0".join(f"{each.name} {each.size}" for each in mail.files)
    return f"{sha256(f'{body}|{files}'.encode()).hexdigest()[:32]} {mail.message_id}"


def content(raw: bytes, ref: str) -> bytes | None:
    """One file of a mail, whole; None when there is none of this number."""
    try:
        message = message_from_bytes(raw, policy=compat32)
        outer, _, inner = ref.partition(".")
        for number, part in enumerate(_leaves(message)):
            if str(number) == outer:
                return tnef.files(_bytes(part))[int(inner)][1] if inner else _bytes(part)
    except (RecursionError, ValueError, IndexError):
        return None
    return None


# --- headers ----------------------------------------------------------------------------------------------


def _read(message: Message, raw: bytes, server: str, too_large: int | None, *, broken: bool = False) -> Mail:
    headers = _headers(message)
    senders = _addresses(headers.get("from", ""))
    name, address = senders[0] if senders else ("", "")
    body = _Body() if too_large is not None else _body(message)
    several = sum(1 for each, _ in message.raw_items() if each.lower() == "from")
    return Mail(
        message_id=_message_id(headers, raw),
        from_name=name,
        from_address=address,
        subject=_line(headers.get("subject", ""), _SUBJECT_MOST),
        reply_to=next(iter(_addresses(headers.get("reply-to", ""))), ("", "")),
        text=body.text,
        quoted=body.quoted,
        sent=_line(headers.get("date", ""), 60),
        files=body.files[:MOST_FILES],
        left_out=(*body.left_out, *(each.name for each in body.files[MOST_FILES:]))[:50],
        references=mail_threads.references(headers.get("references", ""), headers.get("in-reply-to", "")),
        recipients=_tagged(message),
        remote_images=body.remote_images,
        broken=broken or body.broken or bool(message.defects),
        too_large=too_large,
        automatic=mail_trust.automatic(headers),
        bounce=None if too_large is not None else mail_trust.bounce(message),
        trust=mail_trust.trust(
            _all(message, "authentication-results"),
            server=server,
            domain=address.rpartition("@")[2],
            senders=max(len(senders), several),
        ),
    )


def _headers(message: Message) -> Mapping[str, str]:
    """The first of each header, in one line, as it was written."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), _unfolded(str(value)))
    return found


def _all(message: Message, name: str) -> list[str]:
    return [_unfolded(str(value)) for each, value in message.raw_items() if each.lower() == name][:50]


def _unfolded(value: str) -> str:
    return " ".join(_mended(value[:_HEADER_MOST]).split())


def _mended(value: str) -> str:
    """Bytes that had no business in a header, read as UTF-8 or else as Western."""
    if not any("\udc80" <= each <= "\udcff" for each in value):
        return value
    data = value.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _mend(part: Message) -> None:
    """The headers that name a file, where they hold bytes that the library would blot out."""
    for name, value in list(part.raw_items()):
        if name.lower() in ("content-disposition", "content-type") and (mended := _mended(str(value))) != str(value):
            part.replace_header(name, mended)


def _decoded(value: str) -> str:
    """RFC 2047, once."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except _UNREADABLE:
        pieces = []
        for piece, charset in _words(value):
            pieces.append(_decode(piece, charset or "") if isinstance(piece, bytes) else piece)
        return "".join(pieces)


def _words(value: str) -> list[tuple[bytes | str, str | None]]:
    try:
        return list(decode_header(value))
    except _UNREADABLE:
        return [(value, None)]


def _line(value: str, most: int) -> str:
    """One clean line: decoded, without controls and line breaks, whatever was hidden in it."""
    clean = _CONTROLS.sub("", " ".join(_decoded(value).split()))
    return unicodedata.normalize("NFC", clean)[:most].strip()


def _addresses(value: str) -> list[tuple[str, str]]:
    """Names and addresses, the latter in lower case; only those that can be answered."""
    found: list[tuple[str, str]] = []
    try:
        pairs = getaddresses([value])
    except _UNREADABLE:
        pairs = []
    if not any(address for _, address in pairs):  # the library takes nothing rather than something doubtful
        pairs = [("", each) for each in re.findall(r"<([^<>\s]{3,320})>", value)[:1]]
    for name, address in pairs:
        plain = address.strip()
        if _ADDRESS.match(plain):
            found.append((_line(name, _NAME_MOST), _ascii(plain)))
    return found


def _ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}".lower()


def _tagged(message: Message) -> list[str]:
    """Recipients with a + in their address. Five thousand others are not even looked at one by one."""
    found: list[str] = []
    for name, value in message.raw_items():
        if name.lower() in ("to", "cc", "delivered-to", "x-original-to", "envelope-to"):
            found += re.findall(r"[^\s<>,;:\"]{1,64}\+[^\s<>,;:\"@]{1,64}@[^\s<>,;:\"]{1,255}", str(value)[:500_000])
    return list(dict.fromkeys(each.lower() for each in found))[:20]


def _message_id(headers: Mapping[str, str], raw: bytes) -> str:
    said = mail_threads.references(headers.get("message-id", ""))
    if said and len(said[0]) <= _ID_MOST:
        return said[0]
    return f"<{sha256(raw).hexdigest()[:40]}@no-message-id>"


# --- the body ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Body:
    text: str = ""
    quoted: str = ""
    files: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    remote_images: int = 0
    broken: bool = False


def _body(message: Message) -> _Body:
    body = _Body()
    leaves = list(_leaves(message))
    numbers = {id(part): number for number, part in enumerate(leaves)}
    plain, html = _texts(message, 0)
    body.text, body.quoted = mail_quotes.split("\n\n".join(plain)[:LONGEST])
    if html:
        cleaned = mail_html.clean("\n".join(html))
        body.remote_images = cleaned.remote_images
        if not (body.text or body.quoted):
            body.text, body.quoted = mail_quotes.split_html(cleaned.html)
    body.text, body.quoted = _clean(body.text), _clean(body.quoted)
    for part in leaves:
        body.broken |= bool(part.defects)
        if part.get_content_type() == "text/calendar":
            body.text = "\n\n".join(each for each in (body.text, _appointment(part)) if each)
        elif (name := _file_name(part)) is not None:
            _add(body, part, str(numbers[id(part)]), name)
    return body


def _add(body: _Body, part: Message, ref: str, name: str) -> None:
    if _is_wrapper(part, name):
        _add_wrapped(body, part, ref)
        return
    if part.get_content_type() in _SIGNATURES:
        return
    size = len(_bytes(part))
    if size:
        body.files.append(Part(ref, name, part.get_content_type(), size))
    else:
        body.left_out.append(name)


def _is_wrapper(part: Message, name: str) -> bool:
    return (
        part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat"
    )


def _add_wrapped(body: _Body, part: Message, ref: str) -> None:
    """What Outlook has wrapped up: its files as if they were the mail's own. The text stands in the mail anyway."""
    try:
        wrapped = tnef.files(_bytes(part))
    except ValueError:
        body.left_out.append("winmail.dat")
        return
    for number, (name, held) in enumerate(wrapped):
        body.files.append(Part(f"{ref}.{number}", _line(name, 500) or "file", "application/octet-stream", len(held)))


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold something. A mail within the mail is one part."""
    count = 0
    waiting = [(message, depth)]
    while waiting and count < MOST_PARTS:
        part, level = waiting.pop()
        inner = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inner, list) and level < DEEPEST:
            waiting += [(each, level + 1) for each in reversed(inner) if isinstance(each, Message)]
        else:
            count += 1
            _mend(part)
            yield part


def _texts(part: Message, depth: int) -> tuple[list[str], list[str]]:
    """The texts of a part, plain and as HTML. Of alternatives each kind is taken once."""
    kind = part.get_content_type()
    inner = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(inner, list):
        if depth > DEEPEST:
            return [], []
        plain: list[str] = []
        html: list[str] = []
        for each in inner[:MOST_PARTS]:
            if not isinstance(each, Message):
                continue
            more_plain, more_html = _texts(each, depth + 1)
            if kind == "multipart/alternative":
                plain, html = plain or more_plain, more_html or html
            else:
                plain, html = plain + more_plain, html + more_html
        return plain, html
    if _is_file(part) or part.get_content_maintype() != "text" or kind == "text/calendar":
        return [], []
    text = _decode(_bytes(part), _charset(part))
    return ([], [text]) if kind == "text/html" else ([text] if text.strip() else [], [])


def _is_file(part: Message) -> bool:
    disposition = _param_safe(part.get_content_disposition)
    return disposition == "attachment" or bool(_raw_name(part))


def _file_name(part: Message) -> str | None:
    """What a part is called, if it is a file and no text of the mail."""
    kind, main = part.get_content_type(), part.get_content_maintype()
    name = _line(_raw_name(part), 500)
    if not _is_file(part) and main == "text":
        return None
    if main == "multipart":
        return None
    return name or {"message/rfc822": "forwarded.eml"}.get(kind, f"file.{kind.rpartition('/')[2]}"[:60])


def _raw_name(part: Message) -> str:
    """RFC 2231, and RFC 2047 where it should not be."""
    try:
        name = part.get_filename("")
    except _UNREADABLE:
        name = ""
    return _mended(str(name or ""))


def _param_safe(get: object) -> str:
    try:
        return str(get() or "")  # type: ignore[operator]
    except _UNREADABLE:
        return ""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset("") or "")
    except _UNREADABLE:
        return ""


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        held = part.get_payload()
        try:
            return held[0].as_bytes() if isinstance(held, list) and held and isinstance(held[0], Message) else b""
        except _UNREADABLE:
            return b""
    try:
        found = part.get_payload(decode=True)
    except _UNREADABLE:
        return b""
    return found if isinstance(found, bytes) else b""


def _decode(data: bytes, charset: str) -> str:
    """Text as it was meant: what is said of its characters is believed only as long as it holds."""
    said = charset.strip().strip("'\"")
    guesses = ("utf-8", said) if _SINGLE_BYTE.match(said) else (said, "utf-8")
    for each in guesses:
        try:
            return data.decode(each or "utf-8")
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


_ICS = re.compile(r"(?im)^(summary|dtstart|location)(?:;[^:\r\n]{0,200})?:(.{1,300})$")


def _appointment(part: Message) -> str:
    """An invitation in one line: what, when, where."""
    text = re.sub(r"\r?\n[ \t]", "", _decode(_bytes(part)[:100_000], _charset(part)))
    found: dict[str, str] = {}
    for name, value in _ICS.findall(text):
        found.setdefault(name.lower(), re.sub(r"\\([,;n\\])", lambda m: " " if m[1] == "n" else m[1], value.strip()))
    when = re.sub(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d).*)?$", _day, found.get("dtstart", ""))
    said = [found[name] if name != "dtstart" else when for name in ("summary", "dtstart", "location") if name in found]
    return f"[Invitation: {', '.join(said)}]" if said else ""


def _day(match: re.Match[str]) -> str:
    day = f"{match[1]}-{match[2]}-{match[3]}"
    return f"{day} {match[4]}:{match[5]}" if match[4] else day
