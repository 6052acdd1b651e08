"""What the desk says unasked, in the customer's widget: in their open chat, or waiting for their next visit.

A notice has its recipient's number as a unique key: laid down twice, it lies there once. It becomes an entry of a
chat at most once, either of the one that was open when it came or of the one in which its customer answers it.
"""

from __future__ import annotations

from models import live
from models.actions import chat_log, news
from models.actions.chat_log import Author, Row
from models.channels.base import Parcel
from models.db import atomically, one, rows, run
from models.errors import NotFound
from models.live import VISITOR, Event, Room
from models.queries import notices as read
from models.queries.access import Visitor
from models.rules.lifecycle import State
from models.tables.chats import Chat
from models.tables.desk import Desk


@atomically
def place(parcel: Parcel) -> int:
    """Lay a broadcast into a customer's widget. Returns the number it lies under; the same however often it is asked."""
    chat: Chat | None = (
        Chat.select()
        .where(Chat.customer == parcel.customer_id, Chat.channel == parcel.channel_id, Chat.state != State.ENDED)
        .for_update()
        .first()
    )
    laid = one(
        "insert into notice (recipient_id, customer_id, channel_id) values (%s, %s, %s)"
        " on conflict (recipient_id) do nothing returning id",
        (parcel.row_id, parcel.customer_id, parcel.channel_id),
    )
    if laid is None:
        before = one("select id from notice where recipient_id = %s", (parcel.row_id,))
        assert before is not None
        return int(before["id"])
    if chat is not None:
        _join(chat, laid["id"])
        chat.store()
        news.chat(chat.id)
    else:
        _tell(parcel.customer_id, parcel.channel_id)
    return int(laid["id"])


def answered(visitor: Visitor, chat: Chat, notice_id: int) -> None:
    """The customer answers a notice with their next message: it becomes an entry of the locked chat, before that one.

    One that is in a chat already, or is not theirs, changes nothing: their words count.
    """
    found = one(
        "select id from notice where id = %s and customer_id = %s and channel_id = %s and joined_at is null for update",
        (notice_id, visitor.customer_id, visitor.channel_id),
    )
    if found is not None:
        _join(chat, found["id"])
        _tell(visitor.customer_id, visitor.channel_id)


def _join(chat: Chat, notice_id: int) -> None:
    """Write the notice into a locked chat, which then knows its broadcast. Its state and its timers stay as they are."""
    said = one(
        "select b.id, b.title, b.body from notice n join recipient r on r.id = n.recipient_id"
        " join broadcast b on b.id = r.broadcast_id where n.id = %s",
        (notice_id,),
    )
    assert said is not None
    entry = chat_log.write(
        chat, _the_desk(), kind="text", body=said["body"],
        data={"broadcast": {"id": said["id"], "title": said["title"], "notice_id": notice_id}},
    )  # fmt: skip
    run(
        "update notice set joined_at = clock_timestamp(), chat_id = %s, message_id = %s where id = %s",
        (chat.id, entry["id"], notice_id),
    )


def _the_desk() -> Author:
    return Author("system", None, Desk.the().name, 0)


@atomically
def seen(visitor: Visitor) -> None:
    """The customer has looked at everything that lies in their widget."""
    found = rows(
        "update notice set seen_at = clock_timestamp() where customer_id = %s and channel_id = %s and seen_at is null"
        " and joined_at is null and closed_at is null returning id",
        (visitor.customer_id, visitor.channel_id),
    )
    if found:
        _tell(visitor.customer_id, visitor.channel_id)


@atomically
def close(visitor: Visitor, notice_id: int) -> None:
    """The customer puts a notice away. Doing it twice is doing it once."""
    found = one(
        "update notice set closed_at = coalesce(closed_at, clock_timestamp()),"
        " seen_at = coalesce(seen_at, clock_timestamp()) where id = %s and customer_id = %s and channel_id = %s returning id",
        (notice_id, visitor.customer_id, visitor.channel_id),
    )
    if found is None:
        raise NotFound()
    _tell(visitor.customer_id, visitor.channel_id)


@atomically
def opts(visitor: Visitor, *, out: bool) -> None:
    """The customer wants no more broadcasts, or wants them again. Answers to their own questions reach them as ever."""
    if _opted(visitor.customer_id, out=out):
        _tell(visitor.customer_id, visitor.channel_id)


@atomically
def stops(customer_id: int) -> None:
    """Whoever followed the link of a broadcast wants no more. Stopping twice, or when erased, changes nothing."""
    _opted(customer_id, out=True)


def _opted(customer_id: int, *, out: bool) -> bool:
    changed = rows(
        "update customer set broadcasts_off_at = case when %(out)s then clock_timestamp() end"
        " where id = %(customer)s and erased_at is null and (broadcasts_off_at is not null) <> %(out)s returning id",
        {"out": out, "customer": customer_id},
    )
    if changed:
        news.customer(customer_id)
    return bool(changed)


def _tell(customer_id: int, channel_id: int) -> None:
    """Open pages of the customer show what lies there now."""
    waiting: Row = read.waiting(customer_id, channel_id)
    live.push(VISITOR, Event.NOTICES_CHANGED, [Room.customer(customer_id)], waiting)
