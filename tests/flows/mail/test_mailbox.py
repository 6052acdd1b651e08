"""A story by mail, against a real IMAP and a real SMTP server: one session, one customer, nobody believed without proof."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from threading import Thread
from typing import Any

import pytest

from models.actions import alarms, channels, customers, erasure, inbox, senders
from models.channels import mailbox
from models.channels.incoming import Person
from models.db import one, rows, run
from models.errors import NotFound
from models.jobs import Job
from models.queries import alarms as standing
from models.queries import channels as read
from tests.support import files
from tests.support.mail_desk import PASSED, goes_out, looks, mails
from tests.support.mail_house import FILLED, USER, MailHouse
from tests.support.people import Colleague, entries, make_agent, make_team, set_desk
from tests.support.post_office import PostOffice
from tests.support.told import listening
from tests.support.winmail import winmail
from workers import connecting, taking


def chats() -> list[dict[str, Any]]:
    return rows("select * from chat order by id")


def asked_back(house: MailHouse, office: PostOffice, boss: Colleague) -> tuple[dict[str, Any], str]:
    """Somebody wrote and was asked which one they mean: the chat, and the name of the mail that asked."""
    mails(house, "Where is my parcel?")
    (chat,) = chats()
    boss.takes(chat["id"])
    boss.says(chat["id"], "Which one?")
    goes_out()
    return chat, str(office.letters[0]["Message-ID"])


def customer_words() -> list[str]:
    return [each["body"] for each in rows("select body from message where author_kind = 'customer' order by id")]


def test_a_story_by_mail_is_one_session(desk: int, house: MailHouse, office: PostOffice, boss: Colleague) -> None:
    first = mails(house, "Where is my parcel?")
    (chat,) = chats()
    session = one("select * from session")
    assert session is not None
    assert (session["subject"], chat["state"]) == ("My order", "queued")
    boss.takes(chat["id"])
    goes_out()
    assert office.letters == [], "that somebody waits in a line is not worth a letter"

    boss.says(chat["id"], "It left us on Monday.")
    goes_out()
    (letter,) = office.letters
    assert (letter["To"], letter["Subject"], letter["In-Reply-To"]) == ("ada@example.com", "Re: My order", first)
    assert "It left us on Monday." in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    quoted = (
        "It is still not here.\r\n\r\nOn Fri, 27 Nov 2026 at 14:03, Fernhill <desk@fernhill.example> wrote:\r\n\r\n"
        "> It left us on Monday."
    )
    mails(house, quoted, In_Reply_To=str(letter["Message-ID"]), References=f"{first} {letter['Message-ID']}")
    assert customer_words() == ["Where is my parcel?", "It is still not here."]
    newest = entries(chat["id"])[-1]
    beside = newest["data"]["channel"]
    assert beside["quoted"].endswith("> It left us on Monday.")
    assert (beside["sender"], beside["subject"]) == ("passed", "My order")

    boss.ends(chat["id"])
    run("update chat set ended_at = ended_at - interval '40 days' where id = %s", (chat["id"],))
    mails(house, "It has come!", In_Reply_To=str(letter["Message-ID"]))
    assert len(chats()) == 2
    assert {each["session_id"] for each in chats()} == {session["id"]}
    assert len({each["customer_id"] for each in chats()}) == 1


def test_a_forged_answer_begins_a_chat_of_its_own(
    desk: int, house: MailHouse, office: PostOffice, boss: Colleague
) -> None:
    chat, real = asked_back(house, office, boss)
    forged = re.sub(r"\.[a-z2-7]{24}@", "." + "a" * 24 + "@", real)
    before = entries(chat["id"])
    mails(house, "Send it to me instead.", above="", In_Reply_To=forged)
    mails(house, "To me!", by="Eve <eve@evil.example>", above="", In_Reply_To=real)
    mails(house, "Really.", above=PASSED.replace("pass", "fail"), In_Reply_To=real)
    assert entries(chat["id"]) == before
    others = chats()[1:]
    assert len({chat["customer_id"], *(each["customer_id"] for each in others)}) == 3
    assert chat["session_id"] not in {each["session_id"] for each in others}


def test_files_come_with_a_mail_and_go_with_the_answer_in_one(
    desk: int, house: MailHouse, office: PostOffice, boss: Colleague
) -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["Subject"], letter["Message-ID"] = "Ada <ada@example.com>", "Files", "<files@example.com>"
    letter.set_content("Two of them.")
    letter.add_attachment(files.pdf(), maintype="application", subtype="pdf", filename="../plan.pdf")
    letter.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="virus.exe")
    letter.add_attachment(b"x" * 6_000_000, maintype="text", subtype="plain", filename="long.txt")
    house.lay_in(letter.as_bytes())
    looks()
    (chat,) = chats()
    (message,) = [each for each in entries(chat["id"]) if each["author_kind"] == "customer"]
    assert [each["name"] for each in message["data"]["attachments"]] == ["plan.pdf"]
    assert "virus.exe" in message["body"]
    assert "long.txt" in message["body"]
    boss.takes(chat["id"])
    goes_out()
    (told,) = office.letters
    assert (told["Auto-Submitted"], told["In-Reply-To"]) == ("auto-replied", "<files@example.com>")
    words = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "virus.exe" in words
    assert "long.txt" in words
    run("update attachment set by_customer_id = null, by_agent_id = %s, message_id = null", (boss.id,))
    run(
        "insert into attachment (token, by_agent_id, name, kind, content_type, size, storage_key)"
        " select token || 'x', by_agent_id, 'again.pdf', kind, content_type, size, storage_key from attachment"
    )
    ours = [each["id"] for each in rows("select id from attachment order by id")]
    boss.says(chat["id"], "Here are two of ours.", attachment_ids=ours)
    goes_out()
    answer = office.letters[-1]
    assert [each.get_filename() for each in answer.iter_attachments()] == ["plan.pdf", "again.pdf"]
    assert len(office.letters) == 2


def test_the_same_mail_thrice_is_one_message_and_two_of_one_name_are_two(desk: int, house: MailHouse) -> None:
    for _ in range(3):
        mails(house, "Once.", Message_ID="<same@example.com>")
    mails(house, "Twice.", Message_ID="<same@example.com>")
    run("update channel set notes = notes || '{\"last_uid\": 0}' where id = %s", (desk,))
    looks()  # as after a crash: everything is read again
    assert customer_words() == ["Once.", "Twice."]


def test_a_bounce_is_shown_on_the_message_and_a_holiday_is_not_answered(
    desk: int, house: MailHouse, office: PostOffice, boss: Colleague
) -> None:
    _, ours = asked_back(house, office, boss)
    mails(house, "I am away.", Auto_Submitted="auto-replied", In_Reply_To=ours)
    assert customer_words() == ["Where is my parcel?"]
    house.lay_in(
        (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {USER}\r\nMessage-ID: <bounce@mx.example>\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\n"
            "Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\r\n\r\n--b\r\n"
            f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {ours}\r\n\r\nx\r\n--b--\r\n"
        ).encode()
    )
    looks()
    found = one("select state, error from delivery where provider_ids @> array[%s]", (ours,))
    assert found == {"state": "failed", "error": "552 5.2.2 Mailbox full"}


def test_a_machine_that_does_not_say_so_is_answered_a_few_times_and_then_waits_for_a_person(
    desk: int, house: MailHouse
) -> None:
    set_desk(bot_enabled=True)
    mails(house, "Robot speaking.")
    (chat,) = chats()
    assert chat["state"] == "bot"
    for number in range(customers.LETTERS_AN_HOUR):
        run(
            "insert into message (chat_id, kind, author_kind, author_name, author_hue, body, all_seq, pub_seq)"
            " select id, 'text', 'bot', 'Bot', 0, 'An answer.', all_seq + 1, pub_seq + 1 from chat where id = %s",
            (chat["id"],),
        )
        run("update chat set all_seq = all_seq + 1, pub_seq = pub_seq + 1 where id = %s", (chat["id"],))
        assert chats()[0]["state"] == "bot"
        mails(house, f"Robot speaking again, {number}.")
    assert chats()[0]["state"] == "queued"
    assert len(customer_words()) == customers.LETTERS_AN_HOUR + 1


def test_who_proved_an_address_elsewhere_is_the_same_customer_and_who_claims_it_is_not(
    desk: int, house: MailHouse, boss: Colleague
) -> None:
    other = channels.created(boss.viewer, "telegram", "Bot", {"token": "1:x"})
    known = senders.meet(other, Person("77", "Ada", email="ADA@example.com", proved=("email",)))
    mails(house, "It is me.")
    mails(house, "It is me, too.", above="")
    proved, claimed = chats()
    assert proved["customer_id"] == known.customer_id
    assert claimed["customer_id"] != known.customer_id


def test_a_password_taken_back_pauses_the_channel_and_nothing_is_lost(
    desk: int, house: MailHouse, office: PostOffice, boss: Colleague
) -> None:
    mails(house, "Where is my parcel?")
    (chat,) = chats()
    boss.takes(chat["id"])
    office.password = "another"
    house.change_password("another")
    boss.says(chat["id"], "Which one?")
    mails(house, "The second one.")
    goes_out()
    seen = read.one_of(boss.viewer, desk)
    assert (seen["state"], office.letters, customer_words()) == ("broken", [], ["Where is my parcel?"])
    channels.changed(boss.viewer, desk, seen["version"], filled={"password": "another"})
    connecting.check(desk)
    looks()
    goes_out()
    assert read.one_of(boss.viewer, desk)["state"] == "working"
    assert customer_words() == ["Where is my parcel?", "The second one."]
    assert len(office.letters) == 1


def test_broken_mails_end_in_a_clear_state_and_hold_nobody_up(desk: int, house: MailHouse) -> None:
    house.lay_in(b"")
    house.lay_in(b"\x00\xff\xfe garbage")
    nest = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(60))
    house.lay_in(b"From: n@example.com\r\nSubject: Nest\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n" + nest)
    mails(house, "And I am fine.")
    states = {each["state"] for each in rows("select state from inbound")}
    assert states <= {"done", "dead"}
    assert "And I am fine." in customer_words()


@contextmanager
def a_server_that_says_nothing() -> Iterator[int]:
    """Takes every connection and never says a word. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


