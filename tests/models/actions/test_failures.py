"""Every way in which the bot fails a customer leaves one row, in the transaction in which it happens."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import bot, failures, feedback
from models.actions.knowledge import save_article, save_service
from models.db import one, rows, run
from models.errors import Invalid, NotFound
from models.rules import bot_says
from models.rules.answering import Answer, Miss, Said, Settled, Verdict, at_once
from models.rules.embedders import DEFAULT
from models.rules.learned import Reading
from tests.support.people import Customer, chat_row, entries, make_agent, make_customer
from tests.support.told import Told

NEAR: list[Any] = [{"kind": "service", "id": 1, "title": "Delivery", "score": 0.31}]


def reading(*numbers: float) -> Reading:
    return Reading(list(numbers) + [0.0] * (384 - len(numbers)), DEFAULT)


def bot_says_to(customer: Customer, body: str, verdict: Verdict | None = None) -> int:
    """The customer writes and the bot has its turn: with a given verdict, or with what needs no looking up."""
    turn = bot.claim(customer.says(body).row["id"])
    assert turn is not None
    verdict = verdict or at_once(Said(turn.text, turn.earlier))
    if isinstance(verdict, Miss):
        assert bot.fails(turn, verdict)
    elif isinstance(verdict, Settled):
        assert bot.resolves(turn, verdict.body)
    else:
        assert verdict is not None
        assert bot.replies(turn, verdict)
    return turn.message_id


def answer(question: str, **more: Any) -> Answer:
    return Answer("Monday to Friday.", question=question, candidates=NEAR, reading=reading(1.0), **more)


def which(question: str) -> Answer:
    return answer(question, unsure=True, outcome="asked_which")


def kept() -> list[dict[str, Any]]:
    return rows("select message_id, text, trigger, candidates from failed_response order by id")


@pytest.fixture
def rosa(told: Told) -> Customer:
    return make_customer("Rosa Lind")


def test_a_miss_is_kept_whole(rosa: Customer) -> None:
    run("update customer set language = 'de-AT' where id = %s", (rosa.id,))
    asked = bot_says_to(
        rosa, "  Wo ist  Paket 12345?", Miss("Wo ist Paket 12345?", "low_confidence", NEAR, reading(0.0, 1.0))
    )
    found = one("select * from failed_response")
    assert found is not None
    chat = chat_row(rosa.chat)
    assert (found["message_id"], found["text"], found["normalized"]) == (
        asked,
        "Wo ist Paket 12345?",
        "wo ist paket number",
    )
    assert (found["language"], found["trigger"], found["noise"]) == ("de", "low_confidence", None)
    assert [found[key] for key in ("channel_id", "session_id", "customer_id")] == [
        chat[key] for key in ("channel_id", "session_id", "customer_id")
    ]
    assert (found["candidates"], found["model_id"], found["status"]) == (NEAR, DEFAULT, "open")
    assert len(found["bot_version"]) == 12
    turn = one("select outcome, question, reply_id, bot_version from bot_turn where message_id = %s", (asked,))
    assert turn == {
        "outcome": "missed",
        "question": "Wo ist Paket 12345?",
        "reply_id": entries(rosa.chat)[-2]["id"],
        "bot_version": found["bot_version"],
    }


def test_noise_is_kept_and_marked(rosa: Customer) -> None:
    bot_says_to(rosa, "hm", Miss("hm", "low_confidence"))
    assert one("select text, noise from failed_response") == {"text": "hm", "noise": "too_short"}


@pytest.mark.parametrize("no", [bot_says.NONE_OF_THESE, "No", bot_says.TALK_TO_A_PERSON])
def test_a_refused_clarification_is_a_failure_of_the_question(rosa: Customer, no: str) -> None:
    asked = bot_says_to(rosa, "when is it done", which("when is it done"))
    bot_says_to(rosa, no)
    (failure,) = kept()
    assert (failure["message_id"], failure["text"]) == (asked, "when is it done")
    assert (failure["trigger"], failure["candidates"]) == ("clarification_refused", NEAR)
    assert chat_row(rosa.chat)["state"] == "queued"


def test_a_wish_for_a_person_right_after_an_answer_is_a_failure_of_it(rosa: Customer) -> None:
    asked = bot_says_to(rosa, "How long?", answer("How long?"))
    bot_says_to(rosa, "can I talk to a human please")
    assert [(each["message_id"], each["text"], each["trigger"]) for each in kept()] == [
        (asked, "How long?", "person_after_answer")
    ]


def test_the_button_says_the_same(rosa: Customer) -> None:
    asked = bot_says_to(rosa, "How long?", answer("How long?"))
    rosa.asks_for_person()
    rosa.asks_for_person()
    assert [(each["message_id"], each["trigger"]) for each in kept()] == [(asked, "person_after_answer")]


def test_the_button_after_small_talk_or_another_question_is_no_failure(rosa: Customer) -> None:
    bot_says_to(rosa, "hi!")
    rosa.asks_for_person()
    ben = make_customer("Ben Kay")
    bot_says_to(ben, "How long?", answer("How long?"))
    ben.says("And one more thing")  # the bot has not had its turn
    ben.asks_for_person()
    ida = make_customer("Ida Moe")
    bot_says_to(ida, "How long?", answer("How long?"))
    feedback.rates_answer(ida.visitor, ida.chat, entries(ida.chat)[-1]["id"], True)
    ida.asks_for_person()
    assert kept() == []


def test_the_same_question_again_is_a_failure_of_the_first_answer(rosa: Customer) -> None:
    asked = bot_says_to(rosa, "How long?", answer("How long?"))
    turn = bot.claim(rosa.says("How many days?").row["id"])
    assert turn is not None
    earlier = turn.earlier[0]
    assert (earlier.question, earlier.outcome) == ("How long?", "answered")
    assert earlier.reading is not None
    assert earlier.reading.vector[0] == 1.0
    assert bot.replies(turn, answer("How many days?", again=earlier))
    assert [(each["message_id"], each["trigger"]) for each in kept()] == [(asked, "asked_again")]


def test_one_row_a_turn_and_the_first_reason_stays(rosa: Customer) -> None:
    bot_says_to(rosa, "How long?", answer("How long?"))
    feedback.rates_answer(rosa.visitor, rosa.chat, entries(rosa.chat)[-1]["id"], False)
    rosa.asks_for_person()
    assert [each["trigger"] for each in kept()] == ["thumbs_down"]


def test_thumbs_are_kept_told_and_taken_back(told: Told, rosa: Customer) -> None:
    asked = bot_says_to(rosa, "How long?", answer("How long?"))
    reply = entries(rosa.chat)[-1]["id"]
    feedback.rates_answer(rosa.visitor, rosa.chat, reply, False)
    feedback.rates_answer(rosa.visitor, rosa.chat, reply, False)
    assert [(each["message_id"], each["text"], each["trigger"]) for each in kept()] == [
        (asked, "How long?", "thumbs_down")
    ]
    last = entries(rosa.chat)[-1]
    assert (last["data"], last["pub_seq"]) == ({"event": "answer_rated", "target_id": reply, "helped": False}, None)
    assert [each["data"].get("helped") for each in entries(rosa.chat) if each["id"] == reply] == [False]
    feedback.rates_answer(rosa.visitor, rosa.chat, reply, True)
    assert kept() == [], "a slip of the thumb is no failure"
    assert rows("select message_id, helped from answer_feedback") == [{"message_id": reply, "helped": True}]


def test_a_thumb_belongs_to_an_answer_in_ones_own_chat(rosa: Customer) -> None:
    bot_says_to(rosa, "hi")
    with pytest.raises(Invalid, match="no answer of the bot"):
        feedback.rates_answer(rosa.visitor, rosa.chat, entries(rosa.chat)[-1]["id"], True)
    bot_says_to(rosa, "How long?", answer("How long?"))
    ben = make_customer("Ben Kay")
    ben.says("Hello")
    for visitor, chat in ((ben.visitor, rosa.chat), (rosa.visitor, 10**9)):
        with pytest.raises(NotFound):
            feedback.rates_answer(visitor, chat, entries(rosa.chat)[-1]["id"], True)
    with pytest.raises(Invalid, match="no answer of the bot"):
        feedback.rates_answer(ben.visitor, ben.chat, entries(rosa.chat)[-1]["id"], True)


def test_a_bot_that_cannot_think_hands_over_at_once(rosa: Customer) -> None:
    turn = bot.claim(rosa.says("How long?").row["id"])
    assert turn is not None
    assert bot.gives_up(turn)
    assert not bot.gives_up(turn)
    assert [(each["text"], each["trigger"]) for each in kept()] == [("How long?", "bot_failed")]
    assert chat_row(rosa.chat)["state"] == "queued"


@pytest.mark.parametrize("handover", ["after_answer", "instead"])
def test_a_service_hands_over_to_its_team_and_that_is_no_failure(rosa: Customer, handover: str) -> None:
    from tests.support.people import make_team

    claims = make_team("Claims")
    service = save_service(
        key="c", name="Claim", description="", answer="We see to it.", phrasings=["broken"], team_id=claims
    )
    bot_says_to(rosa, "It came broken", Answer("We see to it.", [("service", service, "Claim")], [], hands_over=True))
    chat = chat_row(rosa.chat)
    assert (chat["state"], chat["team_id"], chat["service_id"]) == ("queued", claims, service)
    assert entries(rosa.chat)[-1]["data"]["how"] == "service"
    assert kept() == []


# ------------------------------------------------------------------------------------- what people answered then


def test_what_a_person_answered_is_attached(rosa: Customer) -> None:
    bot_says_to(rosa, "Is it frost-proof?", Miss("Is it frost-proof?", "low_confidence"))
    ana = make_agent("Ana Ruiz")
    ana.takes(rosa.chat)
    ana.says(rosa.chat, "Hello Rosa, let me check")
    ana.notes(rosa.chat, "They ask about frost every autumn and nobody ever writes it down")
    assert failures.attach_waiting() == 0
    ana.says(rosa.chat, "It stands minus five degrees if the pot is wrapped.")
    assert failures.attach_waiting() == 1
    found = one("select answer, answered_by_id, answered_at is not null as at from failed_response")
    assert found == {
        "answer": "It stands minus five degrees if the pot is wrapped.",
        "answered_by_id": ana.id,
        "at": True,
    }
    ana.says(rosa.chat, "Below that you had better take it into the house.")
    ana.ends(rosa.chat)
    found = one("select answer, answer_message_ids as ids from failed_response")
    assert found is not None
    assert found["answer"].count("\n\n") == 1
    assert len(found["ids"]) == 2


# -------------------------------------------------------------------------------------------- what is forgotten


def test_an_erased_customer_leaves_no_question_behind(rosa: Customer) -> None:
    from models.actions import erasure

    bot_says_to(rosa, "How long?", answer("How long?"))
    rosa.asks_for_person()
    rosa.ends()
    boss = make_agent("Sam Boss", role="admin")
    erasure.erase(boss.viewer, rosa.id, reason="Asked for it")
    left = one(
        "select (select count(*) from failed_response)::int as failures, (select count(*) from bot_turn)::int as turns"
    )
    assert left == {"failures": 0, "turns": 0}


def test_a_source_that_is_gone_by_then_is_none(rosa: Customer) -> None:
    article = save_article(slug="a", title="A", body="Words.")
    run("delete from article where id = %s", (article,))
    bot_says_to(rosa, "How long?", answer("How long?", sources=[("article", article, "A")]))
    assert one("select outcome, article_id from bot_turn") == {"outcome": "answered", "article_id": None}
