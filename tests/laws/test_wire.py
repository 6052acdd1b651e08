"""Law 8: the types of the front end are those of the schemas."""

from __future__ import annotations

import pytest

from cli import types
from models.live import Event
from models.schemas import events
from models.schemas.people import AgentBrief


def stale() -> bool:
    return types.TARGET.read_text() != types.typescript()


def test_the_generated_types_are_fresh() -> None:
    assert not stale(), "The screens believe wire.gen.ts: run `make types` and commit what it wrote."


def test_a_changed_schema_makes_them_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(events.TO_CONSOLE, Event.ALERT, AgentBrief)
    assert stale()


def test_whatever_is_told_is_on_the_wire() -> None:
    assert set(events.TO_CONSOLE) | set(events.TO_VISITOR) == set(Event), "an event nobody can read is told in vain"