def test_a_mailbox_that_hangs_holds_up_no_other_and_is_never_looked_into_twice_at_once(
    desk: int, house: MailHouse, boss: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "WHOLE_S", 3.0)
    house.lay_in(f"{PASSED}From: ada@example.com\r\nTo: {USER}\r\nMessage-ID: <a@x>\r\n\r\nHello?\r\n".encode())
    with a_server_that_says_nothing() as port, listening() as told:
        hanging = channels.created(boss.viewer, "email", "Slow", {**FILLED, "imap_port": port, "smtp_port": port})
        told.clear()
        run("update channel set notes = notes || '{\"looked_at\": 0}' where kind = 'email'")
        taking.poll_due()
        assert {ids for job, ids in told.nudges if job == Job.POLL_CHANNEL} == {(desk,), (hanging,)}

        slow = Thread(target=taking.poll, args=(hanging,))
        slow.start()
        while hanging in read.polled():
            time.sleep(0.01)
        began = time.monotonic()
        taking.poll(hanging)  # another worker's nudge
        taking.poll(desk)
        assert time.monotonic() - began < 2
        assert slow.is_alive()
        taking.take()
        assert customer_words() == ["Hello?"]
        assert read.polled() == [desk], "what is in hand is not due"
        slow.join(20)
    assert not slow.is_alive()
    found = one("select look_lease_until, look_failures, look_due_at > clock_timestamp() as later"
                " from channel_pace where channel_id = %s", (hanging,))  # fmt: skip
    assert found == {"look_lease_until": None, "look_failures": 1, "later": True}
    assert "could not be read" in (read.one_of(boss.viewer, hanging)["error"] or "")

    run(
        "update channel_pace set look_failing_since = look_failing_since - interval '11 minutes' where look_failures > 0"
    )
    alarms.sweep()
    assert [(each["about_id"], each["cut_off"]) for each in standing.everything()] == [(hanging, True)]


