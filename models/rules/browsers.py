"""What to call a browser: "Chrome on Android" tells an agent more than a line of version numbers."""

from __future__ import annotations

import ua_parser

LONGEST = 512  # characters looked at; a header may be as long as its sender likes


def name(user_agent: str) -> str | None:
    """Browser and system in words; None when neither is known."""
    found = ua_parser.parse(user_agent[:LONGEST])
    browser = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    if browser and system:
        return f"{browser} on {system}"
    return browser or system


def device(user_agent: str) -> str | None:
    """The device in words ("iPhone", "Samsung SM-G991B"); None for an ordinary computer or an unknown one."""
    found = ua_parser.parse(user_agent[:LONGEST]).device
    if found is None or found.family in ("Other", "Mac", "Spider"):
        return None
    brand, model = found.brand or "", found.model or found.family
    return model if not brand or brand in ("Apple", "Generic") else f"{brand} {model}"
