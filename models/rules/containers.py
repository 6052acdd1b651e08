"""Read the skeletons of recordings, videos and animations: are they whole, what is in them, how long do they last.

Nothing is decoded. Each reader walks the pieces a format is made of from the first byte
to the last, so that a file with something else in front, behind or between is `Broken`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


class Broken(Exception):
    """Not a whole file of this format."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a container holds."""

    endings: frozenset[str]  # the file endings that fit it
    has_video: bool
    duration_ms: int | None


def _number(data: bytes, at: int, size: int, *, little: bool = False) -> int:
    if at + size > len(data):
        raise Broken
    return int.from_bytes(data[at : at + size], "little" if little else "big")


def _milliseconds(amount: float, per_second: float) -> int | None:
    """None for what is not known, or cannot be: nobody sends a recording of a week."""
    found = round(1000 * amount / per_second) if per_second > 0 and amount > 0 else 0
    return found if 0 < found < 7 * 86_400_000 else None


# --- MP4, M4A, MOV: boxes of four letters -----------------------------------------------------------------

_BRANDS = re.compile(
    rb"isom|iso[2-9a-c]|mp4[12]|avc1|hvc1|av01|M4[ABV] |3g[2gp][0-9a-z]|dash|cmf[2csf]|MSNV|qt  |mmp4|f4v "
)
_TOP_BOXES = frozenset(
    b"ftyp styp moov moof mdat mfra free skip wide sidx ssix prft emsg pdin meta uuid udta pnot PICT imda".split()
)


def mp4(data: bytes) -> Heard:
    boxes = list(_boxes(data, 0, len(data)))
    names = [name for name, _, _ in boxes]
    if not set(names) <= _TOP_BOXES or b"moov" not in names:
        raise Broken
    _, start, end = boxes[0]
    if names[0] == b"ftyp":
        brands = {data[at : at + 4] for at in (start, *range(start + 8, end - 3, 4))}
        if not any(_BRANDS.fullmatch(brand) for brand in brands):
            raise Broken
        endings = {"mp4", "m4a", "mov"}
    else:
        endings = {"mov"}  # the oldest of them do not say what they are
    handlers: set[bytes] = set()
    scales: dict[int, int] = {}  # ticks a second, by track
    duration = None
    for name, start, end in _inside(data, boxes, b"moov"):
        if name == b"mvhd":
            duration = _mvhd(data, start)
        elif name == b"trak":
            number, scale, found = _track(data, start, end)
            scales[number] = scale
            handlers |= found
    if not handlers & {b"vide", b"soun"}:
        raise Broken
    return Heard(frozenset(endings), b"vide" in handlers, duration or _fragments(data, boxes, scales))


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each box's content."""
    while at < end:
        if end - at < 8:
            if any(data[at:end]):
                raise Broken
            return  # a few zeros at the end are padding
        size, name, head = _number(data, at, 4), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = _number(data, at + 8, 8), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise Broken
        yield name, at + head, at + size
        at += size


def _mvhd(data: bytes, at: int) -> int | None:
    if data[at] == 1:
        return _milliseconds(_number(data, at + 24, 8), _number(data, at + 20, 4))
    return _milliseconds(_number(data, at + 16, 4), _number(data, at + 12, 4))


Boxes = Iterable[tuple[bytes, int, int]]


def _inside(data: bytes, boxes: Boxes, wanted: bytes) -> Boxes:
    """What the boxes of this name hold."""
    return (inner for name, start, end in boxes if name == wanted for inner in _boxes(data, start, end))


def _track(data: bytes, start: int, end: int) -> tuple[int, int, set[bytes]]:
    """A track's number, its ticks a second, and what it carries."""
    number, scale, handlers = 0, 0, set()
    boxes = list(_boxes(data, start, end))
    for name, at, _ in boxes:
        if name == b"tkhd":
            number = _number(data, at + (20 if data[at] == 1 else 12), 4)
    for name, at, _ in _inside(data, boxes, b"mdia"):
        if name == b"mdhd":
            scale = _number(data, at + (20 if data[at] == 1 else 12), 4)
        elif name == b"hdlr":
            handlers.add(data[at + 8 : at + 12])
    return number, scale, handlers


