"""Tags in order: added, renamed, merged, removed, and put on many chats at once."""

from __future__ import annotations

import pytest

from models.actions import tags
from models.db import rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import catalogue
from tests.support.people import Colleague, chat_of, events, make_agent, make_customer, make_team, waiting_chat
from tests.support.told import Told


def names(chat_id: int) -> list[str]:
    found = rows(
        "select t.name from chat_tag c join tag t on t.id = c.tag_id where c.chat_id = %s order by 1", (chat_id,)
    )
    return [each["name"] for each in found]


def test_added_renamed_and_recoloured(boss: Colleague, told: Told) -> None:
    tag = tags.add(boss.viewer, "Refund", 25)
    chat_id = chat_of(boss)
    boss.tags(chat_id, tag)
    told.clear()
    tags.change(boss.viewer, tag, name="Money back", hue=160)
    assert catalogue.tags()["items"] == [{"id": tag, "name": "Money back", "hue": 160, "uses": 1}]
    assert told.payloads("chat:changed", Room.agent(boss.id))[-1]["tags"][0]["name"] == "Money back"
    assert {"what": "tags"} in told.payloads("catalogue:changed", Room.DESK)


def test_a_name_is_taken_whatever_its_case(boss: Colleague) -> None:
    first, second = tags.add(boss.viewer, "Refund", 25), tags.add(boss.viewer, "Delay", 75)
    for attempt in (
        lambda: tags.add(boss.viewer, "REFUND", 1),
        lambda: tags.change(boss.viewer, second, name="refund"),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "name_taken"
    tags.change(boss.viewer, first, name="refund")


def test_merging_keeps_every_chat_and_each_once(boss: Colleague) -> None:
    refund, money = tags.add(boss.viewer, "Refund", 25), tags.add(boss.viewer, "Money", 75)
    only_refund, both = chat_of(boss), chat_of(boss)
    boss.tags(only_refund, refund)
    boss.tags(both, refund, money)
    tags.merge(boss.viewer, refund, money)
    assert names(only_refund) == names(both) == ["Money"]
    assert [tag["name"] for tag in catalogue.tags()["items"]] == ["Money"]
    with pytest.raises(NotFound):
        tags.merge(boss.viewer, refund, money)
    with pytest.raises(Invalid):
        tags.merge(boss.viewer, money, money)


def test_removing_takes_it_off_every_chat_and_the_audit_knows_how_many(boss: Colleague) -> None:
    tag = tags.add(boss.viewer, "Refund", 25)
    chats = [chat_of(boss), chat_of(boss)]
    for chat_id in chats:
        boss.tags(chat_id, tag)
    tags.remove(boss.viewer, tag)
    assert names(chats[0]) == names(chats[1]) == []
    assert rows("select before from audit_entry where what = 'removed'") == [{"before": {"hue": 25, "uses": 2}}]


def test_agents_use_tags_and_do_not_keep_them() -> None:
    with pytest.raises(Refused):
        tags.add(make_agent().viewer, "Refund", 25)


def test_many_chats_at_once_each_by_itself(boss: Colleague) -> None:
    orders, billing = make_team("Orders"), make_team("Billing")
    ana = make_agent("Ana Ruiz", teams=(orders,))
    refund, delay = tags.add(boss.viewer, "Refund", 25), tags.add(boss.viewer, "Delay", 75)
    first, second = waiting_chat("Orders"), waiting_chat("Orders")
    foreign = waiting_chat("Billing")
    ana.tags(first, delay)
    done, refused = tags.bulk(ana.viewer, [first, second, foreign, second, 987_654], [refund], [delay])
    assert done == 2
    assert refused == [{"chat_id": foreign, "code": "not_found"}, {"chat_id": 987_654, "code": "not_found"}]
    assert names(first) == names(second) == ["Refund"]
    assert names(foreign) == []
    assert events(first).count("tagged") == 2
    assert billing


def test_an_unknown_tag_stops_the_whole_of_it(boss: Colleague) -> None:
    chat_id = make_customer().waits()
    with pytest.raises(Invalid):
        tags.bulk(boss.viewer, [chat_id], [987_654], [])
    assert names(chat_id) == []
