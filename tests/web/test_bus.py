"""The bus between processes stands on private methods of python-socketio. When an update moves them, this says so."""

from __future__ import annotations

import inspect
import random
import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest
from socketio import RedisManager, Server

from models import live
from tests.support import front as code

code.application()  # the front's modules, imported without patching anything
from web.sockets.bus import Bus  # noqa: E402

NOWHERE = "redis://127.0.0.1:1/0"
CONSOLE = "/console"


def never(*_: Any) -> None:
    """A spawn that starts nothing."""


def bus(url: str = NOWHERE, spawn: Any = never) -> Bus:
    made = Bus(url, spawn, lambda: None)
    made.set_server(Server(client_manager=made, async_mode="threading"))
    return made


def stock() -> RedisManager:
    made = RedisManager(NOWHERE)
    made.set_server(Server(client_manager=made, async_mode="threading"))
    return made


# --- what we stand on -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["initialize", "basic_enter_room", "basic_leave_room", "get_rooms", "basic_disconnect", "_publish"],
)
def test_what_we_take_the_place_of_is_still_there_and_called_the_same_way(name: str) -> None:
    theirs, ours = inspect.signature(getattr(RedisManager, name)), inspect.signature(getattr(Bus, name))
    assert list(ours.parameters) == list(theirs.parameters)


@pytest.mark.parametrize("name", ["_redis_connect", "_listen", "_redis_listen_with_retries", "get_participants"])
def test_what_we_lean_on_is_still_there(name: str) -> None:
    assert callable(getattr(RedisManager, name))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("_handle_event", ["self", "eio_sid", "namespace", "id", "data"]), ("_send_packet", ["self", "eio_sid", "pkt"])],
)
def test_the_gate_takes_the_place_of_the_same_method(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(Server, name)).parameters) == parameters


def test_the_library_still_scans_every_room_for_a_socket_that_drops() -> None:
    """Our reason to be here. When the library has learned better, this can go."""
    assert "for room_name, room in" in inspect.getsource(RedisManager.basic_disconnect)


# --- rooms ------------------------------------------------------------------------------------------------


def test_rooms_are_those_of_the_library_whatever_happens() -> None:
    """A thousand random moves on both: who is in which room never differs."""
    ours, theirs, dice = bus(), stock(), random.Random(7)
    sids: list[str] = []
    for step in range(1_000):
        move = dice.random()
        if move < 0.2 or not sids:
            eio = f"eio{step}"
            sid = ours.connect(eio, CONSOLE)
            theirs.basic_enter_room(sid, CONSOLE, None, eio_sid=eio)
            theirs.basic_enter_room(sid, CONSOLE, sid, eio_sid=eio)
            sids.append(sid)
        elif move < 0.6:
            sid, room = dice.choice(sids), f"room{dice.randrange(20)}"
            for manager in (ours, theirs):
                manager.basic_enter_room(sid, CONSOLE, room)
        elif move < 0.85:
            sid = dice.choice(sids)
            inside = sorted(set(ours.get_rooms(sid, CONSOLE)) - {sid})
            if inside:
                room = dice.choice(inside)
                for manager in (ours, theirs):
                    manager.basic_leave_room(sid, CONSOLE, room)
        else:
            sid = sids.pop(dice.randrange(len(sids)))
            for manager in (ours, theirs):
                manager.basic_disconnect(sid, CONSOLE)
        assert {sid: set(ours.get_rooms(sid, CONSOLE)) for sid in sids} == {
            sid: set(theirs.get_rooms(sid, CONSOLE)) for sid in sids
        }
    assert {room: dict(who) for room, who in ours.rooms.get(CONSOLE, {}).items()} == {
        room: dict(who) for room, who in theirs.rooms.get(CONSOLE, {}).items()
    }
    for sid in sids:
        ours.basic_disconnect(sid, CONSOLE)
    assert not ours.rooms.get(CONSOLE)
    assert not ours._rooms_of, "nothing is kept of sockets that are gone"


class Unsearchable(dict):
    """Rooms that can be looked up and must not be walked through."""

    def __iter__(self):
        raise AssertionError("somebody walked through all the rooms")

    keys = items = values = __iter__


