"""What came in by a channel: kept before it is acknowledged, then done once, in order for each sender.

The row is the work. Whoever calls us gets their answer when the row is committed; a second row for the same update
cannot be. A worker claims the first of a sender's line, and of one sender never two at a time: a unique index says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import peewee

from models import jobs
from models.actions import channels, chat_log, joining, news
from models.actions.chat_log import SYSTEM, Row
from models.channels.base import Edited, Person, Polled, Receipt, Update
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict
from models.jobs import Job
from models.queries import joining as read_joining
from models.queries.access import Permission, Viewer, Visitor
from models.queries.shapes import customer_hue, shown_name
from models.rules import breaking
from models.rules.delivering import REACHED
from models.rules.lifecycle import State
from models.tables.customers import Customer

LEASE_S = 60
"""A claim outlives the fetching of an album; who dies leaves one that runs out."""

ALBUM_S = 1.5
"""The pieces of an album come one by one; it is whole when none has come for so long."""

TRIES = 5
BACKOFF_S = 10
KEPT_DAYS = 30
"""What was done is forgotten then, long after any provider calls again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One update in hand, with the others of its bundle."""

    id: int
    channel_id: int
    attempt: int
    bodies: Sequence[bytes]
    ids: Sequence[int]
    """All the rows that are done with this one."""


@atomically
def receive(channel_id: int, updates: Sequence[Update], notes: Row | None = None) -> int:
    """Keep updates, each once however often it comes. Returns how many were new.

    `notes`: how far a polled channel was read; it holds or falls with what was read.
    """
    new = 0
    for update in updates:
        new += run(
            "insert into inbound (channel_id, provider_id, sender, place, bundle, body, due_at)"
            " values (%s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s))"
            " on conflict (channel_id, provider_id) do nothing",
            (
                channel_id,
                update.provider_id,
                update.sender,
                update.place,
                update.bundle,
                update.raw,
                ALBUM_S if update.bundle else 0,
            ),
        )
        if update.bundle:
            run(
                "update inbound set due_at = clock_timestamp() + make_interval(secs => %s)"
                " where channel_id = %s and sender = %s and bundle = %s and state = 'waiting'",
                (ALBUM_S, channel_id, update.sender, update.bundle),
            )
    if notes is not None:
        run("update channel set notes = notes || %s::jsonb where id = %s", (as_json(notes), channel_id))
    if new:
        _stamp(channel_id)
        jobs.enqueue(Job.TAKE_IN)
    return new


def _stamp(channel_id: int) -> None:
    """When something last came in: to a few seconds, and never waiting for another who says the same."""
    run(
        "update channel set last_in_at = clock_timestamp() where id in (select id from channel where id = %s"
        " and (last_in_at is null or last_in_at < clock_timestamp() - interval '5 seconds') for no key update skip locked)",
        (channel_id,),
    )


_NEXT = """
select i.id, i.channel_id, i.sender, i.bundle, i.body, i.attempts from inbound i
where i.state = 'waiting' and i.due_at <= clock_timestamp()
  and not exists (select from inbound e where e.channel_id = i.channel_id and e.sender = i.sender
                  and (e.state = 'claimed' or (e.state = 'waiting' and (e.place, e.id) < (i.place, i.id)
                       and (e.bundle is null or e.bundle is distinct from i.bundle))))
order by i.due_at, i.place, i.id limit 1 for update skip locked
"""


def claim() -> Taken | None:
    """Take the next update in hand whose sender has none in hand. None when there is nothing to do now."""
    try:
        return _claim()
    except peewee.IntegrityError:  # another took one of the same sender at this very moment
        return None


@atomically
def _claim() -> Taken | None:
    found = one(_NEXT)
    if found is None:
        return None
    rest = (
        rows(
            "select id, body from inbound where channel_id = %s and sender = %s and bundle = %s and state = 'waiting'"
            " and id <> %s order by place, id for update",
            (found["channel_id"], found["sender"], found["bundle"], found["id"]),
        )
        if found["bundle"]
        else []
    )
    run(
        "update inbound set state = 'claimed', attempts = attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (LEASE_S, found["id"]),
    )
    together = sorted([found, *rest], key=lambda each: int(each["id"]))
    return Taken(
        found["id"],
        found["channel_id"],
        found["attempts"] + 1,
        [bytes(each["body"]) for each in together],
        [each["id"] for each in together],
    )


@atomically
def done(taken: Taken, outcome: str, *, message: Row | None = None, provider_message_id: str | None = None) -> None:
    """It is done, and what became of it. Whoever comes so late that the claim is another's changes nothing."""
    run(
        "update inbound set state = 'done', outcome = %s, lease_until = null, error = null, settled_at = clock_timestamp(),"
        " message_id = %s, chat_id = %s, provider_message_id = %s"
        " where id = any(%s) and (id <> %s or (state = 'claimed' and attempts = %s))",
        (
            outcome,
            message["id"] if message else None,
            message["chat_id"] if message else None,
            provider_message_id,
            list(taken.ids),
            taken.id,
            taken.attempt,
        ),
    )


