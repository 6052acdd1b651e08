"""Files for tests, made when they are needed: the honest ones people send, and the traps."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image, PngImagePlugin

EICAR = (
    rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
)  # in two, so that no scanner eats the test
PAGE = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"
PHP = b"<?php system($_GET['c']); ?>"


# --- pictures ---------------------------------------------------------------------------------------------


def picture(width: int = 640, height: int = 480, form: str = "JPEG", *, mode: str = "RGB", **options: Any) -> bytes:
    """A picture with something in it, so that it weighs what photographs weigh."""
    chance = random.Random(width * height)
    small = Image.frombytes("RGB", (40, 30), chance.randbytes(3600))
    drawn = small.resize((width, height), Image.Resampling.BICUBIC).convert(mode)
    kept = io.BytesIO()
    drawn.save(kept, form, **options)
    return kept.getvalue()


def photo_of_size(size: int) -> bytes:
    """A JPEG of exactly so many bytes: what cameras append after the end of the picture counts as well."""
    made = picture(2400, 1800, quality=80)
    assert len(made) < size
    return made + bytes(size - len(made))


def noisy_photo(megapixels: float = 12, quality: int = 80) -> bytes:
    """A photograph as a phone takes it: 12 megapixels weigh about 3 MB."""
    height = int((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = height * 4 // 3
    bands = [Image.effect_noise((width // 8, height // 8), 70 + 10 * band) for band in range(3)]
    drawn = Image.merge("RGB", bands).resize((width, height), Image.Resampling.BICUBIC)
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def animation(frames: int = 5, form: str = "GIF", size: tuple[int, int] = (120, 90)) -> bytes:
    drawn = [Image.new("RGB", size, (place * 37 % 256, 90, 200)) for place in range(frames)]
    kept = io.BytesIO()
    drawn[0].save(kept, form, save_all=True, append_images=drawn[1:], duration=80, loop=0)
    return kept.getvalue()


def png_with_text(text: bytes) -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", text.decode())
    words.add_itxt("XML:com.adobe.xmp", text.decode())
    return picture(200, 150, "PNG", pnginfo=words)


def png_of(width: int, height: int) -> bytes:
    """One black pixel after another, packed very small."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def gif_of_frames(frames: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + bytes(6)
    frame = (
        b"\x21\xf9\x04\x00\x01\x00\x00\x00" + b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x44\x02\x05\x00"
    )
    return head + frame * frames + b";"


# --- sound and video --------------------------------------------------------------------------------------


