"""What does not get out, or in: for screens, letters, and those who watch the machine."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out

_STANDING = """
select a.id, a.dead, a.waiting, a.unread, a.cut_off, a.began_at, h.error,
       case when a.channel_id is null then 'webhook' else 'channel' end as about,
       coalesce(a.channel_id, a.webhook_id) as about_id, coalesce(h.name, w.name) as name
from alarm a left join channel h on h.id = a.channel_id left join webhook w on w.id = a.webhook_id
where a.ended_at is null
"""


def standing(viewer: Viewer) -> Out:
    """An `AlarmList`, oldest first. Of webhooks hears who keeps them."""
    viewer.require(Permission.DESK_EDIT)
    found = everything()
    return {
        "items": [
            {**each, "began_at": shapes.moment(each["began_at"])}
            for each in found
            if each["about"] == "channel" or viewer.may(Permission.AGENT_MANAGE)
        ]
    }


def everything() -> list[dict[str, Any]]:
    """The same for nobody in particular, with times as they are."""
    return rows(f"{_STANDING} order by a.began_at, a.id")


def standing_one(alarm_id: int) -> dict[str, Any] | None:
    """One of them, while it stands."""
    return one(f"{_STANDING} and a.id = %s", (alarm_id,))
