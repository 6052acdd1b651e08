"""Settings of the desk, and the receipts that make a repeated command harmless."""

from __future__ import annotations

import re
from typing import Any

from models import jobs
from models.actions import audit, ladders, news
from models.db import atomically, rows
from models.errors import Conflict, Invalid
from models.jobs import Job
from models.queries import agents
from models.queries.access import Permission, Viewer
from models.rules import escalating, hours, timing
from models.tables.desk import Beat, Desk


@atomically
def change_settings(viewer: Viewer, **settings: Any) -> None:
    """Change what is given and leave the rest. Turning auto-assign on gives out who is waiting."""
    viewer.require(Permission.DESK_EDIT)
    desk: Desk = Desk.select().where(Desk.id == 1).for_update().get()
    before = {name: getattr(desk, name) for name in settings}
    if "escalation_steps" in settings:
        ladders.check(settings["escalation_steps"])
    escalating.check_texts(settings.get("escalation_texts", {}))
    _check({name: settings.get(name, getattr(desk, name)) for name in (*timing.DESK_FIELDS, "brand", "hours")})
    if settings:
        Desk.update(**settings, updated_at=rows("select clock_timestamp() as now")[0]["now"]).where(
            Desk.id == 1
        ).execute()
    audit.note(viewer, "changed", "desk", None, desk.name, before, settings)
    news.desk(agents.desk())
    news.catalogue("settings")
    jobs.enqueue(Job.SWEEP_QUEUE)


def _check(settings: dict[str, Any]) -> None:
    if not re.fullmatch("#[0-9a-f]{6}", settings["brand"]):
        raise Invalid("A colour is written like #285bd8.", fields={"brand": ["Not a colour."]})
    hours.parse(settings["hours"])
    timing.check({name: settings[name] for name in timing.DESK_FIELDS})


@atomically
def first_time(viewer: Viewer, key: str, command: str, target: int | None) -> bool:
    """Note a command under its Idempotency-Key, in the transaction that carries it out.

    False: it was carried out before. The same key for something else is a mistake of the caller.
    """
    new = rows(
        "insert into command_receipt (agent_id, key, command, target) values (%s, %s, %s, %s)"
        " on conflict (agent_id, key) do nothing returning key",
        (viewer.id, key, command, target),
    )
    if new:
        return True
    before = rows("select command, target from command_receipt where agent_id = %s and key = %s", (viewer.id, key))
    if before and (before[0]["command"], before[0]["target"]) != (command, target):
        raise Conflict("This Idempotency-Key belongs to another command.", code="key_reused")
    return False


@atomically
def beat(part: str) -> None:
    """A part of the back room has just done something."""
    Beat.insert(part=part).on_conflict(
        conflict_target=[Beat.part], update={Beat.at: rows("select clock_timestamp() as now")[0]["now"]}
    ).execute()
