"""What processes cost: CPU seconds and memory of each part of the desk, from the system's own books."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

GENERATOR = "generator"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of each part between two looks, `seconds` apart."""

    seconds: float
    cpu: Mapping[str, float]

    def percent(self, part: str) -> float:
        """Of one core."""
        return 100 * self.cpu.get(part, 0.0) / self.seconds

    def ms_each(self, part: str, count: int) -> float:
        return 1000 * self.cpu.get(part, 0.0) / count if count else float("nan")

    def all_ms_each(self, count: int) -> float:
        """Of everything but the generator."""
        return sum(self.ms_each(part, count) for part in self.cpu if part != GENERATOR)


class Watch:
    """Looks at the parts now, and again when asked what they have cost since."""

    def __init__(self, parts: Mapping[str, int]) -> None:
        self._parts = parts
        self._began, self._before = time.perf_counter(), self._used()

    def cost(self) -> Cost:
        after = self._used()
        return Cost(time.perf_counter() - self._began, {part: after[part] - self._before[part] for part in after})

    def _used(self) -> dict[str, float]:
        own = os.times()
        return {**{part: cpu_s(pid) for part, pid in self._parts.items()}, GENERATOR: own.user + own.system}


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children, those that have ended included."""
    used = 0.0
    with suppress(psutil.Error):
        head = psutil.Process(pid)
        ended = head.cpu_times()
        used += ended.children_user + ended.children_system
        for process in (head, *head.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
    return used


def rss_mb(pid: int) -> float:
    """Resident memory of one process alone."""
    found: float = psutil.Process(pid).memory_info().rss / 2**20
    return found


def family_mb(pid: int) -> float:
    """What a process and its children take together, what they share counted once (PSS)."""
    head = psutil.Process(pid)
    return float(sum(each.memory_full_info().pss for each in (head, *head.children(recursive=True)))) / 2**20
