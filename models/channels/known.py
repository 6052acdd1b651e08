"""Which kinds of channel there are. One line for each; the rest of a kind stands in its own file."""

from __future__ import annotations

from collections.abc import Mapping

from models.channels.api import Api
from models.channels.base import Channel
from models.channels.email import Email
from models.channels.profile import Capabilities
from models.channels.telegram import Telegram
from models.channels.web import Web
from models.channels.whatsapp import WhatsApp

CHANNELS: Mapping[str, Channel] = {each.kind: each for each in (Web(), Api(), Telegram(), WhatsApp(), Email())}

KINDS: Mapping[str, Capabilities] = {kind: channel.can for kind, channel in CHANNELS.items()}

LIVE = tuple(kind for kind, can in KINDS.items() if can.live)
"""Kinds whose customers sit in front of it, so that their silence means something."""

WINDOWED = tuple(kind for kind, can in KINDS.items() if can.window_h is not None)
"""Kinds by which not everything may be written at any time."""

EDITING = tuple(kind for kind, can in KINDS.items() if can.edits)
DELETING = tuple(kind for kind, can in KINDS.items() if can.deletes)
"""Kinds by which corrections reach the customer: `actions/recalls.py`."""

QUIET = tuple(kind for kind, can in KINDS.items() if not can.chatty)
"""Kinds by which only what is worth a letter is sent: `rules/delivering.py`."""
