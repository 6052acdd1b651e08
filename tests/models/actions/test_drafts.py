"""What was typed and not sent: kept for its agent alone, and gone once it was sent."""

from __future__ import annotations

import pytest

from models.actions import drafts
from models.db import one, run
from models.errors import NotFound, Refused
from models.queries import agents
from tests.support.people import Colleague, chat_of, let_time_pass, make_agent, make_customer, make_team


@pytest.fixture
def chat_id(ana: Colleague) -> int:
    return chat_of(ana)


def of(who: Colleague, chat_id: int) -> tuple[str, str]:
    found = who.sees(chat_id)["drafts"]
    return found["reply"], found["note"]


def overview(who: Colleague) -> list[int]:
    found: list[int] = agents.overview(who.viewer)["drafts"]
    return found


def test_a_draft_is_kept_for_each_mode_and_for_nobody_else(ana: Colleague, chat_id: int) -> None:
    ben = make_agent("Ben Hale")
    drafts.keep(ana.viewer, chat_id, "reply", "It com")
    drafts.keep(ana.viewer, chat_id, "reply", "It comes")
    drafts.keep(ana.viewer, chat_id, "note", "Ask Ben")
    assert (of(ana, chat_id), overview(ana)) == (("It comes", "Ask Ben"), [chat_id])
    assert (of(ben, chat_id), overview(ben)) == (("", ""), [])


def test_an_empty_draft_is_none(ana: Colleague, chat_id: int) -> None:
    drafts.keep(ana.viewer, chat_id, "reply", "It comes")
    drafts.keep(ana.viewer, chat_id, "reply", "")
    drafts.keep(ana.viewer, chat_id, "note", "")
    assert (of(ana, chat_id), overview(ana)) == (("", ""), [])
    assert one("select count(*)::int as n from draft") == {"n": 0}


def test_sending_ends_the_draft_of_its_mode(ana: Colleague, chat_id: int) -> None:
    for mode in ("reply", "note"):
        drafts.keep(ana.viewer, chat_id, mode, "typed")
    ana.says(chat_id, "Sent the short way")
    assert (of(ana, chat_id), overview(ana)) == (("", "typed"), [chat_id])
    ana.notes(chat_id, "Sent")
    assert (of(ana, chat_id), overview(ana)) == (("", ""), [])
    drafts.keep(ana.viewer, chat_id, "reply", "The next one")
    assert of(ana, chat_id) == ("The next one", "")


def test_a_reply_that_carries_something_ends_the_draft_too(ana: Colleague, chat_id: int) -> None:
    asked = one("select id from message where chat_id = %s order by id limit 1", (chat_id,))
    assert asked is not None
    drafts.keep(ana.viewer, chat_id, "reply", "typed")
    ana.says(chat_id, "Sent", quote_id=asked["id"])
    assert one("select count(*)::int as n from draft") == {"n": 0}


def test_words_of_others_leave_a_draft_alone(ana: Colleague, chat_id: int) -> None:
    ben = make_agent("Ben Hale")
    drafts.keep(ana.viewer, chat_id, "reply", "typed")
    ana.hands(chat_id, ben)
    ben.says(chat_id)
    assert of(ana, chat_id) == ("typed", "")


def test_a_chat_that_ended_meanwhile_keeps_what_was_typed_for_a_week(ana: Colleague, chat_id: int) -> None:
    drafts.keep(ana.viewer, chat_id, "reply", "I was about to say")
    ana.ends(chat_id)
    drafts.keep(ana.viewer, chat_id, "note", "For the record")
    let_time_pass(chat_id, 6 * 86_400)
    assert drafts.forget_old() == 0
    assert of(ana, chat_id) == ("I was about to say", "For the record")
    let_time_pass(chat_id, 86_401)
    assert drafts.forget_old() == 2
    assert of(ana, chat_id) == ("", "")


def test_nobody_types_into_a_chat_they_cannot_see(ana: Colleague, chat_id: int) -> None:
    make_team("Orders")
    foreign = make_customer().waits(topic="Orders")
    far = make_agent("Far Off", teams=(make_team("Billing"),))
    for number in (foreign, 987_654_321):
        with pytest.raises(NotFound):
            drafts.keep(far.viewer, number, "reply", "x")
    with pytest.raises(Refused):
        drafts.keep(make_agent("Only Reads", role="analyst").viewer, chat_id, "note", "x")


def test_drafts_in_chats_out_of_sight_are_not_counted(ana: Colleague) -> None:
    orders, billing = make_team("Orders"), make_team("Billing")
    member = make_agent("Member", teams=(orders,))
    chat_id = make_customer().waits(topic="Orders")
    drafts.keep(member.viewer, chat_id, "note", "Is mine")
    run("update chat set team_id = %s where id = %s", (billing, chat_id))
    assert overview(member) == []
