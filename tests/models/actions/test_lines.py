"""Whoever takes the next of a line looks once at what waits, however much that is and whatever the statistics say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.actions import deliveries, inbox, telling
from models.db import db, one, rows, run
from tests.support.people import waiting_chat

LINES, EACH = 20, 50
MOST_BLOCKS = 30  # read for each that waits; where all is compared with all, it is a thousand


def came_in(state: str) -> None:
    run(
        "insert into inbound (channel_id, provider_id, sender, place, body, state, settled_at)"
        " select channel_id, gen_random_uuid()::text, id::text, n, 'x', %(state)s,"
        " case when %(state)s = 'done' then clock_timestamp() end from chat, generate_series(1, %(each)s) n",
        {"state": state, "each": EACH},
    )


def goes_out(state: str) -> None:
    run(
        "with said as (insert into message (chat_id, kind, author_kind, author_name, author_hue, body, all_seq, pub_seq)"
        " select c.id, 'text', 'system', 'Desk', 0, 'x', s.most + n, s.most + n from generate_series(1, %(each)s) n, chat c"
        " cross join lateral (select max(all_seq) as most from message where chat_id = c.id) s returning *)"
        " insert into delivery (message_id, chat_id, channel_id, pub_seq, state, settled_at)"
        " select m.id, m.chat_id, c.channel_id, m.pub_seq, %(state)s, case when %(state)s = 'sent' then clock_timestamp() end"
        " from said m join chat c on c.id = m.chat_id",
        {"state": state, "each": EACH},
    )


def is_told(state: str) -> None:
    run(
        "insert into webhook_delivery (webhook_id, event, event_id, chat_id, state, settled_at)"
        " select w.id, 'chat.created', gen_random_uuid()::text, c.id, %(state)s,"
        " case when %(state)s = 'sent' then clock_timestamp() end from webhook w, chat c, generate_series(1, %(each)s) n",
        {"state": state, "each": EACH},
    )


@pytest.fixture
def hook() -> int:
    (made,) = rows(
        "insert into webhook (name, url, secret, secret_tail, events)"
        " values ('Shop', 'https://shop.example', 's', 't', array['chat.created']) returning id"
    )
    number: int = made["id"]
    return number


def blocks(sql: str, params: dict[str, Any]) -> int:
    """How much of the database a statement looks at."""
    found = one(f"explain (analyze, buffers, format json) {sql}", params)
    assert found is not None
    plan = found["QUERY PLAN"][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize(
    ("fill", "over", "waits", "sql"),
    [
        (came_in, "done", "waiting", inbox._NEXT),
        (goes_out, "sent", "queued", deliveries._NEXT),
        (is_told, "sent", "waiting", telling._NEXT),
    ],
    ids=["what comes in", "what goes out", "webhooks"],
)
def test_a_long_line_is_looked_at_once(hook: int, fill: Callable[[str], None], over: str, waits: str, sql: str) -> None:
    for _ in range(LINES):
        waiting_chat()
    fill(over)
    db.execute_sql("analyze inbound; analyze delivery; analyze webhook_delivery")  # nothing waits, as far as they know
    fill(waits)
    looked = blocks(sql, {"many": inbox.AT_ONCE, "hook": hook, "test": "test"})
    assert looked < MOST_BLOCKS * LINES * EACH
