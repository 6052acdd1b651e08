"""What a file is called, once its name has been made fit to be shown, stored and sent back in a header.

Normalised first and judged afterwards: a name that only looks harmless before its
full-width dots and invisible letters are gone would otherwise pass.
"""

from __future__ import annotations

import unicodedata

MOST = 120  # characters of a shown name, its ending included
LONGEST_ENDING = 12  # what is longer after the last dot is no ending

# Invisible, or with a meaning to a terminal, a text direction, or a file system; categories as Unicode names them.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_REPLACED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # no file of Windows may carry these
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"]
)


def shown(raw: str) -> str:
    """The name as people will see it: one path component, at most 120 characters, its ending kept.

    Empty when nothing of the name is left.
    """
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(" " if each in "\t\r\n" else each for each in text if each in "\t\r\n" or _stays(each))
    text = unicodedata.normalize("NFKC", text)  # what stood apart may have come together
    text = text.replace("\\", "/").rstrip("/ ").rsplit("/", 1)[-1].translate(_REPLACED)
    text = " ".join(text.split()).lstrip(".-~ ").rstrip(". ")
    if text.partition(".")[0].strip().lower() in _RESERVED:
        text = f"_{text}"
    return _cut(text)


def _stays(each: str) -> bool:
    return unicodedata.category(each) not in _DROPPED and each != "\ufffd"


def _cut(text: str) -> str:
    if len(text) <= MOST:
        return text
    ending = extension(text)
    if not ending:
        return text[:MOST].rstrip(". ")
    stem = text[: -len(ending) - 1]
    return f"{stem[: MOST - len(ending) - 1].rstrip('. ')}.{ending}"


def extension(name: str) -> str:
    """The letters after the last dot of a shown name, in lower case; empty when there are none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and ending and len(ending) <= LONGEST_ENDING else ""
