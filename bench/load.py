"""Load on one front: rates, overload, idle sockets, a cold start, and two bare servers beside it.

python -m bench.load                    every load, the long one shortened to a minute
python -m bench.load --full             the long one at its full ten minutes
python -m bench.load --only L2 L11      some of them; `anchors` names the bare servers
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial

from bench import costs, report, talking
from bench.anchors.start import FLASK, NODE, Unavailable, anchor
from bench.desk import Desk, desk
from bench.report import Run, quantile_ms
from bench.talking import Talk, measured

CHATS, CHATS_CLOSED = 250, 200
IN_FLIGHT = 40
IDLE = 2_000
IDLE_WATCHED_S = 30
USUAL_P99_MS = 150  # what L1 asks for: after an overload, "back to normal" means this again
WARM_UP_S = 3

Load = Callable[["Bench"], Awaitable[None]]


class Bench:
    """One run of the generator: what was asked for, and what was seen."""

    def __init__(self, found: Desk, asked: argparse.Namespace) -> None:
        self.desk, self.asked = found, asked
        self.runs: list[Run] = []
        self.notes: list[str] = []
        self.anchor_runs: dict[str, list[Run]] = {}
        self._talk: Talk | None = None

    async def talk(self) -> Talk:
        """Both ends of every chat, opened when first needed."""
        if self._talk is None:
            began = time.perf_counter()
            self._talk = await talking.talk_at(self.desk, CHATS)
            self.notes.append(f"{2 * CHATS} sockets opened in {time.perf_counter() - began:.1f} s")
            await self._talk.at_rate(Run("warm-up"), 50, WARM_UP_S)
        return self._talk

    def hang_up(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None

    def seconds(self, usual: float) -> float:
        return float(self.asked.seconds or usual)

    async def at_rate(self, name: str, rate: float, seconds: float) -> Run:
        talk = await self.talk()
        run = Run(name)
        await measured(run, self.desk.watch(), talk.at_rate(run, rate, seconds))
        run.rss_mb = self.desk.front_rss_mb()
        self.runs.append(run)
        return run


async def l1(bench: Bench) -> None:
    """500 sockets, 100 messages a second."""
    seconds = 600 if bench.asked.full else bench.seconds(60)
    await bench.at_rate(f"L1  100/s, {seconds:.0f} s", 100, seconds)


async def l2(bench: Bench) -> None:
    """300 messages a second."""
    seconds = bench.seconds(60)
    await bench.at_rate(f"L2  300/s, {seconds:.0f} s", 300, seconds)


async def l3(bench: Bench) -> None:
    """More than there may be room for: what is refused, how fast, and how soon it is over."""
    rate, seconds = bench.asked.overload, bench.seconds(60)
    await bench.talk()
    before = bench.desk.front_rss_mb()
    run = await bench.at_rate(f"L3  {rate:.0f}/s, {seconds:.0f} s", rate, seconds)
    refused = f"refused after p99 {quantile_ms(run.refusals, 0.99):.0f} ms" if run.refusals else "nothing refused"
    bench.notes.append(
        f"L3: {refused}; RSS {before:.0f} -> {run.rss_mb:.0f} MB; back to normal {await _recovery(bench)}"
    )


async def _recovery(bench: Bench) -> str:
    """After an overload: the first second from which p99 stays as usual."""
    talk, late = await bench.talk(), 0
    for second in range(1, 16):
        run = Run("after")
        await talk.at_rate(run, 50, 1)
        if run.errors or quantile_ms(run.acks, 0.99) > USUAL_P99_MS:
            late = second
    return f"within {late + 1} s" if late < 15 else "not within 15 s"


async def l4(bench: Bench) -> None:
    """Sockets that say nothing: what they weigh, and what they keep the front doing."""
    bench.hang_up()
    await asyncio.sleep(2)
    before, began = bench.desk.front_rss_mb(), time.perf_counter()
    nobody = talking.Ears().of(0)
    first = CHATS + 1
    sockets = await talking.few_at_a_time(
        partial(talking.visitor, bench.desk, number, nobody) for number in range(first, first + IDLE)
    )
    opened = time.perf_counter() - began
    watch = bench.desk.watch()
    await asyncio.sleep(bench.seconds(IDLE_WATCHED_S))
    cost, after = watch.cost(), bench.desk.front_rss_mb()
    bench.notes.append(
        f"L4: {IDLE} idle sockets opened in {opened:.1f} s, {sum(socket.alive for socket in sockets)} alive;"
        f" RSS {before:.0f} -> {after:.0f} MB; front {cost.percent('web'):.1f} % of a core,"
        f" postgres {cost.percent('postgres'):.1f} %"
    )
    for socket in sockets:
        socket.close()
    await asyncio.sleep(2)


async def l10(bench: Bench) -> None:
    """How soon a front serves."""
    bench.hang_up()
    took = await asyncio.to_thread(bench.desk.restart_front)
    bench.notes.append(f"L10: a front is ready {took:.1f} s after its start")


async def l11(bench: Bench) -> None:
    """As fast as answers come."""
    talk = await bench.talk()
    run = Run(f"L11 {IN_FLIGHT} in flight")
    some = Talk(talk.pairs[:CHATS_CLOSED], talk.ears)
    await measured(run, bench.desk.watch(), some.in_flight(run, IN_FLIGHT, bench.seconds(20)))
    run.rss_mb = bench.desk.front_rss_mb()
    bench.runs.append(run)


async def anchors(bench: Bench) -> None:
    """The same generator on two bare servers, on the same machine at the same time of day."""
    bench.hang_up()
    for name in (FLASK, NODE):
        try:
            with anchor(name, bench.desk) as bare:
                talk = await talking.talk_at_anchor(bare.port, CHATS_CLOSED)
                await talk.at_rate(Run("warm-up"), 50, WARM_UP_S)
                parts = {"anchor": bare.pid, **bench.desk.servers()}
                open_loop, closed = Run(f"{name}, 300/s"), Run(f"{name}, {IN_FLIGHT} in flight")
                seconds = bench.seconds(15)
                await measured(open_loop, costs.Watch(parts), talk.at_rate(open_loop, 300, seconds))
                await measured(closed, costs.Watch(parts), talk.in_flight(closed, IN_FLIGHT, seconds))
                for run in (open_loop, closed):
                    run.rss_mb = costs.rss_mb(bare.pid)
                bench.anchor_runs[name] = [open_loop, closed]
                talk.close()
        except Unavailable as reason:
            bench.notes.append(f"Not measured: {name}, because {reason}.")


LOADS: dict[str, Load] = {"L1": l1, "L2": l2, "L11": l11, "L3": l3, "L4": l4, "L10": l10, "anchors": anchors}


async def run(found: Desk, asked: argparse.Namespace) -> None:
    bench = Bench(found, asked)
    for name in asked.only or LOADS:
        print(f"{name}: {(LOADS[name].__doc__ or '').strip()}", flush=True)
        await LOADS[name](bench)
    bench.hang_up()
    print_all(bench)


def print_all(bench: Bench) -> None:
    runs = [*bench.runs, *(each for pair in bench.anchor_runs.values() for each in pair)]
    if runs:
        print(f"\n{report.traffic(runs)}\n\n{report.processor(runs)}")
    for place, ours in ((0, "L2"), (1, "L11")):
        mine = next((each for each in bench.runs if each.name.startswith(f"{ours} ")), None)
        if mine is not None and bench.anchor_runs:
            print(f"\n{report.ratios(mine, [pair[place] for pair in bench.anchor_runs.values()])}")
    print("\n" + "\n".join(bench.notes))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--full", action="store_true", help="L1 for ten minutes")
    arguments.add_argument("--only", nargs="+", choices=LOADS, metavar="LOAD", help=", ".join(LOADS))
    arguments.add_argument("--seconds", type=float, help="for each load, in place of its own")
    arguments.add_argument("--overload", type=float, default=600, help="messages a second in L3")
    asked = arguments.parse_args()
    load = " / ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, load before {load}; generator, front and servers share them\n", flush=True)
    with desk(chats=CHATS, customers=CHATS + IDLE) as found:
        asyncio.run(run(found, asked))


if __name__ == "__main__":
    main()
