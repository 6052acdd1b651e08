"""Which files are taken: the list of endings, and whether what is inside agrees with the ending.

A file is taken when its ending and its content are both on the list and name the same
kind. Pictures are only recognised here; whether they can be drawn is found out where
they are drawn again (`models/media/pictures.py`). Everything here reads bytes and
raises `Invalid` with the reason: `wrong_type`, `unsafe_file`, `too_many_pixels`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.errors import Invalid
from models.rules import containers
from models.rules.containers import Broken

MOST_BYTES = 5 * 1024 * 1024  # 5,242,880: what a file dialog calls 5 MB
MOST_PIXELS = 25_000_000
MOST_SIDE = 20_000  # pixels; a longer strip is no picture for people
MOST_FRAMES = 2_000  # of an animation; more are not even looked at
THUMB_SIDE = 520  # pixels, either way


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of the list: what the ending promises."""

    family: str  # which reader looks inside
    kind: str  # image, audio, video, document
    content_type: str


_OOXML = "application/vnd.openxmlformats-officedocument"

FORMATS: dict[str, Format] = {
    "jpg": Format("jpeg", "image", "image/jpeg"),
    "jpeg": Format("jpeg", "image", "image/jpeg"),
    "png": Format("png", "image", "image/png"),
    "gif": Format("gif", "image", "image/gif"),
    "webp": Format("webp", "image", "image/webp"),
    "mp3": Format("mp3", "audio", "audio/mpeg"),
    "m4a": Format("mp4", "audio", "audio/mp4"),
    "ogg": Format("ogg", "audio", "audio/ogg"),
    "opus": Format("ogg", "audio", "audio/ogg"),
    "weba": Format("webm", "audio", "audio/webm"),
    "wav": Format("wav", "audio", "audio/wav"),
    "mp4": Format("mp4", "video", "video/mp4"),
    "webm": Format("webm", "video", "video/webm"),
    "mov": Format("mp4", "video", "video/quicktime"),
    "pdf": Format("pdf", "document", "application/pdf"),
    "txt": Format("text", "document", "text/plain"),
    "csv": Format("text", "document", "text/csv"),
    "docx": Format("office", "document", f"{_OOXML}.wordprocessingml.document"),
    "xlsx": Format("office", "document", f"{_OOXML}.spreadsheetml.sheet"),
    "pptx": Format("office", "document", f"{_OOXML}.presentationml.presentation"),
    "odt": Format("office", "document", "application/vnd.oasis.opendocument.text"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a file turned out to be."""

    kind: str
    content_type: str
    width: int | None = None  # pixels
    height: int | None = None
    duration_ms: int | None = None


def expected(extension: str) -> Format:
    """What a file with this ending has to be."""
    found = FORMATS.get(extension)
    if found is None:
        named = f"Files ending in .{extension}" if extension else "Files without an ending such as .pdf"
        raise Invalid(
            f"{named} cannot be sent. Pictures, recordings, videos, PDFs, texts and office documents can.",
            code="wrong_type",
        )
    return found


def damaged(extension: str) -> Invalid:
    """The content is not what the ending says, or only a part of it."""
    return Invalid(f"This file is damaged, or it is not a .{extension} file at all.", code="wrong_type")


def unsafe(why: str) -> Invalid:
    return Invalid(why, code="unsafe_file")


def too_many_pixels() -> Invalid:
    return Invalid(
        f"This picture is too large to be shown: at most {MOST_PIXELS // 1_000_000} million pixels,"
        f" and {MOST_SIDE:,} along one side.",
        code="too_many_pixels",
    )


_SIGNATURES = {
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL),
}


def require_signature(extension: str, head: bytes) -> None:
    """A picture begins as its ending says."""
    if not _SIGNATURES[FORMATS[extension].family].match(head):
        raise damaged(extension)


def require_pixels(width: int, height: int) -> None:
    """Known from the first bytes of a picture, and decided before one pixel is drawn."""
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise too_many_pixels()


def require_frames(extension: str, data: bytes) -> int:
    """How many frames an animation has; refuses one that would take for ever."""
    try:
        frames = containers.frames(FORMATS[extension].family, data, MOST_FRAMES + 1)
    except Broken:
        raise damaged(extension) from None
    if frames > MOST_FRAMES:
        raise too_many_pixels()
    return frames


# What makes a browser that guesses take the first bytes of a file for a page or a program.
_SNIFFED = 1445  # bytes that browsers look at
_MARKUP = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|object|embed|svg|math|style|meta\s|link\s|base\s|img\s|form"
    rb"|\?php|\?xml-stylesheet|%\s*@)",
    re.IGNORECASE,
)
_LEADING_MARKUP = re.compile(rb"\s*<(!--|!doctype|\?xml|\?php|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_OTHER_DOCUMENT = re.compile(rb"%PDF-|\{\\rtf|%!PS|GIF8|MZ[\x00-\xff]{0,2}\x00|\x7fELF|PK\x03\x04")
_PAGE = "This file has a web page hidden in it, so it cannot be sent."


def recognised(extension: str, data: bytes) -> Found:
    """What a recording, a video, a PDF or a text turned out to be. Office documents have a reader of their own."""
    wanted = FORMATS[extension]
    reader = {"text": _text, "pdf": _pdf}.get(wanted.family, _recording)
    return reader(extension, wanted, data)


def _recording(extension: str, wanted: Format, data: bytes) -> Found:
    if _MARKUP.search(data[:_SNIFFED]):
        raise unsafe(_PAGE)
    try:
        heard = containers.READERS[wanted.family](data)
    except (Broken, IndexError):
        raise damaged(extension) from None
    if extension not in heard.endings:
        raise damaged(extension)
    if containers.is_zip(data):
        raise unsafe("This file has an archive hidden in it, so it cannot be sent.")
    if wanted.kind == "video" and not heard.has_video:  # what a browser records without a camera
        return Found("audio", wanted.content_type.replace("video/", "audio/"), duration_ms=heard.duration_ms)
    if wanted.kind == "audio" and heard.has_video and wanted.family == "webm":
        raise damaged(extension)
    return Found(wanted.kind, wanted.content_type, duration_ms=heard.duration_ms)


_PDF_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,16}%PDF-[12]\.[0-9]")
_PDF_TAIL = 2048  # bytes from the end in which a PDF says that it ends


def _pdf(extension: str, wanted: Format, data: bytes) -> Found:
    if not _PDF_HEAD.match(data):
        raise damaged(extension)
    tail = data[-_PDF_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in data:
        raise damaged(extension)
    if _MARKUP.search(data[:_SNIFFED]) or _MARKUP.search(tail.rpartition(b"%%EOF")[2]):
        raise unsafe(_PAGE)
    if containers.is_zip(data):
        raise unsafe("This file has an archive hidden in it, so it cannot be sent.")
    return Found(wanted.kind, wanted.content_type)


_NOT_TEXT = re.compile(
    r"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f\ufffe\uffff]"
)  # a log may have colours (x1b) and a DOS end (x1a)


def _text(extension: str, wanted: Format, data: bytes) -> Found:
    text = _decoded(data)
    if text is None or _NOT_TEXT.search(text):
        raise damaged(extension)
    plain = text.lstrip("\ufeff").encode("utf-8", "replace")
    if _OTHER_DOCUMENT.match(plain):
        raise damaged(extension)
    if _LEADING_MARKUP.match(plain) or _MARKUP.search(plain[:_SNIFFED]):
        raise unsafe("This text is a web page. Send it as a PDF instead.")
    return Found(wanted.kind, wanted.content_type)


def _decoded(data: bytes) -> str | None:
    """UTF-8, UTF-16 with its mark, or one of the old Western encodings; None when it is none of them."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
