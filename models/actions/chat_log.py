"""The chat's own log: lock the row, number the entry, save both, tell everyone once.

Every change of a chat goes through `change` or `write`, so each has exactly one entry
that says who did what, gap-free numbers, one new version, and one announcement.
Folding the `change` columns of the entries gives the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import jobs
from models.actions import announcements, news
from models.actions.news import Audience
from models.channels.known import DELETING, EDITING, QUIET
from models.db import as_json, rows
from models.errors import NotFound
from models.jobs import Job
from models.queries import chats, shapes
from models.queries.access import Viewer, Visitor
from models.rules import delivering, hook_events, wording
from models.tables.chats import Chat
from models.tables.desk import Desk

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """Who an entry is by, as it will be shown for ever."""

    kind: str
    id: int | None
    name: str
    hue: int

    @property
    def brief(self) -> Row:
        return {"id": self.id, "name": self.name, "hue": self.hue}


SYSTEM = Author("system", None, "", 0)

# The entry, who is told of it, and, where its customer is not on the website, its delivery: in one statement, so that
# none is without the others.
_ENTRY = f"""
with m as (
    insert into message (chat_id, kind, author_kind, author_id, author_name, author_hue, body, data, change, client_id,
                         all_seq, pub_seq, created_at)
    values (%(chat_id)s, %(kind)s, %(author_kind)s, %(author_id)s, %(author_name)s, %(author_hue)s, %(body)s, %(data)s,
            %(change)s, %(client_id)s, %(all_seq)s, %(pub_seq)s, %(created_at)s)
    returning id, chat_id
), told as ({announcements.OF_ENTRIES}
), d as (
    insert into delivery (message_id, chat_id, channel_id, pub_seq)
    select m.id, m.chat_id, h.id, %(pub_seq)s::int from m join channel h on h.id = %(channel_id)s
    where %(goes_out)s and h.kind <> 'web' and (%(letter)s or h.kind <> all(%(quiet)s))
      and (%(able)s::text[] is null or h.kind = any(%(able)s))
    returning id
)
select m.id, array(select webhook_id from told) as told, (select id from d) as delivery_id from m
"""


def agent_author(viewer: Viewer) -> Author:
    return Author("agent", viewer.id, viewer.name, viewer.hue)


def customer_author(visitor: Visitor) -> Author:
    return Author("customer", visitor.customer_id, visitor.name, visitor.hue)


def bot_author() -> Author:
    return Author("bot", None, Desk.the().bot_name, 300)


def locked(chat_id: int) -> Chat:
    """The chat, its row locked until the transaction ends. The first lock every command takes."""
    found = rows("select * from chat where id = %s for update", (chat_id,))
    if not found:
        raise NotFound()
    return Chat.from_row(found[0])


def db_now() -> datetime:
    """The database's clock: the only one that deadlines are compared with."""
    (row,) = rows("select clock_timestamp() as now")
    now: datetime = row["now"]
    return now


def write(
    chat: Chat,
    author: Author,
    *,
    kind: str,
    body: str = "",
    data: Row | None = None,
    public: bool = True,
    change: Row | None = None,
    client_id: str | None = None,
    was_owner: int | None = None,
    at: datetime | None = None,
) -> Row:
    """Add one numbered entry to a locked chat and tell whoever may read it. The caller saves the chat.

    `at` is the database's time when the caller has read it just now, the chat locked.
    """
    chat.all_seq += 1
    if public:
        chat.pub_seq += 1
    row: Row = {
        "chat_id": chat.id,
        "kind": kind,
        "author_kind": author.kind,
        "author_id": author.id,
        "author_name": author.name,
        "author_hue": author.hue,
        "body": body,
        "data": data or {},
        "change": change,
        "client_id": client_id,
        "all_seq": chat.all_seq,
        "pub_seq": chat.pub_seq if public else None,
        "created_at": at or db_now(),
    }
    hook_event = hook_events.of_entry(kind, row["data"].get("event"), public=public)
    able = delivering.able(row["data"], editing=EDITING, deleting=DELETING)
    (stored,) = rows(
        _ENTRY,
        {
            **row,
            "data": as_json(row["data"]),
            "change": as_json(change),
            "hook_event": hook_event,
            "hook_internal": hook_event in hook_events.INTERNAL,
            "channel_id": chat.channel_id,
            "goes_out": public and delivering.goes_out(author.kind, kind, body, row["data"]),
            "letter": delivering.worth_a_letter(kind, row["data"]),
            "quiet": list(QUIET),
            "able": list(able) if able is not None else None,
        },
    )
    announcements.nudge(stored["told"])
    row |= {"id": stored["id"], "edited_at": None, "deleted_at": None, "delivery": on_its_way(stored["delivery_id"])}
    if public and kind == "text":
        chat.last_body = (body or wording.files_alone(row["data"]))[: shapes.LAST_BODY]
        chat.last_author_kind, chat.last_author_id, chat.last_at = author.kind, author.id, row["created_at"]
    news.entry(
        row, owners=(chat.owner_id, was_owner), customer_id=chat.customer_id, team_id=chat.team_id, state=chat.state
    )
    return row


def on_its_way(delivery_id: int | None) -> Row | None:
    """A `DeliveryOut` of what was written just now, and a worker asked to send it. None for the website's."""
    if delivery_id is None:
        return None
    jobs.enqueue(Job.DELIVER)
    return {"id": delivery_id, "state": "queued", "code": None, "error": None}


def change(
    chat: Chat,
    event: str,
    author: Author,
    *,
    body: str = "",
    public: bool = True,
    data: Row | None = None,
    at: datetime | None = None,
    also: Audience = news.NOBODY_ELSE,
    **columns: Any,
) -> Row:
    """Change columns of a locked chat as one event: entry, version, row, announcement. `at`: as for `write`.

    `also`: who else is told, because they were concerned until now.
    """
    was_owner, was_team = chat.owner_id, chat.team_id
    at = at or db_now()
    if columns.get("state", chat.state) != chat.state:
        columns["entered_state_at"] = at
    for name, value in columns.items():
        setattr(chat, name, value)
    chat.version += 1
    said = {name: shapes.moment(value) if isinstance(value, datetime) else value for name, value in columns.items()}
    entry = write(
        chat,
        author,
        kind="event",
        body=body,
        data={"event": event, **(data or {})},
        public=public,
        change=said,
        was_owner=was_owner,
        at=at,
    )
    chat.store()
    news.chat(chat.id, also + Audience((was_owner,), (was_team,)))
    return entry


def stored(author: Author, client_id: str) -> Row | None:
    """The entry this sender already stored under this `client_id`, if any."""
    found = rows(
        f"select {chats.WITH_DELIVERY} from message m where author_kind = %s and author_id = %s and client_id = %s",
        (author.kind, author.id, client_id),
    )
    return found[0] if found else None
