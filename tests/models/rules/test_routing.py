"""Which rule decides about an inquiry, and when each of its conditions holds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.routing import (
    MOST_VALUES,
    TESTS,
    Condition,
    Inquiry,
    Rule,
    Words,
    decide,
    fold,
    holds,
    mistakes,
    speaks,
)


def condition(field: str, test: str, *values: str, key: str = "") -> Condition:
    return Condition(field=field, test=test, key=key, values=list(values))


INQUIRY = Inquiry(
    "Hola, I was charged twice for my Café card",
    channel_id=1,
    asked_team_id=2,
    service_id=3,
    language="de-AT",
    attributes={"trade": True, "orders": 3.0, "city": "Malmö", "since": "2025-03-01", "nothing": None},
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (condition("channel", "is", "1"), True),
        (condition("channel", "is", "7", "1"), True),
        (condition("channel", "is_not", "1"), False),
        (condition("channel", "is_not", "7"), True),
        (condition("asked_team", "is", "2"), True),
        (condition("asked_team", "is", "22"), False),
        (condition("service", "is", "3"), True),
        (condition("service", "is_not", "3", "4"), False),
        (condition("attribute", "is", "true", key="trade"), True),
        (condition("attribute", "is", "True", key="trade"), True),
        (condition("attribute", "is", "3", key="orders"), True),
        (condition("attribute", "is", "3.0", key="orders"), False),
        (condition("attribute", "is", "malmo", key="city"), True),
        (condition("attribute", "is", "2025-03-01", key="since"), True),
        (condition("attribute", "is", "anything", key="unknown"), False),
        (condition("attribute", "is_not", "anything", key="unknown"), True),
        (condition("attribute", "is", "none", key="nothing"), False),
        (condition("language", "is", "de"), True),
        (condition("language", "is", "DE_at"), True),
        (condition("language", "is", "d"), False),
        (condition("language", "is", "de-CH"), False),
        (condition("language", "is_not", "en", "fr"), True),
        (condition("words", "any_word", "refund", "charged"), True),
        (condition("words", "any_word", "harged"), False),
        (condition("words", "any_word", "CAFE card"), True),
        (condition("words", "any_word", "card twice"), False),
        (condition("words", "no_word", "refund"), True),
        (condition("words", "no_word", "refund", "twice"), False),
    ],
    ids=str,
)
def test_each_condition(asked: Condition, expected: bool) -> None:
    assert holds(asked, INQUIRY, Words(INQUIRY.text)) is expected


def test_nothing_known_passes_only_what_asks_for_not() -> None:
    nothing = Inquiry("")
    for field, tests in TESTS.items():
        found = {test: holds(condition(field, test, "1", key="k"), nothing, Words("")) for test in tests}
        assert list(found.values()) == [False, True], field


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("My order is late.", "order", True),
        ("Reordering", "order", False),
        ("the order-number", "order", True),
        ("STRASSE", "Straße", True),
        ("ou est ma commande annulée?", "annulee", True),
        ("annulee", "annulée", True),
        ("I   want\nmy money  back!", "money back", True),
        ("It won’t start", "won't", True),
        ("Do you ship c++ books?", "c++", True),
        ("vitamin c", "c++", False),
        ("open 24/7?", "24/7", True),
        ("124/7", "24/7", False),
        ("cost: $5 (.*) [a-z]", "(.*)", True),
        ("anything at all", ".*", False),
        ("a+b", "a+", True),
        ("aaaa", "a+", False),
        ("price\\d", "\\d", True),
        ("我要退款谢谢", "退款", True),
        ("我要refund谢谢", "refund", True),
        ("我要refunds谢谢", "refund", False),
        ("", "word", False),
        ("word", "", False),
        ("cardcard card", "card", True),
        ("ﬁne", "fine", True),
    ],
)
def test_words_are_whole_literal_and_without_case_or_accents(text: str, phrase: str, expected: bool) -> None:
    assert (phrase in Words(text)) is expected


@given(st.text(max_size=60), st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_a_word_between_spaces_is_always_found(before: str, after: str, word: str) -> None:
    if fold(word):  # a mark alone joins the letter before it
        assert word in Words(f"{before} {word} {after}")


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_and_no_phrase_breaks_it(text: str, phrase: str) -> None:
    assert (phrase in Words(text)) in (True, False)
    assert speaks(text, phrase) in (True, False)


def test_the_first_rule_whose_conditions_all_hold_decides() -> None:
    rules = [
        Rule(1, "off", enabled=False, team_id=91),
        Rule(2, "gone", team_id=92, broken=True),
        Rule(3, "half", [condition("channel", "is", "1"), condition("service", "is", "9")], team_id=93),
        Rule(4, "whole", [condition("channel", "is", "1"), condition("service", "is", "3")], team_id=94, priority=2),
        Rule(5, "late", team_id=95),
    ]
    decision = decide(rules, INQUIRY, service_team_id=7)
    assert (decision.team_id, decision.priority, decision.why, decision.place) == (94, 2, "rule", 3)
    assert [(each.outcome, each.held) for each in decision.trace] == [
        ("off", ()),
        ("broken", ()),
        ("no_match", (True, False)),
        ("matched", (True, True)),
        ("not_reached", ()),
    ]


@pytest.mark.parametrize(
    ("rules", "inquiry", "service_team", "expected"),
    [
        pytest.param([], Inquiry("x"), None, (None, None, "nobody"), id="nothing is known"),
        pytest.param([], Inquiry("x"), 7, (7, None, "service"), id="the service's own team"),
        pytest.param([], Inquiry("x", asked_team_id=2), 7, (2, None, "asked"), id="who was asked for comes before"),
        pytest.param(
            [Rule(1, "all", team_id=5)], Inquiry("x", asked_team_id=2), 7, (5, None, "rule"), id="a rule first"
        ),
        pytest.param(
            [Rule(1, "all", priority=2)], Inquiry("x", asked_team_id=2), 7, (2, 2, "asked"), id="urgency alone"
        ),
    ],
)
def test_what_no_rule_says_stays(
    rules: list[Rule], inquiry: Inquiry, service_team: int | None, expected: tuple[object, ...]
) -> None:
    decision = decide(rules, inquiry, service_team)
    assert (decision.team_id, decision.priority, decision.why) == expected


def test_as_many_words_as_there_may_be_are_gone_through_in_no_time() -> None:
    """Each looks much like the text and is not in it, and the text is as long as one is read."""
    words = [f"phrase {number} {'x' * 60}" for number in range(MOST_VALUES)]
    rules = [
        Rule(place, "long", [condition("words", "any_word", *words[place * 50 : place * 50 + 50])])
        for place in range(MOST_VALUES // 50)
    ]
    text = f"phrase number {'x' * 60} " * 125
    began = time.process_time()
    assert decide(rules, Inquiry(text)).why == "nobody"
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (condition("words", "is", "a"), {"test"}),
        (condition("channel", "any_word", "1"), {"test"}),
        (condition("attribute", "is", "a"), {"key"}),
        (condition("channel", "is", "shop"), {"values"}),
        (condition("service", "is", "1", "²"), {"values"}),
        (condition("asked_team", "is", "9" * 30), {"values"}),
        (condition("words", "any_word", "fine", "\u0301"), {"values"}),
        (condition("words", "any_word", "c++", "(.*"), set()),
        (condition("language", "is", "de"), set()),
        (condition("attribute", "is_not", "x", key="k"), set()),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_condition(said: Condition, wrong: set[str]) -> None:
    assert set(mistakes(said)) == wrong
