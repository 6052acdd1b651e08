"""Is this address yours? Asked by letter, answered by its link: once, in time, by whoever reads the mail and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from models.actions import blocks, confirming, erasure, joining, letters
from models.actions.visitors import hashed
from models.channels.incoming import Person
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.queries import customers as read
from models.rules import wording
from models.settings import settings
from tests.support import invariants
from tests.support.joining import asks, channel, letter_to, mailer, text_of, token_of, writes
from tests.support.people import Colleague, Customer, entries, events, make_agent, set_desk
from tests.support.racing import race
from tests.support.told import Told
from workers import mailing

ADA = "ada@example.com"


@pytest.fixture(autouse=True)
def no_bot() -> None:
    set_desk(bot_enabled=False)


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)


@pytest.fixture
def ada() -> Customer:
    """Somebody in Telegram who has not proved anything."""
    return writes(channel("telegram", "Shop bot"), Person("555", "Ada T"), "My secret order 4711")


def proved_by_mail() -> Customer:
    return writes(channel("email", "Mail"), mailer(ADA))


def proofs(customer_id: int) -> list[Any]:
    found = rows(
        "select notes -> 'proved' ->> 'email' as email from identity where customer_id = %s order by id", (customer_id,)
    )
    return [each["email"] for each in found]


def test_a_confirmed_address_is_proved_and_makes_one_of_two(ana: Colleague, ada: Customer, told: Told) -> None:
    by_mail = proved_by_mail()
    token = asks(ana, ada.chat, ADA)
    assert read.detail(ada.id)["asked"]["address"] == ADA
    told.clear()
    assert confirming.confirms(token) == ADA
    now = read.detail(ada.id)
    assert (now["email"], now["asked"]) == (ADA, None)
    assert [each["proved"] for each in now["identities"]] == [[ADA], [ADA]]
    assert {each["customer_id"] for each in rows("select customer_id from chat")} == {ada.id}
    assert (now["joins"][0]["how"], now["joins"][0]["channels"]) == ("confirmed", ["Mail"])
    assert events(ada.chats[0])[-2:] == ["customers_joined", "address_confirmed"]
    assert [each.payload["id"] for each in told.tellings if each.event == "customer:changed"][-1] == ada.id
    joined = one("select asked_by_id from customer_join")
    assert joined == {"asked_by_id": ana.id}
    noted = [each["what"] for each in rows("select what from audit_entry order by id")]
    assert noted[-2:] == ["joined", "confirmed"]
    assert by_mail.chats == []
    invariants.assert_all_hold()


def test_with_nobody_else_it_is_proved_all_the_same_and_counts_later(ana: Colleague, ada: Customer) -> None:
    confirming.confirms(asks(ana, ada.chat, "Ada@Example.com"))
    assert proofs(ada.id) == [ADA]
    assert proved_by_mail().id == ada.id


def test_the_letter_names_the_desk_and_tells_nothing_else(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    letter = letter_to(ADA)
    text = text_of(letter)
    assert letter["Subject"] == "Is this your address? Fernhill asks you to confirm it"
    assert f"{settings().public_url}/confirm/{token}" in text
    assert "Somebody who writes to Fernhill in Telegram says that ada@example.com" in text
    assert "If it wasn’t you, ignore this letter: nothing happens." in text
    whole = letter.as_string()
    for secret in ("4711", "Ada T", "Ana Ruiz", "Shop bot", "555"):
        assert secret not in whole, secret
    assert letter["Auto-Submitted"] == "auto-generated"


def test_only_the_hash_is_kept(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    names = [row["tablename"] for row in rows("select tablename from pg_tables where schemaname = 'public'")]
    everything = "".join(str(rows(f"select t::text from {name} t")) for name in names)
    assert token not in everything
    assert hashed(token) in everything
    assert len(token) >= 43


def test_the_chat_says_who_asked_and_that_the_letter_went(ana: Colleague, ada: Customer) -> None:
    asks(ana, ada.chat, ADA)
    said = [each for each in entries(ada.chat) if each["data"].get("event") in ("confirmation_asked", "mail_sent")]
    assert [(each["pub_seq"], each["body"]) for each in said] == [
        (None, wording.asked_to_confirm("Ana Ruiz", ADA)),
        (None, f"The question whether this address is theirs was sent to {ADA}."),
    ]


def test_a_letter_that_is_tried_again_has_a_link_that_works(ana: Colleague, ada: Customer) -> None:
    confirming.asks(ana.viewer, ada.chat, ADA)
    (mail,) = rows("select id from mail")
    first = letters.claim(mail["id"])
    assert first is not None
    run("update mail set lease_until = clock_timestamp()")  # its worker died before anything left
    mailing.send_due()
    with pytest.raises(NotFound):
        confirming.confirms(first.token)
    assert confirming.confirms(token_of(letter_to(ADA))) == ADA


# --- who may not ------------------------------------------------------------------------------------------


def test_forged_cut_and_empty_links_are_none(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    for forged in ("", "x", token[:-1], token + "x", token.swapcase(), hashed(token), "'", "\x00"):
        with pytest.raises(NotFound):
            confirming.confirms(forged)
    assert proofs(ada.id) == [None]


def test_a_link_holds_two_days(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    left = one("select expires_at - clock_timestamp() between '47:59' and '48:00' as yes from confirmation")
    assert left == {"yes": True}
    run("update confirmation set expires_at = clock_timestamp()")
    with pytest.raises(Conflict) as refusal:
        confirming.confirms(token)
    assert refusal.value.code == "expired"
    assert proofs(ada.id) == [None]


def test_pressing_twice_is_pressing_once_and_a_used_link_does_nothing_more(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    assert race(*[partial(confirming.confirms, token)] * 3) == [ADA] * 3
    assert events(ada.chat).count("address_confirmed") == 1
    run("update identity set notes = '{}'")
    assert confirming.confirms(token) == ADA
    assert proofs(ada.id) == [None], "used up"


def test_a_link_confirms_its_own_address_for_its_own_customer_alone(ana: Colleague, ada: Customer) -> None:
    other = writes(channel("whatsapp", "WhatsApp"), Person("4930", "Otto", phone="+4930", proved=("phone",)))
    asks(ana, ada.chat, ADA)
    theirs = asks(ana, other.chat, "otto@example.com")
    confirming.confirms(theirs)
    assert (proofs(ada.id), proofs(other.id)) == ([None], ["otto@example.com"])


def test_whoever_types_an_address_that_is_not_theirs_can_only_ask_its_owner(ana: Colleague) -> None:
    """Nothing is joined and nothing shown before the owner says so; and they may never."""
    owner = proved_by_mail()
    mallory = writes(channel("telegram", "Shop bot"), Person("666", "Mallory", email=ADA))
    asks(ana, mallory.chat, ADA)
    assert mallory.chats == [mallory.chat]
    assert len(owner.chats) == 1
    assert rows("select id from customer_join") == []
    assert [each["sure"] for each in read.detail(mallory.id)["identities"]] == ["claimed"]


def test_two_links_at_one_moment_make_one_person_of_all(ana: Colleague, ada: Customer) -> None:
    by_mail = proved_by_mail()
    third = writes(channel("whatsapp", "WhatsApp"), Person("4930", "Ada W", phone="+4930", proved=("phone",)))
    tokens = [asks(ana, each.chat, ADA) for each in (ada, third)]
    assert race(*(partial(confirming.confirms, each) for each in tokens)) == [ADA, ADA]
    assert {each["customer_id"] for each in rows("select customer_id from identity")} == {
        min(ada.id, by_mail.id, third.id)
    }
    assert len(rows("select id from customer_join")) == 2
    invariants.assert_all_hold()


def test_a_customer_who_has_become_another_confirms_for_that_one(ana: Colleague, ada: Customer) -> None:
    """The link was sent before the two became one; it is about the way they came by, not about a number of ours."""
    number = channel("whatsapp", "WhatsApp")
    later = writes(number, Person("4930", "Ada W"))
    token = asks(ana, later.chat, ADA)
    run("""update identity set notes = '{"proved": {"phone": "+4930"}}' where customer_id = %s""", (ada.id,))
    assert writes(number, Person("4930", phone="+4930", proved=("phone",)), "Me").id == ada.id
    confirming.confirms(token)
    assert proofs(ada.id) == [None, ADA]


def test_an_erased_customers_link_leads_nowhere(ana: Colleague, ada: Customer) -> None:
    token = asks(ana, ada.chat, ADA)
    erasure.erase(make_agent(role="supervisor").viewer, ada.id, "Asked for it by letter.")
    with pytest.raises(NotFound):
        confirming.confirms(token)


def test_who_is_blocked_is_not_asked_and_takes_the_block_along(ana: Colleague, ada: Customer) -> None:
    by_mail = proved_by_mail()
    token = asks(ana, ada.chat, ADA)
    chat_id = ada.chat
    blocks.block(ana.viewer, ada.id, "Threats")
    with pytest.raises(Conflict) as refusal:
        confirming.asks(ana.viewer, chat_id, ADA)
    assert refusal.value.code == "blocked"
    confirming.confirms(token)
    now = read.detail(min(ada.id, by_mail.id))
    assert now["block"]["reason"] == "Threats"


def test_what_cannot_be_asked_is_said(ana: Colleague, ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        confirming.asks(ana.viewer, ada.chat, "not an address")
    confirming.confirms(asks(ana, ada.chat, ADA))
    with pytest.raises(Conflict) as again:
        confirming.asks(ana.viewer, ada.chat, "ADA@example.com")
    assert again.value.code == "proved_already"
    with pytest.raises(NotFound):
        confirming.asks(ana.viewer, 999_999, ADA)
    bare = replace(settings(), mail_url="")
    monkeypatch.setattr(letters, "settings", lambda: bare)
    with pytest.raises(Conflict) as refusal:
        confirming.asks(ana.viewer, ada.chat, "else@example.com")
    assert refusal.value.code == "no_mail"


def test_what_a_wrong_confirmation_proved_is_taken_back_with_it(ana: Colleague, ada: Customer) -> None:
    proved_by_mail()
    confirming.confirms(asks(ana, ada.chat, ADA))
    (join,) = rows("select id from customer_join")
    joining.separate(make_agent(role="supervisor").viewer, join["id"])
    assert proofs(ada.id) == [None]
    assert read.detail(ada.id)["joins"] == []
