"""A customer erased: no word of theirs is left anywhere, what was counted stays, and a receipt says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.actions import erasure, exports, late_reasons, people, uploads, views, words
from models.db import one, rows, run
from models.errors import Conflict, NotFound, Refused
from models.media.storage import incoming
from models.queries import chats, history, retention, search, timeline
from models.rules.narrowing import Narrowing
from tests.support import invariants
from tests.support.people import Colleague, Customer, chat_of, chat_row, entries, events, make_agent, make_customer
from tests.support.told import Told

SECRET = "Zanzibaria"


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor", limit=50)


@pytest.fixture
def rosa() -> Customer:
    return make_customer(f"Rosa {SECRET}")


def upload(by: Customer) -> int:
    with incoming() as folder:
        named = uploads.announced(by.visitor, f"{SECRET}.txt")
        (folder / "file").write_bytes(b"hello")
        number: int = uploads.received(by.visitor, named, folder, folder / "file")["id"]
        return number


def lived(ana: Colleague, boss: Colleague, rosa: Customer) -> list[int]:
    """Everything a desk comes to know of somebody, and a chat that is still going on."""
    first = chat_of(ana, rosa)
    rosa.says(f"I am {SECRET}", attachment_ids=[upload(rosa)])
    said = ana.says(first, f"Dear {SECRET}")
    ana.edits(said, f"Good day {SECRET}")
    ana.notes(first, f"{SECRET} is difficult")
    ana.ends(first, "other", f"{SECRET} bought it elsewhere")
    rosa.rates(2, f"Yours, {SECRET}")
    second = chat_of(ana, rosa)
    rosa.ends()
    late_reasons.give(boss.viewer, second, "follow_up", promise={"note": f"Call {SECRET}"})
    third = chat_of(ana, rosa)
    rosa.says(f"It is {SECRET} again")
    people.corrects(
        boss.viewer, rosa.id, email=f"{SECRET.lower()}@example.com", phone="+49 30 1234567", location=SECRET
    )
    people.notes(ana.viewer, rosa.id, f"Knows {SECRET}'s sister")
    views.keep(boss.viewer, name="Hers", shared=False, filter={"customer_id": rosa.id}, q="", sort="newest")
    exports.write(exports.request_customer(boss.viewer, rosa.id, notes=True))
    run("update message set created_at = created_at - interval '1 minute'")
    words.sweep()
    return [first, second, third]


def everything() -> str:
    """The whole database as one text."""
    names = [row["tablename"] for row in rows("select tablename from pg_tables where schemaname = 'public'")]
    return "\n".join(
        f"{name}: {each}" for name in names for each in (row["t"] for row in rows(f"select t::text as t from {name} t"))
    )


def test_no_word_is_left_anywhere(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    lived(ana, boss, rosa)
    assert SECRET.lower() in everything().lower()
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    left = [line for line in everything().splitlines() if SECRET.lower() in line.lower()]
    assert left == []
    assert one("select 1 as yes from word where word = %s", (SECRET.lower(),)) is None
    invariants.assert_all_hold()


def test_what_was_counted_stays_as_stubs(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_ids = lived(ana, boss, rosa)
    before = [chat_row(each) for each in chat_ids]
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    after = [chat_row(each) for each in chat_ids]
    for was, now in zip(before[:2], after[:2], strict=True):
        for name in (
            "state",
            "ended_at",
            "end_cause",
            "end_reason",
            "ended_owner_id",
            "rating",
            "created_at",
            "pub_seq",
        ):
            assert now[name] == was[name], name
        assert now["all_seq"] == was["all_seq"] + 1
    assert [row["end_note"] for row in after] == [erasure.NOBODY, None, None]
    assert (after[2]["state"], after[2]["end_cause"]) == ("ended", "admin")
    for chat_id in chat_ids:
        assert events(chat_id)[-1] == "erased"
        for each in entries(chat_id):
            if each["kind"] != "event":
                assert (each["body"], each["data"], bool(each["deleted_at"])) == ("", {}, True)
            assert each["author_name"] in (ana.name, boss.name, erasure.NOBODY, "Fern", "")
    page = timeline.of_customer(boss.viewer, rosa.id)
    assert page["customer"]["name"] == f"Visitor {10_000 + rosa.id}"
    assert {each["id"] for each in history.page(boss.viewer, Narrowing())["items"]} == set(chat_ids)
    assert search.page(boss.viewer, SECRET, Narrowing())["items"] == []
    (promise,) = rows("select * from promise")
    assert (promise["state"], promise["note"]) == ("cancelled", "")
    assert chats.detail(boss.viewer, chat_ids[0])["customer"]["erased_at"]


def test_others_keep_their_words(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    lived(ana, boss, rosa)
    other = chat_of(ana, make_customer("Otto Berg"))
    ana.says(other, "The difficult parcel")
    run("update message set created_at = created_at - interval '1 minute'")
    words.sweep()
    before = entries(other)
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    assert entries(other) == before
    assert one("select uses from word where word = 'difficult'") == {"uses": 1}
    assert search.page(ana.viewer, "difficlt ", Narrowing())["items"][0]["chat"]["id"] == other


def test_the_receipt_tells_what_and_not_who(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    lived(ana, boss, rosa)
    number = erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    receipt = retention.receipt(number)
    assert (receipt["customer_id"], receipt["chats"], receipt["files"], receipt["notes"]) == (rosa.id, 3, 1, 1)
    assert receipt["messages"] == len(rows("select * from message where kind <> 'event'"))
    assert retention.receipts()["items"] == [receipt]
    assert SECRET not in json.dumps(receipt)
    (audited,) = rows("select * from audit_entry where what = 'erased'")
    assert (audited["target_id"], audited["after"]) == (str(rosa.id), {"receipt": number})


def test_open_screens_and_the_customers_own_page_are_told(
    told: Told, ana: Colleague, boss: Colleague, rosa: Customer
) -> None:
    chat_id = lived(ana, boss, rosa)[-1]
    told.clear()
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    facts = told.payloads("customer:changed", f"chat:{chat_id}")[-1]
    assert (facts["email"], bool(facts["erased_at"])) == (None, True)
    assert told.payloads("chat:changed", f"chat:{chat_id}")[-1]["first_message"] == ""
    assert told.payloads("cut:off", f"customer:{rosa.id}") == [{"reason": "expired"}]
    assert told.payloads("export:changed", f"agent:{boss.id}")[-1]["state"] == "expired"


def test_once_and_by_supervisors(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_of(ana, rosa)
    for who in (ana, make_agent("Kim Read", role="analyst")):
        with pytest.raises(Refused):
            erasure.erase(who.viewer, rosa.id, "Curious.")
    with pytest.raises(NotFound):
        erasure.erase(boss.viewer, 987_654, "Nobody.")
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    with pytest.raises(Conflict) as again:
        erasure.erase(boss.viewer, rosa.id, "Once more.")
    assert again.value.code == "already_erased"


def test_whoever_writes_again_is_somebody_new(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_of(ana, rosa)
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    found: Any = rows("select 1 from visitor_token where customer_id = %s", (rosa.id,))
    assert found == []
    assert make_customer().id != rosa.id


def test_what_was_said_of_an_escalation_goes_as_well(ana: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, boss, note=f"{SECRET} wants the boss")
    erasure.erase(boss.viewer, rosa.id, "Asked for it by letter.")
    (offer,) = rows("select * from escalation")
    assert (offer["state"], offer["note"]) == ("withdrawn", erasure.NOBODY)
    assert SECRET not in everything()
    invariants.assert_all_hold()