def test_a_socket_that_drops_touches_its_own_rooms_alone() -> None:
    ours = bus()
    sids = [ours.connect(f"eio{number}", CONSOLE) for number in range(200)]
    for number, sid in enumerate(sids):
        for room in ("desk", f"agent:{number}", f"queue:{number % 5}"):
            ours.basic_enter_room(sid, CONSOLE, room)
    ours.rooms[CONSOLE] = Unsearchable(ours.rooms[CONSOLE])
    for sid in sids[:150]:
        ours.basic_disconnect(sid, CONSOLE)
    assert len(dict.keys(ours.rooms[CONSOLE])) == 2 + 2 * 50 + 5


def test_thousands_that_drop_at_once_do_not_stop_the_process() -> None:
    ours = bus()
    sids = [ours.connect(f"eio{number}", CONSOLE) for number in range(5_000)]
    for number, sid in enumerate(sids):
        ours.basic_enter_room(sid, CONSOLE, f"agent:{number}")
        ours.basic_enter_room(sid, CONSOLE, "desk")
    started = time.perf_counter()
    for sid in sids:
        ours.basic_disconnect(sid, CONSOLE)
    assert time.perf_counter() - started < 2, "the library's own way takes minutes"


def test_whoever_is_in_two_of_the_rooms_is_named_once() -> None:
    ours = bus()
    sid, other = ours.connect("eio1", CONSOLE), ours.connect("eio2", CONSOLE)
    for room in ("a", "b"):
        ours.basic_enter_room(sid, CONSOLE, room)
    ours.basic_enter_room(other, CONSOLE, "b")
    assert sorted(each for each, _ in ours.get_participants(CONSOLE, ["a", "b"])) == sorted([sid, other])


# --- publishing and listening -----------------------------------------------------------------------------


def test_publishing_never_waits_and_never_grows_without_end() -> None:
    """With a Redis that nobody answers for."""
    ours = bus(spawn=lambda work, *args: threading.Thread(target=work, args=args, daemon=True).start())
    started = time.perf_counter()
    for number in range(20_000):
        ours._publish({"method": "emit", "n": number})
    assert time.perf_counter() - started < 2
    assert len(ours._outgoing) <= 10_000


def test_what_a_worker_tells_reaches_the_same_ears(house) -> None:
    """This process speaks as a worker does, by Redis alone: the rooms are the same."""
    from workers import speaking

    world = house.world
    with ExitStack() as open_sockets:
        sockets = {
            each.name: open_sockets.enter_context(house.console(each).socket()) for each in world.agents.values()
        }
        speaking.begin()
        try:
            chat_id = world.waiting(team="Billing")
        finally:
            live.speak_through(live._nobody_listens)
        for name in set(sockets) - {"Orders agent"}:
            sockets[name].hear("chat:changed", lambda changed: changed["id"] == chat_id)
        time.sleep(0.2)  # whoever should hear nothing would have by now
        heard = {
            name
            for name, socket in sockets.items()
            if any(each.event == "chat:changed" and each.data["id"] == chat_id for each in socket.heard)
        }
        assert heard == set(sockets) - {"Orders agent"}
        for name in heard:
            told = [each.event for each in sockets[name].heard if each.event == "queue:counts"]
            assert len(told) == 1, f"{name} is in two of the rooms and hears it once"


@pytest.mark.parametrize(
    "message",
    [
        b"not json",
        b"\x80\x04\x95pickle",
        b"[]",
        b"7",
        b'{"method":"no_such"}',
        b'{"method":"emit"}',
        b"{",
        b"[1,2]",
        b"",
    ],
)
def test_nonsense_on_the_channel_stops_nobody(house, redis_client, message) -> None:
    with house.console().socket() as agent, house.widget().socket() as customer:
        redis_client.publish(live.BUS_CHANNEL, message)
        assert agent.ask("presence:set", {"status": "away"})["ok"]
        assert customer.ask("message:send", {"client_id": "0123456789", "body": "x"})["ok"]
        from workers import speaking

        speaking.gather(CONSOLE, "desk:changed", [live.Room.DESK], {"still": "listening"})
        speaking.say_gathered()
        agent.hear("desk:changed", lambda data: data == {"still": "listening"}, 5)
