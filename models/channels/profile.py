"""What a channel is good for, how it is connected, and one that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

MIB = 1024 * 1024


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
