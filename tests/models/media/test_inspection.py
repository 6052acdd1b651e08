"""The whole corpus through the real child: nothing that harms is taken, nothing people send is refused."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops

from models.actions import uploads
from models.db import connection, one
from models.errors import DeskError
from models.media import child, inspection
from models.media.storage import incoming, storage
from models.rules import media
from tests.support import files, people
from tests.support.corpus import BENIGN, STINGS, TRAPS
from tests.support.people import Customer

pytestmark = pytest.mark.timeout(600)  # hundreds of children


class Fate(NamedTuple):
    """What became of a file: its kind or the code of its refusal, and what was kept of it."""

    said: str
    file: bytes = b""
    thumb: bytes = b""


@pytest.fixture
def customer() -> Customer:
    people.open_desk()
    return people.make_customer()


def fate(customer: Customer, name: str, data: bytes) -> Fate:
    """Upload it as the front does."""
    try:
        with connection(), incoming() as folder:
            named = uploads.announced(customer.visitor, name)
            (folder / "file").write_bytes(data)
            row = uploads.received(customer.visitor, named, folder, folder / "file")
        return Fate(row["kind"], _kept(row["storage_key"]), _kept(row["thumb_key"]) if row["thumb_key"] else b"")
    except DeskError as refusal:
        return Fate(refusal.code)


def _kept(key: str) -> bytes:
    return b"".join(storage().read(key, 0, media.MOST_BYTES))


def fates(customer: Customer, cases: list[tuple[str, bytes]]) -> list[Fate]:
    with ThreadPoolExecutor(inspection.AT_ONCE) as pool:
        return list(pool.map(lambda case: fate(customer, *case), cases))


def test_there_are_enough_of_them() -> None:
    assert len(BENIGN) >= 60
    assert len(TRAPS) + len(STINGS) >= 200


def test_what_people_send_is_taken_and_what_harms_is_not(customer: Customer) -> None:
    cases = [*BENIGN, *TRAPS]
    found = fates(customer, [(case.name, case.make()) for case in cases])
    wrong = [
        f"{case.about} ({case.name}): {case.expected}, and not {each.said}"
        for case, each in zip(cases, found, strict=True)
        if each.said != case.expected
    ]
    assert not wrong
    assert one("select count(*)::int as n from attachment") == {"n": len(BENIGN)}


def test_a_picture_loses_everything_but_its_pixels(customer: Customer) -> None:
    sources = [(case, case.make()) for case in STINGS]
    for (case, data), each in zip(sources, fates(customer, [(c.name, d) for c, d in sources]), strict=True):
        assert each.said == "image", case.about
        for sting in case.gone:
            assert sting in data, f"{case.about}: the test itself has lost {sting!r}"
            assert sting not in each.file + each.thumb, f"{case.about}: {sting!r} is still there"


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_is_turned_as_the_camera_was_held(customer: Customer, turn: int) -> None:
    corner = Image.new("RGB", (640, 320), "white")
    corner.paste("red", (0, 0, 320, 160))
    exif = Image.Exif()
    exif[0x0112] = turn
    kept = io.BytesIO()
    corner.save(kept, "JPEG", exif=exif, quality=95)
    with Image.open(io.BytesIO(fate(customer, "p.jpg", kept.getvalue()).file)) as drawn:
        assert drawn.size == ((640, 320) if turn <= 4 else (320, 640))
        assert not drawn.getexif()
        width, height = drawn.size
        at = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[turn]
        red, green, _ = drawn.getpixel((width // 4 + at[0] * width // 2, height // 4 + at[1] * height // 2))
        assert red > 200
        assert green < 80


def test_a_photo_keeps_its_quality(customer: Customer) -> None:
    """Drawn again with the tables it came with: what is lost cannot be seen."""
    source = files.noisy_photo(2, quality=92)
    drawn = fate(customer, "p.jpg", source).file
    with Image.open(io.BytesIO(source)) as before, Image.open(io.BytesIO(drawn)) as after:
        difference = ImageChops.difference(before, after).convert("L")
        histogram = difference.histogram()
        assert sum(value * count for value, count in enumerate(histogram)) / sum(histogram) < 2.0  # of 255
    assert 0.8 < len(drawn) / len(source) < 1.2


def test_an_animation_moves_and_its_thumbnail_does_not(customer: Customer) -> None:
    for form, name in (("GIF", "g.gif"), ("WEBP", "w.webp")):
        each = fate(customer, name, files.animation(7, form))
        with Image.open(io.BytesIO(each.file)) as drawn, Image.open(io.BytesIO(each.thumb)) as thumb:
            assert (drawn.n_frames, drawn.format) == (7, form)
            assert getattr(thumb, "n_frames", 1) == 1
    with Image.open(io.BytesIO(fate(customer, "g.gif", files.gif_of_frames(900)).file)) as drawn:
        assert drawn.n_frames == 1, "too much to draw: its first frame"


def test_a_thumbnail_fits_and_a_small_picture_needs_none(customer: Customer) -> None:
    for size, expected in (((3000, 1000), (520, 173)), ((400, 2600), (80, 520)), ((1600, 1200), (520, 390))):
        each = fate(customer, "p.jpg", files.picture(*size))
        with Image.open(io.BytesIO(each.thumb)) as thumb:
            assert (thumb.size, thumb.format) == (expected, "WEBP")
    assert fate(customer, "p.png", files.picture(300, 200, "PNG")).thumb == b""
    see_through = fate(customer, "p.png", files.picture(900, 600, "PNG", mode="RGBA"))
    with Image.open(io.BytesIO(see_through.thumb)) as thumb:
        assert thumb.width == 520


def test_a_picture_that_grows_when_drawn_again_is_made_to_fit(customer: Customer) -> None:
    """What Pillow packs worse than the camera did must still be stored."""

    def noise(side: int, *, optimize: bool = True) -> bytes:
        kept = io.BytesIO()
        Image.effect_noise((side, side), 120).save(kept, "JPEG", quality=95, optimize=optimize)
        return kept.getvalue()

    side = int(1000 * (0.995 * media.MOST_BYTES / len(noise(1000))) ** 0.5)
    source = noise(side)
    assert len(source) <= media.MOST_BYTES < len(noise(side, optimize=False))
    each = fate(customer, "p.jpg", source)
    assert each.said == "image"
    assert len(each.file) <= media.MOST_BYTES


def test_the_largest_pictures_are_drawn_within_the_bounds(customer: Customer) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, form, options in (
        ("p.jpg", "JPEG", {"quality": 60, "exif": exif}),
        ("w.webp", "WEBP", {"quality": 30}),
    ):
        data = files.picture(5_000, 5_000, form, **options)
        assert len(data) <= media.MOST_BYTES
        assert fate(customer, name, data).said == "image", name
    assert fate(customer, "p.png", files.png_of(5_000, 5_000)).said == "image"


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        ("while True: pass", "too_many_pixels"),
        ("x = [bytearray(50_000_000) for _ in range(40)]", "too_many_pixels"),
        ("import os; os.abort()", "too_many_pixels"),
        ("open('/etc/passwd')", "wrong_type"),
        ("import socket; socket.socket()", "wrong_type"),
        ("import os; os.pipe()", "wrong_type"),
        ("import subprocess; subprocess.run(['true'])", "wrong_type"),
        ("file.write(bytes(100_000_000))", "wrong_type"),
    ],
)
def test_a_decoder_that_is_taken_over_can_do_nothing(
    customer: Customer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, expected: str
) -> None:
    """The child with a decoder that does what an attacker would: it may burn five seconds, and that is all."""
    (tmp_path / "evil.py").write_text(
        "import sys\nfrom models.media import child, pictures\n"
        f"def evil(extension, data, file, thumb):\n    {does}\n    raise SystemExit(9)\n"
        "pictures.draw = evil\nsys.exit(child.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))\n"
    )
    monkeypatch.setattr(inspection, "PROGRAM", (str(tmp_path / "evil.py"),))
    monkeypatch.setenv("PYTHONPATH", str(inspection.ROOT))
    monkeypatch.setattr(inspection, "ENVIRONMENT", {**inspection.ENVIRONMENT, "PYTHONPATH": str(inspection.ROOT)})
    assert fate(customer, "p.jpg", files.picture(30, 20)).said == expected
    assert not one("select 1 as there from attachment")


def test_the_child_knows_none_of_our_secrets() -> None:
    assert not any("PARLEY" in name or "URL" in name for name in inspection.ENVIRONMENT)
    assert child.CPU_S == 5
