"""A customer is asked by letter whether an address is theirs, and says yes by its link: once, and within two days.

Whoever typed the address may be anybody; only its owner reads the letter. Nothing is changed by looking at the page that
the link leads to, so that a scanner of mail that follows every link confirms nothing.
"""

from __future__ import annotations

from models.actions import audit, chat_log, chats, joining, letters, news
from models.actions.chat_log import Row, agent_author
from models.actions.visitors import hashed
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict, NotFound
from models.queries import access
from models.queries.access import Permission, Viewer
from models.rules import wording
from models.rules.letters import address
from models.rules.lifecycle import Command
from models.tables.joining import Confirmation

_WAY = """
select i.id, coalesce(i.notes -> 'proved' ->> 'email', '') as proved from identity i
where i.customer_id = %s and i.channel_id = %s order by i.last_in_at desc nulls last, i.id desc limit 1
"""


@atomically
def asks(viewer: Viewer, chat_id: int, email: str) -> int:
    """Have the customer of a chat asked by letter whether this is their address. Returns the customer.

    Raises `Conflict`: `no_mail`, `blocked`, `nobody_there` where it is not known any more how they wrote, and
    `proved_already`.
    """
    viewer.require(Permission.CHAT_ANSWER)
    letters.require_mail()
    to = address(email)
    chat = chats.locked_for(viewer, chat_id)
    if access.blocked(chat.customer_id) is not None:
        raise Conflict("This customer is blocked.", code="blocked")
    way = one(_WAY, (chat.customer_id, chat.channel_id))
    if way is None:
        raise Conflict("It is not known any more how this customer wrote to us.", code="nobody_there")
    if way["proved"] == to.lower():
        raise Conflict("This address has been proved already.", code="proved_already")
    Confirmation.create(
        mail=letters.confirmation(chat.id, to),
        customer=chat.customer_id,
        identity=way["id"],
        address=to,
        asked_by=viewer.id,
    )
    chats.require_open_or_late(chat, Command.NOTE)
    chat_log.change(
        chat, "confirmation_asked", agent_author(viewer), body=wording.asked_to_confirm(viewer.name, to), public=False
    )
    news.customer(chat.customer_id)
    return int(chat.customer_id)


@atomically
def confirms(token: str) -> str:
    """The owner of an address says that it was them. Saying it twice is saying it once. Returns the address.

    Raises `NotFound` for a link that is none, or whose customer has been erased, and `Conflict` (`expired`).
    """
    known = one("select address from confirmation where token_hash = %s", (hashed(token),))
    if known is None:
        raise NotFound()
    proof = {"email": known["address"].lower()}
    joining.lock_proof(proof)
    asked = one(
        "select *, expires_at <= clock_timestamp() as late from confirmation where token_hash = %s for update",
        (hashed(token),),
    )
    if asked is None:
        raise NotFound()
    if asked["confirmed_at"] is not None:
        return str(asked["address"])
    if asked["late"]:
        raise Conflict("This link has expired.", code="expired")
    customer_id = joining.unite(asked["identity_id"], proof, "confirmed", asked["asked_by_id"])
    _holds(asked, customer_id, proof)
    return str(asked["address"])


def _holds(asked: Row, customer_id: int, proof: dict[str, str]) -> None:
    run("update confirmation set confirmed_at = clock_timestamp() where id = %s", (asked["id"],))
    run(
        "update identity set notes = jsonb_set(notes, '{proved}', coalesce(notes -> 'proved', '{}') || %s) where id = %s",
        (as_json(proof), asked["identity_id"]),
    )
    found = one(
        "update customer set email = coalesce(email, %s) where id = %s returning name", (asked["address"], customer_id)
    )
    assert found is not None
    audit.happened(
        wording.THE_CUSTOMER, "confirmed", "customer", customer_id, found["name"] or "", {"email": asked["address"]}
    )
    for each in rows("select id from chat where customer_id = %s and state <> 'ended' order by id", (customer_id,)):
        chat_log.change(
            chat_log.locked(each["id"]),
            "address_confirmed",
            chat_log.SYSTEM,
            body=wording.confirmed(asked["address"]),
            public=False,
        )
    news.customer(customer_id)
