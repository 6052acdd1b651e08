"""Keeps the processes of a desk alive: starts them, starts again those that die, stops them all."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli import ROOT, processes
from cli.errors import Trouble
from cli.formation import Part
from cli.progress import say

QUICK_S = 10  # who lives shorter than this has not really started
MOST_QUICK_DEATHS = 5  # in a row; then something is wrong that starting again does not cure
LONGEST_PAUSE_S = 15
LONG_LOG = 10_000_000
PATIENCE_S = 20  # for an orderly end: a worker may finish what it has in hand


@dataclass
class Child:
    """One process that must live, and how its last lives ended."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    due: float | None = None  # when to start it again, once dead


class Supervisor:
    """All the parts of one desk, with one environment."""

    def __init__(self, env: Mapping[str, str], logs: Path, changed: Callable[[], None]) -> None:
        self._env, self._logs = dict(env), logs
        self._changed = changed  # told whenever the set of living processes is another
        self._children: dict[str, Child] = {}

    def start(self, part: Part) -> None:
        _keep_short(self._logs / f"{part.name}.log")
        self._children[part.name] = Child(part, self._logs / f"{part.name}.log", self._launch(part))
        self._changed()

    def watch(self) -> None:
        """One look at every child. Raises `Trouble` when one cannot be kept alive."""
        now = time.monotonic()
        for name, child in self._children.items():
            if child.due is not None:
                if now >= child.due:
                    child.process, child.began, child.due = self._launch(child.part), now, None
                    self._changed()
            elif (status := child.process.poll()) is not None:
                self._mourn(name, child, status, now)

    def stop(self) -> None:
        """End them all in order. A second Ctrl-C meanwhile ends them at once."""
        living = [child.process for child in self._children.values() if child.process.poll() is None]
        offspring = [each for process in living for each in processes.offspring(process.pid)]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + PATIENCE_S
        try:
            while any(process.poll() is None for process in living) and time.monotonic() < deadline:
                time.sleep(0.05)
        except KeyboardInterrupt:
            say("At once, then.")
        for process in living:
            process.kill()
            process.wait()
        processes.end(offspring, patience=1)  # a pool's children must not outlive it

    def identities(self) -> dict[str, processes.Identity]:
        found = {name: processes.Identity.of(child.process.pid) for name, child in self._children.items()}
        return {name: identity for name, identity in found.items() if identity}

    def _launch(self, part: Part) -> subprocess.Popen[bytes]:
        env = {**self._env, **part.env}
        return processes.launch(part.command, log=self._logs / f"{part.name}.log", env=env, cwd=ROOT)

    def _mourn(self, name: str, child: Child, status: int, now: float) -> None:
        quick = now - child.began < QUICK_S
        child.quick_deaths = child.quick_deaths + 1 if quick else 0
        how = signal.Signals(-status).name if status < 0 else f"exit {status}"
        if child.quick_deaths >= MOST_QUICK_DEATHS:
            raise Trouble(
                f"{end_of(child.log)}\n\n`{name}` ended {MOST_QUICK_DEATHS} times right after its start ({how}).",
                f"Its log is {child.log}. `parley doctor` looks at the usual reasons.",
            )
        pause = min(2.0 ** max(child.quick_deaths - 1, 0), LONGEST_PAUSE_S) if quick else 0.0
        child.due = now + pause
        say(f"`{name}` ended ({how}); starting it again{f' in {pause:.0f} s' if pause else ''}. Its log: {child.log}")


def _keep_short(log: Path) -> None:
    """Set a log aside at a start, once it is long; the one before it goes."""
    if log.exists() and log.stat().st_size > LONG_LOG:
        log.replace(log.with_suffix(".log.old"))


def end_of(log: Path, lines: int = 12) -> str:
    """The last lines of a log, set in a little."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join("  " + line for line in text.splitlines()[-lines:])
