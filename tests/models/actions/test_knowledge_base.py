"""Services and articles as people look after them, and as files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.actions import articles, knowledge_import, services, teams, trials
from models.db import one, rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import knowledge
from models.queries import knowledge_base as read
from tests.support.people import Colleague, make_agent, make_team
from tests.support.told import Told

BODY: dict[str, Any] = {
    "name": "Delivery",
    "description": "How long it takes",
    "answer": "Two to three working days.",
    "phrasings": ["How long does it take?", "how long does it take? ", "When will it come?"],
    "quick_replies": ["Track my parcel"],
    "team_id": None,
    "handover": "never",
    "enabled": True,
}
TEXT: dict[str, Any] = {"title": "Tall plants", "body": "They come on a pallet.", "phrasings": ["How do trees travel?"]}


@pytest.fixture
def ida(told: Told) -> Colleague:
    return make_agent("Ida Moe", role="analyst")


def added(ida: Colleague, **more: Any) -> int:
    return services.add(ida.viewer, **{**BODY, **more})


def test_a_service_is_kept_as_written_and_read_by_the_bot(told: Told, ida: Colleague) -> None:
    service_id = added(ida)
    found = read.service(ida.viewer, service_id)
    assert found["content"] == {**BODY, "phrasings": ["How long does it take?", "When will it come?"]}
    assert (found["state"], found["phrasing_count"], found["changed_by"]["name"]) == ("published", 2, "Ida Moe")
    assert found["unread"] == 5, "its name and answer teach the bot as well"
    assert {each.text for each in knowledge.unread(10)} >= {"When will it come?", "Delivery"}
    assert [each.payload for each in told.tellings] == [{"what": "services"}]
    assert [each["content"]["answer"] for each in read.service_versions(ida.viewer, service_id)["items"]] == [
        BODY["answer"]
    ]


def test_two_editors_do_not_overwrite_each_other(ida: Colleague) -> None:
    service_id = added(ida)
    services.change(ida.viewer, service_id, 1, **{**BODY, "answer": "Four days."})
    with pytest.raises(Conflict) as refused:
        services.change(ida.viewer, service_id, 1, **{**BODY, "answer": "Nine days."})
    assert (refused.value.code, refused.value.detail["version"]) == ("stale", 2)
    assert read.service(ida.viewer, service_id)["content"]["answer"] == "Four days."
    assert [each["version"] for each in read.service_versions(ida.viewer, service_id)["items"]] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "DELIVERY"}, "name_taken"),
        ({"name": "X", "team_id": 10**9}, "unknown_team"),
        ({"name": "X", "handover": "instead"}, "team_missing"),
        ({"name": "X", "answer": ""}, "answer_missing"),
    ],
)
def test_what_cannot_be_is_refused_by_name(ida: Colleague, wrong: dict[str, Any], code: str) -> None:
    added(ida)
    with pytest.raises((Conflict, Invalid)) as refused:
        added(ida, **wrong)
    assert refused.value.code == code
    assert one("select count(*)::int as n from service") == {"n": 1}


def test_a_service_without_examples_or_an_answer_hands_over_to_its_team(ida: Colleague) -> None:
    claims = make_team("Claims")
    service_id = added(ida, answer="", phrasings=[], handover="instead", team_id=claims)
    assert read.service(ida.viewer, service_id)["team"]["name"] == "Claims"
    boss = make_agent("Sam Boss", role="supervisor")
    with pytest.raises(Conflict) as refused:
        teams.archive(boss.viewer, claims)
    assert refused.value.detail["uses"]["services"] == ["Delivery"]
    services.archive(ida.viewer, service_id)
    teams.archive(boss.viewer, claims)


@pytest.mark.parametrize("enabled", [True, False])
def test_what_was_archived_comes_back_as_it_was(ida: Colleague, enabled: bool) -> None:
    service_id = added(ida)
    services.change(ida.viewer, service_id, 1, **{**BODY, "enabled": enabled})
    was = read.service(ida.viewer, service_id)["state"]
    assert was == ("published" if enabled else "disabled")
    services.archive(ida.viewer, service_id)
    services.archive(ida.viewer, service_id)
    assert read.services(ida.viewer)["items"] == []
    assert [each["state"] for each in read.services(ida.viewer, state="archived")["items"]] == ["archived"]
    with pytest.raises(Conflict, match="archived"):
        services.change(ida.viewer, service_id, 3, **BODY)
    services.bring_back(ida.viewer, service_id)
    assert read.service(ida.viewer, service_id)["state"] == was


def test_a_draft_was_never_in_use(ida: Colleague) -> None:
    assert read.service(ida.viewer, added(ida, enabled=False))["state"] == "draft"


def test_more_phrasings_are_added_once(ida: Colleague) -> None:
    service_id = added(ida)
    assert services.add_phrasings(ida.viewer, service_id, ["Is it on its way?", "WHEN WILL IT COME?"]) == 1
    assert read.service(ida.viewer, service_id)["content"]["phrasings"][-1] == "Is it on its way?"
    with pytest.raises(Invalid, match="At most 200"):
        services.add_phrasings(ida.viewer, service_id, [f"Way {n}" for n in range(200)])


def test_a_list_finds_by_every_word_of_them(ida: Colleague) -> None:
    added(ida)
    added(ida, name="100% wool", answer="Cold water.", phrasings=["washing"], description="")
    found = {
        q: [each["name"] for each in read.services(ida.viewer, q)["items"]]
        for q in ("", "working days", "when WILL", "washing", "0%", "_", "nothing")
    }
    assert found == {
        "": ["100% wool", "Delivery"],
        "working days": ["Delivery"],
        "when WILL": ["Delivery"],
        "washing": ["100% wool"],
        "0%": ["100% wool"],
        "_": [],
        "nothing": [],
    }


# ------------------------------------------------------------------------------------------------------ articles


def test_a_draft_is_nobodys_to_see_until_it_is_published(ida: Colleague) -> None:
    article_id = articles.add(ida.viewer, **TEXT)
    found = read.article(ida.viewer, article_id)
    assert (found["state"], found["title"], found["words"], found["has_draft"]) == ("draft", "Tall plants", 5, True)
    assert (knowledge.help_articles(""), knowledge.unread(9)) == ([], [])
    articles.change(ida.viewer, article_id, 1, **{**TEXT, "body": "On a pallet."}, publish=True)
    found = read.article(ida.viewer, article_id)
    assert (found["state"], found["draft"], found["content"]["body"]) == ("published", None, "On a pallet.")
    assert [each["title"] for each in knowledge.help_articles("")] == ["Tall plants"]
    assert {each.place for each in knowledge.unread(9)} == {"article_chunk", "article_phrase"}

    articles.change(ida.viewer, article_id, 2, **{**TEXT, "body": "By balloon."})
    found = read.article(ida.viewer, article_id)
    assert (found["state"], found["draft"]["body"], found["content"]["body"]) == (
        "published",
        "By balloon.",
        "On a pallet.",
    )
    assert knowledge.help_articles("")[0]["body"] == "On a pallet."
    with pytest.raises(Conflict) as refused:
        articles.change(ida.viewer, article_id, 2, **TEXT, publish=True)
    assert refused.value.code == "stale"
    articles.discard_draft(ida.viewer, article_id, 3)
    assert read.article(ida.viewer, article_id)["draft"] is None
    assert [each["content"]["body"] for each in read.article_versions(ida.viewer, article_id)["items"]] == [
        "On a pallet."
    ]


def test_an_article_is_taken_off_archived_and_brought_back(ida: Colleague) -> None:
    article_id = articles.add(ida.viewer, **TEXT, publish=True)
    articles.archive(ida.viewer, article_id)
    assert knowledge.help_articles("") == []
    articles.bring_back(ida.viewer, article_id)
    assert len(knowledge.help_articles("")) == 1
    articles.take_off(ida.viewer, article_id, read.article(ida.viewer, article_id)["version"])
    assert read.article(ida.viewer, article_id)["state"] == "disabled"
    articles.archive(ida.viewer, article_id)
    articles.bring_back(ida.viewer, article_id)
    assert read.article(ida.viewer, article_id)["state"] == "disabled"


def test_the_only_text_there_is_cannot_be_thrown_away(ida: Colleague) -> None:
    article_id = articles.add(ida.viewer, **TEXT)
    with pytest.raises(Conflict, match="all there is"):
        articles.discard_draft(ida.viewer, article_id, 1)


# -------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_is_exported_can_be_imported_and_changes_nothing(ida: Colleague, kind: str) -> None:
    claims = make_team("Claims")
    added(ida, answer="=1+1", team_id=claims, handover="after_answer")
    articles.add(ida.viewer, **TEXT, publish=True)
    assert kind == "json" or "'=1+1" in knowledge_import.service_file(ida.viewer, "csv")
    for file, take in (
        (knowledge_import.service_file, knowledge_import.take_services),
        (knowledge_import.article_file, knowledge_import.take_articles),
    ):
        report = take(ida.viewer, format=kind, text=file(ida.viewer, kind), dry_run=False)
        assert report == {"added": 0, "changed": 0, "unchanged": 1, "problems": [], "applied": True}


def test_a_file_is_taken_whole(ida: Colleague) -> None:
    added(ida)
    text = 'name,answer,phrasings,enabled\n"delivery","Six days.","how long\nwhen",yes\nReturns,Within a month.,,no\n'
    dry = knowledge_import.take_services(ida.viewer, format="csv", text=text)
    assert (dry["added"], dry["changed"], dry["applied"]) == (1, 1, False)
    assert one("select count(*)::int as n from service") == {"n": 1}
    assert knowledge_import.take_services(ida.viewer, format="csv", text=text, dry_run=False)["applied"]
    assert rows("select key, name, answer, enabled from service order by id") == [
        {"key": "delivery", "name": "delivery", "answer": "Six days.", "enabled": True},
        {"key": "returns", "name": "Returns", "answer": "Within a month.", "enabled": False},
    ]


def test_every_fault_of_a_file_is_named_by_its_row_and_nothing_is_taken(ida: Colleague) -> None:
    wrong = [
        {"name": "", "answer": "A"},
        {"name": "A", "answer": ""},
        {"name": "B", "answer": "B", "team": "Nobody"},
        {"name": "C", "answer": "C", "phrasings": ["x" * 301]},
        {"name": "D", "answer": "D", "enabled": "perhaps"},
        {"name": "E", "answer": "E"},
        {"name": "e", "answer": "E"},
        "F",
        {"answer": "G"},
    ]
    report = knowledge_import.take_services(ida.viewer, format="json", text=json.dumps(wrong), dry_run=False)
    assert [each["row"] for each in report["problems"]] == [1, 2, 3, 4, 5, 7, 8, 9]
    assert not report["applied"]
    assert rows("select 1 from service") == []


# ----------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(("role", "may"), [("agent", False), ("supervisor", True), ("analyst", True), ("admin", True)])
def test_agents_read_and_the_others_edit(ida: Colleague, role: str, may: bool) -> None:
    service_id, article_id = added(ida), articles.add(ida.viewer, **TEXT)
    who = make_agent(role=role).viewer
    assert (read.services(who)["editable"], read.articles(who)["editable"]) == (may, may)
    assert read.service(who, service_id)["name"] == "Delivery"
    for attempt in (
        lambda: services.change(who, service_id, 1, **BODY),
        lambda: services.archive(who, service_id),
        lambda: articles.change(who, article_id, 1, **TEXT),
        lambda: knowledge_import.service_file(who, "csv"),
        lambda: knowledge_import.take_articles(who, format="json", text="[]"),
    ):
        if may:
            attempt()
        else:
            with pytest.raises(Refused):
                attempt()


# ------------------------------------------------------------------------------------------------------- trials


def test_a_question_is_tried_once_and_only_its_asker_sees_what_came_of_it(told: Told, ida: Colleague) -> None:
    trial_id = trials.ask(ida.viewer, "How long?")
    assert read.trial(ida.viewer, trial_id) == {"id": trial_id, "question": "How long?", "verdict": None, "fault": None}
    assert (trials.question(trial_id), trials.open_ones()) == ("How long?", [trial_id])
    trials.answer(trial_id, fault="No model.")
    trials.answer(trial_id, verdict={"body": "Late."})
    assert read.trial(ida.viewer, trial_id)["fault"] == "No model."
    assert (trials.question(trial_id), trials.open_ones()) == (None, [])
    with pytest.raises(NotFound):
        read.trial(make_agent().viewer, trial_id)
