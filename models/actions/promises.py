"""Promises: made where a chat ends, kept by a follow-up chat, and remembered by the desk until then.

Whoever changes a promise holds the lock of the chat it was made in, and then the promise's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog

from models.actions import chat_log, news
from models.actions.chat_log import Author, Row
from models.db import atomically, rows
from models.errors import Conflict, Invalid, NotFound
from models.queries import promises as read
from models.rules import promising, wording
from models.rules.lifecycle import State, late_notes_allowed
from models.tables.chats import Chat
from models.tables.desk import Desk
from models.tables.promises import Promise

log = structlog.get_logger()


def make(
    chat: Chat, author: Author, *, due_at: datetime | None = None, owner_id: int | None = None, note: str = ""
) -> Row:
    """Promise the customer of a locked chat to come back. What is left out the desk proposes. Returns its brief."""
    owner = owner_id or author.id
    assert owner is not None
    require_keeper(owner)
    now, desk = chat_log.db_now(), Desk.the()
    due = promising.due(due_at, now, desk.promise_s)
    made = Promise.create(
        kind="follow_up",
        chat=chat.id,
        session=chat.session_id,
        customer=chat.customer_id,
        owner=owner,
        due_at=due,
        note=note,
        made_by=author.id,
        made_at=now,
        warned_at=warned_already(due, desk),
    )
    tell(made.id)
    return read.brief(read.row(made.id))


def promise_answer(chat: Chat, author: Author, due_at: datetime) -> None:
    """The customer of a locked, escalated chat was told by when to expect an answer. One such promise stands at a time."""
    desk = Desk.the()
    open_one = _open_answer(chat)
    if open_one is None:
        made = Promise.create(
            kind="escalation",
            chat=chat.id,
            session=chat.session_id,
            customer=chat.customer_id,
            owner=chat.owner_id,
            due_at=due_at,
            made_by=author.id,
            made_at=chat_log.db_now(),
            warned_at=warned_already(due_at, desk),
        )
        tell(made.id)
        return
    Promise.update(due_at=due_at, warned_at=warned_already(due_at, desk), overdue_told_at=None).where(
        Promise.id == open_one
    ).execute()
    tell(open_one)


def follow_owner(chat: Chat) -> None:
    """What was promised with an escalation is kept by whoever has the chat."""
    for each in rows(
        "update promise p set owner_id = %(owner)s from (select id, owner_id as was from promise where chat_id = %(chat)s"
        " and kind = 'escalation' and state = 'open' and owner_id <> %(owner)s for update) before"
        " where p.id = before.id returning p.id, before.was",
        {"chat": chat.id, "owner": chat.owner_id},
    ):
        tell(each["id"], also_agents=(each["was"],))


def call_off_answer(chat: Chat) -> None:
    """The escalation was taken back, and what was promised with it."""
    _settle_answer(chat, "cancelled", wording.OFFER_TAKEN_BACK)


def answer_is_over(chat: Chat, *, kept: bool) -> None:
    """A chat that was escalated ends: the answer was given, or will not be."""
    _settle_answer(chat, "kept" if kept else "cancelled", wording.CHAT_HAS_ENDED)


def _settle_answer(chat: Chat, state: str, note: str) -> None:
    if (promise_id := _open_answer(chat)) is not None:
        Promise.update(state=state, settled_at=chat_log.db_now(), settled_note=note).where(
            Promise.id == promise_id
        ).execute()
        tell(promise_id)


def _open_answer(chat: Chat) -> int | None:
    found = rows(
        "select id from promise where chat_id = %s and kind = 'escalation' and state = 'open' for update", (chat.id,)
    )
    return found[0]["id"] if found else None


def warned_already(due_at: datetime, desk: Desk) -> datetime | None:
    """What is promised for so soon needs no reminder before it falls due: its owner has just heard of it."""
    now = chat_log.db_now()
    return now if due_at - timedelta(seconds=desk.promise_warn_s) <= now else None


def require_keeper(agent_id: int) -> None:
    """Only somebody who still works here and answers customers can keep a promise."""
    found = rows(
        "select 1 as yes from agent where id = %s and disabled_at is null and role <> 'analyst' for key share",
        (agent_id,),
    )
    if not found:
        sentence = "Choose somebody who works here and answers customers."
        raise Invalid(sentence, code="cannot_answer", fields={"owner_id": [sentence]})


def held(promise_id: int) -> tuple[Chat, Promise]:
    """A promise that is still open, with the chat it was made in; both locked, the chat first.

    Raises `Conflict` (`settled`) when somebody has settled it.
    """
    found = rows("select chat_id from promise where id = %s", (promise_id,))
    if not found:
        raise NotFound()
    chat = chat_log.locked(found[0]["chat_id"])
    promise: Promise | None = Promise.select().where(Promise.id == promise_id).for_update().first()
    if promise is None:
        raise NotFound()
    if promise.state != "open":
        raise Conflict("This promise has been settled already.", code="settled")
    return chat, promise


def settle(
    chat: Chat, promise: Promise, author: Author, state: str, *, note: str = "", kept_chat_id: int | None = None
) -> None:
    """A held promise is kept, or will not be; its story ends here."""
    Promise.update(state=state, settled_at=chat_log.db_now(), settled_note=note, kept_chat=kept_chat_id).where(
        Promise.id == promise.id
    ).execute()
    record(chat, author, state, note, promise.id)
    tell(promise.id)


def record(chat: Chat, author: Author, how: str, note: str, promise_id: int) -> None:
    """Say in the chat's log what became of its promise, while the log still takes late entries."""
    if chat.state == State.ENDED and not late_notes_allowed(chat.ended_at, chat_log.db_now()):
        return
    data = {"promise": read.brief(read.row(promise_id))}
    body = wording.promise(how, note)
    chat_log.change(chat, f"promise_{how}", author, body=body, public=False, data=data)


