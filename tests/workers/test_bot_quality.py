"""How good the bot is, with the real model on the demo desk. The questions were written apart from its phrasings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.db import one, rows
from models.rules import bot_says
from models.rules.answering import Answer, Miss, Said
from models.rules.turns import Earlier
from workers.bot.answering import answer

pytestmark = [pytest.mark.keeps_data, pytest.mark.usefixtures("taught")]

QUESTIONS = json.loads((Path(__file__).parent / "questions.json").read_text())


def service(key: str) -> dict:
    return one("select id, name, answer from service where key = %s", (key,))


def verdict_of(question: str) -> Answer | Miss:
    return answer(Said(question))


def test_every_phrasing_it_was_taught_gets_its_own_answer() -> None:
    taught = rows(
        "select p.text, s.id, s.name from service_phrase p join service s on s.id = p.service_id"
        " where p.origin = 'example' order by p.id"
    )
    wrong = [
        (each["text"], said.sources)
        for each in taught
        if isinstance(said := verdict_of(each["text"]), Answer) and said.sources and said.sources[0][1] != each["id"]
    ]
    assert len(wrong) <= len(taught) * 0.01, wrong


def test_the_answer_names_its_source() -> None:
    said = verdict_of("Do you deliver on Saturdays?")
    known = service("delivery_times")
    assert isinstance(said, Answer)
    assert said.body == known["answer"]
    assert said.sources == [("service", known["id"], known["name"])]
    assert said.quick_replies[-1] == bot_says.TALK_TO_A_PERSON


def test_paraphrases_lead_to_the_right_topic_and_seldom_to_a_wrong_answer() -> None:
    right, wrong, led = [], [], []
    for question, key in QUESTIONS["known"]:
        said, known = verdict_of(question), service(key)
        if not isinstance(said, Answer):
            continue
        if said.unsure:
            led += [question] if known["name"] in said.quick_replies else []
        elif said.sources[0][:2] == ("service", known["id"]) or said.sources[0][2] in QUESTIONS["articles_on"].get(
            key, []
        ):
            right.append(question)
        else:
            wrong.append((question, said.sources))
    asked = len(QUESTIONS["known"])
    print(f"right {len(right)}, right topic offered {len(led)}, wrong {len(wrong)}, of {asked}")
    assert len(right) + len(led) >= 0.85 * asked
    assert len(right) >= 0.75 * asked
    assert len(wrong) <= 0.05 * asked, wrong


def test_questions_about_something_else_are_misses() -> None:
    verdicts = {question: verdict_of(question) for question in QUESTIONS["unknown"]}
    answered = [
        (question, said.sources or said.quick_replies)
        for question, said in verdicts.items()
        if isinstance(said, Answer)
    ]
    print(f"misses {len(verdicts) - len(answered)} of {len(verdicts)}")
    assert len(answered) <= 0.10 * len(verdicts), answered


def test_articles_answer_what_no_service_does() -> None:
    right, wrong = [], []
    for question, slug in QUESTIONS["articles"]:
        said = verdict_of(question)
        article = one("select id, title from article where slug = %s", (slug,))
        if isinstance(said, Answer) and said.sources:
            held = said.sources == [("article", article["id"], article["title"])] and article["title"] in said.body
            (right if held else wrong).append((question, said.sources))
    print(f"right {len(right)}, from elsewhere {len(wrong)}, of {len(QUESTIONS['articles'])}", wrong)
    assert len(right) >= 0.5 * len(QUESTIONS["articles"])
    assert len(wrong) <= 0.3 * len(QUESTIONS["articles"]), wrong


def test_a_miss_carries_what_an_analyst_needs() -> None:
    said = verdict_of("what is the capital of Peru")
    assert isinstance(said, Miss)
    assert said.trigger == "low_confidence"
    assert said.reading is not None
    assert len(said.reading.vector) == 384
    assert 1 <= len(said.candidates) <= 5
    assert said.candidates == sorted(said.candidates, key=lambda each: -each["score"])


def test_a_tapped_topic_is_answered_for_certain() -> None:
    known = service("loyalty_points")
    asked_back = Earlier(1, "what about my thingies", "asked_back", 2, ("service", known["id"]))
    said = answer(Said(known["name"], [asked_back]))
    assert isinstance(said, Answer)
    assert (said.body, said.confidence) == (known["answer"], 1.0)
