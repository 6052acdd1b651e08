"""Broadcasts over every channel: one ledger, and to each person by their own way, or left out with the reason."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from models.actions import broadcasts, channels, notices, senders
from models.channels.incoming import Person
from models.db import one, rows, run
from models.errors import Conflict, Invalid
from models.queries import broadcasts as read
from models.rules import stopping
from models.schemas.broadcasts import AudienceOut
from models.settings import settings
from tests.support import front
from tests.support.broadcasting import drafted, goes_out, ledger, writes
from tests.support.mail_house import USER, MailHouse
from tests.support.people import Colleague, make_customer
from tests.support.post_office import PostOffice
from tests.support.telegram import BotApi
from tests.support.whatsapp import Graph
from workers import connecting, taking

HELLO = {"name": "hello_again", "language": "en", "variables": ["{{customer.first_name}}", "7"]}


def test_each_is_written_to_by_their_own_way(
    boss: Colleague, bot: int, api: BotApi, shop: int, meta: Graph, mailbox: int, office: PostOffice
) -> None:
    at_web = make_customer("Wanda")
    at_web.says("Hello?")
    people = [at_web.id, writes(bot, "555"), writes(shop, "4915"), writes(mailbox, "ada@example.com")]
    seen = read.audience(boss.viewer, "list", {"customer_ids": people})
    assert seen["reachable"] == 4
    assert not AudienceOut().validate(seen)
    said = {each["channel"]["kind"]: each for each in seen["ways"]}
    assert {kind: (each["free"], each["can"]["subjects"], each["can"]["formats"]) for kind, each in said.items()} == {
        "web": (1, False, True),
        "telegram": (1, False, False),
        "whatsapp": (1, False, False),
        "email": (1, True, False),
    }
    assert (said["email"]["sender"], said["telegram"]["sender"]) == (f"Fernhill <{USER}>", None)
    assert said["web"]["stop"] is None
    assert api.arrived == []
    number = drafted(boss, *people, subject="Your parcel", body="Parcels **move** again.")
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    assert set(ledger(number).values()) == {("sent", None)}
    assert read.detail(boss.viewer, number)["state"] == "done"
    (told,) = api.texts()
    line = "No more messages like this: answer STOP, or open http"
    assert said["telegram"]["stop"].startswith(line), "what is sent is what the preview shows"
    assert told.startswith("Parcels move again.\n\nNo more messages like this: answer STOP, or open http")
    assert [each["body"].partition("\n")[0] for each in meta.said()] == ["Parcels move again."]
    (letter,) = office.letters
    assert (letter["To"], letter["Subject"]) == ("ada@example.com", "Your parcel")
    assert one(
        "select b.body from notice n join recipient r on r.id = n.recipient_id join broadcast b on b.id = broadcast_id"
        " join channel h on h.id = n.channel_id and h.kind = 'web'"
    ) == {"body": "Parcels **move** again."}


def test_what_a_channel_cannot_take_is_refused_before_anybody_is_written_to(
    boss: Colleague, bot: int, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(broadcasts.KINDS["telegram"], longest=120)
    monkeypatch.setattr(broadcasts, "KINDS", {**broadcasts.KINDS, "telegram": short})
    at_web = make_customer("Wanda")
    at_web.says("Hello?")
    number = drafted(boss, writes(bot, "555"), at_web.id, body="x" * 100)
    with pytest.raises(Invalid) as refused:
        broadcasts.schedule(boss.viewer, number)
    assert (refused.value.code, refused.value.detail["channel"]) == ("too_long_there", "Shop bot")
    assert refused.value.detail["over"] > 0
    assert (ledger(number), api.arrived) == ({}, [])


def test_a_letter_to_many_says_what_it_is_and_how_to_stop_it(boss: Colleague, mailbox: int, office: PostOffice) -> None:
    ada, ben = writes(mailbox, "ada@example.com"), writes(mailbox, "ben@example.com")
    number = drafted(boss, ada, ben)
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    letter = next(each for each in office.letters if each["To"] == "ada@example.com")
    assert letter["Subject"] == one("select name from desk")["name"], "the desk's own name, and no Re:"  # type: ignore[index]
    assert (letter["Precedence"], letter["Auto-Submitted"]) == ("bulk", "auto-generated")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<(https?://[^>]+)>", letter["List-Unsubscribe"])
    assert address is not None
    for part in ("plain", "html"):
        assert address.group(1) in letter.get_body((part,)).get_content()  # type: ignore[union-attr]
    path = address.group(1).removeprefix(settings().public_url)
    client = front.application().test_client()
    page = client.get(path)
    assert page.status_code == 200
    assert "stop them" in page.text
    off = "select array_agg(id order by id) as ids from customer where broadcasts_off_at is not null"
    assert one(off) == {"ids": None}, "looking, as every mail scanner does, stops nothing"
    for _ in range(2):
        assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert one(off) == {"ids": [ada]}
    again = drafted(boss, ada, ben)
    broadcasts.schedule(boss.viewer, again)
    assert ledger(again)[ada] == ("skipped", "opted_out")


def test_nobody_is_stopped_by_another_and_by_no_made_up_link() -> None:
    right = stopping.token(settings().secret_key, 41)
    assert stopping.customer_of(settings().secret_key, right) == 41
    client = front.application().test_client()
    for wrong in (right.replace("41-", "42-"), "41", "41-", "x-" + right[3:], "4" * 30 + right[2:], right + "0", "²-a"):
        assert client.post(f"/stop/{wrong}").status_code == 404


def test_an_answer_to_a_letter_to_many_is_a_chat_like_any_other(
    boss: Colleague, mailbox: int, house: MailHouse, office: PostOffice
) -> None:
    number = drafted(boss, writes(mailbox, "ada@example.com"))
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    (letter,) = office.letters
    house.lay_in(
        "Authentication-Results: mx.fernhill.example; dmarc=pass header.from=example.com\r\n"
        f"From: Ada <ada@example.com>\r\nTo: {USER}\r\nSubject: Re: Parcels\r\nMessage-ID: <r1@example.com>\r\n"
        f"In-Reply-To: {letter['Message-ID']}\r\n\r\nMine has not come.\r\n".encode()
    )
    run("update channel set notes = notes || '{\"looked_at\": 0}' where kind = 'email'")
    run("update channel_pace set look_due_at = clock_timestamp()")
    taking.poll(mailbox)
    taking.take()
    assert rows("select m.body, c.customer_id from message m join chat c on c.id = m.chat_id"
                " where author_kind = 'customer'") == [
        {"body": "Mine has not come.", "customer_id": rows("select customer_id from recipient")[0]["customer_id"]}
    ]  # fmt: skip


def test_after_a_day_a_template_goes_or_nothing(boss: Colleague, shop: int, meta: Graph) -> None:
    free, late, nameless = (
        writes(shop, "4915", "Ben Okri"),
        writes(shop, "4916", "Ada B", 30),
        writes(shop, "4917", "", 30),
    )
    everybody = {"customer_ids": [free, late, nameless]}
    seen = read.audience(boss.viewer, "list", everybody)
    assert (seen["reachable"], seen["left_out"]) == (1, [{"reason": "window_closed", "count": 2}])
    assert [(each["free"], each["by_template"], each["closed"]) for each in seen["ways"]] == [(1, 0, 2)]
    seen = read.audience(boss.viewer, "list", everybody, [shop])
    assert (seen["reachable"], seen["left_out"]) == (3, [])
    assert [(each["free"], each["by_template"], each["closed"]) for each in seen["ways"]] == [(1, 2, 0)]

    without = drafted(boss, free, late, nameless)
    broadcasts.schedule(boss.viewer, without)
    goes_out(without)
    assert ledger(without) == {
        free: ("sent", None), late: ("skipped", "window_closed"), nameless: ("skipped", "window_closed"),
    }  # fmt: skip
    meta.arrived.clear()
    number = drafted(boss, free, late, nameless, templates=[{"channel_id": shop, **HELLO}])
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    assert set(ledger(number).values()) == {("sent", None)}
    said = {call["to"]: call for call, _ in meta.arrived}
    assert said["4915"]["text"]["body"].startswith("Parcels move again.")
    filled = {
        to: [each["text"] for each in said[to]["template"]["components"][0]["parameters"]] for to in ("4916", "4917")
    }
    assert filled == {"4916": ["Ada", "7"], "4917": ["there", "7"]}


def test_a_window_that_closes_while_it_is_sent_is_seen_at_the_last_moment(
    boss: Colleague, shop: int, meta: Graph
) -> None:
    ben = writes(shop, "4915")
    number = drafted(boss, ben)
    broadcasts.schedule(boss.viewer, number)
    run("update identity set last_in_at = clock_timestamp() - interval '25 hours'")
    goes_out(number)
    assert ledger(number) == {ben: ("skipped", "window_closed")}
    assert meta.arrived == []


def test_a_template_that_does_not_fit_is_refused_while_it_is_written(boss: Colleague, shop: int, meta: Graph) -> None:
    ben = writes(shop, "4915", hours_ago=30)
    for wrong, code in (({"variables": ["Ben"]}, "template_variables"), ({"name": "gone"}, "unknown_template")):
        with pytest.raises(Invalid) as refused:
            drafted(boss, ben, templates=[{"channel_id": shop, **HELLO, **wrong}])
        assert refused.value.code == code
    with pytest.raises(Invalid) as refused:
        drafted(boss, ben, templates=[{"channel_id": shop, **HELLO}] * 2)
    assert refused.value.code == "template_twice"
    number = drafted(boss, ben, templates=[{"channel_id": shop, **HELLO}])
    meta.templates[0]["status"] = "PAUSED"
    channels.reads_templates(boss.viewer, shop)
    connecting.check(shop)
    with pytest.raises(Conflict):
        broadcasts.schedule(boss.viewer, number)


def test_one_that_is_paused_while_it_is_sent_fails_with_the_reason(boss: Colleague, shop: int, meta: Graph) -> None:
    ben = writes(shop, "4915", hours_ago=30)
    number = drafted(boss, ben, templates=[{"channel_id": shop, **HELLO}])
    broadcasts.schedule(boss.viewer, number)
    meta.templates[0]["status"] = "PAUSED"
    channels.reads_templates(boss.viewer, shop)
    connecting.check(shop)
    goes_out(number)
    assert rows("select state, error from recipient") == [
        {"state": "failed", "error": "WhatsApp has paused it, because many customers did not want it."}
    ]
    assert read.detail(boss.viewer, number)["state"] == "failed"


def test_who_blocks_the_bot_is_left_out_and_another_way_is_taken_where_there_is_one(
    boss: Colleague, bot: int, api: BotApi, mailbox: int, office: PostOffice
) -> None:
    gone, elsewhere, now = writes(bot, "555"), writes(bot, "556"), writes(bot, "557")
    run(
        "insert into identity (customer_id, channel_id, external_id) values (%s, %s, 'ada@example.com')",
        (elsewhere, mailbox),
    )
    run("update identity set unreachable_at = clock_timestamp() where external_id in ('555', '556')")
    seen = read.audience(boss.viewer, "list", {"customer_ids": [gone, elsewhere, now]})
    assert seen["left_out"] == [{"reason": "blocks_us", "count": 1}]
    number = drafted(boss, gone, elsewhere, now)
    broadcasts.schedule(boss.viewer, number)
    senders.reaches(bot, Person("557"), reachable=False)
    goes_out(number)
    assert ledger(number) == {
        gone: ("skipped", "blocks_us"), elsewhere: ("sent", None), now: ("skipped", "blocks_us"),
    }  # fmt: skip
    assert api.arrived == []
    assert [each["To"] for each in office.letters] == ["ada@example.com"]


def test_the_link_in_a_messenger_stops_them_too(boss: Colleague, bot: int, api: BotApi) -> None:
    ben = writes(bot, "555")
    number = drafted(boss, ben)
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    (text,) = api.texts()
    assert front.application().test_client().post(text.rpartition(settings().public_url)[2]).status_code == 200
    again = drafted(boss, ben, make_customer("Wanda").id)
    seen = read.audience(boss.viewer, "list", read.detail(boss.viewer, again)["audience"])
    assert {"reason": "opted_out", "count": 1} in seen["left_out"]
    notices.stops(ben)
