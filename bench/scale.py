"""How lists, the history and the search keep up with a long past: p95 over 200,000 chats and 2,000,000 messages.

python -m bench.scale                   makes the past first where it is not there (`parley bench seed`)
python -m bench.scale --rounds 20 --chats 20000
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import report, seed
from bench.report import quantile_ms

ROUNDS = 120
SEARCHED = 15  # of a scenario's questions are looked at for a sequential scan on messages

FEW_ENOUGH = 50_000  # chats

Question = Callable[[], object]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="questions of each kind")
    arguments.add_argument("--chats", type=int, default=seed.CHATS)
    arguments.add_argument("--only", help="only scenarios whose name holds this")
    asked = arguments.parse_args()
    with seed.database(asked.chats) as server:
        os.environ |= seed.environment(server.url())
        Measurement(asked.rounds, asked.chats, asked.only or "").run()


class Measurement:
    """Each scenario asks many questions of one kind, each drawn by chance, one after the other."""

    def __init__(self, rounds: int, chats: int, only: str) -> None:
        from models.db import connect
        from models.queries.access import Viewer
        from models.settings import settings

        connect(settings(), application="parley-bench")
        self.rounds, self.chats, self.only = rounds, chats, only
        self.boss = Viewer(1, "Boss", 1, "supervisor", (2,), 0)
        self.agent = Viewer(9, "Agent", 1, "agent", (10,), 0)
        self.past = seed.Past(chats)
        self.chance = random.Random(11)
        self._session = Path()

    def run(self) -> None:
        from models.db import connection, db

        rows = []
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
        with connection():
            (backend,) = db.execute_sql("select pg_backend_pid()").fetchone()
            self._session = Path(f"/proc/{backend}/schedstat")
            for name, aim, question in self._scenarios():
                if self.only in name:
                    rows.append(self._measured(name, aim, question))
            if rows:
                print(
                    report.table(
                        ["asked", "p50 ms", "p95 ms", "worst ms", "CPU p95 ms", "aim p95", "seq scans on message"], rows
                    )
                )
            if self.only in "insert":
                self._insert_cost()

    def _measured(self, name: str, aim: int, question: Question) -> list[str]:
        for _ in range(5):
            question()
        taken, worked = [], []
        for _ in range(self.rounds):
            began, at_work = time.perf_counter(), self._cpu_s()
            question()
            taken.append(time.perf_counter() - began)
            worked.append(self._cpu_s() - at_work)
        with explained() as plans:
            for _ in range(SEARCHED):
                question()
            scans = sum("Seq Scan on message" in plan for plan in plans)
        figures = [f"{quantile_ms(taken, q):.1f}" for q in (0.5, 0.95, 1)]
        figures += [f"{quantile_ms(worked, 0.95):.1f}"]
        print(f"  {name}: {' / '.join(figures)}", flush=True)
        return [name, *figures, str(aim), str(scans)]

    def _cpu_s(self) -> float:
        """Seconds of a core that this process and its session in the database have used: what others use is not in it."""
        return time.process_time() + int(self._session.read_text().split()[0]) / 1e9

    # --- what is asked ---------------------------------------------------------------------------------------

    def _scenarios(self) -> Iterator[tuple[str, int, Question]]:
        from models.queries import chats, history, search, timeline
        from models.rules.narrowing import Narrowing

        for who, viewer in (("supervisor", self.boss), ("agent", self.agent)):
            yield f"queue list, {who}", 100, lambda v=viewer: chats.inbox(v, which="queue")
            yield f"history, first page, {who}", 150, lambda v=viewer: history.page(v, Narrowing())
            yield f"history, any depth, {who}", 150, lambda v=viewer: self._deep(v, {})
            yield f"history, any filter, {who}", 150, lambda v=viewer: history.page(v, self._narrowed())
            yield f"history, any filter and depth, {who}", 150, lambda v=viewer: self._deep(v, self._criteria())
            yield f"my chats, any depth, {who}", 150, lambda v=viewer: self._deep(v, {"scope": "mine"})
            yield (
                f"history, other orders, {who}", 150,
                lambda v=viewer: history.page(v, Narrowing(), sort=self.chance.choice(("oldest", "longest", "lowest_rating"))),
            )  # fmt: skip
            for kind in ("frequent", "usual", "rare"):
                yield (
                    f"search, {kind} word, {who}",
                    300,
                    lambda v=viewer, k=kind: search.page(v, self._word(k), Narrowing()),
                )
            yield (
                f"search, two words, {who}",
                300,
                lambda v=viewer: search.page(v, f"{self._word('usual')} {self._word('frequent')}", Narrowing()),
            )
            yield f"search, typing error, {who}", 300, lambda v=viewer: search.page(v, self._wrong() + " ", Narrowing())
            yield (
                f"search, half a word, {who}",
                300,
                lambda v=viewer: search.page(v, self._word("usual")[:4], Narrowing()),
            )
            yield (
                f"search, phrase, {who}",
                300,
                lambda v=viewer: search.page(v, f'"{self._word("frequent")} {self._word("frequent")}"', Narrowing()),
            )
            yield (
                f"search with any filter, {who}",
                300,
                lambda v=viewer: search.page(
                    v, self._word(self.chance.choice(("frequent", "usual", "rare"))), self._narrowed()
                ),
            )
            yield (
                f"search by operators, {who}",
                300,
                lambda v=viewer: search.page(
                    v, f"{self._word('usual')} tag:tag{self.chance.randint(1, seed.TAGS)} from:agent", Narrowing()
                ),
            )
        yield "timeline of a customer", 150, lambda: timeline.of_customer(self.boss, self._customer())
        yield "timeline around a message", 150, self._around

    def _deep(self, viewer: Any, criteria: dict[str, Any]) -> None:
        from models.db import one
        from models.queries import history
        from models.rules.narrowing import Narrowing

        at = one("select ended_at, id from chat where id = %s", (self.chance.randint(1, self.chats - 1000),))
        assert at is not None
        history.page(viewer, Narrowing(**criteria), after=f"{at['ended_at'].isoformat()}|{at['id']}")

    def _narrowed(self) -> Any:
        from models.rules.narrowing import Narrowing

        return Narrowing(**self._criteria())

    def _criteria(self) -> dict[str, Any]:
        """One to three criteria, drawn by chance."""
        draw = self.chance
        every: dict[str, Callable[[], Any]] = {
            "team_ids": lambda: (draw.randint(1, seed.TEAMS),),
            "agent_ids": lambda: (draw.randint(2, seed.AGENTS),),
            "tag_ids": lambda: (draw.randint(1, seed.TAGS),),
            "service_ids": lambda: (draw.randint(1, seed.SERVICES),),
            "channel_ids": lambda: (draw.randint(1, 2),),
            "reasons": lambda: (draw.choice(seed.REASONS)[0],),
            "causes": lambda: (draw.choice(seed.CAUSES)[0],),
            "ratings": lambda: (draw.randint(1, 5),),
            "customer_id": self._customer,
            "has_media": lambda: draw.random() < 0.7,
            "escalated": lambda: draw.random() < 0.7,
            "bot_only": lambda: draw.random() < 0.7,
            "from_at": lambda: seed.EPOCH - self.past.step * draw.randrange(self.chats),
        }
        return {name: every[name]() for name in draw.sample(sorted(every), draw.randint(1, 3))}

    def _customer(self) -> int:
        return self.chance.randint(1, self.past.people - 2000)

    def _around(self) -> None:
        from models.db import one
        from models.queries import timeline

        found = one(
            "select m.id, c.customer_id from message m join chat c on c.id = m.chat_id where m.chat_id = %s limit 1",
            (self.chance.randint(1, self.chats),),
        )
        assert found is not None
        timeline.of_customer(self.boss, found["customer_id"], around=found["id"])

    def _word(self, kind: str) -> str:
        first, last = {"frequent": (0, 30), "usual": (200, 3000), "rare": (15_000, seed.VOCABULARY)}[kind]
        return self.past.vocabulary[self.chance.randrange(first, last)]

    def _wrong(self) -> str:
        word = next(word for word in iter(lambda: self._word("usual"), None) if word is not None and len(word) > 5)
        place = self.chance.randrange(1, len(word) - 1)
        return word[:place] + self.chance.choice("qxj") + word[place + 1 :]

    # --- what it costs to write ------------------------------------------------------------------------------

    def _insert_cost(self) -> None:
        """Milliseconds for a message with and without what the search needs, a thousand at a time, taken back again."""
        from models.db import db, run

        insert = (
            "insert into message (chat_id, kind, author_kind, author_name, author_hue, body, all_seq)"
            " select 1, 'text', 'customer', 'x', 1, b, %s + n from unnest(%s::text[]) with ordinality as t(b, n)"
        )
        letters = (
            "drop index message_words; create index on message using gin (body gin_trgm_ops) where kind <> 'event'"
        )
        ways = {"as it is": "", "without the index of words": "drop index message_words"}
        if self.chats <= FEW_ENOUGH:  # to make it takes minutes over millions of messages
            ways["with an index of letters instead"] = letters
        rows = []
        for name, before in ways.items():
            taken = []
            with db.atomic() as undone:
                run("set local statement_timeout = 0")
                if before:
                    run(before)
                for place in range(1, 11):
                    bodies = [self.past.text(self.chance) for _ in range(1000)]
                    began = time.perf_counter()
                    run(insert, (place * 1_000_000, bodies))
                    taken.append((time.perf_counter() - began) / len(bodies))
                undone.rollback()
            rows.append([name, f"{1000 * sum(taken) / len(taken):.3f}"])
        print("\n" + report.table(["storing a message", "ms each"], rows))


@contextmanager
def explained() -> Iterator[list[str]]:
    """The plans of everything that is read inside."""
    from models.db import db

    plans: list[str] = []
    execute = db.execute_sql

    def look(sql: str, params: Any = None) -> Any:
        if sql.lstrip().startswith(("select", "with")):
            cursor = execute("explain (format json) " + sql, params)
            plans.append(_told(json.dumps(cursor.fetchone()[0])))
        return execute(sql, params)

    db.execute_sql = look
    try:
        yield plans
    finally:
        db.execute_sql = execute


def _told(plan: str) -> str:
    """Each scan of a whole table, by its name."""
    found: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Seq Scan":
            found.append(f"Seq Scan on {node['Relation Name']}")
        for child in node.get("Plans", ()):
            walk(child)

    for each in json.loads(plan):
        walk(each["Plan"])
    return ", ".join(found)


if __name__ == "__main__":
    main()
