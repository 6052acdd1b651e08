"""The team that is asked, whoever asks, and a customer."""

from __future__ import annotations

import pytest

from tests.support.people import (
    Colleague,
    Customer,
    make_agent,
    make_customer,
    make_team,
)


@pytest.fixture
def billing() -> int:
    return make_team("Billing")


@pytest.fixture
def ben(billing: int) -> Colleague:
    return make_agent("Ben Hale", teams=(billing,))


@pytest.fixture
def cleo(billing: int) -> Colleague:
    return make_agent("Cleo Park", teams=(billing,))


@pytest.fixture
def rosa() -> Customer:
    return make_customer("Rosa")
