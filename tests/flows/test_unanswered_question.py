"""The story the desk is built around: a question the bot cannot answer, and the person who can."""

from __future__ import annotations

import pytest

from models import live
from models.actions import bot, chat_log
from models.db import one, rows
from models.live import Room
from models.queries import failures as review
from models.rules import bot_says
from models.rules.answering import Answer, Miss, Said, Settled, Verdict
from models.rules.embedders import DEFAULT
from models.rules.learned import Reading
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    chat_row,
    entries,
    events,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    timers,
)
from tests.support.told import Told

ANSWERS = {"When do you deliver?": Answer("Monday to Friday.", [("service", 1, "Delivery")])}
NEAREST = [{"kind": "service", "id": 1, "title": "Delivery", "score": 0.31}]


def mind(said: Said) -> Verdict:
    """Stands in for the model: it knows one answer, and otherwise that it does not know."""
    if said.text == "That helped":
        return Settled()
    if answer := ANSWERS.get(said.text):
        return answer
    return Miss(said.text, "low_confidence", candidates=NEAREST, reading=Reading([0.0] * 383 + [1.0], DEFAULT))  # type: ignore[arg-type]


def test_a_question_the_bot_knows_is_answered_and_settled(told: Told) -> None:
    rosa = make_customer("Rosa Lind")
    rosa.says("When do you deliver?")
    told.run_jobs(mind)
    answer = entries(rosa.chat)[-1]
    assert (answer["author_name"], answer["body"]) == ("Fern", "Monday to Friday.")
    assert answer["data"]["sources"] == [{"kind": "service", "id": 1, "title": "Delivery"}]
    assert timers(rosa.chat) == set()
    rosa.says("That helped")
    told.run_jobs(mind)
    assert (chat_row(rosa.chat)["end_cause"], rows("select 1 from failed_response")) == ("bot_resolved", [])
    assert_all_hold()


def test_a_question_nobody_taught_the_bot_reaches_a_person_who_helps(told: Told) -> None:
    """From the first word to the stars, and a day's worth of second thoughts."""
    set_desk(auto_assign=True)
    make_team("Orders")
    ana = make_agent("Ana Ruiz")
    rosa = make_customer("Rosa Lind")

    rosa.says("My parcel is purple")
    told.run_jobs(mind)

    (failure,) = rows("select text, trigger, candidates, embedding is not null as grouped, status from failed_response")
    [words] = [each for each in entries(rosa.chat) if each["data"].get("failed")]
    kept = one("select id as failure_id, cluster_id from failed_response")
    assert review.of_message(make_agent(role="analyst").viewer, words["id"]) == kept
    assert failure == {
        "text": "My parcel is purple",
        "trigger": "low_confidence",
        "candidates": NEAREST,
        "grouped": True,
        "status": "open",
    }
    assert bot_says.HANDING_OVER in [each["body"] for each in entries(rosa.chat)]
    assert events(rosa.chat) == ["queued", "assigned"]
    assert [each["id"] for each in ana.inbox("mine")] == [rosa.chat]
    assert told.alerts(ana.id) == ["assigned"]

    ana.says(rosa.chat, "Purple is the gift wrap. Shall I send a plain one?")
    rosa.says("No, thank you!")
    ana.notes(rosa.chat, "Likes surprises after all")
    ana.ends(rosa.chat)
    first = rosa.chat
    rosa.rates(5, "Lovely")

    rosa.says("Actually, plain would be better")
    told.run_jobs(mind)
    second = rosa.chat
    assert second != first
    assert chat_row(second)["session_id"] == chat_row(first)["session_id"]
    assert ana.owned == [second]  # back to whom she knows, past the bot
    assert [each["id"] for each in ana.sees(second)["earlier"]] == [first]
    assert_all_hold()


def test_with_auto_assign_off_it_waits_until_somebody_picks_it(told: Told) -> None:
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    rosa = make_customer("Rosa Lind")
    rosa.says("My parcel is purple")
    told.run_jobs(mind)
    for agent in (ana, ben):
        assert [each["first_message"] for each in agent.inbox("queue")] == ["My parcel is purple"]
    ben.takes(rosa.chat)
    told.run_jobs(mind)
    assert (ana.inbox("queue"), [each["id"] for each in ben.inbox("mine")]) == ([], [rosa.chat])


