"""Chats and their entries, read for screens. Each list is one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.channels.known import WINDOWED
from models.db import Prepared, one, rows
from models.errors import Invalid, NotFound
from models.queries import access, allowed, assignments, customers, drafts, offers, shapes
from models.queries.access import Viewer, Visitor
from models.queries.shapes import Out
from models.tables.chats import Chat

PAGE = 50

# A lease younger than this proves that the customer's page is open.
CHATS = f"""
select {Chat.columns()}, s.name as customer_name, s.verified as customer_verified,
       exists (select from socket_lease l where l.customer_id = c.customer_id
               and l.seen_at > clock_timestamp() - interval '45 seconds') as customer_online,
       exists (select from block b where b.customer_id = c.customer_id and b.lifted_at is null
               and (b.until is null or b.until > clock_timestamp())) as customer_blocked,
       h.kind as channel_kind, h.name as channel_name,
       case when h.kind = any(array[{", ".join(f"'{kind}'" for kind in WINDOWED)}]::text[]) then
            (select max(i.last_in_at) from identity i where i.customer_id = c.customer_id and i.channel_id = c.channel_id)
       end as last_in_at,
       t.name as team_name, t.hue as team_hue,
       o.name as owner_name, o.hue as owner_hue, e.name as ended_owner_name, e.hue as ended_owner_hue,
       coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'hue', g.hue) order by ct.created_at)
                 from chat_tag ct join tag g on g.id = ct.tag_id where ct.chat_id = c.id), '[]') as tags
from chat c
join customer s on s.id = c.customer_id
join channel h on h.id = c.channel_id
left join team t on t.id = c.team_id
left join agent o on o.id = c.owner_id
left join agent e on e.id = c.ended_owner_id
"""

MESSAGE_COLUMNS = (
    "id, chat_id, kind, author_kind, author_id, author_name, author_hue, body, data, client_id,"
    " all_seq, pub_seq, created_at, edited_at, deleted_at"
)
WITH_DELIVERY = (  # of `message m`: for those who show how far each is on its way
    f"{MESSAGE_COLUMNS}, (select jsonb_build_object('id', d.id, 'state', d.state, 'code', d.code, 'error', d.error)"
    " from delivery d where d.message_id = m.id) as delivery"
)


def delivery(delivery_id: int) -> dict[str, Any] | None:
    """A `MessageDelivery`, and who owns its chat."""
    return one(
        "select d.chat_id, d.message_id, jsonb_build_object('id', d.id, 'state', d.state, 'code', d.code, 'error', d.error)"
        " as delivery, c.owner_id from delivery d join chat c on c.id = d.chat_id where d.id = %s",
        (delivery_id,),
    )


_ONE = Prepared("one_chat", CHATS + " where c.id = $1", ["bigint"])


def row(chat_id: int) -> dict[str, Any]:
    """The joined row of one chat. For actions, which have locked it and decided already."""
    found = _ONE.one(chat_id)
    if found is None:
        raise NotFound()
    return with_offers([found])[0]


def with_offers(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `CHATS`, those that are escalated with their pending offer. No statement when none is."""
    escalated = [each["id"] for each in found if each["state"] == "escalated"]
    found_offers = offers.pending(escalated) if escalated else {}
    return [{**each, "escalation": found_offers.get(each["id"])} for each in found]


def seen_by(viewer: Viewer, chat_id: int) -> Out:
    access.see_chat(viewer, chat_id)
    return shapes.chat(row(chat_id))


def seen_by_offered(viewer: Viewer, chat_id: int) -> Out:
    """The same, for whoever answers an offer: their "no" may have been the last they see of the chat."""
    access.see_offered(viewer, chat_id)
    return shapes.chat(row(chat_id))


_FIRST_DUE = "(select o.due_at from escalation o where o.chat_id = c.id and o.state = 'pending'), c.id"


