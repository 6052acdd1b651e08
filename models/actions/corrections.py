"""Take back what was said: edit it while nobody has read it, delete it and leave a stub.

A correction is an entry of its own (`message_edited`, `message_deleted`), so whoever was away hears of it by the
same numbers as of everything else. What the log showed before is kept in `message_version`, for supervisors;
every copy in the log itself (quotes, earlier corrections) is corrected with it, so that no old word reaches
somebody who comes later.
"""

from __future__ import annotations

from typing import Any

from models.actions import chat_log, chats, messages, recalls
from models.actions.chat_log import Row, agent_author
from models.channels.known import KINDS
from models.db import atomically, one, run
from models.errors import Conflict, Invalid, NotFound
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.chats import WITH_DELIVERY
from models.rules import wording
from models.rules.corrections import why_not_edit
from models.rules.delivering import REACHED
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat

_WHY_NOT = {
    "already_read": "The customer has read this already.",
    "too_late": "Notes can be changed for 15 minutes after they were written.",
}


@atomically
def edit(viewer: Viewer, chat_id: int, message_id: int, body: str) -> Row:
    """Change one's own words. Returns the message as it is now; the same words again change nothing.

    Raises `Invalid` (`not_yours`, `unknown_message`) and `Conflict` (`already_read`, `too_late`, `not_owner`,
    `state_conflict`).
    """
    viewer.require(Permission.CHAT_ANSWER)
    chat = chats.locked_for(viewer, chat_id)
    message = _of_agents(chat, message_id)
    if message["author_id"] != viewer.id:
        raise Invalid("Only its writer can change a message.", code="not_yours")
    if message["deleted_at"] is not None:
        raise Invalid("This message was deleted.", code="unknown_message")
    if message["body"] == body:
        return message
    if message["pub_seq"] is None:
        chats.require_open_or_late(chat, Command.NOTE)
    else:
        messages.require_answering(viewer, chat)
    if "template" in message["data"]:
        raise Conflict("An approved text goes out as it was approved.", code="already_sent")
    _require_changeable(message, body)
    objection = why_not_edit(
        public_seq=message["pub_seq"],
        seen_seq=max(chat.customer_read_seq, chat.mailed_seq),
        written_at=message["created_at"],
        now=chat_log.db_now(),
    )
    if objection is not None:
        raise Conflict(_WHY_NOT[objection], code=objection)
    _keep_version(viewer, message, "edited")
    entry = _tell(viewer, chat, message, "message_edited", body, text=body)
    run("update message set body = %s, edited_at = %s where id = %s", (body, entry["created_at"], message_id))
    _correct_copies(chat.id, message_id, body, deleted=False)
    return {**message, "body": body, "edited_at": entry["created_at"]}


@atomically
def delete(viewer: Viewer, chat_id: int, message_id: int) -> Row:
    """Leave nothing of a message but a stub: one's own while the chat is open, any agent's for a supervisor.

    Supervisors may for 72 hours after the end, and everybody with their own notes. Returns the stub; deleting
    again changes nothing. Raises `Invalid` (`not_yours`) and `Conflict` (`state_conflict`).
    """
    viewer.require(Permission.CHAT_ANSWER)
    chat = chats.locked_for(viewer, chat_id)
    message = _of_agents(chat, message_id)
    supervises = viewer.may(Permission.CHAT_SUPERVISE)
    if message["author_id"] != viewer.id and not supervises:
        raise Invalid("Only its writer or a supervisor can delete a message.", code="not_yours")
    if message["deleted_at"] is not None:
        return message
    chats.require_open_or_late(chat, Command.NOTE)
    if chat.state == State.ENDED and message["pub_seq"] is not None and not supervises:
        raise chats.moved(chat, Conflict("This chat has ended; ask a supervisor to delete the message."))
    _keep_version(viewer, message, "deleted")
    entry = _tell(viewer, chat, message, "message_deleted", "")
    run("update message set body = '', data = '{}', deleted_at = %s where id = %s", (entry["created_at"], message_id))
    run("delete from attachment where message_id = %s", (message_id,))  # the files go with their rows
    run("delete from mention where message_id = %s", (message_id,))
    _correct_copies(chat.id, message_id, "", deleted=True)
    return {**message, "body": "", "data": {}, "deleted_at": entry["created_at"]}


