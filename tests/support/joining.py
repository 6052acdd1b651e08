"""People who come by several channels, and the letters that ask them whether an address is theirs."""

from __future__ import annotations

import itertools
import re
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

from models.actions import confirming, failures, joining, people, senders
from models.actions.conversation import customer_draft, say
from models.channels.incoming import Person
from models.db import one, rows, run, transaction
from models.settings import settings
from tests.support.people import Colleague, Customer, chat_row, new_client_id, set_desk
from workers import mailing

_numbers = itertools.count(1)

ADA = "ada@example.com"

CONFIRM = re.compile(r"/confirm/([\w-]+)")


def channel(kind: str = "telegram", name: str = "Shop bot") -> int:
    (made,) = rows(
        "insert into channel (kind, name, public_key, allowed_origins) values (%s, %s, %s, '{}') returning id",
        (kind, name, f"{kind}-{next(_numbers)}"),
    )
    number: int = made["id"]
    return number


def writes(channel_id: int, person: Person, body: str = "Where is my parcel?") -> Customer:
    """Somebody writes by a channel, and is met as whom the desk knows."""
    visitor = senders.meet(channel_id, person)
    say(customer_draft(visitor, client_id=new_client_id(), body=body))
    return Customer(visitor)


def mailer(address: str, name: str = "Ada", *, proved: bool = True) -> Person:
    """Who writes by mail; `proved`: their server vouches for the address."""
    return Person(
        address if proved else f"{address}#unproved", name, email=address, proved=("email",) if proved else ()
    )


def asks(agent: Colleague, chat_id: int, address: str) -> str:
    """An agent asks for a confirmation and the letter goes out. Returns what its link holds."""
    confirming.asks(agent.viewer, chat_id, address)
    mailing.send_due()
    return token_of(letter_to(address))


def letter_to(address: str) -> Message:
    """The newest letter that went to this address."""
    found = one(
        "select id, attempts from mail where address = %s and state = 'sent' order by id desc limit 1", (address,)
    )
    assert found is not None, f"no letter went to {address}"
    server = settings().mail_server
    assert server is not None
    path = Path(server.folder) / f"{found['id']}-{found['attempts']}.eml"
    return message_from_bytes(path.read_bytes(), policy=default)


def token_of(letter: Message) -> str:
    found = CONFIRM.search(text_of(letter))
    assert found is not None
    return found[1]


def text_of(letter: Any) -> str:
    text: str = letter.get_body(("plain",)).get_content()
    return text


def ada_in_telegram(proved: bool = False) -> Person:
    return Person("555", "Ada T", email=ADA if proved else "", proved=("email",) if proved else ())


ROWS = (
    "insert into answer_feedback (message_id, chat_id, customer_id, helped) values (%(answer)s, %(chat)s, %(customer)s, true)",
    (
        "insert into visitor_token (token_hash, customer_id, channel_id, expires_at)"
        " select %(customer)s::text, %(customer)s, channel_id, '2100-01-01' from chat where id = %(chat)s"
    ),
    "insert into block (customer_id, reason, lifted_at) values (%(customer)s, 'Once', clock_timestamp())",
    (
        "insert into promise (kind, chat_id, session_id, customer_id, owner_id, due_at)"
        " select 'follow_up', id, session_id, customer_id, %(agent)s, '2100-01-01' from chat where id = %(chat)s"
    ),
    (
        "insert into attachment (token, by_customer_id, name, kind, content_type, size, storage_key)"
        " values (%(customer)s::text, %(customer)s, 'a.txt', 'document', 'text/plain', 1, 'a')"
    ),
    "insert into mail (kind, chat_id, address) values ('confirmation', %(chat)s, 'x@example.com')",
    (
        "insert into confirmation (mail_id, customer_id, identity_id, address) select max(m.id), %(customer)s, max(i.id), 'x'"
        " from mail m, identity i where i.customer_id = %(customer)s"
    ),
    "insert into socket_lease (sid, front, customer_id) values (%(customer)s::text, 'f', %(customer)s)",
)
"""What has no action short enough for a test, one row for each of the two."""


def lived(agent: Colleague, bot: int, box: int) -> tuple[Customer, Customer]:
    """Two customers of whom the desk has a row in every table; the one by mail has proved the address."""
    set_desk(bot_enabled=False)
    broadcast = one(
        "insert into broadcast (title, body, audience_kind, audience) values ('a', 'b', 'list', '{}') returning id"
    )
    assert broadcast is not None
    both = writes(bot, ada_in_telegram()), writes(box, mailer(ADA))
    for each in both:
        (chat_id,) = each.chats
        agent.takes(chat_id)
        answer = agent.says(chat_id, "Let me look.")
        people.notes(agent.viewer, each.id, f"Knows {each.id}")
        (question,) = rows("select * from message where chat_id = %s and author_kind = 'customer'", (chat_id,))
        with transaction():
            failures.capture(chat_id, question["id"], "Where?", "no_knowledge")
        of = {
            "customer": each.id,
            "chat": chat_id,
            "answer": answer.row["id"],
            "at": chat_row(chat_id),
            "agent": agent.id,
        }
        for statement in ROWS:
            run(statement, of)
        run(
            "with r as (insert into recipient (broadcast_id, customer_id, trial) values (%s, %s, true) returning id)"
            " insert into notice (recipient_id, customer_id, channel_id) select id, %s, %s from r",
            (broadcast["id"], each.id, each.id, bot),
        )
    return both


def holdings() -> dict[int, dict[str, list[int]]]:
    """By customer and table: what refers to them."""
    found: dict[int, dict[str, list[int]]] = {}
    for table, (column, key) in joining.REFERS.items():
        for each in rows(f"select {column} as c, array_agg({key} order by {key}) as ids from {table} group by 1"):
            if each["c"] is not None:
                found.setdefault(each["c"], {})[table] = each["ids"]
    return found