def tell(promise_id: int, *, also_agents: tuple[int, ...] = ()) -> None:
    """Tell the owner, whoever owned it before, and supervisors what the promise is now."""
    row = read.row(promise_id)
    news.promise(read.out(row), (row["owner_id"], *also_agents))


def any_open_of(chat_id: int) -> bool:
    return Promise.select().where(Promise.chat == chat_id, Promise.state == "open").exists()


# --- Reminders: once before a promise falls due, once when it does --------------------------------------

_REMINDERS: dict[str, Any] = {
    "promise_soon": (
        "select p.id from promise p cross join desk d where p.state = 'open' and p.warned_at is null"
        " and p.due_at > clock_timestamp()"
        " and p.due_at - make_interval(secs => d.promise_warn_s) <= clock_timestamp() order by p.due_at limit %s"
    ),
    "promise_due": (
        "select id from promise where state = 'open' and overdue_told_at is null and due_at <= clock_timestamp()"
        " order by due_at limit %s"
    ),
}


def remind(limit: int = 100) -> int:
    """Remind of what is soon due to its owner, and of what is due to supervisors as well. Each once.

    Returns how many reminders were given.
    """
    told = 0
    for kind, statement in _REMINDERS.items():
        for each in rows(statement, (limit,)):
            try:
                told += _remind(each["id"], kind)
            except Exception:  # logged; the next sweep meets it again
                log.exception("reminder_failed", promise_id=each["id"], kind=kind)
    return told


@atomically
def _remind(promise_id: int, kind: str) -> bool:
    """Note the reminder and give it: whoever comes second finds it noted."""
    due = kind == "promise_due"
    column = "overdue_told_at" if due else "warned_at"
    moment = "due_at" if due else "due_at - make_interval(secs => (select promise_warn_s from desk))"
    noted = rows(
        f"update promise set {column} = clock_timestamp() where id = %s and state = 'open' and {column} is null"
        f" and {moment} <= clock_timestamp()"
        " returning chat_id, owner_id, extract(epoch from due_at - clock_timestamp())::int as left_s",
        (promise_id,),
    )
    for each in noted:
        news.alert(kind, each["chat_id"], (each["owner_id"],), seconds=max(0, each["left_s"]), supervisors=due)
    return bool(noted)
