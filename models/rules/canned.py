"""Canned messages: the variables their text may hold, and nothing that is ever evaluated.

A variable is a name from one fixed list between double braces, `{{ customer.name }}`. The screen that inserts
the message puts the value in; what it cannot fill stays for the agent to see. There are no expressions,
filters or calls: whatever else stands between braces is an unknown name.
"""

from __future__ import annotations

import re

VARIABLES = (
    "customer.name",
    "customer.first_name",
    "customer.email",
    "agent.name",
    "agent.first_name",
    "chat.id",
    "chat.team",
    "desk.name",
    "date.today",
    "date.tomorrow",
    "date.time",
)
"""Every name that can be filled in, in the order an editor offers them."""

SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def unknown(body: str) -> list[str]:
    """What stands between double braces and is no variable, each once, in its order. Spaces beside a name are fine."""
    found = (inside.strip() for inside in _BRACES.findall(body))
    return list(dict.fromkeys(name for name in found if name not in VARIABLES))


def unknown_sentence(names: list[str]) -> str:
    """What to tell whoever wrote these."""
    shown = ", ".join(f"“{name[:40]}”" for name in names[:5])
    are = "is not a variable" if len(names) == 1 else "are not variables"
    return f"{shown} {are}. There are: {', '.join(VARIABLES)}."
