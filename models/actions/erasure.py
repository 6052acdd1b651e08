"""What is known of one customer is taken out of the desk for good (T22), and a receipt says that it was.

Chats stay as they were counted: their numbers, times, owners and reasons, with a stub in the place of every word. So
reports stay true, and nothing tells any more who it was.
"""

from __future__ import annotations

from models import live
from models.actions import audit, chat_log, chats, exports, news, promises
from models.actions.chat_log import Row, agent_author
from models.db import atomically, one, rows, run
from models.errors import Conflict, NotFound
from models.live import VISITOR, Event, Room
from models.queries import customers as read
from models.queries import joining as read_joining
from models.queries.access import Permission, Viewer
from models.rules import wording
from models.rules.lifecycle import State
from models.tables.history import Word

NOBODY = "Erased"
"""Who said what is gone; and why a chat ended that had to be explained."""

# What an event may go on saying: facts of the desk, and nobody's words.
_KEPT_FACTS = (
    "event agent by team how waited_s policy load limit considered over_limit rule priority"
    " escalation_id target expected_at"
).split()
_KEPT_BODIES = ("assigned", "ended", "tagged", "queued")


@atomically
def erase(viewer: Viewer, customer_id: int, reason: str) -> int:
    """Erase a customer. Returns the number of the receipt. Raises `Conflict` (`already_erased`)."""
    viewer.require(Permission.CHAT_SUPERVISE)
    customer = one("select id, erased_at from customer where id = %s for update", (customer_id,))
    if customer is None:
        raise NotFound()
    if customer["erased_at"] is not None:
        raise Conflict("This customer has been erased already.", code="already_erased")
    chat_ids = [each["id"] for each in rows("select id from chat where customer_id = %s order by id", (customer_id,))]
    author = agent_author(viewer)
    for chat_id in chat_ids:
        chat = chat_log.locked(chat_id)
        if chat.state != State.ENDED:
            chats.finish(chat, author, "admin", body=wording.BLOCKED_ENDED)
    of = {"customer": customer_id, "gone": read_joining.gone_into(customer_id), "chats": chat_ids, "nobody": NOBODY}
    _forget_words(of)
    counts = _empty_messages(of)
    _empty_chats(viewer, of)
    _forget_person(of)
    exports.forget_customer(customer_id)
    (receipt,) = rows(
        "insert into erasure (customer_id, agent_id, agent_name, reason, chats, messages, files, notes)"
        " values (%(customer)s, %(agent)s, %(name)s, %(reason)s, %(many)s, %(messages)s, %(files)s, %(notes)s) returning id",
        {**of, **counts, "agent": viewer.id, "name": viewer.name, "reason": reason, "many": len(chat_ids)},
    )
    audit.note(viewer, "erased", "customer", customer_id, after={"receipt": receipt["id"]})
    _tell(customer_id)
    number: int = receipt["id"]
    return number


def _forget_words(of: Row) -> None:
    """Words that this customer's chats alone hold are known to nobody any more."""
    counted = rows(
        "select w as word, count(*)::int as uses from message m, word_mark k,"
        " regexp_split_to_table(lower(unaccent(m.body)), '[^[:alpha:]]+') w"
        " where m.chat_id = any(%(chats)s) and m.kind <> 'event' and m.id <= k.message_id and length(w) between 3 and 30"
        " group by w",
        of,
    )
    found = {"words": [each["word"] for each in counted], "uses": [each["uses"] for each in counted]}
    run(
        "update word set uses = greatest(word.uses - gone.uses, 0)"
        " from unnest(%(words)s::text[], %(uses)s::int[]) as gone(word, uses) where word.word = gone.word",
        found,
    )
    # corrections are not counted, so the last few uses are looked for rather than believed
    rare = rows("select word from word where word = any(%(words)s) and uses <= 2", found)
    for each in rare:
        elsewhere = one(
            "select 1 as yes from message where words @@ plainto_tsquery('parley', %(word)s)"
            " and chat_id <> all(%(chats)s) limit 1",
            {**of, "word": each["word"]},
        )
        if elsewhere is None:
            Word.delete().where(Word.word == each["word"]).execute()


def _empty_messages(of: Row) -> Row:
    """Stubs in the place of words; files, earlier versions, drafts and letters are gone. Returns how many of each."""
    files = run("delete from attachment where chat_id = any(%(chats)s) or by_customer_id = %(customer)s", of)
    run("delete from message_version where message_id in (select id from message where chat_id = any(%(chats)s))", of)
    run("delete from draft where chat_id = any(%(chats)s)", of)
    run("delete from mail where chat_id = any(%(chats)s)", of)
    _forget_failures(of)
    run("delete from bot_turn where chat_id = any(%(chats)s)", of)
    run("delete from answer_feedback where chat_id = any(%(chats)s)", of)
    run("delete from notice where customer_id = %(customer)s", of)
    run("update recipient set error = null, provider_id = null where customer_id = %(customer)s", of)
    messages = run(
        "update message set body = '', data = '{}', client_id = null, edited_at = null,"
        " deleted_at = coalesce(deleted_at, clock_timestamp()),"
        " author_name = case when author_kind = 'customer' then %(nobody)s else author_name end"
        " where chat_id = any(%(chats)s) and kind <> 'event'",
        of,
    )
    run(
        "update message set body = case when data ->> 'event' = any(%(bodies)s) then body else '' end,"
        " data = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(data) where key = any(%(facts)s)),"
        " change = change - 'end_note' - 'rating_comment',"
        " author_name = case when author_kind = 'customer' then %(nobody)s else author_name end"
        " where chat_id = any(%(chats)s) and kind = 'event'",
        {**of, "bodies": list(_KEPT_BODIES), "facts": _KEPT_FACTS},
    )
    notes = run("delete from customer_note where customer_id = %(customer)s", of)
    return {"messages": messages, "files": files, "notes": notes}


