"""Who may see what: the same answer for lists, counts, single chats, history and push rooms."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.db import rows, run
from models.errors import NotFound, Refused
from models.live import Room
from models.queries import access, agents, allowed, chats, history
from models.queries.access import Permission
from models.rules.narrowing import Narrowing
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    make_agent,
    make_customer,
    make_team,
    waiting_chat,
)


@pytest.fixture
def orders() -> int:
    return make_team("Orders")


@pytest.fixture
def returns() -> int:
    return make_team("Returns")


@pytest.fixture
def ana(orders: int) -> Colleague:
    return make_agent("Ana Ruiz", teams=(orders,))


def test_an_agent_sees_the_chats_of_their_teams_and_of_no_team(ana: Colleague, returns: int) -> None:
    own, nobodys, hidden = waiting_chat("Orders"), waiting_chat(), waiting_chat("Returns")
    assert {each["id"] for each in ana.inbox("queue")} == {own, nobodys}
    for chat_id in (own, nobodys):
        assert ana.sees(chat_id)["chat"]["id"] == chat_id
    readings: list[Callable[[int], object]] = [
        ana.sees,
        lambda chat_id: chats.messages(ana.viewer, chat_id),
        lambda chat_id: chats.sync(ana.viewer, chat_id, 0),
        lambda chat_id: chats.seen_by(ana.viewer, chat_id),
    ]
    for read in readings:
        for chat_id in (hidden, 999_999):  # no such chat, and not yours: the same answer
            with pytest.raises(NotFound) as nothing:
                read(chat_id)
            assert nothing.value.detail == {}


def test_whoever_once_had_a_chat_sees_it_for_ever(ana: Colleague, returns: int) -> None:
    ben, boss = make_agent("Ben Hale", teams=(returns,)), make_agent("Sam Boss", role="supervisor")
    chat_id = waiting_chat("Returns")
    boss.takes(chat_id)
    boss.hands(chat_id, ana)
    ana.hands(chat_id, ben)
    assert ana.sees(chat_id)["allowed"] == ["note", "tag"]
    ben.ends(chat_id)
    mine = history.page(ana.viewer, Narrowing(scope="mine"))
    assert [each["id"] for each in mine["items"]] == [chat_id]


@pytest.mark.parametrize("role", ["supervisor", "analyst", "admin"])
def test_who_reads_all_sees_all(role: str, orders: int, returns: int) -> None:
    reader = make_agent("Sam Boss", role=role)
    ids = {waiting_chat("Orders"), waiting_chat("Returns"), waiting_chat()}
    assert {each["id"] for each in reader.inbox("queue")} == ids
    assert Room.EVERY_QUEUE in reader.viewer.rooms


def test_rooms_follow_the_same_rule_as_the_lists(ana: Colleague, orders: int, returns: int) -> None:
    assert Room.queue(orders) in ana.viewer.rooms
    assert Room.queue(None) in ana.viewer.rooms
    assert not {Room.queue(returns), Room.EVERY_QUEUE} & set(ana.viewer.rooms)


def test_the_bots_list_is_for_supervisors(ana: Colleague) -> None:
    chat_id = make_customer().says().chat_id
    with pytest.raises(Refused):
        ana.inbox("bot")
    assert [each["id"] for each in make_agent("Sam Boss", role="supervisor").inbox("bot")] == [chat_id]


def test_a_customer_reads_their_own_chats_only(ana: Colleague) -> None:
    rosa, stranger = make_customer(), make_customer()
    chat_id = chat_of(make_agent("Ben Hale"), rosa)
    assert chats.visitor_sync(rosa.visitor, chat_id, 0)["head"] == chat_row(chat_id)["pub_seq"]
    with pytest.raises(NotFound):
        chats.visitor_sync(stranger.visitor, chat_id, 0)


def test_earlier_chats_are_only_those_the_agent_may_see(ana: Colleague, returns: int) -> None:
    boss, rosa = make_agent("Sam Boss", role="supervisor"), make_customer()
    hidden = rosa.waits(topic="Returns")
    boss.takes(hidden)
    boss.ends(hidden, "time_waster")
    now = rosa.waits(topic="Orders")
    assert ana.sees(now)["earlier"] == []
    assert [each["id"] for each in boss.sees(now)["earlier"]] == [hidden]


# --- What may be done -----------------------------------------------------------------------------


def test_what_is_offered_is_what_would_be_accepted(ana: Colleague) -> None:
    ben, boss, reader = (
        make_agent("Ben Hale"),
        make_agent("Sam Boss", role="supervisor"),
        make_agent("Ada Reads", role="analyst"),
    )
    rosa = make_customer()
    chat_id = rosa.says().chat_id

    def offers(*agents: Colleague) -> list[list[str]]:
        found = [agent.sees(chat_id)["allowed"] for agent in agents]
        assert found == [allowed.commands(agent.viewer, chat_row(chat_id)) for agent in agents]
        return found

    assert offers(ben, boss, reader) == [["note", "tag"], ["takeover", "note", "tag", "end", "force"], []]
    rosa.asks_for_person()
    assert offers(ben, boss, reader) == [["pick", "note", "tag"], ["pick", "note", "tag", "end", "force"], []]
    ana.takes(chat_id)
    assert offers(ana, ben, boss, reader) == [
        ["agent_message", "note", "tag", "reassign", "escalate", "end", "return_to_queue"],
        ["note", "tag"],
        ["takeover", "note", "tag", "reassign", "escalate", "end", "return_to_queue", "force"],
        [],
    ]
    ana.ends(chat_id)
    assert offers(ana, ben, boss, reader) == [["note", "tag"], ["note", "tag"], ["note", "tag"], []]


def test_roles_and_what_they_may() -> None:
    may = {
        role: {permission for permission in Permission if make_agent("Any Body", role=role).viewer.may(permission)}
        for role in ("agent", "supervisor", "analyst", "admin")
    }
    assert Permission.CHAT_ANSWER not in may["analyst"]
    assert Permission.DESK_EDIT not in may["agent"]
    assert may["agent"] < may["supervisor"] < may["admin"]
    assert Permission.AGENT_MANAGE not in may["supervisor"]


# --- Who is signed in -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [
        "update agent_session set ended_at = clock_timestamp()",
        "update agent_session set expires_at = clock_timestamp()",
        "update agent_session set seen_at = clock_timestamp() - interval '13 hours'",
        "update agent set disabled_at = clock_timestamp()",
    ],
    ids=["signed out", "too old", "idle", "disabled"],
)
def test_a_session_that_has_ended_opens_nothing(ending: str, ana: Colleague) -> None:
    session_id = ana.viewer.session_id
    assert access.viewer_by_session_id(session_id) == ana.viewer
    run(ending)
    assert access.viewer_by_session_id(session_id) is None


def test_role_and_teams_are_read_anew_each_time(ana: Colleague, returns: int) -> None:
    run("update agent set role = 'supervisor' where id = %s", (ana.id,))
    run("insert into team_member (team_id, agent_id) values (%s, %s)", (returns, ana.id))
    now = access.viewer_by_session_id(ana.viewer.session_id)
    assert now is not None
    assert (now.role, now.team_ids) == ("supervisor", (*ana.viewer.team_ids, returns))


def test_a_colleague_is_shown_with_what_assignment_looks_at(ana: Colleague, orders: int) -> None:
    chat_of(ana)
    shown = agents.out(ana.id)
    assert (shown["status"], shown["load"], shown["limit"], shown["team_ids"]) == ("online", 1, 5, [orders])
    ana.screens_go_dark()
    assert (agents.out(ana.id)["status"], agents.out(ana.id)["chosen_status"]) == ("offline", "online")


@pytest.mark.parametrize("few", [3_000, 0])
def test_long_lists_show_what_single_chats_do(
    few: int, orders: int, returns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "FEW_SEEN", few)
    ana, ben = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Ben Hale", teams=(returns,))
    boss = make_agent("Sam Boss", role="supervisor")
    chat_ids = [
        waiting_chat("Orders"),
        waiting_chat("Returns"),
        waiting_chat("Returns"),
        waiting_chat("Returns"),
        waiting_chat(),
    ]
    handed, offered = chat_ids[2], chat_ids[3]
    boss.takes(handed)
    boss.hands(handed, ana)
    ana.hands(handed, ben)
    ben.takes(offered)
    ben.escalates(offered, ana)
    for who in (ana, ben, boss):
        clause, params = access.visible(who.viewer)
        single = {each["id"] for each in rows(f"select c.id from chat c where {clause}", params)}
        listed = {each["id"] for each in history.page(who.viewer, Narrowing(state="any"))["items"]}
        assert listed == single, who.name
    assert single == set(chat_ids)
