"""What agents answer by mail. A signature brings a mail here; that it may be said in the chat takes more than that.

The address is the agent's own and proved, the account is active, the chat is theirs and open. Whatever is missing, nothing
is said, and the agent is told why, once for each letter of ours.
"""

from __future__ import annotations

from hashlib import sha256

from models.actions import letters
from models.actions.chat_log import Row
from models.actions.conversation import agent_draft, say
from models.actions.messages import Said
from models.channels.incoming import AgentWrote
from models.db import atomically, one
from models.errors import DeskError, NotFound
from models.queries import access
from models.queries.access import Permission, Viewer
from models.rules.lifecycle import State

GONE = "gone"
"""Why an answer of an account that is closed is not said. Nobody is written to about that."""


def speaker(wrote: AgentWrote) -> Viewer | str:
    """Who speaks, or in a word why nobody may: a key of `rules/letters.REFUSALS`, or `GONE`."""
    viewer, address = access.viewer_by_letter(wrote.agent_id)
    if viewer is None:
        return GONE
    if wrote.address != address:
        return "address"
    if not wrote.proved:
        return "unproved"
    if not viewer.may(Permission.CHAT_ANSWER):
        return "may_not"
    try:
        access.see_chat(viewer, wrote.chat_id)
    except NotFound:
        return "may_not"
    chat = one("select state, owner_id from chat where id = %s", (wrote.chat_id,))
    if chat is None or chat["state"] == State.ENDED:
        return "ended"
    return viewer if chat["owner_id"] == viewer.id else "not_yours"


def once(wrote: AgentWrote) -> str:
    """Names an answer for good, by the letter it answers and what it says: sent or stored twice it is said once."""
    said = "\0".join((wrote.text, *(f"{each.name} {each.size}" for each in wrote.media)))
    return f"mail:{wrote.letter_id}:{sha256(said.encode()).hexdigest()[:32]}"


def said_before(wrote: AgentWrote) -> Row | None:
    return one(
        "select id, chat_id from message where author_kind = 'agent' and author_id = %s and client_id = %s",
        (wrote.agent_id, once(wrote)),
    )


def says(viewer: Viewer, wrote: AgentWrote, text: str, file_ids: list[int]) -> Said | str:
    """Say it as a message like any other of theirs; what is refused then is refused by the same rules."""
    draft = agent_draft(viewer, chat_id=wrote.chat_id, client_id=once(wrote), body=text, attachment_ids=file_ids)
    try:
        return say(draft)
    except DeskError as refusal:
        return {"not_owner": "not_yours", "state_conflict": "ended"}.get(refusal.code, "may_not")


@atomically
def refused(wrote: AgentWrote, why: str) -> None:
    """Tell the agent why their answer was not said, once for each letter."""
    if why != GONE:
        letters.refuse(wrote.letter_id, why, wrote.address)
