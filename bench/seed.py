"""A desk with a long past: 200,000 chats with 2,000,000 messages by COPY, kept in a database of its own for `scale`.

python -m bench.seed                    once; says so when it is there already
python -m bench.seed --chats 20000 --fresh
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from cli import ROOT, migrate, ports
from cli import account as accounts
from cli.postgres import Postgres
from cli.rundir import RunDir

CHATS = 200_000
A_CHAT = 10  # messages on average, events among them
AGENTS, TEAMS, TAGS, SERVICES = 200, 20, 40, 12
WAITING, ACTIVE = 400, 600
YEARS = 3
VOCABULARY = 40_000
PIECE = 20_000  # rows in one COPY

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = "Ada Ben Chi Dora Emeka Femi Grace Hugo Ines Jan Kofi Lena Maya Noor Otto Priya Rosa Sam Thandi Uma Vera Wale Yara Zoe".split()
SURNAMES = "Okonkwo Lindholm Pritchard Farouk Gallagher Raman Nunes Adebayo Duarte Watanabe Berg Hale Ruiz Moreau Novak".split()
REASONS = (("resolved", 60), ("no_response", 14), ("follow_up", 12), ("time_waster", 6), ("other", 8))
CAUSES = (("visitor_ended", 4), ("queue_abandoned", 3), ("inactivity", 6), ("queue_expired", 2))

Row = tuple[Any, ...]


@contextmanager
def database(chats: int, *, fresh: bool = False) -> Iterator[Postgres]:
    """The kept server with this many chats in it; made when it is not there."""
    account = accounts.service_account()
    home = accounts.home_for(RunDir().make().path, account) / f"bench-scale-{chats}"
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    secret = home / "password"
    if not secret.exists():
        secret.write_text(secrets.token_hex(12))
        secret.chmod(0o600)
    server = Postgres(home / "postgres", ports.any_free(), secret.read_text(), account)
    server.start()
    try:
        server.ensure_database()
        with server.superuser("parley") as boss:
            # what a machine of this size is given; everything else is as `parley up` starts it
            for setting in ("shared_buffers = '1GB'", "maintenance_work_mem = '512MB'", "max_wal_size = '8GB'"):
                boss.run(f"alter system set {setting}")
        server.stop()
        server.start()
        migrate.migrate(server.url())
        if not _filled(server):
            fill(server.url(), chats)
        yield server
    finally:
        server.stop()


def environment(url: str) -> dict[str, str]:
    """What the desk's own code needs to work on this database and on nothing else."""
    return {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PARLEY_SECRET_KEY": "x" * 32,
        "PARLEY_LOG": "warning",
    }


def _filled(server: Postgres) -> bool:
    with server.superuser("parley") as boss:
        return boss.one("select 1 from chat limit 1") is not None


def fill(url: str, chats: int) -> None:
    """Put everything into an empty, migrated database."""
    began = time.perf_counter()
    bare = "from models.seeds.desk import seed_bare; seed_bare(channel_key='shop')"
    code = f"from models.db import connect; from models.settings import settings; connect(settings()); {bare}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **environment(url)}, check=True)
    db = psycopg2.connect(url)
    with db, db.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname in ('message_words', 'word_letters')")
        later = [row[0] for row in cursor.fetchall()]
        cursor.execute("drop index message_words; drop index word_letters")
        _people(cursor, chats)
        past = Past(chats)
        for table, columns in TABLES.items():
            _copy(cursor, table, columns, getattr(past, table)())
        print(f"copied after {time.perf_counter() - began:.0f} s", flush=True)
        for statement in (*later, *_SEQUENCES):
            cursor.execute(statement)
        cursor.execute(_LEARN)
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("vacuum analyze")
        cursor.execute("select pg_size_pretty(pg_database_size(current_database()))")
        (size,) = cursor.fetchone() or ("?",)
    db.close()
    print(f"{chats:,} chats in {time.perf_counter() - began:.0f} s, {size}", flush=True)


_SEQUENCES = tuple(
    f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"
    for table in ("customer", "session", "chat", "message", "agent", "team", "tag", "service")
)
# What the worker would have counted by now.
_LEARN = """
insert into word select w, count(*)::int from message m, regexp_split_to_table(lower(unaccent(m.body)), '[^[:alpha:]]+') w
where m.kind <> 'event' and length(w) between 3 and 30 group by w;
update word_mark set message_id = (select max(id) from message)
"""