@atomically
def failed(taken: Taken, error: str, *, for_good: bool = False) -> None:
    """It could not be done: again in a while, or put aside for people to see."""
    dead = for_good or taken.attempt >= TRIES
    run(
        "update inbound set state = %s, lease_until = null, error = %s,"
        " settled_at = case when %s then clock_timestamp() end,"
        " due_at = clock_timestamp() + make_interval(secs => %s) where id = %s and state = 'claimed' and attempts = %s",
        ("dead" if dead else "waiting", error[:500], dead, BACKOFF_S * taken.attempt, taken.id, taken.attempt),
    )
    if dead:
        run(
            "update channel set error = %s, error_at = clock_timestamp() where id = %s", (error[:500], taken.channel_id)
        )
        news.catalogue("channels")


@atomically
def sweep() -> int:
    """Claims that ran out wait again; what was done long ago is forgotten. Returns how many wait now and are due."""
    run(
        "update inbound set state = case when attempts < %s then 'waiting' else 'dead' end, lease_until = null,"
        " settled_at = case when attempts < %s then null else clock_timestamp() end,"
        " error = 'The worker ended while it was in hand.' where state = 'claimed' and lease_until <= clock_timestamp()",
        (TRIES, TRIES),
    )
    run(
        "delete from inbound where id in (select id from inbound where state = 'done'"
        " and settled_at < clock_timestamp() - make_interval(days => %s) limit 500)",
        (KEPT_DAYS,),
    )
    found = one("select count(*)::int as n from inbound where state = 'waiting' and due_at <= clock_timestamp()")
    assert found is not None
    waiting: int = found["n"]
    return waiting


@atomically
def retried(viewer: Viewer, inbound_id: int) -> None:
    """Try again to read what was put aside. Raises `Conflict` when it is not aside."""
    viewer.require(Permission.DESK_EDIT)
    again = run(
        "update inbound set state = 'waiting', attempts = 0, settled_at = null, due_at = clock_timestamp()"
        " where id = %s and state = 'dead'",
        (inbound_id,),
    )
    if not again:
        raise Conflict("This is not waiting to be read again.", code="not_lost")
    jobs.enqueue(Job.TAKE_IN)


# --- who it is --------------------------------------------------------------------------------------------


@atomically
def meet(channel_id: int, person: Person) -> Visitor:
    """The customer behind somebody who wrote. A new one, unless the provider proves that they are one we know.

    Two identities are one person only where both were proved to have the same address or number. What somebody
    merely says of themselves joins nothing.
    """
    run(  # two updates of a new sender meet here
        "select pg_advisory_xact_lock(%s, hashtext(%s))", (channel_id % 2**31, person.external_id)
    )
    known = one(
        "select i.id, i.customer_id, s.name, coalesce(i.notes -> 'proved', '{}') as proved"
        " from identity i join customer s on s.id = i.customer_id"
        " where i.channel_id = %s and i.external_id = %s",
        (channel_id, person.external_id),
    )
    proof = _proof(person)
    if known is None:
        known = _welcome(channel_id, person, proof)
    else:
        if not proof.items() <= known["proved"].items():
            known = _brings_proof(known, proof)
        run(
            "update identity set name = coalesce(nullif(%s, ''), name), last_in_at = clock_timestamp(),"
            " unreachable_at = null, notes = notes || %s::jsonb where id = %s",
            (person.name, as_json(person.notes), known["id"]),
        )
    customer: int = known["customer_id"]
    return Visitor(customer, channel_id, 0, shown_name(known["name"], customer), customer_hue(customer))


