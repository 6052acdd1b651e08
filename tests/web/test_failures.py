"""The review of failed responses over HTTP: who may, what comes back, what is refused and in which words."""

from __future__ import annotations

import re

import pytest

from models.actions import clusters
from models.db import rows, run
from models.schemas.clusters import ClusterDetail, ClusterPage, FailureMap, ProposalList
from models.schemas.failures import FailureChoices, FailurePage
from models.schemas.figures import FailureFigures
from models.schemas.replays import ReplayTurnPage
from tests.support.failing import cluster_of, fail, meaning, place_all
from tests.support.reviewing import ROUTES
from tests.support.world import fingerprint


@pytest.fixture
def analyst(house):
    return house.console(house.world.colleague(role="analyst"))


def address(rule: str, number: int = 1) -> str:
    return re.sub("<int:[a-z_]+>", str(number), rule)


def test_an_agent_sees_and_changes_nothing_of_it(house) -> None:
    cluster_id = cluster_of(house.world)
    console = house.console(house.world.colleague())
    console.get("/api/session")
    before = fingerprint()
    for (method, rule), body in ROUTES.items():
        answer = console.request(method, address(rule, cluster_id), body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), f"{method} {rule}"
    assert fingerprint() == before


@pytest.mark.parametrize("role", ["analyst", "supervisor", "admin"])
def test_who_reviews_gets_past_every_door(house, role, limits_forgotten) -> None:
    console = house.console(house.world.colleague(role=role))
    for (method, rule), body in ROUTES.items():
        answer = console.request(method, address(rule, 987_654_321), body)
        expected = 404 if "<int" in rule else 200
        assert answer.status_code == expected, f"{method} {rule}: {answer.text}"


def test_a_cluster_is_read_decided_about_and_taken_back(house, analyst) -> None:
    cluster_id = cluster_of(house.world)
    detail = analyst.get(f"/api/clusters/{cluster_id}").json()
    assert not ClusterDetail().validate(detail)
    version = detail["cluster"]["version"]
    renamed = analyst.post(f"/api/clusters/{cluster_id}/rename", {"label": "Refunds", "version": version})
    assert (renamed.status_code, renamed.json()["cluster"]["label"]) == (200, "Refunds")
    late = analyst.post(f"/api/clusters/{cluster_id}/dismiss", {"reason": "noise", "version": version})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "cluster_changed", version + 1)
    unproved = analyst.post(f"/api/clusters/{cluster_id}/resolve", {"reason": "fixed"})
    assert (unproved.status_code, unproved.json()["code"]) == (409, "not_proved")
    assert unproved.json()["proof"] == {"percent": None, "broken": None, "needed_percent": 80}
    undone = analyst.post(f"/api/clusters/{cluster_id}/undo", {})
    assert undone.json()["cluster"]["label"] == detail["cluster"]["label"]
    assert analyst.post(f"/api/clusters/{cluster_id}/undo", {}).json()["code"] == "nothing_to_undo"


def test_what_was_merged_away_says_where_it_went(house, analyst) -> None:
    cluster_id, other = cluster_of(house.world), cluster_of(house.world, "Can I change my address", place=9)
    clusters.merge(house.world.colleague(role="admin").viewer, cluster_id, other_ids=[other])
    answer = analyst.post(f"/api/clusters/{other}/rename", {"label": "Addresses"})
    assert (answer.json()["code"], answer.json()["cluster_id"]) == ("cluster_merged", cluster_id)


