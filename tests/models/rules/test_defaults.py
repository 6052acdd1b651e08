"""The first numbers of a desk agree with one another."""

from __future__ import annotations

from datetime import timedelta

from models.rules.assignment import LEAST, MOST
from models.rules.defaults import DEFAULTS


def test_the_numbers_agree() -> None:
    assert LEAST <= DEFAULTS.agent_limit <= MOST
    assert DEFAULTS.heartbeat * 3 <= DEFAULTS.presence_lease < DEFAULTS.owner_gone
    assert DEFAULTS.clean_close_grace < DEFAULTS.presence_lease
    assert DEFAULTS.idle_warn < DEFAULTS.idle_end < DEFAULTS.idle_end_async
    assert timedelta(0) == DEFAULTS.reopen_time_waster < DEFAULTS.reopen_live < DEFAULTS.reopen_async
    assert DEFAULTS.reopen_async < DEFAULTS.reopen_follow_up
    assert DEFAULTS.sticky < DEFAULTS.queue_max
