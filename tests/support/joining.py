"""People who come by several channels, and the letters that ask them whether an address is theirs."""

from __future__ import annotations

import itertools
import re
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

from models.actions import confirming, senders
from models.actions.conversation import customer_draft, say
from models.channels.base import Person
from models.db import one, rows
from models.settings import settings
from tests.support.people import Colleague, Customer, new_client_id
from workers import mailing

_numbers = itertools.count(1)

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
