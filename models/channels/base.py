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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from models.rules.failures import Trigger
from models.rules.templates import State

CONNECT_S = 3.0
WHOLE_S = 10.0
"""Seconds that a connection may take to be made, and that one `send` may take in all."""

MIB = 1024 * 1024


# --- what a channel is ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel is good for. The composer and the preview of broadcasts are drawn from this, and senders obey it."""

    longest: int
    """Characters of one message. A longer text goes as several."""

    idempotent: bool
    """Whether sending the same key again is harmless. If not, what was claimed and never recorded stays `unknown`."""

    media: Mapping[str, int] = field(default_factory=dict)
    """Kinds of files (image, audio, video, document) that can be sent, each with its most bytes."""

    caption: int = 0
    """Characters that go under one file; 0: files go without words, which follow in a message of their own."""

    together: bool = False
    """Whether all files of a message go with its words as one."""

    buttons: int = 0
    """Quick replies that can be offered under one message; 0: they are written out in it."""

    button_longest: int = 20

    window_h: int | None = None
    """Hours after the customer's last words in which anything may be written; None: always."""

    templates: bool = False
    """Whether approved templates may be sent when the window is closed. Which there are it notes in `Checked.notes` under
    `templates`, as `rules/templates.stored` makes them, or under `templates_fault` why it could not read them."""

    receipts: Literal["sent", "delivered", "read"] = "sent"
    """The most that the provider tells of a message: that it took it, that it arrived, that it was read."""

    edits: bool = False
    """Whether what was sent can be changed at the customer's (`amend`)."""

    deletes: bool = False
    """Whether what was sent can be taken back there (`withdraw`)."""

    deletes_h: int | None = None
    """Hours after sending in which it can; None: always."""

    quotes: bool = False
    """Whether a message can refer to an earlier one."""

    per_second: float = 20.0
    """Messages a second, over all conversations."""

    burst: int = 5

    pause_s: float = 0.0
    """Seconds between two messages to the same person."""

    subjects: bool = False
    """Whether a message has a subject line: a broadcast is asked for one."""

    formats: bool = False
    """Whether the marks of bold, italic and code mean there what they mean on the website. Where not, words go without
    them (`rules/marks.py`)."""

    live: bool = False
    """Whether the customer sits in front of it. Where not, silence means nothing, and what the desk says by the way is not sent."""

    chatty: bool = True
    """Whether what the desk says by the way (a line to wait in, who joined) is sent. Where not, only what is worth a letter."""

    polled: bool = False
    """Whether a worker has to look for what came in (`poll`); else the provider calls (`verify`, `split`)."""

    body_most: int = MIB
    """Bytes of one request of the provider's, or of one polled update."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a channel's settings form. The console draws it, the desk checks it, a secret is stored sealed."""

    name: str
    label: str
    kind: Literal["text", "secret", "number", "flag", "choice", "long_text"] = "text"
    help: str = ""
    required: bool = True
    default: str | int | bool | None = None
    choices: Sequence[tuple[str, str]] = ()
    """For `choice`: what is stored and what is shown."""
    most: int = 500


@dataclass(frozen=True, slots=True)
class Form:
    """How a channel is connected: what it is called, what has to be filled in, where that is explained."""

    title: str
    blurb: str
    fields: Sequence[Field] = ()
    docs: str = ""
    """The page of docs/channels/ that leads through it."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured channel, its secrets open. Only ever held for the length of one call, and never logged."""

    id: int
    kind: str
    name: str
    public_key: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    notes: Mapping[str, Any]
    """What the channel wrote down itself when it was checked or polled."""


# --- the way in -------------------------------------------------------------------------------------------


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


# --- the way out ------------------------------------------------------------------------------------------

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
