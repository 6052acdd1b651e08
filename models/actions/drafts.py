"""What an agent has typed and not sent, kept for another screen of theirs.

Sending a plain message touches no draft, so that the path everybody waits for stays short: a reply that was
saved before its agent last spoke in the chat counts as sent wherever drafts are read (`queries/drafts.py`).
"""

from __future__ import annotations

from models.db import atomically, run
from models.queries import access
from models.queries.access import Permission, Viewer

KEPT_DAYS = 7  # after the end of the chat


@atomically
def keep(viewer: Viewer, chat_id: int, mode: str, body: str) -> None:
    """Keep this text in the place of the one before; an empty one leaves nothing."""
    viewer.require(Permission.CHAT_ANSWER)
    access.see_chat(viewer, chat_id)
    if not body:
        forget(viewer.id, chat_id, mode)
        return
    run(
        "insert into draft (agent_id, chat_id, mode, body) values (%s, %s, %s, %s)"
        " on conflict (agent_id, chat_id, mode) do update set body = excluded.body, updated_at = clock_timestamp()",
        (viewer.id, chat_id, mode, body),
    )


def forget(agent_id: int, chat_id: int, mode: str) -> None:
    """It was sent, or thrown away."""
    run("delete from draft where agent_id = %s and chat_id = %s and mode = %s", (agent_id, chat_id, mode))


@atomically
def forget_old() -> int:
    """The sweep: drafts of chats that ended long ago. Returns how many."""
    return run(
        "delete from draft d using chat c where c.id = d.chat_id and c.state = 'ended'"
        " and c.ended_at < clock_timestamp() - make_interval(days => %s)",
        (KEPT_DAYS,),
    )
