"""Taking a chat, handing it on, ending it: the moves an agent makes (T5, T6, T9, T15, T17), and what they are refused."""

from __future__ import annotations

import pytest

from models.actions import agents, queue
from models.db import rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.tables.desk import Tag
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    events,
    make_agent,
    make_team,
    set_desk,
    timers,
    waiting_chat,
)
from tests.support.refusals import refused
from tests.support.told import Told

# --- T5, T6: taking -------------------------------------------------------------------------------


def test_t6_pick_makes_an_owner_stops_the_wait_and_starts_the_clock_of_the_first_reply(
    told: Told, ana: Colleague, customer: Customer
) -> None:
    chat_id = customer.waits()
    told.clear()
    ana.takes(chat_id)
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"]) == ("active", ana.id)
    assert timers(chat_id) == {"first_reply"}
    assert "queue_max" in timers(chat_id, "cancelled")
    (entry,) = [each for each in entries(chat_id) if each["data"].get("event") == "assigned"]
    assert (entry["body"], entry["author_id"], entry["data"]["how"]) == ("Ana joined the chat.", ana.id, "pick")
    assert entry["data"]["waited_s"] >= 0
    (shown,) = told.payloads("chat:changed", Room.customer(customer.id))
    assert (shown["state"], shown["agent"]["name"]) == ("active", "Ana Ruiz")
    assert told.payloads("queue:counts", Room.EVERY_QUEUE) == [{"team_id": None, "waiting": 0}]
    assert told.alerts(ana.id) == []
    assert_all_hold()


def test_t6_the_loser_hears_who_has_it(ana: Colleague, ben: Colleague) -> None:
    chat_id = waiting_chat()
    ana.takes(chat_id)
    with pytest.raises(Conflict, match="Ana Ruiz has just taken this chat") as lost:
        ben.takes(chat_id)
    assert lost.value.code == "already_taken"
    assert lost.value.detail == {
        "state": "active",
        "version": chat_row(chat_id)["version"],
        "by": {"id": ana.id, "name": "Ana Ruiz", "hue": 25},
    }


def test_t6_needs_an_agent_who_is_online_with_room(ana: Colleague) -> None:
    chat_id = waiting_chat()
    ana.chooses("away")
    assert refused(lambda: ana.takes(chat_id)) == "not_online"
    ana.chooses("online")
    ana.screens_go_dark()
    assert refused(lambda: ana.takes(chat_id)) == "not_online"
    full = make_agent("Fay Full", limit=1)
    full.takes(waiting_chat())
    assert refused(lambda: full.takes(chat_id)) == "at_capacity"
    assert chat_row(chat_id)["state"] == "queued"


def test_t6_is_not_for_analysts_nor_for_other_teams(ana: Colleague) -> None:
    orders = make_team("Orders")
    chat_id = waiting_chat("Orders")
    analyst = make_agent("Ada Reads", role="analyst", teams=(orders,))
    with pytest.raises(Refused):
        analyst.takes(chat_id)
    with pytest.raises(NotFound):
        ana.takes(chat_id)


def test_t6_can_be_turned_off_where_the_desk_gives_chats_out(ana: Colleague) -> None:
    chat_id = waiting_chat()
    set_desk(auto_assign=True, pick_with_auto=False)
    assert refused(lambda: ana.takes(chat_id)) == "pick_is_off"
    set_desk(auto_assign=False)
    ana.takes(chat_id)


@pytest.mark.parametrize("limits", [(2, None, None), (None, 2, None), (None, None, 2)], ids=["own", "team", "desk"])
def test_the_limit_is_ones_own_else_the_teams_else_the_desks(limits: tuple[int | None, ...]) -> None:
    own, team, desk = limits
    set_desk(agent_limit=desk or 9)
    team_id = make_team("Orders", agent_limit=team)
    ana = make_agent(limit=own, teams=(team_id,))
    for _ in range(2):
        ana.takes(waiting_chat("Orders"))
    assert refused(lambda: ana.takes(waiting_chat("Orders"))) == "at_capacity"


