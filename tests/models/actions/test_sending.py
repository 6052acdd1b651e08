"""A broadcast on its way: claimed, sent, recorded, and what is left when a sender or a provider fails in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.actions import blocks, broadcasts, notices, sending
from models.channels.profile import Capabilities
from models.db import one, rows, run, transaction
from models.rules.broadcasting import BACKOFF_S
from tests.models.actions.test_broadcasts import a_draft, ledger, people, state
from tests.support.people import Colleague, make_agent
from tests.support.provider import CAREFUL, SHOP, Killed, Provider
from workers import casting


@pytest.fixture
def sue() -> Colleague:
    return make_agent("Sue Park", role="supervisor", limit=50)


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel's provider would deliver the same key twice."""
    monkeypatch.setattr(sending, "KINDS", {"web": CAREFUL})


def sent_by(number: int, provider: Provider) -> None:
    casting.send(number, {"web": provider}, slice_s=2)


def begun(sue: Colleague, many: int, **more: int) -> int:
    number = a_draft(sue, people(many), **more)
    broadcasts.schedule(sue.viewer, number)
    return number


def states(number: int) -> list[str]:
    found = rows("select state from recipient where broadcast_id = %s and not trial order by id", (number,))
    return [each["state"] for each in found]


def leases_run_out() -> None:
    run("update recipient set lease_until = clock_timestamp() where state = 'claimed'")


def they_fall_due(number: int) -> None:
    run("update recipient set due_at = clock_timestamp() where broadcast_id = %s and state = 'waiting'", (number,))
    run("update broadcast set slot_at = null where id = %s", (number,))


def test_everybody_is_written_to_once_and_it_is_done(sue: Colleague, careful: None) -> None:
    number, provider = begun(sue, 30), Provider()
    sent_by(number, provider)
    assert (state(number), set(states(number))) == ("done", {"sent"})
    assert (len(provider.arrived), max(provider.arrived.values())) == (30, 1)


@pytest.mark.parametrize(
    ("behaviour", "stands", "arrived"),
    [
        ("200", "sent", 1),
        ("200 then reset", "unknown", 1),
        ("hang", "unknown", 0),
        ("400", "failed", 0),
        ("429", "waiting", 0),
        ("503", "waiting", 0),
    ],
)
def test_what_a_provider_does_stands_in_the_ledger(
    sue: Colleague, careful: None, behaviour: str, stands: str, arrived: int
) -> None:
    number, provider = begun(sue, 1), Provider(behaviour)
    sent_by(number, provider)
    assert (states(number), sum(provider.arrived.values())) == ([stands], arrived)
    (row,) = rows("select error, attempts from recipient where broadcast_id = %s", (number,))
    assert row["attempts"] == 1
    assert (row["error"] is None) == (behaviour == "200")


def test_what_left_us_and_was_never_answered_is_not_sent_again(sue: Colleague, careful: None) -> None:
    """F31."""
    number, provider = begun(sue, 3), Provider("200 then reset")
    sent_by(number, provider)
    for _ in range(3):
        sending.sweep()
        they_fall_due(number)
        sent_by(number, provider)
    assert states(number) == ["unknown", "sent", "sent"]
    assert max(provider.arrived.values()) == 1
    assert state(number) == "done"


def test_a_provider_that_says_when_is_left_alone_until_then(sue: Colleague, careful: None) -> None:
    """F30: not only for the one it said it of."""
    number, provider = begun(sue, 3), Provider("429")
    sent_by(number, provider)
    assert len(provider.asked) == 1
    claim = sending.claim(number)
    assert not claim.parcels
    assert claim.wait_s is not None
    assert claim.wait_s > 25
    they_fall_due(number)
    sent_by(number, provider)
    assert states(number) == ["sent"] * 3


def test_it_is_given_up_after_the_last_try(sue: Colleague, careful: None) -> None:
    number, provider = begun(sue, 1), Provider(*["503"] * 9)
    for _ in range(len(BACKOFF_S) + 3):
        they_fall_due(number)
        sent_by(number, provider)
    assert (states(number), state(number)) == (["failed"], "failed")
    assert len(provider.asked) == len(BACKOFF_S) + 1


# --- a sender that is killed at a named point (F16) --------------------------------------------------------------


@pytest.mark.parametrize(("point", "arrived"), [("killed before", 0), ("killed after", 1)])
def test_a_sender_killed_around_the_provider_leaves_one_unknown(
    sue: Colleague, careful: None, point: str, arrived: int
) -> None:
    number, provider = begun(sue, 2), Provider(point)
    with pytest.raises(Killed):
        sent_by(number, provider)
    assert states(number) == ["claimed", "waiting"]
    sending.sweep()
    assert states(number) == ["claimed", "waiting"], "its lease still runs: it may be at work"
    leases_run_out()
    sending.sweep()
    sent_by(number, provider)
    assert (states(number), state(number)) == (["unknown", "sent"], "done")
    assert sum(provider.arrived.values()) == arrived + 1
    assert max(provider.arrived.values()) == 1


def dies_claiming(number: int) -> None:
    with transaction():
        assert sending.claim(number).parcels
        raise Killed


def test_a_sender_killed_before_its_claim_held_has_sent_nothing(sue: Colleague, careful: None) -> None:
    number = begun(sue, 1)
    with pytest.raises(Killed):
        dies_claiming(number)
    assert states(number) == ["waiting"]


