"""A real delivery worker and a real mail server: letters go out by themselves, and a killed worker doubles none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from models.actions import transcripts
from models.db import one, rows, run
from tests.support.people import chat_of, make_agent, open_desk
from tests.support.post_office import PostOffice, post_office
from tests.support.processes import Desk, desk

pytestmark = pytest.mark.timeout(180)


def wait_for(look: Callable[[], Any], patience: float = 45) -> Any:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:.0f} s; the letters: {rows('select * from mail')}")


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found


@pytest.fixture(scope="module")
def back_room(database: str, office: PostOffice) -> Iterator[Desk]:
    with desk(parts=("delivery", "beat"), env={"PARLEY_MAIL_URL": office.url}) as running:
        yield running


@pytest.fixture
def chat_id(back_room: Desk, office: PostOffice) -> int:
    """An ended chat, ready to be mailed."""
    office.rcpt = office.data = "250 OK"
    office.letters.clear()
    open_desk()
    ana = make_agent("Ana Ruiz")
    number = chat_of(ana)
    ana.ends(number)
    transcripts.mails(ana.viewer, number, "rosa@example.com")
    return number


def state() -> str:
    found = one("select state from mail")
    assert found is not None
    return str(found["state"])


def test_a_letter_goes_out_without_anybody_asking_for_it(chat_id: int, office: PostOffice) -> None:
    wait_for(lambda: state() == "sent")
    assert office.to == ["rosa@example.com"]
    time.sleep(6)  # a whole sweep later
    assert len(office.letters) == 1


def test_a_refusal_ends_it(back_room: Desk, chat_id: int, office: PostOffice) -> None:
    wait_for(lambda: state() == "sent")
    office.rcpt = "550 No such user"
    run("update mail set state = 'pending', attempts = 0")
    wait_for(lambda: state() == "failed")


def test_a_worker_killed_with_the_text_on_its_way_leaves_a_letter_that_is_not_repeated(
    back_room: Desk, chat_id: int, office: PostOffice
) -> None:
    wait_for(lambda: state() == "sent")
    office.letters.clear()
    office.data = "hang"
    run("update mail set state = 'pending', attempts = 0")
    wait_for(lambda: state() == "sending")
    back_room.kill("delivery")
    office.data = "250 OK"
    run("update mail set lease_until = clock_timestamp()")
    back_room.start("delivery")
    wait_for(lambda: state() == "unknown")
    time.sleep(6)
    assert office.letters == []


def test_a_worker_killed_before_the_text_left_is_made_up_for(back_room: Desk, chat_id: int, office: PostOffice) -> None:
    wait_for(lambda: state() == "sent")
    office.letters.clear()
    office.rcpt = "hang"
    run("update mail set state = 'pending', attempts = 0")
    wait_for(lambda: (one("select attempts from mail") or {}).get("attempts") == 1)
    back_room.kill("delivery")
    office.rcpt = "250 OK"
    run("update mail set lease_until = clock_timestamp(), due_at = clock_timestamp()")
    back_room.start("delivery")
    wait_for(lambda: state() == "sent")
    assert len(office.letters) == 1


def test_it_shows_that_it_works(chat_id: int) -> None:
    wait_for(lambda: one("select 1 as yes from beat where part = 'delivery'"))


def test_the_log_holds_no_address(back_room: Desk, chat_id: int) -> None:
    wait_for(lambda: state() == "sent")
    assert '"event": "letter"' in back_room.log("delivery", last=1_000_000)
    assert "rosa@example.com" not in back_room.log("delivery", last=1_000_000)
