"""Files and what they hang on: sent once and by their own side, shared with canned messages, gone when nothing needs them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from models.actions import attachments, corrections, uploads
from models.actions.conversation import agent_draft, customer_draft, say
from models.db import connection, one, rows, run, transaction
from models.errors import Invalid, NotFound, TooMany
from models.media.storage import incoming, storage
from models.queries import canned, chats, shapes
from models.queries import media as read
from models.queries.access import Viewer, Visitor
from models.tables.desk import CannedMessage
from tests.support import files, people
from tests.support.people import Colleague, Customer, new_client_id


@pytest.fixture
def owner() -> Colleague:
    return people.make_agent()


@pytest.fixture
def customer(owner: Colleague) -> Customer:
    return people.make_customer()


@pytest.fixture
def chat_id(owner: Colleague, customer: Customer) -> int:
    return people.chat_of(owner, customer)


def upload(by: Viewer | Visitor, data: bytes = b"hello", name: str = "a.txt") -> dict[str, Any]:
    with incoming() as folder:
        named = uploads.announced(by, name)
        (folder / "file").write_bytes(data)
        return uploads.received(by, named, folder, folder / "file")


def agent_sends(owner: Colleague, chat_id: int, *ids: int, body: str = "", **more: Any) -> dict[str, Any]:
    return say(
        agent_draft(owner.viewer, chat_id=chat_id, client_id=new_client_id(), body=body, attachment_ids=ids, **more)
    ).row


def customer_sends(customer: Customer, *ids: int, body: str = "", client_id: str | None = None) -> dict[str, Any]:
    return say(
        customer_draft(customer.visitor, client_id=client_id or new_client_id(), body=body, attachment_ids=ids)
    ).row


def there(*keys: str | None) -> list[bool]:
    return [(storage().root / key).exists() for key in keys if key]


def keys_of(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["storage_key"], row["thumb_key"]


def make_canned(owner: Colleague, **columns: Any) -> int:
    number: int = CannedMessage.create(shortcut="plan", title="The plan", body="Here it is.", **columns).id
    return number


# --- sending ----------------------------------------------------------------------------------------------


def test_both_sides_send_files_with_and_without_words(owner: Colleague, customer: Customer, chat_id: int) -> None:
    one_file, two = upload(owner.viewer), upload(owner.viewer, files.picture(900, 700), "plan.jpg")
    said = agent_sends(owner, chat_id, two["id"], one_file["id"], body="Look:")
    assert [each["name"] for each in said["data"]["attachments"]] == ["plan.jpg", "a.txt"], (
        "in the order they were named"
    )
    assert rows("select chat_id, message_id from attachment") == [{"chat_id": chat_id, "message_id": said["id"]}] * 2
    answered = customer_sends(customer, upload(customer.visitor, name="mine.txt")["id"])
    assert answered["body"] == ""
    assert people.chat_row(chat_id)["last_body"] == "mine.txt"
    for shape in (shapes.message, shapes.visitor_message):
        told = shape(said)["data"]["attachments"]
        assert told[0]["url"].startswith("/media/")
        assert told[0]["thumb_url"].startswith("/media/")
        assert told[1]["thumb_url"] is None
        assert not {"token", "type", "has_thumb"} & set(told[0])
    stored = [each for each in people.entries(chat_id) if "attachments" in each["data"]]
    assert "/media/" not in str(stored)


def test_a_message_without_files_is_made_as_before(owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id).row
    assert shapes.message(said)["data"] == {}
    assert shapes.message(said)["data"] is said["data"]


def test_a_chat_may_begin_with_a_file(owner: Colleague, customer: Customer) -> None:
    people.set_desk(bot_enabled=False)
    chat_id = customer_sends(customer, upload(customer.visitor)["id"], upload(customer.visitor)["id"])["chat_id"]
    assert people.chat_row(chat_id)["state"] == "queued"
    assert people.chat_row(chat_id)["first_body"] == "a.txt and 1 more"


def test_a_file_alone_is_for_a_person_and_not_for_the_bot(customer: Customer) -> None:
    customer.says("Do you take returns?")
    assert people.chat_row(customer.chat)["state"] == "bot"
    customer_sends(customer, upload(customer.visitor)["id"], body="It looks like this.")
    assert people.chat_row(customer.chat)["state"] == "bot"
    customer_sends(customer, upload(customer.visitor)["id"])
    assert people.chat_row(customer.chat)["state"] == "queued"
    newcomer = people.make_customer()
    customer_sends(newcomer, upload(newcomer.visitor)["id"])
    assert people.chat_row(newcomer.chat)["state"] == "queued"
    assert not rows("select 1 from failed_response"), "nothing was asked, so nothing was not known"


def test_sending_again_is_sending_once(customer: Customer, chat_id: int) -> None:
    file, client_id = upload(customer.visitor)["id"], new_client_id()
    first = customer_sends(customer, file, client_id=client_id)
    assert customer_sends(customer, file, client_id=client_id)["id"] == first["id"]


def test_only_ones_own_unsent_files_can_be_sent(owner: Colleague, customer: Customer, chat_id: int) -> None:
    colleague, stranger = people.make_agent("Bo Lind"), people.make_customer()
    mine = upload(owner.viewer)["id"]
    agent_sends(owner, chat_id, mine)
    fresh = upload(owner.viewer)["id"]
    wrong = [
        (mine,),  # sent already
        (upload(colleague.viewer)["id"],),
        (upload(customer.visitor)["id"],),
        (upload(stranger.visitor)["id"],),
        (987_654_321,),
        (fresh, fresh),
        (fresh, 987_654_321),
    ]
    before = people.entries(chat_id)
    for ids in wrong:
        with pytest.raises(Invalid) as refused:
            agent_sends(owner, chat_id, *ids)
        assert refused.value.code == "unknown_file", ids
        with pytest.raises(Invalid, match="unknown_file"):
            agent_sends(owner, chat_id, *ids, internal=True)
    with pytest.raises(Invalid, match="unknown_file"):
        customer_sends(customer, fresh)
    assert people.entries(chat_id) == before, "neither the file nor the words"
    assert one("select message_id from attachment where id = %s", (fresh,)) == {"message_id": None}


def test_one_file_is_sent_once_by_two_hands(owner: Colleague, customer: Customer, chat_id: int) -> None:
    """Two tabs press send at the same moment."""
    file, outcomes, start = upload(customer.visitor)["id"], [], threading.Barrier(4)

    def press() -> None:
        with connection():
            start.wait()
            try:
                outcomes.append(customer_sends(customer, file)["id"])
            except Invalid as refusal:
                outcomes.append(refusal.code)

    hands = [threading.Thread(target=press) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(map(str, outcomes))[1:] == ["unknown_file"] * 3


def test_a_file_in_a_note_is_for_colleagues_alone(owner: Colleague, customer: Customer, chat_id: int) -> None:
    file = upload(owner.viewer)["id"]
    agent_sends(owner, chat_id, file, internal=True)
    assert read.in_chat(owner.viewer, chat_id, file)["name"] == "a.txt"
    with pytest.raises(NotFound):
        read.of_visitor(customer.visitor, file)
    assert "a.txt" not in str(chats.visitor_sync(customer.visitor, chat_id, 0))
    assert people.chat_row(chat_id)["last_body"] != "a.txt"


def test_two_hundred_megabytes_a_day_are_enough(owner: Colleague, customer: Customer) -> None:
    for _ in range(41):
        run(
            "insert into attachment (token, by_customer_id, name, kind, content_type, size, storage_key)"
            " values (md5(random()::text), %s, 'a', 'document', 'text/plain', 5242880, 'aa/' || repeat('a', 64))",
            (customer.id,),
        )
    with pytest.raises(TooMany):
        uploads.announced(customer.visitor, "a.txt")
    uploads.announced(people.make_customer().visitor, "a.txt")
    uploads.announced(owner.viewer, "a.txt")
    run("update attachment set created_at = created_at - interval '25 hours'")
    uploads.announced(customer.visitor, "a.txt")


# --- canned messages --------------------------------------------------------------------------------------


def test_a_canned_messages_files_go_with_every_message_made_of_it(owner: Colleague, chat_id: int) -> None:
    number = make_canned(owner)
    file = upload(owner.viewer, files.picture(900, 700), "plan.jpg")
    with transaction():
        attachments.set_of_canned(owner.viewer, number, [file["id"]])
    shown = canned.one_of(owner.viewer, number)["attachments"]
    assert [(each["id"], each["name"]) for each in shown] == [(file["id"], "plan.jpg")]
    first = agent_sends(owner, chat_id, file["id"], body="Here it is.", canned_id=number)
    second = agent_sends(owner, chat_id, file["id"], body="Here it is.", canned_id=number)
    sent = [each["data"]["attachments"][0] for each in (first, second)]
    assert len({file["id"], *(each["id"] for each in sent)}) == 3, "copies, each with a link of its own"
    assert len({file["token"], *(each["token"] for each in sent)}) == 3
    assert one("select count(distinct storage_key)::int as n from attachment") == {"n": 1}, "of one stored file"
    with pytest.raises(Invalid, match="unknown_file"):
        agent_sends(owner, chat_id, file["id"], body="Without the canned message it is nobody's.")
    run("delete from chat where id = %s", (chat_id,))
    uploads.sweep()
    assert there(*keys_of(file)) == [True, True], "the canned message still has it"
    run("delete from canned_message")
    uploads.sweep()
    assert there(*keys_of(file)) == [False, False]


def test_copies_are_as_if_they_had_been_uploaded(owner: Colleague, chat_id: int) -> None:
    number = make_canned(owner)
    with transaction():
        attachments.set_of_canned(owner.viewer, number, [upload(owner.viewer)["id"]])
    (copied,) = attachments.copies_of(owner.viewer, number)
    assert agent_sends(owner, chat_id, copied["id"])["data"]["attachments"][0]["name"] == "a.txt"


def test_the_files_of_a_canned_message_are_set_whole(owner: Colleague, customer: Customer) -> None:
    number, other = make_canned(owner), make_canned(owner, agent_id=owner.id)
    kept, dropped, added = (upload(owner.viewer, name=f"{n}.txt") for n in ("kept", "dropped", "added"))
    theirs = upload(customer.visitor)["id"]
    with transaction():
        attachments.set_of_canned(owner.viewer, number, [kept["id"], dropped["id"]])
        attachments.set_of_canned(owner.viewer, number, [kept["id"], added["id"]])
    assert [each["name"] for each in read.of_canned([number])[number]] == ["kept.txt", "added.txt"]
    for wrong in ([theirs], [987_654_321]):
        with pytest.raises(Invalid, match="unknown_file"), transaction():
            attachments.set_of_canned(owner.viewer, number, wrong)
    with pytest.raises(Invalid, match="unknown_file"), transaction():
        attachments.set_of_canned(owner.viewer, other, [kept["id"]])
    uploads.sweep()
    assert there(kept["storage_key"], dropped["storage_key"], added["storage_key"]) == [True, False, True]


# --- going --------------------------------------------------------------------------------------------------


def test_a_deleted_chat_takes_its_files_along(owner: Colleague, customer: Customer, chat_id: int) -> None:
    file = upload(owner.viewer, files.picture(900, 700), "plan.jpg")
    agent_sends(owner, chat_id, file["id"])
    uploads.sweep()
    assert there(*keys_of(file)) == [True, True]
    run("delete from chat where id = %s", (chat_id,))
    assert there(*keys_of(file)) == [True, True]
    uploads.sweep()
    assert there(*keys_of(file)) == [False, False]
    assert not rows("select 1 from media_trash")


def test_a_deleted_customer_takes_their_files_along(customer: Customer) -> None:
    file = upload(customer.visitor)
    run("delete from customer where id = %s", (customer.id,))
    uploads.sweep()
    assert there(*keys_of(file)) == [False]


def test_a_deleted_message_takes_its_files_along(owner: Colleague, chat_id: int) -> None:
    file = upload(owner.viewer)
    said = agent_sends(owner, chat_id, file["id"], body="Oops.")
    corrections.delete(owner.viewer, chat_id, said["id"])
    uploads.sweep()
    assert there(*keys_of(file)) == [False]
    with pytest.raises(NotFound):
        read.in_chat(owner.viewer, chat_id, file["id"])


def test_what_nobody_sends_is_gone_after_a_day(owner: Colleague, customer: Customer) -> None:
    old, young = upload(customer.visitor), upload(customer.visitor)
    run("update attachment set created_at = created_at - interval '24 hours 1 minute' where id = %s", (old["id"],))
    uploads.sweep()
    assert there(*keys_of(old), *keys_of(young)) == [False, True]


def test_an_upload_is_taken_back_by_its_owner_alone(owner: Colleague, customer: Customer, chat_id: int) -> None:
    file = upload(customer.visitor)
    for other in (owner.viewer, people.make_customer().visitor, replace(customer.visitor, customer_id=987_654_321)):
        with pytest.raises(NotFound):
            attachments.forget(other, file["id"])
    attachments.forget(customer.visitor, file["id"])
    uploads.sweep()
    assert there(*keys_of(file)) == [False]
    sent = upload(customer.visitor)["id"]
    customer_sends(customer, sent)
    with pytest.raises(NotFound):
        attachments.forget(customer.visitor, sent)


def test_a_desk_that_dies_between_the_file_and_its_row_leaves_nothing(
    owner: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(attachments, "keep", dies)
    with pytest.raises(KeyboardInterrupt):
        upload(owner.viewer)
    (named,) = rows("select storage_key, due_at > clock_timestamp() as later from media_trash")
    assert named["later"], "it may still be on its way"
    uploads.sweep()
    assert there(named["storage_key"]) == [True]
    run("update media_trash set due_at = clock_timestamp()")
    uploads.sweep()
    assert there(named["storage_key"]) == [False]


def test_a_file_that_cannot_be_removed_is_met_again(owner: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(owner.viewer)
    attachments.forget(owner.viewer, file["id"])
    with monkeypatch.context() as away:
        away.setattr(type(storage()), "remove", lambda self, key: (_ for _ in ()).throw(OSError()))
        uploads.sweep()
    assert rows("select storage_key from media_trash") == [{"storage_key": file["storage_key"]}]
    uploads.sweep()
    assert there(*keys_of(file)) == [False]


def test_a_file_thrown_away_and_saved_by_a_copy_stays(owner: Colleague) -> None:
    file = upload(owner.viewer)
    run("insert into media_trash (storage_key) values (%s)", (file["storage_key"],))
    uploads.sweep()
    assert there(*keys_of(file)) == [True]
    assert not rows("select 1 from media_trash")
