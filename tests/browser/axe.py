"""axe-core, asked about one document at a time: WCAG 2.0 to 2.2, A and AA, and the best practices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Frame

SOURCE = Path(__file__).resolve().parents[2] / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """() => axe.run(document, {
  iframes: false,  // each frame is asked by itself
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
}).then(found => found.violations)"""


def violations(frame: Frame) -> list[str]:
    """What keeps somebody out, one line for each kind, with the first places where it does."""
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(f"() => {{ {SOURCE.read_text()} }}")
    return [_in_words(each) for each in frame.evaluate(_RUN)]


def _in_words(violation: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['html'][:160]} {node['failureSummary']}" for node in violation["nodes"][:3]]
    return "\n  ".join([f"{violation['id']} ({len(violation['nodes'])}): {violation['help']}", *places])
