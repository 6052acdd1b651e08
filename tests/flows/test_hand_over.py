"""Three people, one customer: a chat goes round the team and comes to a good end."""

from __future__ import annotations

from models.actions import presence, timekeeping
from models.live import Room
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    chat_row,
    entries,
    events,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
)
from tests.support.told import Told


def test_picked_handed_on_lost_and_found(told: Told) -> None:
    orders = make_team("Orders")
    ana, ben = (make_agent(name, teams=(orders,)) for name in ("Ana Ruiz", "Ben Hale"))
    boss = make_agent("Sam Boss", role="supervisor")
    rosa = make_customer("Rosa Lind")
    chat_id = rosa.waits("My order is late", topic="Orders")

    ana.takes(chat_id)
    ana.says(chat_id, "Let me ask Ben, he knows the carrier")
    ana.hands(chat_id, ben, "Carrier says Tuesday, she does not believe it")
    ben.says(chat_id, "It will be Tuesday, I promise")

    ben.screens_go_dark()  # his train enters a tunnel
    presence.sweep()
    let_time_pass(chat_id, 121)
    timekeeping.fire_due()
    assert chat_row(chat_id)["state"] == "queued"
    rosa.says("Hello?")

    told.clear()
    ben.opens_screen()
    assert ben.owned == []  # nothing comes back by itself
    boss.takes(chat_id)
    boss.says(chat_id, "Ben is in a tunnel. I have added a voucher.")
    rosa.says("Thank you")
    boss.ends(chat_id, "follow_up", "Check on Tuesday")

    assert events(chat_id) == ["queued", "assigned", "assigned", "queued", "assigned", "ended"]
    handled = {agent.name: [each["id"] for each in agent.inbox("mine")] for agent in (ana, ben, boss)}
    assert handled == {"Ana Ruiz": [], "Ben Hale": [], "Sam Boss": []}
    assert chat_row(chat_id)["ended_owner_id"] == boss.id
    assert_all_hold()


def test_the_customer_sees_one_thread_without_gaps_and_no_word_of_the_house(told: Told) -> None:
    """Read from what the customer's own socket was told, and nothing else."""
    ana, ben, rosa = make_agent("Ana Ruiz"), make_agent("Ben Hale"), make_customer("Rosa Lind")
    rosa.waits()
    ana.takes(rosa.chat)
    ana.notes(rosa.chat, "SECRET one")
    ana.says(rosa.chat, "Hello")
    ana.hands(rosa.chat, ben, "SECRET two")
    ben.notes(rosa.chat, "SECRET three")
    ben.says(rosa.chat, "Hello again")
    ben.ends(rosa.chat, "other", "SECRET four")
    rosa.rates(3, "Two people for one parcel")
    heard = [each.payload for each in told.heard_in(Room.customer(rosa.id)) if each.event == "message:new"]
    assert [each["pub_seq"] for each in heard] == list(range(1, len(heard) + 1))
    assert "SECRET" not in repr(told.heard_in(Room.customer(rosa.id)))
    assert {"all_seq", "end_reason", "end_note", "by"} & set(_keys(heard)) == set()
    assert all(
        "email" not in each.payload.get("agent", {})
        for each in told.heard_in(Room.customer(rosa.id))
        if each.payload.get("agent")
    )
    assert len([each for each in entries(rosa.chat) if each["pub_seq"] is None]) == 4


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for each in value.values() for key in _keys(each))]
    if isinstance(value, list):
        return [key for each in value for key in _keys(each)]
    return []


def test_a_busy_desk_empties_its_queue_as_people_finish(told: Told) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", limit=1), make_agent("Ben Hale", limit=2)
    customers = [make_customer() for _ in range(6)]
    for each in customers:
        each.waits()
    told.run_jobs()
    done = []
    while ana.owned or ben.owned:
        for agent in (ana, ben):
            for chat_id in agent.owned[:1]:
                agent.says(chat_id)
                agent.ends(chat_id)
                done.append(chat_id)
                told.run_jobs()
    assert sorted(done) == sorted(each.chat for each in customers)
    places = [each["position"] for each in told.payloads("queue:place", Room.customer(customers[-1].id))]
    assert places == sorted(places, reverse=True)  # the line only ever moves forward
    assert_all_hold()
