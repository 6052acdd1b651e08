"""Which addresses a key opens, scope by scope. What stands in no line here is open to people alone."""

from __future__ import annotations

from collections.abc import Mapping

READ_METHODS = frozenset({"GET", "HEAD"})

# Blueprint: what reading and what changing there needs. None: never by key.
NOUNS: Mapping[str, tuple[str | None, str | None]] = {
    "chats": ("chats:read", "chats:write"),
    "messages": ("chats:read", "chats:write"),
    "escalations": ("chats:read", "chats:write"),
    "promises": ("chats:read", "chats:write"),
    "transcripts": ("chats:read", "chats:write"),
    "history": ("chats:read", None),
    "end-reasons": ("chats:read", None),
    "catalogue": ("chats:read", None),
    "customers": ("customers:read", "customers:write"),
    "services": ("knowledge:read", "knowledge:write"),
    "articles": ("knowledge:read", "knowledge:write"),
    "failures": ("failures:read", "failures:write"),
    "clusters": ("failures:read", "failures:write"),
    "broadcasts": ("broadcasts:read", "broadcasts:send"),
}

# One address that is of another kind than its neighbours.
ADDRESSES: Mapping[str, str | None] = {
    "escalations.report": "reports:read",
    "escalations.report_csv": "reports:read",
    "history.all_views": None,  # each agent's own
    "channels.templates": "chats:read",
    "messages.draft": None,  # what a person types
    "customers.block": None,
    "customers.unblock": None,
    "customers.ask_to_confirm": None,
    "customers.separate": None,
    "customers.lift": None,
}


def needed(endpoint: str, method: str) -> str | None:
    """The scope that opens this address to a key; None: no scope does."""
    if endpoint in ADDRESSES:
        return ADDRESSES[endpoint]
    reading, changing = NOUNS.get(endpoint.partition(".")[0], (None, None))
    return reading if method in READ_METHODS else changing
