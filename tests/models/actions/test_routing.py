"""Chats find their team when they first enter the queue, and the list of rules is saved whole or not at all."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from models.actions import bot, routing
from models.db import one, rows, run
from models.errors import Conflict, Invalid, Refused
from models.queries import routing as read
from models.rules.answering import Answer, Miss
from models.tables.customers import Customer as CustomerRow
from models.tables.knowledge import Service
from models.tables.people import Team
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.racing import codes, race
from tests.support.told import Told


def rule(name: str = "A rule", *conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": None,
        "name": name,
        "enabled": True,
        "conditions": list(conditions),
        "team_id": None,
        "priority": None,
    } | more


def asks(field: str, test: str, *values: object, key: str = "") -> dict[str, Any]:
    return {"field": field, "test": test, "key": key, "values": [str(value) for value in values]}


def service(name: str, team_id: int | None = None) -> int:
    return int(Service.insert(key=name.lower(), name=name, answer="So.", team=team_id).execute())


def saves(boss: Colleague, *rules: dict[str, Any]) -> None:
    routing.replace_rules(boss.viewer, list(rules), read.overview(boss.viewer)["version"])


def archive(team_id: int) -> None:
    Team.update(archived_at="2025-01-01T00:00:00Z").where(Team.id == team_id).execute()


def queued(chat_id: int) -> dict[str, Any]:
    """What the newest entry into the queue says."""
    data: dict[str, Any] = [each["data"] for each in entries(chat_id) if each["data"].get("event") == "queued"][-1]
    return data


# --- a chat enters the queue -----------------------------------------------------------------------


def test_a_rule_chooses_team_and_priority_and_says_so(told: Told, boss: Colleague) -> None:
    money = make_team("Money")
    saves(
        boss,
        rule("Plants", asks("words", "any_word", "leaf")),
        rule("Money", asks("words", "any_word", "refund"), team_id=money, priority=1),
    )
    told.clear()
    chat_id = waiting_chat_saying("I want a REFUND now")
    assert (chat_row(chat_id)["team_id"], chat_row(chat_id)["priority"]) == (money, 1)
    said = queued(chat_id)
    assert (said["rule"]["name"], said["priority"], said["how"]) == (
        "Money",
        1,
        "asked_for_person",
    )
    assert told.payloads("queue:counts", f"queue:{money}")[-1]["waiting"] == 1
    assert_all_hold()


def waiting_chat_saying(body: str) -> int:
    return make_customer().waits(body)


def test_everything_the_customer_has_said_counts(boss: Colleague) -> None:
    money = make_team("Money")
    saves(boss, rule("Money", asks("words", "any_word", "refund"), team_id=money))
    customer = make_customer()
    customer.says("Hello")
    customer.says("It is about a refund")
    customer.asks_for_person()
    assert chat_row(customer.chat)["team_id"] == money


def test_facts_of_the_customer_count(boss: Colleague) -> None:
    german, trade = make_team("German"), make_team("Trade")
    saves(
        boss,
        rule("Trade", asks("attribute", "is", "true", key="trade"), team_id=trade),
        rule("German", asks("language", "is", "de"), team_id=german),
    )
    chats = []
    for facts in ({"attributes": {"trade": True}, "language": "de"}, {"language": "de-AT"}, {"language": "en"}):
        customer = make_customer()
        CustomerRow.update(**facts).where(CustomerRow.id == customer.id).execute()
        chats.append(customer.waits())
    assert [chat_row(each)["team_id"] for each in chats] == [trade, german, None]


def test_asked_for_then_service_then_nobody(boss: Colleague) -> None:
    orders, plants = make_team("Orders"), make_team("Plants")
    care = service("Care", plants)
    assert chat_row(waiting_chat("Orders"))["team_id"] == orders
    customer = make_customer()
    answered(customer, "How do I water it?", Answer("Rarely.", [("service", care, "Care")]))
    customer.asks_for_person()
    assert chat_row(customer.chat)["team_id"] == plants
    assert chat_row(waiting_chat())["team_id"] is None
    assert queued(waiting_chat())["rule"] is None
    assert boss


def answered(customer: Customer, body: str, verdict: Answer | Miss) -> None:
    turn = bot.claim(customer.says(body).row["id"])
    assert turn is not None
    assert bot.fails(turn, verdict) if isinstance(verdict, Miss) else bot.replies(turn, verdict)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        pytest.param([Answer("So.", [("service", 1, "One")])], 1, id="what it answered"),
        pytest.param([Answer("So.", [("article", 1, "One")])], None, id="an article is no service"),
        pytest.param([Answer("Did you mean?", unsure=True, about=2)], 2, id="what it asked about"),
        pytest.param([Miss("?", "low_confidence", about=2)], 2, id="near enough on a miss"),
        pytest.param(
            [Answer("So.", [("service", 1, "One")]), Miss("?", "low_confidence")],
            None,
            id="another question, and no idea",
        ),
        pytest.param(
            [Answer("So.", [("service", 1, "One")]), Miss("?", "asked_for_person", about="as before")],
            1,
            id="a wish for a person is about nothing new",
        ),
    ],
)
def test_the_chat_knows_what_the_bot_took_it_for(verdicts: list[Answer | Miss], expected: int | None) -> None:
    for name in ("One", "Two"):
        service(name)
    first = one("select min(id) as id from service")
    assert first is not None
    run("update service set id = id - %s + 1", (first["id"],))
    customer = make_customer()
    for verdict in verdicts:
        answered(customer, "A question", verdict)
    assert chat_row(customer.chat)["service_id"] == expected


def test_a_service_routes_by_rule_on_a_miss(boss: Colleague) -> None:
    plants, urgent = make_team("Plants"), make_team("Urgent")
    care = service("Care", plants)
    saves(boss, rule("Care", asks("service", "is", care), team_id=urgent, priority=2))
    customer = make_customer()
    answered(customer, "It dies", Miss("It dies", "low_confidence", about=care))
    assert (chat_row(customer.chat)["team_id"], chat_row(customer.chat)["priority"]) == (urgent, 2)


def test_a_rule_never_lowers_a_priority(boss: Colleague) -> None:
    saves(boss, rule("All", priority=0))
    customer = make_customer()
    chat_id = customer.says("Hello").chat_id
    boss.moves(chat_id, priority=2)
    customer.asks_for_person()
    assert (chat_row(chat_id)["priority"], queued(chat_id)["priority"]) == (2, 2)


def test_a_chat_that_comes_back_or_continues_is_not_routed_again(boss: Colleague) -> None:
    orders, money = make_team("Orders"), make_team("Money")
    ana, customer = make_agent(teams=(orders,)), make_customer()
    chat_id = chat_of(ana, customer)
    boss.moves(chat_id, team_id=orders)
    from_bot = make_customer().says("Hello").chat_id
    boss.takes_over(from_bot)
    saves(boss, rule("All", team_id=money, priority=2))
    boss.returns(from_bot)
    assert chat_row(from_bot)["team_id"] is None
    ana.returns(chat_id)
    assert (chat_row(chat_id)["team_id"], chat_row(chat_id)["priority"]) == (orders, 1)
    ana.takes(chat_id)
    ana.ends(chat_id)
    again = customer.waits("One more thing")
    assert chat_row(again)["team_id"] == orders
    assert chat_row(waiting_chat())["team_id"] == money


def test_a_rule_or_a_wish_for_an_archived_team_is_passed_over(boss: Colleague) -> None:
    gone, there = make_team("Gone"), make_team("There")
    lost = service("Lost", gone)
    saves(boss, rule("To nowhere", team_id=gone), rule("Words", asks("words", "any_word", "hello"), team_id=there))
    archive(gone)
    assert chat_row(waiting_chat_saying("hello"))["team_id"] == there
    assert chat_row(waiting_chat("Gone"))["team_id"] is None
    customer = make_customer()
    answered(customer, "Lost", Answer("So.", [("service", lost, "Lost")]))
    customer.asks_for_person()
    assert chat_row(customer.chat)["team_id"] is None


def test_a_team_that_is_closed_says_so_when_a_rule_sends_somebody_there(boss: Colleague) -> None:
    night = make_team("Night", hours={"time_zone": "UTC", "week": [], "holidays": []})
    saves(boss, rule("All", team_id=night))
    assert "opens_at" in queued(waiting_chat())


def test_without_a_bot_routing_runs_at_once(boss: Colleague) -> None:
    set_desk(bot_enabled=False)
    money = make_team("Money")
    saves(boss, rule("Money", asks("words", "any_word", "refund"), team_id=money))
    assert chat_row(make_customer().says("A refund").chat_id)["team_id"] == money


# --- the list --------------------------------------------------------------------------------------


def test_saving_keeps_ids_and_order_and_tells(told: Told, boss: Colleague) -> None:
    money = make_team("Money")
    saves(boss, rule("First"), rule("Second", asks("words", "any_word", "c++", "a.*b"), team_id=money, priority=2))
    first, second = read.overview(boss.viewer)["rules"]
    told.clear()
    saves(boss, {**second, "enabled": False}, rule("New"), first)
    listed = read.overview(boss.viewer)
    assert [each["name"] for each in listed["rules"]] == ["Second", "New", "First"]
    assert (listed["rules"][0]["id"], listed["rules"][2]["id"]) == (second["id"], first["id"])
    assert listed["rules"][0] == {**second, "enabled": False}
    assert listed["version"] == 2
    assert told.payloads("catalogue:changed", "desk") == [{"what": "routing"}]
    saves(boss)
    assert rows("select 1 from routing_rule") == []
    entry = one("select what, target, agent_name, before, after from audit_entry order by id desc limit 1")
    assert entry is not None
    assert (entry["what"], entry["target"], entry["agent_name"]) == ("changed", "routing", "Sam Boss")
    assert [len(entry[side]["rules"]) for side in ("before", "after")] == [3, 0]


def test_a_save_over_somebody_elses_is_refused(boss: Colleague) -> None:
    other = make_agent("Oda Boss", role="admin")
    version = read.overview(boss.viewer)["version"]
    routing.replace_rules(other.viewer, [rule("Theirs")], version)
    with pytest.raises(Conflict) as refusal:
        routing.replace_rules(boss.viewer, [rule("Mine")], version)
    assert (refusal.value.code, refusal.value.detail["version"]) == ("stale", version + 1)
    assert [each["name"] for each in read.overview(boss.viewer)["rules"]] == ["Theirs"]


def test_of_two_who_save_at_once_one_is_told(boss: Colleague) -> None:
    outcomes = race(*(partial(routing.replace_rules, boss.viewer, [rule(f"Mine {number}")], 0) for number in range(4)))
    assert sorted(codes(outcomes), key=str) == [None, "stale", "stale", "stale"]
    assert len(rows("select 1 from routing_rule")) == 1


def test_a_list_that_is_half_right_is_not_saved_and_every_mistake_is_named(told: Told, boss: Colleague) -> None:
    gone = make_team("Gone")
    archive(gone)
    saves(boss, rule("Before"))
    before = read.overview(boss.viewer)
    told.clear()
    with pytest.raises(Invalid) as refusal:
        saves(
            boss,
            rule("Fine"),
            rule("To nowhere", asks("channel", "is", 987_654), team_id=gone),
            rule("Twisted", asks("words", "is", "x"), asks("service", "is", "one"), asks("asked_team", "is", gone)),
            rule("Strange", id=987_654),
            {**before["rules"][0]},
            {**before["rules"][0]},
        )
    assert refusal.value.code == "unknown_team"
    wrong = refusal.value.detail["fields"]["rules"]
    assert set(wrong) == {"1", "2", "3", "5"}
    assert set(wrong["1"]) == {"team_id", "conditions"}
    assert set(wrong["2"]["conditions"]) == {"0", "1", "2"}
    assert set(wrong["3"]) == set(wrong["5"]) == {"id"}
    assert read.overview(boss.viewer) == before
    assert told.tellings == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (rule("x", team_id=987_654), "unknown_team"),
        (rule("x", asks("asked_team", "is", 987_654)), "unknown_team"),
        (rule("x", asks("channel", "is", 987_654)), "unknown_channel"),
        (rule("x", asks("service", "is", 987_654)), "unknown_service"),
        (rule("x", asks("attribute", "is", "y")), "invalid"),
        (rule("x", id=987_654), "unknown_rule"),
    ],
)
def test_each_mistake_has_its_code(boss: Colleague, said: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        saves(boss, said)
    assert refusal.value.code == code


def test_more_words_than_a_desk_can_need_are_refused(boss: Colleague) -> None:
    many = [asks("words", "any_word", *(f"word{number}" for number in range(50))) for _ in range(10)]
    with pytest.raises(Invalid) as refusal:
        saves(boss, *(rule(f"Long {number}", *many) for number in range(11)))
    assert refusal.value.code == "too_many_values"
    saves(boss, *(rule(f"Long {number}", *many) for number in range(10)))


def test_rules_are_for_those_who_edit_the_desk() -> None:
    ana = make_agent()
    for action in (
        partial(routing.replace_rules, ana.viewer, [], 0),
        partial(read.overview, ana.viewer),
        partial(read.tried, ana.viewer, [], {}),
    ):
        with pytest.raises(Refused):
            action()


# --- the dry run -----------------------------------------------------------------------------------


def sample(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {
        "text": text,
        "channel_id": None,
        "asked_team_id": None,
        "service_id": None,
        "language": "",
        "attributes": {},
    } | more


def test_a_dry_run_says_what_became_of_each_rule_and_changes_nothing(boss: Colleague) -> None:
    gone, money = make_team("Gone"), make_team("Money")
    archive(gone)
    said = [
        rule("Off", enabled=False),
        rule("To nowhere", team_id=gone),
        rule("Half", asks("words", "any_word", "refund"), asks("language", "is", "de")),
        rule("Money", asks("words", "any_word", "refund"), team_id=money, priority=2),
        rule("Late"),
    ]
    found = read.tried(boss.viewer, said, sample("A refund", attributes={"odd": [1, {"x": None}]}))
    assert (found["team"]["name"], found["priority"], found["matched"], found["why"]) == ("Money", 2, 3, "rule")
    assert [(each["outcome"], each["held"]) for each in found["trace"]] == [
        ("off", []),
        ("broken", []),
        ("no_match", [True, False]),
        ("matched", [True]),
        ("not_reached", []),
    ]
    assert rows("select 1 from routing_rule") == []


def test_a_dry_run_decides_as_a_chat_would(boss: Colleague) -> None:
    gone, orders = make_team("Gone"), make_team("Orders")
    archive(gone)
    care = service("Care", orders)
    for facts, team, why in (
        ({}, None, "nobody"),
        ({"asked_team_id": orders}, "Orders", "asked"),
        ({"asked_team_id": gone}, None, "nobody"),
        ({"service_id": care}, "Orders", "service"),
        ({"service_id": 987_654}, None, "nobody"),
    ):
        found = read.tried(boss.viewer, [], sample(**facts))
        assert (found["team"] and found["team"]["name"], found["why"], found["matched"]) == (team, why, None)
