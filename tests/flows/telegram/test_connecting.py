"""A Telegram channel connected, refused, paused, revoked and removed."""

from __future__ import annotations

import json

import pytest

from models.actions import channels
from models.db import one, rows
from models.errors import Invalid
from models.queries import channels as read
from tests.support.people import Colleague, make_agent
from tests.support.telegram import TOKEN, BotApi, update, word
from tests.support.telegram_desk import calls, comes, everything_goes_out, key, owned, states
from workers import connecting


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


def test_removing_a_channel_takes_its_secrets_with_it(shop: int, api: BotApi, boss: Colleague) -> None:
    channels.removed(boss.viewer, shop)
    connecting.check(shop)
    assert api.asked[-1][0] == "deleteWebhook"
    assert one("select secrets, check_due_at from channel where id = %s", (shop,)) == {
        "secrets": None,
        "check_due_at": None,
    }
    assert calls(shop, update(text="Anybody?")) == 404
