"""How long a customer waits for the bot: from the stored message to the stored answer, on a desk that knows a lot.

python bench/bot_latency.py [--services 1000 --phrasings 10 --passages 10000 --questions 200]

It needs a database of its own, empty and migrated (DATABASE_URL), fills it with vectors drawn by chance (an exact search
takes as long for them as for real ones) and asks one question after the other through the claim, the model, the search and
the reply, each in its own transaction as in a worker. The broker and the wire come on top: a few milliseconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the brain worker runs

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models import jobs
from models.actions import bot
from models.actions.conversation import customer_draft, say
from models.db import connect, connection, one, rows, run
from models.queries import access
from models.queries.knowledge import literal
from models.rules.answering import Answer, Said
from models.settings import settings
from workers import embedding
from workers.bot.answering import answer

DIMENSIONS = 384
WORDS = "where is my order parcel refund card account invoice delivery late broken cancel change address how long until".split()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("services", 1000), ("phrasings", 10), ("passages", 10_000), ("questions", 200)):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    asked = arguments.parse_args()
    connect(settings())
    jobs.send_through(lambda _job, _ids: None)
    with connection():
        fill(asked.services, asked.phrasings, asked.passages)
        embedding.warm_up()
        times = [turn(number) for number in range(asked.questions)]
    steps = ("claim", "think", "reply", "all")
    print(
        f"{asked.services} services x {asked.phrasings} phrasings, {asked.passages} passages, {asked.questions} questions"
    )
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(f"{'':8}" + "".join(f"{step:>10}" for step in steps))
    for name, q in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        print(f"{name:8}" + "".join(f"{np.quantile([t[i] for t in times], q) * 1000:>8.0f} ms" for i in range(4)))
    print(f"mean {statistics.mean(t[3] for t in times) * 1000:.0f} ms")


def fill(services: int, phrasings: int, passages: int) -> None:
    chance = np.random.default_rng(0)

    def vectors(count: int) -> list[str]:
        drawn = chance.standard_normal((count, DIMENSIONS)).astype(np.float32)
        return [literal(each.tolist()) for each in drawn / np.linalg.norm(drawn, axis=1, keepdims=True)]

    run(
        "insert into service (key, name, answer) select 's' || n, 'Service ' || n, 'An answer.' from generate_series(1, %s) n",
        (services,),
    )
    ids = [each["id"] for each in rows("select id from service order by id")]
    for start in range(0, services, 100):
        part = ids[start : start + 100]
        run(
            "update service s set direction = v.d::vector, bias = 0 from unnest(%s::bigint[], %s::text[]) v(id, d) where s.id = v.id",
            (part, vectors(len(part))),
        )
        owners = [each for each in part for _ in range(phrasings)]
        run(
            "insert into service_phrase (service_id, text, embedding)"
            " select o, 'way ' || n, e::vector from unnest(%s::bigint[], %s::int[], %s::text[]) v(o, n, e)",
            (owners, list(range(len(owners))), vectors(len(owners))),
        )
    run(
        "insert into article (slug, title, body) select 'a' || n, 'Article ' || n, 'Words.' from generate_series(1, %s) n",
        (passages // 5,),
    )
    articles = [each["id"] for each in rows("select id from article order by id")]
    for start in range(0, passages, 1000):
        numbers = range(start, min(start + 1000, passages))
        run(
            "insert into article_chunk (article_id, ord, text, embedding) select a, o, repeat('some words of a passage ', 20), e::vector"
            " from unnest(%s::bigint[], %s::int[], %s::text[]) v(a, o, e)",
            ([articles[n // 5 % len(articles)] for n in numbers], [n % 5 for n in numbers], vectors(len(numbers))),
        )
    run("analyze")


def turn(number: int) -> tuple[float, float, float, float]:
    """One customer, one question: seconds for the claim, the thought, the reply, and all of them."""
    channel = one("select id from channel limit 1")
    assert channel is not None
    customer = one("insert into customer (name) values ('Visitor') returning id")
    assert customer is not None
    visitor = access.Visitor(customer["id"], channel["id"], 0, "Visitor", 0)
    words = " ".join(WORDS[(number * 7 + place * 3) % len(WORDS)] for place in range(9))
    body = f"{words} {number}"  # what was asked before would not be read again
    said = say(customer_draft(visitor, client_id=f"bench-{number:08}", body=body))
    began = time.perf_counter()
    taken = bot.claim(said.row["id"])
    assert taken is not None
    claimed = time.perf_counter()
    verdict = answer(Said(taken.text, taken.earlier))
    thought = time.perf_counter()
    assert bot.replies(taken, verdict) if isinstance(verdict, Answer) else bot.fails(taken, verdict)  # type: ignore[arg-type]
    done = time.perf_counter()
    return claimed - began, thought - claimed, done - thought, done - began


if __name__ == "__main__":
    main()
