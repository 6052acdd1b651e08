"""Who is asked whether they are still there, who is closed, and who never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.idle import Step, idle_due

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
WARN_S, END_S = 300, 600
AUTHORS = st.sampled_from(["customer", "agent", "bot", None])
SECONDS = st.integers(0, 4000)
MAYBE = st.none() | SECONDS


def at(seconds: int | None) -> datetime | None:
    return None if seconds is None else NOON + timedelta(seconds=seconds)


def step(
    last_author: str | None, customer: int | None, agent: int | None, now: int, warned: int | None = None
) -> Step | None:
    moment = NOON + timedelta(seconds=now)
    due = idle_due(last_author, at(customer), at(agent), warn_s=WARN_S, end_s=END_S, warned_at=at(warned))
    return due[0] if due is not None and moment >= due[1] else None


@pytest.mark.parametrize(
    ("last_author", "customer", "agent", "now", "warned", "expected"),
    [
        pytest.param("agent", 0, 10, 309, None, None, id="not yet"),
        pytest.param("agent", 0, 10, 310, None, "warn", id="asked after five minutes"),
        pytest.param("agent", None, 10, 310, None, "warn", id="also who never said a word"),
        pytest.param("agent", 0, 10, 609, 310, None, id="asked, and still time"),
        pytest.param("agent", 0, 10, 610, 310, "end", id="closed after ten"),
        pytest.param("agent", 0, 10, 4000, None, "warn", id="never closed unasked"),
        pytest.param("agent", 0, 10, 4299, 4000, None, id="a late question moves the end"),
        pytest.param("agent", 0, 10, 4300, 4000, "end", id="and then it comes"),
        pytest.param("agent", 0, 320, 610, 310, None, id="a new message of the agent starts anew"),
        pytest.param("agent", 0, 320, 620, 310, "warn", id="with a new question"),
        pytest.param("customer", 20, 10, 4000, None, None, id="the customer waits for us"),
        pytest.param("customer", 320, 10, 4000, 310, None, id="an answer after the question"),
        pytest.param("bot", None, None, 4000, None, None, id="no agent has spoken"),
        pytest.param(None, None, None, 4000, None, None, id="nobody has"),
    ],
)
def test_what_is_due(
    last_author: str | None, customer: int | None, agent: int | None, now: int, warned: int | None, expected: str | None
) -> None:
    assert step(last_author, customer, agent, now, warned) == expected


@given(AUTHORS, MAYBE, MAYBE, SECONDS, MAYBE)
def test_only_an_agents_unanswered_word_makes_anything_due(
    author: str | None, customer: int | None, agent: int | None, now: int, warned: int | None
) -> None:
    if step(author, customer, agent, now, warned) is not None:
        assert author == "agent"
        assert agent is not None
        assert customer is None or customer <= agent


@given(MAYBE, SECONDS, SECONDS, MAYBE)
def test_nobody_is_closed_without_a_question_and_the_time_to_answer_it(
    customer: int | None, agent: int, now: int, warned: int | None
) -> None:
    if step("agent", customer, agent, now, warned) == "end":
        assert warned is not None
        assert now - warned >= END_S - WARN_S
        assert now - agent >= END_S


@given(AUTHORS, MAYBE, MAYBE)
def test_where_nobody_is_asked_the_end_comes_so_long_after_the_agents_last_word(
    author: str | None, customer: int | None, agent: int | None
) -> None:
    due = idle_due(author, at(customer), at(agent), warn_s=None, end_s=END_S, warned_at=None)
    unanswered = author == "agent" and agent is not None and (customer is None or customer <= agent)
    assert due == (("end", NOON + timedelta(seconds=(agent or 0) + END_S)) if unanswered else None)


@given(SECONDS, st.lists(st.integers(1, 120), min_size=1, max_size=30))
def test_a_sweep_of_any_rhythm_asks_once_and_then_closes(agent: int, gaps: list[int]) -> None:
    warned, now, taken = None, agent, []
    for gap in [*gaps, *[60] * 30]:
        now += gap
        due = step("agent", 0, agent, now, warned)
        if due == "warn":
            warned = now
        if due:
            taken.append(due)
        if due == "end":
            break
    assert taken == ["warn", "end"]
