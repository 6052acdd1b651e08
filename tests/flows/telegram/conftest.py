"""A bot of the desk's in Telegram, connected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.actions import channels
from models.channels import telegram
from models.settings import settings
from tests.support.people import Colleague, make_agent
from tests.support.telegram import TOKEN, BotApi, bot_api
from workers import connecting


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
