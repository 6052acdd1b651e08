"""Two customers become one person where it is proved and never otherwise, with nothing lost; and are parted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.actions import blocks, erasure, joining, people, senders, visitors
from models.actions.conversation import customer_draft, say
from models.channels.incoming import Person
from models.db import one, rows, run
from models.errors import Conflict, NotFound, Refused
from models.queries import customers as read
from models.queries import joining as read_joining
from models.queries import timeline
from models.rules import joining as rules
from tests.support import invariants
from tests.support.joining import ADA, ada_in_telegram, channel, holdings, lived, mailer, writes
from tests.support.people import (
    Colleague,
    chat_row,
    entries,
    events,
    make_agent,
    set_desk,
)
from tests.support.racing import race
from tests.support.told import Told


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor", limit=50)


@pytest.fixture
def bot() -> int:
    return channel("telegram", "Shop bot")


@pytest.fixture
def box() -> int:
    return channel("email", "Mail")


def whose(chat_id: int) -> int:
    number: int = chat_row(chat_id)["customer_id"]
    return number


def only_join() -> dict[str, Any]:
    (found,) = rows("select * from customer_join")
    return found


# --- the books --------------------------------------------------------------------------------------------


def test_every_table_that_refers_to_a_customer_is_known(ana: Colleague) -> None:
    """A new one fails here until `joining.REFERS` says how its rows go along."""
    found = rows(
        "select c.conrelid::regclass::text as table, a.attname::text as column from pg_constraint c"
        " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.confrelid = 'customer'::regclass"
    )
    referring = {(each["table"], each["column"]) for each in found if each["table"] not in joining.OWN_BOOKS}
    assert referring == {(table, column) for table, (column, _) in joining.REFERS.items()}


def test_each_look_for_proof_goes_by_an_index(bot: int) -> None:
    run(
        "with s as (insert into customer (name) select 'P' || n from generate_series(1, 3000) n returning id)"
        " insert into identity (customer_id, channel_id, external_id, notes)"
        " select id, %s, id::text, jsonb_build_object('proved', jsonb_build_object('email', id || '@x.example')) from s",
        (bot,),
    )
    run("analyze identity")
    run("analyze customer")
    wanted = {"email": "7@x.example", "phone": "+49301", "not_of": 1}
    plan = "\n".join(
        each["QUERY PLAN"] for each in rows("explain " + read_joining._SAME + read_joining._NOT_PARTED, wanted)
    )
    assert "identity_proved_email" in plan
    assert "identity_proved_phone" in plan
    assert "Seq Scan on identity" not in plan


# --- together ---------------------------------------------------------------------------------------------


def test_a_known_one_whose_provider_vouches_now_is_one_with_who_proved_it_before(bot: int, box: int) -> None:
    ada = writes(bot, ada_in_telegram())
    by_mail = writes(box, mailer(ADA))
    assert ada.id != by_mail.id
    again = writes(bot, ada_in_telegram(proved=True), "It is still not here.")
    assert again.id == min(ada.id, by_mail.id)
    assert {each["customer_id"] for each in rows("select customer_id from chat")} == {again.id}
    assert (only_join()["how"], only_join()["proof"]) == ("vouched", {"email": ADA})
    invariants.assert_all_hold()


def test_what_is_only_said_joins_nobody(bot: int, box: int, ana: Colleague) -> None:
    mail = writes(box, mailer(ADA))
    claims = writes(bot, Person("9", "Mallory", email=ADA))
    forged = writes(box, mailer(ADA, "Mallory", proved=False))
    people.corrects(make_agent(role="admin").viewer, claims.id, email=ADA)
    writes(bot, Person("9", "Mallory", email=ADA))
    assert len({mail.id, claims.id, forged.id}) == 3
    assert rows("select id from customer_join") == []


def test_proof_that_is_old_is_not_looked_up_again(box: int, monkeypatch: pytest.MonkeyPatch) -> None:
    writes(box, mailer(ADA))
    asked: list[Any] = []
    monkeypatch.setattr(read_joining, "who_proved", lambda *a, **k: asked.append(a) or [])
    writes(box, mailer(ADA), "And again")
    assert asked == []


def test_one_proof_does_not_wipe_another(bot: int, box: int) -> None:
    number = channel("whatsapp", "WhatsApp")
    by_phone = Person("4930", "Ada", phone="+4930", proved=("phone",))
    writes(number, by_phone)
    run(
        "update identity set notes = jsonb_set(notes, '{proved,email}', %s) where channel_id = %s", (f'"{ADA}"', number)
    )
    writes(number, by_phone, "Hello again")
    (known,) = rows("select notes -> 'proved' as proved from identity where channel_id = %s", (number,))
    assert known["proved"] == {"email": ADA, "phone": "+4930"}


def test_an_address_of_one_and_a_number_of_another_make_one_of_both(bot: int, box: int) -> None:
    by_mail = writes(box, mailer(ADA))
    by_phone = writes(channel("whatsapp", "WhatsApp"), Person("4930", "Ada", phone="+4930", proved=("phone",)))
    both = writes(bot, Person("1", "Ada", email=ADA, phone="+4930", proved=("email", "phone")))
    assert both.id == min(by_mail.id, by_phone.id)
    assert len(rows("select id from customer where joined_into_id is null")) == 1


def test_everything_that_was_of_either_is_of_the_one_and_goes_back_again(
    ana: Colleague, boss: Colleague, bot: int, box: int
) -> None:
    first, second = lived(ana, bot, box)
    before = holdings()
    assert all(before[each.id].keys() == joining.REFERS.keys() for each in (first, second)), "a row in every table"
    writes(bot, ada_in_telegram(proved=True), "Still waiting.")
    together = holdings()
    assert together.keys() == {first.id}
    for table in joining.REFERS:
        assert set(before[first.id][table]) | set(before[second.id][table]) <= set(together[first.id][table]), table
    assert rows("select distinct customer_id from socket_lease where customer_id is not null") == [
        {"customer_id": first.id}
    ]
    assert {each["author_id"] for each in rows("select author_id from message where author_kind = 'customer'")} == {
        first.id
    }
    invariants.assert_all_hold()
    joining.separate(boss.viewer, only_join()["id"])
    assert holdings() == before
    whose_words = rows("select distinct chat_id, author_id from message where author_kind = 'customer' order by 1")
    assert [each["author_id"] for each in whose_words] == [first.id, second.id]
    invariants.assert_all_hold()


def test_every_console_hears_it_and_the_open_chats_say_so(
    ana: Colleague, boss: Colleague, bot: int, box: int, told: Told
) -> None:
    set_desk(bot_enabled=False)
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    theirs = {first.chat: "Ada", second.chat: "Ada T"}
    told.clear()
    writes(bot, ada_in_telegram(proved=True), "Still waiting.")
    for chat_id, other in theirs.items():
        (line,) = [each for each in entries(chat_id) if each["data"].get("event") == "customers_joined"]
        assert line["pub_seq"] is None
        assert line["body"] == f"This customer is the same person as {other}: {ADA} has been proved to be theirs."
    changed = {
        each.payload["id"]: each.payload
        for each in told.tellings
        if each.event == "chat:changed" and each.namespace == "/console"
    }
    assert {each["customer"]["id"] for each in changed.values()} == {first.id}
    (facts,) = [each.payload for each in told.tellings if each.event == "customer:changed"]
    assert [each["channel"] for each in facts["identities"]] == ["Shop bot", "Mail"]
    assert [(each["sure"], each["proved"]) for each in facts["identities"]][1] == ("verified", [ADA])
    assert [(each["name"], each["proof"], each["channels"]) for each in facts["joins"]] == [("Ada", ADA, ["Mail"])]
    (cut,) = [each for each in told.tellings if each.event == "cut:off"]
    assert (cut.payload, cut.rooms) == ({"reason": "joined"}, [f"customer:{second.id}"])
    page = timeline.of_customer(boss.viewer, first.id)
    assert {each["chat_id"] for each in page["items"]} == set(first.chats)


def test_the_audit_says_what_became_one_and_by_what(bot: int, box: int, boss: Colleague) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    writes(bot, ada_in_telegram(proved=True))
    (joined,) = rows("select * from audit_entry where what = 'joined'")
    assert (joined["agent_name"], joined["target_id"]) == ("The provider’s proof", str(first.id))
    assert joined["after"] == {"customer": second.id, "name": "Ada", "email": ADA}
    joining.separate(boss.viewer, only_join()["id"])
    (parted,) = rows("select * from audit_entry where what = 'separated'")
    assert (parted["agent_id"], parted["before"]["customer"]) == (boss.id, second.id)


# --- what wins --------------------------------------------------------------------------------------------


def facts(**known: Any) -> dict[str, Any]:
    return {**dict.fromkeys(rules.FACTS), "attributes": {}, "verified": False, **known}


def test_of_what_both_say_the_older_is_kept_and_nothing_that_one_said_is_lost() -> None:
    now = rules.united(
        facts(name="Ada T", attributes={"plan": "gold"}),
        facts(name="Ada", email=ADA, phone="+49", page="/x", attributes={"plan": "free", "since": 2020}),
    )
    assert (now["name"], now["email"], now["phone"], now["page"]) == ("Ada T", ADA, "+49", "/x")
    assert now["attributes"] == {"plan": "gold", "since": 2020}
    assert (now["verified"], now["broadcasts_off_at"]) == (False, None)


def test_what_a_sign_in_vouches_for_goes_before_what_was_typed_and_a_no_stays_a_no() -> None:
    now = rules.united(
        facts(name="adaaa", email="typed@example.com", attributes={"plan": "gold"}),
        facts(name="Ada Lovelace", verified=True, attributes={"plan": "free"}, broadcasts_off_at=7),
    )
    assert (now["name"], now["email"], now["verified"]) == ("Ada Lovelace", "typed@example.com", True)
    assert (now["attributes"], now["broadcasts_off_at"]) == ({"plan": "free"}, 7)


def test_parted_facts_are_as_before_but_for_what_was_changed_since(bot: int, box: int, boss: Colleague) -> None:
    first = writes(bot, ada_in_telegram())
    writes(box, mailer(ADA))
    writes(bot, ada_in_telegram(proved=True))
    people.corrects(boss.viewer, first.id, location="Berlin", name="Ada Lovelace")
    assert read.detail(first.id)["email"] == ADA
    joining.separate(boss.viewer, only_join()["id"])
    now = read.detail(first.id)
    assert (now["name"], now["location"], now["email"]) == ("Ada Lovelace", "Berlin", None)


# --- conflicts --------------------------------------------------------------------------------------------


def test_of_two_open_chats_on_one_channel_one_goes_on_and_nothing_is_lost(ana: Colleague, bot: int) -> None:
    set_desk(bot_enabled=False)
    first = writes(bot, ada_in_telegram(proved=True), "First account")
    second = writes(bot, Person("777", "Ada 2"), "Second account")
    ana.takes(second.chat)
    (older,), (newer,) = first.chats, second.chats
    writes(bot, Person("777", "Ada 2", email=ADA, proved=("email",)), "It is me")
    assert (chat_row(older)["state"], chat_row(older)["end_cause"]) == ("ended", "merged"), (
        "the one with a person goes on"
    )
    assert (chat_row(newer)["state"], chat_row(newer)["owner_id"]) == ("active", ana.id)
    assert whose(older) == whose(newer) == first.id
    assert [each["body"] for each in entries(older) if each["author_kind"] == "customer"] == ["First account"]
    assert not rows(
        "select 1 from delivery d join message m on m.id = d.message_id where m.data ->> 'reason' = 'merged'"
    )
    invariants.assert_all_hold()


def test_somebody_meant_twice_by_one_broadcast_is_written_to_once(bot: int, box: int) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    made = one(
        "insert into broadcast (title, body, audience_kind, audience) values ('a', 'b', 'list', '{}') returning id"
    )
    assert made is not None
    for each in (first, second):
        run("insert into recipient (broadcast_id, customer_id) values (%s, %s)", (made["id"], each.id))
    writes(bot, ada_in_telegram(proved=True))
    ledger = rows("select customer_id, state, reason from recipient order by id")
    assert ledger == [
        {"customer_id": first.id, "state": "waiting", "reason": None},
        {"customer_id": second.id, "state": "skipped", "reason": "same_person"},
    ]


def test_a_block_and_a_no_to_broadcasts_follow_the_person(bot: int, box: int, boss: Colleague) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    blocks.block(boss.viewer, second.id, "Threats")
    run("update customer set broadcasts_off_at = clock_timestamp() where id = %s", (second.id,))
    with pytest.raises(Refused):
        writes(bot, ada_in_telegram(proved=True), "Let me in")
    now = read.detail(first.id)
    assert now["block"]["reason"] == "Threats"
    assert now["broadcasts_off_at"] is not None


# --- who still holds the old number -----------------------------------------------------------------------


def test_who_writes_as_the_one_who_has_gone_is_led_on(bot: int, box: int) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    (theirs,) = second.chats
    writes(bot, ada_in_telegram(proved=True))
    said = say(customer_draft(second.visitor, client_id="held-on-1", body="Sent while it happened"))
    assert (said.chat_id, said.row["author_id"]) == (theirs, first.id)
    assert (
        say(customer_draft(second.visitor, client_id="held-on-1", body="Sent while it happened")).row["id"]
        == said.row["id"]
    )
    assert holdings().keys() == {first.id}


def test_a_word_sent_twice_is_known_though_its_sender_has_changed(bot: int, box: int) -> None:
    writes(bot, ada_in_telegram())
    second = writes(box, mailer(ADA))
    before = say(customer_draft(second.visitor, client_id="twice-1", body="Once"))
    writes(bot, ada_in_telegram(proved=True))
    assert say(customer_draft(second.visitor, client_id="twice-1", body="Once")).row["id"] == before.row["id"]


def test_a_browser_that_is_known_stays_known(bot: int, box: int) -> None:
    token, visitor = visitors.arrives(one("select id from channel where kind = 'web'")["id"], None)  # type: ignore[index]
    by_mail = writes(box, mailer(ADA))
    run(
        "update identity set notes = %s where customer_id = %s",
        (f'{{"proved": {{"email": "{ADA}"}}}}', visitor.customer_id),
    )
    run("update identity set notes = '{}' where customer_id = %s", (by_mail.id,))
    writes(box, mailer(ADA), "Again")
    _, again = visitors.arrives(visitor.channel_id, token)
    assert again.customer_id == min(by_mail.id, visitor.customer_id)


# --- apart ------------------------------------------------------------------------------------------------


def test_what_came_since_by_the_others_channel_goes_with_them(
    ana: Colleague, boss: Colleague, bot: int, box: int
) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    writes(bot, ada_in_telegram(proved=True))
    run("update chat set state = 'ended', ended_at = clock_timestamp() - interval '9 days', end_cause = 'bot_idle'")
    writes(box, mailer(ADA), "A new matter by mail")
    writes(bot, ada_in_telegram(proved=True), "A new matter in Telegram")
    *_, by_mail, in_telegram = (each["id"] for each in rows("select id from chat order by id"))
    joining.separate(boss.viewer, only_join()["id"])
    assert (whose(by_mail), whose(in_telegram)) == (second.id, first.id)
    assert one("select customer_id from session where id = %s", (chat_row(by_mail)["session_id"],)) == {
        "customer_id": second.id
    }
    assert events(by_mail)[-1] == "customers_separated"


def test_who_was_parted_by_hand_is_not_joined_again_by_the_same_proof(boss: Colleague, bot: int, box: int) -> None:
    first, second = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    writes(bot, ada_in_telegram(proved=True))
    joining.separate(boss.viewer, only_join()["id"])
    run("update identity set notes = '{}' where customer_id = %s", (first.id,))
    assert writes(bot, ada_in_telegram(proved=True), "Me again").id == first.id
    assert writes(box, mailer(ADA), "And me").id == second.id


def test_parting_has_its_order_and_its_people(ana: Colleague, boss: Colleague, bot: int, box: int) -> None:
    oldest = writes(channel("whatsapp", "WhatsApp"), Person("4930", "Ada", phone="+4930", proved=("phone",)))
    first = writes(bot, ada_in_telegram())
    writes(box, mailer(ADA))
    writes(bot, ada_in_telegram(proved=True))
    inner = only_join()["id"]
    writes(bot, Person("555", "Ada", phone="+4930", proved=("phone",)))
    outer = rows("select id from customer_join order by id desc limit 1")[0]["id"]
    assert {each["customer_id"] for each in rows("select customer_id from chat")} == {oldest.id}
    with pytest.raises(Refused):
        joining.separate(ana.viewer, outer)
    with pytest.raises(Conflict) as refusal:
        joining.separate(boss.viewer, inner)
    assert refusal.value.code == "joined_further"
    joining.separate(boss.viewer, outer)
    with pytest.raises(Conflict) as twice:
        joining.separate(boss.viewer, outer)
    assert twice.value.code == "parted_already"
    joining.separate(boss.viewer, inner)
    assert len(holdings()) == 3
    assert first.id in holdings()
    with pytest.raises(NotFound):
        joining.separate(boss.viewer, 999_999)


# --- at the same moment -----------------------------------------------------------------------------------


def test_two_who_bring_the_same_proof_at_one_moment_are_one(bot: int, box: int) -> None:
    """Neither sees the other's proof before it is there, unless they wait for each other."""

    def brings(channel_id: int, person: Person) -> Callable[[], Any]:
        return lambda: senders.meet(channel_id, person)

    for number in range(5):
        address = f"n{number}@example.com"
        known = writes(bot, Person(f"t{number}", "T")), writes(box, mailer(address, proved=False))
        proofs = (
            Person(f"t{number}", email=address, proved=("email",)),
            Person(address, email=address, proved=("email",)),
        )
        met = race(brings(bot, proofs[0]), brings(box, proofs[1]))
        owners = rows("select distinct customer_id from identity where notes -> 'proved' ->> 'email' = %s", (address,))
        assert len(owners) == 1, met
        assert owners[0]["customer_id"] == known[0].id
    invariants.assert_all_hold()


