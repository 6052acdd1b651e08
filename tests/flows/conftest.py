"""An open desk whose words are heard by the test, and the providers of its channels, each a server of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.actions import channels
from models.channels import telegram, whatsapp
from models.settings import settings
from tests.support import mail_house as mailboxes
from tests.support.mail_house import MailHouse, mail_house
from tests.support.people import Colleague, make_agent, open_desk
from tests.support.post_office import PostOffice, post_office
from tests.support.telegram import TOKEN, BotApi, bot_api
from tests.support.told import Told, listening
from tests.support.whatsapp import FILLED, Graph, graph
from workers import connecting


@pytest.fixture(autouse=True)
def told(clean: None) -> Iterator[Told]:
    with listening() as told:
        open_desk()
        told.clear()
        yield told


@pytest.fixture
def boss() -> Colleague:
    return make_agent(role="admin")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApi]:
    with bot_api() as api:
        here = replace(settings(), telegram_api=api.url)
        monkeypatch.setattr(telegram, "settings", lambda: here)
        yield api


@pytest.fixture
def bot(api: BotApi, boss: Colleague) -> int:
    """A Telegram channel that is connected."""
    number = channels.created(boss.viewer, "telegram", "Shop bot", {"token": TOKEN})
    connecting.check(number)
    return number


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with graph() as meta:
        here = replace(settings(), whatsapp_api=meta.url)
        monkeypatch.setattr(whatsapp, "settings", lambda: here)
        yield meta


@pytest.fixture
def shop(meta: Graph, boss: Colleague) -> int:
    """A WhatsApp number that is connected."""
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
    """A mailbox that is connected, both ways."""
    ports = {"imap_port": house.port, "smtp_port": office.port}
    number = channels.created(boss.viewer, "email", "Mail", {**mailboxes.FILLED, **ports})
    connecting.check(number)
    return number
