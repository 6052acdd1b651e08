"""An open desk whose words are heard by the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.people import Colleague, make_agent, open_desk
from tests.support.told import Told, listening


@pytest.fixture(autouse=True)
def told(clean: None) -> Iterator[Told]:
    with listening() as told:
        open_desk()
        told.clear()
        yield told


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)
