"""Letters on their way: claimed once, tried again, given up, and never sent a second time by guessing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from models.actions import customers, letters, presence, timekeeping, transcripts
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.mail import Handed
from models.settings import settings
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
    new_client_id,
    timers,
)
from tests.support.post_office import PostOffice, post_office
from workers import mailing


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """The desk's letters go to a real mail server."""
    with post_office() as found:
        monkeypatch.setenv("PARLEY_MAIL_URL", found.url)
        settings.cache_clear()
        yield found
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def no_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PARLEY_MAIL_URL", "")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def rosa() -> Customer:
    return make_customer("Rosa Lind")


def answered_by_email(ana: Colleague, rosa: Customer) -> int:
    """A chat whose customer has left an address, with its agent."""
    chat_id = rosa.waits()
    customers.leaves_email(rosa.visitor, chat_id, "rosa@example.com")
    ana.takes(chat_id)
    return chat_id


def letter() -> dict[str, Any]:
    (found,) = rows("select * from mail")
    return found


def make_due() -> None:
    run("update mail set due_at = clock_timestamp(), lease_until = null where state = 'pending'")


def send_all() -> None:
    make_due()
    mailing.send_due()


# --- Answers to who has left ------------------------------------------------------------------------------


def test_what_agents_write_goes_out_as_one_letter_after_a_pause(
    ana: Colleague, rosa: Customer, office: PostOffice
) -> None:
    chat_id = answered_by_email(ana, rosa)
    ana.says(chat_id, "It has been found.")
    first_due = letter()["due_at"]
    ana.says(chat_id, "It comes tomorrow.")
    assert letter()["due_at"] > first_due
    mailing.send_due()
    assert office.letters == []  # the pause is not over
    send_all()
    send_all()
    (found,) = office.letters
    body = found.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Hello Rosa Lind," in text
    assert text.index("It has been found.") < text.index("It comes tomorrow.")
    assert "Where is my parcel?" not in text  # their own words they know
    assert office.to == ["rosa@example.com"]
    assert chat_row(chat_id)["mailed_seq"] == chat_row(chat_id)["pub_seq"]
    assert events(chat_id)[-1] == "mail_sent"
    assert entries(chat_id)[-1]["pub_seq"] is None
    assert_all_hold()


def test_the_next_letter_holds_only_what_is_new(ana: Colleague, rosa: Customer, office: PostOffice) -> None:
    chat_id = answered_by_email(ana, rosa)
    for words in ("One.", "Two."):
        ana.says(chat_id, words)
        send_all()
    texts = [str(found.get_body(("plain",))) for found in office.letters]
    assert ("One." in texts[0], "Two." in texts[0]) == (True, False)
    assert ("One." in texts[1], "Two." in texts[1]) == (False, True)


def test_what_they_read_in_the_widget_is_not_mailed(ana: Colleague, rosa: Customer, office: PostOffice) -> None:
    chat_id = answered_by_email(ana, rosa)
    ana.says(chat_id, "It has been found.")
    rosa.reads(chat_row(chat_id)["pub_seq"])
    send_all()
    assert office.letters == []
    assert rows("select id from mail") == []


def test_who_has_the_page_open_is_given_time_to_read_it_there(
    ana: Colleague, rosa: Customer, office: PostOffice
) -> None:
    chat_id = answered_by_email(ana, rosa)
    presence.visitor_socket_opens(rosa.id, "page-1", "front-1")
    ana.says(chat_id, "It has been found.")
    send_all()
    assert (office.letters, letter()["state"], letter()["attempts"]) == ([], "pending", 0)
    run("delete from socket_lease where customer_id = %s", (rosa.id,))
    send_all()
    assert len(office.letters) == 1


def test_notes_are_never_mailed(ana: Colleague, rosa: Customer, office: PostOffice) -> None:
    chat_id = answered_by_email(ana, rosa)
    ana.notes(chat_id, "A difficult customer")
    assert rows("select id from mail") == []
    ana.says(chat_id, "It has been found.")
    send_all()
    assert "difficult" not in str(office.letters[0])


def test_who_left_no_address_gets_no_letter(ana: Colleague, rosa: Customer) -> None:
    ana.says(chat_of(ana, rosa))
    assert rows("select id from mail") == []


