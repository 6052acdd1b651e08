"""Telegram, both ways: what customers write becomes a chat like any other, and what is said in it reaches them once, in order."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from models.actions import channels, deliveries, inbox
from models.channels import http, telegram
from models.db import one, rows, run
from models.errors import Conflict, Invalid
from models.queries import channels as read
from models.settings import settings
from tests.support import files, front
from tests.support.people import Colleague, entries, make_agent
from tests.support.racing import race
from tests.support.telegram import SECRET, TOKEN, BotApi, bot_api, photo, update, word
from tests.support.told import Told
from workers import connecting, delivering, taking

SEED = int(os.environ.get("SEED", "7"))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApi]:
    with bot_api() as api:
        here = replace(settings(), telegram_api=api.url)
        monkeypatch.setattr(telegram, "settings", lambda: here)
        yield api


@pytest.fixture
def boss() -> Colleague:
    return make_agent(role="admin")


@pytest.fixture
def shop(api: BotApi, boss: Colleague) -> int:
    """A Telegram channel that is connected."""
    number = channels.created(boss.viewer, "telegram", "Shop bot", {"token": TOKEN})
    connecting.check(number)
    return number


def key(channel_id: int) -> str:
    found = one("select public_key from channel where id = %s", (channel_id,))
    assert found is not None
    name: str = found["public_key"]
    return name


def calls(channel_id: int, said: dict[str, Any] | bytes, secret: str | None = None) -> int:
    """Telegram calls us. Returns the status it got."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {SECRET: word(key(channel_id)) if secret is None else secret}
    client = front.application().test_client()
    return client.post(f"/hooks/telegram/{key(channel_id)}", data=body, headers=headers).status_code


def comes(channel_id: int, *updates: dict[str, Any]) -> None:
    for each in updates:
        assert calls(channel_id, each) == 200
    taking.take()


def only_chat() -> int:
    (found,) = rows("select id from chat")
    number: int = found["id"]
    return number


def states(chat_id: int) -> list[str]:
    return [
        each["state"] for each in rows("select state from delivery where chat_id = %s order by pub_seq", (chat_id,))
    ]


def outcomes() -> dict[str, int]:
    found = rows("select coalesce(outcome, state) as what, count(*)::int as n from inbound group by 1")
    return {each["what"]: each["n"] for each in found}


def without_waiting() -> None:
    """A second has passed since whatever was sent last."""
    run("update identity set slot_at = null")
    run("update channel_pace set tokens = 25")


def time_passes(seconds: float) -> None:
    """So much later, for everything that waits to go out."""
    for table, column in (
        ("delivery", "due_at"),
        ("identity", "slot_at"),
        ("identity", "hold_until"),
        ("channel_pace", "hold_until"),
        ("channel_pace", "open_until"),
        ("channel_pace", "tokens_at"),
        ("delivery", "lease_until"),
    ):
        run(f"update {table} set {column} = {column} - make_interval(secs => %s)", (seconds,))


def everything_goes_out(rounds: int = 20) -> None:
    for _ in range(rounds):
        without_waiting()
        delivering.deliver()
        if not rows("select 1 from delivery where state = 'queued' and due_at <= clock_timestamp()"):
            return


def owned(owner: Colleague, channel_id: int, text: str = "Where is my parcel?") -> int:
    """A chat that somebody wrote in Telegram and an agent has taken."""
    comes(channel_id, update(text=text))
    chat_id = only_chat()
    run("update chat set state = 'queued', queued_at = clock_timestamp() where id = %s and state = 'bot'", (chat_id,))
    owner.takes(chat_id)
    everything_goes_out()
    return chat_id


# --- connecting -------------------------------------------------------------------------------------------


def test_a_channel_is_connected_and_its_secret_is_never_shown(shop: int, api: BotApi, boss: Colleague) -> None:
    seen = read.one_of(boss.viewer, shop)
    assert (seen["state"], seen["notes"]["username"]) == ("working", "fern_bot")
    assert seen["secret_tails"] == {"token": TOKEN[-4:]}
    assert TOKEN not in json.dumps(seen, default=str)
    everywhere = json.dumps(rows("select * from channel") + rows("select * from audit_entry"), default=str)
    assert TOKEN not in everywhere
    (hook,) = [fields for method, fields, _ in api.asked if method == "setWebhook"]
    assert hook["url"] == seen["address"]
    assert hook["secret_token"] == word(key(shop))


