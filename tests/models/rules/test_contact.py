"""Addresses and numbers: slips of the finger are found, odd but real ones pass."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules import contact


@pytest.mark.parametrize(
    "given", ["ada@example.com", " ada@example.com ", "a+b.c@sub.example.co.uk", "ü@münchen.example"]
)
def test_an_address_is_kept_trimmed(given: str) -> None:
    assert contact.email(given) == given.strip()


@pytest.mark.parametrize(
    "given",
    ["", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@@example.com", "ada@exa..mple.com",
     "ada@example.com\nBcc: all@example.com", "ada@example.com, eve@example.com", "<ada@example.com>", "x" * 250 + "@e.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_field(given: str) -> None:
    with pytest.raises(Invalid) as refusal:
        contact.email(given, field="to")
    assert refusal.value.detail["fields"].keys() == {"to"}


@pytest.mark.parametrize("given", ["+49 30 1234567", "(030) 123-45", "0800.123", "1234"])
def test_a_number_is_kept_as_typed(given: str) -> None:
    assert contact.phone(given) == given


@pytest.mark.parametrize("given", ["", "call me", "12", "+", "-----", "1" * 60, "12345; drop"])
def test_what_cannot_be_dialled_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        contact.phone(given)
