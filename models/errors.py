"""What can go wrong in the trade, in words that know nothing of HTTP.

Each error carries a fixed `code` (a catalogue key for the screens), a plain
English sentence for logs and for API readers, and `detail`: the facts a caller
needs to go on, such as who won a race. `web/errors.py` gives each a status.
"""

from __future__ import annotations

from typing import Any


class DeskError(Exception):
    """The base of every refusal the desk makes on purpose."""

    code = "refused"
    sentence = "That cannot be done."

    def __init__(self, sentence: str | None = None, *, code: str | None = None, **detail: Any) -> None:
        self.code = code or type(self).code
        self.sentence = sentence or type(self).sentence
        self.detail = detail
        super().__init__(f"{self.code}: {self.sentence}")


class NotFound(DeskError):
    """There is no such thing, or it is not yours: the two look alike on purpose."""

    code = "not_found"
    sentence = "There is nothing here by that name."


class Refused(DeskError):
    """The caller is known and may not do this, whatever the state."""

    code = "forbidden"
    sentence = "Your role does not allow this."


class SignedOut(DeskError):
    """Nobody is signed in, or the session has ended."""

    code = "signed_out"
    sentence = "Sign in to go on."


class Conflict(DeskError):
    """The world changed first: a lost race, or a command that does not fit the state."""

    code = "state_conflict"
    sentence = "Somebody was faster."


class Invalid(DeskError):
    """The request itself is wrong, or a business guard says no (full, offline, no reason)."""

    code = "invalid"
    sentence = "Something in the request is not right."


class TooLarge(DeskError):
    """What was sent is longer than this place takes."""

    code = "too_large"
    sentence = "This file is larger than 5 MB."


class WrongBody(DeskError):
    """What was sent is not in a form this place reads, whatever it says."""

    code = "wrong_body"
    sentence = "Send the file itself as the body of the request."


class TooMany(DeskError):
    """A limit on how often was passed; `retry_after_s` in the detail says when to come back."""

    code = "too_many"
    sentence = "That was too often. Wait a moment."


class Busy(DeskError):
    """The desk sheds load; `retry_after_ms` in the detail says when to come back."""

    code = "busy"
    sentence = "The desk is busy. Try again in a moment."