def inbox(
    viewer: Viewer,
    *,
    which: str,
    team_id: int | None = None,
    channel_id: int | None = None,
    tag_id: int | None = None,
    q: str = "",
    limit: int = PAGE,
    after: str | None = None,
) -> Out:
    """A page of the queue, of one's own chats, of escalations, or of the chats the bot holds.

    `total` counts what the filters leave. The queue: highest priority first, then longest waiting. One's own:
    newest word first, all of them at once. Escalations that one may accept, or all that are pending: the first due first.
    `q` is looked for in the customer's name and address, and in the first and the last message.
    """
    clause, params = access.visible(viewer)
    where = [clause]
    page_of: tuple[str, str] | None = None  # what comes after a marker, and the moment it names
    match which:
        case "queue":
            where.append("c.state = 'queued'")
            order = "-c.priority, c.queued_at, c.id"
            page_of = (
                "(-c.priority, c.queued_at, c.id) > (%(number)s::bigint, %(at)s::timestamptz, %(id)s)",
                "queued_at",
            )
        case "mine":
            where.append("c.state in ('active', 'escalated') and c.owner_id = %(me)s")
            order = "c.last_at desc, c.id desc"
        case "escalations":
            clause, mine = offers.takeable(viewer)
            where, params, order = [clause], params | mine, _FIRST_DUE
        case "all_escalations":
            viewer.require(access.Permission.CHAT_SUPERVISE)
            where.append("c.state = 'escalated'")
            order = _FIRST_DUE
        case _:
            viewer.require(access.Permission.CHAT_SUPERVISE)
            where.append("c.state = 'bot'")
            order = "c.created_at desc, c.id desc"
            page_of = "(c.created_at, c.id) < (%(at)s::timestamptz, %(id)s)", "created_at"
    params |= {"me": viewer.id, "limit": limit + 1, "team": team_id, "channel": channel_id, "tag": tag_id, "q": like(q)}
    where += [
        condition
        for condition, wanted in (
            ("c.team_id = %(team)s", team_id is not None),
            ("c.channel_id = %(channel)s", channel_id is not None),
            ("exists (select from chat_tag x where x.chat_id = c.id and x.tag_id = %(tag)s)", tag_id is not None),
            (
                "(s.name ilike %(q)s or s.email ilike %(q)s or c.first_body ilike %(q)s or c.last_body ilike %(q)s)",
                bool(q),
            ),
        )
        if wanted
    ]
    named = " join customer s on s.id = c.customer_id" if q else ""
    total = one(f"select count(*) as n from chat c{named} where {' and '.join(where)}", params)
    if after is not None and page_of is not None:
        (number,), at, last_id = cursor(after, 1)
        where.append(page_of[0])
        params |= {"number": number, "at": at, "id": last_id}
    found = rows(f"{CHATS} where {' and '.join(where)} order by {order} limit %(limit)s", params)
    page = found[:limit]
    last = page[-1] if len(found) > limit and page_of is not None else None
    return {
        "items": [shapes.chat(each) for each in with_offers(page)],
        "total": total["n"] if total else 0,
        "next": f"{-last['priority']}|{last[page_of[1]].isoformat()}|{last['id']}" if last and page_of else None,
    }


def like(q: str) -> str:
    """A pattern for (i)like that finds these very characters anywhere."""
    return "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def cursor(text: str, numbers: int) -> tuple[list[int], datetime, int]:
    """The parts of a page cursor: numbers, a moment, an id. It comes back from a client: anything odd is `Invalid`."""
    try:
        *first, moment, last = text.split("|")
        found = [int(part) for part in (*first, last)]
        if len(first) != numbers or any(abs(number) >= 2**63 for number in found):
            raise ValueError
        return found[:-1], datetime.fromisoformat(moment), found[-1]
    except ValueError:
        raise Invalid("This page marker is not one of ours.", fields={"after": ["Not a page marker."]}) from None


def detail(viewer: Viewer, chat_id: int) -> Out:
    """Everything the conversation and its panel need."""
    access.see_chat(viewer, chat_id)
    found = row(chat_id)
    clause, params = access.visible(viewer)
    earlier = rows(
        f"{CHATS} where c.customer_id = %(customer)s and c.id <> %(chat)s and c.state = 'ended' and {clause}"
        " order by c.ended_at desc limit 10",
        {**params, "customer": found["customer_id"], "chat": chat_id},
    )
    return {
        "chat": shapes.chat(found),
        "customer": customers.detail(found["customer_id"]),
        "messages": _newest(chat_id, found["all_seq"], PAGE),
        "earlier": [shapes.chat(each) for each in earlier],
        "sessions": customers.sessions(viewer, found["customer_id"]),
        "allowed": allowed.commands(viewer, found),
        "drafts": drafts.of_chat(viewer, chat_id),
        "viewers": viewers(chat_id),
        "hands": assignments.hands(chat_id),
    }


