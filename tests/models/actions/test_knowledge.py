from models.actions.knowledge import record_vectors, remember, save_article, save_service
from models.db import one, rows
from models.queries import knowledge
from models.queries.knowledge import Unread
from models.rules.bars import Bars
from models.rules.embedders import DEFAULT
from models.rules.learned import Direction, Learned


def axis(place: int) -> list[float]:
    """A unit vector: texts on different axes have nothing in common."""
    return [1.0 if each == place else 0.0 for each in range(384)]


def a_service(key: str = "delivery", **changes) -> int:
    told = {"name": "Delivery", "description": "How long it takes.", "answer": "Two days.", "phrasings": ["how long"]}
    return save_service(key=key, **{**told, **changes})


def read_everything() -> None:
    while texts := knowledge.unread(32):
        record_vectors(texts, [axis(0)] * len(texts), DEFAULT)


def phrases(service_id: int) -> dict[str, str]:
    found = rows("select text, origin from service_phrase where service_id = %s", (service_id,))
    return {each["text"]: each["origin"] for each in found}


def test_a_service_is_known_by_its_phrasings_and_by_its_own_words() -> None:
    assert phrases(a_service(phrasings=["how long", " how long ", "", "when"])) == {
        "how long": "example",
        "when": "example",
        "Delivery": "own",
        "Delivery. How long it takes.": "own",
        "Two days.": "own",
    }


def test_saving_again_keeps_the_vectors_of_what_stayed() -> None:
    service_id = a_service(phrasings=["how long", "when"])
    read_everything()
    assert a_service(phrasings=["how long", "which day"], answer="Three days.") == service_id
    assert {text.text for text in knowledge.unread(10)} == {"which day", "Three days."}
    assert "when" not in phrases(service_id)
    assert "Two days." not in phrases(service_id)


def test_a_name_that_is_also_a_phrasing_is_kept_once() -> None:
    service_id = a_service(phrasings=["Delivery"])
    assert phrases(service_id)["Delivery"] == "example"
    a_service(phrasings=["how long"])
    assert phrases(service_id)["Delivery"] == "own"


def test_an_article_is_cut_again_only_when_its_words_change() -> None:
    article_id = save_article(slug="tall", title="Tall plants", body="One.\n\n" + "word " * 119 + "\n\nLast.")
    read_everything()
    save_article(slug="tall", title="Tall plants", body="One.\n\n" + "word " * 119 + "\n\nLast.", published=False)
    assert knowledge.unread(10) == []
    save_article(slug="tall", title="Very tall plants", body="One.")
    assert [text.text for text in knowledge.unread(10)] == ["Very tall plants\nOne."]
    assert rows("select ord from article_chunk where article_id = %s", (article_id,)) == [{"ord": 1}]


def test_a_vector_for_a_text_that_is_gone_is_passed_over() -> None:
    a_service()
    texts = knowledge.unread(10)
    ghost = Unread("service_phrase", 10**9, "gone")
    assert record_vectors([*texts, ghost], [axis(0)] * (len(texts) + 1), DEFAULT) == len(texts)
    assert record_vectors(texts, [axis(1)] * len(texts), DEFAULT) == 0, "a vector is written once"


def test_what_was_learned_replaces_what_was_known_all_at_once() -> None:
    old, new = a_service("old"), a_service("new", name="Returns")
    bars = Bars(0.5, 0.3)
    remember(Learned([Direction(old, axis(0), 0.1)], bars, 5, 0.9), knowledge="first")
    remember(Learned([Direction(new, axis(1), 0.2)], bars, 6, 0.9), knowledge="second")
    assert one("select direction from service where id = %s", (old,))["direction"] is None
    assert one("select bias from service where id = %s", (new,))["bias"] == 0.2
    assert [each["knowledge"] for each in rows("select knowledge from answer_bars order by id")] == ["first", "second"]
