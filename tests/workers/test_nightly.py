"""The grouping of a night: what it finds, what it changes by itself, and what it only proposes."""

from __future__ import annotations

import numpy as np
import pytest

from models.actions import clusters
from models.db import one, rows, run
from models.errors import Conflict
from models.queries import clusters as read
from tests.support import world as worlds
from tests.support.failing import fail, meaning, place_all
from tests.support.told import listening
from tests.support.world import World
from workers.grouping import geometry, nightly


@pytest.fixture
def world(clean: None):
    with listening():
        yield worlds.build()


@pytest.fixture
def viewer(world: World):
    return world.colleague(role="analyst").viewer


def unit(vectors) -> geometry.Matrix:
    return geometry.normalised(np.asarray(vectors, np.float32))


def test_average_linkage_is_the_exact_one() -> None:
    """Compared with a plain one that merges a single pair at a time."""
    chance = np.random.default_rng(4)
    vectors = unit(chance.normal(size=(60, 6)))
    groups = [[place] for place in range(60)]
    while len(groups) > 1:
        likeness, a, b = max(
            (float((vectors[one] @ vectors[other].T).mean()), -a, -b)
            for a, one in enumerate(groups)
            for b, other in enumerate(groups)
            if a < b
        )
        if likeness < 0.5:
            break
        groups[-a] += groups.pop(-b)
    labels = geometry.average_linkage(vectors.copy(), 0.5)
    found = {tuple(np.flatnonzero(labels == each)) for each in np.unique(labels)}
    assert found == {tuple(sorted(group)) for group in groups}


def test_beyond_what_can_be_compared_with_everybody_the_groups_are_the_same(monkeypatch) -> None:
    chance = np.random.default_rng(5)
    topics = unit(chance.normal(size=(20, 48)))
    truth = chance.integers(0, 20, 1500)
    vectors = unit(topics[truth] + 0.05 * chance.normal(size=(1500, 48)))
    exact = nightly.grouped(vectors)
    monkeypatch.setattr(geometry, "EXACT", 300)
    in_cells = nightly.grouped(vectors)
    for labels in (exact, in_cells):
        assert len(np.unique(labels)) == 20
        assert all(len(np.unique(labels[truth == topic])) == 1 for topic in range(20))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_anything_to_group_is_no_trouble(count: int) -> None:
    assert len(nightly.grouped(unit(np.eye(4)[:count]).reshape(count, 4))) == count


def pair_of_clusters(world: World) -> tuple[int, int]:
    """Two clusters about one thing, which only came to light one by one."""
    for number in range(12):
        fail(world, f"where is my refund {number}", meaning(0, number))
    place_all()
    (kept,) = rows("select id from cluster")
    made = clusters.split(
        world.colleague(role="admin").viewer,
        kept["id"],
        failure_ids=[each["id"] for each in rows("select id from failed_response order by id limit 5")],
    )
    run("update cluster set pinned = false")
    return kept["id"], made


def test_what_nobody_decided_on_is_changed_at_once(world, viewer) -> None:
    kept, made = pair_of_clusters(world)
    assert nightly.regroup() == {"applied": 1}
    assert one("select status, merged_into_id from cluster where id = %s", (made,)) == {
        "status": "merged",
        "merged_into_id": kept,
    }
    assert one("select size from cluster where id = %s", (kept,)) == {"size": 12}
    [desk, *_] = read.detail(viewer, kept)["decisions"]
    assert (desk["kind"], desk["by"]) == ("merge", None)
    assert nightly.regroup() == {}, "and then there is nothing to change"


def test_what_a_person_decided_is_only_proposed_to_change(world, viewer) -> None:
    kept, made = pair_of_clusters(world)
    clusters.rename(viewer, made, label="Late refunds")
    assert nightly.regroup() == {"proposed": 1}
    assert one("select count(*)::int as n from cluster where status = 'open'") == {"n": 2}
    (proposal,) = read.proposals(viewer)["items"]
    assert (proposal["kind"], proposal["cluster"]["id"], proposal["other"]["id"]) == ("merge", kept, made)
    assert proposal["likeness"] > 0.9
    clusters.decide_proposal(viewer, proposal["id"], accept=False)
    assert nightly.regroup() == {"passed over": 1}, "what was declined is not proposed again"
    with pytest.raises(Conflict, match="proposal_decided"):
        clusters.decide_proposal(viewer, proposal["id"], accept=True)


def test_a_proposal_that_is_accepted_is_carried_out(world, viewer) -> None:
    kept, made = pair_of_clusters(world)
    clusters.rename(viewer, made, label="Late refunds")
    nightly.regroup()
    (proposal,) = read.proposals(viewer)["items"]
    clusters.decide_proposal(viewer, proposal["id"], accept=True)
    assert one("select size from cluster where id = %s", (kept,)) == {"size": 12}
    clusters.undo(viewer, kept)
    assert one("select status, size from cluster where id = %s", (made,)) == {"status": "open", "size": 5}


def test_a_newer_run_replaces_what_nobody_decided_on(world, viewer) -> None:
    _, made = pair_of_clusters(world)
    clusters.rename(viewer, made, label="Late refunds")
    for _ in range(2):
        nightly.regroup()
    assert len(read.proposals(viewer)["items"]) == 1
    assert [each["state"] for each in rows("select state from cluster_proposal order by id")] == ["outdated", "open"]


def test_singles_that_turn_out_to_be_alike_open_a_cluster(world) -> None:
    for number in range(6):
        fail(world, f"a refund {number}", meaning(0, 60 if number % 2 else 0, towards=5 + number))
    place_all()
    run("update failed_response set cluster_id = null, placed = null")
    run("delete from cluster")
    nightly.regroup()
    assert one("select count(*)::int as n from failed_response where placed = 'grouped'")["n"] >= 3


def test_dismissed_meanings_are_left_alone(world, viewer) -> None:
    kept, made = pair_of_clusters(world)
    for each in (kept, made):
        clusters.dismiss(viewer, each, reason="noise")
    assert nightly.regroup() == {}
