"""What comes back of messages that stand already: one is quoted, one was edited, one arrived, was read, or did not get through."""

from __future__ import annotations

from models.actions import channels, chat_log, news
from models.actions.chat_log import Row
from models.channels.incoming import Edited, Receipt
from models.db import atomically, one, run
from models.queries.access import Visitor
from models.rules.delivering import REACHED


def quoted(channel_id: int, provider_message_id: str | None) -> int | None:
    """The message that the provider calls so, whoever wrote it."""
    if provider_message_id is None:
        return None
    found = one(
        "select message_id from inbound where channel_id = %(channel)s and provider_message_id = %(name)s"
        " and message_id is not null"
        " union all select message_id from delivery where channel_id = %(channel)s and provider_ids @> array[%(name)s]"
        " limit 1",
        {"channel": channel_id, "name": provider_message_id},
    )
    return found["message_id"] if found else None


def quotable(visitor: Visitor, message_id: int | None) -> int | None:
    """That message, if it stands in the chat that is open now: what came before is read in the history."""
    if message_id is None:
        return None
    found = one(
        "select m.id from message m join chat c on c.id = m.chat_id where m.id = %s and m.pub_seq is not null"
        " and m.deleted_at is null and c.customer_id = %s and c.channel_id = %s and c.state <> 'ended'",
        (message_id, visitor.customer_id, visitor.channel_id),
    )
    return found["id"] if found else None


@atomically
def edited(channel_id: int, edit: Edited) -> Row | None:
    """A customer changed their words: the old ones are kept, the chat shows the new. None when we never had them."""
    message_id = quoted(channel_id, edit.message_id)
    found = one("select chat_id from message where id = %s", (message_id,)) if message_id is not None else None
    if found is None:
        return None
    chat = chat_log.locked(found["chat_id"])
    message = one("select * from message where id = %s and author_kind = 'customer' for update", (message_id,))
    if message is None or message["body"] == edit.text:
        return message
    run(
        "insert into message_version (message_id, how, body, data) select id, 'edited', body, data from message where id = %s",
        (message_id,),
    )
    author = chat_log.Author("customer", message["author_id"], message["author_name"], message["author_hue"])
    entry = chat_log.change(
        chat, "message_edited", author, data={"target_id": message_id, "text": edit.text}, public=True
    )
    run("update message set body = %s, edited_at = %s where id = %s", (edit.text, entry["created_at"], message_id))
    return message


@atomically
def receipt(channel_id: int, told: Receipt) -> bool:
    """The provider says how far one of our messages came: ticks for the agent; a late refusal is a failed message.

    Returns whether it was a message of a chat.
    """
    found = one(
        "select id, chat_id, pub_seq, state from delivery where channel_id = %s and provider_ids @> array[%s] for update",
        (channel_id, told.message_id),
    )
    if found is None:
        return False
    if told.state == "failed":
        run(
            "update delivery set state = 'failed', error = %s, code = nullif(%s, ''), settled_at = clock_timestamp(),"
            " lease_until = null where id = %s and state <> 'failed'",
            (told.reason, told.code, found["id"]),
        )
        if told.code == "template":
            channels.doubts_templates(channel_id)
    elif found["state"] in REACHED and REACHED.index(told.state) <= REACHED.index(found["state"]):
        return True
    else:
        run(
            "update delivery set state = %s, error = null, code = null, lease_until = null,"
            " settled_at = coalesce(settled_at, clock_timestamp()) where id = %s",
            (told.state, found["id"]),
        )
        _tick(found["chat_id"], found["pub_seq"], read=told.state == "read")
    news.delivery(found["id"])
    return True


def may_come_early(channel_id: int) -> bool:
    """Whether something is on its way by this channel: its provider may have it already, and we not yet the name for it."""
    return (
        one(
            "select 1 from delivery where channel_id = %(channel)s and state = 'claimed' union all"
            " select 1 from recipient where channel_id = %(channel)s and state = 'claimed' limit 1",
            {"channel": channel_id},
        )
        is not None
    )


def _tick(chat_id: int, seq: int, *, read: bool) -> None:
    moved = one(
        "update chat set customer_delivered_seq = greatest(customer_delivered_seq, least(%(seq)s, pub_seq)),"
        " customer_read_seq = case when %(read)s then greatest(customer_read_seq, least(%(seq)s, pub_seq))"
        " else customer_read_seq end where id = %(chat)s"
        " returning owner_id, customer_id, customer_delivered_seq, customer_read_seq",
        {"seq": seq, "read": read, "chat": chat_id},
    )
    if moved is not None:
        news.receipt(
            chat_id,
            "customer",
            moved["customer_delivered_seq"],
            moved["customer_read_seq"],
            owner_id=moved["owner_id"],
            customer_id=moved["customer_id"],
        )
