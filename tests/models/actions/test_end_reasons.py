"""Why chats end: the product's five, which stay, and those a desk adds, changes and takes out of use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.actions import chats, end_reasons
from models.db import one, rows
from models.errors import DeskError, Refused
from models.live import Room
from models.queries import catalogue
from tests.support.people import Colleague, chat_of, chat_row, make_agent
from tests.support.told import Told

BUILTIN = ["resolved", "no_response", "follow_up", "time_waster", "other"]


@pytest.fixture
def head() -> Colleague:
    return make_agent("Ida Holm", role="admin", status="offline")


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = catalogue.end_reasons()["items"]
    return found


def refused(attempt: Callable[[], Any]) -> DeskError:
    with pytest.raises(DeskError) as refusal:
        attempt()
    return refusal.value


def test_every_desk_has_the_five_in_their_order() -> None:
    assert [each["code"] for each in listed()] == BUILTIN
    assert {each["code"] for each in listed() if each["needs_note"]} == {"other"}
    assert {each["code"] for each in listed() if each["promises"]} == {"follow_up"}


def test_an_admin_adds_one_and_agents_end_by_it(head: Colleague, ana: Colleague, told: Told) -> None:
    code = end_reasons.add(head.viewer, "Sent to repair", hint="With a number", needs_note=True, promises=False)
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "end_reasons"}]
    assert [each["code"] for each in listed()] == [*BUILTIN, code]
    note = one("select what, target, target_id, after from audit_entry")
    assert note is not None
    assert (note["what"], note["target"], note["target_id"]) == ("added", "end_reason", "sent_to_repair")
    chat_id = chat_of(ana)
    assert refused(lambda: chats.end(ana.viewer, chat_id, code)).code == "reason_required"
    chats.end(ana.viewer, chat_id, code, "R-1024")
    assert (chat_row(chat_id)["end_reason"], chat_row(chat_id)["end_note"]) == (code, "R-1024")


@pytest.mark.parametrize("role", ["agent", "supervisor", "analyst"])
def test_only_admins_keep_the_list(role: str) -> None:
    other = make_agent("Ben", role=role, status="offline")
    with pytest.raises(Refused):
        end_reasons.add(other.viewer, "Sent to repair")
    with pytest.raises(Refused):
        end_reasons.change(other.viewer, "other", hint="Hm")
    assert [each["code"] for each in listed()] == BUILTIN
    assert rows("select id from audit_entry") == []


@pytest.mark.parametrize(
    "change", [{"label": "Done"}, {"archived": True}, {"needs_note": True}, {"promises": True}], ids=str
)
def test_the_five_stay_as_they_are(head: Colleague, change: dict[str, Any]) -> None:
    before = listed()
    refusal = refused(lambda: end_reasons.change(head.viewer, "resolved", **change))
    assert refusal.code == "builtin"
    assert set(refusal.detail["fields"]) == set(change)
    assert listed() == before


def test_the_hint_of_the_five_is_the_desks_own(head: Colleague) -> None:
    end_reasons.change(head.viewer, "resolved", hint="Parcel found", label="Customer Issue Resolved", archived=False)
    assert listed()[0]["hint"] == "Parcel found"
    (note,) = rows("select before, after from audit_entry")
    assert note["after"] == {"hint": "Parcel found"}


def test_one_out_of_use_ends_nothing_more_and_may_come_back(head: Colleague, ana: Colleague) -> None:
    code = end_reasons.add(head.viewer, "Sent to repair")
    end_reasons.change(head.viewer, code, archived=True)
    assert listed()[-1]["archived"]
    chat_id = chat_of(ana)
    assert refused(lambda: chats.end(ana.viewer, chat_id, code)).code == "unknown_reason"
    end_reasons.change(head.viewer, code, archived=False, label="At the workshop")
    chats.end(ana.viewer, chat_id, code)
    assert listed()[-1]["label"] == "At the workshop"


def test_a_name_is_given_once_among_those_in_use(head: Colleague) -> None:
    code = end_reasons.add(head.viewer, "Sent to repair")
    assert refused(lambda: end_reasons.add(head.viewer, "SENT to repair")).code == "name_taken"
    assert refused(lambda: end_reasons.add(head.viewer, "others")).code == "name_taken"
    assert refused(lambda: end_reasons.change(head.viewer, code, label="Time waster")).code == "name_taken"
    end_reasons.change(head.viewer, code, archived=True)
    assert end_reasons.add(head.viewer, "Sent to repair") == "sent_to_repair_2"
    assert refused(lambda: end_reasons.change(head.viewer, code, archived=False)).code == "name_taken"


def test_there_is_an_end_to_the_list(head: Colleague) -> None:
    for number in range(end_reasons.MOST - len(BUILTIN)):
        end_reasons.add(head.viewer, f"Reason {number}")
    assert refused(lambda: end_reasons.add(head.viewer, "One more")).code == "invalid"


@pytest.mark.parametrize("reason", ["sold", "", "RESOLVED", "resolved ", "o" * 40])
def test_a_reason_nobody_knows(ana: Colleague, reason: str) -> None:
    chat_id = chat_of(ana)
    refusal = refused(lambda: chats.end(ana.viewer, chat_id, reason, "Because"))
    assert refusal.code == "unknown_reason"
    assert "reason" in refusal.detail["fields"]
    assert chat_row(chat_id)["state"] == "active"


def test_no_such_reason_to_change(head: Colleague) -> None:
    assert refused(lambda: end_reasons.change(head.viewer, "sold", hint="Hm")).code == "not_found"
