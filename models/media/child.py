"""`python -m models.media.child`: look at one file that a stranger sent, and change nothing but what was handed over.

The file comes as standard input; two more descriptors, named on the command line, take
the picture drawn anew and its thumbnail. The verdict goes to standard output as JSON.
Before the first byte is read the process gives up everything it does not need: five
seconds of processor, bounded memory, no new file descriptor and therefore neither
files nor network, no process of its own. A decoder that is taken over can do nothing.
"""

from __future__ import annotations

import fcntl
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
PICTURE, THUMB = 3, 4  # descriptors, right behind the three that every process has
MOST_WRITTEN = 64 * 1024 * 1024  # bytes of one file


def main(extension: str, picture: int, thumb: int) -> int:
    """Judge standard input. Returns the exit status: 0 whenever there is a verdict."""
    _load_all_it_takes(extension)
    _keep_only(picture, thumb)
    _lock_in()
    data = sys.stdin.buffer.read(media.MOST_BYTES + 1)
    try:
        verdict = _verdict(extension, data)
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


def _verdict(extension: str, data: bytes) -> dict[str, Any]:
    if media.FORMATS[extension].kind == "image":
        from models.media import pictures

        with open(PICTURE, "r+b", closefd=False) as file, open(THUMB, "r+b", closefd=False) as small:
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


def _keep_only(picture: int, thumb: int) -> None:
    """Standard input, output and errors, the two descriptors behind them, and no gap that a new one could take."""
    given = [fcntl.fcntl(each, fcntl.F_DUPFD, 32) for each in (picture, thumb)]
    for each, place in zip(given, (PICTURE, THUMB), strict=True):
        os.dup2(each, place)
    os.closerange(THUMB + 1, 256)


def _lock_in() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, THUMB + 1),  # all of them are taken: no file, no socket, no pipe from here on
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