def _proof(person: Person) -> dict[str, str]:
    said = {"email": person.email.strip().lower(), "phone": person.phone.strip()}
    return {name: said[name] for name in person.proved if said.get(name)}


def _brings_proof(known: Row, proof: dict[str, str]) -> Row:
    """Somebody we know is vouched for now: they are one with whoever has proved the same before."""
    joining.lock_proof(proof)
    customer_id = joining.unite(known["id"], proof, "vouched")
    run(
        "update identity set notes = jsonb_set(notes, '{proved}', coalesce(notes -> 'proved', '{}') || %s) where id = %s",
        (as_json(proof), known["id"]),
    )
    found = one("select id as customer_id, name from customer where id = %s", (customer_id,))
    assert found is not None
    return {**known, **found}


def _welcome(channel_id: int, person: Person, proof: dict[str, str]) -> Row:
    joining.lock_proof(proof)
    same = None
    proved = read_joining.who_proved(proof) if proof else []
    if proved:
        same = one("select id as customer_id, name from customer where id = %s", (joining.present(proved[0]),))
    if same is None:
        customer = Customer.create(
            name=person.name[:80] or None,
            email=person.email or None,
            phone=person.phone or None,
            language=person.language or None,
        )
        same = {"customer_id": customer.id, "name": customer.name}
    (made,) = rows(
        "insert into identity (customer_id, channel_id, external_id, name, last_in_at, notes)"
        " values (%s, %s, %s, %s, clock_timestamp(), %s) returning id",
        (
            same["customer_id"],
            channel_id,
            person.external_id,
            person.name or None,
            as_json({**person.notes, **({"proved": proof} if proof else {})}),
        ),
    )
    if proved:
        news.customer(same["customer_id"])  # whoever has a chat of theirs open sees that they came another way
    if len(proved) > 1:  # an address of one and the number of another: they are one, too
        customer_id = joining.unite(made["id"], proof, "vouched")
        same = one("select id as customer_id, name from customer where id = %s", (customer_id,)) or same
    return same


@atomically
def reaches(channel_id: int, person: Person, reachable: bool) -> None:
    """They blocked us there, or took us back."""
    run(
        "update identity set unreachable_at = case when %s then null else clock_timestamp() end"
        " where channel_id = %s and external_id = %s",
        (reachable, channel_id, person.external_id),
    )


# --- what it does -----------------------------------------------------------------------------------------


def quoted(channel_id: int, provider_message_id: str | None) -> int | None:
    """The message that the provider calls so, whoever wrote it."""
    if provider_message_id is None:
        return None
    found = one(
        "select message_id from inbound where channel_id = %(channel)s and provider_message_id = %(name)s"
        " and message_id is not null"
        " union all select message_id from delivery where channel_id = %(channel)s and provider_ids @> array[%(name)s]"
        " limit 1",
        {"channel": channel_id, "name": provider_message_id},
    )
    return found["message_id"] if found else None


def quotable(visitor: Visitor, message_id: int | None) -> int | None:
    """That message, if it stands in the chat that is open now: what came before is read in the history."""
    if message_id is None:
        return None
    found = one(
        "select m.id from message m join chat c on c.id = m.chat_id where m.id = %s and m.pub_seq is not null"
        " and m.deleted_at is null and c.customer_id = %s and c.channel_id = %s and c.state <> 'ended'",
        (message_id, visitor.customer_id, visitor.channel_id),
    )
    return found["id"] if found else None


@atomically
def edited(channel_id: int, edit: Edited) -> Row | None:
    """A customer changed their words: the old ones are kept, the chat shows the new. None when we never had them."""
    message_id = quoted(channel_id, edit.message_id)
    found = one("select chat_id from message where id = %s", (message_id,)) if message_id is not None else None
    if found is None:
        return None
    chat = chat_log.locked(found["chat_id"])
    message = one("select * from message where id = %s and author_kind = 'customer' for update", (message_id,))
    if message is None or message["body"] == edit.text:
        return message
    run(
        "insert into message_version (message_id, how, body, data) select id, 'edited', body, data from message where id = %s",
        (message_id,),
    )
    author = chat_log.Author("customer", message["author_id"], message["author_name"], message["author_hue"])
    entry = chat_log.change(
        chat, "message_edited", author, data={"target_id": message_id, "text": edit.text}, public=True
    )
    run("update message set body = %s, edited_at = %s where id = %s", (edit.text, entry["created_at"], message_id))
    return message