def test_lists_and_the_map_have_their_shapes(house, analyst) -> None:
    cluster_of(house.world)
    fail(house.world, "thanks", meaning(3))
    place_all()
    for path, shape in (
        ("/api/failures", FailurePage),
        ("/api/failures?noise=true&status=open&triggers=low_confidence,thumbs_down", FailurePage),
        ("/api/failures/map", FailureMap),
        ("/api/failures/choices", FailureChoices),
        ("/api/failures/figures", FailureFigures),
        ("/api/clusters?status=open,snoozed&sort=trend", ClusterPage),
        ("/api/clusters/proposals", ProposalList),
    ):
        answer = analyst.get(path)
        assert answer.status_code == 200, answer.text
        assert not shape().validate(answer.json()), path
    assert analyst.get("/api/failures").json()["total"] == 3
    assert analyst.get("/api/failures?noise=true").json()["total"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/failures?after=x",
        "/api/failures?status=lost",
        "/api/failures?from_at=2026-02-01T00:00:00Z&to_at=2026-01-01T00:00:00Z",
        "/api/failures?limit=0",
        "/api/clusters?after=1",
        "/api/clusters?status=merged",
        "/api/clusters?sort=worst",
        "/api/failures/figures?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z",
        "/api/failures/figures?since=1990-01-01T00:00:00Z",
    ],
)
def test_an_odd_question_is_refused(analyst, path) -> None:
    assert analyst.get(path).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rename", {"label": " "}),
        ("rename", {"label": "x" * 161}),
        ("snooze", {"until": "2001-01-01T00:00:00Z"}),
        ("dismiss", {"reason": "boring"}),
        ("split", {"failure_ids": []}),
        ("split", {"failure_ids": [10**9]}),
        ("merge", {"other_ids": [True]}),
        ("article", {"phrasings": ["a"]}),
        ("article", {"article_id": 10**9}),
        ("article", {"article_id": 1, "article": {"title": "T", "body": "B"}}),
        ("service", {"service_id": 10**9, "phrasings": ["a"]}),
        ("service", {"service": {"name": "N", "answer": "A"}}),
        ("replay", {"article": {"article_id": 10**9}}),
        ("rename", {"label": "Fine", "pinned": False}),
    ],
)
def test_an_odd_decision_is_refused_and_changes_nothing(house, analyst, path, body) -> None:
    cluster_id = cluster_of(house.world)
    analyst.get("/api/session")
    before = fingerprint()
    answer = analyst.post(f"/api/clusters/{cluster_id}/{path}", body)
    assert answer.status_code == 422, answer.text
    assert fingerprint() == before


def test_added_to_the_knowledge_base_or_to_a_service_the_questions_go_with_it(house, analyst) -> None:
    cluster_id = cluster_of(house.world)
    asked = ["Where is my refund 0?", "Where is my refund 1?"]
    answer = analyst.post(
        f"/api/clusters/{cluster_id}/article",
        {"article": {"title": "Refunds", "body": "They take three days."}, "phrasings": [*asked, asked[0]]},
    )
    made = answer.json()["cluster"]["article"]
    assert made["title"] == "Refunds"
    assert [
        each["text"]
        for each in rows("select text from article_phrase where article_id = %s order by id", (made["id"],))
    ] == asked
    answer = analyst.post(
        f"/api/clusters/{cluster_id}/service",
        {"service": {"name": "Refunds", "answer": "Three days."}, "phrasings": asked},
    )
    made = answer.json()["cluster"]["service"]
    found = rows("select text from service_phrase where service_id = %s and origin = 'example'", (made["id"],))
    assert {each["text"] for each in found} == set(asked)
    more = analyst.post(
        f"/api/clusters/{cluster_id}/service", {"service_id": made["id"], "phrasings": ["refund, please"]}
    )
    assert [each["kind"] for each in more.json()["decisions"]] == ["service", "service", "article"]


def test_an_article_that_was_removed_takes_nothing_more(house, analyst) -> None:
    cluster_id = cluster_of(house.world)
    made = analyst.post(
        f"/api/clusters/{cluster_id}/article", {"article": {"title": "Refunds", "body": "Three days."}}
    ).json()["cluster"]["article"]
    run("delete from article where id = %s", (made["id"],))
    answer = analyst.post(f"/api/clusters/{cluster_id}/article", {"article_id": made["id"], "phrasings": ["refund"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "knowledge_gone")
    assert analyst.get(f"/api/clusters/{cluster_id}").json()["cluster"]["article"] is None


def test_a_replay_is_asked_for_watched_and_cancelled(house, analyst, limits_forgotten) -> None:
    cluster_id = cluster_of(house.world)
    asked = analyst.post(f"/api/clusters/{cluster_id}/replay", {})
    assert (asked.status_code, asked.json()["total"], asked.json()["purpose"]) == (202, 3, "after")
    again = analyst.post(
        f"/api/clusters/{cluster_id}/replay", {"article": {"article": {"title": "Refunds", "body": "Three days."}}}
    ).json()
    assert again["purpose"] == "before"
    assert analyst.get(f"/api/replays/{asked.json()['id']}").json()["state"] == "cancelled", "only the newest counts"
    turns = analyst.get(f"/api/replays/{again['id']}/turns?limit=2").json()
    assert not ReplayTurnPage().validate(turns)
    assert len(turns["items"]) == 2
    assert analyst.get(f"/api/replays/{again['id']}/turns?after={turns['next']}").json()["next"] is None
    assert analyst.post(f"/api/replays/{again['id']}/cancel", {}).json()["state"] == "cancelled"
    assert analyst.post(f"/api/replays/{again['id']}/cancel", {}).json()["code"] == "finished"
