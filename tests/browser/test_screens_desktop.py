"""Every screen as wide as a desk has it, in both themes: see `screens.py`."""

from __future__ import annotations

import pytest

from tests.browser import axe
from tests.browser.people import DESKTOP, Company
from tests.browser.screens import WAYS, Tour, walk
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(420)]


@pytest.fixture(scope="module", autouse=True)
def desk(demo_desk: Stage) -> Stage:
    return demo_desk


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_screen_is_there_for_everybody(desk: Stage, people: Company, way: Tour) -> None:
    findings = walk(way, people, desk, DESKTOP)
    assert not findings, "\n".join(findings)


def test_axe_can_find_something(people: Company) -> None:
    somebody = people.stranger()
    pale = "<p style='color: #aaa; background: #fff'>Pale</p>"
    somebody.page.set_content(f"<title>A page</title><main><h1>A page</h1><img src='data:,'>{pale}</main>")
    found = axe.violations(somebody.page.main_frame)
    assert [each.split()[0] for each in found] == ["color-contrast", "html-has-lang", "image-alt"]
    assert [each.split()[0] for each in axe.colours(somebody.page.main_frame)] == ["color-contrast"]