def test_a_look_whose_worker_died_is_made_up_for_when_its_lease_runs_out(desk: int) -> None:
    assert inbox.claim_look(desk)
    assert not inbox.claim_look(desk)
    assert read.polled() == []
    run("update channel_pace set look_lease_until = clock_timestamp() - interval '1 second'")
    assert read.polled() == [desk]
    assert inbox.claim_look(desk)


def test_a_mail_is_kept_as_it_came_for_who_may_see_its_chat_and_goes_with_its_customer(
    desk: int, house: MailHouse, boss: Colleague
) -> None:
    mails(house, "Where is my parcel?", above="")  # unproved: the line it stands in is not called as its customer is
    (chat,) = chats()
    message = rows("select id from message where author_kind = 'customer'")[0]["id"]
    kind, content = read.original(boss.viewer, chat["id"], message)
    assert (kind, content) == ("message/rfc822", house.laid[-1][1])

    run("update chat set team_id = %s where id = %s", (make_team("Others"), chat["id"]))
    with pytest.raises(NotFound):
        read.original(make_agent().viewer, chat["id"], message)
    boss.takes(chat["id"])
    said = boss.says(chat["id"])
    for other in (said.row["id"], message + 1000):
        with pytest.raises(NotFound):
            read.original(boss.viewer, chat["id"], other)

    erasure.erase(boss.viewer, chat["customer_id"], "They asked.")
    with pytest.raises(NotFound):
        read.original(boss.viewer, chat["id"], message)
    assert rows("select id from inbound where body <> ''") == []


def test_what_outlook_wraps_up_comes_in_under_the_rules_for_files(desk: int, house: MailHouse) -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = "ada@example.com"
    letter["Message-ID"] = "<wrapped@example.com>"
    letter.set_content("See.")
    wrapped = winmail(("PLAN~1.PDF", "The plan.pdf", files.pdf()), ("tool.exe", "", b"MZ"))
    letter.add_attachment(wrapped, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    house.lay_in(letter.as_bytes())
    looks()
    (said,) = rows("select body, data from message where author_kind = 'customer'")
    assert [each["name"] for each in said["data"]["attachments"]] == ["The plan.pdf"]
    assert "tool.exe" in said["body"]
