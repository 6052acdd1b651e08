"""Have a file looked at: start the child, give it so much time, read its verdict."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from models.errors import Busy, Invalid
from models.rules import media
from models.rules.media import Found

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("-m", "models.media.child")
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"}  # no secret of ours among them
PATIENCE_S = 30  # for one file, on a machine that has other things to do
LINE_S = 60  # for a place in the line before it: twenty photos at once pass through a busy machine
AT_ONCE = max(2, min(4, os.cpu_count() or 2))  # children of one process; each may take half a gigabyte for a moment


@dataclass(frozen=True, slots=True)
class Seen:
    """What the child made of a file, and which files are to be kept of it."""

    found: Found
    file: Path
    thumb: Path | None


@cache
def _places() -> threading.Semaphore:
    return threading.Semaphore(AT_ONCE)


def look(folder: Path, file: Path, extension: str) -> Seen:
    """Judge `file`; drawings go into `folder`. Raises `Invalid` with the reason, or `Busy` when too many wait."""
    if not _places().acquire(timeout=LINE_S):
        raise Busy(retry_after_ms=5000)
    try:
        verdict = _ask_child(folder, file, extension)
    finally:
        _places().release()
    if "refused" in verdict:
        log.info("file_refused", code=verdict["refused"], ending=extension, fault=verdict.get("fault"))
        raise Invalid(verdict["sentence"], code=verdict["refused"])
    redrawn, has_thumb = verdict.pop("redrawn"), verdict.pop("has_thumb")
    return Seen(Found(**verdict), folder / "picture" if redrawn else file, folder / "thumb" if has_thumb else None)


def _ask_child(folder: Path, file: Path, extension: str) -> dict[str, Any]:
    with (
        file.open("rb") as given,
        (folder / "picture").open("w+b") as picture,
        (folder / "thumb").open("w+b") as thumb,
        (folder / "verdict").open("w+b") as answer,
    ):
        own = (picture.fileno(), thumb.fileno())
        child = subprocess.Popen(
            [sys.executable, *PROGRAM, extension, *map(str, own)],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=given,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            pass_fds=own,
        )
        status = _wait(child)
        answer.seek(0)
        said = answer.read()
    if status == 0:
        verdict: dict[str, Any] = json.loads(said)
        return verdict
    log.warning("file_inspection_died", status=status, ending=extension)
    if status is None or status == -signal.SIGTERM:
        raise Busy(retry_after_ms=5000)
    refusal = media.too_many_pixels() if media.FORMATS[extension].kind == "image" else media.damaged(extension)
    return {"refused": refusal.code, "sentence": refusal.sentence}


def _wait(child: subprocess.Popen[bytes]) -> int | None:
    """The child's exit status; None when it took too long. Sleeps rather than waits, so that a green thread may."""
    deadline, pause = time.monotonic() + PATIENCE_S, 0.005
    try:
        while (status := child.poll()) is None and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(0.05, pause * 1.3)
        return status
    finally:
        if child.poll() is None:
            child.kill()
            while child.poll() is None:
                time.sleep(0.01)
