"""Sockets: who gets in, what they may say, and what they hear."""

from __future__ import annotations

from tests.support.world import fresh_id, stored


def test_a_word_travels_from_customer_to_agent_and_back(house) -> None:
    world, guest = house.world, house.world.guest()
    owner = world.colleague()
    chat_id = world.active(owner, guest)
    with house.console(owner).socket() as agent, house.widget(guest).socket() as customer:
        said = customer.ask("message:send", {"client_id": fresh_id(), "body": "Where is my parcel?"})
        assert said["ok"], said
        assert agent.hear("message:new", lambda m: m["body"] == "Where is my parcel?")["chat_id"] == chat_id
        answer = agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "On its way."})
        assert answer["ok"], answer
        assert customer.hear("message:new", lambda m: m["body"] == "On its way.")["pub_seq"] == 5
    assert [each["body"] for each in stored(chat_id) if each["kind"] == "text"][-2:] == [
        "Where is my parcel?",
        "On its way.",
    ]
