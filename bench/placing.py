"""How long one failure takes to find its cluster among 100,000: parley bench placing

On an embedded Postgres of its own, made for the run and thrown away. Vectors are made up: as many topics as
a busy desk has, some of them frequent and most rare, and one question in ten about nothing in particular. What is
measured is the product's own action, transaction and commit with fsync, without the reading of the text.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import tempfile
import time
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np

from bench import seed
from bench.report import quantile_ms
from cli import account as accounts
from cli import migrate, ports
from cli.postgres import Postgres

MANY, TOPICS, PLACED = 100_000, 3_000, 400
SINGLES = 0.1  # of all failures: in no cluster
AIM_MS = 20

_WHO = """
insert into customer (name) select 'Customer ' || n from generate_series(1, 1000) n;
insert into session (customer_id, subject) select id, 'Bench' from customer;
insert into chat (session_id, customer_id, channel_id, state, ended_at, end_cause)
    select id, customer_id, (select min(id) from channel), 'ended', now(), 'bot_idle' from session;
insert into message (chat_id, kind, author_kind, author_name, author_hue, body, all_seq, pub_seq)
    select 1 + mod(n, 1000), 'text', 'customer', 'Somebody', 0, 'question ' || n, 1 + n / 1000, 1 + n / 1000
    from generate_series(0, {most}) n;
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--failures", type=int, default=MANY)
    asked = arguments.parse_args()
    account = accounts.service_account()
    home = Path(tempfile.mkdtemp(prefix="parley-placing-"))
    home.chmod(0o711)
    server = Postgres(home / "postgres", ports.any_free(), "bench-only", account)
    server.start()
    try:
        server.ensure_database()
        migrate.migrate(server.url())
        os.environ |= seed.environment(server.url())
        measure(asked.failures)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def measure(many: int) -> None:
    from models.db import connect, connection
    from models.seeds.desk import seed_bare
    from models.settings import settings

    connect(settings(), statement_ms=0, idle_ms=0, application="parley-bench")
    with connection():
        seed_bare()
        fill(many)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
        place()


def fill(many: int) -> None:
    """Failures in clusters and alone, as they would lie after a year."""
    from models.db import db

    chance = np.random.default_rng(0)
    topics = _unit(chance.standard_normal((TOPICS, 384)))
    weights = 1 / np.arange(1, TOPICS + 1) ** 0.8
    drawn = chance.choice(TOPICS, many + PLACED, p=weights / weights.sum())
    drawn[chance.random(many + PLACED) < SINGLES] = -1
    db.execute_sql(_WHO.format(most=many + PLACED))
    sizes = np.bincount(drawn[:many][drawn[:many] >= 0], minlength=TOPICS)
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute("select min(id) from channel")
        (channel,) = cursor.fetchone()
        for topic in np.flatnonzero(sizes >= 3).tolist():
            cursor.execute(
                "insert into cluster (id, model_id, centroid, size, map_x, map_y, first_seen_at, last_seen_at)"
                " values (%s, 'all-MiniLM-L6-v2', %s, %s, random() * 60, random() * 60, now(), now())",
                (topic + 1, _text(topics[topic]), int(sizes[topic])),
            )
        for start in range(0, many + PLACED, 5_000):
            _copy(cursor, topics, drawn, sizes, start, min(start + 5_000, many + PLACED), many, chance, channel)
    db.execute_sql("select setval('cluster_id_seq', 10000)")
    vacuum(db.connection())


def vacuum(connection) -> None:  # type: ignore[no-untyped-def]
    """As autovacuum leaves the rows of a desk that has run for a while."""
    connection.autocommit = True
    connection.cursor().execute("vacuum analyze")
    connection.autocommit = False


def _copy(cursor, topics, drawn, sizes, start, end, many, chance, channel) -> None:  # type: ignore[no-untyped-def]
    lines = io.StringIO()
    for place in range(start, end):
        topic = int(drawn[place])
        middle = topics[topic] if topic >= 0 else 0
        vector = _unit((middle + (0.045 if topic >= 0 else 1) * chance.standard_normal(384))[None])[0]
        old = place < many
        cluster = str(topic + 1) if old and topic >= 0 and sizes[topic] >= 3 else "\\N"
        lines.write(
            f"{1 + place % 1000}\t{place + 1}\tquestion {place}\tquestion {place}\tlow_confidence\t{1 + place % 1000}\t"
            f"{1 + place % 1000}\t{channel}\tv\tall-MiniLM-L6-v2\t{_text(vector)}\t{cluster}\t"
            f"{'joined' if cluster != chr(92) + 'N' else chr(92) + 'N'}\t{'now' if old else chr(92) + 'N'}\n"
        )
    lines.seek(0)
    cursor.copy_expert(
        "copy failed_response (chat_id, message_id, text, normalized, trigger, session_id, customer_id, channel_id, bot_version,"
        " model_id, embedding, cluster_id, placed, looked_at) from stdin",
        lines,
    )


def place() -> None:
    from models.actions import grouping
    from models.db import one

    backend = one("select pg_backend_pid() as pid")
    assert backend is not None
    taken, worked, how = [], [], {"joined": 0, "opened": 0, "single": 0}
    while True:
        began, busy = time.perf_counter(), _cpu_s(backend["pid"])
        placed = grouping.place_next()
        if placed is None:
            break
        taken.append(time.perf_counter() - began)
        worked.append(_cpu_s(backend["pid"]) - busy)
        how[placed.how] += 1
    counted = one(
        "select (select count(*) from failed_response)::int as failures, (select count(*) from cluster)::int as clusters"
    )
    assert counted is not None
    print(
        f"{counted['failures']:,} failures, {counted['clusters']:,} clusters; {len(taken)} placed one by one: {how}\n"
        f"p50 {quantile_ms(taken, 0.5):.1f} ms, p95 {quantile_ms(taken, 0.95):.1f} ms, worst {max(taken) * 1e3:.1f} ms;"
        f" CPU of worker and database p50 {quantile_ms(worked, 0.5):.1f} ms, p95 {quantile_ms(worked, 0.95):.1f} ms;"
        f" aim p95 {AIM_MS} ms"
    )


def _cpu_s(backend: int) -> float:
    """What this process and its database connection have worked so far."""
    return time.process_time() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


def _unit(vectors):  # type: ignore[no-untyped-def]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _text(vector) -> str:  # type: ignore[no-untyped-def]
    return "[" + ",".join(f"{number:.5f}" for number in vector) + "]"


if __name__ == "__main__":
    main()