def viewers(chat_id: int) -> list[Out]:
    """The agents who have the conversation open on a living screen, by name."""
    return rows(
        "select distinct a.id, a.name, a.hue from socket_lease l join agent a on a.id = l.agent_id"
        " where l.chat_id = %s and l.seen_at > clock_timestamp() - interval '45 seconds' order by a.name, a.id",
        (chat_id,),
    )


def messages(
    viewer: Viewer, chat_id: int, *, before: int | None = None, after: int | None = None, limit: int = PAGE
) -> Out:
    """A page by `all_seq`: the oldest after `after`, else the newest before `before`."""
    access.see_chat(viewer, chat_id)
    head = one("select all_seq from chat where id = %s", (chat_id,))
    assert head is not None
    if after is not None:
        return _after(chat_id, after, limit, head["all_seq"], "all_seq")
    return _newest(chat_id, head["all_seq"], limit, before)


def versions(viewer: Viewer, chat_id: int, message_id: int) -> Out:
    """A `VersionList`: what a message said before it was edited or deleted. For supervisors."""
    viewer.require(access.Permission.CHAT_SUPERVISE)
    access.see_chat(viewer, chat_id)
    if not one("select 1 as yes from message where id = %s and chat_id = %s", (message_id, chat_id)):
        raise NotFound()
    found = rows(
        "select v.how, v.body, v.replaced_at, a.id, a.name, a.hue,"
        " jsonb_path_query_array(v.data, '$.attachments[*].name') as files"
        " from message_version v left join agent a on a.id = v.by_agent_id where v.message_id = %s order by v.id",
        (message_id,),
    )
    return {
        "items": [
            {
                "how": each["how"],
                "body": each["body"],
                "files": each["files"],
                "by": shapes.agent_brief(each),
                "replaced_at": shapes.moment(each["replaced_at"]),
            }
            for each in found
        ]
    }


def _newest(chat_id: int, head: int, limit: int, before: int | None = None) -> Out:
    found = rows(
        f"select {WITH_DELIVERY} from message m where chat_id = %s and all_seq < %s order by all_seq desc limit %s",
        (chat_id, before if before is not None else head + 1, limit),
    )
    page = [shapes.message(each) for each in reversed(found)]
    return {"messages": page, "head": head, "more": bool(page) and page[0]["all_seq"] > 1}


SYNC_PAGE = 200


def _after(chat_id: int, after: int, limit: int, head: int, counter: str) -> Out:
    shape = shapes.message if counter == "all_seq" else shapes.visitor_message
    found = rows(
        f"select {WITH_DELIVERY} from message m where chat_id = %s and {counter} > %s order by {counter} limit %s",
        (chat_id, after, limit),
    )
    page = [shape(each) for each in found]
    return {"messages": page, "head": head, "more": bool(page) and page[-1][counter] < head}


def sync(viewer: Viewer, chat_id: int, after: int) -> Out:
    """What an agent's screen missed of a chat since `after`."""
    return messages(viewer, chat_id, after=after, limit=SYNC_PAGE)


def visitor_sync(visitor: Visitor, chat_id: int, after: int) -> Out:
    """What a customer's widget missed since `after`, in the public counter."""
    access.visitor_chat(visitor, chat_id)
    head = one("select pub_seq from chat where id = %s", (chat_id,))
    assert head is not None
    return _after(chat_id, after, SYNC_PAGE, head["pub_seq"], "pub_seq")


def latest_of(visitor: Visitor) -> dict[str, Any] | None:
    """The customer's newest chat on this channel, open or ended."""
    return one(
        CHATS + " where c.customer_id = %s and c.channel_id = %s order by c.id desc limit 1",
        (visitor.customer_id, visitor.channel_id),
    )


def heads_for_agents(agent_ids: list[int], watched: list[int]) -> list[dict[str, Any]]:
    """Newest numbers of the chats these agents own and of those that are watched. One statement per front and tick."""
    return rows(
        "select id, owner_id, all_seq, version from chat"
        " where (owner_id = any(%s) and state <> 'ended') or id = any(%s)",
        (agent_ids, watched),
    )


def heads_for_customers(customer_ids: list[int]) -> list[dict[str, Any]]:
    """The newest chat of each customer with its public head."""
    return rows(
        "select distinct on (customer_id) customer_id, id, pub_seq, version from chat"
        " where customer_id = any(%s) order by customer_id, id desc",
        (customer_ids,),
    )
