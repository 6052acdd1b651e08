"""A desk with a bot in Telegram, a number in WhatsApp and a mailbox, each with its provider behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from models.actions import channels
from models.channels import telegram, whatsapp
from models.settings import settings
from tests.support.mail_house import PASSWORD, USER, MailHouse, mail_house
from tests.support.people import Colleague, make_agent
from tests.support.post_office import PostOffice, post_office
from tests.support.telegram import TOKEN, BotApi, bot_api
from tests.support.whatsapp import FILLED, Graph, graph
from workers import connecting


@pytest.fixture
def boss() -> Colleague:
    return make_agent(role="admin")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApi]:
    with bot_api() as api:
        monkeypatch.setattr(telegram, "settings", lambda: replace(settings(), telegram_api=api.url))
        yield api


@pytest.fixture
def bot(api: BotApi, boss: Colleague) -> int:
    number = channels.created(boss.viewer, "telegram", "Shop bot", {"token": TOKEN})
    connecting.check(number)
    return number


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with graph() as meta:
        monkeypatch.setattr(whatsapp, "settings", lambda: replace(settings(), whatsapp_api=meta.url))
        yield meta


@pytest.fixture
def shop(meta: Graph, boss: Colleague) -> int:
    number = channels.created(boss.viewer, "whatsapp", "Shop", FILLED)
    connecting.check(number)
    return number


@pytest.fixture
def house() -> Iterator[MailHouse]:
    with mail_house() as house:
        yield house


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def mailbox(house: MailHouse, office: PostOffice, boss: Colleague) -> int:
    filled: dict[str, Any] = {
        "from_address": USER, "from_name": "Fernhill", "imap_host": "127.0.0.1", "imap_security": "none",
        "imap_port": house.port, "user": USER, "password": PASSWORD, "smtp_host": "127.0.0.1", "smtp_security": "none",
        "smtp_port": office.port, "trusted_server": "mx.fernhill.example",
    }  # fmt: skip
    number = channels.created(boss.viewer, "email", "Mail", filled)
    connecting.check(number)
    return number