def test_a_sender_killed_after_its_record_held_is_done(sue: Colleague, careful: None) -> None:
    number, provider = begun(sue, 1), Provider()
    (parcel,) = sending.claim(number).parcels
    sending.record(parcel, provider.send(SHOP, parcel))
    leases_run_out()
    sending.sweep()
    sent_by(number, provider)
    assert (states(number), sum(provider.arrived.values())) == (["sent"], 1)


@pytest.mark.parametrize("placed", [False, True])
def test_where_the_same_again_is_harmless_it_is_sent_again(sue: Colleague, placed: bool) -> None:
    """The web channel: the sender died before the notice was laid down, or after it and before the record."""
    number = begun(sue, 1)
    (parcel,) = sending.claim(number).parcels
    if placed:
        notices.place(parcel)
    leases_run_out()
    sending.sweep()
    assert states(number) == ["waiting"]
    casting.send(number)
    assert (states(number), state(number)) == (["sent"], "done")
    found = one("select count(*)::int as n from notice")
    assert found == {"n": 1}


def test_one_that_was_believed_dead_may_still_say_how_it_went(sue: Colleague, careful: None) -> None:
    number, provider = begun(sue, 1), Provider()
    (parcel,) = sending.claim(number).parcels
    leases_run_out()
    sending.sweep()
    assert states(number) == ["unknown"]
    sending.record(parcel, provider.send(SHOP, parcel))
    assert states(number) == ["sent"]


def test_one_that_comes_too_late_changes_nothing_of_anothers_claim(sue: Colleague) -> None:
    number = begun(sue, 1)
    (old,) = sending.claim(number).parcels
    leases_run_out()
    sending.sweep()
    (new,) = sending.claim(number).parcels
    sending.record(old, casting.Handed("refused", "too late"))
    assert states(number) == ["claimed"]
    sending.record(new, casting.Handed("sent"))
    assert states(number) == ["sent"]


# --- what is decided while it goes -------------------------------------------------------------------------------


def test_pausing_is_seen_at_the_next_claim(sue: Colleague, careful: None) -> None:
    number = begun(sue, 10)
    provider = Provider(before=lambda: broadcasts.pause(sue.viewer, number) if len(provider.asked) == 3 else None)
    sent_by(number, provider)
    assert (state(number), states(number).count("sent")) == ("paused", 4)
    broadcasts.resume(sue.viewer, number)
    sent_by(number, provider)
    assert (state(number), set(states(number))) == ("done", {"sent"})
    assert max(provider.arrived.values()) == 1


def test_cancelling_half_way_is_seen_at_the_next_claim(sue: Colleague, careful: None) -> None:
    number = begun(sue, 10)
    provider = Provider(before=lambda: broadcasts.cancel(sue.viewer, number) if len(provider.asked) == 3 else None)
    sent_by(number, provider)
    assert states(number) == ["sent"] * 4 + ["skipped"] * 6
    assert len(provider.asked) == 4


def test_what_comes_back_to_a_cancelled_one_is_left_out(sue: Colleague, careful: None) -> None:
    number = begun(sue, 1)
    (parcel,) = sending.claim(number).parcels
    broadcasts.cancel(sue.viewer, number)
    sending.record(parcel, casting.Handed("later", "503"))
    assert states(number) == ["skipped"]


def test_who_opted_out_or_was_blocked_since_is_left_out(sue: Colleague) -> None:
    off, kept_out, well = people(3)
    number = a_draft(sue, [off, kept_out, well])
    broadcasts.schedule(sue.viewer, number)
    notices.opts(off.visitor, out=True)
    blocks.block(sue.viewer, kept_out.id, "Insults")
    casting.send(number)
    assert ledger(number) == {
        off.id: ("skipped", "opted_out"),
        kept_out.id: ("skipped", "blocked"),
        well.id: ("sent", None),
    }


def test_the_pace_is_kept(sue: Colleague, careful: None, told) -> None:
    number, provider = begun(sue, 40, rate=10), Provider()
    told.clear()
    casting.send(number, {"web": provider}, slice_s=1)
    assert 9 <= len(provider.asked) <= 12
    asked = [ids for job, ids in told.nudges if job.value == "broadcasts.send"]
    assert asked == [(number,)], "whose time ends while it waits for its turn asks for another sender"


def test_what_a_sender_has_no_time_for_goes_back_untried(sue: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "KINDS", {"web": Capabilities(longest=10, idempotent=True)})
    number = begun(sue, 3)
    sending.claim(number)
    run("update broadcast set slot_at = clock_timestamp() - interval '1 second' where id = %s", (number,))
    claimed = sending.claim(number).parcels
    sending.give_back(claimed)
    assert states(number) == ["claimed", "waiting", "waiting"]
    found = rows("select attempts from recipient where broadcast_id = %s and state = 'waiting'", (number,))
    assert [each["attempts"] for each in found] == [0, 0]


def test_a_broadcast_whose_sender_died_gets_another(sue: Colleague, told) -> None:
    number = begun(sue, 2)
    run("update broadcast set updated_at = updated_at - %s where id = %s", (timedelta(seconds=9), number))
    told.clear()
    sending.sweep()
    assert [ids for job, ids in told.nudges if job.value == "broadcasts.send"] == [(number,)]


def test_screens_hear_how_far_it_is(sue: Colleague, told) -> None:
    number = begun(sue, 2)
    told.clear()
    casting.send(number)
    heard = [each for each in told.tellings if each.event == "broadcast:changed"]
    assert heard[-1].rooms == ["broadcasts"]
    assert heard[-1].payload["state"] == "done"
    assert heard[-1].payload["counts"]["sent"] == 2
    versions = [each.payload["version"] for each in heard]
    assert versions == sorted(set(versions))
