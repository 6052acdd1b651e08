"""Two customers become one person, on proof and never otherwise; and are parted again where that was wrong.

Whoever brings proof locks the proof, so that two who bring the same at one moment meet. Then the customers, by their
numbers, and then their chats: the order in which a customer is erased. A customer who has gone into another stays as a
row that says where it went; whoever still holds its number is led on (`present`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from models import live
from models.actions import audit, chat_log, chats, news
from models.actions.chat_log import SYSTEM, Row, agent_author
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict, NotFound
from models.live import VISITOR, Event, Room
from models.queries import access
from models.queries import joining as read
from models.queries.access import Permission, Viewer
from models.queries.shapes import shown_name
from models.rules import joining as rules
from models.rules import wording
from models.tables.chats import Chat
from models.tables.customers import Customer

REFERS: Mapping[str, tuple[str, str]] = {
    "identity": ("customer_id", "id"),
    "visitor_token": ("customer_id", "id"),
    "session": ("customer_id", "id"),
    "chat": ("customer_id", "id"),
    "block": ("customer_id", "id"),
    "customer_note": ("customer_id", "id"),
    "attachment": ("by_customer_id", "id"),
    "promise": ("customer_id", "id"),
    "recipient": ("customer_id", "id"),
    "notice": ("customer_id", "id"),
    "answer_feedback": ("customer_id", "message_id"),
    "failed_response": ("customer_id", "id"),
    "confirmation": ("customer_id", "id"),
}
"""Every table that refers to a customer: in which column, and by which key its rows are named in the ledger."""

_MEANT_ALREADY = (
    "exists (select from recipient o where o.broadcast_id = t.broadcast_id and not o.trial and not t.trial"
    " and o.customer_id = %(kept)s)"
)
_BRING = {
    table: f"update {table} t set {column} = %(kept)s where t.{column} = %(gone)s"
    + (f" and not {_MEANT_ALREADY}" if table == "recipient" else "")
    + f" returning t.{key} as key"
    for table, (column, key) in REFERS.items()
}

OWN_BOOKS = frozenset({"customer", "customer_join"})
"""Who went where is not rewritten when they go on."""

_LATER = ("promise", "failed_response", "answer_feedback", "notice")
"""What hangs on a chat and goes with it."""

_PROOF, _PERSON = -1, -2
"""Classes of locks; those of `senders.meet` are channels and not negative."""


# --- locks ------------------------------------------------------------------------------------------------


def lock_proof(proof: Mapping[str, str]) -> None:
    """Whoever brings the same proof at the same moment waits here."""
    for name, value in sorted(proof.items()):
        run("select pg_advisory_xact_lock(%s, hashtext(%s))", (_PROOF, f"{name} {value}"))


def present(customer_id: int) -> int:
    """Who this customer is by now, and stays until the transaction ends."""
    while True:
        run("select pg_advisory_xact_lock_shared(%s, %s)", (_PERSON, customer_id % 2**31))
        found = one("select joined_into_id from customer where id = %s", (customer_id,))
        if found is None or found["joined_into_id"] is None:
            return customer_id
        customer_id = found["joined_into_id"]


def _locked(customer_ids: Collection[int]) -> dict[int, Row]:
    for customer_id in sorted(customer_ids):
        run("select pg_advisory_xact_lock(%s, %s)", (_PERSON, customer_id % 2**31))
    found = rows(
        "select * from customer where id = any(%s) and erased_at is null and joined_into_id is null"
        " order by id for no key update",
        (list(customer_ids),),
    )
    return {each["id"]: each for each in found}


# --- together ---------------------------------------------------------------------------------------------


@atomically
def unite(identity_id: int, proof: dict[str, str], how: str, asked_by: int | None = None) -> int:
    """Make one person of the customer behind an identity and all who have proved the same. Returns who they are now.

    The proof is locked. `how`: `confirmed` by a letter that an agent asked for, or `vouched` for by a provider, which
    does not bring together again who was parted by hand.
    """
    meant = _meant(identity_id, proof, how)
    while len(meant) > 1:
        people = _locked(meant)
        if (meant := _meant(identity_id, proof, how)) <= people.keys():  # none of them went elsewhere meanwhile
            kept = rules.kept_of(list(meant))
            for gone in sorted(meant - {kept}):
                _join(people[kept], people[gone], proof, how, identity_id, asked_by)
            return kept
    (customer_id,) = meant
    return customer_id


def _meant(identity_id: int, proof: dict[str, str], how: str) -> set[int]:
    found = one("select customer_id from identity where id = %s", (identity_id,))
    if found is None:
        raise NotFound()
    customer_id: int = found["customer_id"]
    return {customer_id, *read.who_proved(proof, not_parted_from=customer_id if how == "vouched" else None)}


def _join(kept: Row, gone: Row, proof: Row, how: str, identity_id: int, asked_by: int | None) -> None:
    """`kept` is brought up to date, for whoever else joins them at once."""
    both = (kept["id"], gone["id"])
    rows("select id from chat where customer_id = any(%s) order by id for update", (list(both),))
    _end_twins(*both)
    names = [shown_name(each["name"], each["id"]) for each in (kept, gone)]
    before = {name: kept[name] for name in rules.FACTS}
    after = rules.united(kept, gone)
    _write_facts(kept["id"], after)
    kept |= after
    run("update customer set joined_into_id = %s where id = %s", both)
    moved = {table: _bring(table, *both) for table in REFERS if table != "chat"}
    run("update socket_lease set customer_id = %s where customer_id = %s", both)
    run(
        "update saved_view set filter = jsonb_set(filter, '{customer_id}', to_jsonb(%s::bigint))"
        " where (filter ->> 'customer_id')::bigint = %s",
        both,
    )
    moved["chat"] = _bring_chats(*both, kept_name=names[0], gone_name=names[1], proof=", ".join(proof.values()))
    run(
        "insert into customer_join (kept_id, gone_id, how, proof, identity_id, asked_by_id, before, after, moved)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*both, how, as_json(proof), identity_id, asked_by, as_json(before), as_json(after), as_json(moved)),
    )
    audit.happened(
        wording.THE_CUSTOMER if how == "confirmed" else wording.A_PROVIDER,
        "joined",
        "customer",
        kept["id"],
        names[0],
        after={"customer": gone["id"], "name": names[1], **proof},
    )
    live.push(VISITOR, Event.CUT_OFF, [Room.customer(gone["id"])], {"reason": "joined"})
    news.customer(kept["id"])


def _end_twins(kept: int, gone: int) -> None:
    """Of two open chats on one channel one goes on; the other ends, with everything that was said in it."""
    pairs = rows(
        "select a.id as a, b.id as b from chat a join chat b on b.channel_id = a.channel_id and b.customer_id = %s"
        " and b.state <> 'ended' where a.customer_id = %s and a.state <> 'ended'",
        (gone, kept),
    )
    for pair in pairs:
        one_chat, other = chat_log.locked(pair["a"]), chat_log.locked(pair["b"])
        first = rules.goes_on(_weighed(one_chat), _weighed(other))
        ends, stays = (other, one_chat) if first else (one_chat, other)
        chats.finish(ends, SYSTEM, "merged", body=wording.MERGED, data={"goes_on": stays.id})


def _weighed(chat: Chat) -> Row:
    return {name: getattr(chat, name) for name in ("id", "state", "last_at", "created_at")}


def _bring_chats(kept: int, gone: int, *, kept_name: str, gone_name: str, proof: str) -> list[int]:
    """Each chat of theirs changes hands as one entry of its log; the other's open ones say so as well."""
    mine = rows("select id from chat where customer_id = %s and state <> 'ended' order by id", (kept,))
    theirs = [each["id"] for each in rows("select id from chat where customer_id = %s order by id", (gone,))]
    body = wording.same_person(gone_name, proof)
    for each in mine:
        chat_log.change(chat_log.locked(each["id"]), "customers_joined", SYSTEM, body=body, public=False)
    _hand_chats(theirs, gone, kept, SYSTEM, "customers_joined", wording.same_person(kept_name, proof))
    return theirs


