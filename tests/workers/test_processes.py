"""Real workers on a real Redis: what is said gets an answer or a person, whoever dies on the way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import redis

from models.actions import bot, conversation, customers, knowledge, visitors
from models.db import one, rows
from models.queries.access import Visitor
from models.seeds.desk import seed_bare
from tests.support.people import Colleague, make_agent, make_team
from tests.support.processes import Desk, desk

pytestmark = pytest.mark.timeout(240)

SLOW_START_S = (
    20  # how much longer than on a quiet machine a killed process may take to be back: imports, with others busy
)

SERVICES = {
    "Delivery times": [
        "how long does delivery take",
        "when will it arrive",
        "delivery time",
        "how many days for shipping",
    ],
    "Returns": ["how do I return something", "send it back", "return label", "I want to give this back"],
    "Opening hours": ["when are you open", "opening hours", "what time do you close", "are you open on sunday"],
}


def wait_for(look: Callable[[], Any], patience: float = 60) -> Any:
    """The first true thing that `look` sees."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:.0f} s")


@pytest.fixture(scope="module")
def back_room(database: str) -> Iterator[Desk]:
    with desk(parts=("desk", "brain", "beat")) as running:
        yield running


@pytest.fixture
def visitor(back_room: Desk) -> Visitor:
    """Somebody on the website of a desk that knows three things, read and learned by the worker itself."""
    seed_bare(channel_key="test-channel")
    for name, phrasings in SERVICES.items():
        knowledge.save_service(key=name, name=name, description="", answer=f"All about {name}.", phrasings=phrasings)
    wait_for(lambda: one("select 1 from answer_bars where examples = 12"))
    return a_visitor()


def a_visitor() -> Visitor:
    channel = one("select id from channel where public_key = 'test-channel'")
    assert channel is not None
    _, found = visitors.arrives(channel["id"], None)
    return found


def says(visitor: Visitor, body: str) -> dict[str, Any]:
    says.count += 1
    return conversation.say(conversation.customer_draft(visitor, client_id=f"client-{says.count:06}", body=body)).row


says.count = 0


def replies_in(chat_id: int) -> list[dict[str, Any]]:
    return rows("select * from message where chat_id = %s and author_kind = 'bot' order by all_seq", (chat_id,))


def chat_of(message: dict[str, Any]) -> dict[str, Any]:
    found = one("select * from chat where id = %s", (message["chat_id"],))
    assert found is not None
    return found


def test_a_question_is_answered_with_its_source(visitor: Visitor) -> None:
    asked = says(visitor, "how long does shipping take?")
    (reply,) = wait_for(lambda: replies_in(asked["chat_id"]))
    assert reply["body"] == "All about Delivery times."
    assert [source["title"] for source in reply["data"]["sources"]] == ["Delivery times"]


def test_a_question_without_an_answer_becomes_a_failed_response_and_enters_the_queue(visitor: Visitor) -> None:
    asked = says(visitor, "who won the football match last night?")
    wait_for(lambda: chat_of(asked)["state"] != "bot")
    failed = one("select * from failed_response where chat_id = %s", (asked["chat_id"],))
    assert failed is not None
    assert (failed["text"], failed["trigger"]) == ("who won the football match last night?", "low_confidence")
    assert failed["embedding"] is not None
    assert len(failed["candidates"]) == 3


def test_a_worker_killed_in_the_middle_of_an_answer_is_made_up_for(
    visitor: Visitor, back_room: Desk, database: str
) -> None:
    rows("update desk set bot_silent_s = 300 returning id")  # no person takes over before the next worker is up
    back_room.pause("brain")
    asked = says(visitor, "what are your opening hours")
    blocker = psycopg2.connect(database)
    blocker.cursor().execute("lock table message in exclusive mode")  # lets it claim and think, and not answer
    back_room.resume("brain")
    wait_for(lambda: chat_of(asked)["bot_attempts"] == 1)
    back_room.kill("brain")
    blocker.close()
    back_room.start("brain")
    (reply,) = wait_for(lambda: replies_in(asked["chat_id"]), patience=bot.LEASE_S + 60)
    assert reply["body"] == "All about Opening hours."
    assert chat_of(asked)["bot_message_id"] is None


def test_a_redis_that_lost_everything_costs_seconds(visitor: Visitor, redis_client: redis.Redis) -> None:
    redis_client.flushall()
    asked = says(visitor, "I want to return something")
    (reply,) = wait_for(lambda: replies_in(asked["chat_id"]), patience=30)
    assert reply["body"] == "All about Returns."


def test_a_silent_bot_hands_over_to_a_person(visitor: Visitor, back_room: Desk) -> None:
    rows("update desk set bot_silent_s = 1 returning id")
    back_room.pause("brain")
    try:
        asked = says(visitor, "are you open on sunday")
        wait_for(lambda: chat_of(asked)["state"] == "queued", patience=20)
    finally:
        back_room.resume("brain")
    time.sleep(2)
    assert [reply for reply in replies_in(asked["chat_id"]) if reply["data"].get("sources")] == [], (
        "it answered too late"
    )


def test_an_escalation_times_out_by_itself_and_after_its_worker_and_beat_were_killed(
    visitor: Visitor, back_room: Desk
) -> None:
    """F15: late by at most 5 s, and by at most 20 s when whoever should have noticed is dead. Once, and never early."""
    team = make_team("Billing")
    owner, other = make_agent("Ana Ruiz"), make_agent("Ben Hale", teams=(team,))
    rows("update socket_lease set seen_at = '2100-01-01' returning sid")  # nobody's screen goes dark meanwhile
    rows("update desk set auto_assign = false returning id")  # or the desk worker gives one out before it is picked
    chats = [made for _ in range(2) if (made := picked_by(owner))]
    for chat_id, seconds, killed, allowed in ((chats[0], 3, False, 5), (chats[1], 6, True, 20)):
        steps = f'[{{"do": "origin", "after_s": {seconds}, "team_id": null}}]'
        rows("update desk set escalation_steps = %s::jsonb returning id", (steps,))
        owner.escalates(chat_id, team)
        if killed:
            for part in ("desk", "beat"):
                back_room.kill(part)
            time.sleep(1)
            for part in ("desk", "beat"):
                back_room.start(part)
        wait_for(
            lambda chat_id=chat_id: not one("select 1 from chat where id = %s and state = 'escalated'", (chat_id,))
        )
        (offer,) = rows(
            "select *, extract(epoch from decided_at - due_at) as late from escalation where chat_id = %s", (chat_id,)
        )
        assert offer["state"] == "timed_out"
        assert 0 <= offer["late"] <= allowed + SLOW_START_S * killed
        named = rows(
            "select 1 from message where chat_id = %s and data ->> 'event' = 'escalation_timed_out'", (chat_id,)
        )
        assert len(named) == 1
    assert other.now["load"] == 0


def picked_by(owner: Colleague) -> int:
    """A chat of a customer who asked for a person."""
    found = a_visitor()
    chat_id = says(found, "A person, please")["chat_id"]
    customers.asks_for_person(found, chat_id)
    owner.takes(chat_id)
    return int(chat_id)


def test_every_kind_of_worker_shows_that_it_works(visitor: Visitor) -> None:
    wait_for(lambda: {each["part"] for each in rows("select part from beat")} >= {"desk", "brain"}, patience=20)


def test_a_brain_that_would_fork_its_model_refuses_to_start() -> None:
    started = subprocess.run(
        [sys.executable, "-m", "celery", "--app=workers.app", "worker", "--queues=brain", "--pool=prefork"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode != 0
    assert "--pool=solo" in started.stderr
