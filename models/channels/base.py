"""What every channel can be asked, and in which words it answers.

A channel knows its provider and nothing of the desk: it is given an `Account` and plain values, and gives plain values
back. It never raises for the provider's sake and never takes longer than `WHOLE_S`. How a send ended is said as one of
four outcomes. `unknown` is only for what had left us when the line broke: whether it arrived nobody knows, and it is not
sent again.

A new channel is a subclass of `Channel` in a file of its own, named in `known.py`: docs/adding-a-channel.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from models.channels.incoming import Event, Fetched, Incoming, Media, Polled, Unreadable, Update
from models.channels.outgoing import Checked, Handed, Parcel, ToAgent
from models.channels.profile import Account, Capabilities, Form

CONNECT_S = 3.0
WHOLE_S = 10.0
"""Seconds that a connection may take to be made, and that one `send` may take in all."""


class Channel(ABC):
    """One kind of channel. Sending is what makes it one; whatever else a kind does not override it cannot do, and says so."""

    kind: ClassVar[str]
    can: ClassVar[Capabilities]
    form: ClassVar[Form]

    def sender(self, name: str, filled: Mapping[str, Any]) -> str | None:
        """From whom a message is, where its reader sees more than the channel's name. `filled`: its settings."""
        return None

    # the way in: pure, called by the front while the provider waits
    def greet(self, account: Account, incoming: Incoming) -> str | None:
        """The answer to a GET by which a provider makes sure of us; None: there is nothing here."""
        return None

    def verify(self, account: Account, incoming: Incoming) -> bool:
        """Whether a request comes from the provider, compared in constant time, over the raw body."""
        return False

    def split(self, account: Account, incoming: Incoming) -> Sequence[Update]:
        """The updates in a verified request. Raises `Unreadable`."""
        raise Unreadable

    def poll(self, account: Account) -> Polled:
        """Look for what came in, and hand over what is new. For `can.polled` alone; by a worker."""
        return Polled()

    def read(self, account: Account, raw: bytes) -> Sequence[Event]:
        """What a stored update means. Raises `Unreadable`, and then it is put aside for people to see."""
        raise Unreadable

    def original(self, raw: bytes) -> tuple[str, bytes] | None:
        """A stored update as people can open it elsewhere: its type (`message/rfc822`) and bytes. None where there is no such form."""
        return None

    # the network: called by workers alone, no transaction held
    def fetch(self, account: Account, media: Media, raw: bytes, into: Path, most: int) -> Fetched:
        """Write a file that a customer sent to the path, at most so many bytes. `raw`: the update that named it."""
        return Fetched("gone", "This channel has no files.")

    @abstractmethod
    def send(self, account: Account, parcel: Parcel) -> Handed:
        """Hand one parcel to the provider."""

    def amend(self, account: Account, parcel: Parcel) -> Handed:
        """Have `parcel.target` say `parcel.body` from now on. What says so already is `sent`."""
        return Handed("refused", "What was sent by this channel cannot be changed.", code="unsupported")

    def withdraw(self, account: Account, parcel: Parcel) -> Handed:
        """Take `parcel.target` back from the customer. What is gone already is `sent`."""
        return Handed("refused", "What was sent by this channel cannot be taken back.", code="unsupported")

    def write_to_agent(self, account: Account, letter: ToAgent, handing_over: Callable[[], None]) -> Handed:
        """Hand over a letter to one of the team. `handing_over` is called once, just before its text leaves us."""
        return Handed("refused", "This channel writes to customers alone.")

    def connect(self, account: Account, address: str) -> Checked:
        """Try the secrets and have the provider call us at `address` from now on. Doing it again changes nothing."""
        return Checked(False, "This channel cannot be tried.")

    def disconnect(self, account: Account) -> None:  # noqa: B027 - most providers need not be told
        """The channel is being removed: the provider shall not call any more. Never raises."""