TABLES: dict[str, str] = {
    "customer": "id, name, email, created_at",
    "session": "id, customer_id, subject, created_at",
    "chat": "id, session_id, customer_id, channel_id, team_id, state, owner_id, ended_owner_id, service_id, pub_seq, all_seq,"
    " created_at, queued_at, first_replied_at, ended_at, end_cause, end_reason, end_note, first_body, last_body,"
    " last_author_kind, last_at, rating, escalations",
    "assignment": "chat_id, agent_id, from_at, to_at, how",
    "chat_tag": "chat_id, tag_id, created_at",
    "message": "id, chat_id, kind, author_kind, author_id, author_name, author_hue, body, data, all_seq, pub_seq, created_at",
    "attachment": "token, chat_id, message_id, name, kind, content_type, size, storage_key",
}


def _people(cursor: Any, chats: int) -> None:
    cursor.execute("insert into channel (kind, name, public_key, allowed_origins) values ('web', 'Help', 'help', '{}')")
    cursor.execute(
        "insert into team (name, hue) select 'Team ' || n, 200 from generate_series(1, %s) n order by n", (TEAMS,)
    )
    cursor.execute(
        "insert into agent (name, email, password_hash, role, hue) select"
        " (%s::text[])[1 + n %% %s] || ' ' || n, 'agent' || n || '@bench.example', 'none',"
        " case when n = 1 then 'supervisor' else 'agent' end, 160 from generate_series(1, %s) n order by n",
        (NAMES, len(NAMES), AGENTS),
    )
    cursor.execute(
        "insert into team_member (team_id, agent_id) select 1 + n %% %s, n from generate_series(1, %s) n",
        (TEAMS, AGENTS),
    )
    cursor.execute("insert into tag (name, hue) select 'tag' || n, 1 from generate_series(1, %s) n order by n", (TAGS,))
    cursor.execute(
        "insert into service (key, name, answer) select 's' || n, 'Service ' || n, 'Yes' from generate_series(1, %s) n"
        " order by n",
        (SERVICES,),
    )
    assert chats > WAITING + ACTIVE


