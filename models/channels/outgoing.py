"""What goes out by a channel, and how that ended: `sent`, `refused`, `later` or `unknown`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Code = Literal[
    "", "unauthorized", "unreachable", "window_closed", "too_long", "unsupported", "no_address", "template", "too_late"
]
"""What a refusal means for the desk. `unauthorized` pauses the channel, `unreachable` marks the customer."""


@dataclass(frozen=True, slots=True)
class File:
    """One file to send, whole."""

    name: str
    kind: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    """What goes into one gap of a template (`rules/templates.py`)."""

    name: str
    text: str
    place: Literal["header", "body", "button"] = "body"
    button: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """An approved text of the provider's, with what goes in its gaps, in order."""

    name: str
    language: str
    values: Sequence[Value] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message for one customer, or one part of it. `key` names it to the provider: the same key is the same message."""

    row_id: int
    """The recipient of a broadcast, or the delivery of a chat, that this is."""

    broadcast_id: int | None = None
    part: int = 0
    customer_id: int
    channel_id: int
    kind: str
    to: str = ""
    """The customer's external id on this channel."""

    to_notes: Mapping[str, Any] = field(default_factory=dict)
    """What the channel noted of them (`Person.notes`)."""

    body: str
    file: File | None = None
    also: Sequence[File] = ()
    """Further files of the same message, where the channel takes them together (`Capabilities.together`)."""

    buttons: Sequence[str] = ()
    template: Template | None = None
    reply_to: str | None = None
    """The message it answers, by the provider's name for it."""

    author: str = ""
    automatic: bool = False
    """No person wrote it: the bot or the desk did."""

    subject: str = ""
    stop: str = ""
    """For a broadcast: the address where its reader stops them. Where it is not said in the words already, it goes with them."""

    chat_id: int | None = None
    message_id: int | None = None
    thread: Sequence[str] = ()
    """The provider's names for the newest messages of this chat, oldest first."""

    attempt: int = 1

    does: Literal["send", "amend", "withdraw"] = "send"
    target: str = ""
    """What is amended or withdrawn, by the provider's name for it."""
    captioned: bool = False
    """Whether the words that are amended stand under a file."""

    @property
    def key(self) -> str:
        if self.broadcast_id is not None:
            return f"broadcast-{self.broadcast_id}-{self.row_id}"
        return f"delivery-{self.row_id}-{self.part}"


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
    code: Code = ""
    holds: Literal["channel", "person"] = "channel"
    """Whom `retry_after_s` makes wait: everybody, or this customer alone."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How a look at the provider ended. `notes` replace those of the same name; `account` says who we are there."""

    connected: bool
    reason: str = ""
    code: Code = ""
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToAgent:
    """A letter to one of the team about a chat. `number` names it for good. `answerable`: by its signature, and by that alone."""

    number: int
    chat_id: int
    agent_id: int
    to: str
    subject: str
    text: str
    answerable: bool
