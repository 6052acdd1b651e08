"""What agents typed and did not send."""

from __future__ import annotations

from models.db import rows
from models.queries import access
from models.queries.access import Viewer
from models.queries.shapes import Out

# A reply saved before its agent last spoke in the chat was sent: a plain send deletes no draft.
UNSENT = """
select d.chat_id, d.mode, d.body from draft d join chat c on c.id = d.chat_id
where d.agent_id = %(viewer)s and not (d.mode = 'reply' and c.last_agent_at >= d.updated_at
      and exists (select from message m where m.chat_id = d.chat_id and m.kind = 'text' and m.author_kind = 'agent'
                  and m.author_id = d.agent_id and m.created_at >= d.updated_at))
"""


def of_chat(viewer: Viewer, chat_id: int) -> Out:
    """A `DraftsOut`: what this agent typed into this chat."""
    found = rows(f"{UNSENT} and d.chat_id = %(chat)s", {"viewer": viewer.id, "chat": chat_id})
    by_mode = {each["mode"]: each["body"] for each in found}
    return {"reply": by_mode.get("reply", ""), "note": by_mode.get("note", "")}


def chats(viewer: Viewer) -> list[int]:
    """The chats that hold something unsent of this agent, among those they may see."""
    clause, params = access.visible(viewer)
    found = rows(
        f"select distinct chat_id from ({UNSENT} and {clause}) unsent order by chat_id", {**params, "viewer": viewer.id}
    )
    return [each["chat_id"] for each in found]
