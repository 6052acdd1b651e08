"""Who is shown as there: tabs that close and reload, cables that are pulled, sockets that flap (F36, F37, F38).

python -m bench.presence                about three minutes: leases have to run out
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench import report, talking
from bench.desk import Desk, desk
from bench.protocol import Socket, now

EACH = 20  # agents in each group
FLAPPING_S = 60
FLAP_S = (0.2, 6.0)  # a socket is away, and there, for so long each time; the grace of a clean close is ten seconds
SETTLED_S = 6  # until a sweep has told who was there from the beginning
WATCHED_S = 75  # after the last move: a lease lasts 45 s, a sweep comes every 5 s

OFFLINE_CLEAN_S, OFFLINE_PULLED_S = 15, 60  # what is promised


@dataclass
class Watcher:
    """A colleague who sees everybody's status change."""

    seen: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def __call__(self, event: str, payload: Any, at: float) -> None:
        if event == "presence:changed":
            self.seen.setdefault(payload["id"], []).append((at, payload["status"]))

    def changes(self, agent: int, since: float) -> list[tuple[float, str]]:
        """The statuses this agent was shown with after that moment, each once."""
        shown: list[tuple[float, str]] = []
        for at, status in self.seen.get(agent, []):
            if at >= since and (not shown or shown[-1][1] != status):
                shown.append((at - since, status))
        return shown


class Bench:
    def __init__(self, found: Desk, watcher: Watcher) -> None:
        self.desk, self.watcher = found, watcher
        self.rows: list[list[str]] = []

    async def open(self, agents: range) -> list[Socket]:
        return await talking.few_at_a_time(partial(talking.agent, self.desk, each, _deaf) for each in agents)

    async def one_of_two_tabs_closes(self, agents: range) -> None:
        """F36: nothing happens."""
        stay, go = await self.open(agents), await self.open(agents)
        began = now()
        for each in go:
            each.close()
        await asyncio.sleep(WATCHED_S)
        flickers = sum(bool(self.watcher.changes(agent, began)) for agent in agents)
        self.rows.append(["F36 one of two tabs closes", str(len(agents)), f"{flickers} shown otherwise", "0"])
        for each in stay:
            each.close()

    async def reload(self, agents: range) -> None:
        """F36: the last tab closes and comes back within the grace."""
        sockets = await self.open(agents)
        began = now()
        for each in sockets:
            each.close()
        await asyncio.sleep(3)
        again = await self.open(agents)
        await asyncio.sleep(WATCHED_S)
        flickers = sum(bool(self.watcher.changes(agent, began)) for agent in agents)
        self.rows.append(["F36 the page is reloaded", str(len(agents)), f"{flickers} shown otherwise", "0"])
        for each in again:
            each.close()

    async def the_last_tab_closes(self, agents: range) -> None:
        """F36: offline, soon."""
        sockets = await self.open(agents)
        await asyncio.sleep(1)
        began = now()
        for each in sockets:
            each.close()
        await asyncio.sleep(WATCHED_S)
        self._gone("F36 the last tab closes", agents, began, OFFLINE_CLEAN_S)

    async def cables_are_pulled(self, agents: range) -> None:
        """F37: the socket stays open and nothing comes any more."""
        sockets = await self.open(agents)
        await asyncio.sleep(1)
        began = now()
        for each in sockets:
            each.fall_silent()
        await asyncio.sleep(WATCHED_S)
        self._gone("F37 the cable is pulled", agents, began, OFFLINE_PULLED_S)
        for each in sockets:
            each.close()

    async def sockets_flap(self, agents: range) -> None:
        """F38: there and away, never away for longer than the grace."""
        sockets = await self.open(agents)
        await asyncio.sleep(SETTLED_S)
        began = now()

        async def flap(agent: int, socket: Socket) -> tuple[float, float]:
            """When its last socket closed, since `began`, and its longest absence before that. Coming back takes time, too."""
            dice, longest = random.Random(agent), 0.0
            while True:
                await asyncio.sleep(dice.uniform(*FLAP_S))
                socket.close()
                closed = now()
                if closed - began > FLAPPING_S:
                    return closed - began, longest
                await asyncio.sleep(dice.uniform(*FLAP_S))
                socket = await talking.agent(self.desk, agent, _deaf)
                longest = max(longest, now() - closed)

        ended = await asyncio.gather(*(flap(agent, socket) for agent, socket in zip(agents, sockets, strict=True)))
        flaps = sum(
            status == "offline" and after < last
            for agent, (last, _) in zip(agents, ended, strict=True)
            for after, status in self.watcher.changes(agent, began)
        )
        away = max(longest for _, longest in ended)
        said = f"{flaps} shown as gone meanwhile, away for {away:.1f} s at most"
        self.rows.append(["F38 sockets flap for a minute", str(len(agents)), said, "0"])

    def _gone(self, name: str, agents: range, began: float, promised_s: int) -> None:
        delays = [
            next((after for after, status in self.watcher.changes(agent, began) if status == "offline"), None)
            for agent in agents
        ]
        seen = sorted(delay for delay in delays if delay is not None)
        said = f"{len(seen)} offline after {seen[0]:.1f} to {seen[-1]:.1f} s" if seen else "nobody went offline"
        self.rows.append([name, str(len(agents)), said, f"all within {promised_s} s"])


def _deaf(event: str, payload: Any, at: float) -> None:
    """Agents under test hear nothing; the watcher does."""


async def measure(found: Desk) -> str:
    watcher = Watcher()
    eye = await talking.agent(found, 5 * EACH + 1, watcher)
    bench = Bench(found, watcher)
    groups = [range(1 + place * EACH, 1 + (place + 1) * EACH) for place in range(5)]
    works: list[Callable[[range], Awaitable[None]]] = [
        bench.one_of_two_tabs_closes,
        bench.reload,
        bench.the_last_tab_closes,
        bench.cables_are_pulled,
        bench.sockets_flap,
    ]
    await asyncio.gather(*(work(group) for work, group in zip(works, groups, strict=True)))
    eye.close()
    return report.table(["what happens", "agents", "what a colleague saw", "promised"], sorted(bench.rows))


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with desk(chats=5 * EACH + 1, parts=("web", "desk", "beat")) as found:
        print("\n" + asyncio.run(measure(found)))


if __name__ == "__main__":
    main()