def test_a_token_that_is_none_is_said_so(api: BotApi, boss: Colleague) -> None:
    number = channels.created(boss.viewer, "telegram", "Shop bot", {"token": "123:wrong"})
    connecting.check(number)
    seen = read.one_of(boss.viewer, number)
    assert (seen["state"], seen["error"]) == ("broken", "Telegram does not know this bot token.")
    channels.changed(boss.viewer, number, seen["version"], filled={"token": TOKEN})
    connecting.check(number)
    assert read.one_of(boss.viewer, number)["state"] == "working"


def test_a_form_with_mistakes_says_where(boss: Colleague) -> None:
    with pytest.raises(Invalid) as refusal:
        channels.created(boss.viewer, "telegram", "Shop bot", {"tokn": "x"})
    assert set(refusal.value.detail["fields"]["filled"]) == {"token", "tokn"}


# --- in ---------------------------------------------------------------------------------------------------


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


# --- out --------------------------------------------------------------------------------------------------


def test_what_an_agent_says_reaches_the_customer_in_order(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    before = len(api.arrived)
    for number in range(5):
        owner.says(chat_id, f"answer {number}")
    everything_goes_out()
    assert api.texts()[before:] == [f"answer {number}" for number in range(5)]
    assert set(states(chat_id)) == {"sent"}
    owner.notes(chat_id, "Knows Ben")
    assert len(states(chat_id)) == len(
        [each for each in entries(chat_id) if each["author_kind"] != "customer" and each["pub_seq"]]
    )


def test_two_messages_to_one_person_are_a_second_apart(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.arrived.clear()
    owner.says(chat_id, "one")
    owner.says(chat_id, "two")
    without_waiting()
    delivering.deliver()
    assert api.texts() == ["one", "two"]
    assert 0.95 <= api.arrived[1].at - api.arrived[0].at < 3


def test_a_long_text_goes_as_several(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.arrived.clear()
    long = "\n\n".join(f"Paragraph {number}. " + "word " * 200 for number in range(8))
    owner.says(chat_id, long.strip())
    everything_goes_out()
    assert len(api.arrived) >= 2
    assert all(len(each) <= 4096 for each in api.texts())
    assert "".join("".join(api.texts()).split()) == "".join(long.split())


def test_who_is_asked_to_wait_waits_and_nobody_overtakes(shop: int, api: BotApi) -> None:
    """F30: no send before `retry_after`; then the backlog drains in order."""
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.arrived.clear()
    api.script = ["429 1.5"]
    for number in range(3):
        owner.says(chat_id, f"answer {number}")
    run("update identity set slot_at = null")
    asked_at = time.monotonic()
    delivering.deliver()
    assert api.texts() == []
    tries = [at for method, _, at in api.asked if method == "sendMessage" and at > asked_at]
    while len(api.arrived) < 3 and time.monotonic() < asked_at + 15:
        run("update identity set slot_at = null")
        delivering.deliver()
        time.sleep(0.05)
    sends = [at for method, _, at in api.asked if method == "sendMessage" and at > tries[0]]
    assert sends[0] - tries[0] >= 1.5
    assert api.texts() == [f"answer {number}" for number in range(3)]
    assert set(states(chat_id)) == {"sent"}


@pytest.mark.parametrize("behaviour", ["200 then reset", "502", "hang"])
def test_what_may_have_arrived_is_never_sent_again_by_itself(
    shop: int, api: BotApi, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F31: `unknown`, at most once at the provider; the next message goes on."""
    monkeypatch.setattr(http, "WHOLE_S", 3.5)
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.arrived.clear()
    api.script = [behaviour]
    first = owner.says(chat_id, "Perhaps").row["id"]
    owner.says(chat_id, "For sure")
    for _ in range(3):
        time_passes(60)
        everything_goes_out()
        delivering.sweep()
    assert states(chat_id)[-2:] == ["unknown", "sent"]
    assert api.texts().count("Perhaps") <= 1
    assert api.texts()[-1] == "For sure"
    found = one("select id from delivery where message_id = %s", (first,))
    assert found is not None
    deliveries.retried(owner.viewer, found["id"])
    everything_goes_out()
    assert "unknown" not in states(chat_id)


def test_a_sender_killed_with_a_message_in_hand_leaves_it_unknown(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    owner.says(chat_id, "Lost?")
    without_waiting()
    assert deliveries.claim().claimed is not None
    time_passes(60)
    delivering.sweep()
    everything_goes_out()
    assert states(chat_id)[-1] == "unknown"
    assert "Lost?" not in api.texts()


def test_a_provider_that_fails_is_left_alone_for_a_while(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.script = ["500"] * 7
    owner.says(chat_id, "Patience")
    for _ in range(4):
        run("update delivery set due_at = clock_timestamp()")
        without_waiting()
        delivering.deliver()
    seen = one("select failures, open_until from channel_pace")
    assert seen is not None
    assert seen["failures"] == 4
    run("update delivery set due_at = clock_timestamp()")
    without_waiting()
    delivering.deliver()
    opened = one("select open_until > clock_timestamp() + interval '25 seconds' as yes from channel_pace")
    assert opened == {"yes": True}
    assert states(chat_id)[-1] == "dead"


def test_who_blocks_the_bot_is_not_written_to_until_they_come_back(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.script = ["403"]
    owner.says(chat_id, "Are you there?")
    everything_goes_out()
    asked = len(api.asked)
    owner.says(chat_id, "Still?")
    everything_goes_out()
    assert states(chat_id)[-2:] == ["failed", "failed"]
    assert len(api.asked) == asked, "what we know already is not asked again"
    assert [each["code"] for each in rows("select code from delivery where state = 'failed'")] == ["unreachable"] * 2
    comes(shop, update(9, text="I am back"))
    owner.says(chat_id, "Good!")
    everything_goes_out()
    assert states(chat_id)[-1] == "sent"


def test_a_token_revoked_in_the_middle_stops_the_channel_and_loses_nothing(
    shop: int, api: BotApi, boss: Colleague
) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    api.arrived.clear()
    api.revoked = True
    owner.says(chat_id, "one")
    owner.says(chat_id, "two")
    everything_goes_out()
    seen = read.one_of(boss.viewer, shop)
    assert (seen["state"], seen["paused_why"], seen["waiting"]) == ("broken", "unauthorized", 2)
    api.revoked = False
    channels.tested(boss.viewer, shop)
    connecting.check(shop)
    everything_goes_out()
    assert api.texts() == ["one", "two"]
    assert set(states(chat_id)) == {"sent"}


def test_a_paused_channel_takes_in_and_sends_nothing(shop: int, api: BotApi, boss: Colleague) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    channels.paused(boss.viewer, shop)
    api.arrived.clear()
    comes(shop, update(9, text="Hello?"))
    owner.says(chat_id, "Soon")
    everything_goes_out()
    assert api.texts() == []
    channels.resumed(boss.viewer, shop)
    everything_goes_out()
    assert api.texts() == ["Soon"]


def test_what_waits_too_long_is_given_up_where_people_see_it(shop: int, told: Told, boss: Colleague) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    message = owner.says(chat_id, "Late").row["id"]
    run("update delivery set queued_at = queued_at - interval '11 minutes' where message_id = %s", (message,))
    told.clear()
    delivering.sweep()
    assert states(chat_id)[-1] == "dead"
    assert [each.payload["delivery"]["state"] for each in told.tellings if each.event == "message:delivery"] == ["dead"]
    (lost,) = read.lost(boss.viewer, shop)["out"]
    assert lost["message_id"] == message


def test_removing_a_channel_takes_its_secrets_with_it(shop: int, api: BotApi, boss: Colleague) -> None:
    channels.removed(boss.viewer, shop)
    connecting.check(shop)
    assert api.asked[-1][0] == "deleteWebhook"
    assert one("select secrets, check_due_at from channel where id = %s", (shop,)) == {
        "secrets": None,
        "check_due_at": None,
    }
    assert calls(shop, update(text="Anybody?")) == 404
