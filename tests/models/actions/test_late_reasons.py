"""Why a chat ended that ended by itself: said once, soon, by whoever had it, and never of an end that was chosen."""

from __future__ import annotations

import pytest

from models.actions import late_reasons
from models.db import rows
from models.errors import Conflict, Invalid, NotFound, Refused
from tests.support import invariants
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
)
from tests.support.told import Told


def left(ana: Colleague, customer: Customer) -> int:
    """A chat that its customer ended."""
    chat_id = chat_of(ana, customer)
    customer.ends()
    return chat_id


def test_t18_the_reason_stands_beside_the_cause_in_log_row_and_audit(
    told: Told, ana: Colleague, customer: Customer
) -> None:
    chat_id = left(ana, customer)
    assert "give_reason" in ana.sees(chat_id)["allowed"]
    before, public = chat_row(chat_id), chat_row(chat_id)["pub_seq"]
    told.clear()
    late_reasons.give(ana.viewer, chat_id, "other", "Bought it elsewhere.")
    after = chat_row(chat_id)
    assert (after["end_cause"], after["end_reason"], after["end_note"]) == (
        "visitor_ended",
        "other",
        "Bought it elsewhere.",
    )
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"end_reason", "end_note", "version", "all_seq"}
    assert (events(chat_id)[-1], entries(chat_id)[-1]["pub_seq"], after["pub_seq"]) == ("reason_given", None, public)
    assert told.payloads("chat:changed", f"agent:{ana.id}")[-1]["end_reason"] == "other"
    (audited,) = rows("select what, target, target_id, target_name, after from audit_entry")
    assert audited == {
        "what": "explained", "target": "chat", "target_id": str(chat_id), "target_name": "Rosa Lind",
        "after": {"reason": "other", "note": "Bought it elsewhere."},
    }  # fmt: skip
    assert "give_reason" not in ana.sees(chat_id)["allowed"]
    invariants.assert_all_hold()


def test_it_is_said_once(ana: Colleague, customer: Customer) -> None:
    chat_id = left(ana, customer)
    late_reasons.give(ana.viewer, chat_id, "resolved")
    with pytest.raises(Conflict) as again:
        late_reasons.give(ana.viewer, chat_id, "time_waster")
    assert again.value.code == "has_reason"
    assert chat_row(chat_id)["end_reason"] == "resolved"


def test_an_end_that_was_chosen_is_not_corrected(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    with pytest.raises(Conflict) as still_open:
        late_reasons.give(ana.viewer, chat_id, "resolved")
    assert still_open.value.code == "state_conflict"
    ana.ends(chat_id, "resolved")
    with pytest.raises(Conflict) as chosen:
        late_reasons.give(ana.viewer, chat_id, "time_waster")
    assert chosen.value.code == "has_reason"


def test_after_a_day_it_is_too_late(ana: Colleague, customer: Customer) -> None:
    chat_id = left(ana, customer)
    let_time_pass(chat_id, 86_400 - 60)
    assert "give_reason" in ana.sees(chat_id)["allowed"]
    let_time_pass(chat_id, 120)
    assert "give_reason" not in ana.sees(chat_id)["allowed"]
    with pytest.raises(Conflict) as late:
        late_reasons.give(ana.viewer, chat_id, "resolved")
    assert late.value.code == "too_late"


def test_it_is_for_whoever_had_the_chat_and_for_supervisors(customer: Customer) -> None:
    orders = make_team("Orders")
    ana, ben = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Ben Hale", teams=(orders,))
    boss, analyst = make_agent("Sam Boss", role="supervisor"), make_agent("Kim Read", role="analyst")
    stranger = make_agent("Eve Else", teams=(make_team("Returns"),))
    chat_id = customer.waits(topic="Orders")
    ana.takes(chat_id)
    customer.ends()
    for who, refusal in ((ben, Conflict), (analyst, Refused), (stranger, NotFound)):
        with pytest.raises(refusal):
            late_reasons.give(who.viewer, chat_id, "resolved")
    assert "give_reason" not in ben.sees(chat_id)["allowed"]
    late_reasons.give(boss.viewer, chat_id, "resolved")
    nobodys = make_customer()
    nobodys.waits()
    nobodys.leaves()
    with pytest.raises(Conflict):
        late_reasons.give(ben.viewer, nobodys.chat, "no_response")
    late_reasons.give(boss.viewer, nobodys.chat, "no_response")


def test_reasons_keep_their_rules(ana: Colleague, customer: Customer) -> None:
    chat_id = left(ana, customer)
    for reason, note, promise in (("other", "", None), ("boredom", "", None), ("resolved", "", {"note": "Soon."})):
        with pytest.raises(Invalid):
            late_reasons.give(ana.viewer, chat_id, reason, note, promise)
    late_reasons.give(ana.viewer, chat_id, "follow_up", promise={"note": "Calls back."})
    (promise,) = rows("select * from promise")
    assert (promise["chat_id"], promise["owner_id"], promise["note"]) == (chat_id, ana.id, "Calls back.")
    assert entries(chat_id)[-1]["data"]["promise"]["id"] == promise["id"]
