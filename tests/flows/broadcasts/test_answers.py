"""A broadcast by messenger or mail stands where its answer is read: once, and only when it was really sent."""

from __future__ import annotations

import pytest

from models.actions import broadcasts, conversation, erasure, senders, sending
from models.channels.incoming import Person, Receipt
from models.channels.outgoing import Handed
from models.db import one, rows, run
from models.queries import broadcasts as read
from models.queries import exports, timeline
from models.tables.customers import Channel
from tests.support import front, invariants
from tests.support.broadcasting import drafted, goes_out, ledger, story, with_a_person, writes
from tests.support.broadcasting import told as goes_to
from tests.support.mail_house import USER, MailHouse
from tests.support.people import Colleague, chat_row, entries
from tests.support.post_office import PostOffice
from tests.support.statements import statements
from tests.support.telegram import BotApi, update
from tests.support.telegram_desk import comes, only_chat
from tests.support.told import Told
from tests.support.whatsapp import Graph, call, signature, status
from workers import delivering, taking

HELLO = {"name": "hello_again", "language": "en", "variables": ["{{customer.first_name}}", "7"]}
SAID = "Parcels move again."


def figures(boss: Colleague, number: int) -> tuple[int, int]:
    found = read.detail(boss.viewer, number)
    return found["seen"], found["replied"]


def looks(mailbox: int) -> None:
    run("update channel set notes = notes || '{\"looked_at\": 0}' where id = %s", (mailbox,))
    run("update channel_pace set look_due_at = clock_timestamp() where channel_id = %s", (mailbox,))
    taking.poll(mailbox)
    taking.take()


def at_whatsapp(shop: int, said: str) -> int:
    """Ben writes there. Returns the chat."""
    ben = senders.meet(shop, Person("4915"))
    return conversation.say(conversation.customer_draft(ben, client_id=f"wamid.{said}", body=said)).chat_id


def test_the_answer_stands_under_what_it_answers(boss: Colleague, bot: int, api: BotApi) -> None:
    ben = writes(bot, "555")
    number = goes_to(boss, ben)
    assert figures(boss, number) == (0, 0)
    comes(bot, update(text="Which parcel?"))
    chat_id = only_chat()
    assert story(chat_id)[:2] == [("system", SAID), ("customer", "Which parcel?")]
    assert entries(chat_id)[0]["data"]["broadcast"] == {
        "id": number, "title": "Parcels", "notice_id": one("select id from notice")["id"],  # type: ignore[index]
    }  # fmt: skip
    assert chat_row(chat_id)["first_body"] == "Which parcel?"
    assert figures(boss, number) == (1, 1)
    (line,) = read.recipients(boss.viewer, number)["items"]
    assert (line["chat_id"], line["seen"], line["replied"]) == (chat_id, True, True)
    assert [each["body"] for each in timeline.of_customer(boss.viewer, ben)["items"]][:2] == [SAID, "Which parcel?"]
    delivering.deliver()
    assert [text for text in api.texts() if SAID in text] == api.texts()[:1], "and it is not sent a second time"
    comes(bot, update(2, text="Hello?"))
    assert [each for each in story(chat_id) if each == ("system", SAID)] == [("system", SAID)]
    invariants.assert_all_hold()


def test_it_comes_into_the_chat_that_is_open_and_changes_nothing_else_there(
    boss: Colleague, bot: int, api: BotApi
) -> None:
    comes(bot, update(text="Where is it?"))
    chat_id = only_chat()
    with_a_person(boss, bot, chat_id)
    before = chat_row(chat_id)
    number = goes_to(boss, before["customer_id"])
    after = chat_row(chat_id)
    assert story(chat_id)[-1] == ("system", SAID)
    same = ("state", "owner_id", "idle_due_at", "last_agent_at", "last_customer_at", "first_replied_at")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert figures(boss, number) == (0, 0)
    delivering.deliver()
    assert len([text for text in api.texts() if SAID in text]) == 1
    comes(bot, update(2, text="At last!"))
    assert figures(boss, number) == (1, 1)
    invariants.assert_all_hold()


def test_an_answer_by_mail_stands_under_it_too(
    boss: Colleague, mailbox: int, house: MailHouse, office: PostOffice
) -> None:
    number = goes_to(boss, writes(mailbox, "ada@example.com"))
    house.lay_in(
        "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"
        f"From: Ada <ada@example.com>\r\nTo: {USER}\r\nSubject: Re: Parcels\r\nMessage-ID: <r1@example.com>\r\n"
        f"In-Reply-To: {office.letters[0]['Message-ID']}\r\n\r\nMine has not come.\r\n".encode()
    )
    looks(mailbox)
    assert story(only_chat())[:2] == [("system", SAID), ("customer", "Mine has not come.")]
    assert figures(boss, number) == (1, 1)


def test_a_mail_that_comes_back_has_failed(boss: Colleague, mailbox: int, house: MailHouse, office: PostOffice) -> None:
    ada = writes(mailbox, "ada@example.com")
    number = goes_to(boss, ada)
    house.lay_in(
        (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {USER}\r\nMessage-ID: <bounce@mx.example>\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n"
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\n"
            "Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\r\n\r\n--b\r\n"
            f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {office.letters[0]['Message-ID']}\r\n\r\nx\r\n--b--\r\n"
        ).encode()
    )
    looks(mailbox)
    (line,) = read.recipients(boss.viewer, number)["items"]
    assert (line["state"], line["error"]) == ("failed", "552 5.2.2 Mailbox full")


