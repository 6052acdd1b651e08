import pytest

from models.actions.knowledge import record_vectors, remember, save_article, save_service
from models.queries import knowledge
from models.rules.answering import Neighbours
from models.rules.bars import UNMEASURED, Bars
from models.rules.embedders import DEFAULT
from models.rules.learned import Direction, Learned, Reading


def axis(place: int) -> list[float]:
    return [1.0 if each == place else 0.0 for each in range(384)]


def nearest(vector: list[float], text: str) -> Neighbours:
    found = knowledge.nearest(Reading(vector, DEFAULT), text)
    assert found is not None
    return found


@pytest.fixture
def two_services() -> tuple[int, int]:
    """Delivery lies along axis 0, returns along axis 1; both have been learned."""
    ids = []
    for place, name in enumerate(("Delivery", "Returns")):
        ids.append(save_service(key=name, name=name, description="", answer=f"{name}!", phrasings=[f"{name} please"]))
        texts = knowledge.unread(10)
        record_vectors(texts, [axis(place)] * len(texts), DEFAULT)
    directions = [Direction(each, axis(place), 0.0) for place, each in enumerate(ids)]
    remember(Learned(directions, Bars(0.5, 0.3), 2, 1.0), knowledge=knowledge.unlearned() or "")
    return ids[0], ids[1]


def test_services_come_nearest_first_with_vote_and_nearness(two_services: tuple[int, int]) -> None:
    near = nearest(axis(1), "send it back")
    assert [each.id for each in near.services] == [two_services[1], two_services[0]]
    best = near.services[0]
    assert (best.name, best.answer, best.nearness) == ("Returns", "Returns!", pytest.approx(1.0))
    assert sum(each.vote for each in near.services) == pytest.approx(1.0)
    assert near.bars == Bars(0.5, 0.3)


def test_a_service_called_by_its_name_comes_first(two_services: tuple[int, int]) -> None:
    near = nearest(axis(1), " delivery ")
    assert near.services[0].id == two_services[0]
    assert near.services[0].named


def test_disabled_and_unlearned_services_are_not_answered_with(two_services: tuple[int, int]) -> None:
    save_service(key="Returns", name="Returns", description="", answer="-", phrasings=["Returns please"], enabled=False)
    save_service(key="new", name="New", description="", answer="-", phrasings=["new"])
    assert [each.id for each in nearest(axis(1), "x").services] == [two_services[0]]


def test_an_empty_desk_knows_nothing_and_says_how_sure_one_would_have_to_be() -> None:
    near = nearest(axis(0), "anything")
    assert (list(near.services), list(near.passages), near.bars) == ([], [], UNMEASURED)


def test_passages_of_published_articles_only() -> None:
    for slug, published in (("shown", True), ("draft", False)):
        save_article(slug=slug, title=slug.title(), body="Some words.", published=published)
    texts = knowledge.unread(10)
    record_vectors(texts, [axis(0)] * len(texts), DEFAULT)
    assert [each.title for each in nearest(axis(0), "x").passages] == ["Shown"]


def test_what_changes_the_services_must_be_learned_again(two_services: tuple[int, int]) -> None:
    assert knowledge.unlearned() is None
    save_service(
        key="Returns", name="Returns", description="", answer="Returns!", phrasings=["Returns please", "give back"]
    )
    texts = knowledge.unread(10)
    record_vectors(texts, [axis(2)] * len(texts), DEFAULT)
    assert knowledge.unlearned() is not None


def test_lessons_of_a_service_with_very_many_phrasings_are_the_newest(two_services: tuple[int, int]) -> None:
    assert {each.service_id for each in knowledge.lessons(60)} == set(two_services)
    assert len(knowledge.lessons(1)) == 2


@pytest.fixture
def help_pages() -> None:
    save_article(slug="a", title="Delivery of tall plants", body="They come on a pallet.")
    save_article(slug="b", title="How to water", body="Water when the soil is dry. Not too often: 100% care.")
    save_article(slug="c", title="Secret draft about water", body="Water.", published=False)


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("", ["Delivery of tall plants", "How to water"]),
        ("watering my plants", ["Delivery of tall plants", "How to water"]),
        ("pallet", ["Delivery of tall plants"]),
        ("deliv", ["Delivery of tall plants"]),
        ("delivrey", ["Delivery of tall plants"]),
        ("100%", ["How to water"]),
        ("_", []),
        ("zebra", []),
    ],
)
def test_help_is_found_by_words_half_words_and_slips(help_pages: None, q: str, titles: list[str]) -> None:
    assert sorted(each["title"] for each in knowledge.help_articles(q)) == titles


def test_a_title_counts_more_than_a_mention(help_pages: None) -> None:
    save_article(slug="d", title="Repotting", body="Then water it.")
    assert knowledge.help_articles("water")[0]["title"] == "How to water"
    assert set(knowledge.help_articles("water", limit=1)[0]) == {"id", "title", "body"}


def test_an_article_is_near_by_the_phrasings_it_was_given() -> None:
    article = save_article(
        slug="tall", title="Tall plants", body="They come on a pallet.", phrasings=["how do trees travel"]
    )
    texts = knowledge.unread(10)
    record_vectors(texts, [axis(3 if text.place == "article_phrase" else 0) for text in texts], DEFAULT)
    found = nearest(axis(3), "x").passages
    assert [(each.article_id, each.text, each.nearness, each.phrased) for each in found][-1] == (
        article,
        "They come on a pallet.",
        pytest.approx(1.0),
        True,
    )


def test_a_reading_of_another_model_is_compared_with_nothing(two_services: tuple[int, int]) -> None:
    assert knowledge.nearest(Reading([1.0, 0.0], "another"), "x") is None


def test_what_the_bot_knows_has_a_version_of_its_own(two_services: tuple[int, int]) -> None:
    before = nearest(axis(0), "x").version
    assert before == nearest(axis(1), "y").version
    save_article(slug="new", title="New", body="Words.")
    assert nearest(axis(0), "x").version != before
