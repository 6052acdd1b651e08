"""Everything that settles an offer, fired together: one outcome, and the losers are told (R-5 to R-9, R-18, R-19, F41)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from models.actions import assignment, offer_course, timekeeping
from models.db import one, rows, run
from models.errors import DeskError
from tests.support.invariants import assert_all_hold
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    events,
    make_agent,
    make_customer,
    make_team,
    set_desk,
    waiting_chat,
)
from tests.support.racing import codes, no_deadlocks, race

SEEDS = int(os.environ.get("PARLEY_RACE_SEEDS", "60"))
"""F41 is stated for a thousand: PARLEY_RACE_SEEDS=1000 pytest tests/races/test_escalations.py"""

LOST = {"offer_closed", "already_taken", "state_conflict", "not_owner", "not_found"}


def offer_of(chat_id: int) -> dict[str, Any]:
    found = one("select * from escalation where chat_id = %s order by id desc limit 1", (chat_id,))
    assert found is not None
    return found


def falls_due(chat_id: int) -> Callable[[], int]:
    """The offer's time is over at this moment, and a sweep comes by."""
    run(
        "update escalation set due_at = clock_timestamp(), place = 1 where chat_id = %s and state = 'pending'",
        (chat_id,),
    )
    run(
        "update timer set due_at = clock_timestamp() where chat_id = %s and state = 'armed' and kind = 'offer'",
        (chat_id,),
    )
    return timekeeping.fire_due


def accepts(agent: Colleague, chat_id: int) -> None:
    """As the door does it: first what has fallen due, then the command."""
    offer_course.settle_overdue(chat_id)
    agent.accepts(chat_id)


@pytest.mark.timeout(1200)
def test_f41_whatever_is_fired_together_one_settles_it() -> None:
    """Accept twice, reject, cancel, time out, end, take over, and the customer's own end, in every mixture."""
    billing = make_team("Billing")
    ana, ben, cleo = (
        make_agent("Ana Ruiz", limit=50),
        make_agent("Ben Hale", teams=(billing,), limit=50),
        make_agent("Cleo Park", teams=(billing,), limit=50),
    )
    boss = make_agent("Sam Boss", role="supervisor", limit=50)
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        dice, customer = Random(seed), make_customer()
        run("update socket_lease set seen_at = clock_timestamp()")  # a thousand seeds take longer than a lease
        chat_id = chat_of(ana, customer)
        directed = dice.random() < 0.5
        ana.escalates(chat_id, ben if directed else billing)
        contenders: dict[str, Callable[[], Any]] = {
            "accepted": partial(accepts, ben, chat_id),
            "accepted too": partial(accepts, ben if directed else cleo, chat_id),
            "rejected": partial(ben.rejects, chat_id),
            "cancelled": partial(ana.cancels, chat_id),
            "ended": partial(ana.ends, chat_id),
            "taken over": partial(boss.takes_over, chat_id),
            "ended by the customer": customer.ends,
            "reassigned": partial(ana.hands, chat_id, boss),
        }
        chosen = dice.sample(sorted(contenders), dice.randint(2, 6))
        fired = [contenders[name] for name in chosen]
        if dice.random() < 0.5:
            fired.append(falls_due(chat_id))
        dice.shuffle(fired)
        with no_deadlocks():
            outcomes = race(*fired)
        refused = [each for each in outcomes if isinstance(each, DeskError)]
        assert {each.code for each in refused} <= LOST, (seed, chosen, [each.code for each in refused])
        offers = rows("select state from escalation where chat_id = %s", (chat_id,))
        assert len(offers) == 1, (seed, chosen)
        state = offers[0]["state"]
        seen[state] += 1
        named = events(chat_id)
        settled = sum(named.count(f"escalation_{how}") for how in ("rejected", "timed_out", "cancelled")) + sum(
            each["data"].get("how") == "escalation"
            for each in rows(
                "select data from message where chat_id = %s and data ->> 'event' = 'assigned'", (chat_id,)
            )
        )
        assert settled == (state in ("accepted", "rejected", "cancelled", "timed_out")), (seed, chosen, state, named)
        chat = chat_row(chat_id)
        if state == "pending":  # one of the team declined, and nobody settled it
            assert (chat["state"], chat["owner_id"]) == ("escalated", ana.id)
            ana.cancels(chat_id)
        elif chat["state"] != "ended":
            assert chat["state"] == "active"
            (owner,) = [each for each in (ana, ben, cleo, boss) if each.id == chat["owner_id"]]
            owner.ends(chat_id)
        if chat_row(chat_id)["state"] != "ended":
            ana.ends(chat_id)
    assert_all_hold()
    whoever_can_win = {"accepted", "rejected", "cancelled", "timed_out", "withdrawn"}
    assert len(whoever_can_win & set(seen)) >= (5 if SEEDS >= 1000 else 3), f"too few of them ever win: {seen}"