def wav(
    seconds: float = 1.0, rate: int = 8000, *, codec: int = 1, bits: int = 16, channels: int = 1, more: bytes = b""
) -> bytes:
    sound = bytes(int(seconds * rate) * channels * bits // 8)
    form = struct.pack("<HHIIHH", codec, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + more + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def mp3(frames: int = 40, *, tag: bytes = b"", end: bytes = b"") -> bytes:
    """Silent frames of 128 kbit/s at 44.1 kHz: 417 bytes and 26 ms each."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return tag + frame * frames + end


def id3(title: bytes, padding: int = 0) -> bytes:
    frame = b"TIT2" + struct.pack(">I", len(title) + 1) + b"\0\0" + b"\0" + title
    size = len(frame) + padding
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + frame + bytes(padding)


def ogg(codec: str = "opus", seconds: float = 2.0) -> bytes:
    heads = {
        "opus": b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0",
        "vorbis": b"\x01vorbis\0\0\0\0\x01" + struct.pack("<I", 44_100) + bytes(14),
        "theora": b"\x80theora" + bytes(20),
        "speex": b"Speex   1.2" + bytes(60),
    }
    rate = 44_100 if codec == "vorbis" else 48_000
    return (
        _ogg_page(heads[codec], 2, 0, 0)
        + _ogg_page(b"OpusTags" + bytes(12), 0, 0, 1)
        + _ogg_page(bytes(200), 0, int(rate * seconds / 2), 2)
        + _ogg_page(bytes(200), 4, int(rate * seconds), 3)
    )


def _ogg_page(body: bytes, flags: int, granule: int, number: int) -> bytes:
    table = [255] * (len(body) // 255) + [len(body) % 255]
    return b"OggS\0" + struct.pack("<BqIIIB", flags, granule, 7, number, 0, len(table)) + bytes(table) + body


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4(
    brand: bytes = b"isom",
    *,
    video: bool = True,
    sound: bool = True,
    seconds: float = 3.0,
    late: bool = False,
    more: bytes = b"",
) -> bytes:
    """The skeleton of a film. With `late` its index stands behind the data, as phones write it."""
    handlers = ([b"vide"] if video else []) + ([b"soun"] if sound else [])
    tracks = [
        box(
            b"trak",
            box(b"tkhd", bytes(12) + struct.pack(">I", 1) + bytes(68)),
            box(b"mdia", box(b"hdlr", bytes(8) + kind + bytes(13))),
        )
        for kind in handlers
    ]
    index = box(b"moov", box(b"mvhd", bytes(12) + struct.pack(">II", 1000, int(seconds * 1000)) + bytes(80)), *tracks)
    film = box(b"mdat", bytes(500))
    head = box(b"ftyp", brand + bytes(4) + brand + b"mp42")
    return head + (box(b"wide") + film + index if late else index + more + film)


def fragmented_mp4(fragments: int = 4) -> bytes:
    """A recording as browsers make it: no length anywhere, pieces of half a second each."""
    media_head = box(b"mdhd", bytes(12) + struct.pack(">II", 48_000, 0) + bytes(4))
    track = box(
        b"trak",
        box(b"tkhd", bytes(12) + struct.pack(">I", 1) + bytes(68)),
        box(b"mdia", media_head, box(b"hdlr", bytes(8) + b"soun" + bytes(13))),
    )
    index = box(b"moov", box(b"mvhd", bytes(12) + struct.pack(">II", 1000, 0) + bytes(80)), track)
    pieces = b"".join(
        box(
            b"moof",
            box(b"mfhd", bytes(4) + struct.pack(">I", place + 1)),
            box(
                b"traf",
                box(b"tfhd", struct.pack(">III", 0x020008, 1, 960)),
                box(b"tfdt", struct.pack(">BBHQ", 1, 0, 0, place * 24_000)),
                box(b"trun", struct.pack(">III", 1, 25, 0)),
            ),
        )
        + box(b"mdat", bytes(300))
        for place in range(fragments)
    )
    return box(b"ftyp", b"iso5" + bytes(4) + b"iso5mp41") + index + pieces


def element(name: int, body: bytes, *, unknown: bool = False) -> bytes:
    raw = name.to_bytes((name.bit_length() + 7) // 8)
    return raw + (b"\x01" + b"\xff" * 7 if unknown else b"\x01" + len(body).to_bytes(7)) + body


def webm(
    *, video: bool = False, live: bool = True, doc_type: bytes = b"webm", more: bytes = b"", blocks: int = 60
) -> bytes:
    """A recording as browsers make it: of unknown length (`live`), in clusters, 20 ms a block."""
    head = element(0x1A45DFA3, element(0x4282, doc_type))
    tracks = element(0xAE, element(0xD7, b"\1") + element(0x83, b"\2"))
    if video:
        tracks += element(0xAE, element(0xD7, b"\2") + element(0x83, b"\1"))
    info = element(0x2AD7B1, (1_000_000).to_bytes(3)) + (b"" if live else element(0x4489, struct.pack(">d", 1180.0)))
    sound = b"".join(element(0xA3, b"\x81" + (20 * place).to_bytes(2) + b"\x80" + bytes(60)) for place in range(blocks))
    cluster = element(0x1F43B675, element(0xE7, b"\0") + sound, unknown=live)
    return head + element(
        0x18538067, element(0x1549A966, info) + element(0x1654AE6B, tracks) + more + cluster, unknown=live
    )


# --- documents --------------------------------------------------------------------------------------------


def pdf(*, before: bytes = b"", inside: bytes = b"", after: bytes = b"\n") -> bytes:
    return (
        before
        + b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
        + inside
        + b"xref\n0 2\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 2 >>\nstartxref\n9\n%%EOF"
        + after
    )


_MAIN = {"docx": ("word/document.xml", "wordprocessingml.document"), "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
         "pptx": ("ppt/presentation.xml", "presentationml.presentation")}  # fmt: skip
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(parts: Mapping[str, bytes | str], *, packed: bool = True) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        for name, body in parts.items():
            made.writestr(name, body)
    return kept.getvalue()


def office_parts(kind: str, *, main: str | None = None) -> dict[str, bytes | str]:
    path, name = _MAIN[kind]
    main = main or f"application/vnd.openxmlformats-officedocument.{name}.main+xml"
    return {
        "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8"?><Types><Override PartName="/{path}" ContentType="{main}"/></Types>',
        "_rels/.rels": relations("officeDocument", path, mode="Internal"),
        path: "<?xml version='1.0'?><document><p>Dear all,</p></document>",
    }


def office(kind: str, **more: bytes | str) -> bytes:
    """A document; `more` adds parts, their names with `__` for `/`."""
    return archive(office_parts(kind) | {name.replace("__", "/"): body for name, body in more.items()})


def relations(kind: str, target: str, *, mode: str = "External") -> str:
    link = f'<Relationship Id="r9" Type="{_RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return f"<Relationships>{link}</Relationships>"


def odt(**more: bytes | str) -> bytes:
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<office/>",
            "META-INF/manifest.xml": "<manifest/>",
            **{name.replace("__", "/"): body for name, body in more.items()},
        }
    )
