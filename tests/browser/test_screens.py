"""Every screen, in both themes, on a desk and on a phone: it shows what it is for, and it keeps nobody out.

The tour is walked once for both, and leaves a picture of each screen in
`artifacts/screens` for people to look at. `make screens` names `docs/screens` in
PARLEY_SCREENS instead; a repository keeps pictures for ever, so they are written small.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import ViewportSize, expect

from tests.browser import axe, tour, tour_escalations, tour_settings, tour_work
from tests.browser.people import DESKTOP, PHONE, Company
from tests.browser.stage import Stage
from tests.browser.tour import Stop

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(420)]

DOCUMENTS = os.environ.get("PARLEY_SCREENS")
FOLDER = Path(DOCUMENTS or Path(__file__).resolve().parents[2] / "artifacts" / "screens")
THEMES = ("light", "dark")
# Colours that go over into those of another theme have arrived there.
RESTED = """() => Promise.allSettled(
  document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished))"""
BLANK = 4_000  # an empty page of this size takes fewer bytes

Tour = Callable[[Company, Stage, ViewportSize], Iterator[Stop]]


@pytest.fixture(scope="module", autouse=True)
def desk(demo_desk: Stage) -> Stage:
    return demo_desk


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "way",
    [
        tour.console,
        tour_work.lists,
        tour_escalations.escalations,
        tour_settings.settings,
        tour_settings.forms,
        tour.pages,
        tour.widget,
        tour_work.chat,
        tour.without_a_line,
    ],
    ids=lambda way: way.__name__,
)
def test_every_screen_is_there_for_everybody(desk: Stage, people: Company, way: Tour, size: ViewportSize) -> None:
    findings = []
    for stop in way(people, desk, size):
        expect(stop.sign).to_be_visible()
        for theme in THEMES:
            stop.page.emulate_media(color_scheme=theme)
            for frame in stop.frames:
                frame.evaluate(RESTED)
            picture(stop, theme, size)
            findings += [f"{stop.name}, {theme}: {each}" for frame in stop.frames for each in axe.violations(frame)]
    assert not findings, "\n".join(findings)


def test_axe_can_find_something(people: Company) -> None:
    somebody = people.stranger()
    somebody.page.set_content("<title>A page</title><main><h1>A page</h1><img src='data:,'></main>")
    found = axe.violations(somebody.page.main_frame)
    assert [each.split()[0] for each in found] == ["html-has-lang", "image-alt"]


def picture(stop: Stop, theme: str, size: ViewportSize) -> None:
    name = f"{stop.name}-{theme}-{size['width']}.png"
    drawn = stop.page.screenshot(animations="disabled", caret="hide")
    assert len(drawn) > BLANK, f"{name} is blank"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(small(drawn) if DOCUMENTS else drawn)


def small(drawn: bytes) -> bytes:
    """The same picture in 256 colours: a third of the size, and nobody sees the difference."""
    written = BytesIO()
    few = Image.open(BytesIO(drawn)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return written.getvalue()
