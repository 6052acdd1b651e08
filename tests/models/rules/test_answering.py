from dataclasses import replace

from models.rules import bot_says
from models.rules.answering import (
    Answer,
    Miss,
    NearPassage,
    NearService,
    Neighbours,
    Said,
    Settled,
    at_once,
    judge,
    question,
)
from models.rules.bars import Bars

BARS = Bars(sure=0.5, doubt=0.3)
DELIVERY = NearService(1, "How long delivery takes", "Two to three working days.", vote=0.8, nearness=0.6)
REFUND = NearService(2, "Where is my refund?", "Within five working days.", vote=0.1, nearness=0.4)
PASSAGE = NearPassage(7, "Tall plants", "They come on a **pallet**, see [prices](/prices).", nearness=0.7)


def near(*services: NearService, passages: tuple[NearPassage, ...] = (), bars: Bars = BARS) -> Neighbours:
    return Neighbours(services, passages, bars)


def doubtful(service: NearService) -> NearService:
    return replace(service, vote=0.3, nearness=0.5)


def test_what_is_sure_is_answered_with_its_source() -> None:
    said = judge(Said("how long does it take"), near(REFUND, DELIVERY))
    assert said == Answer(
        "Two to three working days.",
        [("service", 1, "How long delivery takes")],
        [bot_says.THAT_HELPED, bot_says.TALK_TO_A_PERSON],
        0.7,
    )


def test_a_doubt_asks_back_once() -> None:
    said = judge(Said("how long"), near(doubtful(DELIVERY), REFUND))
    assert isinstance(said, Answer)
    assert said.unsure
    assert said.quick_replies == ["How long delivery takes", "Where is my refund?", bot_says.TALK_TO_A_PERSON]
    assert said.sources == []
    assert said.service_id == 1


def test_a_second_doubt_in_a_row_goes_to_a_person() -> None:
    said = judge(Said("how long", "eh", misses=1), near(doubtful(DELIVERY)))
    assert isinstance(said, Miss)
    assert (said.text, said.trigger, said.body) == ("how long", "low_confidence", bot_says.STILL_LOST)
    assert said.about == 1


def test_a_clear_miss_goes_to_a_person_at_once() -> None:
    stranger = replace(DELIVERY, vote=0.2, nearness=0.2)
    said = judge(Said("who won the match"), near(stranger, passages=(replace(PASSAGE, nearness=0.1),)))
    assert isinstance(said, Miss)
    assert (said.trigger, said.body) == ("low_confidence", bot_says.HANDING_OVER)
    assert said.about is None
    assert said.candidates == [
        {"kind": "service", "id": 1, "title": "How long delivery takes", "score": 0.1},
        {"kind": "article", "id": 7, "title": "Tall plants", "score": 0.1},
    ]


def test_a_landslide_among_strangers_is_no_evidence() -> None:
    assert isinstance(judge(Said("job openings?"), near(replace(DELIVERY, vote=1.0, nearness=0.29))), Miss)


def test_a_desk_that_knows_nothing_says_so() -> None:
    said = judge(Said("hello?"), near())
    assert isinstance(said, Miss)
    assert said.trigger == "no_knowledge"


def test_an_article_answers_when_no_service_is_sure() -> None:
    said = judge(Said("tall plant"), near(doubtful(DELIVERY), passages=(PASSAGE,)))
    assert isinstance(said, Answer)
    assert said.sources == [("article", 7, "Tall plants")]
    assert "They come on a pallet, see prices." in said.body


def test_a_sure_service_comes_before_an_article() -> None:
    said = judge(Said("how long"), near(DELIVERY, passages=(PASSAGE,)))
    assert isinstance(said, Answer)
    assert said.sources == [("service", 1, "How long delivery takes")]


def test_a_tapped_topic_is_certain() -> None:
    said = judge(Said("where is my refund?", "eh", 1), near(DELIVERY, replace(REFUND, named=True)))
    assert isinstance(said, Answer)
    assert (said.body, said.confidence) == ("Within five working days.", 1.0)


def test_yes_means_the_best_guess_of_the_question_before() -> None:
    said = Said("yes please", "how long", misses=1)
    assert at_once(said) is None
    assert question(said) == "how long"
    verdict = judge(said, near(doubtful(DELIVERY)))
    assert isinstance(verdict, Answer)
    assert verdict.body == "Two to three working days."


def test_no_leaves_the_question_before_open() -> None:
    said = at_once(Said("that didn't help", "how long"))
    assert said == Miss("how long", "low_confidence", body=bot_says.STILL_LOST)


def test_a_wish_for_a_person_is_no_failure_unless_a_question_is_open() -> None:
    wish = bot_says.TALK_TO_A_PERSON
    assert at_once(Said(wish, "where is it")) == Miss(
        wish, "asked_for_person", body=bot_says.PERSON_COMING, about="as before"
    )
    assert at_once(Said(wish, "how long", misses=1)) == Miss(
        "how long", "low_confidence", body=bot_says.PERSON_COMING, about="as before"
    )


def test_small_talk_needs_no_looking_up_and_always_offers_a_person() -> None:
    said = at_once(Said("hi!"))
    assert isinstance(said, Answer)
    assert said.quick_replies == [bot_says.TALK_TO_A_PERSON]
    assert at_once(Said("where is my parcel")) is None


def test_a_customer_who_says_it_helped_has_settled_the_matter() -> None:
    assert isinstance(at_once(Said("That helped!", "how long does it take")), Settled)
    assert not isinstance(at_once(Said("that helped", None)), Settled), "nothing was answered yet"
    assert not isinstance(at_once(Said("that helped", "eh", misses=1)), Settled), "the bot was lost, not helpful"
