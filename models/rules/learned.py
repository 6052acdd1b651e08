"""What the bot has learned about its services, as plain values between the worker that learns and the desk that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.rules.bars import Bars

Vector = list[float]
Origin = Literal["example", "own"]


@dataclass(frozen=True)
class Reading:
    """A text as a model read it: its vector, of length 1, and which model that was."""

    vector: Vector
    model_id: str


@dataclass(frozen=True)
class Lesson:
    """One text that leads to a service: a customer's phrasing, or the service's own name and words."""

    service_id: int
    origin: Origin
    vector: Vector


@dataclass(frozen=True)
class Direction:
    """How far a question leans to one service: `vector · question + bias`, softmax over all services."""

    service_id: int
    vector: Vector
    bias: float


@dataclass(frozen=True)
class Learned:
    directions: Sequence[Direction]
    bars: Bars
    examples: int
    accuracy: float
