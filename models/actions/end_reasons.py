"""Why chats end: the product's five, which stay, and what a desk adds to them."""

from __future__ import annotations

from typing import Any

from models.actions import audit, news
from models.db import atomically, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.rules import ending
from models.tables.desk import EndReason

MOST = 50  # a list longer than this is no list to choose from

CHANGEABLE_OF_BUILTIN = frozenset({"hint"})


@atomically
def add(viewer: Viewer, label: str, **facts: Any) -> str:
    """A new reason, last in the list. Returns its code, which never changes."""
    viewer.require(Permission.AGENT_MANAGE)
    known = _all_locked()
    if len(known) >= MOST:
        raise Invalid(f"A desk has at most {MOST} end reasons; change one that is out of use.", most=MOST)
    _require_new(label, known)
    code = ending.code_for(label, {each.code for each in known})
    made = {"label": label, **facts}
    EndReason.insert(code=code, ord=max(each.ord for each in known) + 1, **made).execute()
    audit.note(viewer, "added", "end_reason", code, label, after=made)
    news.catalogue("end_reasons")
    return code


@atomically
def change(viewer: Viewer, code: str, *, archived: bool | None = None, **changes: Any) -> None:
    """Change what is given and leave the rest. An archived reason stays with the chats that ended by it."""
    viewer.require(Permission.AGENT_MANAGE)
    known = _all_locked()
    reason = next((each for each in known if each.code == code), None)
    if reason is None:
        raise NotFound()
    wanted = changes if archived is None else {**changes, "archived": archived}
    before = {name: _now(reason, name) for name in wanted}
    changed = {name for name, value in wanted.items() if before[name] != value}
    if reason.builtin and (fixed := sorted(changed - CHANGEABLE_OF_BUILTIN)):
        sentence = "This reason belongs to the product: only its hint can be changed."
        raise Invalid(sentence, code="builtin", fields={name: [sentence] for name in fixed})
    if not changed:
        return
    in_use = not wanted.get("archived", reason.archived_at is not None)
    if in_use and changed & {"label", "archived"}:
        _require_new(wanted.get("label", reason.label), [each for each in known if each.code != code])
    for name in changed - {"archived"}:
        setattr(reason, name, wanted[name])
    if "archived" in changed:
        reason.archived_at = rows("select clock_timestamp() as now")[0]["now"] if wanted["archived"] else None
    reason.save(only=reason.dirty_fields)
    audit.note(viewer, "changed", "end_reason", code, reason.label, before, wanted)
    news.catalogue("end_reasons")


def _all_locked() -> list[EndReason]:
    """Every reason, after the desk's own lock: two admins who edit wait for each other."""
    run("select 1 from desk where id = 1 for update")
    return list(EndReason.select().order_by(EndReason.ord, EndReason.code))


def _now(reason: EndReason, name: str) -> Any:
    return reason.archived_at is not None if name == "archived" else getattr(reason, name)


def _require_new(label: str, others: list[EndReason]) -> None:
    if any(each.label.casefold() == label.casefold() for each in others if each.archived_at is None):
        raise Conflict(f"There is a reason called {label} already.", code="name_taken")
