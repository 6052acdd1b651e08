"""Places in line, the numbers around the inbox, and what a widget may know."""

from __future__ import annotations

from models.actions import presence
from models.queries import agents, queue, visitors
from tests.support.people import (
    chat_of,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)


def test_places_count_from_one_in_each_team_by_itself() -> None:
    make_team("Orders")
    boss = make_agent("Sam Boss", role="supervisor")
    first, second, elsewhere = waiting_chat("Orders"), waiting_chat("Orders"), waiting_chat()
    places = [queue.place(chat_id) for chat_id in (first, second, elsewhere)]
    assert [each and each["position"] for each in places] == [1, 2, 1]
    boss.takes(second)
    boss.returns(second)
    assert [(queue.place(chat_id) or {})["position"] for chat_id in (first, second)] == [2, 1]
    boss.takes(first)
    assert queue.place(first) is None


def test_a_range_is_told_only_when_it_is_known() -> None:
    ana = make_agent("Ana Ruiz", limit=20)
    waiting = waiting_chat()
    place = queue.place(waiting)
    assert place is not None
    assert (place["wait_low_s"], place["wait_high_s"]) == (None, None)
    for number in range(4):
        let_time_pass(chat_of(ana), 60 * number)
    place = queue.place(waiting)
    assert place is not None
    assert 0 <= place["wait_low_s"] < place["wait_high_s"]
    ana.screens_go_dark()
    place = queue.place(waiting)
    assert place is not None
    assert place["wait_low_s"] is None  # nobody is there to pick anything up


def test_the_numbers_around_the_inbox_are_those_of_its_lists() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana, boss = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Sam Boss", role="supervisor")
    waiting_chat("Orders")
    waiting_chat("Returns")
    waiting_chat()
    chat_of(ana)
    for viewer in (ana, boss):
        seen = agents.overview(viewer.viewer)
        assert (seen["queue"], seen["mine"]) == (len(viewer.inbox("queue")), len(viewer.inbox("mine")))
    assert [each["id"] for each in agents.overview(ana.viewer)["teams"]] == [orders]
    teams = {each["id"]: each for each in agents.overview(boss.viewer)["teams"]}
    assert [(teams[each]["waiting"], teams[each]["online"]) for each in (orders, returns)] == [(1, 1), (1, 0)]


def test_a_new_visitor_has_nothing_and_one_who_waits_has_a_place() -> None:
    rosa = make_customer()
    assert visitors.state(rosa.visitor) == {
        "name": None,
        "email": None,
        "known": False,
        "chat": None,
        "messages": [],
        "place": None,
        "notices": {"items": [], "wanted": True},
    }
    rosa.waits("Where is it?")
    state = visitors.state(rosa.visitor)
    assert (state["chat"]["state"], state["place"]["position"]) == ("queued", 1)
    assert [each["pub_seq"] for each in state["messages"]] == [1, 2]


def test_a_visitors_snapshot_holds_no_note_and_nobodys_private_facts() -> None:
    ana, rosa = make_agent("Ana Ruiz"), make_customer("Rosa Lind")
    chat_id = chat_of(ana, rosa)
    ana.notes(chat_id, "SECRET")
    ana.says(chat_id, "Hello")
    ana.ends(chat_id, "other", "SECRET too")
    state = visitors.state(rosa.visitor)
    assert "SECRET" not in repr(state)
    assert ana.now["email"] not in repr(state)
    assert state["chat"]["agent"] == {"name": "Ana Ruiz", "hue": 25}
    assert [each["pub_seq"] for each in state["messages"]] == list(range(1, state["chat"]["pub_seq"] + 1))


def test_the_widget_shows_who_is_there_and_how_soon_they_answer() -> None:
    set_desk(bot_name="Fern")
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale", status="away")
    config = visitors.config()
    assert (config["agents"], config["reply_minutes"]) == ([{"name": "Ana Ruiz", "hue": 25}], None)
    rosa = make_customer()
    chat_id = rosa.waits()
    let_time_pass(chat_id, 300)
    ana.takes(chat_id)
    ana.says(chat_id)
    ana.ends(chat_id)
    assert visitors.config()["reply_minutes"] == 5
    ben.chooses("online")
    assert len(visitors.config()["agents"]) == 2


def test_a_customers_dot_is_green_while_a_page_is_open() -> None:
    ana, rosa = make_agent("Ana Ruiz"), make_customer()
    chat_id = chat_of(ana, rosa)
    assert not ana.sees(chat_id)["customer"]["online"]
    presence.visitor_socket_opens(rosa.id, "page-1", "front-1")
    assert ana.sees(chat_id)["customer"]["online"]
    assert ana.inbox("mine")[0]["customer"]["online"]
