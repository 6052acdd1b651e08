"""A desk that is not a demo: enough to begin with, and nobody else's shop."""

from __future__ import annotations

from models.db import one, rows
from models.seeds.desk import seed_bare


def test_a_plain_desk_has_settings_and_a_channel_and_no_shop():
    seed_bare(channel_key="test-channel", origins=["https://shop.example"])
    desk = one("select * from desk")
    assert desk["auto_assign"]
    assert "Fernhill" not in str(desk)
    assert one("select allowed_origins as sites from channel")["sites"] == ["https://shop.example"]
    assert not rows("select from agent union all select from customer union all select from service")