def _hand_chats(chat_ids: Sequence[int], was: int, now: int, author: chat_log.Author, event: str, body: str) -> None:
    """Give chats to another customer, words and all, so that a word sent twice is still known by its sender."""
    run(
        "update message m set author_id = %(now)s where chat_id = any(%(chats)s) and author_kind = 'customer'"
        " and author_id = %(was)s and not exists (select from message o where o.author_kind = 'customer'"
        "   and o.author_id = %(now)s and o.client_id = m.client_id)",
        {"now": now, "was": was, "chats": list(chat_ids)},
    )
    run(
        "update chat set last_author_id = %s where id = any(%s) and last_author_kind = 'customer'",
        (now, list(chat_ids)),
    )
    for chat_id in chat_ids:
        chat = chat_log.locked(chat_id)
        chat_log.change(chat, event, author, body=body, public=False, customer=now)


def _bring(table: str, kept: int, gone: int) -> list[int]:
    """Everything of one table, and the keys of what was brought.

    Of two who are meant by the same broadcast one is written to: what still waits of the other is left out, and both stay
    in its ledger.
    """
    of = {"kept": kept, "gone": gone}
    if table == "recipient":
        run(
            "update recipient t set state = 'skipped', reason = 'same_person', settled_at = clock_timestamp()"
            f" where t.customer_id = %(gone)s and t.state = 'waiting' and {_MEANT_ALREADY}",
            of,
        )
    return [each["key"] for each in rows(_BRING[table], of)]