def _fragments(data: bytes, boxes: Boxes, scales: dict[int, int]) -> int | None:
    """How long a recording lasts that was written piece by piece, as browsers do: to the end of its last piece."""
    longest = 0
    for _, start, end in (box for box in _inside(data, boxes, b"moof") if box[0] == b"traf"):
        track, usual, ticks = 0, 0, 0
        for name, at, _ in _boxes(data, start, end):
            flags = _number(data, at + 1, 3)
            if name == b"tfhd":
                track = _number(data, at + 4, 4)
                where = at + 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
                usual = _number(data, where, 4) if flags & 0x8 else 0
            elif name == b"tfdt":
                ticks += _number(data, at + 4, 8 if data[at] == 1 else 4)
            elif name == b"trun":
                ticks += _run_of_samples(data, at, flags, usual)
        longest = max(longest, _milliseconds(ticks, scales.get(track, 0)) or 0)
    return longest or None


def _run_of_samples(data: bytes, at: int, flags: int, usual: int) -> int:
    """Ticks that a run of samples lasts."""
    count = _number(data, at + 4, 4)
    if not flags & 0x100:
        return count * usual
    first = at + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    width = 4 * (flags >> 8 & 0xF).bit_count()
    if first + count * width > len(data):
        raise Broken
    return sum(_number(data, first + place * width, 4) for place in range(count))


# --- WebM: elements of EBML -------------------------------------------------------------------------------

_EBML, _DOC_TYPE, _SEGMENT, _INFO, _TRACKS, _CLUSTER = (
    0x1A45DFA3,
    0x4282,
    0x18538067,
    0x1549A966,
    0x1654AE6B,
    0x1F43B675,
)
_SCALE, _DURATION, _TRACK, _TRACK_TYPE = 0x2AD7B1, 0x4489, 0xAE, 0x83
_TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
# Seek head, cues, tags, chapters, padding, checksums, and what else a cluster may hold. No attached files.
_SKIPPED = frozenset(
    [
        0x114D9B74,
        0x1C53BB6B,
        0x1254C367,
        0x1043A770,
        0xEC,
        0xBF,
        0xAB,
        0xA7,
        0x9B,
        0xFB,
        0x75A1,
        0x75A2,
        0x5854,
        0xA4,
        0x8E,
    ]
)
_VIDEO, _AUDIO = 1, 2


def webm(data: bytes) -> Heard:
    name, at, end = _element(data, 0)
    if (
        name != _EBML
        or end is None
        or b"webm" not in [data[a:b] for n, a, b in _elements(data, at, end) if n == _DOC_TYPE]
    ):
        raise Broken
    name, at, _ = _element(data, end)
    if name != _SEGMENT:
        raise Broken
    scale, said, cluster, last = 1_000_000, 0.0, 0, 0  # nanoseconds a tick; ticks
    tracks: set[int] = set()
    while at < len(data):
        name, start, stop = _element(data, at)
        if name in (_CLUSTER, _BLOCK_GROUP):
            at = start  # what is inside is met next; a live recording does not even know where it ends
            continue
        if stop is None or stop > len(data):
            raise Broken
        if name == _INFO:
            scale, said = _info(data, start, stop)
        elif name == _TRACKS:
            tracks |= _track_types(data, start, stop)
        elif name == _TIMESTAMP:
            cluster = _number(data, start, stop - start)
        elif name in (_SIMPLE_BLOCK, _BLOCK):
            last = max(last, cluster + _block_time(data, start))
        elif name not in _SKIPPED:
            raise Broken
        at = stop
    if not tracks & {_VIDEO, _AUDIO}:
        raise Broken
    return Heard(frozenset({"webm", "weba"}), _VIDEO in tracks, _milliseconds((said or last) * scale, 1e9))