def test_what_was_sent_as_a_template_reads_as_it_was_sent(boss: Colleague, shop: int, meta: Graph) -> None:
    ben = writes(shop, "4915", hours_ago=30)
    goes_to(boss, ben, templates=[{"channel_id": shop, **HELLO}])
    words = "Hello Ben, about your order 7: may we write to you?"
    run("update identity set last_in_at = clock_timestamp()")
    chat_id = at_whatsapp(shop, "Yes, do.")
    assert story(chat_id)[:2] == [("system", words), ("customer", "Yes, do.")]
    assert [each["body"] for each in exports.of_customer(ben, notes=False) if each["is"] == "broadcast"] == [words]


def test_after_a_week_nobody_answers_it_any_more(boss: Colleague, bot: int, api: BotApi) -> None:
    number = goes_to(boss, writes(bot, "555"))
    run("update notice set placed_at = placed_at - interval '8 days'")
    comes(bot, update(text="Something else"))
    assert story(only_chat())[0] == ("customer", "Something else")
    assert figures(boss, number) == (0, 0)


def test_what_may_not_have_arrived_stands_nowhere_until_it_has(boss: Colleague, bot: int, api: BotApi) -> None:
    number = drafted(boss, writes(bot, "555"))
    api.script = ["200 then reset"]
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    assert set(ledger(number).values()) == {("unknown", None)}
    assert rows("select 1 from notice") == []


def test_who_is_erased_while_it_is_on_its_way_has_no_story(boss: Colleague, bot: int) -> None:
    ben = writes(bot, "555")
    number = drafted(boss, ben)
    broadcasts.schedule(boss.viewer, number)
    run("update channel_pace set tokens = 20, tokens_at = clock_timestamp()")
    (parcel,) = sending.claim(number).parcels
    erasure.erase(boss.viewer, ben, "Asked for it.")
    sending.record(parcel, Handed("sent", provider_id="555/7"))
    assert (ledger(number)[ben], rows("select 1 from notice")) == (("sent", None), [])


def test_recording_one_is_three_statements(boss: Colleague, bot: int) -> None:
    """Where recipients go one by one, each trip to the database is time in which nobody is written to."""
    number = drafted(boss, writes(bot, "555"))
    broadcasts.schedule(boss.viewer, number)
    run("update channel_pace set tokens = 20, tokens_at = clock_timestamp()")
    (parcel,) = sending.claim(number).parcels
    with statements() as sent:
        sending.record(parcel, Handed("sent", provider_id="555/7"))
    assert len(sent.inside) == 3


def test_many_at_once_stand_each_in_their_own_story(boss: Colleague, bot: int) -> None:
    """The API channel takes the same key twice without harm, so its recipients are recorded together."""
    there = Channel.create(kind="api", name="Partner", public_key="partner", allowed_origins=[]).id
    people = [writes(there, f"p{place}", f"Person {place}") for place in range(3)]
    number = drafted(boss, *people)
    broadcasts.schedule(boss.viewer, number)
    run("update broadcast set slot_at = clock_timestamp() - interval '1 second'")
    parcels = sending.claim(number).parcels
    assert len(parcels) == 3
    with statements() as sent:
        sending.record_sent([(each, f"name-{each.row_id}") for each in parcels])
    assert len(sent.inside) == 2, "however many they are"
    sending.record_sent([(each, f"name-{each.row_id}") for each in parcels])
    assert [each["customer_id"] for each in rows("select customer_id from notice order by customer_id")] == people
    sending.receipt(there, Receipt(f"name-{parcels[0].row_id}", "read"))
    assert figures(boss, number) == (1, 0)


# --- what the provider says of it later ---------------------------------------------------------------------------


def says(shop: int, *statuses: dict) -> None:
    """Meta tells what became of something."""
    (channel,) = rows("select public_key from channel where id = %s", (shop,))
    body = call(statuses=list(statuses))
    client = front.application().test_client()
    path = f"/hooks/whatsapp/{channel['public_key']}"
    assert client.post(path, data=body, headers={"X-Hub-Signature-256": signature(body)}).status_code == 200
    taking.take()


def test_a_receipt_counts_as_seen(boss: Colleague, shop: int, meta: Graph) -> None:
    number = goes_to(boss, writes(shop, "4915"))
    says(shop, status("wamid.out1", "delivered"))
    assert figures(boss, number) == (0, 0)
    says(shop, status("wamid.out1", "read"))
    assert figures(boss, number) == (1, 0)


@pytest.mark.parametrize("in_a_chat", [False, True])
def test_what_is_refused_after_all_has_failed_and_the_story_does_not_lie(
    boss: Colleague, shop: int, meta: Graph, told: Told, in_a_chat: bool
) -> None:
    ben = writes(shop, "4915")
    chat_id = at_whatsapp(shop, "Hello?") if in_a_chat else None
    number = goes_to(boss, ben)
    told.clear()
    says(shop, status("wamid.out1", "failed", errors=[{"code": 131049, "title": "Not delivered to keep the peace"}]))
    (line,) = read.recipients(boss.viewer, number)["items"]
    assert line["state"] == "failed"
    assert "Not delivered" in line["error"]
    heard = [each.payload["counts"]["failed"] for each in told.tellings if each.event == "broadcast:changed"]
    assert heard == [1]
    if chat_id is None:
        assert rows("select 1 from notice") == []
    else:
        assert entries(chat_id)[-1]["body"].startswith("The broadcast above did not arrive: ")
        assert entries(chat_id)[-1]["pub_seq"] is None
        invariants.assert_all_hold()
