"""Two workers on the same failures, one killed in the middle, two analysts on one cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.actions import clusters, replays
from models.db import one, rows
from tests.support import world as worlds
from tests.support.failing import cluster_of, fail, meaning, place_all
from tests.support.racing import codes, no_deadlocks, race
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]

# Opens a cluster, and stops where everything is written and nothing committed.
STOPS_IN_THE_MIDDLE = """
import time
from models.actions import grouping, news
from models.db import connect, connection
from models.settings import settings
news.cluster = lambda cluster_id: (print("in the middle", flush=True), time.sleep(60))
connect(settings(), application="parley-killed")
with connection():
    while grouping.place_next():
        pass
"""


@pytest.fixture
def world(clean: None) -> World:
    return worlds.build()


def whole() -> None:
    """Every failure is in one place, and every cluster is what its members make it."""
    for each in rows(
        "select c.id, c.size, count(f.id)::int as members, 1 - (c.centroid <=> avg(f.embedding)) as alike"
        " from cluster c left join failed_response f on f.cluster_id = c.id where c.status <> 'merged' group by c.id"
    ):
        assert each["size"] == each["members"] > 0
        assert each["alike"] > 0.999_99
    assert rows("select id from failed_response where looked_at is null") == []


def test_two_workers_place_each_failure_once_and_open_one_cluster_for_one_meaning(world) -> None:
    for number in range(24):
        fail(world, f"question {number} about one of four things", meaning(number % 4, number))
    with no_deadlocks():
        placed = race(*[place_all] * 3)
        placed.append(place_all())  # what each of them left to the others
    ids = [each.failure_id for worker in placed for each in worker]
    assert sorted(ids) == [each["id"] for each in rows("select id from failed_response order by id")]
    whole()
    assert one("select count(*)::int as n from cluster") == {"n": 4}


def test_a_worker_killed_in_mid_cluster_loses_and_doubles_nothing(world) -> None:
    for number in range(6):
        fail(world, f"where is my refund {number}", meaning(0, 3 * number))
    worker = subprocess.Popen(
        [sys.executable, "-c", STOPS_IN_THE_MIDDLE], cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "in the middle\n"
        assert place_all() == [], "another worker leaves what is being done alone"
        assert rows("select 1 from cluster") == [], "half a cluster is none"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    until = time.monotonic() + 10
    while not (placed := place_all()):
        assert time.monotonic() < until, "the dead worker's lock outlived it"
        time.sleep(0.05)
    whole()
    assert one("select count(*)::int as n from cluster") == {"n": 1}
    assert [each.how for each in placed].count("opened") == 1


def test_failures_come_in_while_clusters_are_merged_and_split(world) -> None:
    viewer = world.colleague(role="admin").viewer
    first, second = cluster_of(world, size=4), cluster_of(world, "Can I change my address", place=9, size=4)
    for number in range(10):
        fail(world, f"more of it {number}", meaning(0 if number % 2 else 9, 4))
    going = [each["id"] for each in rows("select id from failed_response where cluster_id = %s limit 2", (first,))]

    def decides() -> None:
        made = clusters.split(viewer, first, failure_ids=going)
        clusters.merge(viewer, second, other_ids=[made])
        clusters.undo(viewer, second)
        clusters.undo(viewer, first)

    with no_deadlocks():
        race(place_all, place_all, decides)
    place_all()
    whole()


def test_of_two_analysts_on_one_cluster_one_decides_and_the_other_is_told(world) -> None:
    cluster_id = cluster_of(world)
    one_, other = (world.colleague(role=role).viewer for role in ("analyst", "admin"))
    told = codes(
        race(
            lambda: clusters.rename(one_, cluster_id, label="Refunds", version=1),
            lambda: clusters.dismiss(other, cluster_id, reason="noise", version=1),
        )
    )
    assert sorted(told, key=str) == [None, "cluster_changed"]
    assert one("select version, count(*) over () as n from cluster") == {"version": 2, "n": 1}


def test_one_replay_is_run_by_one_worker(world) -> None:
    viewer = world.colleague(role="admin").viewer
    replay_id = replays.ask(viewer, cluster_id=cluster_of(world))
    taken = race(*[lambda: replays.claim(replay_id)] * 4)
    assert [each is not None for each in taken].count(True) == 1
