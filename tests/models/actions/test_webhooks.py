"""What webhooks are to be told: rows beside the thing itself, in its transaction; claimed, tried again, given up, replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.actions import customers, failures, sending, telling, webhooks
from models.actions.conversation import agent_draft, customer_draft, say
from models.actions.telling import Claimed
from models.db import one, rows, run, transaction
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import webhooks as read
from models.rules import hooks
from models.rules.hook_events import EVENTS
from models.schemas.integrations import WebhookList, WebhookLog
from tests.models.actions.test_broadcasts import a_draft, people
from tests.support import world as worlds
from tests.support.people import make_agent
from tests.support.world import World, fresh_id

PUBLIC = [event for event in EVENTS if event != "note.created"]


@pytest.fixture
def world() -> World:
    return worlds.build()


def made(world: World, *, events: list[str] | None = None, internal: bool = False, name: str = "CRM") -> int:
    admin = world.colleague(role="admin").viewer
    number, _ = webhooks.add(
        admin, name=name, url="https://crm.example/hooks", events=events or PUBLIC, internal=internal
    )
    return number


def waiting(webhook_id: int) -> list[str]:
    found = rows(
        "select event from webhook_delivery where webhook_id = %s and state = 'waiting' order by id", (webhook_id,)
    )
    return [each["event"] for each in found]


def take(webhook_id: int) -> Claimed:
    claimed = telling.claim(webhook_id)
    assert claimed is not None
    return claimed


def answered(claimed: Claimed, status: int | None = 200, fault: str | None = None) -> None:
    telling.settle(claimed, status=status, fault=fault, took_ms=3)


def state(webhook_id: int) -> dict[str, Any]:
    found = one("select * from webhook where id = %s", (webhook_id,))
    assert found
    return found


def awake(webhook_id: int) -> None:
    run("update webhook set rest_until = null where id = %s", (webhook_id,))
    run("update webhook_delivery set due_at = clock_timestamp() where webhook_id = %s", (webhook_id,))


def a_story(world: World) -> int:
    """A chat from its first word to its stars."""
    ada, guest = world.colleague(), world.guest()
    chat_id = world.active(ada, guest)
    say(agent_draft(ada.viewer, chat_id=chat_id, client_id=fresh_id(), body="Here I am."))
    say(agent_draft(ada.viewer, chat_id=chat_id, client_id=fresh_id(), body="Knows us well.", internal=True))
    say(customer_draft(guest.visitor, client_id=fresh_id(), body="Thank you."))
    customers.ends(guest.visitor, chat_id)
    customers.rates(guest.visitor, chat_id, 5, "Quick.")
    return chat_id


STORY = [
    "chat.started",
    "message.created",
    "chat.queued",
    "chat.assigned",
    "message.created",
    "message.created",
    "chat.ended",
    "chat.rated",
]


def test_a_chat_is_told_from_its_first_word_to_its_stars(world: World) -> None:
    hook, few, deaf = made(world), made(world, events=["chat.ended"], name="BI"), made(world, name="Old")
    run("update webhook set state = 'off' where id = %s", (deaf,))
    chat_id = a_story(world)
    assert waiting(hook) == STORY
    assert waiting(few) == ["chat.ended"]
    assert waiting(deaf) == []
    assert one("select count(distinct event_id)::int as n from webhook_delivery where webhook_id = %s", (hook,)) == {
        "n": len(STORY)
    }
    last = None
    for event in STORY:
        claimed = take(hook)
        assert claimed.event == event
        said = read.told(claimed.id)
        assert said is not None
        assert said["type"] == event
        assert said["data"]["event_id"] == claimed.event_id
        assert said["data"]["chat"]["id"] == chat_id
        answered(claimed)
        last = said
    assert last is not None
    assert (last["data"]["chat"]["rating"], last["data"]["chat"]["rating_comment"]) == (5, "Quick.")
    assert telling.claim(hook) is None


def test_what_colleagues_write_to_each_other_leaves_only_where_that_was_said(world: World) -> None:
    public, inside = made(world), made(world, events=[*PUBLIC, "note.created"], internal=True, name="Audit")
    a_story(world)
    assert "note.created" not in waiting(public)
    assert "note.created" in waiting(inside)
    numbers = rows("select id, webhook_id from webhook_delivery order by id")
    said = {
        hook: str([read.told(each["id"]) for each in numbers if each["webhook_id"] == hook])
        for hook in (public, inside)
    }
    assert "Knows us well." in said[inside]
    assert "Knows us well." not in said[public]
    assert "end_note" not in said[public]
    assert "client_id" not in said[public] + said[inside]
    with pytest.raises(Invalid) as refusal:
        made(world, events=["note.created"], name="Sly")
    assert refusal.value.code == "internal_event"


def test_what_did_not_happen_is_not_told(world: World) -> None:
    hook, ada = made(world), world.colleague()
    chat_id = world.active(ada)
    before = waiting(hook)

    def half() -> None:
        with transaction():
            say(agent_draft(ada.viewer, chat_id=chat_id, client_id=fresh_id(), body="Never mind."))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert waiting(hook) == before


def test_a_failed_response_and_a_broadcast_are_told(world: World) -> None:
    hook = made(world, events=["failure.created", "broadcast.finished"])
    chat_id = worlds.say_to_bot(world)
    (message,) = rows("select id from message where chat_id = %s and kind = 'text'", (chat_id,))
    with transaction():
        assert failures.capture(chat_id, message["id"], "Do you sell unicorns?", "low_confidence")
        assert not failures.capture(chat_id, message["id"], "Do you sell unicorns?", "low_confidence")
    said = read.told(take(hook).id)
    assert said is not None
    assert said["data"]["failure"]["text"] == "Do you sell unicorns?"

    sue = make_agent("Sue Park", role="supervisor", limit=50)
    number = a_draft(sue, people(2))
    from models.actions import broadcasts
    from tests.support.provider import Provider
    from workers import casting

    broadcasts.schedule(sue.viewer, number)
    casting.send(number, {"web": Provider()}, slice_s=2)
    sending.sweep()
    said = read.told(take(hook).id)
    assert said is not None
    assert (said["type"], said["data"]["broadcast"]["state"]) == ("broadcast.finished", "done")
    assert said["data"]["broadcast"]["counts"]["sent"] == 2


def test_of_one_chat_only_the_oldest_is_in_hand_and_of_others_the_next(world: World) -> None:
    hook = made(world, events=["message.created"])
    world.waiting()
    run("update webhook_delivery set due_at = due_at - interval '1 hour'")
    ada, guest = world.colleague(), world.guest()
    chat_id = world.active(ada, guest)
    say(customer_draft(guest.visitor, client_id=fresh_id(), body="Second."))
    first, other = take(hook), take(hook)
    assert telling.claim(hook) is None
    answered(other, 500)
    assert telling.claim(hook) is None, "the second word of a chat waits for the first, however long that takes"
    answered(first)
    awake(hook)
    again = take(hook)
    assert (again.id, again.event_id, again.attempt) == (other.id, other.event_id, 2)
    answered(again)
    message = read.told(take(hook).id)
    assert message is not None
    assert (message["data"]["message"]["chat_id"], message["data"]["message"]["body"]) == (chat_id, "Second.")


def test_what_is_not_taken_is_tried_over_a_day_and_then_given_up(world: World) -> None:
    hook = made(world, events=["chat.started"])
    world.waiting()
    waits = []
    for attempt in range(1, len(hooks.RETRY_S) + 2):
        claimed = take(hook)
        assert claimed.attempt == attempt
        answered(claimed, None, "timeout")
        (row,) = rows(
            "select state, fault, extract(epoch from due_at - clock_timestamp())::int as wait from webhook_delivery"
        )
        waits.append((row["state"], row["fault"]))
        if row["state"] == "waiting":
            assert abs(row["wait"] - hooks.RETRY_S[attempt - 1]) <= 2
        awake(hook)
    assert waits == [("waiting", "timeout")] * len(hooks.RETRY_S) + [("dead", "timeout")]
    assert telling.claim(hook) is None
    (shown,) = WebhookLog().load(read.deliveries(hook))["items"]
    assert (shown["state"], shown["attempts"], shown["fault"]) == ("dead", 6, "timeout")


def test_who_is_down_rests_and_who_is_down_for_days_is_switched_off(world: World) -> None:
    hook = made(world, events=["chat.started"])
    for _ in range(8):
        world.waiting()
    for _ in range(hooks.REST_AFTER):
        answered(take(hook), 503)
    assert telling.claim(hook) is None, "it rests, though five others wait"
    assert state(hook)["rest_until"] is not None
    awake(hook)
    answered(take(hook), 200)
    assert (state(hook)["failures"], state(hook)["failing_since"]) == (0, None)
    answered(take(hook), 503)
    run("update webhook set failing_since = clock_timestamp() - %s where id = %s", (hooks.OFF_AFTER, hook))
    telling.sweep()
    assert state(hook)["state"] == "off"
    assert waiting(hook) == []
    (noted,) = rows("select what, target_name from audit_entry where target = 'webhook' and what = 'switched_off'")
    assert noted["target_name"] == "CRM"
    world.waiting()
    assert waiting(hook) == []
    (shown,) = WebhookList().load(read.hooks())["items"]
    assert shown["state"] == "off"
    assert shown["dead"] > 0


def test_410_means_never_again(world: World) -> None:
    hook = made(world, events=["chat.started"])
    world.waiting()
    answered(take(hook), 410)
    assert state(hook)["state"] == "off"


def test_a_dead_workers_delivery_is_told_again_under_its_id(world: World) -> None:
    hook = made(world, events=["chat.started"])
    world.waiting()
    lost = take(hook)
    run("update webhook_delivery set lease_until = clock_timestamp() where state = 'claimed'")
    telling.sweep()
    again = take(hook)
    assert (again.id, again.event_id, again.attempt) == (lost.id, lost.event_id, 2)
    answered(lost, 500)  # the dead one was only slow
    assert one("select state from webhook_delivery") == {"state": "claimed"}
    answered(again)
    assert one("select state from webhook_delivery") == {"state": "sent"}


def test_what_was_given_up_is_told_again_in_its_order(world: World) -> None:
    hook, admin = made(world, events=["chat.started", "message.created"]), world.colleague(role="admin").viewer
    for _ in range(3):
        world.waiting()
    run("update webhook_delivery set state = 'dead', attempts = 6, settled_at = clock_timestamp()")
    old = rows("select id from webhook_delivery order by id")[0]["id"]
    run("update webhook_delivery set created_at = created_at - interval '2 days' where id = %s", (old,))
    since = datetime.now(UTC) - timedelta(days=1)
    assert webhooks.replay_failed(admin, hook, since) == 5
    assert webhooks.replay_failed(admin, hook, since) == 0
    taken = [take(hook)]
    while taken[-1].id:
        answered(taken[-1])
        following = telling.claim(hook)
        if following is None:
            break
        taken.append(following)
    assert [each.id for each in taken] == sorted(each.id for each in taken)
    assert len(taken) == 5
    webhooks.replay(admin, hook, old)
    assert take(hook).id == old
    webhooks.replay(admin, hook, old)  # it is on its way: nothing happens
    with pytest.raises(NotFound):
        webhooks.replay(admin, hook, 987_654)


def test_a_pause_keeps_everything_and_a_test_goes_through_it(world: World) -> None:
    hook, admin = made(world, events=["chat.started"]), world.colleague(role="admin").viewer
    webhooks.change(admin, hook, state="paused")
    world.waiting()
    assert waiting(hook) == ["chat.started"]
    assert telling.claim(hook) is None
    number = webhooks.test(admin, hook)
    tried = take(hook)
    assert (tried.id, tried.event) == (number, "webhook.test")
    answered(tried, None, "unreachable")
    assert state(hook)["failures"] == 0, "a trial says nothing about how it does otherwise"
    assert one("select state from webhook_delivery where id = %s", (number,)) == {"state": "dead"}
    webhooks.change(admin, hook, state="on")
    assert take(hook).event == "chat.started"


def test_a_secret_is_stored_sealed_and_told_once(world: World) -> None:
    admin = world.colleague(role="admin").viewer
    hook, secret = webhooks.add(admin, name="CRM", url="https://crm.example/", events=["chat.ended"], internal=False)
    second = webhooks.new_secret(admin, hook)
    assert secret != second
    everything = str(rows("select * from webhook")) + str(rows("select * from audit_entry")) + str(read.hooks())
    for each in (secret, second):
        assert each not in everything
        assert each.removeprefix("whsec_") not in everything
    assert read.hook(hook)["secret_tail"] == second[-4:]
    number = webhooks.test(admin, hook)
    claimed = take(hook)
    assert (claimed.id, claimed.secret) == (number, second)
    assert second not in repr(claimed)


def test_an_address_that_may_not_be_asked_is_not_kept(world: World) -> None:
    admin = world.colleague(role="admin").viewer
    for url in ("http://crm.example/", "https://127.0.0.1/", "https://crm.example:22/", "ftp://crm.example/"):
        with pytest.raises(Invalid) as refusal:
            webhooks.add(admin, name="X", url=url, events=["chat.ended"], internal=False)
        assert refusal.value.code == "bad_url"
    hook = made(world)
    with pytest.raises(Invalid):
        webhooks.change(admin, hook, url="https://169.254.169.254/")
    assert state(hook)["url"] == "https://crm.example/hooks"


def test_only_admins_keep_webhooks_and_only_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        webhooks.add(
            world.colleague(role="supervisor").viewer,
            name="X",
            url="https://x.example/",
            events=["chat.ended"],
            internal=False,
        )
    monkeypatch.setattr(webhooks, "MOST", 1)
    hook = made(world)
    with pytest.raises(Conflict):
        made(world, name="Another")
    webhooks.remove(world.colleague(role="admin").viewer, hook)
    assert rows("select 1 from webhook") == []


def test_the_log_is_forgotten_after_a_month(world: World) -> None:
    hook = made(world, events=["chat.started"])
    world.waiting()
    answered(take(hook))
    telling.sweep()
    assert len(read.deliveries(hook)["items"]) == 1
    run("update webhook_delivery set settled_at = settled_at - interval '31 days'")
    telling.sweep()
    assert read.deliveries(hook)["items"] == []