@pytest.mark.parametrize("seed", range(5))
def test_r7_two_of_a_team_accept_and_one_is_told_who_has_it(seed: int) -> None:
    billing = make_team("Billing")
    ana, team = make_agent("Ana Ruiz"), [make_agent(f"Member{number} Two", teams=(billing,)) for number in range(8)]
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    with no_deadlocks():
        outcomes = race(*(partial(each.accepts, chat_id) for each in team))
    (winner,) = [each for each, code in zip(team, codes(outcomes), strict=True) if code is None]
    lost = [each for each in outcomes if isinstance(each, DeskError)]
    assert {each.code for each in lost} == {"already_taken"}
    assert {each.detail["by"]["name"] for each in lost} == {winner.name}
    assert_all_hold()


@pytest.mark.parametrize("seed", range(5))
def test_r8_the_last_two_of_a_team_decline_at_once_and_it_is_over_once(seed: int) -> None:
    billing = make_team("Billing")
    ana = make_agent("Ana Ruiz")
    ben, cleo = make_agent("Ben Hale", teams=(billing,)), make_agent("Cleo Park", teams=(billing,))
    chat_id = chat_of(ana)
    ana.escalates(chat_id, billing)
    race(partial(ben.rejects, chat_id), partial(cleo.rejects, chat_id))
    assert offer_of(chat_id)["state"] == "rejected"
    assert events(chat_id).count("escalation_rejected") == 1
    assert events(chat_id).count("escalation_declined") == 1
    assert_all_hold()


@pytest.mark.parametrize("seed", range(5))
def test_r18_the_desk_fills_the_place_at_the_moment_of_the_offer(seed: int) -> None:
    set_desk(auto_assign=True)
    ana, ben = make_agent("Ana Ruiz", limit=1, status="away"), make_agent("Ben Hale", limit=1)
    ana.chooses("online")
    chat_id = chat_of(ana)
    waiting_chat()
    outcomes = race(partial(ana.escalates, chat_id, ben), partial(assignment.assign_waiting, None))
    assert codes(outcomes)[0] in (None, "target_at_capacity")
    assert ben.now["load"] == 1
    assert_all_hold()


@pytest.mark.parametrize("seed", range(5))
def test_r19_two_offers_for_one_place_and_one_is_made(seed: int) -> None:
    ana, ada, ben = make_agent("Ana Ruiz"), make_agent("Ada Lane"), make_agent("Ben Hale", limit=1)
    first, second = chat_of(ana), chat_of(ada)
    with no_deadlocks():
        outcomes = race(partial(ana.escalates, first, ben), partial(ada.escalates, second, ben))
    assert sorted(map(str, codes(outcomes))) == ["None", "target_at_capacity"]
    assert ben.now["load"] == 1
    assert_all_hold()


def test_r20_a_timer_that_two_workers_fire_has_one_effect() -> None:
    ana, ben = make_agent("Ana Ruiz"), make_agent("Ben Hale")
    chat_id = chat_of(ana)
    ana.escalates(chat_id, ben)
    sweep = falls_due(chat_id)
    race(*[sweep] * 6)
    assert events(chat_id).count("escalation_timed_out") == 1
    assert_all_hold()
