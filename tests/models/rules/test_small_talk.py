import time

import pytest

from models.rules import bot_says
from models.rules.small_talk import affirms, denies, plain, reply_to, wants_person


@pytest.mark.parametrize(
    "text",
    [
        bot_says.TALK_TO_A_PERSON,
        "I want to speak to a human",
        "can i talk to someone",
        "let me speak with a real person",
        "agent",
        "human please",
        "get me an agent",
        "connect me to support",
        "could you put me through to an agent?",
        "I don’t want to talk to a bot",
        "is there a real person there",
        "customer service",
        "Representative!!",
        "can somebody call me",
        "I'd rather talk to a real human",
        "let me chat with somebody from your team",
        "my parcel is lost and you're useless, get me a person",
    ],
)
def test_a_wish_for_a_person_is_heard_in_many_wordings(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "the courier left it with somebody",
        "can someone else collect it for me",
        "I spoke to your support yesterday and my refund is missing",
        "someone stole my parcel from the porch",
        "two-person delivery for tall plants",
        "are you a real person?",
        "is there parking at the shop",
        "can I give it to a person who lives abroad",
    ],
)
def test_a_person_in_a_question_is_no_wish(text: str) -> None:
    assert not wants_person(text)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Hello there!", bot_says.GREETING),
        ("hey 👋", bot_says.GREETING),
        ("how are you?", bot_says.HOW_ARE_YOU),
        ("thank you so much for your help", bot_says.YOU_ARE_WELCOME),
        ("no thanks", bot_says.YOU_ARE_WELCOME),
        ("ok great", bot_says.YOU_ARE_WELCOME),
        ("perfect, that helped. have a nice day", bot_says.GOODBYE),
        ("am I talking to a real person or a bot", bot_says.WHO_ARE_YOU),
        ("hi, can you help me please", bot_says.SAY_MORE),
        ("???", bot_says.SAY_MORE),
    ],
)
def test_small_talk_gets_a_small_answer(text: str, reply: str) -> None:
    assert reply_to(text) == reply


@pytest.mark.parametrize(
    "text", ["hello, where is my parcel", "thanks but my refund is missing", "ok how do I return it"]
)
def test_a_question_with_manners_is_still_a_question(text: str) -> None:
    assert reply_to(text) is None


def test_yes_and_no() -> None:
    assert all(map(affirms, ["yes", "Yes please!", "yeah", "exactly"]))
    assert all(map(denies, ["No.", "nope", "that didn’t help", "that's not what I asked", "none of these"]))
    assert not any(map(affirms, ["yes but where is my parcel", "no"]))
    assert not any(map(denies, ["no tracking link came", "yes"]))


def test_plain_makes_two_ways_to_type_it_one() -> None:
    assert plain("  That’s\nGREAT!!! ") == "that's great"


@pytest.mark.parametrize("text", ["thanks ok " * 1000 + "x", "hi " * 3000 + "?", "get me " * 1500, "not a " * 1600])
def test_a_long_text_does_not_keep_the_patterns_busy(text: str) -> None:
    began = time.perf_counter()
    reply_to(text), wants_person(text), affirms(text), denies(text)
    assert time.perf_counter() - began < 0.5
