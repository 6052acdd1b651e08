"""Processes of this machine: telling them apart for certain, and ending those that are ours.

A number alone does not name a process: numbers are used again. A number together
with the moment it was given does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cli.account import Account, give

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Identity:
    """One process for certain: its number and the moment it began."""

    pid: int
    began: float

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        with suppress(psutil.Error):
            return cls(pid, psutil.Process(pid).create_time())
        return None

    @classmethod
    def from_json(cls, value: Any) -> Identity | None:
        try:
            return cls(int(value["pid"]), float(value["began"]))
        except (KeyError, TypeError, ValueError):
            return None

    def to_json(self) -> dict[str, float]:
        return {"pid": self.pid, "began": self.began}

    def alive(self) -> bool:
        """Whether this very process still runs: not a later one with its number, nor its unburied remains."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.began) < 1.0
            return same and bool(process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False


def offspring(pid: int) -> list[Identity]:
    """The children of a process, and theirs."""
    with suppress(psutil.Error):
        return [Identity(child.pid, child.create_time()) for child in psutil.Process(pid).children(recursive=True)]
    return []


def dies_with_us(how: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends the child `how` when we end, even when we are killed without a word.

    Linux only. Elsewhere a killed run leaves its children to the next start, which
    finds and ends them.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # we ended between fork and here
            os.kill(os.getpid(), how)

    return before_exec


def launch(
    command: Sequence[str | Path],
    *,
    log: Path,
    farewell: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server of ours: its words go to `log`, a Ctrl-C in our terminal is ours to pass on.

    A server must never inherit our standard output: whoever reads us through a
    pipe would wait for the server to close it.
    """
    with log.open("ab") as words:
        give(log, account)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env=env,
            start_new_session=True,
            preexec_fn=dies_with_us(farewell),  # noqa: PLW1509 - one system call, no locks, no allocation that matters
            **(account.popen() if account else {"cwd": cwd}),
        )


def end(processes: Iterable[Identity], *, patience: float, how: signal.Signals = signal.SIGTERM) -> list[Identity]:
    """Ask each to end, wait, then insist. Returns those that had to be killed."""
    living = [process for process in processes if process.alive()]
    for process in living:
        with suppress(ProcessLookupError):
            os.kill(process.pid, how)
    stubborn = wait_gone(living, patience=patience)
    for process in stubborn:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    wait_gone(stubborn, patience=2)
    return stubborn


def wait_gone(processes: Iterable[Identity], *, patience: float) -> list[Identity]:
    """Wait until they have ended; those that have not are returned."""
    deadline = time.monotonic() + patience
    left = list(processes)
    while (left := [process for process in left if process.alive()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