def test_what_the_customer_adds_while_waiting_is_there_for_who_picks(told: Told) -> None:
    ana, rosa = make_agent("Ana Ruiz"), make_customer("Rosa Lind")
    rosa.says("My parcel is purple")
    told.run_jobs(mind)
    rosa.says("Order 12345")
    told.run_jobs(mind)
    ana.takes(rosa.chat)
    words = [
        each["body"] for each in ana.sees(rosa.chat)["messages"]["messages"] if each["author"]["kind"] == "customer"
    ]
    assert words == ["My parcel is purple", "Order 12345"]


def test_a_person_is_there_before_the_bot_has_thought(told: Told) -> None:
    """The verdict comes back to a chat that has moved on, and is dropped."""
    boss, rosa = make_agent("Sam Boss", role="supervisor"), make_customer("Rosa Lind")
    said = rosa.says("My parcel is purple")
    turn = bot.claim(said.row["id"])
    assert turn is not None
    boss.takes_over(rosa.chat)
    assert not bot.fails(turn, Miss(turn.text, "low_confidence"))
    assert not bot.replies(turn, Answer("Purple?"))
    assert chat_row(rosa.chat)["owner_id"] == boss.id
    assert rows("select 1 from failed_response") == []
    assert_all_hold()


def test_a_verdict_for_an_older_question_is_dropped(told: Told) -> None:
    rosa = make_customer("Rosa Lind")
    turn = bot.claim(rosa.says("Hi").row["id"])
    assert turn is not None
    rosa.says("When do you deliver?")
    assert not bot.replies(turn, Answer("Hello!"))
    told.run_jobs(mind)
    assert [each["body"] for each in entries(rosa.chat)] == ["Hi", "When do you deliver?", "Monday to Friday."]


def test_a_lost_nudge_and_a_dead_worker_cost_seconds_and_no_question(told: Told) -> None:
    rosa = make_customer("Rosa Lind")
    said = rosa.says("When do you deliver?")
    told.nudges.clear()
    assert bot.due() == [said.row["id"]]
    assert bot.claim(said.row["id"]) is not None  # and its worker dies
    assert bot.due() == []
    let_time_pass(rosa.chat, 21)
    assert bot.due() == [said.row["id"]]


@pytest.mark.parametrize("place", ["the entry", "the queue's own entry", "the timer"])
def test_failure_and_queue_are_one_transaction(place: str, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it breaks in between, neither has happened; and the next attempt makes both."""
    rosa = make_customer("Rosa Lind")
    said = rosa.says("My parcel is purple")
    turn = bot.claim(said.row["id"])
    assert turn is not None
    before = (chat_row(rosa.chat), entries(rosa.chat), timers(rosa.chat))
    told.clear()

    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the worker dies here")

    with monkeypatch.context() as broken:
        match place:
            case "the entry":
                broken.setattr(chat_log, "write", breaks)
            case "the queue's own entry":
                broken.setattr(chat_log, "change", breaks)
            case "the timer":
                broken.setattr("models.actions.timers.arm", breaks)
        with pytest.raises(RuntimeError):
            bot.fails(turn, Miss(turn.text, "low_confidence"))

    assert rows("select 1 from failed_response") == []
    assert (chat_row(rosa.chat), entries(rosa.chat), timers(rosa.chat)) == before
    assert (told.tellings, told.nudges) == ([], [])  # nothing was told that did not happen

    assert bot.fails(turn, Miss(turn.text, "low_confidence"))
    assert one("select count(*)::int as n from failed_response") == {"n": 1}
    assert chat_row(rosa.chat)["state"] == "queued"
    assert_all_hold()


def test_a_screen_that_cannot_be_told_undoes_nothing(told: Told) -> None:
    """What is told comes after what is kept: a deaf bus costs a sync, never a chat."""
    rosa = make_customer("Rosa Lind")

    def deaf(*telling: object) -> None:
        raise ConnectionError("the bus is gone")

    live.speak_through(deaf)
    rosa.says("My parcel is purple")
    told.run_jobs(mind)
    assert chat_row(rosa.chat)["state"] == "queued"
    assert told.payloads("message:new", Room.customer(rosa.id)) == []
    assert_all_hold()
