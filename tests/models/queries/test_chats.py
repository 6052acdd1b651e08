"""Lists, pages and what was missed: each in one statement, in one order, without holes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.errors import Invalid
from models.queries import chats
from tests.support.people import (
    Colleague,
    chat_of,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    waiting_chat,
)


def turned(pages: Callable[[str | None], dict[str, Any]]) -> list[int]:
    """All ids of a list, page after page."""
    ids: list[int] = []
    after = None
    while True:
        page = pages(after)
        ids += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            return ids


def test_the_queue_stands_in_the_order_it_is_picked_in(ana: Colleague) -> None:
    first, second, third, fourth = (waiting_chat() for _ in range(4))
    ana.takes(third)
    ana.returns(third)
    let_time_pass(fourth, 60)
    line = [third, fourth, first, second]
    assert [each["id"] for each in ana.inbox("queue")] == line
    assert turned(lambda after: chats.inbox(ana.viewer, which="queue", limit=1, after=after)) == line
    assert turned(lambda after: chats.inbox(ana.viewer, which="queue", limit=3, after=after)) == line


def test_ones_own_chats_have_the_newest_word_first(ana: Colleague) -> None:
    quiet, lively = chat_of(ana), chat_of(ana)
    ana.says(quiet)
    ana.says(lively)
    assert [each["id"] for each in ana.inbox("mine")] == [lively, quiet]
    ana.says(quiet)
    assert [each["id"] for each in ana.inbox("mine")] == [quiet, lively]


def test_a_list_can_be_of_one_team_and_knows_its_whole_length(ana: Colleague) -> None:
    orders = make_team("Orders")
    boss = make_agent("Sam Boss", role="supervisor")
    of_orders = [waiting_chat("Orders") for _ in range(3)]
    waiting_chat()
    page = chats.inbox(boss.viewer, which="queue", team_id=orders, limit=2)
    assert ([each["id"] for each in page["items"]], page["total"]) == (of_orders[:2], 3)


@pytest.mark.parametrize("marker", ["", "x", "1|2|3|4", "0|yesterday|1", "a|2030-01-01T00:00:00+00:00|1", "||"])
def test_a_page_marker_that_is_not_ours_is_refused(marker: str, ana: Colleague) -> None:
    with pytest.raises(Invalid):
        chats.inbox(ana.viewer, which="queue", after=marker)


def test_pages_of_messages_join_without_a_hole_or_a_repeat(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    for number in range(12):
        (ana.notes if number % 3 == 0 else ana.says)(chat_id, f"line {number}")
    newest = chats.messages(ana.viewer, chat_id, limit=5)
    read = newest["messages"]
    assert newest["more"]
    while read[0]["all_seq"] > 1:
        read = chats.messages(ana.viewer, chat_id, before=read[0]["all_seq"], limit=5)["messages"] + read
    assert [each["all_seq"] for each in read] == list(range(1, newest["head"] + 1))
    forward = chats.messages(ana.viewer, chat_id, after=3, limit=5)
    assert ([each["all_seq"] for each in forward["messages"]], forward["more"]) == ([4, 5, 6, 7, 8], True)


def test_sync_gives_what_was_missed_in_the_callers_own_counter(ana: Colleague) -> None:
    rosa = make_customer()
    chat_id = chat_of(ana, rosa)
    ana.notes(chat_id)
    ana.says(chat_id, "Hello")
    head = ana.sees(chat_id)["chat"]
    missed = chats.sync(ana.viewer, chat_id, head["all_seq"] - 2)
    assert [each["kind"] for each in missed["messages"]] == ["note", "text"]
    public = chats.visitor_sync(rosa.visitor, chat_id, head["pub_seq"] - 1)
    assert ([each["body"] for each in public["messages"]], public["head"], public["more"]) == (
        ["Hello"],
        head["pub_seq"],
        False,
    )
    assert chats.visitor_sync(rosa.visitor, chat_id, 999)["messages"] == []


def test_a_long_absence_is_caught_up_page_by_page(ana: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "SYNC_PAGE", 4)
    chat_id = chat_of(ana)
    for _ in range(9):
        ana.says(chat_id)
    seen: list[int] = []
    while True:
        page = chats.sync(ana.viewer, chat_id, seen[-1] if seen else 0)
        seen += [each["all_seq"] for each in page["messages"]]
        if not page["more"]:
            break
    assert seen == list(range(1, page["head"] + 1))


def test_heads_tell_each_side_its_own_number(ana: Colleague) -> None:
    rosa = make_customer()
    ana.ends(chat_of(ana, rosa))
    chat_id = chat_of(ana, rosa)
    ana.notes(chat_id)
    watched = waiting_chat()
    row = ana.sees(chat_id)["chat"]
    heads = {each["id"]: each for each in chats.heads_for_agents([ana.id], [watched])}
    assert set(heads) == {chat_id, watched}
    assert (heads[chat_id]["all_seq"], heads[chat_id]["version"]) == (row["all_seq"], row["version"])
    (head,) = chats.heads_for_customers([rosa.id])
    assert (head["id"], head["pub_seq"]) == (chat_id, row["pub_seq"])


def test_detail_has_the_customer_their_page_and_what_came_before(ana: Colleague) -> None:
    rosa = make_customer("Rosa Lind")
    first = chat_of(ana, rosa)
    ana.ends(first)
    second = chat_of(ana, rosa)
    detail = ana.sees(second)
    assert (detail["customer"]["name"], detail["customer"]["chats"]) == ("Rosa Lind", 2)
    assert [each["id"] for each in detail["earlier"]] == [first]
    assert detail["messages"]["head"] == detail["chat"]["all_seq"]
