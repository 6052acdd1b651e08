"""Draw a picture again: turned upright, in ordinary colours, without a word of what the camera or anybody wrote into it.

What comes out was made here, pixel by pixel; whatever else a file carried is gone with
it. Runs in the child process (`child.py`) alone: decoders are where hostile files bite.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, Any

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    ImageSequence,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from models.rules import media
from models.rules.media import Found

LOADED = (
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)  # the child cannot open a file later

# Ours is checked before anything is decoded; Pillow's own, which refuses twice this number, for frames that grow later.
Image.MAX_IMAGE_PIXELS = media.MOST_PIXELS // 2
PngImagePlugin.MAX_TEXT_MEMORY = 1 << 20  # bytes of text that a PNG may unpack

# An animation within these stays one; beyond them its first frame is shown.
MOST_DRAWN_FRAMES = 200
MOST_DRAWN_PIXELS = {"gif": 40_000_000, "webp": 12_000_000}  # of all frames together: what a few seconds can encode

SMALL_ENOUGH = 128 * 1024  # bytes; a picture that fits its thumbnail and is this small is its own thumbnail


@dataclass(frozen=True, slots=True)
class Drawn:
    found: Found
    has_thumb: bool


def draw(extension: str, data: bytes, file: IO[bytes], thumb: IO[bytes]) -> Drawn:
    """Write the picture anew into `file` and, unless it is small already, a thumbnail into `thumb`."""
    media.require_signature(extension, data)
    try:
        return _draw(extension, data, file, thumb)
    except Image.DecompressionBombError:
        raise media.too_many_pixels() from None


def _draw(extension: str, data: bytes, file: IO[bytes], thumb: IO[bytes]) -> Drawn:
    family = media.FORMATS[extension].family
    with Image.open(io.BytesIO(data), formats=[family.upper()]) as picture:
        media.require_pixels(*picture.size)
        frames = media.require_frames(extension, data)
        if 1 < frames <= MOST_DRAWN_FRAMES and frames * picture.width * picture.height <= MOST_DRAWN_PIXELS[family]:
            size, first = _draw_animation(family, picture, file)
        else:
            size, first = _draw_still(family, picture, file)
        written = file.tell()
        has_thumb = frames > 1 or max(size) > media.THUMB_SIDE or written > SMALL_ENOUGH
        if has_thumb:
            _draw_thumb(first, thumb)
    return Drawn(Found("image", media.FORMATS[extension].content_type, *size), has_thumb)


def _draw_still(family: str, picture: Any, file: IO[bytes]) -> tuple[tuple[int, int], Any]:
    options = _options(family, picture)
    picture.load()
    drawn = _upright(_in_plain_colours(picture))
    while True:
        ready = _in_mode_of(family, drawn)
        ready.save(file, family.upper(), **options)
        if file.tell() <= media.MOST_BYTES:
            return drawn.size, drawn
        # Drawn again it may be larger than it came. What may be stored is a law, how sharp it is is not.
        smaller = 0.9 * (media.MOST_BYTES / file.tell()) ** 0.5
        drawn = drawn.resize((max(1, int(drawn.width * smaller)), max(1, int(drawn.height * smaller))), reducing_gap=2)
        options = _options(family, None)
        file.seek(0)
        file.truncate()


def _options(family: str, picture: Any) -> dict[str, Any]:
    """How to save. A JPEG keeps the very tables it came with, so that it loses nothing it has not lost before."""
    match family:
        case "jpeg" if picture is not None and picture.mode in ("L", "RGB") and picture.quantization:
            return {"qtables": picture.quantization, "subsampling": JpegImagePlugin.get_sampling(picture)}
        case "jpeg":
            return {"quality": 85}
        case "png":
            return {"compress_level": 6 if picture is not None and picture.width * picture.height < 6_000_000 else 3}
        case "webp":
            return {"quality": 85, "method": 1}
        case _:
            return {}


def _in_plain_colours(picture: Any) -> Any:
    """In sRGB, which every screen understands without the profile that said otherwise."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA"):
        return picture
    try:
        told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(told):
            return picture
        ImageCms.profileToProfile(picture, told, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        pass  # a profile that cannot be read changes nothing
    return picture


def _upright(picture: Any) -> Any:
    """Turned as the camera was held."""
    return ImageOps.exif_transpose(picture) or picture


_MODES = {
    "jpeg": ("L", "RGB"),
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "gif": ("1", "L", "P", "RGB", "RGBA"),
    "webp": ("RGB", "RGBA"),
}


def _in_mode_of(family: str, picture: Any) -> Any:
    """The bare pixels in a mode that the format knows: the words in `info` would be written out again."""
    if picture.mode not in _MODES[family]:
        see_through = picture.mode in ("LA", "PA", "La", "RGBa") or (
            picture.mode == "P" and "transparency" in picture.info
        )
        picture = picture.convert("RGBA" if see_through and family != "jpeg" else "RGB")
    kept = {"transparency": picture.info["transparency"]} if "transparency" in picture.info and family != "jpeg" else {}
    if picture.info != kept:
        picture.info = kept
    return picture


def _draw_animation(family: str, picture: Any, file: IO[bytes]) -> tuple[tuple[int, int], Any]:
    durations, loop = [], picture.info.get("loop")
    frames = []
    for frame in ImageSequence.Iterator(picture):
        durations.append(min(max(int(frame.info.get("duration", 100)), 20), 60_000))
        bare = frame.convert("RGBA")
        bare.info = {}
        frames.append(bare)
    options: dict[str, Any] = {"duration": durations}
    if loop is not None or family == "webp":
        options["loop"] = int(loop or 0)
    if family == "webp":
        options |= {"quality": 75, "method": 0}
    else:
        options["disposal"] = 2
    frames[0].save(file, family.upper(), save_all=True, append_images=frames[1:], **options)
    if file.tell() > media.MOST_BYTES:
        file.seek(0)
        file.truncate()
        picture.seek(0)
        return _draw_still(family, picture, file)
    return frames[0].size, frames[0]


def _draw_thumb(picture: Any, thumb: IO[bytes]) -> None:
    """As WebP, which is small and may be see-through."""
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    if picture.mode in ("I", "F", "I;16"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if max(picture.size) > 4 * media.THUMB_SIDE and picture.mode in ("L", "RGB", "RGBA"):
        picture = picture.reduce(max(picture.size) // (2 * media.THUMB_SIDE))
    small = picture.convert(mode)
    small.thumbnail((media.THUMB_SIDE, media.THUMB_SIDE))
    small.info = {}
    small.save(thumb, "WEBP", quality=80, method=4)


def warm_up() -> None:
    """Touch what Pillow would load at first use: the child may not open files once it is locked in."""
    for family in ("jpeg", "png", "gif", "webp"):
        tiny = Image.new("RGB", (2, 2))
        kept = io.BytesIO()
        tiny.save(kept, family.upper())
        kept.seek(0)
        with Image.open(kept, formats=[family.upper()]) as again:
            again.load()