@pytest.mark.parametrize("turn", range(4))
def test_writing_while_it_happens_loses_nothing(bot: int, box: int, turn: int) -> None:
    first = writes(bot, ada_in_telegram())
    second = writes(box, mailer(ADA))
    run(
        "update chat set state = 'ended', ended_at = clock_timestamp() - interval '9 days', end_cause = 'bot_idle'"
        " where state <> 'ended'"
    )
    race(
        lambda: senders.meet(bot, ada_in_telegram(proved=True)),
        lambda: second.says("Hello?"),
        lambda: second.says("Anybody?"),
    )
    assert holdings().keys() == {first.id}
    assert len(rows("select 1 from message where author_id = %s and body like '%%?'", (first.id,))) == 4


# --- erased -----------------------------------------------------------------------------------------------


def test_erasing_a_person_erases_who_was_joined_into_them(boss: Colleague, bot: int, box: int) -> None:
    writes(bot, Person("555", "Zanzibaria One"))
    writes(box, mailer("zanzibaria@example.com", "Zanzibaria Two"))
    now = writes(bot, Person("555", "Zanzibaria One", email="zanzibaria@example.com", proved=("email",)))
    erasure.erase(boss.viewer, now.id, "Asked for it by letter.")
    assert rows("select id from customer where name is not null or email is not null") == []
    assert rows("select id from customer_join") == []
    left = rows(
        "select after from audit_entry where after::text ilike '%%zanzibaria%%' or before::text ilike '%%zanzibaria%%'"
    )
    assert left == []


def test_who_was_erased_is_joined_with_nobody(boss: Colleague, bot: int, box: int) -> None:
    gone = writes(box, mailer(ADA))
    erasure.erase(boss.viewer, gone.id, "Asked for it by letter.")
    writes(bot, ada_in_telegram())
    assert writes(bot, ada_in_telegram(proved=True)).id != gone.id
    assert rows("select id from customer_join") == []