@atomically
def receipt(channel_id: int, told: Receipt) -> None:
    """The provider says how far one of our messages came: ticks for the agent; a late refusal is a failed message."""
    found = one(
        "select id, chat_id, pub_seq, state from delivery where channel_id = %s and provider_ids @> array[%s] for update",
        (channel_id, told.message_id),
    )
    if found is None:
        return
    if told.state == "failed":
        run(
            "update delivery set state = 'failed', error = %s, code = nullif(%s, ''), settled_at = clock_timestamp(),"
            " lease_until = null where id = %s and state <> 'failed'",
            (told.reason, told.code, found["id"]),
        )
        if told.code == "template":
            channels.doubts_templates(channel_id)
    elif found["state"] in REACHED and REACHED.index(told.state) <= REACHED.index(found["state"]):
        return
    else:
        run(
            "update delivery set state = %s, error = null, code = null, lease_until = null,"
            " settled_at = coalesce(settled_at, clock_timestamp()) where id = %s",
            (told.state, found["id"]),
        )
        _tick(found["chat_id"], found["pub_seq"], read=told.state == "read")
    news.delivery(found["id"])


def _tick(chat_id: int, seq: int, *, read: bool) -> None:
    moved = one(
        "update chat set customer_delivered_seq = greatest(customer_delivered_seq, least(%(seq)s, pub_seq)),"
        " customer_read_seq = case when %(read)s then greatest(customer_read_seq, least(%(seq)s, pub_seq))"
        " else customer_read_seq end where id = %(chat)s"
        " returning owner_id, customer_id, customer_delivered_seq, customer_read_seq",
        {"seq": seq, "read": read, "chat": chat_id},
    )
    if moved is not None:
        news.receipt(
            chat_id,
            "customer",
            moved["customer_delivered_seq"],
            moved["customer_read_seq"],
            owner_id=moved["owner_id"],
            customer_id=moved["customer_id"],
        )


@atomically
def apologises(chat_id: int, text: str) -> None:
    """Tell a customer that something they sent could not be taken."""
    chat = chat_log.locked(chat_id)
    if chat.state != State.ENDED:
        chat_log.write(chat, SYSTEM, kind="event", body=text, data={"event": "file_refused"})
        chat.store()


@atomically
def claim_look(channel_id: int) -> bool:
    """Take a channel in hand to look into it, if that is due and nobody does. Who dies leaves a lease that runs out."""
    return bool(
        run(
            "insert into channel_pace as p (channel_id, look_lease_until)"
            " values (%(id)s, clock_timestamp() + make_interval(secs => %(lease)s))"
            " on conflict (channel_id) do update set look_lease_until = excluded.look_lease_until"
            " where greatest(p.look_due_at, p.look_lease_until) <= clock_timestamp()",
            {"id": channel_id, "lease": LEASE_S},
        )
    )


@atomically
def looked_into(channel_id: int, found: Polled) -> None:
    """How looking for what came in ended. One that fails is left alone for longer each time; its error says why."""
    before = one("select look_failures from channel_pace where channel_id = %s for update", (channel_id,))
    failures = min((before["look_failures"] if before else 0) + 1, 1000) if found.fault else 0
    run(
        "update channel_pace set look_lease_until = null, look_failures = %(failures)s,"
        " look_failing_since = case when %(failures)s > 0 then coalesce(look_failing_since, clock_timestamp()) end,"
        " look_due_at = clock_timestamp() + make_interval(secs => %(wait)s) where channel_id = %(id)s",
        {"failures": failures, "wait": breaking.look_again_after(failures), "id": channel_id},
    )
    if found.unauthorized:
        channels.unauthorized(channel_id, found.fault)
        return
    changed = run(
        "update channel set error = nullif(%(fault)s, ''),"
        " error_at = case when %(fault)s = '' then null else clock_timestamp() end"
        " where id = %(id)s and coalesce(error, '') <> %(fault)s",
        {"fault": found.fault[:500], "id": channel_id},
    )
    if changed:
        news.catalogue("channels")
