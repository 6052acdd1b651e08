"""A `winmail.dat` as Outlook writes it: attributes one after the other, each with its length and a sum of its bytes."""

from __future__ import annotations

import struct


def attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*of: tuple[int, int, bytes]) -> bytes:
    """MAPI properties: name, type, value. One from 0x8000 on gets a name of its maker's."""
    made = struct.pack("<I", len(of))
    for name, kind, value in of:
        made += struct.pack("<HH", kind, name)
        if name >= 0x8000:
            made += bytes(16) + struct.pack("<II", 1, 6) + b"N\0a\0\0\0" + bytes(2)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            made += struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
        else:
            made += value
    return made


def winmail(*files: tuple[str, str, bytes]) -> bytes:
    """Files by short name, long name (empty: none) and content."""
    made = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, b"\0\0\1\0")
    for short, long, content in files:
        made += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, short.encode() + b"\0")
        made += attribute(2, 0x0006800F, content)
        if long:
            made += attribute(
                2, 0x00069005, properties((0x0E20, 3, b"\1\0\0\0"), (0x3707, 0x1E, long.encode() + b"\0"))
            )
    return made
