"""Values of typed attributes: what each type takes, and what it makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import Invalid
from models.rules.attributes import LONGEST, checked

COLOURS = ("red", "green")


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  gold \n member ", "gold member"),
        ("number", 3, 3),
        ("number", -2.5, -2.5),
        ("number", 0, 0),
        ("date", "2026-03-31", "2026-03-31"),
        ("flag", False, False),
        ("choice", "green", "green"),
        ("link", "https://crm.example/people?id=7", "https://crm.example/people?id=7"),
        *(
            (kind, nothing, None)
            for kind in ("text", "number", "date", "flag", "choice", "link")
            for nothing in (None, "")
        ),
    ],
)
def test_a_value_is_kept_as_its_type_has_it(kind: str, given: Any, kept: Any) -> None:
    assert checked(kind, COLOURS, given) == kept
    assert type(checked(kind, COLOURS, given)) is type(kept)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", 7),
        ("text", "x" * (LONGEST + 1)),
        ("number", "7"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", 1e300),
        ("date", "31.03.2026"),
        ("date", "2026-02-30"),
        ("date", 20260331),
        ("flag", "yes"),
        ("flag", 1),
        ("choice", "blue"),
        ("choice", ["red"]),
        ("link", "javascript:alert(1)"),
        ("link", "//crm.example"),
        ("link", "https://"),
        ("link", "http://[::1"),
        ("link", 7),
        ("colour", "red"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(kind: str, given: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(kind, COLOURS, given)
    assert refusal.value.sentence.endswith(".")
