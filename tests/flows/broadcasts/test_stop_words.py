"""Broadcasts stopped by a word, and wanted again by another: where they are read, once, and nobody else's words."""

from __future__ import annotations

from models.db import one, run
from models.jobs import Job
from models.queries import broadcasts as read
from models.rules import wording
from tests.support import invariants
from tests.support.broadcasting import ledger, story, with_a_person, writes
from tests.support.broadcasting import told as goes_to
from tests.support.mail_house import USER, MailHouse
from tests.support.people import Colleague, chat_row, entries
from tests.support.post_office import PostOffice
from tests.support.telegram import BotApi, update
from tests.support.telegram_desk import comes, only_chat, without_waiting
from tests.support.told import Told
from workers import delivering, taking

SAID = "Parcels move again."


def wants_none(customer_id: int) -> bool:
    return (
        one("select 1 as yes from customer where id = %s and broadcasts_off_at is not null", (customer_id,)) is not None
    )


def desk_says(api: BotApi) -> list[str]:
    """What the desk has written in Telegram, apart from broadcasts."""
    for _ in range(3):
        without_waiting()
        delivering.deliver()
    return [text for text in api.texts() if not text.startswith(SAID)]


def asked_bot(told: Told) -> bool:
    return any(job is Job.ANSWER_CUSTOMER for job, _ in told.nudges)


def test_a_word_stops_them_and_is_nobodys_work(boss: Colleague, bot: int, api: BotApi, told: Told) -> None:
    ben = writes(bot, "555")
    number = goes_to(boss, ben)
    told.clear()
    word = update(text=" Stop! ")
    comes(bot, word, word)
    assert wants_none(ben)
    chat_id = only_chat()
    assert story(chat_id) == [
        ("system", SAID), ("customer", "Stop!"), ("system", "broadcasts_stopped"), ("customer", "ended"),
    ]  # fmt: skip
    row = chat_row(chat_id)
    assert (row["state"], row["end_cause"], row["queued_at"]) == ("ended", "visitor_ended", None)
    assert not asked_bot(told)
    assert desk_says(api) == [wording.NO_MORE]
    assert [each.event for each in told.tellings].count("customer:changed") == 1
    comes(bot, update(2, text="STOP"))
    assert desk_says(api) == [wording.NO_MORE], "they are told once"
    assert not asked_bot(told)
    again = read.audience(boss.viewer, "list", {"customer_ids": [ben]})
    assert again["left_out"] == [{"reason": "opted_out", "count": 1}]
    assert ledger(number)[ben] == ("sent", None)
    found = read.detail(boss.viewer, number)
    assert (found["seen"], found["replied"]) == (1, 0), "who stops them has read it, and answered nothing"
    invariants.assert_all_hold()


def test_another_word_brings_them_back(boss: Colleague, bot: int, api: BotApi, told: Told) -> None:
    ben = writes(bot, "555")
    goes_to(boss, ben)
    comes(bot, update(text="unsubscribe"), update(2, text="start"))
    assert not wants_none(ben)
    assert desk_says(api) == [wording.NO_MORE, wording.AGAIN]
    assert read.audience(boss.viewer, "list", {"customer_ids": [ben]})["reachable"] == 1
    assert not asked_bot(told)
    told.clear()
    comes(bot, update(3, text="Start"))
    assert asked_bot(told), "to who wants them it is a word like any other"


def test_in_a_chat_with_a_person_it_is_read_as_ever(boss: Colleague, bot: int, api: BotApi, told: Told) -> None:
    comes(bot, update(text="Where is it?"))
    chat_id = only_chat()
    with_a_person(boss, bot, chat_id)
    goes_to(boss, chat_row(chat_id)["customer_id"])
    told.clear()
    comes(bot, update(2, text="Stop."))
    assert story(chat_id)[-3:] == [("system", SAID), ("customer", "Stop."), ("system", "broadcasts_stopped")]
    assert wants_none(chat_row(chat_id)["customer_id"])
    assert (chat_row(chat_id)["state"], chat_row(chat_id)["owner_id"]) == ("active", boss.id)
    assert desk_says(api)[-1] == wording.NO_MORE
    invariants.assert_all_hold()


def test_the_bot_is_not_asked_about_it(boss: Colleague, bot: int, api: BotApi, told: Told) -> None:
    comes(bot, update(text="Where is it?"))
    chat_id = only_chat()
    run("update chat set bot_message_id = null")
    goes_to(boss, chat_row(chat_id)["customer_id"])
    told.clear()
    comes(bot, update(2, text="stop"))
    row = chat_row(chat_id)
    assert (row["state"], row["bot_message_id"]) == ("bot", None)
    assert not asked_bot(told)
    assert wants_none(row["customer_id"])


def test_from_who_was_sent_none_lately_it_is_a_word_like_any_other(
    boss: Colleague, bot: int, api: BotApi, told: Told
) -> None:
    ben = writes(bot, "555")
    goes_to(boss, ben)
    run("update recipient set settled_at = settled_at - interval '31 days'")
    told.clear()
    comes(bot, update(text="Stop"))
    assert not wants_none(ben)
    assert asked_bot(told)
    assert chat_row(only_chat())["state"] == "bot"


def test_by_mail_it_is_answered_by_one_letter(
    boss: Colleague, mailbox: int, house: MailHouse, office: PostOffice, told: Told
) -> None:
    ada = writes(mailbox, "ada@example.com")
    goes_to(boss, ada, subject="Your parcel")
    house.lay_in(
        "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"
        f"From: Ada <ada@example.com>\r\nTo: {USER}\r\nSubject: Re: Your parcel\r\nMessage-ID: <r1@example.com>\r\n"
        f"In-Reply-To: {office.letters[0]['Message-ID']}\r\n\r\nSTOP\r\n\r\n"
        "On Sat, 28 Nov 2026, Fernhill wrote:\r\n> Parcels move again.\r\n".encode()
    )
    run("update channel set notes = notes || '{\"looked_at\": 0}' where kind = 'email'")
    run("update channel_pace set look_due_at = clock_timestamp()")
    told.clear()
    taking.poll(mailbox)
    taking.take()
    assert wants_none(ada)
    assert not asked_bot(told)
    run("update channel_pace set tokens = 5")
    delivering.deliver()
    broadcast, answer = office.letters
    assert broadcast["Subject"] == "Your parcel"
    assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Your parcel", "<r1@example.com>")
    assert answer.get_body(("plain",)).get_content().strip() == wording.NO_MORE  # type: ignore[union-attr]
    assert entries(only_chat())[-1]["data"]["event"] == "ended"
