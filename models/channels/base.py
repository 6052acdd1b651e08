"""What every channel can be asked, and in which words it answers.

A channel knows its provider and nothing of the desk. It never raises for the provider's sake and never takes longer
than `WHOLE_S`: what happened is said as one of four outcomes. `unknown` is only for what had left us when the line
broke: whether it arrived nobody knows, and it is not sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

WHOLE_S = 10.0
"""Seconds that one `send` may take in all."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one customer. `key` names it to the provider: the same key is the same message."""

    recipient_id: int
    broadcast_id: int
    customer_id: int
    channel_id: int
    kind: str
    body: str
    attempt: int

    @property
    def key(self) -> str:
        return f"broadcast-{self.broadcast_id}-{self.recipient_id}"


@dataclass(frozen=True, slots=True)
class Handed:
    """How handing a parcel over ended, and in whose words.

    `sent`: the provider has it. `refused`: it never will. `later`: it did not take it, and may at another time,
    not before `retry_after_s` where it says so. `unknown`: it left us, and no answer came.
    """

    outcome: Literal["sent", "refused", "later", "unknown"]
    reason: str = ""
    provider_id: str | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel is good for."""

    longest: int
    """Characters of one message."""

    idempotent: bool
    """Whether sending the same key again is harmless. If not, what was claimed and never recorded stays `unknown`."""


class Channel(Protocol):
    """One kind of channel."""

    kind: str
    can: Capabilities

    def send(self, parcel: Parcel) -> Handed:
        """Hand one parcel to the provider."""
