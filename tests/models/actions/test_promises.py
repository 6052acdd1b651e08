"""Promises: made with the end of a chat, moved, settled, kept by a chat the agent begins, and reminded of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.actions import chats, customers, follow_ups, presence, promises, timekeeping
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import promises as read
from models.rules.promising import FARTHEST
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    entries,
    events,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
    new_client_id,
    set_desk,
)
from tests.support.told import Told


@pytest.fixture
def rosa() -> Customer:
    return make_customer("Rosa Lind")


def now() -> datetime:
    (row,) = rows("select clock_timestamp() as now")
    found: datetime = row["now"]
    return found


def promised(ana: Colleague, customer: Customer | None = None, **promise: Any) -> tuple[int, int]:
    """A chat that ended with a promise. Returns the chat and the promise."""
    chat_id = chat_of(ana, customer)
    chats.end(ana.viewer, chat_id, "follow_up", "", promise or None)
    made = one("select id from promise where chat_id = %s", (chat_id,))
    assert made is not None
    return chat_id, made["id"]


def stored(promise_id: int) -> dict[str, Any]:
    found = one("select * from promise where id = %s", (promise_id,))
    assert found is not None
    return found


def alerts(told: Told) -> list[tuple[str, set[str]]]:
    return [(each.payload["kind"], set(each.rooms)) for each in told.tellings if each.event == "alert"]


# --- Made with the end ------------------------------------------------------------------------------


def test_the_desk_proposes_date_and_owner(ana: Colleague, told: Told) -> None:
    before = now()
    chat_id, promise_id = promised(ana)
    made = stored(promise_id)
    assert (made["owner_id"], made["made_by_id"], made["state"], made["kind"]) == (ana.id, ana.id, "open", "follow_up")
    assert timedelta(0) <= made["due_at"] - before - timedelta(days=1) < timedelta(seconds=30)
    ended = entries(chat_id)[-1]["data"]
    assert ended["promise"]["id"] == promise_id
    assert ended["promise"]["owner"]["name"] == ana.name
    assert told.payloads("promise:changed", Room.agent(ana.id))[-1]["id"] == promise_id
    assert told.payloads("promise:changed", Room.EVERY_QUEUE)[-1]["subject"] == "Where is my parcel?"
    assert_all_hold()


def test_the_customer_hears_of_the_end_and_not_of_the_promise(ana: Colleague, rosa: Customer, told: Told) -> None:
    promised(ana, rosa, note="Ask the warehouse first")
    heard = [each.payload for each in told.tellings if Room.customer(rosa.id) in each.rooms]
    assert "promise" not in str(heard)
    assert "warehouse" not in str(heard)


def test_agent_and_moment_may_be_chosen(ana: Colleague) -> None:
    ben = make_agent("Ben Okafor", status="away")
    due = now() + timedelta(days=3)
    _, promise_id = promised(ana, due_at=due, owner_id=ben.id, note="Refund")
    made = stored(promise_id)
    assert (made["owner_id"], made["due_at"], made["note"]) == (ben.id, due, "Refund")


@pytest.mark.parametrize("by", [-timedelta(minutes=1), timedelta(0), FARTHEST + timedelta(days=1)])
def test_a_date_that_has_passed_or_is_too_far_leaves_the_chat_as_it_was(ana: Colleague, by: timedelta) -> None:
    chat_id = chat_of(ana)
    with pytest.raises(Invalid) as refusal:
        chats.end(ana.viewer, chat_id, "follow_up", "", {"due_at": now() + by})
    assert refusal.value.code == "bad_date"
    assert "due_at" in refusal.value.detail["fields"]
    assert chat_row(chat_id)["state"] == "active"
    assert rows("select id from promise") == []


@pytest.mark.parametrize("who", ["analyst", "disabled", "nobody"])
def test_only_who_answers_customers_can_own_a_promise(ana: Colleague, who: str) -> None:
    other = make_agent("Ina", role="analyst" if who == "analyst" else "agent", status="offline")
    if who == "disabled":
        run("update agent set disabled_at = clock_timestamp() where id = %s", (other.id,))
    chat_id = chat_of(ana)
    with pytest.raises(Invalid) as refusal:
        chats.end(ana.viewer, chat_id, "follow_up", "", {"owner_id": 987_654 if who == "nobody" else other.id})
    assert refusal.value.code == "cannot_answer"
    assert chat_row(chat_id)["state"] == "active"


def test_a_reason_that_promises_nothing_takes_no_promise(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    with pytest.raises(Invalid) as refusal:
        chats.end(ana.viewer, chat_id, "resolved", "", {"note": "Soon"})
    assert "promise" in refusal.value.detail["fields"]
    assert chat_row(chat_id)["state"] == "active"


def test_who_was_promised_something_comes_back_to_the_same_issue_for_a_week(ana: Colleague, rosa: Customer) -> None:
    run("insert into end_reason (code, label, ord, promises) values ('call_back', 'Call back', 9, true)")
    chat_id = chat_of(ana, rosa)
    chats.end(ana.viewer, chat_id, "call_back")
    let_time_pass(chat_id, 6 * 86_400)
    rosa.says("Any news?")
    assert chat_row(rosa.chat)["session_id"] == chat_row(chat_id)["session_id"]


# --- Moved and settled -------------------------------------------------------------------------------


def test_moving_changes_what_is_given_and_reminds_anew(ana: Colleague, told: Told) -> None:
    ben = make_agent("Ben Okafor")
    chat_id, promise_id = promised(ana, due_at=now() + timedelta(minutes=5))
    assert stored(promise_id)["warned_at"] is not None  # so soon that its owner has just heard of it
    due = now() + timedelta(days=2)
    follow_ups.move(ana.viewer, promise_id, due_at=due, owner_id=ben.id)
    moved = stored(promise_id)
    assert (moved["due_at"], moved["owner_id"], moved["warned_at"]) == (due, ben.id, None)
    assert events(chat_id)[-1] == "promise_moved"
    assert entries(chat_id)[-1]["pub_seq"] is None
    for each in (ana, ben):
        assert told.payloads("promise:changed", Room.agent(each.id))[-1]["owner"]["id"] == ben.id
    assert_all_hold()


def test_moving_nothing_says_nothing(ana: Colleague, told: Told) -> None:
    chat_id, promise_id = promised(ana)
    seen = len(entries(chat_id))
    told.clear()
    follow_ups.move(ana.viewer, promise_id, note="", owner_id=ana.id)
    assert len(entries(chat_id)) == seen
    assert told.tellings == []


@pytest.mark.parametrize("state", ["kept", "cancelled"])
def test_settled_with_a_note(ana: Colleague, state: str) -> None:
    chat_id, promise_id = promised(ana)
    follow_ups.settle(ana.viewer, promise_id, state, "Called them")
    settled = stored(promise_id)
    assert (settled["state"], settled["settled_note"]) == (state, "Called them")
    assert settled["settled_at"] is not None
    assert events(chat_id)[-1] == f"promise_{state}"
    for again in (
        lambda: follow_ups.settle(ana.viewer, promise_id, "kept", "Again"),
        lambda: follow_ups.move(ana.viewer, promise_id, note="Later"),
    ):
        with pytest.raises(Conflict) as refusal:
            again()
        assert refusal.value.code == "settled"


def test_long_after_the_end_the_promise_is_settled_and_the_log_stays_as_it_was(ana: Colleague) -> None:
    chat_id, promise_id = promised(ana)
    let_time_pass(chat_id, 73 * 3600)
    seen = len(entries(chat_id))
    follow_ups.settle(ana.viewer, promise_id, "kept", "Called them")
    assert stored(promise_id)["state"] == "kept"
    assert len(entries(chat_id)) == seen


def test_colleagues_leave_each_others_promises_alone_and_supervisors_may_help() -> None:
    team = make_team()
    ana, ben = make_agent("Ana Ruiz", teams=(team,)), make_agent("Ben Okafor", teams=(team,))
    stranger = make_agent("Sam", teams=(make_team("Billing"),))
    chief = make_agent("Ida", role="supervisor", status="offline")
    chat_id = make_customer().waits(topic="Orders")
    ana.takes(chat_id)
    chats.end(ana.viewer, chat_id, "follow_up")
    (promise,) = rows("select id from promise")
    with pytest.raises(Refused):
        follow_ups.settle(ben.viewer, promise["id"], "kept", "Called them")
    with pytest.raises(NotFound):
        follow_ups.move(stranger.viewer, promise["id"], note="Hm")
    with pytest.raises(NotFound):
        follow_ups.move(chief.viewer, 987_654, note="Hm")
    follow_ups.move(chief.viewer, promise["id"], owner_id=ben.id)
    follow_ups.settle(ben.viewer, promise["id"], "kept", "Called them")


# --- The list -----------------------------------------------------------------------------------------


def test_mine_and_all_with_the_first_due_first_and_page_by_page(ana: Colleague) -> None:
    ben = make_agent("Ben Okafor")
    ids = [promised(ana, due_at=now() + timedelta(hours=hours))[1] for hours in (5, 2, 9)]
    _, of_ben = promised(ben, due_at=now() + timedelta(hours=3))
    run("update promise set due_at = clock_timestamp() - interval '1 hour' where id = %s", (ids[2],))
    wanted = [ids[2], ids[1], ids[0]]  # what is overdue stays on top
    assert [each["id"] for each in read.page(ana.viewer)["items"]] == wanted
    assert [each["id"] for each in read.page(ana.viewer, scope="all")["items"]] == [ids[2], ids[1], of_ben, ids[0]]
    seen: list[int] = []
    after = None
    while True:
        page = read.page(ana.viewer, limit=1, after=after)
        seen += [each["id"] for each in page["items"]]
        assert page["total"] == 3
        if (after := page["next"]) is None:
            break
    assert seen == wanted


def test_settled_ones_are_a_list_of_their_own_newest_first(ana: Colleague) -> None:
    first, second = (promised(ana)[1] for _ in range(2))
    for promise_id in (first, second):
        follow_ups.settle(ana.viewer, promise_id, "kept", "Called them")
    assert read.page(ana.viewer)["items"] == []
    assert [each["id"] for each in read.page(ana.viewer, state="settled")["items"]] == [second, first]
    with pytest.raises(Invalid):
        read.page(ana.viewer, after="no|marker")


def test_promises_of_chats_one_may_not_see_are_in_no_list() -> None:
    team = make_team()
    ana, stranger = make_agent("Ana", teams=(team,)), make_agent("Sam", teams=(make_team("Billing"),))
    chat_id = make_customer().waits(topic="Orders")
    ana.takes(chat_id)
    chats.end(ana.viewer, chat_id, "follow_up")
    assert read.page(stranger.viewer, scope="all")["items"] == []
    assert read.page(stranger.viewer, scope="all")["total"] == 0


# --- Kept by a chat the agent begins ---------------------------------------------------------------------


def follows_up(ana: Colleague, chat_id: int, promise_id: int | None = None, *, client_id: str | None = None) -> int:
    said = follow_ups.begin(
        ana.viewer, chat_id, body="It has arrived.", client_id=client_id or new_client_id(), promise_id=promise_id
    )
    return said.chat_id


def test_a_follow_up_is_a_new_chat_of_the_same_session_with_its_agent(
    ana: Colleague, rosa: Customer, told: Told
) -> None:
    chat_id, promise_id = promised(ana, rosa)
    client_id = new_client_id()
    new = follows_up(ana, chat_id, promise_id, client_id=client_id)
    before, chat = chat_row(chat_id), chat_row(new)
    assert (chat["state"], chat["owner_id"], chat["previous_chat_id"]) == ("active", ana.id, chat_id)
    assert (chat["session_id"], chat["channel_id"]) == (before["session_id"], before["channel_id"])
    assert (stored(promise_id)["state"], stored(promise_id)["kept_chat_id"]) == ("kept", new)
    assert [each["how"] for each in rows("select how from assignment where chat_id = %s", (new,))] == ["follow_up"]
    assert told.payloads("message:new", Room.customer(rosa.id))[-1]["body"] == "It has arrived."
    assert chat["first_replied_at"] is not None
    assert follows_up(ana, chat_id, promise_id, client_id=client_id) == new  # the same again is the same
    rosa.says("Thank you!")
    assert rosa.chat == new
    assert_all_hold()


def test_a_customer_who_is_in_a_chat_is_answered_there(ana: Colleague, rosa: Customer) -> None:
    chat_id, promise_id = promised(ana, rosa)
    rosa.says("Hello again")
    with pytest.raises(Conflict) as refusal:
        follows_up(ana, chat_id, promise_id)
    assert (refusal.value.code, refusal.value.detail["chat_id"]) == ("already_open", rosa.chat)
    assert stored(promise_id)["state"] == "open"


def test_a_chat_that_has_not_ended_is_followed_up_by_nothing(ana: Colleague) -> None:
    with pytest.raises(Conflict):
        follows_up(ana, chat_of(ana))


def test_the_agent_must_be_online_and_have_room(ana: Colleague, rosa: Customer) -> None:
    chat_id, promise_id = promised(ana, rosa)
    set_desk(agent_limit=1)
    chat_of(ana)
    for code in ("at_capacity", "not_online"):
        with pytest.raises(Invalid) as refusal:
            follows_up(ana, chat_id, promise_id)
        assert refusal.value.code == code
        ana.chooses("away")
    assert (stored(promise_id)["state"], rosa.chats) == ("open", [chat_id])


def test_a_promise_of_another_matter_is_not_kept_by_it(ana: Colleague, rosa: Customer) -> None:
    _, foreign = promised(ana)
    chat_id, _ = promised(ana, rosa)
    with pytest.raises(Invalid) as refusal:
        follows_up(ana, chat_id, foreign)
    assert "promise_id" in refusal.value.detail["fields"]
    assert rosa.chats == [chat_id]


@pytest.mark.parametrize(
    ("address", "there", "mailed"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_who_is_away_and_left_an_address_is_written_to(
    ana: Colleague, rosa: Customer, address: bool, there: bool, mailed: bool
) -> None:
    if address:
        customers.introduces(rosa.visitor, "Rosa Lind", "rosa@example.com")
    chat_id, promise_id = promised(ana, rosa)
    if there:
        presence.visitor_socket_opens(rosa.id, "page-1", "front-1")
    new = follows_up(ana, chat_id, promise_id)
    assert chat_row(new)["reply_by_email"] is mailed


# --- Reminders -----------------------------------------------------------------------------------------


def test_one_reminder_before_and_one_when_it_is_due(ana: Colleague, told: Told) -> None:
    _, promise_id = promised(ana)
    told.clear()

    def left(seconds: int) -> list[tuple[str, set[str]]]:
        run("update promise set due_at = clock_timestamp() + make_interval(secs => %s)", (seconds,))
        told.clear()
        promises.remind()
        promises.remind()
        return alerts(told)

    assert left(3610) == []
    assert left(3595) == [("promise_soon", {Room.agent(ana.id)})]
    assert left(5) == []
    assert left(-1) == [("promise_due", {Room.agent(ana.id), Room.EVERY_QUEUE})]
    assert left(-3600) == []
    assert stored(promise_id)["state"] == "open"


def test_a_desk_that_was_down_reminds_once_of_what_is_overdue(ana: Colleague, told: Told) -> None:
    promised(ana)
    run("update promise set due_at = clock_timestamp() - interval '2 hours'")
    told.clear()
    assert timekeeping.fire_due() == 1
    assert timekeeping.fire_due() == 0
    assert [kind for kind, _ in alerts(told)] == ["promise_due"]


def test_nobody_is_reminded_of_what_is_settled(ana: Colleague, told: Told) -> None:
    _, promise_id = promised(ana)
    follow_ups.settle(ana.viewer, promise_id, "cancelled", "Sorted out by post")
    run("update promise set due_at = clock_timestamp() - interval '2 hours'")
    told.clear()
    assert promises.remind() == 0
    assert alerts(told) == []
