"""Timelines: one session and nothing else, all sessions on one rail, and pages around any message."""

from __future__ import annotations

from typing import Any

import pytest

from models.db import run
from models.errors import NotFound
from models.queries import timeline
from models.tables.customers import Channel
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
)


@pytest.fixture
def rosa() -> Customer:
    return make_customer("Rosa Lind")


def talked(ana: Colleague, rosa: Customer, words: int = 3) -> int:
    chat_id = chat_of(ana, rosa)
    for number in range(words):
        (rosa.says if number % 2 else lambda body: ana.says(chat_id, body))(f"line {number}")
    ana.notes(chat_id, "a note")
    ana.ends(chat_id)
    return chat_id


def log_of(*chat_ids: int) -> list[int]:
    """The entries of these chats in the order they were written."""
    every = [each for chat_id in chat_ids for each in entries(chat_id)]
    return [each["id"] for each in sorted(every, key=lambda each: (each["created_at"], each["id"]))]


def ids(page: dict[str, Any]) -> list[int]:
    return [each["id"] for each in page["items"]]


def test_a_session_is_all_of_its_chats_and_nothing_of_another(ana: Colleague, rosa: Customer) -> None:
    first = talked(ana, rosa)
    second = talked(ana, rosa)  # so soon after the first it is the same matter
    assert chat_row(first)["session_id"] == chat_row(second)["session_id"]
    let_time_pass(first, 86_400 * 30)
    let_time_pass(second, 86_400 * 30)
    other = talked(ana, rosa)
    page = timeline.of_session(ana.viewer, chat_row(first)["session_id"], limit=200)
    assert ids(page) == log_of(first, second)
    assert [[chat["id"] for chat in each["chats"]] for each in page["sessions"]] == [[first, second]]
    assert (page["older"], page["newer"], page["sessions_total"]) == (False, False, 1)
    assert page["customer"]["name"] == "Rosa Lind"
    kinds = {each["kind"] for each in page["items"]}
    assert kinds == {"text", "note", "event"}
    whole = timeline.of_customer(ana.viewer, rosa.id, limit=200)
    assert ids(whole) == log_of(first, second, other)
    assert whole["sessions_total"] == 2


def test_promises_stand_with_their_session(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.ends(chat_id, "follow_up")
    page = timeline.of_session(ana.viewer, chat_row(chat_id)["session_id"])
    (stretch,) = page["sessions"]
    assert [each["chat_id"] for each in stretch["promises"]] == [chat_id]
    assert "promise" in page["items"][-1]["data"]


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_pages_join_in_both_directions(limit: int, ana: Colleague, rosa: Customer) -> None:
    first = talked(ana, rosa, 6)
    let_time_pass(first, 86_400 * 30)
    second = talked(ana, rosa, 6)
    whole = log_of(first, second)
    backwards: list[int] = []
    page = timeline.of_customer(ana.viewer, rosa.id, limit=limit)
    while True:
        backwards = ids(page) + backwards
        if not page["older"]:
            break
        page = timeline.of_customer(ana.viewer, rosa.id, before=backwards[0], limit=limit)
        assert page["newer"]
    assert backwards == whole
    forwards: list[int] = []
    page = timeline.of_customer(ana.viewer, rosa.id, after=0, limit=limit)
    while True:
        forwards += ids(page)
        if not page["newer"]:
            break
        page = timeline.of_customer(ana.viewer, rosa.id, after=forwards[-1], limit=limit)
        assert page["older"]
    assert forwards == whole


def test_a_link_opens_any_message_with_its_neighbours(ana: Colleague, rosa: Customer) -> None:
    chat_id = talked(ana, rosa, 9)
    whole = log_of(chat_id)
    for place, message_id in enumerate(whole):
        page = timeline.of_customer(ana.viewer, rosa.id, around=message_id, limit=6)
        assert ids(page) == whole[max(0, place - 3) : place + 4]
        assert page["older"] == (place > 3)
        assert page["newer"] == (place + 3 < len(whole) - 1)
        assert ids(timeline.of_session(ana.viewer, chat_row(chat_id)["session_id"], around=message_id, limit=6)) == ids(
            page
        ), "one key switches the view at the same message"


def test_chats_on_two_channels_lie_between_each_other(ana: Colleague, rosa: Customer) -> None:
    first, second = talked(ana, rosa), talked(ana, rosa)
    other = Channel.create(kind="web", name="Other", public_key="other", allowed_origins=[]).id
    run("update chat set channel_id = %s where id = %s", (other, second))
    # one word a minute, now here, now there; each chat keeps its own order
    for shift, chat_id in ((0, first), (30, second)):
        run(
            "update message set created_at = date_trunc('day', created_at) + make_interval(secs => all_seq * 60 + %s)"
            " where chat_id = %s",
            (shift, chat_id),
        )
        run(
            "update chat set created_at = (select min(created_at) from message m where m.chat_id = chat.id) where id = %s",
            (chat_id,),
        )
    page = timeline.of_customer(ana.viewer, rosa.id, limit=200)
    assert ids(page) == log_of(first, second)
    assert [each["chat_id"] for each in page["items"]][:4] == [first, second, first, second]
    around = timeline.of_customer(ana.viewer, rosa.id, around=ids(page)[4], limit=4)
    assert ids(around) == ids(page)[2:7]


def test_a_reader_sees_their_part_of_it_and_no_more() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana, ben = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Ben Hale", teams=(returns,))
    boss, rosa = make_agent("Sam Boss", role="supervisor"), make_customer("Rosa Lind")
    seen = rosa.waits(topic="Orders")
    ana.takes(seen)
    ana.ends(seen)
    hidden = rosa.waits(topic="Returns")
    assert chat_row(hidden)["session_id"] == chat_row(seen)["session_id"]
    run("update chat set team_id = %s where id = %s", (returns, hidden))
    session = chat_row(seen)["session_id"]
    for page in (timeline.of_session(ana.viewer, session), timeline.of_customer(ana.viewer, rosa.id)):
        assert ids(page) == log_of(seen)
        assert [[chat["id"] for chat in each["chats"]] for each in page["sessions"]] == [[seen]]
    assert ids(timeline.of_session(boss.viewer, session)) == log_of(seen, hidden)
    with pytest.raises(NotFound):
        timeline.of_session(ana.viewer, session, around=log_of(hidden)[0])
    assert ids(timeline.of_customer(ben.viewer, rosa.id)) == log_of(hidden)


def test_what_is_not_there_and_what_is_not_ones_own_look_alike(ana: Colleague, rosa: Customer) -> None:
    chat_id = talked(ana, rosa)
    foreign = entries(talked(ana, make_customer()))[0]["id"]
    session = chat_row(chat_id)["session_id"]
    for ask in (
        lambda: timeline.of_session(ana.viewer, 987_654),
        lambda: timeline.of_customer(ana.viewer, 987_654),
        lambda: timeline.of_session(ana.viewer, session, around=foreign),
        lambda: timeline.of_session(ana.viewer, session, before=foreign),
        lambda: timeline.of_session(ana.viewer, session, after=987_654_321),
    ):
        with pytest.raises(NotFound):
            ask()
