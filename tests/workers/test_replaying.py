"""A fix is proved by asking again, through the real mind of the bot, before it is saved and after."""

from __future__ import annotations

import pytest

from models.actions import clusters, fixes, replays
from models.db import one, rows, run
from models.jobs import Job
from models.queries import clusters as read
from models.queries import knowledge
from models.queries import replays as read_replays
from tests.support import world as worlds
from tests.support.failing import MODEL, fail, place_all
from tests.support.told import Told, listening
from tests.support.world import World
from tests.workers.conftest import teach_demo
from workers.bot import overlay, replaying
from workers.bot.studying import study
from workers.embedding import embed
from workers.grouping import describing

pytestmark = pytest.mark.keeps_data

QUESTIONS = (
    "How do I renew my passport?",
    "How can I renew my old passport?",
    "Where do I renew a passport?",
    "My passport has to be renewed, how do I do that?",
)
ARTICLE = {
    "title": "How to renew a passport",
    "body": "To renew your passport, bring the old passport and two photographs. A renewed passport takes three weeks.",
}


@pytest.fixture(scope="module")
def world(wiper) -> World:
    from models.db import connection

    wiper.wipe()
    with connection():
        made = worlds.build()
        teach_demo()
        return made


@pytest.fixture
def told() -> Told:
    with listening() as told:
        yield told


@pytest.fixture
def cluster_id(world: World) -> int:
    """Failures about one thing, of this test alone."""
    run("delete from failed_response")
    run("delete from cluster")
    run("delete from regression_turn")
    for text, vector in zip(QUESTIONS, embed(QUESTIONS), strict=True):
        fail(world, text, vector)
    place_all()
    found = one("select id from cluster")
    assert found is not None
    return found["id"]


def viewer(world: World):
    return world.colleague(role="admin").viewer


def run_to_the_end(told: Told, replay_id: int) -> dict:
    told.nudges.append((Job.RUN_REPLAY, (replay_id,)))
    while told.nudges:
        job, ids = told.nudges.pop(0)
        if job is Job.RUN_REPLAY:
            replaying.run(*ids)
        elif job is Job.EMBED_KNOWLEDGE:
            study()
    return read_replays.one_of(replay_id)


def good_turn(question: str) -> None:
    """A question the bot answers now, kept as one that it must go on answering."""
    [vector] = embed([question])
    found = knowledge.nearest(knowledge.Reading(vector, MODEL), question)
    assert found is not None
    best = max(found.services, key=lambda each: each.confidence)
    run("insert into regression_turn (question, service_id, origin) values (%s, %s, 'confirmed')", (question, best.id))


def test_what_is_not_fixed_fails_and_an_article_laid_over_fixes_it_without_being_saved(world, told, cluster_id) -> None:
    good_turn("Where is my order?")
    as_it_is = run_to_the_end(told, replays.ask(viewer(world), cluster_id=cluster_id))
    assert (as_it_is["state"], as_it_is["failing"], as_it_is["kept"], as_it_is["broken"]) == ("done", 4, 1, 0)
    articles = rows("select * from article order by id")
    change = {"article": {"article_id": None, "article": ARTICLE, "phrasings": [*QUESTIONS[:2]]}}
    would_be = run_to_the_end(told, replays.ask(viewer(world), cluster_id=cluster_id, change=change))
    assert (would_be["purpose"], would_be["fixed"], would_be["broken"]) == ("before", 4, 0)
    assert rows("select * from article order by id") == articles
    [first, *_] = read_replays.turns(viewer(world), would_be["id"], verdict="fixed")["items"]
    assert first["source"] == {"kind": "article", "id": 0, "title": ARTICLE["title"]}


def test_once_saved_the_bot_learns_first_and_then_it_is_proved(world, told, cluster_id) -> None:
    good_turn("Where is my order?")
    admin = viewer(world)
    fixes.to_article(admin, cluster_id=cluster_id, article=ARTICLE, phrasings=QUESTIONS[:2])
    done = run_to_the_end(told, replays.ask(admin, cluster_id=cluster_id))
    assert (done["fixed"], done["percent"], done["kept"]) == (4, 100, 1)
    assert read.one_of(cluster_id)["proved_at"] is not None
    assert one("select count(*)::int as n from regression_turn where origin = 'replayed'") == {"n": 4}
    clusters.resolve(admin, cluster_id, reason="fixed")
    assert read.one_of(cluster_id)["status"] == "resolved"
    run("delete from article where title = %s", (ARTICLE["title"],))


def test_a_service_laid_over_is_learned_with_all_others(world, told, cluster_id) -> None:
    good_turn("Where is my order?")
    services = rows("select id, direction, bias from service order by id")
    change = {
        "service": {
            "service_id": None,
            "service": {"name": "Passports", "description": "", "answer": "Bring the old one.", "team_id": None},
            "phrasings": list(QUESTIONS),
        }
    }
    would_be = run_to_the_end(told, replays.ask(viewer(world), cluster_id=cluster_id, change=change))
    assert (would_be["state"], would_be["fixed"], would_be["kept"]) == ("done", 4, 1)
    assert rows("select id, direction, bias from service order by id") == services


