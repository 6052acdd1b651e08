"""The figures of a run, and the tables that show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.costs import GENERATOR, Cost

# A generator behind its own schedule measures itself. Past this the run says nothing about the desk.
VOID_LAG_MS = 50

PARTS = ("web", "anchor", "desk", "delivery", "beat", "postgres", "valkey", GENERATOR)


@dataclass
class Run:
    """What was seen. Times are seconds; an ack's time starts when the message was due, not when it got away."""

    name: str
    offered: int = 0
    seconds: float = 0.0
    acks: list[float] = field(default_factory=list)  # of messages that were accepted
    deliveries: list[float] = field(default_factory=list)  # until the other side of the chat had it
    refusals: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)  # by code
    lags: list[float] = field(default_factory=list)
    cost: Cost | None = None
    rss_mb: float = float("nan")

    @property
    def lag_ms(self) -> float:
        return 1000 * max(self.lags, default=0.0)

    @property
    def void(self) -> bool:
        return self.lag_ms > VOID_LAG_MS

    @property
    def rate(self) -> float:
        return len(self.acks) / self.seconds if self.seconds else float("nan")


def quantile_ms(values: Sequence[float], q: float) -> float:
    if not values:
        return float("nan")
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * q))]


def traffic(runs: Sequence[Run]) -> str:
    """Who offered what, what became of it, and how long it took."""
    rows = [
        [
            run.name,
            str(run.offered),
            str(len(run.acks)),
            f"{run.rate:.0f}",
            str(len(run.deliveries)),
            ", ".join(f"{count} {code}" for code, count in run.errors.most_common()) or "0",
            " / ".join(f"{quantile_ms(run.acks, q):.1f}" for q in (0.5, 0.95, 0.99, 1)),
            " / ".join(f"{quantile_ms(run.deliveries, q):.1f}" for q in (0.5, 0.95, 0.99, 1)),
            f"{run.lag_ms:.0f}{' VOID' if run.void else ''}",
        ]
        for run in runs
    ]
    heads = ["run", "offered", "acked", "acked/s", "delivered", "errors", "ack p50/p95/p99/max ms"]
    return table([*heads, "delivery p50/p95/p99/max ms", "lag ms"], rows)


def processor(runs: Sequence[Run]) -> str:
    """Where the CPU went: percent of one core for each part, and milliseconds for each accepted message."""
    costed = [(run, run.cost) for run in runs if run.cost is not None]
    parts = [part for part in PARTS if any(part in cost.cpu for _, cost in costed)]
    rows = [
        [
            run.name,
            *(f"{cost.percent(part):.0f}" if part in cost.cpu else "" for part in parts),
            f"{_server_ms(run, cost):.2f}",
            f"{cost.all_ms_each(len(run.acks)):.2f}",
            f"{run.rss_mb:.0f}",
        ]
        for run, cost in costed
    ]
    return table(["run", *(f"{part} %" for part in parts), "server ms/msg", "all ms/msg", "server RSS MB"], rows)


def ratios(run: Run, anchors: Sequence[Run]) -> str:
    """One run of the desk beside the same load on the bare servers."""
    rows = [
        [
            anchor.name,
            f"{run.rate / anchor.rate:.2f}" if anchor.rate else "",
            f"{quantile_ms(run.acks, 0.99) / quantile_ms(anchor.acks, 0.99):.2f}" if anchor.acks else "",
            f"{_server_ms(run, run.cost) / _server_ms(anchor, anchor.cost):.2f}" if run.cost and anchor.cost else "",
        ]
        for anchor in anchors
    ]
    return table([f"{run.name} against", "rate x", "ack p99 x", "server CPU/msg x"], rows)


def _server_ms(run: Run, cost: Cost) -> float:
    return cost.ms_each("anchor" if "anchor" in cost.cpu else "web", len(run.acks))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, the first to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    lines = [
        "  ".join(cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in (heads, rule, *rows))
    ]
    return "\n".join(lines)
