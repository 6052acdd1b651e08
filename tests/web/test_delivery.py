"""What was acked is stored, once, in its order; whoever missed it catches up."""

from __future__ import annotations

import threading
import time

import pytest

from models.actions import visitors
from models.db import one, rows
from models.live import VISITOR
from tests.support.clients import Console, Socket, Widget
from tests.support.processes import desk
from tests.support.world import fresh_id, stored

HEADS_WITHIN_S = 25


@pytest.fixture
def talk(house):
    """Chat, owner, customer: an agent and a customer in conversation."""
    guest, owner = house.world.guest(), house.world.colleague()
    return house.world.active(owner, guest), owner, guest


def texts(chat_id: int, author: str | None = None) -> list[str]:
    return [
        each["body"] for each in stored(chat_id) if each["kind"] == "text" and author in (None, each["author_kind"])
    ]


def no_gaps(chat_id: int) -> bool:
    entries = stored(chat_id)
    public = [each["pub_seq"] for each in entries if each["pub_seq"] is not None]
    head = one("select all_seq, pub_seq from chat where id = %s", (chat_id,))
    return [each["all_seq"] for each in entries] == list(range(1, head["all_seq"] + 1)) and public == list(
        range(1, head["pub_seq"] + 1)
    )


# --- G1, G2 -----------------------------------------------------------------------------------------------


def test_an_ack_shows_the_stored_row(house, talk) -> None:
    chat_id, owner, guest = talk
    with house.console(owner).socket() as agent, house.widget(guest).socket() as customer:
        for socket, more in ((agent, {"chat_id": chat_id}), (customer, {})):
            answer = socket.ask("message:send", {"client_id": fresh_id(), "body": "Here.", **more})
            row = one("select * from message where id = %s", (answer["data"]["message"]["id"],))
            assert row is not None, "acked means stored"
            for name in ("id", "chat_id", "kind", "body", "client_id", "pub_seq"):
                assert answer["data"]["message"][name] == row[name], name


def test_a_retry_gets_the_first_answer(house, talk) -> None:
    chat_id, owner, guest = talk
    with house.console(owner).socket() as agent, house.widget(guest).socket() as customer:
        for socket, more in ((agent, {"chat_id": chat_id}), (customer, {})):
            draft = {"client_id": fresh_id(), "body": "Once.", **more}
            first = socket.ask("message:send", draft)
            socket.ask("message:send", {**draft, "client_id": fresh_id(), "body": "Meanwhile."})
            again = socket.ask("message:send", {**draft, "body": "Changed in between."})
            assert again["data"]["message"] == first["data"]["message"], "the same id, number and words"
    assert texts(chat_id).count("Once.") == 2, "one of each side"
    assert no_gaps(chat_id)


def test_a_retry_over_the_other_door_is_the_same_message(house, talk) -> None:
    chat_id, owner, _ = talk
    draft = {"client_id": fresh_id(), "body": "By socket, then by REST."}
    console = house.console(owner)
    with console.socket() as agent:
        first = agent.ask("message:send", {**draft, "chat_id": chat_id})["data"]["message"]
    assert console.post(f"/api/chats/{chat_id}/messages", draft).json()["message"] == first


def test_the_same_client_id_sent_many_times_at_once_is_one_message(house, talk) -> None:
    chat_id, _, guest = talk
    draft = {"client_id": fresh_id(), "body": "Impatient."}
    widget = house.widget(guest)
    with widget.socket() as one_tab, widget.socket() as other_tab:
        sent = [(tab, tab.send("message:send", draft)) for _ in range(10) for tab in (one_tab, other_tab)]
        answers = [tab.ack(number) for tab, number in sent]
    assert len({each["data"]["message"]["id"] for each in answers}) == 1
    assert texts(chat_id).count("Impatient.") == 1
    assert no_gaps(chat_id)


def test_a_connection_reset_right_after_the_frame_stores_it_once(house, talk) -> None:
    """F01: the frame arrived, the answer did not. The retry finds what the first try did."""
    chat_id, _, guest = talk
    widget = house.widget(guest)
    drafts = [{"client_id": fresh_id(), "body": f"Reset {number}"} for number in range(30)]
    for draft in drafts:
        cut = Socket(house.front.url)
        cut.join(VISITOR, {"ticket": visitors.ticket_for(guest.visitor)})
        cut.send("message:send", draft)
        cut.reset()
    with widget.socket() as back:
        answers = [back.ask("message:send", draft) for draft in drafts]
    assert all(each["ok"] for each in answers)
    assert sorted(texts(chat_id)[1:]) == sorted(draft["body"] for draft in drafts), "each once, none missing"
    assert no_gaps(chat_id)


def test_nothing_is_said_of_what_was_not_stored(house, talk) -> None:
    chat_id, owner, _ = talk
    intruder = house.world.colleague("Billing")
    with house.console(owner).socket() as agent, house.console(intruder).socket() as other:
        answer = other.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "Mine now?"})
        assert answer["ok"] is False
        time.sleep(0.3)
        assert "message:new" not in agent.names()
    assert "Mine now?" not in texts(chat_id)


