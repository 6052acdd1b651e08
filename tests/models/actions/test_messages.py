"""What people say: one at a time, many at once, again after no answer, and too late."""

from __future__ import annotations

import pytest

from models.actions import conversation
from models.actions.messages import Said
from models.errors import Conflict, DeskError, NotFound, Refused
from models.live import Room
from tests.support.invariants import assert_all_hold, assert_kept
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
    timers,
)
from tests.support.told import Told


@pytest.fixture
def chat_id(ana: Colleague, customer: Customer) -> int:
    return chat_of(ana, customer)


def refusal(outcome: Said | DeskError) -> str:
    assert isinstance(outcome, DeskError)
    return outcome.code


# --- The common case ------------------------------------------------------------------------------


def test_a_message_moves_both_counters_and_what_the_list_shows(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    before = chat_row(chat_id)
    said = customer.says("It is the blue one")
    after = chat_row(chat_id)
    assert (after["all_seq"], after["pub_seq"]) == (before["all_seq"] + 1, before["pub_seq"] + 1)
    assert (after["last_body"], after["last_author_kind"], after["last_at"]) == (
        "It is the blue one",
        "customer",
        said.row["created_at"],
    )
    assert after["version"] == before["version"]
    assert_all_hold()


def test_the_first_reply_ends_the_wait_for_it_and_starts_the_clock_of_silence(ana: Colleague, chat_id: int) -> None:
    assert timers(chat_id) == {"first_reply"}
    said = ana.says(chat_id)
    assert timers(chat_id) == set()
    chat = chat_row(chat_id)
    assert chat["first_replied_at"] == chat["last_agent_at"] == said.row["created_at"]
    assert (chat["idle_due_at"] - said.row["created_at"]).total_seconds() == 300
    ana.says(chat_id, "And another")
    assert chat_row(chat_id)["first_replied_at"] == said.row["created_at"]


def test_an_answer_of_the_customer_stops_the_clock_of_silence(ana: Colleague, customer: Customer, chat_id: int) -> None:
    ana.says(chat_id, "Which one?")
    customer.says("The blue one")
    assert chat_row(chat_id)["idle_due_at"] is None


def test_owner_and_customer_hear_a_message_and_a_supervisor_elsewhere_does_not(
    told: Told, ana: Colleague, customer: Customer, chat_id: int
) -> None:
    told.clear()
    ana.says(chat_id, "Hello Rosa")
    heard = [(each.namespace, sorted(each.rooms)) for each in told.tellings if each.event == "message:new"]
    assert heard == [
        ("/console", sorted([Room.agent(ana.id), Room.watching(chat_id)])),
        ("/visitor", [Room.customer(customer.id)]),
    ]


# --- Many at once ---------------------------------------------------------------------------------


def test_a_mixed_batch_is_stored_in_order_with_a_repeat_and_a_refusal_in_it(
    ana: Colleague, ben: Colleague, customer: Customer, chat_id: int
) -> None:
    other = make_customer()
    of_ben = chat_of(ben, other)
    before = ana.says(chat_id, "Hello", client_id="said-before")
    outcomes = conversation.post(
        [
            customer.draft("one"),
            ana.draft(chat_id, "Hello", client_id="said-before"),
            ben.draft(chat_id, "I am not the owner"),
            ana.draft(chat_id, "two"),
            other.draft("elsewhere"),
            customer.draft("three"),
            ana.draft(chat_id, "between us", internal=True),
            ben.draft(of_ben, "hello there"),
            customer.draft("four"),
        ]
    )
    assert isinstance(outcomes[1], Said)
    assert outcomes[1].row["id"] == before.row["id"]
    assert refusal(outcomes[2]) == "not_owner"
    kept = [each for place, each in enumerate(outcomes) if place not in (1, 2) and isinstance(each, Said)]
    assert len(kept) == 7
    assert_kept(kept)
    texts = [each["body"] for each in entries(chat_id) if each["kind"] == "text"]
    assert texts == ["Where is my parcel?", "Hello", "one", "two", "three", "four"]
    assert_all_hold()


def test_a_batch_of_the_common_case_is_one_transaction_and_says_each_thing_once(
    told: Told, ana: Colleague, customer: Customer, chat_id: int
) -> None:
    told.clear()
    outcomes = conversation.post([customer.draft("a"), ana.draft(chat_id, "b"), customer.draft("c")])
    times = {each.row["created_at"] for each in outcomes if isinstance(each, Said)}
    assert len(times) == 1
    heard = [each.payload["body"] for each in told.heard_in(Room.agent(ana.id)) if each.event == "message:new"]
    assert heard == ["a", "b", "c"]
    assert timers(chat_id) == set()
    assert_all_hold()


def test_the_same_client_id_twice_in_one_batch_is_stored_once(customer: Customer, chat_id: int) -> None:
    draft = customer.draft("once", client_id="twice-in-one")
    first, second = conversation.post([draft, draft])
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert first.row["id"] == second.row["id"]
    assert_all_hold()


def test_who_writes_has_not_read_what_came_after_in_the_same_batch(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    conversation.post([ana.draft(chat_id, "Which one?"), customer.draft("Blue"), customer.draft("Or green")])
    assert ana.sees(chat_id)["chat"]["unread"] == 2
    conversation.post([customer.draft("Blue, I think"), ana.draft(chat_id, "Fine")])
    chat = chat_row(chat_id)
    assert (chat["agent_read_seq"], chat["customer_read_seq"]) == (chat["pub_seq"], chat["pub_seq"] - 1)


def test_a_customer_who_writes_beside_an_agents_late_word_does_not_write_into_the_ended_chat(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    """The batch holds the ended chat for the agent's sake; the customer's words still open the next one."""
    ana.ends(chat_id)
    late, said = conversation.post([ana.draft(chat_id, "Bye"), customer.draft("One more thing")])
    assert refusal(late) == "not_owner"
    assert isinstance(said, Said)
    assert said.chat_id == customer.chat != chat_id
    assert_all_hold()


def test_an_empty_batch_is_nothing() -> None:
    assert conversation.post([]) == []


# --- Again after no answer (G2) -------------------------------------------------------------------


def test_a_retry_gets_the_stored_row_also_after_the_chat_has_ended(
    ana: Colleague, customer: Customer, chat_id: int
) -> None:
    of_customer = customer.says("Thanks", client_id="customer-1")
    of_agent = ana.says(chat_id, "You are welcome", client_id="agent-001")
    ana.ends(chat_id)
    again = customer.says("Thanks", client_id="customer-1")
    assert (again.row["id"], again.row["pub_seq"]) == (of_customer.row["id"], of_customer.row["pub_seq"])
    assert ana.says(chat_id, "You are welcome", client_id="agent-001").row["id"] == of_agent.row["id"]
    assert customer.chats == [chat_id]
    assert_all_hold()


def test_a_retry_gets_the_stored_row_also_after_the_chat_went_to_somebody_else(
    ana: Colleague, ben: Colleague, chat_id: int
) -> None:
    said = ana.says(chat_id, "Ben will help", client_id="agent-001")
    ana.hands(chat_id, ben)
    assert ana.says(chat_id, "Ben will help", client_id="agent-001").row["id"] == said.row["id"]


def test_two_senders_may_use_the_same_client_id(ana: Colleague, customer: Customer, chat_id: int) -> None:
    one = customer.says("mine", client_id="the-same-id")
    two = ana.says(chat_id, "mine too", client_id="the-same-id")
    assert one.row["id"] != two.row["id"]


# --- Too late, and not yours ----------------------------------------------------------------------


def test_the_previous_owner_is_told_whose_chat_it_is(ana: Colleague, ben: Colleague, chat_id: int) -> None:
    ana.hands(chat_id, ben)
    with pytest.raises(Conflict) as lost:
        ana.says(chat_id, "One more thing")
    assert lost.value.code == "not_owner"
    assert lost.value.detail["by"]["name"] == "Ben Hale"
    assert "One more thing" not in [each["body"] for each in entries(chat_id)]


def test_nobody_writes_into_an_ended_chat(ana: Colleague, chat_id: int) -> None:
    ana.ends(chat_id)
    with pytest.raises(Conflict) as late:
        ana.says(chat_id)
    assert (late.value.code, late.value.detail["state"]) == ("not_owner", "ended")


def test_an_agent_does_not_write_before_picking(ana: Colleague) -> None:
    waiting = make_customer().waits()
    with pytest.raises(Conflict) as early:
        ana.says(waiting)
    assert (early.value.code, early.value.detail["state"]) == ("state_conflict", "queued")


def test_a_supervisor_does_not_speak_in_somebody_elses_chat(chat_id: int) -> None:
    boss = make_agent("Sam Boss", role="supervisor")
    with pytest.raises(Conflict, match="not_owner"):
        boss.says(chat_id)
    boss.notes(chat_id, "Offer the voucher")


def test_an_analyst_says_and_notes_nothing(chat_id: int) -> None:
    analyst = make_agent("Ada Reads", role="analyst")
    for speak in (analyst.says, analyst.notes):
        with pytest.raises(Refused):
            speak(chat_id)


def test_a_chat_of_another_team_is_not_there(ana: Colleague) -> None:
    make_team("Secrets")
    hidden = make_customer().waits(topic="Secrets")
    for speak in (ana.says, ana.notes):
        with pytest.raises(NotFound):
            speak(hidden)


# --- Notes ----------------------------------------------------------------------------------------


def test_a_note_moves_only_the_counter_of_the_house(
    told: Told, ana: Colleague, customer: Customer, chat_id: int
) -> None:
    before = chat_row(chat_id)
    told.clear()
    ana.notes(chat_id, "Has been angry before")
    after = chat_row(chat_id)
    assert (after["all_seq"], after["pub_seq"]) == (before["all_seq"] + 1, before["pub_seq"])
    assert after["last_body"] == before["last_body"]
    assert told.heard_in(Room.customer(customer.id)) == []
    assert_all_hold()


def test_a_note_is_no_first_reply(ana: Colleague, chat_id: int) -> None:
    ana.notes(chat_id)
    assert timers(chat_id) == {"first_reply"}
    assert chat_row(chat_id)["first_replied_at"] is None


@pytest.mark.parametrize("state", ["bot", "queued", "active", "ended"])
def test_notes_are_taken_in_every_state(state: str, ana: Colleague, customer: Customer) -> None:
    customer.says()
    chat_id = customer.chat
    if state != "bot":
        customer.asks_for_person()
    if state in ("active", "ended"):
        ana.takes(chat_id)
    if state == "ended":
        ana.ends(chat_id)
    ana.notes(chat_id, "Seen")
    assert entries(chat_id)[-1]["kind"] == "note"
    assert_all_hold()


@pytest.mark.parametrize(("hours", "taken"), [(71.9, True), (72.1, False)])
def test_notes_and_tags_follow_the_end_for_72_hours(hours: float, taken: bool, ana: Colleague, chat_id: int) -> None:
    from models.tables.desk import Tag

    tag = Tag.create(name="voucher", hue=1).id
    ana.ends(chat_id)
    let_time_pass(chat_id, hours * 3600)
    for attempt in (lambda: ana.notes(chat_id), lambda: ana.tags(chat_id, tag)):
        if taken:
            attempt()
        else:
            with pytest.raises(Conflict, match="too long ago"):
                attempt()
    assert (entries(chat_id)[-1]["data"].get("event") == "tagged") is taken


# --- Receipts -------------------------------------------------------------------------------------


def test_receipts_only_grow_and_never_pass_the_head(
    told: Told, ana: Colleague, customer: Customer, chat_id: int
) -> None:
    customer.says("One")
    customer.says("Two")
    head = chat_row(chat_id)["pub_seq"]
    told.clear()
    for seq in (2, 1, 999, 3, 2):
        ana.reads(chat_id, seq)
    assert chat_row(chat_id)["agent_read_seq"] == head
    told_seqs = [each["read_seq"] for each in told.payloads("chat:receipt", Room.customer(customer.id))]
    assert told_seqs == [2, head]


def test_what_has_arrived_is_not_read_yet(told: Told, ana: Colleague, customer: Customer, chat_id: int) -> None:
    ana.says(chat_id)
    head = chat_row(chat_id)["pub_seq"]
    told.clear()
    customer.reads(head, only_delivered=True)
    customer.reads(head, only_delivered=True)
    customer.reads(head)
    customer.reads(head - 1)
    chat = chat_row(chat_id)
    assert (chat["customer_delivered_seq"], chat["customer_read_seq"]) == (head, head)
    heard = told.payloads("chat:receipt", Room.agent(ana.id))
    assert [(each["delivered_seq"], each["read_seq"] == head) for each in heard] == [(head, False), (head, True)]


def test_only_the_owners_reading_counts_and_only_of_ones_own_chat(
    ana: Colleague, ben: Colleague, customer: Customer, chat_id: int
) -> None:
    before = chat_row(chat_id)
    ben.reads(chat_id, 99)
    stranger = make_customer()
    stranger.says()
    from models.actions import messages

    messages.customer_reads(stranger.visitor, chat_id, 99)
    after = chat_row(chat_id)
    assert [after[name] for name in ("agent_read_seq", "customer_read_seq", "customer_delivered_seq")] == [
        before[name] for name in ("agent_read_seq", "customer_read_seq", "customer_delivered_seq")
    ]
