from dataclasses import replace

import pytest

from models.rules import bot_says
from models.rules.answering import (
    Answer,
    Handover,
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
from models.rules.learned import Reading
from models.rules.turns import Earlier

BARS = Bars(sure=0.5, doubt=0.3)
DELIVERY = NearService(1, "How long delivery takes", "Two to three working days.", vote=0.8, nearness=0.6)
REFUND = NearService(2, "Where is my refund?", "Within five working days.", vote=0.1, nearness=0.4)
PASSAGE = NearPassage(7, "Tall plants", "They come on a **pallet**, see [prices](/prices).", nearness=0.7)


HOW_LONG = Earlier(11, "how long", "asked_back", 12, ("service", 1))
ANSWERED = Earlier(11, "how long", "answered", 12, ("service", 1), reading=Reading([1.0, 0.0], "m"))


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
        question="how long does it take",
        candidates=said.candidates,
    )
    assert [each["id"] for each in said.candidates] == [1, 2]


def test_a_doubt_asks_back_once() -> None:
    said = judge(Said("how long"), near(doubtful(DELIVERY), REFUND))
    assert isinstance(said, Answer)
    assert said.unsure
    assert said.quick_replies == [
        "How long delivery takes",
        "Where is my refund?",
        bot_says.NONE_OF_THESE,
        bot_says.TALK_TO_A_PERSON,
    ]
    assert said.outcome == "asked_back"
    assert said.sources == []
    assert said.service_id == 1


def test_a_second_doubt_in_a_row_goes_to_a_person() -> None:
    said = judge(Said("how long", [replace(HOW_LONG, question="eh")]), near(doubtful(DELIVERY)))
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
    said = judge(Said("where is my refund?", [HOW_LONG]), near(DELIVERY, replace(REFUND, named=True)))
    assert isinstance(said, Answer)
    assert (said.body, said.confidence) == ("Within five working days.", 1.0)


def test_yes_means_the_best_guess_of_the_question_before() -> None:
    said = Said("yes please", [HOW_LONG])
    assert at_once(said) is None
    assert question(said) == "how long"
    verdict = judge(said, near(doubtful(DELIVERY)))
    assert isinstance(verdict, Answer)
    assert verdict.body == "Two to three working days."


def test_a_refused_clarification_leaves_the_question_before_open() -> None:
    for no in (bot_says.NONE_OF_THESE, "none of them", "No"):
        said = at_once(Said(no, [HOW_LONG]))
        assert said == Miss("how long", "clarification_refused", body=bot_says.STILL_LOST, of=HOW_LONG)


def test_that_did_not_help_is_a_thumb_down() -> None:
    said = at_once(Said("that didn't help", [ANSWERED]))
    assert said == Miss("how long", "thumbs_down", body=bot_says.STILL_LOST, of=ANSWERED)


@pytest.mark.parametrize(("last", "trigger"), [(ANSWERED, "person_after_answer"), (HOW_LONG, "clarification_refused")])
def test_a_wish_for_a_person_right_after_the_bot_spoke_is_about_what_it_said(last: Earlier, trigger: str) -> None:
    said = at_once(Said(bot_says.TALK_TO_A_PERSON, [last]))
    assert isinstance(said, Miss)
    assert (said.text, said.trigger, said.of, said.about) == ("how long", trigger, last, "as before")


def test_a_wish_for_a_person_is_no_failure_when_the_bot_has_said_nothing_yet() -> None:
    wish = bot_says.TALK_TO_A_PERSON
    for said in (Said(wish), Said(wish, [replace(ANSWERED, outcome="small_talk")])):
        assert at_once(said) == Miss(wish, "asked_for_person", body=bot_says.PERSON_COMING, about="as before")


def test_two_close_answers_are_the_customers_choice() -> None:
    twin = replace(REFUND, vote=0.7, nearness=0.6)
    said = judge(Said("when is it done"), near(DELIVERY, twin))
    assert isinstance(said, Answer)
    assert (said.outcome, said.body, said.unsure) == ("asked_which", bot_says.WHICH_OF_THESE, True)
    assert said.quick_replies == [
        "How long delivery takes",
        "Where is my refund?",
        bot_says.NONE_OF_THESE,
        bot_says.TALK_TO_A_PERSON,
    ]
    assert isinstance(judge(Said("when is it done", [HOW_LONG]), near(DELIVERY, twin)), Answer)
    assert judge(Said("when is it done", [HOW_LONG]), near(DELIVERY, twin)).body == DELIVERY.answer, "asked once only"
    assert judge(Said("x"), near(DELIVERY, replace(twin, vote=0.5))).body == DELIVERY.answer, "far enough apart"


