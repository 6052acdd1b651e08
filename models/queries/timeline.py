"""Timelines: everything that happened in one session, or in all sessions of a customer, in the order it happened.

A page is found chat by chat, for each chat's log has an index of its own: a customer with a long
past costs a few entries of each chat, and not all of them.
"""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import access, history, promises, shapes
from models.queries.access import Permission, Viewer
from models.queries.chats import WITH_DELIVERY
from models.queries.shapes import Out

Row = dict[str, Any]

_OF_SESSION = "c.session_id = %(whose)s"
_OF_CUSTOMER = "c.customer_id = %(whose)s"

_OLDER = f"""
select e.* from chat c cross join lateral (
    select {WITH_DELIVERY} from message m
    where m.chat_id = c.id and (m.created_at, m.id) < (%(at)s::timestamptz, %(id)s::bigint)
    order by m.all_seq desc limit %(limit)s) e
where c.created_at <= %(at)s::timestamptz and """
_NEWER = f"""
select e.* from chat c cross join lateral (
    select {WITH_DELIVERY} from message m
    where m.chat_id = c.id and (m.created_at, m.id) > (%(at)s::timestamptz, %(id)s::bigint)
    order by m.all_seq limit %(limit)s) e
where """

_FIRST, _LAST = {"at": "-infinity", "id": 0}, {"at": "infinity", "id": 0}


def of_session(viewer: Viewer, session_id: int, **where: Any) -> Out:
    """A `Timeline` of one session, with those of its chats that this agent may see."""
    return _timeline(viewer, _OF_SESSION, session_id, **where)


def of_customer(viewer: Viewer, customer_id: int, **where: Any) -> Out:
    """A `Timeline` of all sessions of a customer, across channels, with the chats that this agent may see."""
    return _timeline(viewer, _OF_CUSTOMER, customer_id, **where)


def _timeline(
    viewer: Viewer,
    of: str,
    whose: int,
    *,
    around: int | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Out:
    viewer.require(Permission.HISTORY_READ)
    clause, params = access.visible(viewer)
    seen = f"{of} and {clause}"
    params["whose"] = whose
    about = one(
        f"select count(distinct c.session_id)::int as sessions, min(c.created_at) as since,"
        f" (array_agg(c.id))[1] as any_chat from chat c where {seen}",
        params,
    )
    if about is None or not about["sessions"]:
        raise NotFound()
    older = newer = False
    if around is not None:
        mark = _place(seen, params, around)
        past, older = _past(seen, params, mark, limit // 2)
        coming, newer = _coming(seen, params, mark, limit - limit // 2)
        entries = [*past, mark, *coming]
    elif after is not None:
        mark = _FIRST if after == 0 else _place(seen, params, after)
        entries, newer = _coming(seen, params, mark, limit)
        older = after != 0
    else:
        mark = _LAST if before is None else _place(seen, params, before)
        entries, older = _past(seen, params, mark, limit)
        newer = before is not None
    return {
        "customer": shapes.customer_brief(history.in_order([about["any_chat"]])[0]),
        "sessions": _sessions(seen, params, {each["chat_id"] for each in entries}),
        "sessions_total": about["sessions"],
        "since": shapes.moment(about["since"]),
        "items": [shapes.message(each) for each in entries],
        "older": older,
        "newer": newer,
    }


def _place(seen: str, params: Row, message_id: int) -> Row:
    """The entry a reader stands at. One of another customer, or that they may not see, is not there."""
    found = one(
        f"select m.*, m.created_at as at from message m join chat c on c.id = m.chat_id where m.id = %(message)s and {seen}",
        {**params, "message": message_id},
    )
    if found is None:
        raise NotFound()
    return found


def _past(seen: str, params: Row, mark: Row, limit: int) -> tuple[list[Row], bool]:
    """At most `limit` entries before the mark, oldest first, and whether there are more."""
    statement = _OLDER + seen + " order by e.created_at desc, e.id desc limit %(limit)s"
    found = rows(statement, {**params, "at": mark["at"], "id": mark["id"], "limit": limit + 1})
    return found[:limit][::-1], len(found) > limit


def _coming(seen: str, params: Row, mark: Row, limit: int) -> tuple[list[Row], bool]:
    """At most `limit` entries after the mark, oldest first, and whether there are more."""
    statement = _NEWER + seen + " order by e.created_at, e.id limit %(limit)s"
    found = rows(statement, {**params, "at": mark["at"], "id": mark["id"], "limit": limit + 1})
    return found[:limit], len(found) > limit


def _sessions(seen: str, params: Row, chat_ids: set[int]) -> list[Out]:
    """The sessions of these chats, each with all of its chats that are seen."""
    found = rows(
        f"select c.id from chat c where {seen} and c.session_id in (select session_id from chat where id = any(%(chats)s))"
        " order by c.session_id, c.id",
        {**params, "chats": list(chat_ids)},
    )
    shown = history.in_order([each["id"] for each in found])
    subjects = {
        each["id"]: each
        for each in rows("select * from session where id = any(%s)", ([each["session_id"] for each in shown],))
    }
    owed: dict[int, list[Out]] = {}
    for each in rows(promises.PROMISES + " where p.chat_id = any(%s) order by p.id", ([each["id"] for each in shown],)):
        owed.setdefault(each["session_id"], []).append(promises.out(each))
    stretches: dict[int, Out] = {}
    for each in shown:
        session = subjects[each["session_id"]]
        stretch = stretches.setdefault(
            session["id"],
            {
                "id": session["id"],
                "subject": session["subject"],
                "created_at": shapes.moment(session["created_at"]),
                "chats": [],
                "promises": owed.get(session["id"], []),
            },
        )
        stretch["chats"].append(shapes.chat(each))
    return list(stretches.values())
