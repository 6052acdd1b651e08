"""Broadcasts whose senders are killed at random moments: doubles, sums, how fast they go, how soon a cancel is seen (F35).

python -m bench.broadcast                        10,000 recipients, 50 kills: a provider, then the widget, then a cancel
python -m bench.broadcast --recipients 2000 --kills 10

The provider delivers whatever it is sent, twice if it is sent twice, and keeps its own book in a file: what it took is
counted there and not in the desk's ledger. The widget is the product's own channel.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench import report
from bench.desk import desk
from cli import ROOT
from models.actions import broadcasts, sending
from models.channels.outgoing import Handed, Parcel
from models.channels.profile import Account, Capabilities
from models.db import connect, connection, one, rows
from models.queries import broadcasts as read
from models.queries.access import Viewer
from models.settings import settings
from workers import casting

RECIPIENTS, KILLS, SENDERS = 10_000, 50, 2
RATE = 1000  # more than two cores can send: unthrottled
BETWEEN_KILLS_S = (0.2, 1.0)
PATIENCE_S = 420
LET_GO_S = 45  # a cancelled broadcast is over when the last lease has run out
CAREFUL = Capabilities(longest=2000, idempotent=False)
BOSS = Viewer(1, "Agent 1", 160, "supervisor", (1,), 0)


class Provider:
    """Takes whatever comes and writes it into its book, one line with the time at once, before it answers."""

    kind = "web"
    can = CAREFUL

    def __init__(self, book: Path) -> None:
        self._book = os.open(book, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, _: Account, parcel: Parcel) -> Handed:
        os.write(self._book, f"{parcel.key} {time.time():.3f}\n".encode())
        return Handed("sent", provider_id=parcel.key)


def sender(broadcast_id: int, book: Path | None) -> None:
    """What a delivery worker does, until it is killed."""
    connect(settings())
    channels = casting.CHANNELS if book is None else {"web": Provider(book)}
    if book is not None:
        sending.KINDS = {"web": CAREFUL}  # type: ignore[assignment]
    with connection():
        while True:
            casting.send(broadcast_id, channels)
            time.sleep(0.05)


class Senders:
    """Processes that send, and are killed."""

    def __init__(self, broadcast_id: int, book: Path | None) -> None:
        self._command = [sys.executable, "-m", "bench.broadcast", "--send", str(broadcast_id)]
        if book is not None:
            self._command += ["--book", str(book)]
        self._running = [self._start() for _ in range(SENDERS)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def kill_one(self, dice: random.Random) -> None:
        """SIGKILL, and another in its place."""
        place = dice.randrange(SENDERS)
        self._running[place].send_signal(signal.SIGKILL)
        self._running[place].wait()
        self._running[place] = self._start()

    def stop(self) -> None:
        for each in self._running:
            each.kill()
            each.wait()


def begun(recipients: int) -> int:
    ids = [each["id"] for each in rows("select id from customer order by id limit %s", (recipients,))]
    number = broadcasts.draft(
        BOSS, title="Bench", body="Measured.", audience_kind="list", audience={"customer_ids": ids}, rate=RATE
    )
    broadcasts.schedule(BOSS, number, confirmed=recipients)
    return number


def state_of(number: int) -> str:
    found = one("select state from broadcast where id = %s", (number,))
    assert found is not None
    return str(found["state"])


def killed(name: str, recipients: int, kills: int, book: Path | None) -> list[str]:
    """Send one while senders are killed, and count afterwards what arrived."""
    dice, number = random.Random(35), begun(recipients)
    senders, left, began = Senders(number, book), kills, time.monotonic()
    due = began + dice.uniform(*BETWEEN_KILLS_S)
    while state_of(number) == "sending" and time.monotonic() - began < PATIENCE_S:
        sending.sweep()
        if left and time.monotonic() >= due:
            senders.kill_one(dice)
            left -= 1
            due = time.monotonic() + dice.uniform(*BETWEEN_KILLS_S)
        time.sleep(0.1)
    spent = time.monotonic() - began
    senders.stop()
    counts = read.counts([number])[number]
    arrived = _book(book) if book is not None else _widgets(number)
    sent = {f"broadcast-{number}-{each['id']}" for each in rows(
        "select id from recipient where broadcast_id = %s and state = 'sent'", (number,)
    )}  # fmt: skip
    return [
        name,
        str(counts["total"]),
        str(kills - left),
        f"{spent:.0f}",
        *(str(counts[each]) for each in ("sent", "failed", "unknown", "skipped")),
        str(counts["total"] - sum(counts[each] for each in ("sent", "failed", "unknown", "skipped"))),
        str(sum(many - 1 for many in arrived.values() if many > 1)),
        str(len(sent - arrived.keys())),
    ]


def _book(path: Path) -> Counter[str]:
    return Counter(line.split()[0] for line in path.read_text().splitlines())


def _widgets(number: int) -> Counter[str]:
    """What lies in widgets and stands in chats, for each recipient."""
    found = rows(
        "select r.id, count(distinct n.id) + (select count(*) from message m where m.data #>> '{broadcast,id}' = %s::text"
        " and m.chat_id = n.chat_id) - count(distinct n.message_id) as many"
        " from recipient r join notice n on n.recipient_id = r.id where r.broadcast_id = %s group by r.id, n.chat_id",
        (number, number),
    )
    return Counter({f"broadcast-{number}-{each['id']}": int(each["many"]) for each in found})


def cancelled(recipients: int, book: Path) -> list[str]:
    """Cancel half-way: seconds from the cancel's answer to the last thing the provider took."""
    number = begun(recipients)
    senders = Senders(number, book)
    while read.counts([number])[number]["sent"] < recipients // 2:
        time.sleep(0.05)
    broadcasts.cancel(BOSS, number)
    at, deadline = time.time(), time.monotonic() + LET_GO_S
    while read.counts([number])[number]["claimed"] and time.monotonic() < deadline:
        sending.sweep()
        time.sleep(0.2)
    time.sleep(3)
    senders.stop()
    counts = read.counts([number])[number]
    last = max(float(line.split()[1]) for line in book.read_text().splitlines())
    return [
        str(counts["total"]),
        *(str(counts[each]) for each in ("sent", "unknown", "skipped")),
        str(len(_book(book)) - counts["sent"] - counts["unknown"]),
        f"{max(last - at, 0):.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--send", type=int, help=argparse.SUPPRESS)  # a sender of this bench itself
    parser.add_argument("--book", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.send:
        sender(asked.send, asked.book)
    with desk(chats=20, customers=asked.recipients, parts=("web",)) as found, tempfile.TemporaryDirectory() as folder:
        found.lend_environment(connections=4)
        connect(settings())
        with connection():
            many, kills = asked.recipients, asked.kills
            usual = sending.KINDS
            sending.KINDS = {"web": CAREFUL}  # type: ignore[assignment]
            table = [killed("a provider", many, kills, Path(folder) / "killed")]
            stop = cancelled(many, Path(folder) / "cancelled")
            sending.KINDS = usual
            table.append(killed("the widget", many, kills, None))
    heads = ["F35", "recipients", "kills", "seconds", "sent", "failed", "unknown", "skipped", "in no state", "doubles"]
    heads.append("sent, never arrived")
    print("\n" + report.table(heads, table))
    print(
        "\n"
        + report.table(["cancelled half-way", "sent", "unknown", "skipped", "more arrived", "last after s"], [stop])
    )
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
