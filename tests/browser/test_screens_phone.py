"""Every screen as narrow as a phone has it, in both themes: see `screens.py`."""

from __future__ import annotations

import pytest

from tests.browser.people import PHONE, Company
from tests.browser.screens import WAYS, Tour, walk
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(420)]


@pytest.fixture(scope="module", autouse=True)
def desk(demo_desk: Stage) -> Stage:
    return demo_desk


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_screen_is_there_for_everybody(desk: Stage, people: Company, way: Tour) -> None:
    findings = walk(way, people, desk, PHONE)
    assert not findings, "\n".join(findings)
