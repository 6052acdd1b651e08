"""The files inside a `winmail.dat`, in which some Outlooks wrap what they send (MS-OXTNEF). Nothing else of it is read.

Ours, because no library for it is kept up any more; it is small for that it only looks for files. The bytes are a stranger's:
every length is checked against what is there, and what does not fit ends the reading, not the reader.
"""

from __future__ import annotations

from collections.abc import Iterator

_BEGINS = b"\x78\x9f\x3e\x22"
_NEW_FILE = 0x00069002  # attAttachRendData: what follows belongs to the next file
_TITLE, _DATA, _PROPERTIES = 0x00018010, 0x0006800F, 0x00069005
_LONG_NAME, _DISPLAY_NAME, _CONTENT = 0x3707, 0x3001, 0x3701
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
"""Bytes of a property's value, by its type."""
_TEXT, _WIDE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_MANY = 0x1000
MOST_FILES = 50
_MOST_PROPERTIES = 500


def files(data: bytes) -> list[tuple[str, bytes]]:
    """Names and contents, as far as they can be read. Raises `ValueError` where this is no such thing.

    A message within the message is not a file, and left out.
    """
    if len(data) < 6 or not data.startswith(_BEGINS):
        raise ValueError("this is no winmail.dat")
    found: list[dict[str, bytes | str]] = []
    for name, value in _attributes(data):
        if name == _NEW_FILE:
            if len(found) >= MOST_FILES:
                break
            found.append({})
        elif not found:
            continue
        elif name == _TITLE:
            found[-1].setdefault("name", _text(value))
        elif name == _DATA:
            found[-1]["content"] = value
        elif name == _PROPERTIES:
            found[-1] |= _properties(value)
    return [
        (str(each.get("long_name") or each.get("name") or each.get("display_name") or "file"), content)
        for each in found
        if isinstance(content := each.get("content"), bytes) and content
    ]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        name, size = _number(data, at + 1), _number(data, at + 5)
        at += 9
        if at + size > len(data):
            return
        yield name, data[at : at + size]
        at += size + 2  # a sum of the bytes, which says nothing that the length does not


def _properties(data: bytes) -> dict[str, bytes | str]:
    """What the properties of one file say of its name and content; nothing of those behind one that does not fit."""
    kept: dict[str, bytes | str] = {}
    try:
        for name, kind, value in _values(data):
            if name == _LONG_NAME:
                kept["long_name"] = _text(value, wide=kind == _WIDE)
            elif name == _DISPLAY_NAME:
                kept["display_name"] = _text(value, wide=kind == _WIDE)
            elif name == _CONTENT and kind == _BINARY:
                kept["content"] = value
    except ValueError:
        pass
    return kept


def _values(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Name, type and first value of each property. Raises `ValueError` where they end."""
    count = _number(data, 0)
    at = 4
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, name = _number(data, at, 2), _number(data, at + 2, 2)
        at += 4
        if name >= 0x8000:
            at = _after_name(data, at)
        many, kind = kind & _MANY, kind & ~_MANY
        values = 1
        if many or kind in (_TEXT, _WIDE, _BINARY, _OBJECT):
            values = _number(data, at)
            at += 4
        first = b""
        for number in range(values):
            if kind in _FIXED:
                size = padded = _FIXED[kind]
            elif kind in (_TEXT, _WIDE, _BINARY, _OBJECT):
                size = _number(data, at)
                at += 4
                padded = size + -size % 4
            else:
                raise ValueError("a type of property that there is not")
            if at + size > len(data):
                raise ValueError("a property that does not fit")
            first = data[at : at + size] if number == 0 else first
            at += padded
        yield name, kind, first


def _after_name(data: bytes, at: int) -> int:
    """A property named by its maker: where its name ends."""
    if not _number(data, at + 16):
        return at + 24
    size = _number(data, at + 20)
    return at + 24 + size + -size % 4


def _number(data: bytes, at: int, size: int = 4) -> int:
    if at + size > len(data):
        raise ValueError("it breaks off")
    return int.from_bytes(data[at : at + size], "little")


def _text(value: bytes, *, wide: bool = False) -> str:
    return value.decode("utf-16-le" if wide else "cp1252", "replace").split("\0", 1)[0].strip()
