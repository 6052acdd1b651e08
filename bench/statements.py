"""What one message costs the database: statements, and rows for each flush to disk, alone and under load.

python -m bench.statements
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable

from bench import report, talking
from bench.desk import Desk, desk
from bench.report import Run
from bench.talking import Talk

CHATS, IN_FLIGHT = 100, 40
ALONE, TOGETHER_S = 200, 8
SELDOM = 0.02  # calls a message: below it, a statement belongs to the loops beside and not to the message

_COUNTED = """
select regexp_replace(left(query, 400), '\\s+', ' ', 'g') || '|' || calls
from pg_stat_statements where userid = 'parley'::regrole order by calls desc
"""
_FLUSHES = "select sum(fsyncs)::text from pg_stat_io where object = 'wal'"


async def measure(found: Desk) -> None:
    talk = await talking.talk_at(found, CHATS)
    await talk.at_rate(Run("warm-up"), 50, 2)
    alone, together = Run("one at a time"), Run(f"{IN_FLIGHT} in flight")
    await counted(found, alone, _one_at_a_time(talk, alone))
    await counted(found, together, talk.in_flight(together, IN_FLIGHT, TOGETHER_S))
    talk.close()


async def _one_at_a_time(talk: Talk, run: Run) -> None:
    few = Talk(talk.pairs[:2], talk.ears)  # both ends of each take turns: half customers, half agents
    while len(run.acks) < ALONE:
        await few.in_flight(run, 1, 0.2)


async def counted(found: Desk, run: Run, work: Awaitable[None]) -> None:
    """Run `work` and print which statements it came to."""
    with found.postgres.superuser("parley") as server:
        server.run("select pg_stat_statements_reset()")
        before = int(server.column(_FLUSHES)[0])
        await work
        await asyncio.sleep(1.5)  # a session reports what it has flushed about once a second
        flushes = int(server.column(_FLUSHES)[0]) - before
        calls = [(each.rpartition("|")[0], int(each.rpartition("|")[2])) for each in server.column(_COUNTED)]
    messages = len(run.acks)
    of_messages = [(query, count) for query, count in calls if count / messages > SELDOM]
    print(
        f"\n{run.name}: {messages} messages, {sum(count for _, count in of_messages) / messages:.2f} statements each,"
        f" {messages / max(1, flushes):.1f} messages for each flush ({flushes} flushes)\n"
    )
    print(report.table(["statement", "for each message"], [[q[:90], f"{n / messages:.2f}"] for q, n in of_messages]))


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    # Without workers: what they do meanwhile would be counted with the rest.
    with desk(chats=CHATS, parts=("web",), count_statements=True) as found:
        asyncio.run(measure(found))


if __name__ == "__main__":
    main()