def test_silence_ends_a_chat_that_is_answered_by_email_as_on_other_slow_ways(ana: Colleague, rosa: Customer) -> None:
    chat_id = answered_by_email(ana, rosa)
    said = ana.says(chat_id)
    assert (chat_row(chat_id)["idle_due_at"] - said.row["created_at"]).total_seconds() == 86_400
    let_time_pass(chat_id, 86_401)
    assert timekeeping.fire_due() == 1
    assert events(chat_id)[-1] == "ended"
    let_time_pass(chat_id, 3600)
    again = rosa.says("Thank you!").chat_id
    assert chat_row(again)["session_id"] == chat_row(chat_id)["session_id"]


# --- Leaving an address ---------------------------------------------------------------------------------------


def test_a_waiting_chat_keeps_its_place_and_waits_without_a_limit(rosa: Customer) -> None:
    chat_id = rosa.waits()
    queued_at = chat_row(chat_id)["queued_at"]
    customers.leaves_email(rosa.visitor, chat_id, " rosa@example.com ")
    customers.leaves_email(rosa.visitor, chat_id, "rosa@example.com")
    chat = chat_row(chat_id)
    assert (chat["state"], chat["queued_at"], chat["reply_by_email"]) == ("queued", queued_at, True)
    assert timers(chat_id) == set()
    assert events(chat_id).count("by_email") == 1
    assert one("select email from customer where id = %s", (rosa.id,)) == {"email": "rosa@example.com"}
    assert_all_hold()


def test_a_chat_that_comes_back_to_the_queue_still_has_time(ana: Colleague, rosa: Customer) -> None:
    chat_id = answered_by_email(ana, rosa)
    ana.returns(chat_id)
    assert timers(chat_id) == set()
    assert_all_hold()


def test_what_was_said_before_they_left_is_mailed_too(ana: Colleague, rosa: Customer, office: PostOffice) -> None:
    chat_id = chat_of(ana, rosa)
    ana.says(chat_id, "It has been found.")
    customers.leaves_email(rosa.visitor, chat_id, "rosa@example.com")
    send_all()
    assert "It has been found." in str(office.letters[0].get_body(("plain",)))


