"""Say something in a chat: the path that everything else waits for, so it is short.

`post` stores a whole batch in one transaction of four round trips: begin, lock the chats,
insert the entries and move the counters in one statement, commit. What is not the
common case (a note, a retry, a chat with the bot, an ended chat) is handed back and
takes a transaction of its own in `conversation.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.actions import announcements, chat_log, chats, drafts, enclosures, letters, news, timers
from models.actions.chat_log import Row
from models.actions.enclosures import Draft
from models.actions.timers import TimerKind
from models.channels.known import LIVE
from models.db import atomically, rows, transaction
from models.errors import Conflict, DeskError
from models.queries import shapes, terms
from models.queries.access import Permission, Viewer, Visitor
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat


@dataclass(frozen=True, slots=True)
class Said:
    """The stored entry and, where it was at hand, its chat as `shapes.visitor_chat` needs it."""

    row: Row
    chat: Row | None = None

    @property
    def chat_id(self) -> int:
        found: int = self.row["chat_id"]
        return found


Outcome = Said | DeskError | None
"""None: not the common case, still to be done."""

# Names come from sub-selects and not from joins: a row that changed while we waited for it is read again together
# with its sub-selects, but with the joined rows of before.
_LOCK = """
select id, customer_id, channel_id, team_id, owner_id, ended_owner_id, previous_chat_id, state, version, pub_seq, all_seq,
       agent_read_seq, created_at, ended_at, rating, reply_by_email, first_replied_at, clock_timestamp() as now,
       (select name from agent where agent.id = owner_id) as owner_name,
       (select hue from agent where agent.id = owner_id) as owner_hue,
       (select mail_offline from agent where agent.id = owner_id) as owner_is_mailed,
       (select name from team where team.id = team_id) as team_name,
       (select make_interval(secs => case
                   when not reply_by_email and exists (select from channel h where h.id = channel_id and h.kind = any(%s))
                   then coalesce((select t.idle_warn_s from team t where t.id = team_id), d.idle_warn_s)
                   else coalesce((select t.idle_end_async_s from team t where t.id = team_id), d.idle_end_async_s) end)
        from desk d) as idle
