"""Which address a caller counts by: only our own proxies are believed about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.settings import settings
from tests.support import front


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "9.9.9.9", "10.0.0.1"),
        (1, "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        (2, "1.1.1.1, 9.9.9.9, 8.8.8.8", "9.9.9.9"),
        (2, "9.9.9.9", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "not an address", "unknown"),
    ],
)
def test_a_caller_is_believed_no_further_than_our_own_proxies(
    monkeypatch: pytest.MonkeyPatch, proxies: int, forwarded: str, counted: str
) -> None:
    front.application()
    from web import limits

    behind = replace(settings(), trusted_proxies=proxies)
    monkeypatch.setattr(limits, "settings", lambda: behind)
    assert limits.address_of({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}) == counted
