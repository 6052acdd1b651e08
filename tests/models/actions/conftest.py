"""An open desk whose words are heard by the test, and the people who are there in most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.people import Colleague, Customer, make_agent, make_customer, open_desk
from tests.support.told import Told, listening


@pytest.fixture(autouse=True)
def told(clean: None) -> Iterator[Told]:
    with listening() as told:
        open_desk()
        told.clear()
        yield told


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz")


@pytest.fixture
def ben() -> Colleague:
    return make_agent("Ben Hale")


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor")


@pytest.fixture
def customer() -> Customer:
    return make_customer("Rosa Lind")
