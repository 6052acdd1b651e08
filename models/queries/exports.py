"""Exports: what one asked for, and the rows that go into a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.db import one, rows, stream
from models.errors import NotFound
from models.media import links
from models.queries import access, history, shapes
from models.queries.access import Viewer
from models.queries.shapes import Out
from models.rules import exporting
from models.rules.narrowing import Narrowing

Row = dict[str, Any]

# One row a chat. Sub-selects rather than joins: each is an index of its own, and none multiplies the rows.
_CHATS = """
select c.id as chat_id, c.session_id, c.customer_id, s.name as customer, s.email, h.name as channel, t.name as team,
       v.name as service, c.state, c.first_body as subject, c.created_at, c.queued_at, c.first_replied_at, c.ended_at,
       (select extract(epoch from min(a.from_at) - c.queued_at)::int from assignment a where a.chat_id = c.id) as waited_s,
       extract(epoch from c.first_replied_at - coalesce(c.queued_at, c.created_at))::int as first_reply_s,
       extract(epoch from c.ended_at - c.created_at)::int as duration_s,
       coalesce((select array_agg(distinct g.name) from assignment a join agent g on g.id = a.agent_id
                 where a.chat_id = c.id), '{}') as agents,
       e.name as ended_by, c.end_cause, c.end_reason, c.end_note,
       coalesce((select array_agg(g.name order by g.name) from chat_tag x join tag g on g.id = x.tag_id
                 where x.chat_id = c.id), '{}') as tags,
       c.rating, c.rating_comment,
       (select count(*)::int from message m where m.chat_id = c.id and m.kind = 'text') as messages,
       (select count(*)::int from attachment f where f.chat_id = c.id and f.message_id is not null) as files,
       c.escalations > 0 as escalated,
       c.previous_chat_id
from chat c join customer s on s.id = c.customer_id join channel h on h.id = c.channel_id
left join team t on t.id = c.team_id left join service v on v.id = c.service_id
left join agent e on e.id = c.ended_owner_id
"""
_MESSAGES = """
select m.id as message_id, m.chat_id, c.session_id, c.customer_id, s.name as customer, h.name as channel,
       m.all_seq as place, m.created_at, m.kind, m.author_kind, m.author_name as author, m.body,
       coalesce((select array_agg(f.name order by f.id) from attachment f where f.message_id = m.id), '{}') as files,
       m.edited_at, m.deleted_at
from chat c join customer s on s.id = c.customer_id join channel h on h.id = c.channel_id
join message m on m.chat_id = c.id and m.kind = any(%(kinds)s)
"""


def viewer_of(agent_id: int) -> Viewer | None:
    """The agent who asked, with the rights they have now; None when they do not work here any more."""
    found = one(
        "select a.id, a.name, a.hue, a.role, coalesce((select array_agg(m.team_id order by m.team_id) from team_member m"
        " where m.agent_id = a.id), '{}') as teams from agent a where a.id = %s and a.disabled_at is null",
        (agent_id,),
    )
    return Viewer(found["id"], found["name"], found["hue"], found["role"], tuple(found["teams"]), 0) if found else None


def content(viewer: Viewer, what: str, wanted: Narrowing, *, notes: bool) -> Iterator[Row]:
    """The rows of an export, at most one more than a file holds. The newest chats first, a chat's words in their order."""
    where, params = history.conditions(viewer, wanted)
    select, order = (_CHATS, history.NEWEST) if what == "chats" else (_MESSAGES, f"{history.NEWEST}, m.all_seq")
    kinds = ["text", "note"] if notes and access.reads_notes(viewer) else ["text"]
    statement = f"{select} where {' and '.join(where)} order by {order} limit %(most)s"
    return stream(statement, {**params, "kinds": kinds, "most": exporting.MOST_ROWS + 1})


def total(viewer: Viewer, what: str, wanted: Narrowing, *, notes: bool) -> int:
    """How many rows a file will have, so that its progress can be told."""
    where, params = history.conditions(viewer, wanted)
    kinds = ["text", "note"] if notes and access.reads_notes(viewer) else ["text"]
    joined = " join message m on m.chat_id = c.id and m.kind = any(%(kinds)s)" if what == "messages" else ""
    found = one(
        f"select count(*)::int as n from (select from chat c{joined} where {' and '.join(where)} limit %(most)s) counted",
        {**params, "kinds": kinds, "most": exporting.MOST_ROWS},
    )
    assert found is not None
    number: int = found["n"]
    return number


_CUSTOMER = {
    "customer": "select * from customer where id = %(customer)s",
    "identity": """select i.id, i.external_id, h.name as channel from identity i join channel h on h.id = i.channel_id
        where i.customer_id = %(customer)s order by i.id""",
    "customer_note": """select n.id, n.body, n.created_at, a.name as author from customer_note n
        join agent a on a.id = n.agent_id where n.customer_id = %(customer)s order by n.id""",
    "session": "select id, subject, created_at from session where customer_id = %(customer)s order by id",
    "chat": f"{_CHATS} where c.customer_id = %(customer)s order by c.id",
    "message": f"{_MESSAGES} where c.customer_id = %(customer)s order by m.created_at, m.id",
    "promise": """select id, chat_id, kind, state, due_at, note, made_at, settled_at, settled_note from promise
        where customer_id = %(customer)s order by id""",
    "broadcast": """select r.id, r.broadcast_id, coalesce(n.body, b.body) as body, r.state, r.reason, r.settled_at,
        n.placed_at, n.seen_at, n.chat_id
        from recipient r join broadcast b on b.id = r.broadcast_id left join notice n on n.recipient_id = r.id
        where r.customer_id = %(customer)s order by r.id""",
}


def of_customer(customer_id: int, *, notes: bool) -> Iterator[Row]:
    """Everything the desk keeps of one customer, each row with what it is. Internal notes only when asked for."""
    params = {"customer": customer_id, "kinds": ["text", "note"] if notes else ["text"]}
    for what, statement in _CUSTOMER.items():
        if what != "customer_note" or notes:
            yield from ({"is": what, **row} for row in stream(statement, params))


def out(row: Row) -> Out:
    """An `ExportOut`, with a link that holds from now on where there is a file."""
    return {
        **{
            key: row[key]
            for key in ("id", "what", "format", "notes", "state", "rows_done", "rows_total", "capped", "size")
        },
        "filter": row["filter"],
        "fault": row["fault"],
        "url": links.export_link(row["id"], row["token"]) if row["state"] == "done" else None,
        "created_at": shapes.moment(row["created_at"]),
        "finished_at": shapes.moment(row["finished_at"]),
    }


def own(viewer: Viewer, export_id: int) -> Row:
    """An export that this agent asked for; `NotFound` for any other."""
    found = one("select * from export where id = %s and agent_id = %s", (export_id, viewer.id))
    if found is None:
        raise NotFound()
    return found


def page(viewer: Viewer, limit: int = 20) -> Out:
    """An `ExportList`: the newest that this agent asked for."""
    found = rows("select * from export where agent_id = %s order by id desc limit %s", (viewer.id, limit))
    return {"items": [out(each) for each in found]}