def test_t5_a_supervisor_takes_over_from_the_bot(boss: Colleague, ana: Colleague, customer: Customer) -> None:
    chat_id = customer.says("Where is it?").chat_id
    with pytest.raises(Refused):
        ana.takes_over(chat_id)
    boss.takes_over(chat_id)
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"], chat["bot_message_id"]) == ("active", boss.id, None)
    assert timers(chat_id) == {"first_reply"}
    assert entries(chat_id)[-1]["data"]["how"] == "takeover"
    boss.takes_over(chat_id)  # a second click
    assert events(chat_id).count("assigned") == 1
    assert_all_hold()


def test_t5_is_for_chats_of_the_bot_and_of_colleagues(boss: Colleague, ana: Colleague) -> None:
    assert refused(lambda: boss.takes_over(waiting_chat())) == "state_conflict"
    ended = chat_of(ana)
    ana.ends(ended)
    assert refused(lambda: boss.takes_over(ended)) == "state_conflict"


# --- T9: handing on -------------------------------------------------------------------------------


def test_t9_hand_over_with_a_note(told: Told, ana: Colleague, ben: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    ana.says(chat_id)
    told.clear()
    ana.hands(chat_id, ben, "Knows carpets")
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"]) == ("active", ben.id)
    note, event = entries(chat_id)[-2:]
    assert (note["kind"], note["body"], note["pub_seq"]) == ("note", "Knows carpets", None)
    assert (event["data"]["how"], event["data"]["by"]["name"], event["body"]) == (
        "reassign",
        "Ana Ruiz",
        "Ben joined the chat.",
    )
    assert timers(chat_id) == {"first_reply"}
    assert told.alerts(ben.id) == ["assigned"]
    for agent in (ana, ben):
        assert told.payloads("chat:changed", Room.agent(agent.id))[-1]["owner"]["id"] == ben.id
    intervals = rows(
        "select agent_id, how, to_at is null as open from assignment where chat_id = %s order by id", (chat_id,)
    )
    assert [(each["agent_id"], each["how"], each["open"]) for each in intervals] == [
        (ana.id, "pick", False),
        (ben.id, "reassign", True),
    ]
    assert_all_hold()


def test_t9_needs_a_target_who_can_take_it(ana: Colleague, ben: Colleague) -> None:
    chat_id = chat_of(ana)
    full, analyst = make_agent("Fay Full", limit=1), make_agent("Ada Reads", role="analyst")
    full.takes(waiting_chat())
    ben.chooses("away")
    gone = make_agent("Gus Gone")
    agents.disable(gone.id)
    assert refused(lambda: ana.hands(chat_id, ben)) == "target_offline"
    assert refused(lambda: ana.hands(chat_id, full)) == "target_at_capacity"
    assert refused(lambda: ana.hands(chat_id, analyst)) == "target_offline"
    assert refused(lambda: ana.hands(chat_id, gone)) == "target_offline"
    assert refused(lambda: ana.hands(chat_id, ana)) == "same_agent"
    assert chat_row(chat_id)["owner_id"] == ana.id
    assert_all_hold()


def test_t9_is_for_the_owner_and_for_supervisors(ana: Colleague, ben: Colleague, boss: Colleague) -> None:
    chat_id = chat_of(ana)
    assert refused(lambda: ben.hands(chat_id, ben)) == "not_owner"
    boss.hands(chat_id, ben)
    assert chat_row(chat_id)["owner_id"] == ben.id


# --- T17: ending ----------------------------------------------------------------------------------


def test_t17_end_keeps_reason_owner_and_times(told: Told, ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    ana.says(chat_id)
    told.clear()
    ana.ends(chat_id, "resolved", "  Sent again ")
    chat = chat_row(chat_id)
    assert [chat[name] for name in ("state", "end_cause", "end_reason", "end_note", "owner_id", "ended_owner_id")] == [
        "ended",
        "agent",
        "resolved",
        "Sent again",
        None,
        ana.id,
    ]
    assert (timers(chat_id), chat["idle_due_at"]) == (set(), None)
    assert told.payloads("chat:changed", Room.customer(customer.id))[-1]["agent"]["name"] == "Ana Ruiz"
    assert told.payloads("presence:changed", Room.DESK)[-1]["load"] == 0
    assert_all_hold()


@pytest.mark.parametrize("note", ["", "  ", "ab", " x " * 0])
def test_t17_others_needs_its_explanation(note: str, ana: Colleague) -> None:
    chat_id = chat_of(ana)
    assert refused(lambda: ana.ends(chat_id, "other", note)) == "reason_required"
    ana.ends(chat_id, "other", "A wrong number")


def test_t17_only_what_one_owns_unless_one_supervises(ana: Colleague, ben: Colleague, boss: Colleague) -> None:
    chat_id = chat_of(ana)
    assert refused(lambda: ben.ends(chat_id)) == "not_owner"
    boss.ends(chat_id, "time_waster")
    assert chat_row(chat_id)["ended_owner_id"] == ana.id
    assert refused(lambda: ana.ends(chat_id)) == "state_conflict"


def test_t17_nobody_ends_a_chat_that_waits_or_is_with_the_bot(ana: Colleague, customer: Customer) -> None:
    chat_id = customer.says().chat_id
    assert refused(lambda: ana.ends(chat_id)) == "state_conflict"
    customer.asks_for_person()
    assert refused(lambda: ana.ends(chat_id)) == "state_conflict"


def test_an_ended_chat_stays_as_it_was(ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    ana.ends(chat_id)
    before = chat_row(chat_id)
    for attempt in (
        lambda: ana.takes(chat_id),
        lambda: ana.ends(chat_id, "follow_up"),
        lambda: ana.returns(chat_id),
        customer.asks_for_person,
        lambda: ana.says(chat_id),
    ):
        refused(attempt)
    customer.leaves()  # an ended chat has neither a line to leave
    customer.ends()  # nor another end
    assert chat_row(chat_id) == before


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_are_what_was_asked_and_each_change_is_one_internal_entry(ana: Colleague, customer: Customer) -> None:
    chat_id = chat_of(ana, customer)
    late, voucher = Tag.create(name="late", hue=1).id, Tag.create(name="voucher", hue=2).id
    ana.tags(chat_id, late, voucher)
    ana.tags(chat_id, late, voucher)  # nothing new
    ana.tags(chat_id, voucher)
    assert [tag["name"] for tag in ana.sees(chat_id)["chat"]["tags"]] == ["voucher"]
    tagged = [each for each in entries(chat_id) if each["data"].get("event") == "tagged"]
    assert [(each["body"], each["pub_seq"]) for each in tagged] == [("late, voucher", None), ("voucher", None)]
    with pytest.raises(Invalid, match="no such tag"):
        ana.tags(chat_id, 999)
    assert_all_hold()


# --- T16 by hand ----------------------------------------------------------------------------------


def test_t16_return_keeps_the_place_in_time_and_comes_first(told: Told, ana: Colleague, customer: Customer) -> None:
    chat_id = customer.waits()
    queued_at = chat_row(chat_id)["queued_at"]
    ana.takes(chat_id)
    waiting_chat()
    told.clear()
    ana.returns(chat_id, "Needs a carpenter")
    chat = chat_row(chat_id)
    assert (chat["state"], chat["owner_id"], chat["priority"], chat["queued_at"]) == ("queued", None, 1, queued_at)
    assert timers(chat_id) == {"queue_max"}
    said = entries(chat_id)[-1]["data"]
    assert (said["how"], said["reason"], said["agent"]["name"]) == ("returned", "Needs a carpenter", "Ana Ruiz")
    assert ana.inbox("queue")[0]["id"] == chat_id
    assert told.payloads("queue:place", Room.customer(customer.id))[-1]["position"] == 1
    assert told.alerts(ana.id) == []  # it was their own doing
    assert_all_hold()


def test_t16_a_supervisor_returns_somebodys_chat_and_they_are_told(
    told: Told, ana: Colleague, ben: Colleague, boss: Colleague
) -> None:
    chat_id = chat_of(ana)
    assert refused(lambda: ben.returns(chat_id)) == "not_owner"
    boss.returns(chat_id)
    assert told.alerts(ana.id) == ["returned"]


def test_return_all_gives_back_everything_one_owns(ana: Colleague, ben: Colleague) -> None:
    mine, other = [chat_of(ana) for _ in range(3)], chat_of(ben)
    assert queue.return_all(ana.viewer) == 3
    assert {chat_row(chat_id)["state"] for chat_id in mine} == {"queued"}
    assert chat_row(other)["owner_id"] == ben.id
    assert queue.return_all(ana.viewer) == 0
    assert_all_hold()
