"""Files out of a `winmail.dat`: those that are there, and never a crash for what is not."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import tnef
from tests.support.winmail import attribute, properties, winmail

PHOTO = b"\xff\xd8\xff" + bytes(2000)


def test_files_come_out_under_their_long_names() -> None:
    data = winmail(("PHOTO~1.JPG", "A photo of the pot.jpg", PHOTO), ("plan.pdf", "", b"%PDF-1.7"))
    assert tnef.files(data) == [("A photo of the pot.jpg", PHOTO), ("plan.pdf", b"%PDF-1.7")]


def test_names_and_contents_may_stand_among_the_properties() -> None:
    wide = "Größe.txt".encode("utf-16-le") + b"\0\0"
    held = properties((0x3707, 0x1F, wide), (0x8001, 0x1E, b"x\0"), (0x3701, 0x102, b"Hello"), (0x0E20, 3, b"\5\0\0\0"))
    data = winmail() + attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00069005, held)
    assert tnef.files(data) == [("Größe.txt", b"Hello")]


def test_a_message_within_is_no_file() -> None:
    held = properties((0x3001, 0x1E, b"Forwarded\0"), (0x3701, 0x0D, bytes(16) + winmail()))
    data = winmail() + attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00069005, held)
    assert tnef.files(data) == []


@pytest.mark.parametrize("data", [b"", b"winmail", b"\x00" * 100])
def test_what_is_none_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no winmail\.dat"):
        tnef.files(data)


def test_what_breaks_off_gives_what_was_whole() -> None:
    data = winmail(("a.txt", "", b"whole"), ("b.txt", "", b"x" * 500))
    assert tnef.files(data[:-100]) == [("a.txt", b"whole")]


def test_a_thousand_files_are_some() -> None:
    data = winmail(*(("a.txt", "", b"a") for _ in range(1000)))
    assert len(tnef.files(data)) == tnef.MOST_FILES


@given(st.binary(max_size=400), st.integers(0, 400), st.binary(max_size=40))
def test_nothing_in_it_raises(tail: bytes, cut: int, middle: bytes) -> None:
    whole = winmail(("a.txt", "long name.txt", b"a" * 30)) + tail
    tnef.files(whole[:6] + (whole[6:cut] + middle + whole[cut:]))
    held = struct.pack("<I", 2**32 - 1) + tail
    tnef.files(winmail() + attribute(2, 0x00069002, b"") + attribute(2, 0x00069005, held))
