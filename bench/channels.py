"""Channels under load: webhooks at a steady rate (L6), and live chat while a broadcast goes out (L7).

python -m bench.channels                  both
python -m bench.channels --only L6 --seconds 60

Telegram's side is a server in the generator's own loop; everything of the desk is the product's own processes, the
delivery worker included. Broadcasts go to the widget, as fast as they may, and by Telegram at the pace of a channel.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Iterator, Sequence
from itertools import count

from bench import costs, report, talking
from bench.bot_api import BotApi, bot_api
from bench.desk import Desk, desk
from bench.protocol import ask_once, now
from bench.report import Run, quantile_ms
from bench.talking import Talk, measured
from cli import ports
from models.actions import broadcasts, channels
from models.db import connect, connection, one, run
from models.queries import broadcasts as read
from models.queries.access import Viewer
from models.settings import settings
from workers import connecting

UNTHROTTLED = 1000  # a second, by the broadcast itself: what holds it up then is the desk, or the channel's pace
TOKEN = "123456:the-token-of-a-bench"
CHATS, CHATTING = 100, 100  # chats under way, and messages a second in all of them
HOOKS, NEW, SENDERS = 150, 50, 500  # webhooks a second, new people a second, and how many they are
WIDGETS = range(CHATS + 1, CHATS + 10_001)  # customers whom a broadcast reaches in the widget
BY_TELEGRAM = range(WIDGETS.stop, WIDGETS.stop + 1_000)  # and by Telegram
PATIENCE_S = 300
PART_S = 10  # of live chat, between two looks at how far a broadcast is
ADMIN = Viewer(1, "Agent 1", 160, "admin", (1,), 0)

_PEOPLE = """
insert into identity (customer_id, channel_id, external_id, last_in_at)
    select n, %(channel)s, n::text, now() from generate_series(%(first)s, %(last)s) n
"""


class Bench:
    """The desk, its bot at the provider's, and what was seen."""

    def __init__(self, found: Desk, api: BotApi, asked: argparse.Namespace) -> None:
        self.desk, self.api, self.asked = found, api, asked
        self.runs: list[Run] = []
        self.notes: list[str] = []
        self.channel, self.key, self.word = 0, "", ""

    def connected(self) -> None:
        """A channel as an admin connects it, and people who wrote by it before."""
        with connection():
            run("update desk set bot_enabled = false")
            self.channel = channels.created(ADMIN, "telegram", "Bench", {"token": TOKEN})
            connecting.check(self.channel)
            row = one("select public_key from channel where id = %s", (self.channel,))
            assert row is not None
            self.key = row["public_key"]
            self.word = hmac.new(TOKEN.encode(), f"webhook {self.key}".encode(), hashlib.sha256).hexdigest()
            run(_PEOPLE, {"channel": self.channel, "first": BY_TELEGRAM[0], "last": BY_TELEGRAM[-1]})

    async def chatting(self, talk: Talk, name: str, seconds: float) -> Run:
        seen = Run(name)
        await measured(seen, self.desk.watch(), talk.at_rate(seen, CHATTING, seconds))
        seen.rss_mb = self.desk.front_rss_mb()
        self.runs.append(seen)
        return seen


# --- L6 ---------------------------------------------------------------------------------------------------


async def l6(bench: Bench) -> None:
    """Webhooks at a steady rate, each on a connection of its own: how soon the provider hears that they are kept.

    First everybody writes once, which makes a person and a chat of each; then all of them write in turn.
    """
    numbers = count(1)
    await _called(bench, "new people", NEW, SENDERS / NEW, numbers)
    with connection():
        run("analyze")  # as the database does by itself within a minute
    await _called(bench, "webhooks", HOOKS, bench.asked.seconds, numbers)


async def _called(bench: Bench, what: str, rate: int, seconds: float, numbers: Iterator[int]) -> None:
    seen = Run(f"L6  {rate} {what}/s, {seconds:.0f} s")
    watch, began = bench.desk.watch(), now()
    answers = []
    for place in range(round(rate * seconds)):
        due = began + place / rate
        await asyncio.sleep(max(0.0, due - now()))
        seen.lags.append(now() - due)
        seen.offered += 1
        answers.append(asyncio.create_task(_calls(bench, seen, next(numbers), due)))
    seen.seconds = now() - began
    await asyncio.gather(*answers)
    seen.cost, seen.rss_mb = watch.cost(), bench.desk.front_rss_mb()
    bench.runs.append(seen)
    bench.notes.append(await asyncio.to_thread(_taken_in, seen, began))


async def _calls(bench: Bench, seen: Run, number: int, due: float) -> None:
    """One update of Telegram's. It comes from one of `SENDERS` people in turn."""
    who = 1_000_000 + number % SENDERS
    person = {"id": who, "is_bot": False, "first_name": f"Writer {who}", "language_code": "en"}
    said = {
        "message_id": number,
        "from": person,
        "chat": {"id": who, "type": "private", "first_name": person["first_name"]},
        "date": int(time.time()),
        "text": f"{number:08d}".ljust(120, "."),
    }
    status, _ = await ask_once(
        bench.desk.port,
        "POST",
        f"/hooks/telegram/{bench.key}",
        headers={"X-Telegram-Bot-Api-Secret-Token": bench.word},
        body={"update_id": number, "message": said},
    )
    if status.split()[1] == b"200":
        seen.acks.append(now() - due)
    else:
        seen.errors[status.split()[1].decode()] += 1
        seen.refusals.append(now() - due)


