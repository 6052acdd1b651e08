"""A desk whose customers write mails."""

from __future__ import annotations

import pytest

from models.queries import channels as read
from tests.support.people import Colleague, set_desk


@pytest.fixture
def desk(mailbox: int, boss: Colleague) -> int:
    """A mailbox that is connected; nobody answers by itself."""
    set_desk(bot_enabled=False)
    assert read.one_of(boss.viewer, mailbox)["state"] == "working"
    return mailbox
