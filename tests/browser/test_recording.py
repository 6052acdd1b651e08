"""A voice message, from the microphone of one browser to the ears at another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from models.db import one
from tests.browser import axe
from tests.browser.people import Company
from tests.browser.stage import Stage, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data]


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_an_agent_records_listens_and_sends(people: Company, motion: str) -> None:
    ben = people.customer()
    ben.comes_with("Ben Carter", "Could you say that once more?")
    maya = people.agent("Maya Lindholm", permissions=["microphone"], reduced_motion=motion)
    maya.starts("Ben Carter")
    maya.conversation.get_by_role("button", name="Record audio").click()
    recorder = maya.conversation.get_by_role("group", name="Audio recording")
    meter = recorder.get_by_role("meter", name="Microphone level")
    expect(recorder.get_by_text("17:28 at most (5 MB)")).to_be_visible()
    levels = levels_until_loud(meter)
    assert min(levels) < 10, levels  # the quiet around the beep
    assert meter.locator("i").count() == (1 if motion == "reduce" else 32)
    expect(recorder.get_by_role("timer")).to_have_text(re.compile(r"0:(0[2-9]|1\d)"))
    assert axe.violations(maya.page.main_frame) == []
    recorder.get_by_role("button", name="Stop").click()

    player = recorder.get_by_role("group", name="Voice message")
    player.get_by_role("button", name="Play").click()
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    expect(player.get_by_role("slider")).not_to_have_value("0")
    recorder.get_by_role("button", name="Attach").click()
    expect(maya.composer).to_be_focused()
    expect(maya.conversation.get_by_role("button", name="Remove Voice message")).to_be_visible()
    maya.conversation.get_by_role("button", name="Send", exact=True).click()

    heard = ben.log.get_by_role("group", name="Voice message")
    heard.get_by_role("button", name="Play").click()
    expect(heard.get_by_role("button", name="Pause")).to_be_visible()
    expect(heard.get_by_role("slider")).not_to_have_value("0")
    stored = one("select kind, size from attachment order by id desc limit 1")
    assert stored is not None
    assert stored["kind"] == "audio"
    assert 1_000 < stored["size"] < 100_000
    ben.context.close()


def test_a_customer_sees_that_they_are_heard(people: Company) -> None:
    ben = people.customer(permissions=["microphone"])
    ben.comes_with("Ben Carter", "I would rather say it.")
    ben.frame.get_by_role("button", name="Record a voice message").click()
    levels_until_loud(ben.frame.get_by_role("meter", name="Microphone level"))
    expect(ben.frame.get_by_text("17:28 at most (5 MB)")).to_be_visible()
    [frame] = [frame for frame in ben.page.frames if frame != ben.page.main_frame]
    assert axe.violations(frame) == []


def test_who_may_not_use_the_microphone_is_told_what_to_do(people: Company) -> None:
    femi, _ = people.meet("Femi Adebayo", "Cleo Marsh")
    femi.conversation.get_by_role("button", name="Record audio").click()
    expect(femi.conversation.get_by_role("alert")).to_contain_text("The microphone is blocked for this site.")
    femi.conversation.get_by_role("button", name="Close", exact=True).click()
    expect(femi.composer).to_be_focused()


def levels_until_loud(meter: Locator) -> list[int]:
    """What the meter has shown, up to a loud moment and for at least three seconds."""
    shown: list[int] = []

    def look() -> bool:
        shown.append(int(meter.get_attribute("aria-valuenow") or 0))
        return len(shown) > 30 and shown[-1] > 30

    wait_for(look)
    return shown
