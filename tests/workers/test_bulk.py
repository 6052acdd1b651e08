"""A real bulk worker: exports are written, cancelled and made up for; words are counted by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from models.actions import exports
from models.db import one, run
from models.media.storage import storage
from models.queries import search
from models.rules.narrowing import Narrowing
from tests.support.people import Colleague, chat_of, make_agent, open_desk
from tests.support.processes import Desk, desk

pytestmark = pytest.mark.timeout(240)


def wait_for(look: Callable[[], Any], patience: float = 90) -> Any:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {patience:.0f} s: {one('select * from export order by id desc limit 1')}")


@pytest.fixture(scope="module")
def back_room(database: str) -> Iterator[Desk]:
    with desk(parts=("bulk", "beat")) as running:
        yield running


@pytest.fixture
def boss(back_room: Desk) -> Colleague:
    open_desk()
    return make_agent("Sam Boss", role="supervisor", limit=50)


def is_done(number: int) -> dict[str, Any] | None:
    return one("select * from export where id = %s and state = 'done'", (number,))


def test_a_file_is_written_and_a_killed_worker_doubles_nothing(back_room: Desk, boss: Colleague) -> None:
    for _ in range(3):
        boss.ends(chat_of(boss))
    first = exports.request(boss.viewer, what="messages", format="jsonl", filter={}, notes=False)
    row = wait_for(lambda: is_done(first))
    assert b"".join(storage().read(row["storage_key"], 0, row["size"])).count(b"\n") == row["rows_done"] == 3
    back_room.kill("bulk")
    second = exports.request(boss.viewer, what="chats", format="csv", filter={}, notes=False)
    run("update export set state = 'working', attempts = 1, lease_until = clock_timestamp() where id = %s", (second,))
    back_room.start("bulk")
    assert wait_for(lambda: is_done(second))["rows_done"] == 3


def test_the_words_of_a_search_are_counted_by_themselves(boss: Colleague) -> None:
    chat_id = chat_of(boss)
    boss.says(chat_id, "A marvellous calathea")
    run("update message set created_at = created_at - interval '1 minute'")
    wait_for(lambda: one("select 1 as yes from word where word = 'calathea'"))
    page = search.page(boss.viewer, "calatea ", Narrowing(state="any"))
    assert [each["chat"]["id"] for each in page["items"]] == [chat_id]
