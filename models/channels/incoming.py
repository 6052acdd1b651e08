"""What comes in by a channel: a request of its provider's, the updates in it, and what each of them means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from models.channels.outgoing import Code
from models.rules.failures import Trigger
from models.rules.templates import State


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of the provider's, untouched. Header names are in lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Unreadable(ValueError):
    """A verified request that is not in a form this channel reads."""


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that came in, to be stored as it is before anybody looks into it."""

    provider_id: str
    """The same update has the same one, however often it comes."""

    sender: str
    """Whose line it stands in: those of one sender are done one after the other."""

    raw: bytes

    place: int = 0
    """The provider's own order, if it tells one; within a line the lower goes first."""

    bundle: str | None = None
    """Updates of one sender that are one message together: an album."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote, as far as the provider says. `proved` names what it vouches for: email, phone."""

    external_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    proved: Sequence[str] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What the channel needs to reach them, beside `external_id`."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that lies with the provider. `size` in bytes, where it is told."""

    ref: str
    name: str
    kind: Literal["image", "audio", "video", "document"] = "document"
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A customer wrote. Places, stickers and the like are words by now (`rules/spoken.py`)."""

    by: Person
    message_id: str
    """What the provider calls the message: replies, edits and receipts name it so."""

    text: str = ""
    media: Sequence[Media] = ()
    quotes: str | None = None
    """The message it replies to, by the provider's name for it."""

    subject: str = ""
    once: str = ""
    """Names this writing for good where `message_id` may not: mails of different words can have the same one."""

    answers_chat: int | None = None
    """The chat it answers, where the channel can tell for certain: its session goes on however long that is ago."""

    aside: Mapping[str, Any] = field(default_factory=dict)
    """Kept with the message under `data.channel`, for agents: where a mail came from, what vouches for it."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A customer changed what they wrote."""

    by: Person
    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of something we sent, long after it was handed over."""

    message_id: str
    state: Literal["delivered", "read", "failed"]
    reason: str = ""
    code: Code = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """A customer blocked us, or took us back."""

    by: Person
    reachable: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The provider thinks otherwise of a template now. `state`: where it may not be sent any more, and `unusable` says why;
    None where the list alone can tell what holds."""

    name: str
    language: str
    state: State | None = None
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A bot behind this channel could not answer a customer's question, and why; `candidates`: what came near."""

    by: Person
    message_id: str
    text: str
    reason: Trigger
    candidates: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class AgentWrote:
    """Somebody answered a letter of ours to an agent, and its signature holds. Whether it was the agent is not said by that."""

    agent_id: int
    chat_id: int
    letter_id: int
    address: str
    proved: bool
    """Whether the channel vouches for that address."""

    text: str
    message_id: str
    media: Sequence[Media] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for the desk, and why: a bounce, an automatic answer, a group's chatter."""

    why: str


Event = Written | Edited | Receipt | Reach | Judged | Failed | AgentWrote | Ignored


@dataclass(frozen=True, slots=True)
class Fetched:
    """How getting a file ended. `got`: it lies at the path that was given."""

    outcome: Literal["got", "gone", "too_large", "later"]
    reason: str = ""
    name: str = ""
    """What it is called, where the provider only tells now."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What lay there. `notes`: how far it was read, stored in the same transaction as the updates."""

    updates: Sequence[Update] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    unauthorized: bool = False
