"""What customers write in Telegram becomes a chat like any other: once, in their order, in words that can be read."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from models.actions import inbox
from models.db import rows, run
from models.errors import Conflict
from models.queries import channels as read
from tests.support import files, front
from tests.support.people import Colleague, entries
from tests.support.racing import race
from tests.support.telegram import BotApi, photo, update, word
from tests.support.telegram_desk import calls, comes, everything_goes_out, key, only_chat, outcomes
from workers import taking

SEED = int(os.environ.get("SEED", "7"))


def test_forged_and_unknown_calls_find_nothing(shop: int) -> None:
    hello = update(text="Hello")
    assert calls(shop, hello, secret="") == 404
    assert calls(shop, hello, secret=word(key(shop))[:-1] + "x") == 404
    client = front.application().test_client()
    assert client.post("/hooks/telegram/nobody", data=b"{}").status_code == 404
    assert client.post(f"/hooks/web/{key(shop)}", data=b"{}").status_code == 404
    assert client.get(f"/hooks/telegram/{key(shop)}").status_code == 404
    assert calls(shop, b'{"update_id": "7"}') == 400
    assert calls(shop, b"[" * 100_000) == 400
    assert calls(shop, b"x" * (1024 * 1024 + 1)) == 413
    assert outcomes() == {}


def test_an_update_is_kept_once_however_often_it_comes(shop: int) -> None:
    """F32: three times each, in any order, in parallel: one message each, one chat, in the sender's order."""
    updates = [update(number, text=f"line {number}") for number in range(1, 11)]
    repeated = updates * 3
    random.Random(SEED).shuffle(repeated)

    def call(some: list[dict[str, Any]]) -> Callable[[], list[int]]:
        return lambda: [calls(shop, each) for each in some]

    assert race(*(call(repeated[part::10]) for part in range(10))) == [[200] * 3] * 10
    race(*([taking.take] * 4))
    taking.take()
    chat_id = only_chat()
    assert [each["body"] for each in entries(chat_id) if each["author_kind"] == "customer"] == [
        f"line {number}" for number in range(1, 11)
    ]
    assert outcomes() == {"message": 10}


def test_what_customers_send_is_readable(shop: int) -> None:
    comes(
        shop,
        update(1, text="/start"),
        update(2, sticker={"emoji": "😀", "file_id": "s"}),
        update(3, location={"latitude": 52.5, "longitude": 13.4}),
        update(4, contact={"first_name": "Ola", "phone_number": "+49 1"}),
        update(5, text="Answering", reply_to_message={"message_id": 1}),
        update(6, something_new={"x": 1}),
        update(1, kind="edited_message", text="Hello there"),
    )
    said = [each for each in entries(only_chat()) if each["author_kind"] == "customer" and each["kind"] == "text"]
    assert [each["body"].split("\n")[0] for each in said] == [
        "Hello there",
        "😀 (sticker)",
        "📍 https://www.openstreetmap.org/?mlat=52.500000&mlon=13.400000#map=17/52.500000/13.400000",
        "👤 Ola, +49 1",
        "Answering",
        "(Sent something that cannot be shown here: a message of a new kind.)",
    ]
    assert said[4]["data"]["quote"]["id"] == said[0]["id"]
    assert said[0]["edited_at"] is not None
    assert rows("select body from message_version") == [{"body": "Hello"}]


def test_groups_and_odd_updates_are_no_chats(shop: int) -> None:
    group = update(1, text="Hi all")
    group["message"]["chat"]["type"] = "group"
    broken = update(2, text="x")
    del broken["message"]["from"]
    comes(shop, group, broken, {"update_id": 5, "channel_post": {}})
    assert rows("select id from chat") == []
    assert outcomes() == {
        "ignored: not a private chat": 1,
        "dead": 1,
        "ignored: a kind of update that was not asked for": 1,
    }


def test_one_that_was_put_aside_can_be_read_again(shop: int, boss: Colleague) -> None:
    comes(shop, {"update_id": 9, "message": {"chat": {"id": 1, "type": "private"}}})
    (aside,) = read.lost(boss.viewer, shop)["came"]
    inbox.retried(boss.viewer, aside["id"])
    assert outcomes() == {"waiting": 1}
    with pytest.raises(Conflict):
        inbox.retried(boss.viewer, aside["id"])


def test_an_album_is_one_message_and_its_files_are_kept(shop: int, api: BotApi) -> None:
    api.files = {name: files.picture(60 + place, 40) for place, name in enumerate(("a", "b", "c"))}
    for number, name in enumerate(("a", "b", "c"), 1):
        words = {"caption": "My plants"} if number == 1 else {}
        assert calls(shop, update(number, photo=photo(name), media_group_id="77", **words)) == 200
    taking.take()
    assert rows("select id from chat") == [], "an album is whole when no more of it comes"
    time.sleep(1.6)
    taking.take()
    (said,) = [each for each in entries(only_chat()) if each["author_kind"] == "customer"]
    assert said["body"] == "My plants"
    assert [each["name"] for each in said["data"]["attachments"]] == ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg"]
    assert outcomes() == {"message": 3}


def test_what_is_too_large_or_of_a_wrong_kind_is_told_politely(shop: int, api: BotApi) -> None:
    api.files = {"big": b"\0" * (6 * 1024 * 1024), "evil": b"MZ"}
    comes(
        shop,
        update(1, document={"file_id": "huge", "file_name": "film.mp4", "file_size": 20 * 1024 * 1024}, caption="Look"),
        update(2, document={"file_id": "big", "file_name": "film2.mp4"}),
        update(3, document={"file_id": "evil", "file_name": "setup.exe", "file_size": 2}),
    )
    chat_id = only_chat()
    said = [each["body"] for each in entries(chat_id) if each["author_kind"] == "customer"]
    assert said[0] == "Look\n📎 film.mp4 — not taken: This file is larger than 5 MB."
    assert said[1].startswith("📎 film2.mp4 — not taken: This file is larger")
    assert "setup.exe — not taken" in said[2]
    everything_goes_out()
    apologies = [each for each in api.texts() if each.startswith("We could not take")]
    assert len(apologies) == 3
    assert not [each for _, fields, _ in api.asked for each in [fields.get("file_id")] if each == "huge"]


def test_a_burst_is_kept_whole_and_in_each_senders_order(shop: int) -> None:
    """300 updates of 20 people, shuffled and some twice: nothing lost, nothing doubled."""
    updates = [
        update(number, chat=chat, name=f"P{chat}", text=f"{number}") for number in range(15) for chat in range(1, 21)
    ]
    assert [calls(shop, each) for each in (*updates, *updates[:40])] == [200] * 340
    for _ in range(30):
        taking.take()
        if "waiting" not in outcomes():
            break
    assert outcomes() == {"message": 300}
    for chat in rows("select id from chat"):
        said = [each["body"] for each in entries(chat["id"]) if each["author_kind"] == "customer"]
        assert said == [str(number) for number in range(15)]
    assert len(rows("select id from chat")) == 20


def test_a_worker_that_dies_in_between_doubles_nothing(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    comes(shop)
    assert calls(shop, update(1, text="Once")) == 200
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "done", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            taking.take()
    assert outcomes() == {"claimed": 1}
    run("update inbound set lease_until = clock_timestamp()")
    taking.sweep()
    taking.take()
    assert [each["body"] for each in entries(only_chat()) if each["author_kind"] == "customer"] == ["Once"]
    assert outcomes() == {"message": 1}
