"""Words taken back: by whom, how long, and that nothing of them is left where anybody reads."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import corrections
from models.actions.messages import Said
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import chats as read
from models.tables.messages import Attachment
from tests.support.invariants import assert_all_hold
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
    set_desk,
)
from tests.support.told import Told


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Cleo Marsh", role="supervisor")


@pytest.fixture
def chat_id(ana: Colleague, customer: Customer) -> int:
    return chat_of(ana, customer)


def message(said: Said) -> dict[str, Any]:
    found = one("select * from message where id = %s", (said.row["id"],))
    assert found is not None
    return found


def code_of(refused: pytest.ExceptionInfo[Any]) -> str:
    return str(refused.value.code)


# --- Editing --------------------------------------------------------------------------------------


def test_an_unread_message_says_what_it_should_have_said(
    ana: Colleague, customer: Customer, chat_id: int, told: Told
) -> None:
    said = ana.says(chat_id, "It comes on Munday")
    told.clear()
    edited = ana.edits(said, "It comes on Monday")
    entry = entries(chat_id)[-1]
    assert (edited["body"], edited["edited_at"]) == ("It comes on Monday", entry["created_at"])
    assert (message(said)["body"], message(said)["edited_at"]) == ("It comes on Monday", entry["created_at"])
    assert entry["data"] == {"event": "message_edited", "target_id": said.row["id"], "text": "It comes on Monday"}
    assert entry["pub_seq"] == said.row["pub_seq"] + 1
    for room in (Room.watching(chat_id), Room.customer(customer.id)):
        assert [each["data"]["text"] for each in told.payloads("message:new", room)] == ["It comes on Monday"]
    assert_all_hold()


def test_lists_follow_and_nobody_has_more_to_read(ana: Colleague, customer: Customer, chat_id: int) -> None:
    said = ana.says(chat_id, "It comes on Munday")
    ana.edits(said, "It comes on Monday")
    seen = ana.sees(chat_id)["chat"]
    assert (seen["last_message"]["body"], seen["unread"]) == ("It comes on Monday", 0)
    ana.says(chat_id, "In the morning")
    ana.edits(said, "It comes on Tuesday")
    assert ana.sees(chat_id)["chat"]["last_message"]["body"] == "In the morning"


def test_the_same_words_again_are_a_retry_and_change_nothing(ana: Colleague, customer: Customer, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    ana.edits(said, "Monday")
    customer.reads(99)
    before = entries(chat_id)
    assert ana.edits(said, "Monday")["body"] == "Monday"
    assert entries(chat_id) == before


def test_what_the_customer_has_read_stays(ana: Colleague, customer: Customer, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    customer.reads(said.row["pub_seq"] - 1)
    ana.edits(said, "Mondai")
    customer.reads(said.row["pub_seq"])
    with pytest.raises(Conflict) as refused:
        ana.edits(said, "Monday")
    assert code_of(refused) == "already_read"
    assert message(said)["body"] == "Mondai"


def test_what_the_customer_answered_is_read(ana: Colleague, customer: Customer, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    customer.says("Fine")
    with pytest.raises(Conflict) as refused:
        ana.edits(said, "Monday")
    assert code_of(refused) == "already_read"


def test_what_was_mailed_counts_as_read(ana: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    run("update chat set mailed_seq = pub_seq where id = %s", (chat_id,))
    with pytest.raises(Conflict) as refused:
        ana.edits(said, "Monday")
    assert code_of(refused) == "already_read"


def test_who_handed_the_chat_on_edits_no_more(ana: Colleague, ben: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    ana.hands(chat_id, ben)
    with pytest.raises(Conflict) as refused:
        ana.edits(said, "Monday")
    assert code_of(refused) == "not_owner"
    assert refused.value.detail["by"]["name"] == "Ben Hale"


@pytest.mark.parametrize(("leave", "code"), [("ends", "not_owner"), ("returns", "state_conflict")])
def test_a_chat_that_is_over_or_waits_takes_no_edits(ana: Colleague, chat_id: int, leave: str, code: str) -> None:
    said = ana.says(chat_id, "Munday")
    getattr(ana, leave)(chat_id)
    with pytest.raises(Conflict) as refused:
        ana.edits(said, "Monday")
    assert code_of(refused) == code


def test_only_its_writer_edits_a_message_not_even_a_supervisor(
    ana: Colleague, boss: Colleague, customer: Customer, chat_id: int
) -> None:
    for who, said in ((boss, ana.says(chat_id)), (ana, customer.says("Hello?"))):
        with pytest.raises(Invalid) as refused:
            who.edits(said, "Something else")
        assert code_of(refused) == "not_yours"
        assert message(said)["body"] == said.row["body"]


def test_events_of_the_house_are_nobodys_words(ana: Colleague, chat_id: int) -> None:
    assigned = next(each for each in entries(chat_id) if each["data"].get("event") == "assigned")
    for attempt in (
        lambda: corrections.edit(ana.viewer, chat_id, assigned["id"], "x"),
        lambda: corrections.delete(ana.viewer, chat_id, assigned["id"]),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert code_of(refused) == "not_yours"


def test_a_message_is_found_in_its_own_chat_only(ana: Colleague, chat_id: int) -> None:
    said, other = ana.says(chat_id), chat_of(ana)
    for number, target in ((other, said.row["id"]), (chat_id, 987_654_321)):
        with pytest.raises(NotFound):
            corrections.edit(ana.viewer, number, target, "x")


def test_who_may_not_see_the_chat_hears_that_there_is_none() -> None:
    orders, billing = make_team("Orders"), make_team("Billing")
    ana, far = make_agent(teams=(orders,)), make_agent("Far Off", teams=(billing,))
    chat_id = make_customer().waits(topic="Orders")
    ana.takes(chat_id)
    said = ana.says(chat_id)
    with pytest.raises(NotFound):
        far.edits(said, "x")
    with pytest.raises(NotFound):
        far.deletes(said)
    with pytest.raises(Refused):
        make_agent("Only Reads", role="analyst").deletes(said)


def test_a_note_may_be_changed_for_a_quarter_of_an_hour(ana: Colleague, ben: Colleague, chat_id: int) -> None:
    note = ben.notes(chat_id, "Knows Benn")
    assert ben.edits(note, "Knows Ben")["body"] == "Knows Ben"
    entry = entries(chat_id)[-1]
    assert (entry["pub_seq"], entry["data"]["text"]) == (None, "Knows Ben")
    let_time_pass(chat_id, 14 * 60)
    ben.edits(note, "Knows Ben well")
    let_time_pass(chat_id, 2 * 60)
    with pytest.raises(Conflict) as refused:
        ben.edits(note, "Knows Ben very well")
    assert code_of(refused) == "too_late"
    assert_all_hold()


# --- Deleting -------------------------------------------------------------------------------------


def test_a_deleted_message_leaves_a_stub_and_no_word_anywhere(
    ana: Colleague, ben: Colleague, customer: Customer, chat_id: int
) -> None:
    said = ana.says(chat_id, "The code is 1234")
    ana.edits(said, "The secret code is 4321")
    customer.says("Thank you", quote_id=said.row["id"])
    ben.notes(chat_id, "She has it", quote_id=said.row["id"])
    stub = ana.deletes(said)
    assert (stub["body"], stub["data"]) == ("", {})
    assert stub["deleted_at"] == entries(chat_id)[-1]["created_at"]
    log = rows("select body, data::text, change::text from message where chat_id = %s", (chat_id,))
    assert not [each for each in log if "4321" in str(each) or "1234" in str(each)]
    quotes = [each["data"]["quote"] for each in entries(chat_id) if "quote" in each["data"]]
    assert [(each["body"], each["deleted"]) for each in quotes] == [("", True)] * 2
    assert "code" not in str(chat_row(chat_id))
    assert_all_hold()


def test_a_quote_follows_an_edit_so_that_the_slip_is_gone(ana: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id, "Munday")
    ana.says(chat_id, "I mean it", quote_id=said.row["id"])
    ana.edits(said, "x" * 300)
    quote = next(each["data"]["quote"] for each in entries(chat_id) if "quote" in each["data"])
    assert quote == {"id": said.row["id"], "author_kind": "agent", "author_name": "Ana Ruiz", "body": "x" * 200}


def test_a_list_row_shows_what_is_left(ana: Colleague, customer: Customer, chat_id: int) -> None:
    customer.says("Hello?")
    said = ana.says(chat_id, "Wrong window")
    ana.deletes(said)
    last = ana.sees(chat_id)["chat"]["last_message"]
    assert (last["author_kind"], last["body"]) == ("customer", "Hello?")
    other = ana.says(chat_id, "First")
    ana.says(chat_id, "Second")
    ana.deletes(other)
    assert ana.sees(chat_id)["chat"]["last_message"]["body"] == "Second"


def test_deleting_twice_is_deleting_once(ana: Colleague, boss: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id)
    stub = ana.deletes(said)
    before = entries(chat_id)
    assert ana.deletes(said) == stub
    assert boss.deletes(said) == stub
    assert entries(chat_id) == before
    with pytest.raises(Invalid) as refused:
        ana.edits(said, "Back again")
    assert code_of(refused) == "unknown_message"


def test_read_or_not_ones_own_may_go_while_the_chat_is_open(
    ana: Colleague, ben: Colleague, customer: Customer, chat_id: int
) -> None:
    said = ana.says(chat_id)
    customer.reads(99)
    ana.hands(chat_id, ben)
    ana.deletes(said)
    assert message(said)["deleted_at"] is not None


def test_after_the_end_only_a_supervisor_deletes_and_only_for_a_while(
    ana: Colleague, boss: Colleague, chat_id: int
) -> None:
    first, second, note = ana.says(chat_id, "One"), ana.says(chat_id, "Two"), ana.notes(chat_id)
    ana.ends(chat_id)
    with pytest.raises(Conflict) as refused:
        ana.deletes(first)
    assert code_of(refused) == "state_conflict"
    ana.deletes(note)
    boss.deletes(first)
    let_time_pass(chat_id, 73 * 3600)
    with pytest.raises(Conflict) as refused:
        boss.deletes(second)
    assert code_of(refused) == "state_conflict"
    assert_all_hold()


def test_colleagues_do_not_delete_for_each_other_and_nobody_for_customers_or_the_bot(
    ana: Colleague, ben: Colleague, boss: Colleague, customer: Customer, chat_id: int
) -> None:
    for who, said in ((ben, ana.says(chat_id)), (boss, customer.says("Hello?"))):
        with pytest.raises(Invalid) as refused:
            who.deletes(said)
        assert code_of(refused) == "not_yours"
    run("update message set author_kind = 'bot', author_id = null where id = %s", (ana.says(chat_id).row["id"],))
    with pytest.raises(Invalid):
        corrections.delete(boss.viewer, chat_id, entries(chat_id)[-1]["id"])


def test_the_files_of_a_deleted_message_go_to_the_trash(ana: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id)
    Attachment.create(
        token="t", chat=chat_id, message=said.row["id"], by_agent=ana.id, name="code.png", kind="image",
        content_type="image/png", size=10, storage_key="ab/cd",
    )  # fmt: skip
    ana.deletes(said)
    assert rows("select 1 from attachment") == []
    assert rows("select storage_key from media_trash") == [{"storage_key": "ab/cd"}]


# --- The record -----------------------------------------------------------------------------------


def test_a_supervisor_reads_what_was_said_before(ana: Colleague, boss: Colleague, chat_id: int) -> None:
    said = ana.says(chat_id, "One")
    ana.edits(said, "Two")
    boss.deletes(said)
    found = read.versions(boss.viewer, chat_id, said.row["id"])["items"]
    assert [(each["how"], each["body"], each["by"]["name"]) for each in found] == [
        ("edited", "One", "Ana Ruiz"),
        ("deleted", "Two", "Cleo Marsh"),
    ]
    with pytest.raises(Refused):
        read.versions(ana.viewer, chat_id, said.row["id"])
    with pytest.raises(NotFound):
        read.versions(boss.viewer, chat_of(ana), said.row["id"])


def test_a_correction_tells_of_no_note_to_the_customer(
    ana: Colleague, customer: Customer, chat_id: int, told: Told
) -> None:
    note = ana.notes(chat_id, "Is always late")
    told.clear()
    ana.edits(note, "Is often late")
    ana.deletes(note)
    heard = told.heard_in(Room.customer(customer.id))
    assert not [each for each in heard if each.event == "message:new" or "late" in str(each.payload)]


def test_a_first_reply_still_counts_after_it_was_deleted(ana: Colleague, chat_id: int) -> None:
    set_desk(first_reply_s=60)
    ana.deletes(ana.says(chat_id))
    assert chat_row(chat_id)["first_replied_at"] is not None
