"""The website's own channel: its provider is the desk, which lays the message into the customer's widget."""

from __future__ import annotations

from collections.abc import Callable

from models.channels.base import Capabilities, Handed, Parcel
from models.rules.broadcasting import BODY_MOST

CAN = Capabilities(longest=BODY_MOST, idempotent=True)


class Web:
    """`place` lays a parcel into the widget, once however often it is asked, and gives the number it lies under."""

    kind = "web"
    can = CAN

    def __init__(self, place: Callable[[Parcel], int]) -> None:
        self._place = place

    def send(self, parcel: Parcel) -> Handed:
        return Handed("sent", provider_id=str(self._place(parcel)))
