"""Who writes by a channel: the customer behind an account of the provider's, new, known, or proved to be one we know."""

from __future__ import annotations

from collections.abc import Sequence

from models.actions import joining, news
from models.actions.chat_log import Row
from models.channels.incoming import Person
from models.db import as_json, atomically, one, rows, run
from models.queries import joining as read_joining
from models.queries.access import Visitor
from models.queries.shapes import customer_hue, shown_name
from models.tables.customers import Customer


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
    return _visitor(channel_id, known)


def _visitor(channel_id: int, known: Row) -> Visitor:
    customer: int = known["customer_id"]
    return Visitor(customer, channel_id, 0, shown_name(known["name"], customer), customer_hue(customer))


# Their rows are locked by their numbers, so that no two who take in many wait for each other in a circle.
_SEEN = """
with seen as (
    select i.id, v.place from unnest(%(channel)s::bigint[], %(external)s::text[], %(name)s::text[], %(notes)s::jsonb[],
                                     %(proved)s::jsonb[]) with ordinality
                              as v(channel_id, external_id, name, notes, proved, place)
    join identity i on i.channel_id = v.channel_id and i.external_id = v.external_id
    where v.name in ('', i.name) and i.notes @> v.notes and coalesce(i.notes -> 'proved', '{}') @> v.proved
    order by i.id for no key update of i
)
update identity i set last_in_at = clock_timestamp(), unreachable_at = null
from seen, customer s where i.id = seen.id and s.id = i.customer_id
returning seen.place::int, i.channel_id, i.customer_id, s.name
"""


@atomically
def seen_again(people: Sequence[tuple[int, Person]]) -> list[Visitor | None]:
    """Of many (channel and person, each once) those of whom nothing is new, in two round trips. None: `meet` them."""
    found = rows(
        _SEEN,
        {
            "channel": [channel_id for channel_id, _ in people],
            "external": [person.external_id for _, person in people],
            "name": [person.name for _, person in people],
            "notes": [as_json(person.notes) for _, person in people],
            "proved": [as_json(_proof(person)) for _, person in people],
        },
    )
    known = {each["place"]: _visitor(each["channel_id"], each) for each in found}
    return [known.get(place) for place in range(1, len(people) + 1)]


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
