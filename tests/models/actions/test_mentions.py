"""Colleagues named in notes: who is called, who cannot be, and where their mentions gather."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import mentions
from models.db import rows, run
from models.errors import Invalid
from models.live import Room
from models.queries import access, agents
from models.queries import mentions as read
from models.schemas.promises import MentionPage
from models.tables.people import Agent, Team
from tests.support.invariants import assert_all_hold
from tests.support.people import Colleague, chat_of, entries, make_agent, make_customer, make_team
from tests.support.told import Told


@pytest.fixture
def orders() -> int:
    return make_team("Orders")


@pytest.fixture
def billing() -> int:
    return make_team("Billing")


@pytest.fixture
def ana(orders: int) -> Colleague:
    return make_agent("Ana Ruiz", teams=(orders,))


@pytest.fixture
def ben(orders: int) -> Colleague:
    return make_agent("Ben Hale", teams=(orders,))


@pytest.fixture
def chat_id(ana: Colleague, orders: int) -> int:
    chat_id = make_customer("Rosa Lind").waits(topic="Orders")
    ana.takes(chat_id)
    return chat_id


def agent(colleague: Colleague) -> dict[str, Any]:
    return {"kind": "agent", "id": colleague.id}


def team(team_id: int) -> dict[str, Any]:
    return {"kind": "team", "id": team_id}


def named() -> list[tuple[int, int | None]]:
    return [(each["agent_id"], each["team_id"]) for each in rows("select * from mention order by agent_id")]


def refusal(ana: Colleague, chat_id: int, *refs: dict[str, Any]) -> Invalid:
    before = entries(chat_id)
    with pytest.raises(Invalid) as refused:
        ana.notes(chat_id, "Look", mentions=refs)
    assert entries(chat_id) == before
    assert named() == []
    return refused.value


def test_a_colleague_is_named_called_and_finds_the_note(
    ana: Colleague, ben: Colleague, chat_id: int, told: Told
) -> None:
    told.clear()
    note = ana.notes(chat_id, "@Ben Hale knows the carrier", mentions=[agent(ben)])
    assert note.row["data"] == {"mentions": [{"kind": "agent", "id": ben.id, "name": "Ben Hale"}]}
    assert told.alerts(ben.id) == ["mentioned"]
    assert told.alerts(ana.id) == []
    page = read.page(ben.viewer)
    assert MentionPage().validate(page) == {}
    (item,) = page["items"]
    assert (item["message"]["body"], item["customer"]["name"], item["seen"], item["team_name"]) == (
        "@Ben Hale knows the carrier", "Rosa Lind", False, None,
    )  # fmt: skip
    assert (page["unseen"], agents.overview(ben.viewer)["mentions"]) == (1, 1)
    assert read.page(ana.viewer) == {"items": [], "unseen": 0, "more": False}
    assert_all_hold()


def test_a_team_is_everybody_in_it_but_the_writer_each_once(
    ana: Colleague, ben: Colleague, orders: int, chat_id: int, told: Told
) -> None:
    cleo = make_agent("Cleo Marsh", teams=(orders,))
    gone = make_agent("Long Gone", teams=(orders,))
    Agent.update(disabled_at="2030-01-01T00:00:00Z").where(Agent.id == gone.id).execute()
    told.clear()
    ana.notes(chat_id, "All of you", mentions=[team(orders), agent(cleo), agent(cleo), agent(ana)])
    assert named() == [(ben.id, orders), (cleo.id, None)]
    assert (told.alerts(ben.id), told.alerts(cleo.id), told.alerts(ana.id)) == (["mentioned"], ["mentioned"], [])
    assert read.page(ben.viewer)["items"][0]["team_name"] == "Orders"


def test_who_could_not_open_the_chat_is_not_called_and_the_writer_hears_who(
    ana: Colleague, ben: Colleague, billing: int, chat_id: int
) -> None:
    far = make_agent("Far Off", teams=(billing,))
    boss = make_agent("The Boss", role="supervisor", teams=(billing,))
    error = refusal(ana, chat_id, agent(far), agent(ben), agent(boss), team(billing))
    assert (error.code, error.detail["fields"]) == ("cannot_see", {"mentions": ["Far Off", "Billing"]})
    assert "Far Off, Billing" in error.sentence
    ana.notes(chat_id, "Look", mentions=[agent(boss)])
    assert named() == [(boss.id, None)]


def test_who_had_the_chat_before_may_be_called_from_any_team(
    ana: Colleague, ben: Colleague, billing: int, chat_id: int
) -> None:
    run("update team_member set team_id = %s where agent_id = %s", (billing, ben.id))
    assert refusal(ana, chat_id, agent(ben)).code == "cannot_see"
    run("insert into assignment (chat_id, agent_id, how, from_at, to_at) select %s, %s, 'pick', t, t"
        " from (values (timestamptz '2020-01-01')) v(t)", (chat_id, ben.id))  # fmt: skip
    ana.notes(chat_id, "You had this one", mentions=[agent(ben)])
    assert named() == [(ben.id, None)]


def test_nobody_by_that_number_is_named(ana: Colleague, ben: Colleague, orders: int, chat_id: int) -> None:
    closed = make_team("Closed", archived_at="2020-01-01T00:00:00Z")
    run("update agent set disabled_at = clock_timestamp() where id = %s", (ben.id,))
    for ref in (agent(ben), team(closed), {"kind": "agent", "id": 987_654_321}, {"kind": "team", "id": 987_654_321}):
        assert refusal(ana, chat_id, ref).code == "unknown_mention"
    assert Team.get_by_id(closed).archived_at is not None


def test_a_note_to_oneself_calls_nobody(ana: Colleague, chat_id: int, told: Told) -> None:
    told.clear()
    ana.notes(chat_id, "Remember", mentions=[agent(ana)])
    assert (named(), told.alerts(ana.id)) == ([], [])


def test_who_sees_is_the_same_rule_as_opening(orders: int, billing: int, ana: Colleague, ben: Colleague) -> None:
    people = [ana, ben, make_agent("Far Off", teams=(billing,)), make_agent("No Team")]
    people += [make_agent(f"A {role}", role=role) for role in ("supervisor", "analyst", "admin")]
    handed = make_customer().waits(topic="Orders")
    ana.takes(handed)
    chats = [make_customer().waits(topic=topic) for topic in ("Orders", "Billing", "")] + [handed, chat_of(people[2])]
    ended = chat_of(people[3])
    people[3].ends(ended)
    for chat_id in [*chats, ended]:
        found = access.who_sees(chat_id, [each.id for each in people])
        opened = set()
        for each in people:
            clause, params = access.visible(each.viewer)
            if rows(f"select 1 from chat c where c.id = %(chat)s and {clause}", {**params, "chat": chat_id}):
                opened.add(each.id)
        assert found == opened


def test_an_edited_note_calls_nobody_anew_and_keeps_who_was_called(
    ana: Colleague, ben: Colleague, chat_id: int, told: Told
) -> None:
    note = ana.notes(chat_id, "Look, @Ben Hale", mentions=[agent(ben)])
    told.clear()
    ana.edits(note, "Never mind")
    assert (named(), told.alerts(ben.id)) == ([(ben.id, None)], [])
    assert read.page(ben.viewer)["items"][0]["message"]["body"] == "Never mind"
    ana.deletes(note)
    assert read.page(ben.viewer) == {"items": [], "unseen": 0, "more": False}


def test_mentions_are_read_page_by_page_and_seen_once(ana: Colleague, ben: Colleague, chat_id: int) -> None:
    for number in range(5):
        ana.notes(chat_id, f"note {number}", mentions=[agent(ben)])
    first = read.page(ben.viewer, limit=2)
    assert ([each["message"]["body"] for each in first["items"]], first["more"]) == (["note 4", "note 3"], True)
    rest = read.page(ben.viewer, limit=3, before=first["items"][-1]["id"])
    assert ([each["message"]["body"] for each in rest["items"]], rest["more"]) == (
        ["note 2", "note 1", "note 0"],
        False,
    )
    mentions.see(ana.viewer, [first["items"][0]["id"]])  # not hers to see
    assert read.count_unseen(ben.viewer) == 5
    mentions.see(ben.viewer, [first["items"][0]["id"], 987_654_321])
    assert (read.count_unseen(ben.viewer), len(read.page(ben.viewer, unseen=True)["items"])) == (4, 4)
    mentions.see(ben.viewer, [])
    assert read.count_unseen(ben.viewer) == 0
    assert all(each["seen"] for each in read.page(ben.viewer)["items"])


def test_mentions_in_a_chat_that_went_out_of_sight_are_neither_shown_nor_counted(
    ana: Colleague, ben: Colleague, billing: int, chat_id: int
) -> None:
    ana.notes(chat_id, "Look", mentions=[agent(ben)])
    run("update chat set team_id = %s where id = %s", (billing, chat_id))
    assert read.page(ben.viewer) == {"items": [], "unseen": 0, "more": False}
    assert agents.overview(ben.viewer)["mentions"] == 0


def test_a_note_with_mentions_is_heard_in_the_house_alone(
    ana: Colleague, ben: Colleague, chat_id: int, told: Told
) -> None:
    told.clear()
    ana.notes(chat_id, "Look", mentions=[agent(ben)])
    for each in told.tellings:
        assert not [room for room in each.rooms if room.startswith(Room.customer(0)[:-1])]