def test_an_ack_is_not_held_back_behind_its_own_event(house, talk) -> None:
    """Two small packets in a row: with Nagle's algorithm the second waits 40 ms for the first to be confirmed."""
    chat_id, owner, _ = talk
    with house.console(owner).socket() as agent:
        taken = []
        for number in range(20):
            started = time.perf_counter()
            agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": f"{number}"})
            taken.append(time.perf_counter() - started)
    assert sorted(taken)[5] < 0.035, f"{[round(each * 1000) for each in sorted(taken)]} ms"


# --- G3: order --------------------------------------------------------------------------------------------


def test_two_hundred_words_sent_without_waiting_keep_their_order(house, talk) -> None:
    """X5: the library's own dispatch put 498 of 500 out of place."""
    chat_id, owner, _ = talk
    with house.console(owner).socket() as agent, house.console(owner).socket() as beside:
        numbers = [
            agent.send("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": f"{place:03}"})
            for place in range(200)
        ]
        answers = [agent.ack(number, 30) for number in numbers]
        assert all(each["ok"] for each in answers)
        places = [each["data"]["message"]["pub_seq"] for each in answers]
        assert places == sorted(places)
        beside.hear("message:new", lambda m: m["body"] == "199")
        heard = [each.data["body"] for each in beside.heard if each.event == "message:new"]
        assert heard == [f"{place:03}" for place in range(200)], "and every other screen hears them in that order"
    assert texts(chat_id, "agent") == [f"{place:03}" for place in range(200)]
    assert no_gaps(chat_id)


def test_what_follows_a_send_on_the_same_socket_comes_after_it(house, talk) -> None:
    """An end that overtakes the goodbye would lose it."""
    chat_id, owner, _ = talk
    with house.console(owner).socket() as agent:
        said = agent.send("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "Goodbye!"})
        ended = agent.send("chat:end", {"chat_id": chat_id, "reason": "resolved"})
        assert agent.ack(said)["ok"]
        assert agent.ack(ended)["data"]["state"] == "ended"


def test_many_writers_make_one_order_that_all_hear(house, talk) -> None:
    chat_id, owner, guest = talk
    widget, console = house.widget(guest), house.console(owner)
    with widget.socket() as one_tab, widget.socket() as other_tab, console.socket() as agent:

        def write(socket: Socket, name: str, more: dict) -> None:
            for number in range(20):
                draft = {"client_id": fresh_id(), "body": f"{name}{number}", **more}
                assert socket.ask("message:send", draft)["ok"]

        writers = [
            threading.Thread(target=write, args=each)
            for each in ((one_tab, "a", {}), (other_tab, "b", {}), (agent, "c", {"chat_id": chat_id}))
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        head = one("select pub_seq from chat where id = %s", (chat_id,))["pub_seq"]
        for socket in (one_tab, other_tab, agent):
            socket.hear("message:new", lambda m: m["pub_seq"] == head)
            numbers = [each.data["pub_seq"] for each in socket.heard if each.event == "message:new"]
            assert numbers == list(range(head - 59, head + 1))
    assert no_gaps(chat_id)


# --- G4: catching up --------------------------------------------------------------------------------------


def test_whoever_comes_back_gets_exactly_what_was_missed(house, talk) -> None:
    chat_id, owner, guest = talk
    widget = house.widget(guest)
    with widget.socket() as customer:
        seen = customer.ask("message:send", {"client_id": fresh_id(), "body": "Going into a tunnel."})
        last = seen["data"]["message"]["pub_seq"]
    with house.console(owner).socket() as agent:
        for number in range(3):
            agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": f"missed {number}"})
        agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "a note", "internal": True})
        mine = agent.ask("chat:sync", {"chat_id": chat_id, "after": 0})["data"]
    with widget.socket() as customer:
        page = customer.ask("chat:sync", {"chat_id": chat_id, "after": last})["data"]
    assert [each["body"] for each in page["messages"]] == ["missed 0", "missed 1", "missed 2"]
    assert [each["pub_seq"] for each in page["messages"]] == [last + 1, last + 2, last + 3]
    assert (page["head"], page["more"]) == (last + 3, False), "the note leaves no gap that a customer could see"
    assert [each["all_seq"] for each in mine["messages"]] == list(range(1, mine["head"] + 1))
    assert mine["messages"][-1]["body"] == "a note"


def test_a_long_absence_is_made_up_for_page_by_page(house, talk) -> None:
    chat_id, owner, _ = talk
    rows(
        "with more as (insert into message (chat_id, kind, author_kind, author_name, author_hue, body, all_seq, pub_seq)"
        " select %s, 'text', 'bot', 'Bot', 1, 'x', n, n from generate_series(100, 549) n returning 1) select 1",
        (chat_id,),
    )
    rows("update chat set all_seq = 549, pub_seq = 549 where id = %s", (chat_id,))
    with house.console(owner).socket() as agent:
        after, got = 99, []
        while True:
            page = agent.ask("chat:sync", {"chat_id": chat_id, "after": after})["data"]
            got += [each["all_seq"] for each in page["messages"]]
            after = got[-1]
            if not page["more"]:
                break
        assert got == list(range(100, 550))


