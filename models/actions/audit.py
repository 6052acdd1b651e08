"""Who changed what of the desk. Written in the transaction of the change itself, so neither can be without the other."""

from __future__ import annotations

from typing import Any

from models.queries.access import Viewer
from models.tables.desk import AuditEntry

Facts = dict[str, Any]

SECRET = frozenset({"password", "password_hash", "token"})
"""Never written down, not even that it was this one."""


def note(
    viewer: Viewer,
    what: str,
    target: str,
    target_id: int | str | None,
    target_name: str = "",
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Note a change. With both sides given only what differs is kept; nothing different, nothing noted.

    Values must be ready for JSON: numbers, texts, lists, times as ISO text.
    """
    if before is not None and after is not None:
        changed = {key for key in after if before.get(key) != after[key]}
        if not changed:
            return
        before, after = ({key: side.get(key) for key in changed} for side in (before, after))
    AuditEntry.insert(
        agent=viewer.id,
        agent_name=f"{viewer.name} (key: {viewer.key_name})" if viewer.key_id else viewer.name,
        what=what,
        target=target,
        target_id=None if target_id is None else str(target_id),
        target_name=target_name,
        before=_plain(before),
        after=_plain(after),
    ).execute()


def happened(
    by: str, what: str, target: str, target_id: int, target_name: str = "", after: Facts | None = None
) -> None:
    """Note a change that no agent made, and by whose doing it came."""
    AuditEntry.insert(
        agent=None,
        agent_name=by,
        what=what,
        target=target,
        target_id=str(target_id),
        target_name=target_name,
        before=None,
        after=_plain(after),
    ).execute()


def _plain(facts: Facts | None) -> Facts | None:
    return None if facts is None else {key: value for key, value in facts.items() if key not in SECRET}