@pytest.mark.parametrize("address", ["rosa", "rosa@example", "rosa@example.com, all@example.com", "a b@example.com"])
def test_a_wrong_address_changes_nothing(rosa: Customer, address: str) -> None:
    chat_id = rosa.waits()
    before = chat_row(chat_id)
    for attempt in (
        lambda: customers.leaves_email(rosa.visitor, chat_id, address),
        lambda: customers.leaves_message(rosa.visitor, client_id=new_client_id(), body="Hello", email=address),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert "email" in refusal.value.detail["fields"]
    assert chat_row(chat_id) == before


def test_a_chat_that_is_over_or_with_the_bot_takes_no_address(ana: Colleague, rosa: Customer) -> None:
    with_bot = make_customer()
    with_bot.says()
    ended = chat_of(ana, rosa)
    ana.ends(ended)
    for customer in (with_bot, rosa):
        with pytest.raises(Conflict):
            customers.leaves_email(customer.visitor, customer.chat, "rosa@example.com")
    with pytest.raises(NotFound):
        customers.leaves_email(with_bot.visitor, ended, "rosa@example.com")


def test_without_mail_nobody_is_promised_a_letter(no_mail: None, ana: Colleague, rosa: Customer) -> None:
    chat_id = rosa.waits()
    for attempt in (
        lambda: customers.leaves_email(rosa.visitor, chat_id, "rosa@example.com"),
        lambda: customers.leaves_message(rosa.visitor, client_id=new_client_id(), body="Hi", email="rosa@example.com"),
        lambda: transcripts.mails(ana.viewer, chat_id, "rosa@example.com"),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "no_mail"


def test_a_message_left_for_later_goes_straight_into_the_queue(rosa: Customer) -> None:
    make_team("Billing")
    client_id = new_client_id()
    left = {
        "client_id": client_id,
        "body": "Call me",
        "email": "rosa@example.com",
        "name": "Rosa L.",
        "topic": "Billing",
    }
    said = customers.leaves_message(rosa.visitor, **left)
    chat = chat_row(said.chat_id)
    assert (chat["state"], chat["reply_by_email"], chat["first_body"]) == ("queued", True, "Call me")
    assert timers(said.chat_id) == set()
    assert said.row["author_name"] == "Rosa L."
    assert one("select name, email from customer where id = %s", (rosa.id,)) == {
        "name": "Rosa L.",
        "email": "rosa@example.com",
    }
    assert customers.leaves_message(rosa.visitor, **left).row["id"] == said.row["id"]
    assert rosa.chats == [said.chat_id]
    assert_all_hold()


def test_a_message_left_after_a_wait_in_vain_continues_the_issue(rosa: Customer) -> None:
    from models.actions import timekeeping
    from tests.support.people import let_fall_due

    before = rosa.waits()
    let_fall_due(before, "queue_max")
    timekeeping.fire_due()
    assert chat_row(before)["end_cause"] == "queue_expired"
    said = customers.leaves_message(rosa.visitor, client_id=new_client_id(), body="Still here", email="r@example.com")
    assert chat_row(said.chat_id)["session_id"] == chat_row(before)["session_id"]


# --- One attempt after another ---------------------------------------------------------------------------------


@pytest.fixture
def pending(ana: Colleague, rosa: Customer, office: PostOffice) -> int:
    """An answer that waits to be sent. Returns its chat."""
    chat_id = answered_by_email(ana, rosa)
    ana.says(chat_id, "It has been found.")
    make_due()
    return chat_id


def test_a_server_that_is_busy_is_asked_later_and_later_still(pending: int, office: PostOffice) -> None:
    office.data = "451 Busy"
    waits = []
    for _ in range(len(letters.BACKOFF_S) + 1):
        make_due()
        mailing.send_due()
        (left,) = rows("select extract(epoch from due_at - clock_timestamp())::int as s, state, last_error from mail")
        waits.append(left["s"])
        assert left["last_error"] == "451 Busy"
    assert [round(each, -1) for each in waits[:3]] == [60, 300, 1800]
    assert (letter()["state"], office.attempts) == ("failed", len(letters.BACKOFF_S) + 1)
    assert "could not be sent to rosa@example.com: 451 Busy." in entries(pending)[-1]["body"]
    make_due()
    mailing.send_due()
    assert office.attempts == len(letters.BACKOFF_S) + 1


def test_a_letter_that_was_late_arrives_once(pending: int, office: PostOffice) -> None:
    office.rcpt = "drop"
    mailing.send_due()
    office.rcpt = "250 OK"
    mailing.send_due()
    assert office.letters == []  # not before its time
    send_all()
    send_all()
    assert len(office.letters) == 1


def test_a_refusal_is_final_and_stands_in_the_chat(pending: int, office: PostOffice) -> None:
    office.rcpt = "550 No such user"
    mailing.send_due()
    assert (letter()["state"], letter()["last_error"]) == ("failed", "550 No such user")
    assert events(pending)[-1] == "mail_failed"
    send_all()
    assert office.attempts == 1


def test_an_end_that_nobody_knows_is_said_and_not_repeated(ana: Colleague, pending: int, office: PostOffice) -> None:
    office.data = "drop"
    mailing.send_due()
    assert letter()["state"] == "unknown"
    assert events(pending)[-1] == "mail_unknown"
    office.data = "250 OK"
    send_all()
    assert office.letters == []
    ana.says(pending, "Did you get it?")
    send_all()
    (found,) = office.letters
    assert "It has been found." not in str(found.get_body(("plain",)))


def test_two_workers_take_a_letter_once(pending: int) -> None:
    claimed = letters.claim(letter()["id"])
    assert claimed is not None
    assert letters.claim(claimed.id) is None
    assert letters.due() == []
    assert letter()["attempts"] == 1


def test_a_worker_that_died_before_the_text_left_is_made_up_for(pending: int, office: PostOffice) -> None:
    letters.claim(letter()["id"])
    send_all()
    assert len(office.letters) == 1
    assert letter()["attempts"] == 2


def test_a_worker_that_died_with_the_text_on_its_way_is_not(pending: int, office: PostOffice) -> None:
    claimed = letters.claim(letter()["id"])
    assert claimed is not None
    letters.leaves(claimed)
    mailing.send_due()
    assert letter()["state"] == "sending"  # it may yet come to its end
    run("update mail set lease_until = clock_timestamp()")
    mailing.send_due()
    mailing.send_due()
    assert (letter()["state"], office.letters) == ("unknown", [])
    assert events(pending).count("mail_unknown") == 1
    letters.settle(claimed, Handed("sent"))  # the dead do not speak
    assert letter()["state"] == "unknown"


def test_what_is_written_while_a_letter_is_on_its_way_goes_with_the_next(
    ana: Colleague, pending: int, office: PostOffice
) -> None:
    claimed = letters.claim(letter()["id"])
    assert claimed is not None
    ana.says(pending, "And one more thing.")
    letters.leaves(claimed)
    letters.settle(claimed, Handed("sent"))
    send_all()
    (found,) = office.letters
    text = str(found.get_body(("plain",)))
    assert ("It has been found." in text, "And one more thing." in text) == (False, True)


def test_a_letter_that_was_put_off_is_overtaken_by_a_newer_one(
    ana: Colleague, pending: int, office: PostOffice
) -> None:
    claimed = letters.claim(letter()["id"])
    assert claimed is not None
    letters.leaves(claimed)
    ana.says(pending, "And one more thing.")  # a letter of its own: the first is on its way
    letters.settle(claimed, Handed("later", "451 Busy"))
    send_all()
    (found,) = office.letters
    text = str(found.get_body(("plain",)))
    assert ("It has been found." in text, "And one more thing." in text) == (True, True)


# --- Transcripts -----------------------------------------------------------------------------------------------


def test_a_transcript_holds_what_the_customer_could_read(ana: Colleague, rosa: Customer, office: PostOffice) -> None:
    chat_id = chat_of(ana, rosa)
    ana.says(chat_id, "It has been found.")
    ana.notes(chat_id, "A difficult customer")
    ana.ends(chat_id)
    transcripts.mails(ana.viewer, chat_id, "rosa@example.com")
    transcripts.mails_own(rosa.visitor, chat_id, "lind@example.com")
    mailing.send_due()
    assert sorted(office.to) == ["lind@example.com", "rosa@example.com"]
    plain = office.letters[0].get_body(("plain",))
    assert plain is not None
    for words in ("Where is my parcel?", "It has been found.", "Ana ended the chat."):
        assert words in plain.get_content()
    assert "difficult" not in str(office.letters[0])
    assert chat_row(chat_id)["mailed_seq"] == 0
    assert events(chat_id)[-2:] == ["mail_sent", "mail_sent"]


def test_only_ended_chats_and_only_ones_own(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    with pytest.raises(Conflict):
        transcripts.mails(ana.viewer, chat_id, "rosa@example.com")
    ana.ends(chat_id)
    with pytest.raises(NotFound):
        transcripts.mails_own(make_customer().visitor, chat_id, "rosa@example.com")
    with pytest.raises(Invalid):
        transcripts.mails(ana.viewer, chat_id, "rosa")
    assert rows("select id from mail") == []


def test_as_a_file_with_and_without_notes(ana: Colleague, rosa: Customer) -> None:
    from models.queries import letters as read

    chat_id = chat_of(ana, rosa)
    ana.notes(chat_id, "A difficult\ncustomer")
    assert "difficult" not in read.as_text(ana.viewer, chat_id)
    with_notes = read.as_text(ana.viewer, chat_id, notes=True)
    assert "Ana Ruiz (note): A difficult\n    customer" in with_notes
    assert with_notes.startswith(f"Chat {chat_id} with Rosa Lind, Shop\n")
    stranger = make_agent("Sam", teams=(make_team("Billing"),))
    orders = make_team("Orders")
    run("update chat set team_id = %s", (orders,))
    with pytest.raises(NotFound):
        read.as_text(stranger.viewer, chat_id)


def test_the_way_back_is_on_the_desks_own_site_whatever_the_browser_said(ana: Colleague, rosa: Customer) -> None:
    from models.queries import letters as read

    chat_id = chat_of(ana, rosa)
    for page, url in (
        ("/plants/fern", "https://shop.example/plants/fern"),
        ("https://evil.example/", "https://shop.example/"),
        ("javascript:alert(1)", "https://shop.example/"),
        ("/a b\nBcc: x", "https://shop.example/"),
        (None, "https://shop.example/"),
    ):
        run("update customer set page = %s where id = %s", (page, rosa.id))
        assert read.desk_for(chat_id).url == url