def _require_changeable(message: Row, body: str) -> None:
    """What has left by a channel is changed where that channel can, and where the new words fit into what went out.

    The delivery is locked, so that no worker takes it in hand with the old words at this moment.
    """
    found = one(
        "select d.state, h.kind from delivery d join channel h on h.id = d.channel_id where d.message_id = %s"
        " for update of d",
        (message["id"],),
    )
    if found is None or found["state"] == "queued":
        return
    can = KINDS.get(found["kind"])
    if can is None or not can.edits or found["state"] not in ("claimed", *REACHED):
        raise Conflict("It is on its way, and cannot be changed there any more.", code="already_sent")
    before, after = (recalls.pieces(each, message["data"], can) for each in (message["body"], body))
    if len(before) != len(after):
        raise Conflict(recalls.IN_PIECES, code="already_sent")


def _of_agents(chat: Chat, message_id: int) -> Row:
    """The words of an agent in this chat. What customers and the bot said stays as it was said."""
    found = one(f"select {WITH_DELIVERY} from message m where id = %s and chat_id = %s", (message_id, chat.id))
    if found is None:
        raise NotFound()
    if found["author_kind"] != "agent" or found["kind"] == "event":
        raise Invalid("Only what agents wrote can be changed.", code="not_yours")
    return found


def _keep_version(viewer: Viewer, message: Row, how: str) -> None:
    run(
        "insert into message_version (message_id, how, body, data, by_agent_id)"
        " select id, %s, body, data, %s from message where id = %s",
        (how, viewer.id, message["id"]),
    )


def _tell(viewer: Viewer, chat: Chat, message: Row, event: str, body: str, **data: Any) -> Row:
    """The numbered entry that carries the correction, and what it changes of the chat's own summary."""
    public = message["pub_seq"] is not None
    if public and chat.agent_read_seq == chat.pub_seq:
        chat.agent_read_seq += 1  # a correction is nothing to be read: who has read everything still has
        _correct_summary(chat, message, body)
    return chat_log.change(chat, event, agent_author(viewer), data={"target_id": message["id"], **data}, public=public)


def _correct_summary(chat: Chat, message: Row, body: str) -> None:
    """What lists show of the chat, without the old words. Set beside the entry: its `change` would repeat them."""
    if chat.first_body and chat.first_body == message["body"]:
        chat.first_body = body
    said = "select body, data, author_kind, author_id, created_at as at from message"
    spoken = "chat_id = %s and kind = 'text' and pub_seq is not null"
    if one(f"{said} where {spoken} and pub_seq > %s and deleted_at is null", (chat.id, message["pub_seq"])):
        return
    last = {**message, "body": body, "at": message["created_at"]} if body else None
    last = last or one(
        f"{said} where {spoken} and id <> %s and deleted_at is null order by pub_seq desc limit 1",
        (chat.id, message["id"]),
    )
    shown = (last["body"] or wording.files_alone(last["data"])) if last else ""
    chat.last_body = shown[: shapes.LAST_BODY]
    chat.last_author_kind, chat.last_author_id = (last["author_kind"], last["author_id"]) if last else (None, None)
    chat.last_at = last["at"] if last else None


def _correct_copies(chat_id: int, message_id: int, body: str, *, deleted: bool) -> None:
    """The same words where the log repeats them: in quotes, and in corrections that came before."""
    run(
        "update message set data = jsonb_set(data, '{quote}', data -> 'quote' || jsonb_build_object('body', %s::text)"
        " || case when %s then '{\"deleted\": true}'::jsonb else '{}' end)"
        " where chat_id = %s and (data -> 'quote' ->> 'id')::bigint = %s",
        (body[: shapes.QUOTED], deleted, chat_id, message_id),
    )
    run(
        "update message set data = jsonb_set(data, '{text}', to_jsonb(%s::text))"
        " where chat_id = %s and kind = 'event' and data ? 'text' and (data ->> 'target_id')::bigint = %s",
        (body, chat_id, message_id),
    )