def _forget_failures(of: Row) -> None:
    """Questions the bot failed on, and whatever was made of their words: names of clusters, drafts, questions asked again.

    The clusters are reckoned and described anew by the worker, from what is left in them.
    """
    run(
        "delete from regression_turn where message_id in (select id from message where chat_id = any(%(chats)s))"
        " or lower(question) in (select lower(text) from failed_response where chat_id = any(%(chats)s))",
        of,
    )
    touched = rows(
        "update cluster c set keywords = '{}', draft = null, described_at = null, changed_at = clock_timestamp(),"
        " label = case when c.label_by_hand then c.label else coalesce((select left(f.text, 160) from failed_response f"
        "   where f.cluster_id = c.id and f.chat_id <> all(%(chats)s) order by f.id limit 1), '') end"
        " where c.id in (select cluster_id from failed_response where chat_id = any(%(chats)s))"
        "    or c.central_id in (select id from failed_response where chat_id = any(%(chats)s)) returning c.id",
        of,
    )
    for each in touched:
        run(
            "update cluster_decision set before = before #- array['clusters', %(cluster)s::text, 'label']"
            " where before -> 'clusters' ? %(cluster)s::text",
            {"cluster": each["id"]},
        )
    run("delete from failed_response where chat_id = any(%(chats)s)", of)


def _empty_chats(viewer: Viewer, of: Row) -> None:
    """The chats lose every word of their own, each with one entry in its log that says so."""
    run(
        "with emptied as (update chat set first_body = '', last_body = '', rating_comment = null,"
        "  end_note = case when end_reason = 'other' then %(nobody)s end, version = version + 1, all_seq = all_seq + 1"
        "  where id = any(%(chats)s) returning id, all_seq, end_note)"
        " insert into message (chat_id, kind, author_kind, author_id, author_name, author_hue, body, data, change, all_seq)"
        " select id, 'event', 'agent', %(agent)s, %(name)s, %(hue)s, '', '{\"event\": \"erased\"}',"
        " jsonb_build_object('end_note', end_note, 'rating_comment', null), all_seq from emptied",
        {**of, "agent": viewer.id, "name": viewer.name, "hue": viewer.hue},
    )
    run("update escalation set note = %(nobody)s, reason_note = '' where chat_id = any(%(chats)s)", of)
    run(
        "update escalation_answer set note = ''"
        " where escalation_id in (select id from escalation where chat_id = any(%(chats)s))",
        of,
    )
    run("update session set subject = '' where customer_id = %(customer)s", of)
    settled = rows(
        "update promise set note = '', settled_note = '',"
        " state = case when state = 'open' then 'cancelled' else state end,"
        " settled_at = coalesce(settled_at, clock_timestamp()) where customer_id = %(customer)s returning id",
        of,
    )
    for each in settled:
        promises.tell(each["id"])


def _forget_person(of: Row) -> None:
    """Name, addresses, ways in, and wherever else the desk has noted who it was."""
    run(
        "update customer set name = null, email = null, phone = null, language = null, location = null, time_zone = null,"
        " browser = null, page = null, referrer = null, device = null, address = null, attributes = '{}',"
        " verified = false, erased_at = clock_timestamp() where id = %(customer)s or id = any(%(gone)s)",
        of,
    )
    # what they sent, as it came: also what was never said in a chat. Its number stays, so that it is not taken in again
    run(
        "update inbound n set body = '', sender = '', error = null, provider_message_id = null,"
        " state = case when n.state in ('done', 'dead') then n.state else 'done' end, lease_until = null,"
        " settled_at = coalesce(n.settled_at, clock_timestamp()) from identity i where i.customer_id = %(customer)s"
        " and n.channel_id = i.channel_id and n.sender in (i.external_id, 'receipts of ' || i.external_id)",
        of,
    )
    run(  # by their chats too: who is not proved, or came by a form, stands in the line of another name
        "update inbound n set body = '', sender = '', error = null, provider_message_id = null"
        " where n.chat_id = any(%(chats)s) or (n.chat_id is null and n.state in ('done', 'dead') and exists"
        " (select from identity i where i.customer_id = %(customer)s and i.channel_id = n.channel_id"
        "  and i.external_id = n.sender || '#unproved'))",
        of,
    )
    run("update delivery set provider_ids = '{}' where chat_id = any(%(chats)s)", of)
    run("delete from customer_join where kept_id = %(customer)s or gone_id = any(%(gone)s)", of)
    run("delete from confirmation where customer_id = %(customer)s", of)
    for table in ("identity", "visitor_token", "socket_lease"):
        run(f"delete from {table} where customer_id = %(customer)s", of)
    run("update block set address = null, reason = '' where customer_id = %(customer)s", of)
    run(
        "update audit_entry set target_name = '', before = null, after = null"
        " where (target = 'customer' and (target_id = %(customer)s::text or target_id = any(%(gone)s::text[])))"
        " or (target = 'chat' and target_id = any(%(chats)s::text[]))",
        of,
    )
    run("update saved_view set names = names #- array['customer', %(customer)s::text] where names ? 'customer'", of)


def _tell(customer_id: int) -> None:
    """Open screens show at once that nothing is left; the customer's own page is no longer known."""
    news.customer(customer_id)
    for each in read.newest_chats(customer_id):
        news.chat(each["id"])
    live.push(VISITOR, Event.CUT_OFF, [Room.customer(customer_id)], {"reason": "expired"})
