"""What customers do: begin, ask for a person, leave, come back, rate (T1 to T4, T8, T18, T20)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.actions import customers, visitors
from models.db import one, rows
from models.errors import Conflict, DeskError, NotFound
from models.jobs import Job
from models.live import Room
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
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


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(DeskError) as refusal:
        action()
    return refusal.value.code


# --- T1, T2, T3: begin ----------------------------------------------------------------------------


def test_t1_a_first_message_is_the_bots(told: Told, customer: Customer) -> None:
    said = customer.says("Where is my parcel?")
    chat = chat_row(said.chat_id)
    assert (chat["state"], chat["bot_message_id"], chat["first_body"]) == (
        "bot",
        said.row["id"],
        "Where is my parcel?",
    )
    assert timers(said.chat_id) == {"bot_silent"}
    assert told.nudges == [(Job.ANSWER_CUSTOMER, (said.row["id"],))]
    session = one("select * from session where id = %s", (chat["session_id"],))
    assert session is not None
    assert session["subject"] == "Where is my parcel?"
    assert_all_hold()


def test_t1_who_writes_on_replaces_the_question_the_bot_owes(told: Told, customer: Customer) -> None:
    customer.says("Hi")
    second = customer.says("Where is my parcel?")
    assert customer.chats == [second.chat_id]
    assert chat_row(second.chat_id)["bot_message_id"] == second.row["id"]
    assert timers(second.chat_id) == {"bot_silent"}


def test_t2_without_the_bot_a_first_message_waits_in_line(told: Told, customer: Customer) -> None:
    set_desk(bot_enabled=False)
    said = customer.says()
    assert chat_row(said.chat_id)["state"] == "queued"
    assert timers(said.chat_id) == {"queue_max"}
    assert events(said.chat_id) == ["queued"]
    (place,) = told.payloads("queue:place", Room.customer(customer.id))
    assert (place["chat_id"], place["position"]) == (said.chat_id, 1)
    assert told.nudges == [(Job.ASSIGN_WAITING, (0,))]
    assert_all_hold()


def test_the_topic_of_a_first_message_chooses_the_team(customer: Customer) -> None:
    returns = make_team("Returns")
    assert chat_row(customer.says(topic="Returns").chat_id)["team_id"] == returns
    other = make_customer()
    assert chat_row(other.says(topic="No such team").chat_id)["team_id"] is None


def test_t3_whoever_asks_for_a_person_waits_for_one(customer: Customer) -> None:
    chat_id = customer.says().chat_id
    customer.asks_for_person()
    customer.asks_for_person()  # asking twice is asking once
    chat = chat_row(chat_id)
    assert (chat["state"], chat["bot_message_id"]) == ("queued", None)
    assert timers(chat_id) == {"queue_max"}
    assert events(chat_id) == ["queued"]
    assert entries(chat_id)[-1]["data"]["how"] == "asked_for_person"
    assert_all_hold()


def test_places_are_told_when_they_change_and_only_then(told: Told) -> None:
    from models.actions import queue

    first, second, third = (make_customer() for _ in range(3))
    for each in (first, second, third):
        each.waits()
    told.clear()
    assert queue.tell_places() == 0
    first.leaves()
    told.clear()
    assert queue.tell_places() == 2
    assert [told.payloads("queue:place", Room.customer(each.id))[0]["position"] for each in (second, third)] == [1, 2]
    assert queue.tell_places() == 0


# --- T4, T8, T18: leave ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "cause"), [("bot", "visitor_ended"), ("queued", "queue_abandoned"), ("active", "visitor_ended")]
)
def test_t4_t8_t18_a_customer_ends_the_chat(
    told: Told, state: str, cause: str, ana: Colleague, customer: Customer
) -> None:
    chat_id = customer.says().chat_id
    if state != "bot":
        customer.asks_for_person()
    if state == "active":
        ana.takes(chat_id)
        ana.says(chat_id)
    told.clear()
    customer.ends()
    customer.ends()  # ending twice is ending once
    chat = chat_row(chat_id)
    assert (chat["state"], chat["end_cause"], chat["end_reason"]) == ("ended", cause, None)
    assert chat["ended_owner_id"] == (ana.id if state == "active" else None)
    assert timers(chat_id) == set()
    assert events(chat_id).count("ended") == 1
    assert bool(told.payloads("queue:counts", Room.EVERY_QUEUE)) is (state == "queued")
    assert_all_hold()


def test_t8_a_customer_leaves_the_queue_and_nothing_but_the_queue(ana: Colleague, customer: Customer) -> None:
    customer.says()
    with pytest.raises(Conflict):
        customer.leaves()  # the bot has it: there is no line
    customer.asks_for_person()
    customer.leaves()
    assert chat_row(customer.chat)["end_cause"] == "queue_abandoned"
    other = make_customer()
    chat_id = chat_of(ana, other)
    other.leaves()
    assert chat_row(chat_id)["state"] == "active", "somebody has picked the chat: the customer merely looks elsewhere"


def test_nobody_leaves_rates_or_reads_somebody_elses_chat(ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    stranger = make_customer().visitor
    for attempt in (
        lambda: customers.leaves(stranger, chat_id),
        lambda: customers.ends(stranger, chat_id),
        lambda: customers.asks_for_person(stranger, chat_id),
        lambda: customers.rates(stranger, chat_id, 1),
    ):
        with pytest.raises(NotFound):
            attempt()


# --- T20: come back -------------------------------------------------------------------------------


def test_t20_who_writes_again_soon_goes_on_in_the_same_session(ana: Colleague, customer: Customer) -> None:
    first = chat_of(ana, customer)
    ana.ends(first)
    second = customer.says("It came back").chat_id
    old, new = chat_row(first), chat_row(second)
    assert (old["state"], new["previous_chat_id"], new["session_id"]) == ("ended", first, old["session_id"])
    assert new["preferred_agent_id"] == ana.id
    assert (new["pub_seq"], new["all_seq"]) == (2, 2)
    assert_all_hold()


MINUTE, DAY = 60, 86_400


@pytest.mark.parametrize(
    ("reason", "later", "continues"),
    [
        ("resolved", 14 * MINUTE, True),
        ("resolved", 16 * MINUTE, False),
        ("follow_up", 6 * DAY, True),
        ("follow_up", 8 * DAY, False),
        ("time_waster", 1, False),
        ("no_response", 14 * MINUTE, True),
    ],
)
def test_t20_the_window_depends_on_how_it_ended(
    reason: str, later: int, continues: bool, ana: Colleague, customer: Customer
) -> None:
    first = chat_of(ana, customer)
    ana.ends(first, reason)
    let_time_pass(first, later)
    second = customer.says("Me again").chat_id
    assert (chat_row(second)["session_id"] == chat_row(first)["session_id"]) is continues
    assert (chat_row(second)["previous_chat_id"] == first) is continues
    assert_all_hold()


def test_t20_if_their_agent_is_there_with_room_the_bot_is_passed(ana: Colleague, customer: Customer) -> None:
    ana.ends(chat_of(ana, customer))
    assert chat_row(customer.says("Me again").chat_id)["state"] == "queued"


def test_t20_if_their_agent_is_not_there_the_bot_answers_first(ana: Colleague, customer: Customer) -> None:
    ana.ends(chat_of(ana, customer))
    ana.chooses("away")
    chat = chat_row(customer.says("Me again").chat_id)
    assert (chat["state"], chat["preferred_agent_id"]) == ("bot", ana.id)


def test_t20_the_team_stays_unless_another_is_chosen(ana: Colleague) -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    boss = make_agent("Sam Boss", role="supervisor")
    same, other = make_customer(), make_customer()
    for each in (same, other):
        boss.takes(each.waits(topic="Orders"))
        boss.ends(each.chat)
    assert chat_row(same.says().chat_id)["team_id"] == orders
    assert chat_row(other.says(topic="Returns").chat_id)["team_id"] == returns


# --- Rating ---------------------------------------------------------------------------------------


def test_a_rating_is_given_once_and_is_nothing_the_customer_is_shown(
    told: Told, ana: Colleague, customer: Customer
) -> None:
    chat_id = chat_of(ana, customer)
    assert refused(lambda: customer.rates(5)) == "state_conflict"
    ana.ends(chat_id)
    told.clear()
    customer.rates(4, "Quick")
    customer.rates(4, "Quick")  # a retry
    assert refused(lambda: customer.rates(1)) == "already_rated"
    assert refused(lambda: customer.rates(4, "Slow")) == "already_rated"
    chat = chat_row(chat_id)
    assert (chat["rating"], chat["rating_comment"]) == (4, "Quick")
    assert told.payloads("chat:changed", Room.customer(customer.id))[-1]["rating"] == 4
    assert told.payloads("message:new", Room.customer(customer.id)) == []
    assert told.payloads("chat:changed", Room.agent(ana.id))[-1]["rating_comment"] == "Quick"
    assert_all_hold()


def test_r25_a_rating_belongs_to_the_chat_that_ended(ana: Colleague, customer: Customer) -> None:
    first = chat_of(ana, customer)
    ana.ends(first)
    second = customer.says("Me again").chat_id
    customer.rates(5, chat_id=first)
    assert (chat_row(first)["rating"], chat_row(second)["rating"]) == (5, None)


# --- Who they are ---------------------------------------------------------------------------------


def test_a_customer_who_gives_a_name_is_shown_by_it(told: Told, ana: Colleague) -> None:
    customer = make_customer()
    chat_id = chat_of(ana, customer)
    assert ana.sees(chat_id)["customer"]["name"] == f"Visitor {10_000 + customer.id}"
    told.clear()
    customers.introduces(customer.visitor, "Rosa Lind", "rosa@example.com")
    shown = ana.sees(chat_id)["customer"]
    assert (shown["name"], shown["email"]) == ("Rosa Lind", "rosa@example.com")
    assert told.payloads("chat:changed", Room.agent(ana.id))[-1]["customer"]["name"] == "Rosa Lind"


@pytest.mark.parametrize("email", ["rosa", "@example.com", "rosa@", "rosa lind@example.com"])
def test_an_address_must_be_one(email: str, customer: Customer) -> None:
    assert refused(lambda: customers.introduces(customer.visitor, "Rosa", email)) == "invalid"


def test_verified_facts_are_not_overwritten(customer: Customer) -> None:
    from models.tables.customers import Customer as Row

    Row.update(verified=True).where(Row.id == customer.id).execute()
    customers.introduces(customer.visitor, "Somebody Else")
    assert Row.get_by_id(customer.id).name == "Rosa Lind"


def test_a_browser_is_known_again_by_its_token_and_by_nothing_else() -> None:
    channel = one("select id from channel")
    assert channel is not None
    token, first = visitors.arrives(channel["id"], None, page="/cart")
    again, same = visitors.arrives(channel["id"], token, page="/checkout")
    assert (again, same.customer_id) == (token, first.customer_id)
    assert one("select page from customer where id = %s", (first.customer_id,)) == {"page": "/checkout"}
    _, stranger = visitors.arrives(channel["id"], "a-token-that-nobody-has")
    assert stranger.customer_id != first.customer_id
    assert token not in str(rows("select * from visitor_token"))


def test_a_ticket_opens_one_socket_once_and_soon(ana: Colleague, customer: Customer) -> None:
    from models.db import run

    ticket = visitors.ticket_for(customer.visitor)
    assert visitors.redeem(ticket) == customer.visitor
    assert visitors.redeem(ticket) is None
    assert visitors.redeem(visitors.ticket_for(ana.viewer)) == ana.viewer
    late = visitors.ticket_for(ana.viewer)
    run("update ticket set expires_at = expires_at - interval '31 seconds'")
    assert visitors.redeem(late) is None
