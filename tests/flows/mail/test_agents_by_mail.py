"""Agents who are away are written to, and answer by mail: said only with our signature, from their own, proved address."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import pytest

from models.actions import agents, presence, timekeeping
from models.db import one, rows, run
from models.errors import Conflict
from models.queries import agents as read
from tests.support import files
from tests.support.mail_desk import PASSED, goes_out, looks, mails
from tests.support.mail_house import USER, MailHouse
from tests.support.people import Colleague, chat_row, entries, let_time_pass, make_agent
from tests.support.post_office import PostOffice
from workers import mailing

OURS = "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=fernhill.example\r\n"


@pytest.fixture
def ana(desk: int) -> Colleague:
    """Ana answers mails, and has gone out."""
    ana = make_agent("Ana Ruiz")
    run("update agent set email = 'ana@fernhill.example' where id = %s", (ana.id,))
    agents.wants_mail(ana.viewer, True)
    return ana


def away(agent: Colleague) -> None:
    agents.choose_status(agent.viewer, "away")


def letters_go() -> None:
    run("update mail set due_at = clock_timestamp() where state = 'pending'")
    mailing.send_due()


def to_agents(office: PostOffice) -> list[EmailMessage]:
    return [each for each in office.letters if each["To"] == "ana@fernhill.example"]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content


@pytest.fixture
def called(desk: int, ana: Colleague, house: MailHouse, office: PostOffice) -> tuple[int, EmailMessage]:
    """A chat of Ana's, and the letter that told her of its customer's words."""
    mails(house, "Where is my parcel?")
    (chat,) = rows("select id from chat")
    ana.takes(chat["id"])
    away(ana)
    mails(house, "It has a red ribbon.")
    letters_go()
    (letter,) = to_agents(office)
    return chat["id"], letter


def answers(
    house: MailHouse,
    letter: EmailMessage,
    body: str = "It left on Monday.",
    *,
    by: str = "Ana <ana@fernhill.example>",
    above: str = OURS,
    **headers: str,
) -> None:
    quoted = "".join(f"> {line}\r\n" for line in text_of(letter).splitlines())
    said = {"In_Reply_To": str(letter["Message-ID"]), **headers}
    mails(
        house,
        f"{body}\r\n\r\nOn Fri, 27 Nov 2026 at 14:03, Fernhill <{USER}> wrote:\r\n\r\n{quoted}",
        by=by,
        above=above,
        **said,
    )


def said_by(agent: Colleague) -> list[str]:
    return [
        each["body"]
        for each in rows(
            "select body from message where kind = 'text' and author_kind = 'agent' and author_id = %s order by id",
            (agent.id,),
        )
    ]


def refusals(office: PostOffice) -> list[str]:
    letters_go()
    return [text_of(each) for each in to_agents(office) if str(each["Subject"]).startswith("Not sent")]


# --- being written to --------------------------------------------------------------------------------------


def test_who_is_away_gets_one_letter_a_chat_until_they_have_read_or_answered(
    desk: int, ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    chat_id, letter = called
    assert "It has a red ribbon." in text_of(letter)
    assert f"/inbox/mine/{chat_id}" in text_of(letter)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert str(letter["Message-ID"]).startswith(f"<a.{chat_id}.{ana.id}.")
    mails(house, "And a bow.")
    letters_go()
    assert len(to_agents(office)) == 1
    ana.reads(chat_id, chat_row(chat_id)["pub_seq"])
    mails(house, "Hello?")
    letters_go()
    assert len(to_agents(office)) == 2
    assert "And a bow." not in text_of(to_agents(office)[1])


def test_who_is_online_or_has_read_it_meanwhile_or_does_not_want_it_gets_none(
    desk: int, ana: Colleague, house: MailHouse, office: PostOffice
) -> None:
    mails(house, "Where is my parcel?")
    (chat,) = rows("select id from chat")
    ana.takes(chat["id"])
    mails(house, "It has a red ribbon.")
    letters_go()
    assert to_agents(office) == [], "she sits in front of it"
    away(ana)
    ana.reads(chat["id"], chat_row(chat["id"])["pub_seq"])
    letters_go()
    assert to_agents(office) == []
    assert rows("select id from mail") == []
    agents.wants_mail(ana.viewer, False)
    mails(house, "Hello?")
    letters_go()
    assert to_agents(office) == []


def test_it_takes_a_mailbox_whose_server_proves_senders(desk: int, ana: Colleague, boss: Colleague) -> None:
    assert read.mail_calls(ana.viewer) == {"on": True, "possible": True, "address": "ana@fernhill.example"}
    run("update channel set settings = settings - 'trusted_server' where id = %s", (desk,))
    assert read.mail_calls(ana.viewer)["possible"] is False
    with pytest.raises(Conflict):
        agents.wants_mail(boss.viewer, True)
    agents.wants_mail(ana.viewer, False)


def test_who_is_written_to_keeps_slow_chats_for_a_day_when_they_go_offline(
    desk: int, ana: Colleague, house: MailHouse
) -> None:
    mails(house, "Where is my parcel?")
    (chat,) = rows("select id from chat")
    ana.takes(chat["id"])
    agents.choose_status(ana.viewer, "offline")
    presence.sweep()
    let_time_pass(chat["id"], 80_000)
    timekeeping.fire_due()
    assert chat_row(chat["id"])["owner_id"] == ana.id
    let_time_pass(chat["id"], 7000)
    timekeeping.fire_due()
    assert chat_row(chat["id"])["state"] == "queued"


# --- answering ---------------------------------------------------------------------------------------------


def test_an_answer_by_mail_is_a_message_of_theirs_and_said_once(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    chat_id, letter = called
    answers(house, letter, "It left on Monday.\r\n\r\n-- \r\nAna Ruiz, 030 123")
    assert said_by(ana) == ["It left on Monday."]
    newest = entries(chat_id)[-1]
    assert (newest["author_id"], newest["kind"], newest["pub_seq"] is not None) == (ana.id, "text", True)
    answers(house, letter, "It left on Monday.\r\n\r\n-- \r\nAna Ruiz, 030 123")  # under another Message-ID
    assert said_by(ana) == ["It left on Monday."]
    goes_out()
    to_customer = [each for each in office.letters if each["To"] == "ada@example.com"]
    assert [text_of(each).strip() for each in to_customer] == ["It left on Monday."]
    assert "red ribbon" not in str(to_customer[0])
    assert str(letter["Message-ID"]) not in str(to_customer[0])
    assert len(rows("select id from customer")) == 1, "an agent is nobody's customer for it"
    assert refusals(office) == []
    mails(house, "Thank you!")
    letters_go()
    assert len(to_agents(office)) == 2, "answered, so the next words are told again"


def test_files_go_with_it_under_the_rules_for_files(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    chat_id, letter = called
    mail = EmailMessage()
    for name, value in (
        ("From", "ana@fernhill.example"),
        ("To", USER),
        ("Message-ID", "<f@x>"),
        ("In-Reply-To", letter["Message-ID"]),
    ):
        mail[name] = value
    mail.set_content("Here it is.")
    mail.add_attachment(files.picture(form="PNG"), maintype="image", subtype="png", filename="label.png")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="tool.exe")
    house.lay_in(OURS.encode() + mail.as_bytes().replace(b"\n", b"\r\n"))
    looks()
    newest = entries(chat_id)[-1]
    assert newest["body"] == "Here it is."
    assert [each["name"] for each in newest["data"]["attachments"]] == ["label.png"]
    letters_go()
    assert "not all of its files" in text_of(to_agents(office)[-1])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"above": ""}, "did not confirm that it came from ana@fernhill.example"),
        ({"above": OURS.replace("pass", "fail")}, "did not confirm that it came from ana@fernhill.example"),
        ({"by": "Mallory <m@example.com>", "above": PASSED}, "it came from m@example.com"),
        ({"by": "Ben <ben@fernhill.example>"}, "it came from ben@fernhill.example"),
    ],
    ids=["nothing vouches", "forged", "a stranger", "another agent"],
)
def test_who_it_is_not_proved_to_be_says_nothing_and_the_agent_is_told_once(
    ana: Colleague,
    called: tuple[int, EmailMessage],
    house: MailHouse,
    office: PostOffice,
    changed: dict[str, Any],
    why: str,
) -> None:
    _, letter = called
    before = rows("select id from message")
    make = {"by": "Ana <ana@fernhill.example>", "above": OURS} | changed
    answers(house, letter, **make)
    answers(house, letter, "Once more.", **make)
    assert rows("select id from message") == before
    (told,) = refusals(office)
    assert why in told
    answers(house, letter, "Now as myself.")
    assert said_by(ana) == ["Now as myself."]


def test_a_chat_that_has_ended_or_is_somebody_elses_is_not_written_into(
    ana: Colleague, boss: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    chat_id, letter = called
    run("update chat set team_id = null where id = %s", (chat_id,))
    boss.takes_over(chat_id)
    answers(house, letter)
    assert said_by(ana) == []
    assert ["somebody else" in each for each in refusals(office)] == [True]
    boss.ends(chat_id)
    run("delete from mail where kind = 'refusal'")
    answers(house, letter, "Too late?")
    assert said_by(ana) == []
    assert ["has ended" in each for each in refusals(office)] == [False, True]


def test_an_account_that_is_closed_says_nothing_and_gets_no_letter(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    _, letter = called
    agents.disable(ana.id)
    answers(house, letter)
    assert said_by(ana) == []
    assert refusals(office) == []
    assert one("select outcome from inbound order by id desc limit 1") == {"outcome": "refused: gone"}


def test_out_of_office_is_not_an_answer(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    _, letter = called
    answers(house, letter, "I am out of the office.", Auto_Submitted="auto-replied")
    assert said_by(ana) == []
    assert refusals(office) == []


def test_a_signature_that_does_not_hold_is_none_and_a_customers_is_no_agents(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    chat_id, letter = called
    mine = str(letter["Message-ID"])
    ana.says(chat_id, "It left on Monday.")
    goes_out()
    theirs = next(str(each["Message-ID"]) for each in office.letters if each["To"] == "ada@example.com")
    forged = [
        re.sub(r"^<a\.\d+\.", f"<a.{chat_id + 1}.", mine),
        re.sub(r"^(<a\.\d+\.)\d+", rf"\g<1>{ana.id + 1}", mine),
        f"<a.{chat_id}.{ana.id}.1.{re.findall(r'[a-z2-7]{24}', theirs)[0]}@fernhill.example>",
    ]
    for each in forged:
        answers(house, letter, f"Not me: {each[:12]}", In_Reply_To=each)
    assert said_by(ana) == ["It left on Monday."]
    asked = rows("select body from message where author_kind = 'customer' and body like 'Not me%%' order by id")
    assert len(asked) == len(forged), "a customer's mails like any other"
    assert refusals(office) == []


def test_an_answer_of_nothing_is_none(
    ana: Colleague, called: tuple[int, EmailMessage], house: MailHouse, office: PostOffice
) -> None:
    _, letter = called
    answers(house, letter, "")
    assert said_by(ana) == []
    assert ["nothing in it" in each for each in refusals(office)] == [True]
