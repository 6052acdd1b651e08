"""`python -m models.media.child`: look at one file that a stranger sent, and change nothing but what was handed over.

The file comes as standard input; two more descriptors, named on the command line, take
the picture drawn anew and its thumbnail. The verdict goes to standard output as JSON.
Before the first byte is read the process gives up everything it does not need: five
seconds of processor, bounded memory, no new file descriptor and therefore neither
files nor network, no process of its own. A decoder that is taken over can do nothing.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from models.errors import DeskError
from models.rules import media

CPU_S = 5
MEMORY = 640 * 1024 * 1024  # bytes of address space; a picture of 25 million pixels is drawn within them
MOST_WRITTEN = 64 * 1024 * 1024  # bytes of one file


def main(extension: str, picture: int, thumb: int) -> int:
    """Judge standard input. Returns the exit status: 0 whenever there is a verdict."""
    _load_all_it_takes(extension)
    _lock_in(max(picture, thumb) + 1)
    data = sys.stdin.buffer.read(media.MOST_BYTES + 1)
    try:
        verdict = _verdict(extension, data, picture, thumb)
    except DeskError as refusal:
        verdict = {"refused": refusal.code, "sentence": refusal.sentence}
    except MemoryError:
        verdict = _refused(
            media.too_many_pixels() if media.FORMATS[extension].kind == "image" else media.damaged(extension)
        )
    except Exception as fault:  # noqa: BLE001 - decoders raise whatever they like; the file is no good
        verdict = {**_refused(media.damaged(extension)), "fault": f"{type(fault).__name__}: {fault}"[:200]}
    sys.stdout.write(json.dumps(verdict))
    sys.stdout.flush()
    return 0


def _load_all_it_takes(extension: str) -> None:
    """Modules and codecs, for once locked in the process opens no file."""
    if media.FORMATS[extension].kind == "image":
        from models.media import pictures

        pictures.warm_up()
    elif media.FORMATS[extension].family == "office":
        from models.media import office

        office.warm_up()
    else:
        b"\x82\x83".decode("cp1252")
        b"\xff\xfe".decode("utf-16")


def _verdict(extension: str, data: bytes, picture: int, thumb: int) -> dict[str, Any]:
    if media.FORMATS[extension].kind == "image":
        from models.media import pictures

        with open(picture, "r+b", closefd=False) as file, open(thumb, "r+b", closefd=False) as small:
            drawn = pictures.draw(extension, data, file, small)
            for each in (file, small):
                each.flush()
                os.fsync(each.fileno())
        return {**asdict(drawn.found), "redrawn": True, "has_thumb": drawn.has_thumb}
    if media.FORMATS[extension].family == "office":
        from models.media import office

        found = office.look(extension, data)
    else:
        found = media.recognised(extension, data)
    return {**asdict(found), "redrawn": False, "has_thumb": False}


def _refused(refusal: DeskError) -> dict[str, Any]:
    return {"refused": refusal.code, "sentence": refusal.sentence}


def _lock_in(descriptors: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, descriptors),  # all of them are taken: no file, no socket, no pipe from here on
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