class Past:
    """Three years of chats, the same whenever it is made. Each method gives the rows of the table of its name."""

    def __init__(self, chats: int) -> None:
        self.chats, self.people = chats, max(2_000, chats // 3)
        self.step = timedelta(days=365 * YEARS) / chats
        self.vocabulary = _vocabulary()
        self._weights = [1 / (rank + 8) for rank in range(len(self.vocabulary))]
        total = 0.0
        self._sums = [total := total + weight for weight in self._weights]

    def customer(self) -> Iterator[Row]:
        chance = random.Random(1)
        for number in range(1, self.people + 1):
            name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)} {number}" if chance.random() < 0.7 else None
            yield number, name, f"c{number}@example.com" if name else None, EPOCH - timedelta(days=365 * YEARS)

    def session(self) -> Iterator[Row]:
        for number, began, *_ in self._outlines():
            yield number, self._customer(number), "An inquiry", began

    def chat(self) -> Iterator[Row]:
        for number, began, many, chance in self._outlines():
            ended = began + timedelta(minutes=2 + chance.expovariate(1 / 14))
            state = self._state(number)
            bot_only = state == "ended" and chance.random() < 0.15
            owner = 2 + number * 7 % (AGENTS - 1)
            cause, reason = "agent", _drawn(chance, REASONS)
            if bot_only:
                cause, reason = "bot_idle", None
            elif chance.random() < 0.15:
                cause, reason = _drawn(chance, CAUSES), None
            handled = state == "ended" and not bot_only
            yield (
                number, number, self._customer(number), 1 + number % 2, 1 + owner % TEAMS, state,
                owner if state == "active" else None, owner if handled else None,
                1 + chance.randrange(SERVICES) if chance.random() < 0.3 else None, many, many, began,
                None if bot_only else began, began + timedelta(minutes=1) if handled else None,
                ended if state == "ended" else None, cause if state == "ended" else None,
                reason if state == "ended" else None, "No other" if reason == "other" else None, self.text(chance), "Thanks",
                "customer", ended, chance.choice((1, 2, 3, 4, 4, 5, 5, 5)) if handled and chance.random() < 0.3 else None,
                1 if handled and chance.random() < 0.03 else 0,
            )  # fmt: skip

    def assignment(self) -> Iterator[Row]:
        for each in self.chat():
            number, began, ended = each[0], each[11], each[14]
            owner = each[6] or each[7]
            if owner is not None:
                yield number, owner, began + timedelta(seconds=30), ended or None, "pick"

    def chat_tag(self) -> Iterator[Row]:
        for number, began, _, chance in self._outlines():
            for tag in {min(TAGS, 1 + int(chance.expovariate(0.25))) for _ in range(chance.choice((0, 0, 1, 1, 2)))}:
                yield number, tag, began

    def message(self) -> Iterator[Row]:
        place = 0
        for number, began, many, chance in self._outlines():
            owner = 2 + number * 7 % (AGENTS - 1)
            for seq in range(1, many + 1):
                place += 1
                by_customer = seq % 2 == 1
                kind = "event" if seq == many else "note" if chance.random() < 0.05 else "text"
                event = {"event": "ended"} if kind == "event" else {}
                yield (
                    place, number, kind, "system" if kind == "event" else "customer" if by_customer and kind == "text" else "agent",
                    None if kind == "event" else self._customer(number) if by_customer and kind == "text" else owner,
                    "Somebody", 1, "" if kind == "event" else self.text(chance), json.dumps(event), seq,
                    None if kind == "note" else seq, began + timedelta(seconds=40 * seq),
                )  # fmt: skip

    def attachment(self) -> Iterator[Row]:
        place = 0
        for number, _, many, chance in self._outlines():
            if chance.random() < 0.04:
                yield (
                    f"t{number}",
                    number,
                    place + 1,
                    "photo.png",
                    "image",
                    "image/png",
                    90_000,
                    f"{number:02x}"[:2] + "/0",
                )
            place += many

    def _outlines(self) -> Iterator[tuple[int, datetime, int, random.Random]]:
        """Each chat's number, beginning, number of entries, and a die of its own."""
        lengths = random.Random(2)
        for number in range(1, self.chats + 1):
            many = max(3, min(60, round(lengths.gammavariate(2.2, A_CHAT / 2.2))))
            yield number, EPOCH - self.step * (self.chats - number), many, random.Random(number)

    def _state(self, number: int) -> str:
        left = self.chats - number
        return "queued" if left < WAITING else "active" if left < WAITING + ACTIVE else "ended"

    def _customer(self, number: int) -> int:
        """Open chats have customers of their own; of the others some come back often."""
        if self.chats - number < WAITING + ACTIVE:
            return self.people - (self.chats - number)
        return 1 + number * 2_654_435_761 % (self.people - WAITING - ACTIVE)

    def text(self, chance: random.Random) -> str:
        """A sentence whose words are as frequent as words are."""
        many = 3 + int(chance.expovariate(1 / 9))
        return " ".join(chance.choices(self.vocabulary, cum_weights=self._sums, k=many)).capitalize()


def _vocabulary() -> list[str]:
    """Words nobody knows, in the order of how often they are used."""
    chance = random.Random(3)
    heads, tails = (
        "b br c ch d f g gr h k l m n p pl r s st t tr v w z".split(),
        "a e i o u ai ea io an en in on or el".split(),
    )
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found[
            "".join(chance.choice(heads) + chance.choice(tails) for _ in range(chance.choice((1, 2, 2, 3, 3, 4))))
        ] = None
    return list(found)


def _drawn(chance: random.Random, weighed: Iterable[tuple[str, int]]) -> str:
    names, weights = zip(*weighed, strict=True)
    (found,) = chance.choices(names, weights)
    name: str = found
    return name


def _copy(cursor: Any, table: str, columns: str, rows: Iterator[Row]) -> None:
    """COPY, some thousand rows at a time, as PostgreSQL's own text."""
    while True:
        piece = io.StringIO()
        many = 0
        for row in rows:
            piece.write("\t".join(_cell(value) for value in row) + "\n")
            many += 1
            if many == PIECE:
                break
        if not many:
            return
        piece.seek(0)
        cursor.copy_expert(f"copy {table} ({columns}) from stdin", piece)


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--chats", type=int, default=CHATS)
    arguments.add_argument("--fresh", action="store_true", help="throw away what is there and make it anew")
    asked = arguments.parse_args()
    with database(asked.chats, fresh=asked.fresh) as server:
        with server.superuser("parley") as boss:
            counts = boss.one("select (select count(*) from chat), (select count(*) from message)")
        print(
            f"There are {counts[0]:,} chats and {counts[1]:,} messages in {Path(server.data).parent}." if counts else ""
        )
        print("`parley bench scale` measures them.")


if __name__ == "__main__":
    os.environ.setdefault("PARLEY_LOG", "warning")
    main()