def _element(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Name, start and end of one element's content; the end is None when the file does not say."""
    name, at = _vint(data, at, keep_marker=True)
    size, start = _vint(data, at)
    unknown = size == (1 << (7 * (start - at))) - 1
    return name, start, None if unknown else start + size


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        name, start, stop = _element(data, at)
        if stop is None or stop > end:
            raise Broken
        yield name, start, stop
        at = stop


def _vint(data: bytes, at: int, *, keep_marker: bool = False) -> tuple[int, int]:
    """A number whose first bits say how many bytes it has, and the place behind it."""
    first = _number(data, at, 1)
    length = 9 - first.bit_length()
    if length > 8:
        raise Broken
    value = _number(data, at, length)
    return (value if keep_marker else value & ((1 << (7 * length)) - 1)), at + length


def _info(data: bytes, start: int, stop: int) -> tuple[int, float]:
    scale, said = 1_000_000, 0.0
    for name, at, end in _elements(data, start, stop):
        if name == _SCALE:
            scale = _number(data, at, end - at)
        elif name == _DURATION:
            said = _float(data[at:end])
    return scale, said


def _float(raw: bytes) -> float:
    """An IEEE number of four or eight bytes; 0 for one that is none, or not finite."""
    bits, mantissa_bits, bias = int.from_bytes(raw), (52 if len(raw) == 8 else 23), (1023 if len(raw) == 8 else 127)
    exponent = (bits >> mantissa_bits) & (2 * bias + 1)
    if len(raw) not in (4, 8) or exponent in (0, 2 * bias + 1) or bits >> (8 * len(raw) - 1):
        return 0.0
    power = exponent - bias
    return (1 + (bits & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)) * 2.0**power if power < 64 else 0.0


def _track_types(data: bytes, start: int, stop: int) -> set[int]:
    return {
        _number(data, at, end - at)
        for name, inner, inner_end in _elements(data, start, stop)
        if name == _TRACK
        for deeper, at, end in _elements(data, inner, inner_end)
        if deeper == _TRACK_TYPE
    }


def _block_time(data: bytes, start: int) -> int:
    """Ticks from the cluster's own time to this block's."""
    _, at = _vint(data, start)
    ticks = _number(data, at, 2)
    return ticks - 0x10000 if ticks & 0x8000 else ticks


# --- Ogg: pages -------------------------------------------------------------------------------------------


def ogg(data: bytes) -> Heard:
    at, codec, stream, rate, skipped, last = 0, b"", -1, 0, 0, 0
    while at < len(data):
        if data[at : at + 5] != b"OggS\0":
            raise Broken
        segments = _number(data, at + 26, 1)
        start = at + 27 + segments
        end = start + sum(data[at + 27 : start])
        if end > len(data):
            raise Broken
        granule, serial = _number(data, at + 6, 8, little=True), _number(data, at + 14, 4, little=True)
        if data[at + 5] & 2:  # a stream begins
            head = data[start:end]
            if head.startswith((b"\x80theora", b"BBCD\0")):
                raise Broken  # video; the list knows Ogg as sound alone
            if not codec and head.startswith(b"OpusHead"):
                codec, stream, rate, skipped = b"opus", serial, 48_000, _number(head, 10, 2, little=True)
            elif not codec and head.startswith(b"\x01vorbis"):
                codec, stream, rate = b"vorbis", serial, _number(head, 12, 4, little=True)
            elif not codec and head.startswith((b"\x7fFLAC", b"Speex   ")):
                codec, stream = b"other", serial
        elif serial == stream and granule != 0xFFFFFFFFFFFFFFFF:
            last = max(last, granule)
        at = end
    if not codec:
        raise Broken
    endings = frozenset({"ogg", "opus"} if codec == b"opus" else {"ogg"})
    return Heard(endings, False, _milliseconds(last - skipped, rate))


# --- WAV: chunks ------------------------------------------------------------------------------------------

_WAVE_CODECS = frozenset([0x0001, 0x0003, 0x0006, 0x0007, 0x0002, 0x0011, 0x0031, 0x0055, 0xFFFE])
_UNKNOWN_SIZE = 0xFFFFFFFF  # written by recorders that could not go back to say it


def wav(data: bytes) -> Heard:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise Broken
    at, bytes_a_second, sound = 12, 0, -1
    while at + 8 <= len(data):
        name, size = data[at : at + 4], _number(data, at + 4, 4, little=True)
        if not re.fullmatch(rb"[ -~]{4}", name):
            raise Broken
        if name == b"fmt ":
            if _number(data, at + 8, 2, little=True) not in _WAVE_CODECS:
                raise Broken
            bytes_a_second = _number(data, at + 16, 4, little=True)
        elif name == b"data":
            size = len(data) - at - 8 if size == _UNKNOWN_SIZE else size
            sound = size
        if at + 8 + size > len(data):
            raise Broken
        at += 8 + size + size % 2
    if sound < 0 or not bytes_a_second:
        raise Broken
    return Heard(frozenset({"wav"}), False, _milliseconds(sound, bytes_a_second))


# --- MP3: frames ------------------------------------------------------------------------------------------

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # hertz, by version
_KBPS = {
    (True, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),  # MPEG 1, by layer
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MOST_JUNK = 0.1  # of what lies between the tags: encoders and cutters leave some


def mp3(data: bytes) -> Heard:
    at = _after_id3(data)
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    begin, frames, seconds, sounding = at, 0, 0.0, 0
    while at + 4 <= end:
        size, lasts = _frame(data, at)
        if not size:
            if data.startswith((b"APETAGEX", b"LYRICSBEGIN", b"3DI"), at):
                end = at
                break
            at = _next_sync(data, at + 1, end)
            continue
        if at + size > end:
            break  # the last one may be cut short
        frames, seconds, sounding, at = frames + 1, seconds + lasts, sounding + size, at + size
    if frames < 2 or sounding < (1 - _MOST_JUNK) * (end - begin):
        raise Broken
    return Heard(frozenset({"mp3"}), False, _milliseconds(seconds, 1))


def _after_id3(data: bytes) -> int:
    at = 0
    while data[at : at + 3] == b"ID3":
        size = 0
        for each in data[at + 6 : at + 10]:
            if each & 0x80:
                raise Broken
            size = size << 7 | each
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    while at < len(data) and data[at] == 0:  # padding
        at += 1
    return at


def _frame(data: bytes, at: int) -> tuple[int, float]:
    """How many bytes a frame has and how many seconds it lasts; (0, 0) when there is none."""
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0, 0
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    rate_at, bitrate_at, padding = data[at + 2] >> 2 & 3, data[at + 2] >> 4, data[at + 2] >> 1 & 1
    if version == 1 or layer == 0 or rate_at == 3 or bitrate_at in (0, 15):
        return 0, 0
    rate, bits = _RATES[version][rate_at], _KBPS[version == 3, layer][bitrate_at] * 1000
    if layer == 3:
        return (12 * bits // rate + padding) * 4, 384 / rate
    samples = 576 if layer == 1 and version != 3 else 1152
    return samples // 8 * bits // rate + padding, samples / rate


def _next_sync(data: bytes, at: int, end: int) -> int:
    found = data.find(b"\xff", at, end)
    return found if found >= 0 else end


READERS: dict[str, Callable[[bytes], Heard]] = {"mp4": mp4, "webm": webm, "ogg": ogg, "wav": wav, "mp3": mp3}


# --- animations -------------------------------------------------------------------------------------------


def frames(family: str, data: bytes, most: int) -> int:
    """How many frames a GIF or WebP has, counted no further than `most`; 1 for every other picture."""
    if family == "gif":
        return _gif_frames(data, most)
    if family == "webp":
        return min(most, max(1, len(re.findall(rb"ANMF", data)))) if data[12:16] == b"VP8X" and data[20] & 2 else 1
    return 1


def _gif_frames(data: bytes, most: int) -> int:
    flags = _number(data, 10, 1)
    at, found = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0), 0
    while at < len(data) and found < most:
        block = data[at]
        if block == 0x3B:  # the end
            break
        if block == 0x21:
            at = _after_blocks(data, at + 2)
        elif block == 0x2C:
            flags = _number(data, at + 9, 1)
            at = _after_blocks(data, at + 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))
            found += 1
        elif found:
            break  # rubbish behind the last frame goes when it is drawn again
        else:
            raise Broken
    if not found:
        raise Broken
    return found


def _after_blocks(data: bytes, at: int) -> int:
    while size := _number(data, at, 1):
        at += 1 + size
    return at + 1


# --- a second file inside the first -----------------------------------------------------------------------

_ZIP_END, _ZIP_TAIL = b"PK\x05\x06", 22 + 65_535


def is_zip(data: bytes) -> bool:
    """Whether a program that opens archives would open this one, whatever stands before its contents."""
    at = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_TAIL))
    while at >= 0:
        if at + 22 <= len(data):
            size = _number(data, at + 12, 4, little=True)
            if size <= at and (data[at - size : at - size + 4] == b"PK\x01\x02" or size == 0):
                return True
        at = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_TAIL), at)
    return False
