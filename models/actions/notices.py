"""What the desk has said unasked: in the customer's open chat, or waiting for the chat in which they answer it.

A notice has its recipient's number as a unique key: laid down twice, it lies there once. It becomes an entry of a
chat at most once, either of the one that was open when it came or of the one in which its customer answers it. In a
widget it is the broadcast itself (`place`); elsewhere it stands for what their messenger or mailbox has shown them.
"""

from __future__ import annotations

from collections.abc import Sequence

from models import live
from models.actions import chat_log, news
from models.actions.chat_log import SYSTEM, Author, Row
from models.channels.outgoing import Parcel
from models.db import atomically, one, rows, run
from models.errors import NotFound
from models.live import VISITOR, Event, Room
from models.queries import notices as read
from models.queries.access import Visitor
from models.rules import broadcasting, wording
from models.rules.lifecycle import State
from models.rules.stopping import Wish
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
        stands_in(chat, laid["id"])
    else:
        _tell(parcel.customer_id, parcel.channel_id)
    return int(laid["id"])


Open = dict[tuple[int, int], Chat]
"""Chats that are open and locked, by their customer and channel."""


def open_elsewhere(parcels: Sequence[Parcel]) -> Open:
    """The chats into which broadcasts come that went out by other channels than the website.

    The customers are locked before their chats, and both before anything of a ledger: as an erasure does.
    """
    there = [each for each in parcels if each.kind != "web"]
    if not there:
        return {}
    found = rows(
        "with people as (select id from customer where id = any(%(customers)s) order by id for key share)"
        " select c.* from chat c join people p on p.id = c.customer_id where c.state <> 'ended' and (c.customer_id, c.channel_id)"
        " in (select * from unnest(%(customers)s::bigint[], %(channels)s::bigint[])) order by c.id for update of c",
        {"customers": [each.customer_id for each in there], "channels": [each.channel_id for each in there]},
    )
    return {(each["customer_id"], each["channel_id"]): Chat.from_row(each) for each in found}


def stands_in(chat: Chat, notice_id: int) -> None:
    """A broadcast that has just come stands in the chat that is open and locked."""
    _join(chat, notice_id)
    chat.store()
    news.chat(chat.id)


def answered_by_writing(chat: Chat) -> None:
    """Who begins a chat by messenger or mail answers what they were sent there lately: it stands before their words.

    There is no button there that says so, as there is in a widget.
    """
    lately = rows(
        "select n.id from notice n join channel h on h.id = n.channel_id and h.kind <> 'web' where n.customer_id = %s"
        " and n.channel_id = %s and n.joined_at is null and n.closed_at is null"
        " and n.placed_at > clock_timestamp() - make_interval(days => %s) order by n.id desc limit %s for update of n",
        (chat.customer_id, chat.channel_id, broadcasting.ANSWER_DAYS, read.SHOWN),
    )
    for each in reversed(lately):
        _join(chat, each["id"])


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
        "select b.id, b.title, coalesce(n.body, b.body) as body from notice n join recipient r on r.id = n.recipient_id"
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


def lock_customer(customer_id: int) -> None:
    """Before their chat, for whoever will change what they want in the same transaction: as an erasure does."""
    run("select 1 from customer where id = %s for no key update", (customer_id,))


def hears(chat: Chat, wish: Wish) -> None:
    """A customer wrote, in a chat that is locked, a word to stop broadcasts or to get them again. They are told what that
    means when it changes something, and their agents read it.
    """
    stop = wish is Wish.STOP
    if _opted(chat.customer_id, out=stop):
        chat_log.write(
            chat, SYSTEM, kind="event", body=wording.NO_MORE if stop else wording.AGAIN,
            data={"event": "broadcasts_stopped" if stop else "broadcasts_wanted"},
        )  # fmt: skip


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