def test_an_article_that_goes_while_a_replay_of_it_runs_ends_the_replay_with_a_clear_word(
    world, told, cluster_id, monkeypatch
) -> None:
    admin = viewer(world)
    article_id = fixes.to_article(admin, cluster_id=cluster_id, article=ARTICLE)
    change = {"article": {"article_id": article_id, "article": None, "phrasings": ["renew a passport"]}}
    monkeypatch.setattr(replaying, "BATCH", 1)
    monkeypatch.setattr(replaying, "SECONDS", 0)
    while knowledge.unread(1):
        study()
    replay_id = replays.ask(admin, cluster_id=cluster_id, change=change)
    replaying.run(replay_id)
    assert read_replays.one_of(replay_id)["done"] == 1, "one slice of it"
    run("delete from article where id = %s", (article_id,))
    ended = run_to_the_end(told, replay_id)
    assert (ended["state"], ended["fault"], ended["done"]) == ("failed", "knowledge_gone", 1)


def test_an_answer_out_of_something_else_fixes_nothing(world, told, cluster_id) -> None:
    """The bot is sure, and wrong: it says what another article says. The proof looks at what was made to answer."""
    admin = viewer(world)
    wrong = {"title": "Passports of pets", "body": ARTICLE["body"]}
    other = fixes.to_article(admin, failure_id=one("select max(id) as id from failed_response")["id"], article=wrong)
    run("update cluster set service_id = (select min(id) from service) where id = %s", (cluster_id,))
    done = run_to_the_end(told, replays.ask(admin, cluster_id=cluster_id))
    run("delete from article where id = %s", (other,))
    assert (done["fixed"], done["failing"]) == (0, 4)


def test_the_answer_that_was_no_help_is_none_when_it_comes_again(world, told, cluster_id) -> None:
    admin = viewer(world)
    article_id = fixes.to_article(
        admin, failure_id=one("select max(id) as id from failed_response")["id"], article=ARTICLE
    )
    [first, *others] = [each["id"] for each in rows("select id from failed_response order by id")]
    run("update failed_response set trigger = 'thumbs_down' where id = %s", (first,))
    run(
        "insert into bot_turn (message_id, chat_id, outcome, question, article_id, bot_version)"
        " select message_id, chat_id, 'answered', text, %s, 'v' from failed_response where id = %s",
        (article_id, first),
    )
    replay_id = replays.ask(admin, cluster_id=cluster_id)
    done = run_to_the_end(told, replay_id)
    run("delete from article where id = %s", (article_id,))
    failing = read_replays.turns(admin, replay_id, verdict="failing")["items"]
    assert ([each["failure_id"] for each in failing], done["fixed"]) == ([first], len(others))


def test_without_the_model_it_says_so(world, told, cluster_id, monkeypatch) -> None:
    from workers.embedding import ModelMissing

    def missing(*_: object) -> None:
        raise ModelMissing("gone")

    monkeypatch.setattr(overlay, "embed", missing)
    change = {"article": {"article_id": None, "article": ARTICLE, "phrasings": []}}
    ended = run_to_the_end(told, replays.ask(viewer(world), cluster_id=cluster_id, change=change))
    assert (ended["state"], ended["fault"]) == ("failed", "model_missing")


def test_a_worker_that_dies_is_made_up_for_and_three_are_enough(world, told, cluster_id) -> None:
    replay_id = replays.ask(viewer(world), cluster_id=cluster_id)
    for _ in range(3):
        assert replays.claim(replay_id) is not None
        assert replays.claim(replay_id) is None, "it is in other hands"
        run("update replay set lease_until = now() - interval '1 second' where id = %s", (replay_id,))
    assert replays.due() == [replay_id]
    replaying.run_due()
    assert read_replays.one_of(replay_id)["fault"] == "worker_lost"


def test_a_cancelled_replay_stops(world, told, cluster_id) -> None:
    replay_id = replays.ask(viewer(world), cluster_id=cluster_id)
    claimed = replays.claim(replay_id)
    assert claimed is not None
    [first, *_] = replays.unasked(replay_id, 1)
    replays.cancel(viewer(world), replay_id)
    assert replays.record(replay_id, [replays.Outcome(first["id"], "fixed")]) is False
    assert read_replays.one_of(replay_id)["done"] == 0


def test_a_cluster_is_described_by_its_own_words(world, told, cluster_id) -> None:
    describing.describe_due()
    found = read.one_of(cluster_id)
    assert found["label"] in QUESTIONS
    assert "passport" in " ".join(found["keywords"])


def test_what_a_customer_called_helpful_must_stay_so(world, told, cluster_id) -> None:
    [first, second, third, _] = rows("select message_id, chat_id, text from failed_response order by id")
    for each, outcome in ((first, "answered"), (second, "answered"), (third, "missed")):
        run(
            "insert into bot_turn (message_id, chat_id, reply_id, outcome, question, service_id, bot_version)"
            " values (%s, %s, %s, %s, %s, (select min(id) from service), 'v')",
            (each["message_id"], each["chat_id"], each["message_id"], outcome, each["text"]),
        )
    for each, helped in ((first, True), (second, False), (third, True)):
        run(
            "insert into answer_feedback (message_id, chat_id, customer_id, helped)"
            " select %s, id, customer_id, %s from chat where id = %s",
            (each["message_id"], helped, each["chat_id"]),
        )
    run("delete from failed_response")
    assert (replays.collect_good_turns(), replays.collect_good_turns()) == (1, 0)
    assert one("select question, origin from regression_turn") == {"question": first["text"], "origin": "confirmed"}
