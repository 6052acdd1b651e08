"""What is said in a chat reaches its customer in Telegram once, in order, or people see that it did not."""

from __future__ import annotations

import time

import pytest

from models.actions import deliveries
from models.channels import http
from models.db import one, rows, run
from models.queries import channels as read
from tests.support.people import Colleague, entries, make_agent
from tests.support.telegram import BotApi, update
from tests.support.telegram_desk import comes, everything_goes_out, owned, states, time_passes, without_waiting
from tests.support.told import Told
from workers import delivering


def test_what_an_agent_says_reaches_the_customer_in_order(shop: int, api: BotApi) -> None:
    owner = make_agent()
    chat_id = owned(owner, shop)
    before = len(api.arrived)
    for number in range(5):
        owner.says(chat_id, f"**answer** {number}")
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