def test_a_service_brings_its_own_quick_replies() -> None:
    said = judge(Said("x"), near(replace(DELIVERY, quick_replies=["Track it"])))
    assert said.quick_replies == ["Track it", bot_says.THAT_HELPED, bot_says.TALK_TO_A_PERSON]


@pytest.mark.parametrize(("handover", "body"), [("after_answer", DELIVERY.answer), ("instead", bot_says.TO_ITS_TEAM)])
def test_a_service_of_its_team_is_handed_over(handover: Handover, body: str) -> None:
    said = judge(Said("x"), near(replace(DELIVERY, handover=handover)))
    assert isinstance(said, Answer)
    assert (said.body, said.hands_over, said.quick_replies, said.service_id) == (body, True, [], 1)


# ------------------------------------------------------------------------------------------------- asked again

SAME, ELSE = Reading([0.8, 0.6], "m"), Reading([0.0, 1.0], "m")


def test_the_same_answer_is_not_given_twice_for_the_same_question() -> None:
    said = judge(Said("how many days", [ANSWERED]), near(DELIVERY), SAME)
    assert said == Miss(
        "how many days",
        "asked_again",
        body=bot_says.STILL_LOST,
        about="as before",
        of=ANSWERED,
        again=ANSWERED,
        reading=SAME,
    )
    other = replace(REFUND, vote=0.5, nearness=0.4)
    said = judge(Said("how many days", [ANSWERED]), near(DELIVERY, other), SAME)
    assert isinstance(said, Answer)
    assert (said.outcome, said.body, said.quick_replies[0]) == ("asked_which", bot_says.NOT_THAT, "Where is my refund?")
    assert said.again == ANSWERED


def test_another_answer_to_the_same_question_is_given_and_the_first_was_no_help() -> None:
    said = judge(Said("how many days", [ANSWERED]), near(replace(DELIVERY, id=3)), SAME)
    assert (said.body, said.again) == (DELIVERY.answer, ANSWERED)


@pytest.mark.parametrize(
    ("earlier", "reading"),
    [
        ([ANSWERED], ELSE),
        ([ANSWERED], Reading([0.8, 0.6], "another")),
        ([HOW_LONG, replace(ANSWERED, outcome="small_talk")], SAME),
        ([replace(HOW_LONG, message_id=14), replace(HOW_LONG, message_id=13), ANSWERED], SAME),
        ([ANSWERED], None),
    ],
    ids=["another question", "another model", "nothing was answered", "too long ago", "not read"],
)
def test_what_is_not_asked_again(earlier: list[Earlier], reading: Reading | None) -> None:
    said = judge(Said("how many days", earlier), near(DELIVERY), reading)
    assert (said.body, said.again) == (DELIVERY.answer, None)


def test_an_article_that_was_no_help_is_not_said_again() -> None:
    read = replace(ANSWERED, source=("article", 7))
    said = judge(Said("tall plant", [read]), near(doubtful(REFUND), passages=(PASSAGE,)), SAME)
    assert isinstance(said, Answer)
    assert (said.outcome, said.again) == ("asked_back", read)


def test_phrasings_of_an_article_need_more_likeness_and_count_more() -> None:
    far, close = (replace(PASSAGE, nearness=n, phrased=True, article_id=8, title="Trees") for n in (0.6, 0.66))
    assert judge(Said("x"), near(passages=(PASSAGE, far))).article_id == 7
    assert judge(Said("x"), near(passages=(PASSAGE, close))).article_id == 8


def test_small_talk_needs_no_looking_up_and_always_offers_a_person() -> None:
    said = at_once(Said("hi!"))
    assert isinstance(said, Answer)
    assert said.quick_replies == [bot_says.TALK_TO_A_PERSON]
    assert at_once(Said("where is my parcel")) is None


def test_a_customer_who_says_it_helped_has_settled_the_matter() -> None:
    assert isinstance(at_once(Said("That helped!", [ANSWERED])), Settled)
    assert not isinstance(at_once(Said("that helped")), Settled), "nothing was answered yet"
    assert not isinstance(at_once(Said("that helped", [HOW_LONG])), Settled), "the bot was lost, not helpful"
