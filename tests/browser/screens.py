"""Every screen, in both themes: it shows what it is for, and it keeps nobody out. `test_screens_*.py` walk it.

The tour is walked once for both. Where PARLEY_SCREENS names a folder, as `make screens` does, it leaves a picture of
each screen there; a repository keeps pictures for ever, so they are written small and few are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize, expect

from tests.browser import axe, tour, tour_assistant, tour_escalations, tour_settings, tour_work
from tests.browser.people import Company
from tests.browser.stage import Stage
from tests.browser.tour import Stop

FOLDER = os.environ.get("PARLEY_SCREENS")

Tour = Callable[[Company, Stage, ViewportSize], Iterator[Stop]]

WAYS = (
    tour.console,
    tour_work.lists,
    tour_escalations.escalations,
    tour_assistant.assistant,
    tour_settings.settings,
    tour_settings.forms,
    tour.pages,
    tour.widget,
    tour_work.chat,
    tour.without_a_line,
)


def walk(way: Tour, people: Company, desk: Stage, size: ViewportSize) -> list[str]:
    """Go one way from screen to screen. Returns what keeps somebody out, wherever that is."""
    findings = []
    for stop in way(people, desk, size):
        expect(stop.sign).to_be_visible()
        for theme, look in axe.themes(stop.page):
            if FOLDER:
                picture(stop, theme, size, Path(FOLDER))
            findings += [f"{stop.name}, {theme}: {each}" for frame in stop.frames for each in look(frame)]
    return findings


def picture(stop: Stop, theme: str, size: ViewportSize, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = stop.page.screenshot(animations="disabled", caret="hide")
    (folder / f"{stop.name}-{theme}-{size['width']}.png").write_bytes(small(drawn))


def small(drawn: bytes) -> bytes:
    """The same picture in 256 colours: a third of the size, and nobody sees the difference."""
    written = BytesIO()
    few = Image.open(BytesIO(drawn)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return written.getvalue()
