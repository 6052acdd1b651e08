"""Whoever hears an event may read what it is about: every event of a day's work, every receiver, one by one."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from models.actions import agents
from models.db import connection
from models.schemas.events import TO_CONSOLE, TO_VISITOR
from tests.support import world as worlds
from tests.support.clients import Console, House, Socket, Widget
from tests.support.world import Colleague, Guest, fresh_id

READS_ALL = {"supervisor", "analyst", "admin"}
DISABLED = "Billing agent"  # at the end of the day
CANARY = "canary-for-colleagues-only"

pytestmark = pytest.mark.keeps_data


class Day:
    """A day's work with everybody listening: who heard what."""

    def __init__(self, house) -> None:
        self.house, world = house, house.world
        self.colleagues: list[tuple[Colleague, Console, Socket]] = []
        self.guests: list[tuple[Guest, Widget, Socket]] = []
        with ExitStack() as open_sockets:
            for colleague in world.agents.values():
                console = house.console(colleague)
                self.colleagues.append((colleague, console, open_sockets.enter_context(console.socket())))
                world.arrive(colleague)
            for _ in world.teams:
                guest = world.guest()
                widget = house.widget(guest)
                self.guests.append((guest, widget, open_sockets.enter_context(widget.socket())))
            self.chat_ids = [self._work(team, *each) for team, each in zip(world.teams, self.guests, strict=True)]
            agents.disable(world.colleague("Billing").id)
            assert next(socket for who, _, socket in self.colleagues if who.name == DISABLED).wait_closed(5)

    def _work(self, team: str, guest: Guest, widget: Widget, customer: Socket) -> int:
        world = self.house.world
        owner, boss = world.colleague(team), world.colleague(team, "supervisor")
        sent = customer.ask("message:send", {"client_id": fresh_id(), "body": f"Hello {team}", "topic": team})
        chat_id: int = sent["data"]["chat"]["id"]
        mine = next(socket for colleague, _, socket in self.colleagues if colleague is owner)
        theirs = next(socket for colleague, _, socket in self.colleagues if colleague is boss)
        for who, _, socket in self.colleagues:
            watched = socket.ask("chat:watch", {"chat_id": chat_id})
            assert watched["ok"] == (who.role in READS_ALL or who.team_id == owner.team_id)
        for socket, event, more in (
            (mine, "chat:start", {}),
            (mine, "message:send", {"client_id": fresh_id(), "body": "Good day."}),
            (mine, "message:send", {"client_id": fresh_id(), "body": CANARY, "internal": True}),
            (theirs, "message:send", {"client_id": fresh_id(), "body": f"{CANARY} too", "internal": True}),
            (mine, "chat:typing", {"on": True}),
            (customer, "chat:typing", {"on": True}),
            (customer, "chat:read", {"seq": 3}),
            (mine, "chat:read", {"seq": 3}),
            (mine, "chat:return", {"reason": f"{CANARY} three"}),
            (theirs, "chat:start", {}),
            (theirs, "chat:assign", {"agent_id": owner.id, "note": f"{CANARY} four"}),
            (mine, "chat:end", {"reason": "other", "note": f"{CANARY} five"}),
        ):
            answer = socket.ask(event, {"chat_id": chat_id, **more})
            assert answer["ok"], (event, answer)
        widget.post(f"/api/visitor/chats/{chat_id}/rating", {"stars": 4, "comment": "Thank you"})
        return chat_id


@pytest.fixture(scope="module")
def day(front, wiper) -> Day:
    wiper.wipe()
    with connection():
        return Day(House(front, worlds.build()))


def chats_in(data) -> set[int]:
    """The chats that an event is about."""
    if "heads" in data:
        return {head["chat_id"] for head in data["heads"]}
    if "chat_id" in data:
        return {data["chat_id"]}
    return {data["id"]} if "session_id" in data or "pub_seq" in data else set()


def test_every_agent_can_open_what_they_heard_of(day) -> None:
    checked = 0
    for who, console, socket in day.colleagues:
        for chat_id in {chat_id for each in socket.heard for chat_id in chats_in(each.data)}:
            if who.name != DISABLED:
                assert console.get(f"/api/chats/{chat_id}").status_code == 200, (who.name, chat_id)
                checked += 1
    assert checked >= 12


def test_an_agent_heard_nothing_of_the_other_team(day) -> None:
    orders, billing = day.chat_ids
    for who, _, socket in day.colleagues:
        if who.role == "agent":
            own, foreign = (orders, billing) if who.team_id == day.house.world.teams["Orders"] else (billing, orders)
            heard = {chat_id for each in socket.heard for chat_id in chats_in(each.data)}
            assert heard == {own}, who.name
            assert foreign not in heard
            teams = {each.data["team_id"] for each in socket.heard if each.event == "queue:counts"}
            assert teams == {who.team_id}
            assert day.house.world.colleague("Billing" if own == orders else "Orders").name not in str(
                [each.data for each in socket.heard if each.event != "presence:changed"]
            )


def test_whoever_may_read_heard_it(day) -> None:
    """The other half: permission without news is a stale screen."""
    for who, _, socket in day.colleagues:
        states = {(each.data["id"], each.data["state"]) for each in socket.heard if each.event == "chat:changed"}
        for team, chat_id in zip(day.house.world.teams, day.chat_ids, strict=True):
            if who.role in READS_ALL or who.team_id == day.house.world.teams[team]:
                assert {(chat_id, state) for state in ("queued", "active", "ended")} <= states, who.name
                notes = [e for e in socket.heard if e.event == "message:new" and CANARY in e.data["body"]]
                assert any(each.data["chat_id"] == chat_id for each in notes), f"{who.name} had it open"


def test_no_customer_heard_a_word_that_was_not_for_them(day) -> None:
    for (guest, widget, socket), chat_id in zip(day.guests, day.chat_ids, strict=True):
        told = [each.data for each in socket.heard]
        assert told
        assert {each for data in told for each in chats_in(data)} == {chat_id}
        seen = str(told) + widget.get("/api/visitor/state").text
        seen += widget.get("/api/visitor/messages", params={"chat_id": chat_id}).text
        assert CANARY not in seen
        for secret in ("all_seq", "@desk.example", "end_note", "end_reason", "session_id", "agent_id"):
            assert secret not in seen, secret
        numbers = [data["pub_seq"] for data in told if "body" in data]
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), "no gap tells of a note"
        assert guest.token not in seen


def test_every_event_has_the_shape_the_wire_promises(day) -> None:
    seen = set()
    for people, table in ((day.colleagues, TO_CONSOLE), (day.guests, TO_VISITOR)):
        for _, _, socket in people:
            for each in socket.heard:
                assert table[each.event]().validate(each.data) == {}, (each.event, each.data)
                seen.add(each.event)
    assert {"message:new", "chat:changed", "chat:receipt", "chat:typing", "presence:changed", "queue:counts"} <= seen
    assert {"queue:place", "alert"} <= seen


def test_each_event_was_heard_once(day) -> None:
    """In any of several rooms, and told once: a message in two rooms is still one message."""
    for _, _, socket in (*day.colleagues, *day.guests):
        entries = [(each.data["chat_id"], each.data["id"]) for each in socket.heard if each.event == "message:new"]
        assert len(entries) == len(set(entries))


def test_the_disabled_agent_heard_nothing_afterwards(day) -> None:
    (left,) = (each for each in day.colleagues if each[0].name == DISABLED)
    assert left[2].names()[-1] == "cut:off"
    assert left[1].get("/api/overview").status_code == 401
