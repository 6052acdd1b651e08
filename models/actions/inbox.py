"""What came in by a channel: kept before it is acknowledged, then done once, in order for each sender.

The row is the work. Whoever calls us gets their answer when the row is committed; a second row for the same update
cannot be. A worker claims the first of a sender's line, and of one sender never two at a time: a unique index says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import peewee

from models import jobs
from models.actions import channels, news
from models.actions.chat_log import Row
from models.channels.incoming import Polled, Update
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict
from models.jobs import Job
from models.queries.access import Permission, Viewer
from models.rules import breaking

AT_ONCE = 20
"""Updates taken in hand together, each another sender's: what most of them want is done for all in a few statements."""

LEASE_S, LONG_LEASE_S = 20, 60
"""A claim outlives what is done with it; who dies leaves one that runs out. The longer one outlives the fetching of an album."""

CLAIM_TRIES = 3

ALBUM_S = 1.5
"""The pieces of an album come one by one; it is whole when none has come for so long."""

TRIES = 5
BACKOFF_S = 10
EARLY_TRIES, EARLY_S = 3, 1.0
"""What came too early waits for a second at a time, and only so often: those behind it in the line wait with it."""

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
    found = one(
        _KEEP,
        {
            "channel": channel_id,
            "provider": [update.provider_id for update in updates],
            "sender": [update.sender for update in updates],
            "place": [update.place for update in updates],
            "bundle": [update.bundle for update in updates],
            "body": [update.raw for update in updates],
            "album": ALBUM_S,
        },
    )
    assert found is not None
    new: int = found["new"]
    for sender, bundle in {(update.sender, update.bundle) for update in updates if update.bundle}:
        run(
            "update inbound set due_at = clock_timestamp() + make_interval(secs => %s)"
            " where channel_id = %s and sender = %s and bundle = %s and state = 'waiting'",
            (ALBUM_S, channel_id, sender, bundle),
        )
    if notes is not None:
        run("update channel set notes = notes || %s::jsonb where id = %s", (as_json(notes), channel_id))
    if new:
        jobs.enqueue(Job.TAKE_IN)
    return new


# When something last came in is known to a few seconds, and nobody waits for another who says the same.
_KEEP = """
with kept as (
    insert into inbound (channel_id, provider_id, sender, place, bundle, body, due_at)
    select %(channel)s, provider_id, sender, place, bundle, body,
           clock_timestamp() + make_interval(secs => case when bundle is null then 0 else %(album)s end)
    from unnest(%(provider)s::text[], %(sender)s::text[], %(place)s::bigint[], %(bundle)s::text[], %(body)s::bytea[])
         with ordinality as v(provider_id, sender, place, bundle, body, n)
    order by n
    on conflict (channel_id, provider_id) do nothing
    returning id
), stamped as (
    update channel set last_in_at = clock_timestamp()
    where id in (select id from channel where id = %(channel)s and exists (select from kept)
                 and (last_in_at is null or last_in_at < clock_timestamp() - interval '5 seconds')
                 for no key update skip locked)
)
select count(*)::int as new from kept
"""


# The first of a line is looked up by its index and not joined: where statistics say that nothing waits, as they mostly
# do, a join would compare everything that waits with everything else.
_NEXT = """
select i.id, i.channel_id, i.sender, i.bundle, i.body, i.attempts from inbound i
where i.state = 'waiting' and i.due_at <= clock_timestamp()
  and (select e.id from inbound e where e.channel_id = i.channel_id and e.sender = i.sender and e.state = 'claimed'
       limit 1) is null
  and i.id = (select e.id from inbound e where e.channel_id = i.channel_id and e.sender = i.sender
              and e.state in ('waiting', 'claimed') order by e.place, e.id limit 1)
order by i.due_at, i.id limit %(many)s for update skip locked
"""


def claim(many: int = AT_ONCE) -> list[Taken]:
    """Take the next updates in hand, each of a sender who has none in hand. Empty when there is nothing to do now."""
    for _ in range(CLAIM_TRIES):
        try:
            return _claim(many)
        except peewee.IntegrityError:  # another took one of the same sender at this very moment
            continue
    return []


@atomically
def _claim(many: int) -> list[Taken]:
    found = rows(_NEXT, {"many": many})
    if not found:
        return []
    pieces = {each["id"]: _rest_of_album(each) for each in found if each["bundle"]}
    run(
        "update inbound set state = 'claimed', attempts = attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = any(%s)",
        (LEASE_S, [each["id"] for each in found]),
    )
    return [_in_hand(each, pieces.get(each["id"], [])) for each in found]


def _rest_of_album(first: Row) -> list[Row]:
    return rows(
        "select id, body from inbound where channel_id = %s and sender = %s and bundle = %s and state = 'waiting'"
        " and id <> %s order by place, id for update",
        (first["channel_id"], first["sender"], first["bundle"], first["id"]),
    )


def _in_hand(first: Row, rest: list[Row]) -> Taken:
    together = sorted([first, *rest], key=lambda each: int(each["id"]))
    return Taken(
        first["id"],
        first["channel_id"],
        first["attempts"] + 1,
        [bytes(each["body"]) for each in together],
        [each["id"] for each in together],
    )


@atomically
def keep_hold(taken: Taken) -> bool:
    """What takes its time is kept in hand for as long as it may take. False when it is another's by now."""
    return bool(
        run(
            "update inbound set lease_until = clock_timestamp() + make_interval(secs => %s)"
            " where id = %s and attempts = %s and state = 'claimed'",
            (LONG_LEASE_S, taken.id, taken.attempt),
        )
    )


@atomically
def give_back(some: Sequence[Taken]) -> None:
    """They were taken in hand and nothing was done: another's at once, and no attempt was made."""
    for each in some:
        run(
            "update inbound set state = 'waiting', lease_until = null, attempts = attempts - 1"
            " where id = %s and attempts = %s and state = 'claimed'",
            (each.id, each.attempt),
        )
    if some:
        jobs.enqueue(Job.TAKE_IN)


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
def all_said(some: Sequence[tuple[Taken, Row, str]]) -> None:
    """The same for many that became a message each, with the names the provider has for them."""
    run(
        "update inbound i set state = 'done', outcome = 'message', lease_until = null, error = null,"
        " settled_at = clock_timestamp(), message_id = v.message_id, chat_id = v.chat_id, provider_message_id = v.name"
        " from unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::text[])"
        " as v(id, attempts, message_id, chat_id, name)"
        " where i.id = v.id and i.state = 'claimed' and i.attempts = v.attempts",
        (
            [taken.id for taken, _, _ in some],
            [taken.attempt for taken, _, _ in some],
            [message["id"] for _, message, _ in some],
            [message["chat_id"] for _, message, _ in some],
            [name for _, _, name in some],
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
def came_early(taken: Taken) -> bool:
    """What it speaks of is not here yet: again in a moment, when a sweep comes by. False when it has waited often enough."""
    if taken.attempt >= EARLY_TRIES:
        return False
    run(
        "update inbound set state = 'waiting', lease_until = null,"
        " due_at = clock_timestamp() + make_interval(secs => %s) where id = %s and state = 'claimed' and attempts = %s",
        (EARLY_S, taken.id, taken.attempt),
    )
    return True


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
