"""The people of a cluster: whom its questions failed, and who has been helped since."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import broadcasts, chats
from models.db import one, rows, run
from models.errors import NotFound
from models.queries import broadcasts as read
from tests.support.people import Colleague, Customer, make_agent, make_customer


@pytest.fixture
def sue() -> Colleague:
    return make_agent("Sue Park", role="supervisor", limit=50)


@pytest.fixture
def cluster() -> int:
    (made,) = rows(
        "insert into cluster (label, model_id, centroid, first_seen_at, last_seen_at)"
        " values ('Where is my parcel?', 'm', '[1,0]', now(), now()) returning id"
    )
    return int(made["id"])


def failed(cluster: int, *, who: Customer | None = None, body: str = "Where is my parcel?") -> Customer:
    """Somebody whose question the bot could not answer; they wait for a person since."""
    who = who or make_customer()
    said = who.says(body)
    run(
        "insert into failed_response (chat_id, message_id, channel_id, session_id, customer_id, text, normalized, trigger,"
        " bot_version, cluster_id, placed, model_id, embedding, created_at)"
        " select c.id, m.id, c.channel_id, c.session_id, c.customer_id, m.body, lower(m.body), 'low_confidence', 'v', %s, 'joined', 'm',"
        " '[1,0]', m.created_at from message m join chat c on c.id = m.chat_id where m.id = %s",
        (cluster, said.row["id"]),
    )
    return who


def answered(who: Customer, question: str, vector: str = "[0,1]", *, helped: bool | None = None) -> None:
    """The customer asks again, and the bot answers."""
    said = who.says(question)
    reply = rows("select id from message where chat_id = %s order by id desc limit 1", (said.chat_id,))[0]["id"]
    run(
        "insert into bot_turn (message_id, chat_id, reply_id, outcome, question, bot_version, model_id, embedding)"
        " values (%s, %s, %s, 'answered', %s, 'v', 'm', %s)",
        (said.row["id"], said.chat_id, reply, question, vector),
    )
    if helped is not None:
        run(
            "insert into answer_feedback (message_id, chat_id, customer_id, helped) values (%s, %s, %s, %s)",
            (reply, said.chat_id, who.id, helped),
        )


def meant(sue: Colleague, cluster: int) -> dict[str, Any]:
    found = read.audience(sue.viewer, "cluster", {"cluster_id": cluster})
    return {"reachable": found["reachable"], **{each["reason"]: each["count"] for each in found["left_out"]}}


def test_whom_it_failed_is_meant_once_however_often_they_asked(sue: Colleague, cluster: int) -> None:
    twice = failed(cluster)
    failed(cluster, who=twice, body="Where is it?")
    failed(cluster)
    make_customer().says("Something else")
    assert meant(sue, cluster) == {"reachable": 2}


def test_whom_an_agent_helped_in_the_same_issue_is_left_out(sue: Colleague, cluster: int) -> None:
    helped, followed = failed(cluster), failed(cluster)
    for who, reason in ((helped, "resolved"), (followed, "follow_up")):
        who.asks_for_person()
        sue.takes(who.chat)
        chats.end(sue.viewer, who.chat, reason)
    assert meant(sue, cluster) == {"reachable": 1, "helped": 1}


def test_help_with_something_else_or_before_is_none(sue: Colleague, cluster: int) -> None:
    who = make_customer()
    who.waits()
    sue.takes(who.chat)
    sue.ends(who.chat)
    run("update chat set ended_at = ended_at - interval '2 days'")
    failed(cluster, who=who)
    assert meant(sue, cluster) == {"reachable": 1}


@pytest.mark.parametrize(
    ("question", "vector", "thumbs", "is_helped"),
    [
        ("Where is my parcel?", "[0,1]", None, True),
        ("where is MY parcel?", "[0,1]", True, True),
        ("Parcel, where?", "[1,0.1]", None, True),
        ("Parcel, where?", "[1,0.1]", False, False),
        ("Do you sell plants?", "[0,1]", None, False),
    ],
)
def test_whom_the_bot_answered_the_same_question_since(
    sue: Colleague, cluster: int, question: str, vector: str, thumbs: bool | None, is_helped: bool
) -> None:
    answered(failed(cluster), question, vector, helped=thumbs)
    assert meant(sue, cluster) == ({"reachable": 0, "helped": 1} if is_helped else {"reachable": 1})


def test_one_question_that_is_not_helped_is_enough(sue: Colleague, cluster: int) -> None:
    who = failed(cluster)
    answered(who, "Where is my parcel?")
    failed(cluster, who=who, body="My parcel has not come")
    assert meant(sue, cluster) == {"reachable": 1}


def test_a_broadcast_says_for_whose_cluster_it_was(sue: Colleague, cluster: int) -> None:
    failed(cluster)
    number = broadcasts.draft(
        sue.viewer, title="T", body="B", rate=10, audience_kind="cluster", audience={"cluster_id": cluster}
    )
    broadcasts.schedule(sue.viewer, number)
    found = read.detail(sue.viewer, number)
    assert found["cluster"] == {"id": cluster, "label": "Where is my parcel?"}
    assert found["counts"]["waiting"] == 1
    assert one("select cluster_id from broadcast") == {"cluster_id": cluster}


def test_a_broadcast_to_a_cluster_begins_with_its_question_and_the_answer_found_since(
    sue: Colleague, cluster: int
) -> None:
    bare = read.begun_for(sue.viewer, cluster)
    assert bare["title"] == "Where is my parcel?"
    assert "“Where is my parcel?”" in bare["body"]
    run(
        "update cluster set draft = %s::jsonb where id = %s",
        ('{"title": "Parcels", "body": "They are moving again."}', cluster),
    )
    assert read.begun_for(sue.viewer, cluster)["body"].endswith("\n\nThey are moving again.")
    run("update cluster set draft = jsonb_build_object('body', repeat('long ', 1000)) where id = %s", (cluster,))
    assert len(read.begun_for(sue.viewer, cluster)["body"]) <= 2000
    with pytest.raises(NotFound):
        read.begun_for(sue.viewer, 987_654)
