"""What letters and transcripts are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import chats
from models.queries.access import Viewer
from models.rules.letters import Desk, Line, plain
from models.settings import settings

# Told by what a message says now, or by its stub.
_CORRECTIONS = "('message_edited', 'message_deleted')"

_DELETED = "(deleted)"


def desk_for(chat_id: int) -> Desk:
    """Who writes, with the way back: the page on which the customer last had the chat open."""
    found = one(
        "select d.name, d.brand, s.page, h.allowed_origins from desk d, chat c"
        " join customer s on s.id = c.customer_id join channel h on h.id = c.channel_id where c.id = %s",
        (chat_id,),
    )
    if found is None:
        raise NotFound()
    return Desk(found["name"], found["brand"], _way_back(found["allowed_origins"], found["page"] or "/"))


def house() -> Desk:
    """Who writes to people of the team, and where their console is."""
    found = one("select name, brand from desk")
    if found is None:
        raise NotFound()
    return Desk(found["name"], found["brand"], settings().public_url)


def _way_back(sites: list[str], page: str) -> str:
    """The page came from a browser: it may only ever name a place on the desk's own site."""
    if not sites:
        return settings().public_url
    return sites[0] + (page if page.startswith("/") and page.isprintable() and " " not in page else "/")


def called(chat_id: int) -> str:
    """The name its customer gave; empty when they gave none."""
    found = one("select s.name from chat c join customer s on s.id = c.customer_id where c.id = %s", (chat_id,))
    return (found["name"] or "") if found else ""


def came_by(chat_id: int) -> str:
    """The kind of channel that the chat came by."""
    found = one("select h.kind from chat c join channel h on h.id = c.channel_id where c.id = %s", (chat_id,))
    return found["kind"] if found else ""


def began_at(chat_id: int) -> datetime:
    found = one("select created_at from chat where id = %s", (chat_id,))
    if found is None:
        raise NotFound()
    began: datetime = found["created_at"]
    return began


def answers(chat_id: int, after: int, up_to: int) -> list[Line]:
    """What agents wrote between two places of the customer's order."""
    found = rows(
        "select * from message where chat_id = %s and pub_seq > %s and pub_seq <= %s"
        " and kind = 'text' and author_kind = 'agent' and deleted_at is null order by pub_seq",
        (chat_id, after, up_to),
    )
    return [_line(each) for each in found]


def customer_words(chat_id: int, after: int, up_to: int) -> list[Line]:
    """What the customer wrote between two places of their order."""
    found = rows(
        "select * from message where chat_id = %s and pub_seq > %s and pub_seq <= %s"
        " and kind = 'text' and author_kind = 'customer' and deleted_at is null order by pub_seq",
        (chat_id, after, up_to),
    )
    return [_line(each) for each in found]


def lines(chat_id: int, *, notes: bool = False) -> list[Line]:
    """A whole chat as its customer may read it; with `notes` also what colleagues wrote to each other."""
    found = rows(
        "select * from message where chat_id = %(chat)s and (pub_seq is not null or %(notes)s and kind = 'note')"
        f" and not (kind = 'event' and (body = '' or data ->> 'event' in {_CORRECTIONS})) order by all_seq",
        {"chat": chat_id, "notes": notes},
    )
    return [_line(each) for each in found]


def as_text(viewer: Viewer, chat_id: int, *, notes: bool = False) -> str:
    """A chat that the agent may see, as a text file."""
    row = chats.seen_by(viewer, chat_id)
    heading = [
        f"Chat {chat_id} with {row['customer']['name']}, {row['channel']['name']}",
        f"Began {row['created_at'][:16].replace('T', ' ')}. Times are UTC.",
    ]
    return plain(heading, lines(chat_id, notes=notes))


def _line(row: dict[str, Any]) -> Line:
    if row["kind"] == "event":
        return Line(row["created_at"], "", row["body"])
    author = f"{row['author_name']} (note)" if row["kind"] == "note" else row["author_name"]
    if row["deleted_at"] is not None:
        return Line(row["created_at"], author, _DELETED)
    files = [each["name"] for each in row["data"].get("attachments", ())]
    return Line(row["created_at"], author, row["body"], files)
