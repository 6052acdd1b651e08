"""What is refused, in one word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.errors import DeskError


def refused(action: Callable[..., object], *args: Any, **named: Any) -> str:
    """The code with which the desk refuses it. What is done instead is a failure of the test."""
    with pytest.raises(DeskError) as refusal:
        action(*args, **named)
    return refusal.value.code
