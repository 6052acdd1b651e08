"""The website's own channel: its provider is the desk, which lays the message into the customer's widget."""

from __future__ import annotations

from collections.abc import Callable

from models.channels.base import Channel
from models.channels.outgoing import Handed, Parcel
from models.channels.profile import MIB, Account, Capabilities, Form

_FIVE, _LONGEST = 5 * MIB, 10_000


class Web(Channel):
    """`place` lays a parcel into the widget, once however often it is asked, and gives the number it lies under."""

    kind = "web"
    can = Capabilities(
        longest=_LONGEST,
        idempotent=True,
        media={"image": _FIVE, "audio": _FIVE, "video": _FIVE, "document": _FIVE},
        caption=_LONGEST,
        buttons=6,
        button_longest=80,
        receipts="read",
        formats=True,
        edits=True,
        deletes=True,
        quotes=True,
        live=True,
    )
    form = Form("Website", "The chat on your own pages.")

    def __init__(self, place: Callable[[Parcel], int] | None = None) -> None:
        self._place = place

    def send(self, account: Account, parcel: Parcel) -> Handed:
        assert self._place is not None, "only the delivery tasks bring what lays a parcel into a widget"
        return Handed("sent", provider_id=str(self._place(parcel)))
