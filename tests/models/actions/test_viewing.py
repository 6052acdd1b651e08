"""Who has a conversation open: told when somebody comes or goes, and not otherwise."""

from __future__ import annotations

import pytest

from models.actions import presence, viewing
from models.db import run
from models.live import Room
from models.rules.presence import LEASE_S
from tests.support.people import Colleague, chat_of
from tests.support.told import Told


@pytest.fixture
def chat_id(ana: Colleague) -> int:
    return chat_of(ana)


def heard(told: Told, chat_id: int) -> list[list[str]]:
    """Each list of names that those who have the chat open were told."""
    tellings = told.payloads("chat:viewers", Room.watching(chat_id))
    told.clear()
    return [[viewer["name"] for viewer in each["viewers"]] for each in tellings]


def test_who_comes_and_who_goes_is_told_by_name(told: Told, ana: Colleague, ben: Colleague, chat_id: int) -> None:
    first, second = ana.opens_screen(), ben.opens_screen()
    viewing.opens(second, chat_id)
    viewing.opens(first, chat_id)
    assert heard(told, chat_id) == [["Ben Hale"], ["Ana Ruiz", "Ben Hale"]]
    assert [each["name"] for each in ana.sees(chat_id)["viewers"]] == ["Ana Ruiz", "Ben Hale"]
    viewing.leaves(second, chat_id)
    assert heard(told, chat_id) == [["Ana Ruiz"]]


def test_another_chat_on_the_same_screen_is_told_in_both(told: Told, ana: Colleague, chat_id: int) -> None:
    other, sid = chat_of(ana), ana.opens_screen()
    viewing.opens(sid, chat_id)
    told.clear()
    viewing.opens(sid, other)
    assert told.payloads("chat:viewers", Room.watching(chat_id)) == [{"chat_id": chat_id, "viewers": []}]
    assert heard(told, other) == [["Ana Ruiz"]]
    viewing.leaves(sid, chat_id)  # the one it left long ago
    assert [each["name"] for each in ana.sees(other)["viewers"]] == ["Ana Ruiz"]


def test_nothing_is_told_when_nothing_changed(told: Told, ana: Colleague, chat_id: int) -> None:
    first, second = ana.opens_screen(), ana.opens_screen()
    viewing.opens(first, chat_id)
    told.clear()
    viewing.opens(first, chat_id)
    viewing.opens(second, chat_id)
    viewing.leaves(first)
    viewing.leaves(first)
    viewing.leaves("nobody's socket")
    viewing.opens("nobody's socket", chat_id)
    assert heard(told, chat_id) == []
    viewing.leaves(second)
    assert heard(told, chat_id) == [[]]


def test_a_closed_socket_is_gone_at_once(told: Told, ana: Colleague, chat_id: int) -> None:
    sid = ana.opens_screen()
    viewing.opens(sid, chat_id)
    told.clear()
    presence.socket_closes(sid)
    assert heard(told, chat_id) == [[]]
    assert ana.now["status"] == "online"


def test_a_screen_that_falls_silent_is_told_by_the_sweep_once(
    told: Told, ana: Colleague, ben: Colleague, chat_id: int
) -> None:
    for who in (ana, ben):
        viewing.opens(who.opens_screen(), chat_id)
    told.clear()
    ben.screens_go_dark()
    presence.sweep()
    assert heard(told, chat_id) == [["Ana Ruiz"]]
    presence.sweep()
    assert heard(told, chat_id) == []


def test_the_sweep_says_nothing_while_another_tab_shows_the_chat(told: Told, ana: Colleague, chat_id: int) -> None:
    lost, kept = ana.opens_screen(), ana.opens_screen()
    for sid in (lost, kept):
        viewing.opens(sid, chat_id)
    run(
        "update socket_lease set seen_at = clock_timestamp() - make_interval(secs => %s) where sid = %s",
        (LEASE_S + 1, lost),
    )
    told.clear()
    presence.sweep()
    assert heard(told, chat_id) == []
    assert presence.renew_leases("front-1", [lost, kept]) == [lost]


def test_a_process_that_was_held_up_brings_its_screens_back(
    told: Told, ana: Colleague, ben: Colleague, chat_id: int
) -> None:
    viewing.opens(ben.opens_screen("bens"), chat_id)
    ben.screens_go_dark()
    presence.sweep()
    told.clear()
    assert presence.renew_leases("front-1", ["bens"]) == ["bens"]
    presence.socket_opens(ben.viewer, "bens", "front-1", chat_id)
    assert heard(told, chat_id) == [["Ben Hale"]]
