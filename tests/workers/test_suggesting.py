"""What may serve a cluster: the right service first, a new topic known as one, and a calibrator from the desk itself."""

from __future__ import annotations

import numpy as np
import pytest

from models.actions import clusters, describing, fixes
from models.actions.knowledge import save_service
from models.db import one, rows, run
from models.queries import clusters as read
from models.queries import suggesting as kept
from models.rules.suggesting import DEFAULT, FEATURES, Calibrator
from tests.support import world as worlds
from tests.support.failing import cluster_of, fail, meaning, place_all, read_knowledge
from tests.support.told import listening
from workers.bot.studying import study
from workers.grouping import describing as worker
from workers.grouping import geometry, suggesting


@pytest.fixture
def world(clean: None):
    with listening():
        yield worlds.build()


def desk_of_services(count: int = 30, each: int = 10, seed: int = 0) -> tuple[geometry.Matrix, np.ndarray]:
    """Phrasings of services that lie near each other two by two, as real ones do."""
    chance = np.random.default_rng(seed)
    topics = chance.normal(size=(count // 2, 40)).repeat(2, axis=0) + 0.7 * chance.normal(size=(count, 40))
    owners = np.arange(count).repeat(each)
    return geometry.normalised(
        (topics[owners] + 0.9 * chance.normal(size=(count * each, 40))).astype(np.float32)
    ), owners


def test_the_service_a_cluster_is_about_comes_first() -> None:
    vectors, owners = desk_of_services()
    known = suggesting.Known.taught(vectors, owners, 30)
    hits = [suggesting.rank(vectors[owners == each], known, known.middles()).services[0] == each for each in range(30)]
    assert np.mean(hits) > 0.9
    facts = suggesting.rank(vectors[:5], known, known.middles()).facts
    assert len(facts) == len(FEATURES)


def test_a_desk_plays_itself_and_learns_how_far_to_believe_a_suggestion() -> None:
    vectors, owners = desk_of_services()
    played = suggesting.simulated(vectors, owners)
    assert set(played.known) == {True, False}
    trained = suggesting.train(played)
    assert trained is not None
    assert trained.auroc is not None
    assert trained.auroc > 0.6
    again = Calibrator.from_json(trained.calibrator.to_json())
    assert again.known(played.facts[0]) == trained.calibrator.known(played.facts[0])
    assert 0 < again.first(played.facts[0]) < 1


def test_a_desk_too_small_to_learn_from_says_so() -> None:
    vectors, owners = desk_of_services(2)
    assert suggesting.train(suggesting.simulated(vectors, owners)) is None


def test_clusters_are_suggested_what_is_near_and_what_was_chosen_is_noted(world) -> None:
    admin = world.colleague(role="admin").viewer
    near = save_service(
        key="refunds", name="Refunds", description="", answer="Three days.", phrasings=["refund"], enabled=True
    )
    save_service(
        key="hours", name="Opening hours", description="", answer="At nine.", phrasings=["hours"], enabled=True
    )
    read_knowledge({"refund": meaning(0, 20), "Refunds": meaning(0, 30), "hours": meaning(40)})
    study()
    cluster_id = cluster_of(world)
    worker.describe_due()
    detail = read.detail(admin, cluster_id)
    assert (detail["suggestions"][0]["kind"], detail["suggestions"][0]["id"]) == ("service", near)
    assert detail["cluster"]["suggestion"]["title"] == "Refunds"
    assert 0 <= detail["cluster"]["known"] <= 1
    fixes.to_service(admin, cluster_id=cluster_id, service_id=near, phrasings=["where is my refund"])
    assert one("select known, first_right from suggestion_outcome") == {"known": True, "first_right": True}
    assert len(kept.outcomes()) == 1
    used = kept.calibrator()
    assert used is not None
    assert list(used.known.weights) == list(DEFAULT.known.weights), "two services teach nothing"


def test_a_draft_is_made_of_what_people_answered(world, monkeypatch) -> None:
    cluster_id = cluster_of(world)
    monkeypatch.setattr(worker, "embed", lambda texts, _: [meaning(place) for place, _ in enumerate(texts)])
    run("update failed_response set answer = 'Hello! Refunds take three working days after the parcel is back.'")
    worker.describe_due()
    draft = read.detail(world.colleague(role="admin").viewer, cluster_id)["draft"]
    assert draft["body"].startswith("Refunds take three working days after the parcel is back.")
    assert "Hello" not in draft["body"]
    assert draft["sources"]


def test_what_was_settled_before_it_was_looked_at_takes_its_decision_along(world) -> None:
    for number in range(3):
        fail(world, f"do you deliver abroad {number}", meaning(6, number))
    run("update failed_response set status = 'dismissed', status_reason = 'out_of_scope'")
    place_all()
    assert one("select status, reason, pinned from cluster") == {
        "status": "dismissed",
        "reason": "out_of_scope",
        "pinned": True,
    }
    fail(world, "deliver to France", meaning(6, 4))
    place_all()
    assert {each["status"] for each in rows("select status from failed_response")} == {"dismissed"}


def test_a_cluster_that_changed_while_it_was_described_is_described_again(world) -> None:
    cluster_id = cluster_of(world)
    worker.describe_due()
    assert rows("select id from cluster where described_at < changed_at") == []
    fail(world, "where is my refund, again", meaning(0))
    place_all()
    assert [each["id"] for each in worker.read.due(5)] == [cluster_id]
    clusters.rename(world.colleague(role="admin").viewer, cluster_id, label="Refunds")
    worker.describe_due()
    assert read.one_of(cluster_id)["label"] == "Refunds"
    assert describing.tidy() == 0