def _taken_in(seen: Run, began: float) -> str:
    """Waits until workers have done everything that was kept."""
    while now() - began < PATIENCE_S:
        with connection():
            left = one("select count(*) as n from inbound where state in ('waiting', 'claimed')")
        assert left is not None
        if not left["n"]:
            break
        time.sleep(0.2)
    took = now() - began
    with connection():
        said = one(
            "select count(*) as messages, count(distinct chat_id) as chats from message where author_kind = 'customer'"
            " and chat_id > %s",
            (CHATS,),
        )
    assert said is not None
    return (
        f"{seen.name}: {len(seen.acks)} kept; by now {said['messages']} messages in {said['chats']} chats,"
        f" the last {took - seen.seconds:.1f} s after the last webhook;"
        f" 2xx p99 {quantile_ms(seen.acks, 0.99):.1f} ms (we ask for 300)"
    )


# --- L7 ---------------------------------------------------------------------------------------------------


async def l7(bench: Bench) -> None:
    """Live chat by itself, then while a broadcast goes out, unthrottled into the widget and throttled by Telegram."""
    talk = await talking.talk_at(bench.desk, CHATS)
    try:
        await talk.at_rate(Run("warm-up"), 50, 3)
        usual = await bench.chatting(talk, f"L7  {CHATTING}/s alone", bench.asked.seconds / 2)
        await _beside(bench, talk, usual, "the widget", WIDGETS)
        bench.api.arrived.clear()
        bench.api.to.clear()
        await _beside(bench, talk, usual, "Telegram", BY_TELEGRAM)
        took = bench.api.arrived[-1] - bench.api.arrived[0]
        bench.notes.append(
            f"L7: Telegram took {len(bench.api.arrived)} in {took:.1f} s, {(len(bench.api.arrived) - 1) / took:.2f}/s,"
            f" {sum(many - 1 for many in bench.api.to.values())} of them again"
        )
    finally:
        talk.close()


async def _beside(bench: Bench, talk: Talk, usual: Run, where: str, to: Sequence[int]) -> None:
    """A broadcast and the same live chat, until the broadcast is over."""
    number = await asyncio.to_thread(_begun, where, to)
    began, watch = now(), bench.desk.watch()
    seen = Run(f"L7  {CHATTING}/s beside {len(to)} to {where}")
    while await asyncio.to_thread(_state, number) == "sending" and now() - began < PATIENCE_S:
        await talk.at_rate(seen, CHATTING, PART_S)
    seen.cost, seen.rss_mb = watch.cost(), bench.desk.front_rss_mb()
    bench.runs.append(seen)
    sent, took = await asyncio.to_thread(_outcome, number)
    ratio = quantile_ms(seen.acks, 0.99) / quantile_ms(usual.acks, 0.99)
    bench.notes.append(
        f"L7: {sent} of {len(to)} to {where} in {took:.1f} s ({sent / took:.1f}/s);"
        f" chat's p99 {ratio:.2f} x its usual (we ask for 1.5)"
    )


def _begun(where: str, to: Sequence[int]) -> int:
    with connection():
        number = broadcasts.draft(
            ADMIN,
            title=f"Bench, {where}",
            body="Measured.",
            audience_kind="list",
            audience={"customer_ids": list(to)},
            rate=UNTHROTTLED,
        )
        broadcasts.schedule(ADMIN, number, confirmed=len(to))
    return number


def _state(number: int) -> str:
    with connection():
        found = one("select state from broadcast where id = %s", (number,))
    assert found is not None
    return str(found["state"])


def _outcome(number: int) -> tuple[int, float]:
    """How many were sent, and in how many seconds."""
    with connection():
        found = one(
            "select extract(epoch from finished_at - started_at)::float8 as took from broadcast where id = %s",
            (number,),
        )
        assert found is not None
        return read.counts([number])[number]["sent"], found["took"]


# ----------------------------------------------------------------------------------------------------------


LOADS = {"L6": l6, "L7": l7}


async def _go(found: Desk, port: int, asked: argparse.Namespace) -> Bench:
    async with bot_api(port) as api:
        bench = Bench(found, api, asked)
        await asyncio.to_thread(bench.connected)
        for name, load in LOADS.items():
            if not asked.only or name in asked.only:
                await load(bench)
        return bench


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=list(LOADS))
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    port = ports.any_free()
    parts, env = ("web", "desk", "delivery", "beat"), {"PARLEY_TELEGRAM_API": f"http://127.0.0.1:{port}"}
    with desk(chats=CHATS, customers=BY_TELEGRAM.stop, parts=parts, env=env) as found:
        found.lend_environment(connections=4)
        connect(settings())
        bench = asyncio.run(_go(found, port, asked))
        print("\n" + report.traffic(bench.runs))
        print("\n" + report.processor(bench.runs))
        print("\n" + "\n".join(bench.notes))
        print(f"delivery worker, all its processes: {costs.family_mb(found.pid('delivery')):.0f} MB")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