from chat where id = any(%s) or (customer_id = any(%s) and state <> 'ended')
order by id for update
"""

# One statement: the entries, and what each of them changes of its chat. Arrays run in parallel;
# `u` has one element a chat, `m` one a message.
_STORE = f"""
with m as (
    insert into message (chat_id, kind, author_kind, author_id, author_name, author_hue, body, client_id,
                         all_seq, pub_seq, created_at)
    select chat_id, 'text', author_kind, author_id, author_name, author_hue, body, client_id, all_seq, pub_seq, %(now)s
    from unnest(%(chat_id)s::bigint[], %(author_kind)s::text[], %(author_id)s::bigint[], %(author_name)s::text[],
                %(author_hue)s::smallint[], %(body)s::text[], %(client_id)s::text[], %(all_seq)s::int[], %(pub_seq)s::int[])
         as v(chat_id, author_kind, author_id, author_name, author_hue, body, client_id, all_seq, pub_seq)
    on conflict (author_kind, author_id, client_id) where client_id is not null do nothing
    returning id, chat_id, all_seq
), u as (
    update chat set all_seq = v.all_seq, pub_seq = v.pub_seq, last_body = v.last_body, last_author_kind = v.author_kind,
           last_author_id = v.author_id, last_at = %(now)s, idle_warned_at = null,
           last_customer_at = case when v.customer_seq is null then chat.last_customer_at else %(now)s end,
           last_agent_at = case when v.agent_seq is null then chat.last_agent_at else %(now)s end,
           first_replied_at = case when v.agent_seq is null then chat.first_replied_at
                              else coalesce(chat.first_replied_at, %(now)s) end,
           agent_read_seq = coalesce(v.agent_seq, chat.agent_read_seq),
           customer_read_seq = coalesce(v.customer_seq, chat.customer_read_seq),
           customer_delivered_seq = coalesce(v.customer_seq, chat.customer_delivered_seq),
           idle_due_at = v.idle_due_at
    from unnest(%(u_chat_id)s::bigint[], %(u_all_seq)s::int[], %(u_pub_seq)s::int[], %(u_last_body)s::text[],
                %(u_author_kind)s::text[], %(u_author_id)s::bigint[], %(u_customer_seq)s::int[], %(u_agent_seq)s::int[],
                %(u_idle_due_at)s::timestamptz[])
         as v(id, all_seq, pub_seq, last_body, author_kind, author_id, customer_seq, agent_seq, idle_due_at)
    where chat.id = v.id
), told as ({announcements.OF_ENTRIES}
), d as (
    insert into delivery (message_id, chat_id, channel_id, pub_seq)
    select m.id, m.chat_id, c.channel_id, v.pub_seq
    from m join chat c on c.id = m.chat_id join channel h on h.id = c.channel_id and h.kind <> 'web'
    join unnest(%(chat_id)s::bigint[], %(author_kind)s::text[], %(all_seq)s::int[], %(pub_seq)s::int[])
         as v(chat_id, author_kind, all_seq, pub_seq) on v.chat_id = m.chat_id and v.all_seq = m.all_seq
    where v.author_kind <> 'customer'
    order by m.id
    returning id, message_id
)
select m.id, m.chat_id, m.all_seq, d.id as delivery_id, array(select webhook_id from told) as told
from m left join d on d.message_id = m.id
"""


class _Repeated(Exception):
    """A client_id of the batch is stored already: the numbers given out would leave a gap."""


def post(drafts: list[Draft]) -> list[Outcome]:
    """Store what is the common case, all in one transaction, and tell it. Same order out as in.

    Never raises for one draft's sake: each gets its own outcome, and None where the
    longer way is needed.
    """
    if not any(_common(draft) for draft in drafts):
        return [None] * len(drafts)
    try:
        with transaction():
            return _store(drafts)
    except _Repeated:
        return [None] * len(drafts)


def _common(draft: Draft) -> bool:
    return not (
        draft.internal
        or draft.topic
        or draft.quote_id
        or draft.attachment_ids
        or draft.canned_id
        or draft.notice_id
        or draft.wish
        or draft.aside
        or draft.template
    )


def _store(drafts: list[Draft]) -> list[Outcome]:
    common = [draft for draft in drafts if _common(draft)]
    locked = rows(
        _LOCK,
        (
            list(LIVE),
            [draft.chat_id for draft in common if isinstance(draft.by, Viewer)],
            [draft.author.id for draft in common if isinstance(draft.by, Visitor)],
        ),
    )
    by_id = {row["id"]: row for row in locked}
    # an agent may have named a chat that has ended; its customer's words are for the next one
    by_customer = {(row["customer_id"], row["channel_id"]): row for row in locked if row["state"] != State.ENDED}
    outcomes: list[Outcome] = [None] * len(drafts)
    sent: list[tuple[int, Draft, Row, Row]] = []  # place, draft, chat, entry
    for place, draft in enumerate(drafts):
        if not _common(draft):
            continue
        if isinstance(draft.by, Visitor):
            chat = by_customer.get((draft.by.customer_id, draft.by.channel_id))
            if chat is None or chat["state"] == State.BOT:
                continue
        else:
            chat = by_id.get(draft.chat_id or 0)
            if chat is None or chat["state"] != State.ACTIVE or chat["owner_id"] != draft.by.id:
                continue
        sent.append((place, draft, chat, _entry(draft, chat)))
    if not sent:
        return outcomes
    now = locked[0]["now"]
    _write(sent, now)
    for place, draft, chat, entry in sent:
        outcomes[place] = Said(entry, chat)
        if isinstance(draft.by, Viewer) and chat["first_replied_at"] is None:
            timers.cancel(chat["id"], TimerKind.FIRST_REPLY)
            chat["first_replied_at"] = now
        if isinstance(draft.by, Viewer) and chat["reply_by_email"]:
            letters.answered(chat["id"])
        if isinstance(draft.by, Visitor) and chat["owner_is_mailed"]:
            letters.call(chat["id"])
        news.entry(
            entry,
            owners=(chat["owner_id"],),
            customer_id=chat["customer_id"],
            team_id=chat["team_id"],
            state=chat["state"],
        )
    return outcomes


def _entry(draft: Draft, chat: Row) -> Row:
    """The next public entry of a locked chat; moves its counters."""
    chat["all_seq"] += 1
    chat["pub_seq"] += 1
    return {
        "chat_id": chat["id"],
        "kind": "text",
        "author_kind": draft.author.kind,
        "author_id": draft.author.id,
        "author_name": draft.author.name,
        "author_hue": draft.author.hue,
        "body": draft.body,
        "data": {},
        "client_id": draft.client_id,
        "all_seq": chat["all_seq"],
        "pub_seq": chat["pub_seq"],
        "edited_at": None,
        "deleted_at": None,
    }


def _write(sent: list[tuple[int, Draft, Row, Row]], now: datetime) -> None:
    """Run `_STORE` and give each entry its id. Raises `_Repeated` when one was stored before."""
    entries = [entry for _, _, _, entry in sent]
    columns = (
        "chat_id",
        "author_kind",
        "author_id",
        "author_name",
        "author_hue",
        "body",
        "client_id",
        "all_seq",
        "pub_seq",
    )
    params: Row = {name: [entry[name] for entry in entries] for name in columns}
    silences: dict[int, timedelta] = {chat["id"]: chat["idle"] for _, _, chat, _ in sent}
    newest: dict[int, tuple[Row, dict[str, int]]] = {}  # a chat's last entry, and the last one of either side
    for entry in entries:
        sides = newest[entry["chat_id"]][1] if entry["chat_id"] in newest else {}
        newest[entry["chat_id"]] = (entry, sides | {entry["author_kind"]: entry["pub_seq"]})
    params |= {
        "hook_event": "message.created",
        "hook_internal": False,
        "now": now,
        "u_chat_id": list(newest),
        "u_all_seq": [last["all_seq"] for last, _ in newest.values()],
        "u_pub_seq": [last["pub_seq"] for last, _ in newest.values()],
        "u_last_body": [last["body"][: shapes.LAST_BODY] for last, _ in newest.values()],
        "u_author_kind": [last["author_kind"] for last, _ in newest.values()],
        "u_author_id": [last["author_id"] for last, _ in newest.values()],
        # who writes has read everything up to their own words, and nothing that came in after them
        "u_customer_seq": [sides.get("customer") for _, sides in newest.values()],
        "u_agent_seq": [sides.get("agent") for _, sides in newest.values()],
        # silence only counts while it is the customer's turn
        "u_idle_due_at": [
            now + silences[chat_id] if last["author_kind"] == "agent" else None for chat_id, (last, _) in newest.items()
        ],
    }
    found = rows(_STORE, params)
    stored = {(row["chat_id"], row["all_seq"]): row for row in found}
    if len(stored) < len(entries):
        raise _Repeated
    announcements.nudge(found[0]["told"])
    for entry in entries:
        row = stored[entry["chat_id"], entry["all_seq"]]
        entry["id"], entry["delivery"] = row["id"], chat_log.on_its_way(row["delivery_id"])
        entry["created_at"] = now


@atomically
def agent_writes(draft: Draft) -> Said:
    """The longer way of an agent's message or note: a retry, a note, one that carries something, or a refusal."""
    assert isinstance(draft.by, Viewer)
    assert draft.chat_id is not None
    viewer = draft.by
    viewer.require(Permission.CHAT_ANSWER)
    chat = chats.locked_for(viewer, draft.chat_id)
    if (before := chat_log.stored(draft.author, draft.client_id)) is not None:
        return Said(before)
    if draft.internal:
        chats.require_open_or_late(chat, Command.NOTE)
    else:
        require_answering(viewer, chat)
    enclosed = enclosures.gather(chat, draft)
    row = chat_log.write(
        chat,
        draft.author,
        kind="note" if draft.internal else "text",
        body=enclosed.body,
        data=enclosed.data,
        public=not draft.internal,
        client_id=draft.client_id,
    )
    enclosures.settle(chat, enclosed, row)
    drafts.forget(viewer.id, chat.id, "note" if draft.internal else "reply")
    if not draft.internal:
        _answered(chat, row["created_at"])
    chat.store()
    return Said(row)