def test_heads_come_from_postgres_to_whoever_is_concerned(house, talk) -> None:
    """A number that was written behind the bus's back is told all the same, within 25 s."""
    chat_id, owner, guest = talk
    watched = house.world.waiting()
    with house.console(owner).socket() as agent, house.widget(guest).socket() as customer:
        agent.ask("chat:watch", {"chat_id": watched})
        rows("update chat set all_seq = 70, pub_seq = 60 where id = %s", (chat_id,))
        told = agent.hear("heads", lambda d: any(h["seq"] == 70 for h in d["heads"]), HEADS_WITHIN_S)
        assert {head["chat_id"] for head in told["heads"]} == {chat_id, watched}
        theirs = customer.hear("heads", lambda d: d["heads"][0]["seq"] == 60, HEADS_WITHIN_S)
        assert [head["chat_id"] for head in theirs["heads"]] == [chat_id]


def test_a_second_tab_hears_what_the_first_one_does(house, talk) -> None:
    chat_id, owner, guest = talk
    console, widget = house.console(owner), house.widget(guest)
    with console.socket() as one_tab, console.socket() as other, widget.socket() as page, widget.socket() as phone:
        one_tab.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "To all."})
        page.ask("message:send", {"client_id": fresh_id(), "body": "From one tab."})
        one_tab.ask("chat:end", {"chat_id": chat_id, "reason": "resolved"})
        for tabs in ((one_tab, other), (page, phone)):
            for tab in tabs:
                tab.hear("chat:changed", lambda chat: chat["state"] == "ended")
            # the pages opened one after the other, so only what happened since both were there is compared
            first, second = ([(e.event, e.data) for e in tab.heard if e.event == "message:new"] for tab in tabs)
            assert first == second


# --- load -------------------------------------------------------------------------------------------------


def test_beyond_what_it_can_do_at_once_the_front_says_busy_and_loses_nothing(database, world) -> None:
    guest, owner = world.guest(), world.colleague()
    chat_id = world.active(owner, guest)
    tight = {"PARLEY_MAX_IN_FLIGHT": "2", "PARLEY_RATE_FACTOR": "1000"}
    with desk(parts=("web",), env=tight) as running, Console(running.url, owner).socket() as agent:
        drafts = [{"chat_id": chat_id, "client_id": fresh_id(), "body": f"n{number}"} for number in range(300)]
        numbers = [agent.send("message:send", draft) for draft in drafts]
        answers = [agent.ack(number, 30) for number in numbers]
        refused = [draft for draft, answer in zip(drafts, answers, strict=True) if not answer["ok"]]
        assert refused, "300 at once are more than this front takes"
        assert {each["error"]["code"] for each in answers if not each["ok"]} == {"busy"}
        assert all(each["error"]["retry_after_ms"] > 0 for each in answers if not each["ok"])
        assert len(texts(chat_id, "agent")) == 300 - len(refused), "busy means that nothing was stored"
        for draft in refused:
            assert agent.ask("message:send", draft)["ok"], "and the retry gets in"
    assert len(texts(chat_id, "agent")) == 300
    assert no_gaps(chat_id)


def test_who_talks_too_fast_is_asked_to_wait_and_not_cut_off(database, world) -> None:
    with (
        desk(parts=("web",), env={"PARLEY_RATE_FACTOR": "1"}) as running,
        Widget(running.url, world.guest()).socket() as customer,
    ):
        answers = [customer.ask("message:send", {"client_id": fresh_id(), "body": "again"}) for _ in range(14)]
        assert all(each["ok"] for each in answers[:10]), "a burst of thoughts is fine"
        assert {each["error"]["code"] for each in answers[-2:]} == {"too_many"}
        assert answers[-1]["error"]["retry_after_s"] >= 1
        assert not customer.closed
        assert customer.ask("chat:sync", {"chat_id": answers[0]["data"]["chat"]["id"], "after": 0})["ok"]


def test_a_front_tells_who_is_there_at_another_front(house, talk) -> None:
    """Rooms span processes: the agent sits at one, the customer at the other."""
    chat_id, owner, guest = talk
    with (
        desk(parts=("web",)) as second,
        Console(second.url, owner).socket() as agent,
        house.widget(guest).socket() as customer,
    ):
        customer.ask("message:send", {"client_id": fresh_id(), "body": "Hello from the other front"})
        assert agent.hear("message:new", lambda m: m["body"].startswith("Hello"))["chat_id"] == chat_id
        agent.ask("message:send", {"chat_id": chat_id, "client_id": fresh_id(), "body": "Hello back"})
        customer.hear("message:new", lambda m: m["body"] == "Hello back")
        time.sleep(0.3)
        heard = [each.data["body"] for each in agent.heard if each.event == "message:new"]
        assert heard == ["Hello from the other front", "Hello back"], "each once"
