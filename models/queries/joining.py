"""Who is the same person as whom: who has proved the same, what was joined, and what a link in a letter is about."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.queries import shapes
from models.queries.shapes import Out

PROOFS = ("email", "phone")

# Each half has an index of its own, so that two look-ups are made whatever the desk has seen.
_SAME = """
select distinct i.customer_id from identity i join customer s on s.id = i.customer_id and s.erased_at is null
where (i.notes -> 'proved' ->> 'email' = %(email)s or i.notes -> 'proved' ->> 'phone' = %(phone)s)
"""
_NOT_PARTED = """
  and not exists (select from customer_join j where j.undone_at is not null
                  and (j.kept_id, j.gone_id) in ((%(not_of)s, i.customer_id), (i.customer_id, %(not_of)s)))
"""


def who_proved(proof: dict[str, str], not_parted_from: int | None = None) -> list[int]:
    """Customers who have proved one of these, by number.

    `not_parted_from`: leave out those whom somebody has parted from this customer by hand.
    """
    wanted = {"email": proof.get("email"), "phone": proof.get("phone"), "not_of": not_parted_from}
    found = rows(_SAME + (_NOT_PARTED if not_parted_from is not None else "") + " order by 1", wanted)
    return [each["customer_id"] for each in found]


def joins_of(customer_id: int) -> list[Out]:
    """What was joined into this customer and may be parted again, newest first."""
    found = rows(
        "select j.id, j.how, j.proof, j.joined_at, s.id as gone_id, s.name, array(select distinct h.name from channel h"
        " join identity i on i.channel_id = h.id where i.id in (select (jsonb_array_elements(j.moved -> 'identity'))::bigint)"
        " order by h.name) as channels"
        " from customer_join j join customer s on s.id = j.gone_id"
        " where j.kept_id = %s and j.undone_at is null order by j.id desc",
        (customer_id,),
    )
    return [
        {
            "id": each["id"],
            "name": shapes.shown_name(each["name"], each["gone_id"]),
            "how": each["how"],
            "proof": ", ".join(each["proof"].values()),
            "channels": each["channels"],
            "at": shapes.moment(each["joined_at"]),
        }
        for each in found
    ]


def gone_into(customer_id: int) -> list[int]:
    """Everybody who was joined into this customer, by themselves or along with another."""
    found = rows(
        "with recursive gone as (select id from customer where joined_into_id = %s"
        " union select c.id from customer c join gone g on c.joined_into_id = g.id) select id from gone order by id",
        (customer_id,),
    )
    return [each["id"] for each in found]


def asked(customer_id: int) -> Out | None:
    """The newest address of theirs that was asked about by letter and not answered yet."""
    found = one(
        "select c.address, c.asked_at, c.expires_at, m.state from confirmation c join mail m on m.id = c.mail_id"
        " where c.customer_id = %s and c.confirmed_at is null and m.state <> 'failed'"
        " and (c.expires_at is null or c.expires_at > clock_timestamp())"
        " and not exists (select from identity i where i.customer_id = c.customer_id"
        "                 and i.notes -> 'proved' ->> 'email' = lower(c.address)) order by c.id desc limit 1",
        (customer_id,),
    )
    return {"address": found["address"], "at": shapes.moment(found["asked_at"])} if found else None


def of_link(token_hash: str) -> dict[str, Any] | None:
    """What a link is about: desk, address, channel, and whether it is open, used or expired."""
    return one(
        "select d.name as desk, d.brand, c.address, h.kind, h.name as channel, case when c.confirmed_at is not null"
        " then 'used' when c.expires_at <= clock_timestamp() then 'expired' else 'open' end as state"
        " from confirmation c join identity i on i.id = c.identity_id join channel h on h.id = i.channel_id, desk d"
        " where c.token_hash = %s",
        (token_hash,),
    )
