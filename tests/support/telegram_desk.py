"""A desk with a bot in Telegram: what Telegram calls, what has become of it, and what goes out, at once or later."""

from __future__ import annotations

import json
from typing import Any

from models.db import one, rows, run
from tests.support import front
from tests.support.people import Colleague
from tests.support.telegram import SECRET, update, word
from workers import delivering, taking


def key(channel_id: int) -> str:
    found = one("select public_key from channel where id = %s", (channel_id,))
    assert found is not None
    name: str = found["public_key"]
    return name


def calls(channel_id: int, said: dict[str, Any] | bytes, secret: str | None = None) -> int:
    """Telegram calls us. Returns the status it got."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {SECRET: word(key(channel_id)) if secret is None else secret}
    client = front.application().test_client()
    return client.post(f"/hooks/telegram/{key(channel_id)}", data=body, headers=headers).status_code


def comes(channel_id: int, *updates: dict[str, Any]) -> None:
    for each in updates:
        assert calls(channel_id, each) == 200
    taking.take()


def only_chat() -> int:
    (found,) = rows("select id from chat")
    number: int = found["id"]
    return number


def states(chat_id: int) -> list[str]:
    return [
        each["state"] for each in rows("select state from delivery where chat_id = %s order by pub_seq", (chat_id,))
    ]


def outcomes() -> dict[str, int]:
    found = rows("select coalesce(outcome, state) as what, count(*)::int as n from inbound group by 1")
    return {each["what"]: each["n"] for each in found}


def without_waiting() -> None:
    """A second has passed since whatever was sent last."""
    run("update identity set slot_at = null")
    run("update channel_pace set tokens = 25")


def time_passes(seconds: float) -> None:
    """So much later, for everything that waits to go out."""
    for table, column in (
        ("delivery", "due_at"),
        ("identity", "slot_at"),
        ("identity", "hold_until"),
        ("channel_pace", "hold_until"),
        ("channel_pace", "open_until"),
        ("channel_pace", "tokens_at"),
        ("delivery", "lease_until"),
    ):
        run(f"update {table} set {column} = {column} - make_interval(secs => %s)", (seconds,))


def everything_goes_out(rounds: int = 20) -> None:
    for _ in range(rounds):
        without_waiting()
        delivering.deliver()
        if not rows("select 1 from delivery where state = 'queued' and due_at <= clock_timestamp()"):
            return


def owned(owner: Colleague, channel_id: int, text: str = "Where is my parcel?") -> int:
    """A chat that somebody wrote in Telegram and an agent has taken."""
    comes(channel_id, update(text=text))
    chat_id = only_chat()
    run("update chat set state = 'queued', queued_at = clock_timestamp() where id = %s and state = 'bot'", (chat_id,))
    owner.takes(chat_id)
    everything_goes_out()
    return chat_id
