"""What a message carries beside its text: files, a quote, who is named in it, the canned message it came from.

Both sides of a chat come through here. `gather` runs before the entry is written and refuses what must not
go with it; `settle` does what needs the entry's number. A message that carries nothing never comes here:
that is the short way of `messages.post`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.actions import attachments, mentions
from models.actions.chat_log import Author, Row
from models.actions.mentions import Named
from models.db import one, run
from models.errors import Invalid
from models.queries import canned, shapes, templates
from models.queries.access import Viewer, Visitor
from models.rules.stopping import Wish
from models.tables.chats import Chat


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say. An agent names the chat; a customer's is found by who they are."""

    by: Viewer | Visitor
    author: Author
    client_id: str
    body: str
    chat_id: int | None = None
    internal: bool = False
    topic: str = ""
    quote_id: int | None = None
    attachment_ids: Sequence[int] = ()
    mentions: Sequence[Row] = ()  # {"kind": "agent" or "team", "id": ...}; notes only
    canned_id: int | None = None
    notice_id: int | None = None  # the notice that a customer answers
    template: Row | None = None  # an approved text and what goes in its gaps, as `TemplateSend` has it
    aside: Row | None = None  # what a channel says of a message beside its words
    subject: str = ""  # what a new session is called, where its channel has such a thing
    answers_chat: int | None = None  # the chat that it answers, proved by the channel
    wish: Wish | None = None  # it is nothing but a word to stop broadcasts, or to get them again


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What was gathered for one message. `data` goes with the entry, whose words `body` is."""

    data: Row
    body: str
    named: Named | None = None
    files: Sequence[Row] = ()


def gather(chat: Chat, draft: Draft) -> Enclosed:
    """Look at everything that is to go with a message into this locked chat.

    Raises `Invalid`: `unknown_message`, `unknown_canned`, `unknown_file`, `unknown_mention`, `cannot_see`, or what is
    wrong with a template (`queries/templates.filled`).
    """
    data: Row = {}
    body = draft.body
    named = None
    if draft.template is not None:
        filled = templates.filled(chat.channel_id, **draft.template)
        body, data["template"] = filled.text, filled.kept
    if draft.quote_id is not None:
        data["quote"] = _quote(chat, draft.quote_id, public=not draft.internal)
    if draft.aside:
        data["channel"] = draft.aside
    if draft.canned_id is not None:
        _use_canned(draft)
    files = attachments.take(draft.author, draft.attachment_ids, canned_id=draft.canned_id)
    if files:
        data["attachments"] = attachments.said(files)
    if draft.mentions:
        named = mentions.resolve(chat, draft.author, draft.mentions)
        data["mentions"] = named.shown
    return Enclosed(data, body, named, files)


def settle(chat: Chat, enclosed: Enclosed, entry: Row) -> None:
    """The entry is stored: give it its files, keep beside it what refers to it, and call whoever was named."""
    attachments.send(enclosed.files, entry)
    if enclosed.named is not None:
        mentions.record(chat, entry, enclosed.named)


def _quote(chat: Chat, message_id: int, *, public: bool) -> Row:
    """A `Quote` of a message that everyone who will read it may read."""
    found = one(
        "select id, author_kind, author_name, body from message"
        " where id = %s and chat_id = %s and kind <> 'event' and deleted_at is null and (pub_seq is not null or not %s)",
        (message_id, chat.id, public),
    )
    if found is None:
        raise Invalid("The message you quote is not there any more.", code="unknown_message")
    return {**found, "body": found["body"][: shapes.QUOTED]}


def _use_canned(draft: Draft) -> None:
    """Count one more use. Before its files are locked: whoever removes or changes it takes the two in this order."""
    assert isinstance(draft.by, Viewer)
    clause, params = canned.usable_by(draft.by)
    counted = run(
        f"update canned_message c set uses = uses + 1, last_used_at = clock_timestamp() where id = %(id)s and {clause}",
        {**params, "id": draft.canned_id},
    )
    if not counted:
        raise Invalid("This canned message is not there any more, or not yours to use.", code="unknown_canned")
