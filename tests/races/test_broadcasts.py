"""Several senders of one broadcast, and people who decide while they send."""

from __future__ import annotations

from collections import Counter

from models.actions import broadcasts, erasure, notices, sending
from models.db import one, rows
from tests.models.actions.test_broadcasts import a_draft, ledger, people, state
from tests.support import invariants
from tests.support.people import Customer, make_agent
from tests.support.provider import CAREFUL, Provider
from tests.support.racing import race
from workers import casting


def begun(many: int, rate: int = 1000) -> tuple[int, list[Customer]]:
    meant = people(many)
    sue = make_agent("Sue Park", role="supervisor")
    number = a_draft(sue, meant, rate=rate)
    broadcasts.schedule(sue.viewer, number)
    return number, meant


def test_several_senders_of_one_broadcast_send_each_part_once(monkeypatch) -> None:
    monkeypatch.setattr(sending, "KINDS", {"web": CAREFUL})
    number, _ = begun(60)
    providers = [Provider() for _ in range(4)]
    race(*(lambda provider=each: casting.send(number, {"web": provider}, slice_s=5) for each in providers))
    arrived = sum((each.arrived for each in providers), Counter())
    assert (len(arrived), max(arrived.values())) == (60, 1)
    assert state(number) == "done"
    assert {outcome for outcome, _ in ledger(number).values()} == {"sent"}


def test_several_senders_keep_one_pace(monkeypatch) -> None:
    monkeypatch.setattr(sending, "KINDS", {"web": CAREFUL})
    number, _ = begun(60, rate=20)
    providers = [Provider() for _ in range(3)]
    race(*(lambda provider=each: casting.send(number, {"web": provider}, slice_s=1) for each in providers))
    assert 15 <= sum(len(each.asked) for each in providers) <= 24


def test_cancelled_half_way_the_sums_add_up() -> None:
    number, meant = begun(80)
    boss = make_agent("Bo", role="supervisor")

    def cancels() -> None:
        while (
            one("select 1 as yes from recipient where broadcast_id = %s and state = 'sent' limit 1", (number,)) is None
        ):
            pass
        broadcasts.cancel(boss.viewer, number)

    race(lambda: casting.send(number), lambda: casting.send(number), cancels)
    counted = Counter(outcome for outcome, _ in ledger(number).values())
    assert counted["sent"] + counted["skipped"] == len(meant) == 80
    assert counted["sent"] == len(rows("select 1 from notice"))
    assert state(number) == "cancelled"


def test_who_begins_a_chat_while_it_comes_has_it_once() -> None:
    """In the chat or waiting beside it, whichever was first; never in both."""
    number, meant = begun(8)
    race(lambda: casting.send(number), *(lambda who=each: who.says("Hello again?") for each in meant))
    found = rows("select joined_at, chat_id, message_id from notice")
    assert len(found) == 8
    assert all((each["joined_at"] is None) == (each["message_id"] is None) for each in found)
    invariants.assert_all_hold()


def test_who_opts_out_or_is_erased_while_it_goes_is_written_to_before_or_not_at_all() -> None:
    number, meant = begun(12)
    admin = make_agent("Kim", role="admin")
    race(
        lambda: casting.send(number),
        *(lambda who=each: notices.opts(who.visitor, out=True) for each in meant[:4]),
        *(lambda who=each: erasure.erase(admin.viewer, who.id, "Asked for it.") for each in meant[4:6]),
    )
    assert state(number) == "done"
    stands = ledger(number)
    assert {stands[each.id] for each in meant[:4]} <= {("sent", None), ("skipped", "opted_out")}
    assert {stands[each.id] for each in meant[4:6]} <= {("sent", None), ("skipped", "erased")}
    assert {stands[each.id] for each in meant[6:]} == {("sent", None)}
    assert not rows("select 1 from notice n join customer s on s.id = n.customer_id where s.erased_at is not null")


def test_two_who_schedule_and_one_who_deletes() -> None:
    meant, sue = people(3), make_agent("Sue Park", role="supervisor")
    number = a_draft(sue, meant)
    outcomes = race(
        lambda: broadcasts.schedule(sue.viewer, number),
        lambda: broadcasts.schedule(sue.viewer, number),
        lambda: broadcasts.delete(sue.viewer, number),
    )
    assert sum(each is None for each in outcomes) == 1
    assert len(ledger(number)) in (0, 3)
