"""The shop writes by Telegram here."""

from __future__ import annotations

import pytest


@pytest.fixture
def shop(bot: int) -> int:
    return bot
