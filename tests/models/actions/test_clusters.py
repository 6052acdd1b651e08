"""What becomes of failures that mean the same, and of what people decide about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.actions import clusters, describing, erasure, failure_review, grouping
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import clusters as read
from models.queries import failures as read_failures
from models.queries import knowledge
from models.schemas.clusters import ClusterDetail, ClusterOut
from models.schemas.failures import FailureDetail, FailureOut
from tests.support import world as worlds
from tests.support.failing import cluster_of, fail, meaning, place_all
from tests.support.world import World


@pytest.fixture
def world(clean) -> World:
    return worlds.build()


@pytest.fixture
def viewer(world):
    return world.colleague(role="analyst").viewer


def members(cluster_id: int) -> list[int]:
    return [
        each["id"] for each in rows("select id from failed_response where cluster_id = %s order by id", (cluster_id,))
    ]


def row(cluster_id: int) -> dict:
    found = one("select * from cluster where id = %s", (cluster_id,))
    assert found is not None
    return found


def failure(failure_id: int) -> dict:
    found = one("select * from failed_response where id = %s", (failure_id,))
    assert found is not None
    return found


# --- grouping ---------------------------------------------------------------------------------------------------


def test_three_that_mean_the_same_open_a_cluster_and_a_fourth_joins_it(world, told) -> None:
    numbers = [fail(world, text, meaning(0, turn)) for text, turn in (("refund please", 0), ("my refund is late", 20))]
    assert [each.how for each in place_all()] == ["single", "single"]
    assert told.payloads("failure:changed", Room.REVIEW), "a single failure is seen at once as well"
    numbers.append(fail(world, "where is my refund now", meaning(0, 10)))
    (opened,) = place_all()
    assert opened.how == "opened"
    told.clear()
    numbers.append(fail(world, "refund?", meaning(0, 15)))
    assert [(each.how, each.cluster_id) for each in place_all()] == [("joined", opened.cluster_id)]
    assert members(opened.cluster_id) == numbers
    assert row(opened.cluster_id)["size"] == 4
    (heard,) = told.payloads("cluster:changed", Room.REVIEW)
    assert not ClusterOut().validate(heard)
    assert (heard["failures"], heard["people"], heard["label"]) == (4, 4, "my refund is late")


def test_what_is_not_alike_stays_alone(world) -> None:
    for place in range(4):
        fail(world, f"question {place}", meaning(place))
    assert [each.how for each in place_all()] == ["single"] * 4
    assert rows("select 1 from cluster") == []


def test_noise_is_kept_and_joins_nothing(world) -> None:
    for _ in range(3):
        fail(world, "thanks", meaning(0))
    assert place_all() == []


def test_a_failure_without_a_vector_waits_for_it(world) -> None:
    number = fail(world, "where is my refund", None)
    assert place_all() == []
    assert failure(number)["looked_at"] is None


def test_another_language_is_another_meaning(world) -> None:
    cluster_of(world)
    run("update cluster set language = 'en'")
    number = fail(world, "wo ist mein Geld", meaning(0))
    run("update failed_response set language = 'de' where id = %s", (number,))
    assert [each.how for each in place_all()] == ["single"]


def test_how_alike_is_a_setting_of_the_desk(world) -> None:
    cluster_of(world)
    fail(world, "a question that leans the same way", meaning(0, 50, towards=7))
    run("update desk set failure_join_percent = 90")
    assert [each.how for each in place_all()] == ["single"]


def test_what_was_settled_before_it_was_looked_at_has_a_cluster_of_its_own_beside_an_open_one(world) -> None:
    here = cluster_of(world, "when will it be here")
    settled = [fail(world, f"do you send it abroad {number}", meaning(0, 12 + 3 * number)) for number in range(3)]
    run(
        "update failed_response set status = 'dismissed', status_reason = 'out_of_scope' where id = any(%s)", (settled,)
    )
    assert [each.how for each in place_all()] == ["single", "single", "opened"]
    abroad = failure(settled[0])["cluster_id"]
    assert {
        each["cluster_id"] for each in rows("select cluster_id from failed_response where id = any(%s)", (settled,))
    } == {abroad}
    assert abroad != here
    assert (row(abroad)["status"], row(abroad)["reason"], row(here)["status"]) == ("dismissed", "out_of_scope", "open")
    assert row(here)["size"] == 3


def test_what_means_the_same_as_a_dismissed_cluster_is_dismissed_with_it(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.dismiss(viewer, cluster_id, reason="out_of_scope", note="We sell plants.")
    number = fail(world, "refund again please", meaning(0, 3))
    assert [each.cluster_id for each in place_all()] == [cluster_id]
    assert (failure(number)["status"], failure(number)["status_reason"]) == ("dismissed", "out_of_scope")
    assert row(cluster_id)["status"] == "dismissed"


def test_a_resolved_cluster_reopens_once_enough_came_back_after_the_fix(world, viewer, told) -> None:
    cluster_id = cluster_of(world)
    clusters.resolve(viewer, cluster_id, reason="fixed", note="The article is on line now.")
    run("update desk set failure_reopen_count = 4")
    for number in range(4):
        assert row(cluster_id)["status"] == "resolved"
        fail(world, f"still no refund {number}", meaning(0, 3))
        place_all()
    after = row(cluster_id)
    assert (after["status"], after["reopened"]) == ("open", 1)
    [desk, *_] = read.detail(viewer, cluster_id)["decisions"]
    assert (desk["kind"], desk["by"], desk["facts"]["came_back"]) == ("reopen", None, 4)


def test_a_snoozed_cluster_wakes_on_its_day(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.snooze(viewer, cluster_id, until=datetime.now(UTC) + timedelta(days=1))
    fail(world, "refund, once more", meaning(0))
    place_all()
    assert (row(cluster_id)["status"], grouping.wake_due()) == ("snoozed", 0)
    run("update cluster set snoozed_until = clock_timestamp() - interval '1 second'")
    assert (grouping.wake_due(), row(cluster_id)["status"]) == (1, "open")


# --- decisions --------------------------------------------------------------------------------------------------


def test_who_may_not_review_decides_nothing(world) -> None:
    agent = world.colleague().viewer
    cluster_id = cluster_of(world)
    for refused in (
        lambda: clusters.rename(agent, cluster_id, label="Mine"),
        lambda: clusters.undo(agent, cluster_id),
        lambda: read.detail(agent, cluster_id),
        lambda: read_failures.page(agent),
        lambda: failure_review.dismiss(agent, members(cluster_id)[0], reason="noise"),
    ):
        with pytest.raises(Refused):
            refused()
    assert row(cluster_id)["label"] != "Mine"


def test_two_analysts_on_one_cluster_the_second_is_told_who_was_faster(world, viewer) -> None:
    cluster_id = cluster_of(world)
    seen = row(cluster_id)["version"]
    clusters.rename(viewer, cluster_id, label="Refunds", version=seen)
    with pytest.raises(Conflict) as refused:
        clusters.dismiss(world.colleague(role="admin").viewer, cluster_id, reason="noise", version=seen)
    assert (refused.value.code, refused.value.detail["by"]["id"]) == ("cluster_changed", viewer.id)
    assert (row(cluster_id)["status"], row(cluster_id)["label"]) == ("open", "Refunds")


def test_a_label_given_by_hand_stays(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.rename(viewer, cluster_id, label="Refunds")
    found = describing.Description(
        cluster_id, row(cluster_id)["changed_at"], members(cluster_id)[0], "Other", ["refund"]
    )
    describing.describe(found)
    assert (row(cluster_id)["label"], row(cluster_id)["keywords"]) == ("Refunds", ["refund"])


def test_resolved_needs_a_proof_or_a_written_reason(world, viewer) -> None:
    cluster_id = cluster_of(world)
    with pytest.raises(Conflict) as refused:
        clusters.resolve(viewer, cluster_id, reason="fixed", note="done")
    assert refused.value.code == "not_proved"
    assert refused.value.detail["proof"] == {"percent": None, "broken": None, "needed_percent": 80}
    run(
        "insert into replay (cluster_id, purpose, state, total, done, fixed, failing, finished_at)"
        " values (%s, 'after', 'done', 5, 5, 4, 1, now())",
        (cluster_id,),
    )
    clusters.resolve(viewer, cluster_id, reason="fixed")
    assert {each["status"] for each in rows("select status from failed_response")} == {"resolved"}
    assert row(cluster_id)["fixed_at"] is not None


def test_how_much_a_proof_takes_and_that_another_models_replay_is_none(world, viewer) -> None:
    cluster_id = cluster_of(world)
    run("update desk set failure_pass_percent = 60")
    run(
        "insert into replay (cluster_id, purpose, state, total, done, fixed, failing, finished_at)"
        " values (%s, 'after', 'done', 5, 5, 3, 2, now())",
        (cluster_id,),
    )
    run(
        "insert into reembedding (model_id, from_model_id, state, texts, finished_at) values ('b', 'a', 'done', 0, now())"
    )
    with pytest.raises(Conflict, match="not_proved"):
        clusters.resolve(viewer, cluster_id, reason="fixed")
    run("update reembedding set finished_at = now() - interval '1 hour'")
    clusters.resolve(viewer, cluster_id, reason="fixed")
    assert row(cluster_id)["status"] == "resolved"


@pytest.mark.parametrize(("fixed", "failing", "kept", "broken"), [(3, 2, 0, 0), (5, 0, 1, 1)])
def test_a_replay_that_failed_or_broke_something_proves_nothing(world, viewer, fixed, failing, kept, broken) -> None:
    cluster_id = cluster_of(world)
    run(
        "insert into replay (cluster_id, purpose, state, total, done, fixed, failing, kept, broken, finished_at)"
        " values (%s, 'after', 'done', %s, %s, %s, %s, %s, %s, now())",
        (cluster_id, *[fixed + failing + kept + broken] * 2, fixed, failing, kept, broken),
    )
    with pytest.raises(Conflict, match="not_proved"):
        clusters.resolve(viewer, cluster_id, reason="fixed")


def test_split_makes_another_cluster_and_undo_brings_all_of_it_home(world, viewer) -> None:
    cluster_id = cluster_of(world, size=5)
    going = members(cluster_id)[:2]
    middle = knowledge.numbers(row(cluster_id)["centroid"])
    made = clusters.split(viewer, cluster_id, failure_ids=going, label="Late refunds")
    assert (members(made), row(made)["label"], row(made)["size"]) == (going, "Late refunds", 2)
    assert (row(cluster_id)["size"], len(members(cluster_id))) == (3, 3)
    assert knowledge.numbers(row(cluster_id)["centroid"]) != middle
    clusters.undo(viewer, cluster_id)
    assert (row(cluster_id)["size"], members(cluster_id)) == (5, sorted({*going, *members(cluster_id)}))
    assert knowledge.numbers(row(cluster_id)["centroid"]) == pytest.approx(middle, abs=1e-6)
    assert row(made)["status"] == "merged"
    with pytest.raises(Conflict, match="cluster_merged"):
        clusters.rename(viewer, made, label="Gone")


def test_a_split_leaves_somebody_behind_and_takes_only_its_own(world, viewer) -> None:
    cluster_id, other = cluster_of(world), cluster_of(world, "Can I change my address", place=9)
    for wrong in (members(cluster_id), members(other), [10**9], []):
        with pytest.raises(Invalid):
            clusters.split(viewer, cluster_id, failure_ids=wrong)
    assert (len(members(cluster_id)), len(members(other))) == (3, 3)


def test_merge_takes_all_in_and_undo_parts_them_again(world, viewer) -> None:
    cluster_id, other = cluster_of(world), cluster_of(world, "Can I change my address", place=9)
    hers = members(other)
    clusters.merge(viewer, cluster_id, other_ids=[other])
    assert (len(members(cluster_id)), row(other)["status"], row(other)["merged_into_id"]) == (6, "merged", cluster_id)
    late = fail(world, "another address, please", meaning(9))
    place_all()
    clusters.undo(viewer, cluster_id)
    assert (members(other), row(other)["status"], row(other)["size"]) == (hers, "open", 3)
    assert late not in members(other), "what came in meanwhile stays where it was put"
    with pytest.raises(Invalid):
        clusters.merge(viewer, cluster_id, other_ids=[cluster_id])
    with pytest.raises(NotFound):
        clusters.merge(viewer, cluster_id, other_ids=[10**9])


def test_move_puts_failures_elsewhere_or_nowhere(world, viewer) -> None:
    cluster_id, other = cluster_of(world), cluster_of(world, "Can I change my address", place=9)
    [first, second, _] = members(cluster_id)
    clusters.move(viewer, cluster_id, failure_ids=[first], to_id=other)
    clusters.move(viewer, cluster_id, failure_ids=[second], to_id=None)
    assert (failure(first)["cluster_id"], failure(first)["placed"], failure(second)["cluster_id"]) == (
        other,
        "moved",
        None,
    )
    assert [row(each)["size"] for each in (cluster_id, other)] == [1, 4]
    clusters.undo(viewer, cluster_id)
    clusters.undo(viewer, cluster_id)
    assert members(cluster_id)[:2] == [first, second]
    assert [row(each)["size"] for each in (cluster_id, other)] == [3, 3]


def test_every_decision_can_be_taken_back(world, viewer) -> None:
    cluster_id = cluster_of(world)
    before = {**row(cluster_id)}
    soon = datetime.now(UTC) + timedelta(days=3)
    for decide in (
        lambda: clusters.rename(viewer, cluster_id, label="Refunds"),
        lambda: clusters.assign(viewer, cluster_id, agent_id=viewer.id),
        lambda: clusters.snooze(viewer, cluster_id, until=soon),
        lambda: clusters.dismiss(viewer, cluster_id, reason="noise"),
        lambda: clusters.resolve(viewer, cluster_id, reason="other", note="Nobody needs this."),
    ):
        decide()
        clusters.undo(viewer, cluster_id)
        after = row(cluster_id)
        for column in ("status", "label", "label_by_hand", "owner_id", "snoozed_until", "reason", "fixed_at"):
            assert after[column] == before[column], column
        assert {each["status"] for each in rows("select status from failed_response")} == {"open"}
    with pytest.raises(Conflict, match="nothing_to_undo"):
        clusters.undo(viewer, cluster_id)


def test_only_those_who_review_take_care_of_a_cluster(world, viewer) -> None:
    cluster_id = cluster_of(world)
    with pytest.raises(Invalid):
        clusters.assign(viewer, cluster_id, agent_id=world.colleague().id)
    clusters.assign(viewer, cluster_id, agent_id=world.colleague(role="admin").id)
    clusters.assign(viewer, cluster_id, agent_id=None)
    assert row(cluster_id)["owner_id"] is None


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(days=366)])
def test_a_snooze_ends_within_a_year(world, viewer, ahead) -> None:
    with pytest.raises(Invalid):
        clusters.snooze(viewer, cluster_of(world), until=datetime.now(UTC) + ahead)


def test_reopened_by_hand_its_failures_are_open_again(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.dismiss(viewer, cluster_id, reason="noise")
    clusters.reopen(viewer, cluster_id)
    assert {each["status"] for each in rows("select status from failed_response")} == {"open"}
    with pytest.raises(Conflict, match="cluster_state"):
        clusters.reopen(viewer, cluster_id)


# --- single failures --------------------------------------------------------------------------------------------


def test_a_single_failure_that_is_dismissed_takes_its_meaning_along(world, viewer) -> None:
    number = fail(world, "sell me a car", meaning(4))
    place_all()
    failure_review.dismiss(viewer, number, reason="out_of_scope")
    again = fail(world, "I want to buy a car", meaning(4, 8))
    place_all()
    assert (failure(again)["status"], failure(again)["cluster_id"]) == ("dismissed", failure(number)["cluster_id"])
    with pytest.raises(Conflict, match="failure_state"):
        failure_review.dismiss(viewer, number, reason="noise")


def test_one_taken_out_of_a_dismissed_meaning_is_open_and_alone(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.dismiss(viewer, cluster_id, reason="noise")
    [first, *_] = members(cluster_id)
    failure_review.reopen(viewer, first)
    assert (failure(first)["status"], failure(first)["cluster_id"], row(cluster_id)["size"]) == ("open", None, 2)


def test_a_single_failure_is_put_into_a_cluster_by_hand(world, viewer) -> None:
    cluster_id, number = cluster_of(world), fail(world, "something else", meaning(8))
    place_all()
    failure_review.place(viewer, number, cluster_id=cluster_id)
    assert (failure(number)["placed"], row(cluster_id)["size"]) == ("moved", 4)
    failure_review.place(viewer, number, cluster_id=None)
    assert (failure(number)["cluster_id"], row(cluster_id)["size"]) == (None, 3)


# --- what is shown ----------------------------------------------------------------------------------------------


def test_the_answers_have_their_shapes(world, viewer) -> None:
    cluster_id = cluster_of(world)
    clusters.rename(viewer, cluster_id, label="Refunds")
    assert not ClusterDetail().validate(read.detail(viewer, cluster_id))
    [first, *_] = members(cluster_id)
    failure_review.resolve(viewer, first, reason="answered_elsewhere")
    detail = read_failures.detail(viewer, first)
    assert not FailureDetail().validate(detail)
    assert not FailureOut().validate(detail["failure"])
    assert [each["kind"] for each in detail["decisions"]] == ["resolve"]


def test_lists_are_narrowed_sorted_and_paged(world, viewer) -> None:
    large, small = cluster_of(world, size=5), cluster_of(world, "Can I change my address", place=9)
    alone = fail(world, "a question of its own", meaning(20))
    fail(world, "thank you", meaning(21))
    place_all()
    assert [each["id"] for each in read.page(viewer, sort="failures")["items"]] == [large, small]
    assert [each["id"] for each in read.page(viewer, sort="newest")["items"]] == [small, large]
    first = read.page(viewer, limit=1)
    second = read.page(viewer, limit=1, after=first["next"])
    assert [each["id"] for each in (*first["items"], *second["items"])] == [large, small]
    assert (first["total"], second["next"]) == (2, None)
    assert [each["id"] for each in read.page(viewer, q="address")["items"]] == [small]
    assert read.page(viewer, status=["resolved"])["items"] == []
    page = read_failures.page(viewer, single=True, noise=False)
    assert ([each["id"] for each in page["items"]], page["total"]) == ([alone], 1)
    assert read_failures.page(viewer, noise=True)["total"] == 1
    assert len(read_failures.page(viewer, cluster_id=large, limit=3)["items"]) == 3
    for wrong in ("x", "1|", "9e99|1", "2026-01-01T00:00:00+00:00|-1"):
        with pytest.raises(Invalid):
            read.page(viewer, after=wrong)
        with pytest.raises(Invalid):
            read_failures.page(viewer, after=wrong)


def test_the_map_is_stable_and_keeps_clusters_apart(world, viewer) -> None:
    cluster_of(world, size=4)
    before = {each[0]: each for each in read_failures.on_map(viewer)["points"]}
    other = cluster_of(world, "Can I change my address", place=9)
    drawn = read_failures.on_map(viewer)
    after = {each[0]: each for each in drawn["points"]}
    assert {key: after[key] for key in before} == before, "nothing that was placed has moved"
    assert drawn["total"] == 7
    (one_, two) = drawn["clusters"]
    assert (one_["x"] - two["x"]) ** 2 + (one_["y"] - two["y"]) ** 2 >= 0.99
    near = [each for each in drawn["points"] if each[3] == other]
    assert all((x - two["x"]) ** 2 + (y - two["y"]) ** 2 < 0.25 for _, x, y, _ in near)


def test_what_was_erased_leaves_no_trace_in_a_cluster(world, viewer) -> None:
    guest = world.guest()
    gone = fail(world, "my secret refund of order 77123", meaning(0), guest)
    for number in range(2):
        fail(world, f"where is the refund {number}", meaning(0, 6))
    [*_, last] = place_all()
    run("update cluster set central_id = %s, label = 'my secret refund of order 77123'", (gone,))
    erasure.erase(world.colleague(role="admin").viewer, guest.id, "They asked.")
    assert describing.tidy() == 1
    assert (row(last.cluster_id)["size"], row(last.cluster_id)["central_id"]) == (2, None)
    assert "secret" not in row(last.cluster_id)["label"]
