"""Look into office documents: archives of XML, which can also be traps for whoever opens them.

Nothing is unpacked to a disk. The parts that matter are read, within bounds that are
checked against what really comes out and not against what the archive says of itself.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from xml.etree import ElementTree as ET

from models.errors import Invalid
from models.rules import media
from models.rules.media import Found

MOST_ENTRIES = 1_000
MOST_UNPACKED = 50 * 1024 * 1024  # bytes of all entries together
MOST_RATIO = 100  # unpacked to packed
ENOUGH_TO_MEAN_IT = 1024 * 1024  # bytes; below this a ratio says nothing

_DECLARED = re.compile(rb"<!\s*(DOCTYPE|ENTITY)")
_OOXML = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
    "pptx": b"presentationml.presentation.main+xml",
}
_ODT = b"application/vnd.oasis.opendocument.text"
_MACROS = re.compile(r"(^|/)(vbaProject|vbaData)[^/]*$|^(Basic|Scripts)/", re.IGNORECASE)
_PROGRAMS = re.compile(
    r"\.(exe|dll|scr|com|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|msi|jar|zip|rar|7z|iso|html?|svg|swf)$", re.IGNORECASE
)
_LOADS_BY_ITSELF = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/externalLinkPath", "/image")
_ON_ONES_OWN_DISK = re.compile(r"(file:///?)?[a-z]:[\\/]", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\s*(https?:|ftps?:|mhtml:|file:|\\\\|//|ms-)", re.IGNORECASE)

_MACROS_SAID = "This document contains macros. Save it without them, or as a PDF, and send it again."
_BOMB_SAID = "This document unpacks to far more than it should, so it cannot be sent."
_ODD_SAID = "This document is put together in a way that could harm a computer, so it cannot be sent."
_ELSEWHERE_SAID = "This document loads parts from elsewhere when it is opened. Save it as a PDF and send that."


def look(extension: str, data: bytes) -> Found:
    """What the document is; `Invalid` when it is none, or one that nobody should open."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _require_sound(extension, data, entries)
            _require_harmless_names(entries)
            parts = _read(archive, entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise media.damaged(extension) from None
    _require_kind(extension, parts, entries)
    for name, content in parts.items():
        if name.endswith(".rels"):
            _require_nothing_from_elsewhere(extension, content)
    wanted = media.FORMATS[extension]
    return Found(wanted.kind, wanted.content_type)


def _require_sound(extension: str, data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """One plain archive from the first byte to the last, of honest size, and no entry inside another."""
    if not entries or not data.startswith(b"PK\x03\x04"):
        raise media.damaged(extension)
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise media.unsafe(_BOMB_SAID)
    place = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < place:
            raise media.unsafe(_ODD_SAID)
        place = entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size
        if entry.file_size > ENOUGH_TO_MEAN_IT and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            raise media.unsafe(_BOMB_SAID)
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise media.unsafe("This document is locked, so nobody can see whether it is safe. Send it unlocked.")
    if min(entry.header_offset for entry in entries) != 0 or data.rfind(b"PK\x05\x06") < len(data) - 22 - 256:
        raise media.unsafe(_ODD_SAID)


def _require_harmless_names(entries: list[zipfile.ZipInfo]) -> None:
    seen = set()
    for entry in entries:
        name = entry.orig_filename
        parts = re.split(r"[/\\]", name)
        if name.startswith(("/", "\\")) or "\\" in name or "\0" in name or ".." in parts or ":" in parts[0]:
            raise media.unsafe(_ODD_SAID)
        if stat.S_ISLNK(entry.external_attr >> 16) or name.lower() in seen:
            raise media.unsafe(_ODD_SAID)
        if _MACROS.search(name):
            raise media.unsafe(_MACROS_SAID)
        if _PROGRAMS.search(name):
            raise media.unsafe("This document has another file hidden in it, so it cannot be sent.")
        seen.add(name.lower())


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """The XML of the document, each part whole; the rest is unpacked to be counted, and dropped."""
    parts, unpacked = {}, 0
    for entry in entries:
        wanted = entry.filename.endswith((".xml", ".rels", ".rdf")) or entry.filename == "mimetype"
        kept = io.BytesIO()
        with archive.open(entry) as stream:
            while piece := stream.read(65_536):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise media.unsafe(_BOMB_SAID)
                if wanted:
                    kept.write(piece)
        if wanted:
            content = kept.getvalue()
            if _DECLARED.search(content.replace(b"\0", b"")):  # in UTF-16 there is a zero beside every letter
                raise media.unsafe(_ODD_SAID)
            if entry.filename.endswith(".rels") or "/" not in entry.filename:
                parts[entry.filename] = content
    return parts


def _require_kind(extension: str, parts: dict[str, bytes], entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    if extension == "odt":
        if parts.get("mimetype", b"").strip() != _ODT or not {"content.xml", "META-INF/manifest.xml"} <= names:
            raise media.damaged(extension)
        return
    said = parts.get("[Content_Types].xml", b"").replace(b"\0", b"")
    if b"macroEnabled" in said or b"vbaProject" in said:
        raise media.unsafe(_MACROS_SAID)
    if _OOXML[extension] not in said or "_rels/.rels" not in names:
        raise media.damaged(extension)


def _require_nothing_from_elsewhere(extension: str, content: bytes) -> None:
    try:
        links = ET.fromstring(content)  # noqa: S314 - it declares nothing: `_read` has seen to that
    except (ET.ParseError, ValueError, LookupError):
        raise media.damaged(extension) from None
    for link in links.iter():
        told = {name.rpartition("}")[2].lower(): value for name, value in link.attrib.items()}
        kind, target = told.get("type", ""), told.get("target", "")
        if told.get("targetmode", "").lower() != "external" or not kind.endswith(_LOADS_BY_ITSELF):
            continue
        if _ELSEWHERE.match(target) and not _ON_ONES_OWN_DISK.match(target):
            raise media.unsafe(_ELSEWHERE_SAID)


def warm_up() -> None:
    """Touch what the readers would load at first use: the child may not open files once it is locked in."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.rels", '<?xml version="1.0" encoding="UTF-8"?><a/>')
    try:
        look("docx", kept.getvalue())
    except Invalid:
        ET.fromstring("<a/>".encode("utf-16"))  # noqa: S314 - ours
        b"\x82".decode("cp437")
