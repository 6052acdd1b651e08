"""How the side door talks: short lines, and for a long step one line that moves."""

from __future__ import annotations

import re
import sys
import time

COUNTED = re.compile(r"^(Collecting|Requirement already satisfied|npm http fetch)\b")
SPEAKING = re.compile(r"^\s*(Collecting \S+|Downloading \S+.*|Installing collected packages|Building wheel.*)")
RETRYING = re.compile(r"Retrying|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN|ENOTFOUND")
QUIET_STEP_S = 15  # without a terminal, one line this often is enough to see that it lives


def say(text: str) -> None:
    print(text, flush=True)


class Progress:
    """One long step, heard line by line. On a terminal it rewrites one line; elsewhere it speaks now and then."""

    def __init__(self, title: str, expect: int = 0) -> None:
        self.title, self.expect = title, expect
        self._count, self._warned = 0, False
        self._began = self._spoke = time.monotonic()
        self._terminal = sys.stdout.isatty()

    def __enter__(self) -> Progress:
        self._show("")
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def heard(self, line: str) -> None:
        if RETRYING.search(line) and not self._warned:
            self._warned = True
            self._lasting("  The registry does not answer; trying again ...")
        if COUNTED.match(line):
            self._count += 1
        if self._terminal or time.monotonic() - self._spoke > QUIET_STEP_S:
            said = SPEAKING.match(line)
            self._show(said.group(1) if said else "")

    def done(self, *, well: bool) -> None:
        if well:
            self._lasting(f"{self.title}: done in {time.monotonic() - self._began:.0f} s.")

    def _show(self, what: str) -> None:
        counted = f" {min(self._count, self.expect)} of {self.expect}" if self.expect > 1 and self._count else ""
        line = f"{self.title} ...{counted} {what}"
        self._spoke = time.monotonic()
        if self._terminal:
            print(f"\r\033[K{line[:100]}", end="", flush=True)
        else:
            say(line.rstrip())

    def _lasting(self, line: str) -> None:
        print(f"\r\033[K{line}" if self._terminal else line, flush=True)
