"""Broadcasts in tests: who is known by which channel, and one message sent to all of them."""

from __future__ import annotations

from typing import Any

from models.actions import broadcasts, customers, senders
from models.channels.incoming import Person
from models.db import rows, run
from tests.support.people import Colleague, entries
from workers import casting


def writes(channel_id: int, external_id: str, name: str = "Ben Okri", hours_ago: float = 0) -> int:
    """Somebody is known there since they wrote so long ago. Returns the customer's number."""
    known = senders.meet(channel_id, Person(external_id, name=name)).customer_id
    run(
        "update identity set last_in_at = clock_timestamp() - make_interval(secs => %s) where customer_id = %s",
        (hours_ago * 3600, known),
    )
    return known


def drafted(boss: Colleague, *customer_ids: int, **more: Any) -> int:
    said = {"title": "Parcels", "body": "Parcels move again.", "rate": 1000, **more}
    meant = {"customer_ids": list(customer_ids)}
    return broadcasts.draft(boss.viewer, audience_kind="list", audience=meant, **said)


def goes_out(number: int) -> None:
    for _ in range(6):
        run("update channel_pace set tokens = 20, tokens_at = clock_timestamp()")
        run("update broadcast set slot_at = null where id = %s", (number,))
        casting.send(number, slice_s=0.3)


def ledger(number: int) -> dict[int, tuple[str, str | None]]:
    found = rows("select customer_id, state, reason from recipient where broadcast_id = %s", (number,))
    return {each["customer_id"]: (each["state"], each["reason"]) for each in found}


def told(boss: Colleague, *customer_ids: int, **more: Any) -> int:
    """A broadcast that has gone out to them."""
    number = drafted(boss, *customer_ids, **more)
    broadcasts.schedule(boss.viewer, number)
    goes_out(number)
    return number


def story(chat_id: int) -> list[tuple[str, str]]:
    """What stands in a chat for everybody's eyes: who wrote it, and its words, or the event it is."""
    return [
        (each["author_kind"], each["body"] if each["kind"] == "text" else each["data"]["event"])
        for each in entries(chat_id)
        if each["pub_seq"] is not None
    ]


def with_a_person(colleague: Colleague, channel_id: int, chat_id: int, external_id: str = "555") -> None:
    """The customer of a chat with the bot has asked for a person, and this one has taken it."""
    customers.asks_for_person(senders.meet(channel_id, Person(external_id)), chat_id)
    colleague.takes(chat_id)
