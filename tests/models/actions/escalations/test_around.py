"""What else ends an offer, the promise that goes with it, and what is shown of it (T21, R-9)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from models.actions import chat_log, desk, follow_ups, offer_course, teams, timekeeping
from models.db import rows, run
from models.errors import Conflict, Invalid, Refused
from models.live import Room
from models.queries import escalations as read_escalations
from models.queries import offers
from models.queries import promises as read_promises
from tests.support.invariants import assert_all_hold
from tests.support.offering import LADDER, code, offer_of, promise_of, public
from tests.support.people import (
    Colleague,
    Customer,
    chat_of,
    chat_row,
    make_agent,
    set_desk,
    timers,
)
from tests.support.told import Told

# --- what else ends an offer ------------------------------------------------------------------------------


def test_r9_ending_withdraws_it(told: Told, ana: Colleague, ben: Colleague, billing: int, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, billing)
    told.clear()
    ana.ends(chat_id)
    assert (chat_row(chat_id)["state"], offer_of(chat_id)["state"]) == ("ended", "withdrawn")
    assert timers(chat_id) == set()
    assert promise_of(chat_id)["state"] == "kept"
    assert told.payloads("chat:changed", Room.queue(billing))[-1]["state"] == "ended"
    assert code(ben.accepts, chat_id) == "offer_closed"
    assert_all_hold()


def test_the_customer_ends_it_and_nothing_was_kept(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    rosa.ends()
    assert (offer_of(chat_id)["state"], promise_of(chat_id)["state"]) == ("withdrawn", "cancelled")
    assert ben.now["load"] == 0


def test_t21_a_supervisor_takes_it_from_both(ana: Colleague, ben: Colleague, boss: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    assert code(ana.hands, chat_id, boss) == "state_conflict"
    assert code(ana.returns, chat_id) == "state_conflict"
    boss.takes_over(chat_id)
    assert (chat_row(chat_id)["owner_id"], offer_of(chat_id)["state"]) == (boss.id, "withdrawn")
    assert ben.now["load"] == 0
    assert_all_hold()


def test_a_team_that_is_asked_or_stands_on_a_ladder_stays_in_use(
    ana: Colleague, ben: Colleague, boss: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    with pytest.raises(Conflict) as refusal:
        teams.archive(boss.viewer, billing)
    assert refusal.value.detail["uses"]["offers"] == 1
    ana.cancels(chat_id)
    set_desk(escalation_steps=[{"do": "team", "after_s": 30, "team_id": billing}, LADDER[1]])
    with pytest.raises(Conflict) as refusal:
        teams.archive(boss.viewer, billing)
    assert refusal.value.detail["uses"]["teams"] == [""]
    desk.change_settings(boss.viewer, escalation_steps=LADDER)
    teams.archive(boss.viewer, billing)


@pytest.mark.parametrize("of_team", [False, True])
def test_a_ladder_to_a_team_that_is_gone_is_refused_at_its_place(boss: Colleague, billing: int, of_team: bool) -> None:
    steps = [{"do": "team", "after_s": 30, "team_id": 987_654}, LADDER[1]]
    change = partial(teams.change, boss.viewer, billing) if of_team else partial(desk.change_settings, boss.viewer)
    with pytest.raises(Invalid) as refusal:
        change(escalation_steps=steps)
    assert list(refusal.value.detail["fields"]["escalation_steps"]) == ["0"]


def test_a_desk_speaks_in_its_own_words(ana: Colleague, ben: Colleague, boss: Colleague, rosa: Customer) -> None:
    words = {"escalated": "Moment, {target} knows more. By {expected}.", "accepted": "Here is {agent}.", "back": None}
    desk.change_settings(boss.viewer, escalation_texts={**words, "later": None})
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    assert public(chat_id)[-1].startswith("Moment, Ben knows more. By ")
    ben.accepts(chat_id)
    assert public(chat_id)[-1] == "Here is Ben."
    with pytest.raises(Invalid):
        desk.change_settings(boss.viewer, escalation_texts={"escalated": "Soon."})


# --- the promise ------------------------------------------------------------------------------------------


def test_a_later_time_is_told_to_the_customer(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.accepts(chat_id)
    promise = promise_of(chat_id)
    later = chat_log.db_now() + timedelta(days=2)
    assert code(follow_ups.extend, ana.viewer, promise["id"], later) == "not_owner"
    preview = read_escalations.preview_extension(ben.viewer, promise["id"], later)["body"]
    assert preview not in public(chat_id)
    follow_ups.extend(ben.viewer, promise["id"], later)
    assert promise_of(chat_id)["due_at"] == later
    assert public(chat_id)[-1].startswith("This takes longer than we told you.")
    assert public(chat_id)[-1] == preview
    past = chat_log.db_now() - timedelta(minutes=1)
    assert code(read_escalations.preview_extension, ben.viewer, promise["id"], past) == "bad_date"
    ben.ends(chat_id)
    assert code(follow_ups.extend, ben.viewer, promise["id"], later) == "settled"


def test_what_was_promised_after_a_chat_is_not_told_into_it(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.ends(chat_id, "follow_up")
    (promise,) = read_promises.page(ana.viewer)["items"]
    later = chat_log.db_now() + timedelta(days=2)
    assert code(follow_ups.extend, ana.viewer, promise["id"], later) == "not_an_escalation"


def test_a_promise_warns_before_it_breaks(told: Told, ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben, expected_at=chat_log.db_now() + timedelta(hours=5))
    ben.accepts(chat_id)
    run("update promise set due_at = clock_timestamp() + interval '10 minutes', warned_at = null")
    told.clear()
    timekeeping.fire_due()
    assert told.alerts(ben.id) == ["promise_soon"]


def test_escalating_again_keeps_one_promise(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    ben.rejects(chat_id)
    later = chat_log.db_now() + timedelta(hours=9)
    ana.escalates(chat_id, ben, expected_at=later)
    assert [each["due_at"] for each in rows("select due_at from promise")] == [later]
    assert chat_row(chat_id)["escalations"] == 2


# --- what is shown ----------------------------------------------------------------------------------------


def test_the_chain_of_hands_and_every_offer_are_told(
    ana: Colleague, ben: Colleague, cleo: Colleague, billing: int
) -> None:
    chat_id = chat_of(ana)
    ana.escalates(chat_id, ben)
    ben.rejects(chat_id, "wrong_team", "Not ours.")
    ana.escalates(chat_id, billing)
    cleo.accepts(chat_id)
    hands = cleo.sees(chat_id)["hands"]
    told = [(each["kind"], each["how"], (each["agent"] or each["team"])["name"]) for each in hands]
    assert told == [
        ("owner", "pick", "Ana Ruiz"),
        ("offer", "rejected", "Ben Hale"),
        ("owner", "escalation", "Cleo Park"),
    ]
    states = [each["state"] for each in offers.of_chat(ana.viewer, chat_id)["items"]]
    assert states == ["accepted", "rejected"]


def test_a_reader_answers_nothing(ana: Colleague, ben: Colleague, rosa: Customer) -> None:
    reader = make_agent("Ada Reads", role="analyst")
    chat_id = chat_of(ana, rosa)
    ana.escalates(chat_id, ben)
    for action in (reader.accepts, reader.rejects):
        with pytest.raises(Refused):
            action(chat_id)
    assert offer_course.sweep_absent() == 0


def test_what_was_never_offered_is_closed_and_nothing_became_of_it(ana: Colleague, rosa: Customer) -> None:
    chat_id = chat_of(ana, rosa)
    for settle in (ana.accepts, ana.cancels):
        with pytest.raises(Conflict) as refusal:
            settle(chat_id)
        assert refusal.value.code == "offer_closed"
        assert "how" not in refusal.value.detail
