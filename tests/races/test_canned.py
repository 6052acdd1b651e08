"""Two supervisors at the same list of canned messages."""

from __future__ import annotations

import json
from functools import partial

import pytest

from models.actions import canned, canned_import
from models.db import one, rows
from models.tables.messages import Attachment
from tests.support.people import chat_of, make_agent
from tests.support.racing import codes, no_deadlocks, race

TEXT = {"shortcut": "hello", "title": "Hello", "body": "Hello", "scope": "desk"}


def test_a_shortcut_is_given_once() -> None:
    people = [make_agent(f"Boss {number}", role="supervisor") for number in range(4)]
    outcomes = race(*(partial(canned.add, who.viewer, **TEXT) for who in people))
    assert sorted(codes(outcomes), key=str) == [None, *["shortcut_taken"] * 3]
    assert one("select count(*)::int as n from canned_message") == {"n": 1}
    assert one("select count(*)::int as n from audit_entry") == {"n": 1}


@pytest.mark.parametrize("_", range(4))
def test_two_files_that_name_the_same_are_both_taken_whole(_: int) -> None:
    people = [make_agent(f"Boss {number}", role="supervisor") for number in range(2)]
    names = [f"text-{number:02}" for number in range(30)]

    def file(who: str, order: int) -> str:
        return json.dumps([{"shortcut": name, "title": who, "body": who} for name in names[::order]])

    with no_deadlocks():
        reports = race(
            *(
                partial(canned_import.take, who.viewer, format="json", text=file(who.name, order), dry_run=False)
                for who, order in zip(people, (1, -1), strict=True)
            )
        )
    assert all(report["applied"] for report in reports)
    assert len(rows("select distinct title from canned_message")) == 1
    assert one("select count(*)::int as n from canned_message") == {"n": 30}


@pytest.mark.parametrize("_", range(4))
def test_a_message_is_sent_with_one_that_is_being_removed(_: int) -> None:
    boss, ana = make_agent("The Boss", role="supervisor"), make_agent()
    chat_id, number = chat_of(ana), canned.add(boss.viewer, **TEXT)
    file = Attachment.create(
        token="map", canned=number, by_agent=boss.id, name="map.png", kind="image", content_type="image/png",
        size=9, storage_key="map",
    ).id  # fmt: skip
    with no_deadlocks():
        outcomes = race(
            partial(canned.remove, boss.viewer, number),
            partial(ana.says, chat_id, "Hello", canned_id=number, attachment_ids=[file]),
        )
    assert codes(outcomes) in ([None, None], [None, "unknown_canned"])
