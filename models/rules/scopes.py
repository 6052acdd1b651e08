"""What a key may be good for, by name. What each lends of the rights of its account is said in `queries/api_keys.py`."""

from __future__ import annotations

SCOPES = (
    "chats:read",
    "chats:write",
    "customers:read",
    "customers:write",
    "knowledge:read",
    "knowledge:write",
    "failures:read",
    "failures:write",
    "broadcasts:read",
    "broadcasts:send",
    "reports:read",
)