def require_answering(viewer: Viewer, chat: Chat) -> None:
    """Only its owner speaks to the customer of a chat, and only while it is open."""
    chats.guard(chat, Command.AGENT_MESSAGE)
    if chat.owner_id != viewer.id:
        raise chats.moved(chat, Conflict("This chat is not yours any more.", code="not_owner"))


def _answered(chat: Chat, now: datetime) -> None:
    """The owner has just spoken: what waited for that is over, and silence counts from now."""
    if chat.first_replied_at is None:
        timers.cancel(chat.id, TimerKind.FIRST_REPLY)
        chat.first_replied_at = now
    chat.last_agent_at, chat.agent_read_seq = now, chat.pub_seq
    chat.idle_due_at, chat.idle_warned_at = None, None
    if chat.reply_by_email:
        letters.answered(chat.id)
    if chat.state == State.ACTIVE:  # while it is offered to somebody, silence is nobody's fault
        holds = terms.in_force(chat.team_id)
        chat.idle_due_at = now + timedelta(seconds=holds.idle_end_async_s if terms.is_slow(chat) else holds.idle_warn_s)


@atomically
def agent_reads(viewer: Viewer, chat_id: int, seq: int, only_delivered: bool = False) -> None:
    """The owner has read up to `seq`. Others looking in change nothing, and what has merely arrived is not read."""
    if only_delivered:
        return
    found = rows(
        "update chat set agent_read_seq = least(%s, pub_seq) where id = %s and owner_id = %s"
        " and agent_read_seq < least(%s, pub_seq) returning customer_id, agent_read_seq",
        (seq, chat_id, viewer.id, seq),
    )
    for row in found:
        news.receipt(
            chat_id,
            "agent",
            row["agent_read_seq"],
            row["agent_read_seq"],
            owner_id=viewer.id,
            customer_id=row["customer_id"],
        )


@atomically
def customer_reads(visitor: Visitor, chat_id: int, seq: int, only_delivered: bool = False) -> None:
    """The customer's page has received, or the customer has seen, everything up to `seq`."""
    found = rows(
        "update chat set customer_delivered_seq = greatest(customer_delivered_seq, least(%(seq)s, pub_seq)),"
        " customer_read_seq = case when %(only)s then customer_read_seq"
        "                     else greatest(customer_read_seq, least(%(seq)s, pub_seq)) end"
        " where id = %(chat)s and customer_id = %(customer)s"
        " and (customer_delivered_seq < least(%(seq)s, pub_seq)"
        "      or (not %(only)s and customer_read_seq < least(%(seq)s, pub_seq)))"
        " returning owner_id, customer_id, customer_delivered_seq, customer_read_seq",
        {"seq": seq, "only": only_delivered, "chat": chat_id, "customer": visitor.customer_id},
    )
    for row in found:
        news.receipt(
            chat_id,
            "customer",
            row["customer_delivered_seq"],
            row["customer_read_seq"],
            owner_id=row["owner_id"],
            customer_id=row["customer_id"],
        )
