"""axe-core, asked about one document at a time: WCAG 2.0 to 2.2, A and AA, and the best practices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

SOURCE = Path(__file__).resolve().parents[2] / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

_ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_COLOURS = ["color-contrast", "link-in-text-block"]

# Colours that go over into those of another theme have arrived there.
_RESTED = """() => Promise.allSettled(
  document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished))"""

_RUN = """runOnly => axe.run(document, {
  iframes: false,  // each frame is asked by itself
  resultTypes: ['violations'],
  runOnly
}).then(found => found.violations)"""


def violations(frame: Frame) -> list[str]:
    """What keeps somebody out, one line for each kind, with the first places where it does."""
    return _asked(frame, _ALL)


def colours(frame: Frame) -> list[str]:
    """What of it another theme can change, on a page that has been asked for everything in one."""
    return _asked(frame, _COLOURS)


def themes(page: Page) -> Iterator[tuple[str, Callable[[Frame], list[str]]]]:
    """Turn a page to each theme, and say its name and how to look at a frame in it."""
    for theme, look in (("light", violations), ("dark", colours)):
        page.emulate_media(color_scheme=theme)
        for frame in page.frames:
            frame.evaluate(_RESTED)
        yield theme, look


def in_both_themes(page: Page) -> list[str]:
    """What keeps somebody out of a page, in one theme or the other."""
    return [f"{theme}: {each}" for theme, look in themes(page) for each in look(page.main_frame)]


def _asked(frame: Frame, run_only: list[str]) -> list[str]:
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(f"() => {{ {SOURCE.read_text()} }}")
    if not frame.evaluate(_RUN, run_only):
        return []
    frame.evaluate(_RESTED)  # a button that was just being let free, half-way between two colours, is asked again
    return [_in_words(each) for each in frame.evaluate(_RUN, run_only)]


def _in_words(violation: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['html'][:160]} {node['failureSummary']}" for node in violation["nodes"][:3]]
    return "\n  ".join([f"{violation['id']} ({len(violation['nodes'])}): {violation['help']}", *places])