def _write_facts(customer_id: int, facts: Row) -> None:
    if facts:
        Customer.update(**facts).where(Customer.id == customer_id).execute()


# --- apart ------------------------------------------------------------------------------------------------


@atomically
def separate(viewer: Viewer, join_id: int) -> int:
    """Part two customers who are not one person after all. Returns the customer who was kept.

    What had come along goes back, and with it what has come since by a channel that only the other is known on. Raises
    `Conflict` (`parted_already`, `joined_further`).
    """
    viewer.require(Permission.CHAT_SUPERVISE)
    found = one("select kept_id, gone_id from customer_join where id = %s", (join_id,))
    if found is None:
        raise NotFound()
    kept, gone = found["kept_id"], found["gone_id"]
    for customer_id in sorted((kept, gone)):
        run("select pg_advisory_xact_lock(%s, %s)", (_PERSON, customer_id % 2**31))
    people = {
        each["id"]: each
        for each in rows("select * from customer where id = any(%s) order by id for no key update", ([kept, gone],))
    }
    join = one("select * from customer_join where id = %s for update", (join_id,))
    assert join is not None
    if join["undone_at"] is not None:
        raise Conflict("They are two customers again already.", code="parted_already")
    if people[kept]["joined_into_id"] is not None:
        raise Conflict("This customer has been joined with another since. Part those first.", code="joined_further")
    access.see_customer(viewer, kept)
    _take_back(viewer, join, people)
    run("update customer_join set undone_at = clock_timestamp(), undone_by_id = %s where id = %s", (viewer.id, join_id))
    audit.note(
        viewer,
        "separated",
        "customer",
        kept,
        people[kept]["name"] or "",
        before={"customer": gone, "name": people[gone]["name"], **join["proof"]},
    )
    live.push(VISITOR, Event.CUT_OFF, [Room.customer(kept)], {"reason": "joined"})
    for customer_id in (kept, gone):
        news.customer(customer_id)
    return int(kept)


def _take_back(viewer: Viewer, join: Row, people: Mapping[int, Row]) -> None:
    kept, gone, moved = join["kept_id"], join["gone_id"], join["moved"]
    rows("select id from chat where customer_id = %s order by id for update", (kept,))
    back = rows(
        "select id, session_id from chat c where customer_id = %(kept)s and (id = any(%(chats)s) or created_at > %(since)s"
        " and exists (select from identity i where i.id = any(%(ways)s) and i.channel_id = c.channel_id)"
        " and not exists (select from identity i where i.customer_id = %(kept)s and i.id <> all(%(ways)s)"
        "                 and i.channel_id = c.channel_id)) order by id",
        {"kept": kept, "chats": moved["chat"], "since": join["joined_at"], "ways": moved["identity"]},
    )
    of = {"kept": kept, "gone": gone, "chats": [each["id"] for each in back]}
    for table, (column, key) in REFERS.items():
        if table != "chat":
            run(
                f"update {table} set {column} = %(gone)s where {column} = %(kept)s and {key} = any(%(keys)s)",
                {**of, "keys": moved.get(table, [])},
            )
    for table in _LATER:
        run(f"update {table} set customer_id = %(gone)s where customer_id = %(kept)s and chat_id = any(%(chats)s)", of)
    run(
        "update attachment set by_customer_id = %(gone)s where by_customer_id = %(kept)s and chat_id = any(%(chats)s)",
        of,
    )
    run(
        "update session s set customer_id = %(gone)s where customer_id = %(kept)s and id = any(%(sessions)s)",
        {**of, "sessions": [each["session_id"] for each in back]},
    )
    body = wording.parted(viewer.name)
    _hand_chats(of["chats"], kept, gone, agent_author(viewer), "customers_separated", body)
    _forget_confirmed(join)
    _write_facts(kept, rules.parted(_plain(people[kept]), join["before"], join["after"]))
    run("update customer set joined_into_id = null where id = %s", (gone,))


def _plain(facts: Row) -> Row:
    """As the ledger has them: moments as texts."""
    at = facts["broadcasts_off_at"]
    return {**facts, "broadcasts_off_at": at.isoformat() if at else None}


def _forget_confirmed(join: Row) -> None:
    """A confirmation that joined the wrong two proves nothing any more; a provider's word stays a provider's word."""
    if join["how"] == "confirmed" and join["identity_id"] is not None:
        run("update identity set notes = notes #- '{proved,email}' where id = %s", (join["identity_id"],))
