"""What is typed into the search: taken apart without ever failing, and completed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import search
from models.rules.search import Operator, parse

LAGOS = ZoneInfo("Africa/Lagos")


def words(q: str) -> list[str]:
    return [term.text for term in parse(q).wanted]


def said(q: str) -> list[tuple[str, str]]:
    return [(each.name, each.value) for each in parse(q).operators]


def problems(q: str) -> list[str]:
    return [each.code for each in parse(q).problems]


def test_words_phrases_and_what_is_excluded() -> None:
    asked = parse('red "the big pot" -broken -"for sale"')
    assert [(each.text, each.phrase) for each in asked.wanted] == [("red", False), ("the big pot", True)]
    assert [(each.text, each.phrase) for each in asked.excluded] == [("broken", False), ("for sale", True)]


def test_operators_with_and_without_quotes_in_any_case() -> None:
    assert said('FROM:Ada tag:"not paid" before:2026-01-31 is:OPEN') == [
        ("from", "Ada"),
        ("tag", "not paid"),
        ("before", "2026-01-31"),
        ("is", "open"),
    ]


@pytest.mark.parametrize("q", ["12:30", "http://shop.example/x", "re:order", "a:b", "foo:"])
def test_what_only_looks_like_an_operator_is_a_word(q: str) -> None:
    assert (words(q), said(q), problems(q)) == ([q], [], [])


@pytest.mark.parametrize("q", ["tag:", 'tag:"', "from: ", "is:", "is:op", "has:m", "before:"])
def test_half_an_operator_is_only_half(q: str) -> None:
    assert (said(q), problems(q)) == ([], ["half_typed"])
    assert problems(f"plant {q}") == ["half_typed"]
    assert words(f"plant {q}") == ["plant"]


def test_a_value_that_cannot_be_is_said_to_be_so() -> None:
    assert problems("is:purple") == problems("rating:6") == ["unknown_value"]


def test_problems_name_their_place() -> None:
    (problem,) = parse("plant  tag: pot").problems
    assert (problem.text, problem.start, problem.end) == ("tag:", 7, 11)


def test_an_open_quote_is_a_phrase_to_the_end() -> None:
    assert [(each.text, each.phrase) for each in parse('pot "red and').wanted] == [("pot", False), ("red and", True)]


def test_only_the_last_word_may_go_on() -> None:
    assert [each.growing for each in parse("red po").wanted] == [False, True]
    assert [each.growing for each in parse("red po ").wanted] == [False, False]
    assert not parse('red "po"').wanted[-1].growing


@pytest.mark.parametrize("q", ["%", "- ...", '""', "?! &"])
def test_signs_alone_find_nothing_and_say_so(q: str) -> None:
    assert (words(q), problems(q)) == ([], ["only_common_words"])


def test_nothing_typed_is_no_problem() -> None:
    assert parse("  ") == search.Asked()


def test_only_excluding_is_said() -> None:
    assert problems("-pot") == ["only_excluded"]
    assert problems("-pot is:open") == []


def test_a_pasted_paragraph_is_cut_after_its_first_words() -> None:
    asked = parse(" ".join(f"w{number}" for number in range(40)))
    assert len(asked.terms) == search.MOST_WORDS
    assert [each.code for each in asked.problems] == ["too_many_words"]


@given(st.text(max_size=500))
def test_whatever_is_typed_is_taken_apart(q: str) -> None:
    asked = parse(q)
    assert len(asked.terms) <= search.MOST_WORDS
    for each in (*asked.terms, *asked.operators, *asked.problems):
        assert 0 <= each.start <= each.end <= len(q)
    for term in asked.terms:
        assert "\x00" not in term.text
        term.text.encode()  # no lone surrogate is left
    for place in (None, 0, len(q) // 2, len(q)):
        search.at_caret(q, place)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-03-05", datetime(2026, 3, 4, 23, tzinfo=UTC), datetime(2026, 3, 5, 23, tzinfo=UTC)),
        ("2026-12", datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026", datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_day_a_month_a_year_where_one_is(value: str, first: datetime, last: datetime) -> None:
    assert search.day(value, LAGOS) == search.Period(first, last)


@pytest.mark.parametrize(
    "value", ["yesterday", "2026-13", "2026-02-30", "26-01-01", "0000", "9999-12-31", "9999-12", "9999"]
)
def test_what_is_no_day_is_none(value: str) -> None:
    assert search.day(value, LAGOS) is None


def dated(*pairs: tuple[str, str]) -> tuple[search.Period, list[str]]:
    found, wrong = search.period([Operator(name, value, 0, 1) for name, value in pairs], ZoneInfo("UTC"))
    return found, [each.code for each in wrong]


def test_dates_narrow_each_other() -> None:
    found, wrong = dated(("after", "2026-01-10"), ("before", "2026-03"), ("on", "2026-02"))
    assert found == search.Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert wrong == []


def test_reversed_and_odd_dates_are_said() -> None:
    assert dated(("after", "2026-03-01"), ("before", "2026-01-01"))[1] == ["dates_reversed"]
    assert dated(("on", "2026-03-01"), ("before", "2026-03-01"))[1] == ["dates_reversed"]
    assert dated(("before", "soon"))[1] == ["bad_date"]


@pytest.mark.parametrize(
    ("one", "other", "many"), [("", "", 0), ("pot", "", 3), ("calatea", "calathea", 1), ("recieve", "receive", 1), ("abc", "cab", 2)]
)  # fmt: skip
def test_edits_are_counted(one: str, other: str, many: int) -> None:
    assert search.edits(one, other) == search.edits(other, one) == many


def test_the_nearest_word_comes_first_and_the_more_frequent_of_two() -> None:
    known = {"calathea": 5, "calatheas": 1, "cascade": 9, "calatra": 2, "calatex": 7}
    assert search.likely("calatea", known) == ["calatex", "calathea", "calatra", "calatheas"]
    assert search.likely("pot", {"pit": 5}) == [], "three letters are forgiven nothing"
    assert search.likely("plant", {"plant": 5}) == [], "a word that is there needs no other"


def test_the_caret_stands_in_what_is_being_typed() -> None:
    assert search.at_caret("pot tag:re", None) == search.Caret("tag", "re", 4, 10)
    assert search.at_caret("pot tag:re", 2) == search.Caret(None, "pot", 0, 3)
    assert search.at_caret("pot ", None) == search.Caret(None, "", 4, 4)
    assert search.at_caret('"in a phr', None) is None
    assert search.at_caret('from:"Ada L', None) == search.Caret("from", "Ada L", 0, 11)


def test_a_value_with_a_space_is_quoted() -> None:
    assert search.written("tag", "not paid") == 'tag:"not paid"'
    assert parse(search.written("tag", "not paid")).operators[0].value == "not paid"


def test_a_phrase_is_a_pattern_of_whole_words() -> None:
    assert search.exactly("big pot") == r"\mbig\s+pot\M"
    assert search.exactly("$5 (now).") == r"\$5\s+\(now\)\."


def test_an_excerpt_is_cut_around_what_was_found() -> None:
    short = [("a ", False), ("pot", True)]
    assert search.excerpt(short) == short
    long = [("word " * 100, False), ("pot", True), (" word" * 100, False)]
    shown = search.excerpt(long)
    text = "".join(each for each, _ in shown)
    assert ("pot", True) in shown
    assert text.startswith("… word")
    assert text.endswith(" …")
    assert len(text) <= search.SHOWN + 4
    at_the_end = search.excerpt([("x" * 1000, False), ("pot", True)])
    assert at_the_end[-1] == ("pot", True)
    unmarked = search.excerpt([("word " * 100, False)])
    assert unmarked[0][0].startswith("word")


@given(st.lists(st.tuples(st.text(alphabet="ab ", min_size=1), st.booleans()), max_size=40))
def test_an_excerpt_is_a_part_of_its_text(marked: list[tuple[str, bool]]) -> None:
    text = "".join(each for each, _ in search.excerpt(marked)).removeprefix("… ").removesuffix(" …")
    assert text in "".join(each for each, _ in marked)
