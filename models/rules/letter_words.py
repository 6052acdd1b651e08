"""What customers read in letters and on the pages that links in them lead to: every word, and nothing of how it is laid out.

Another language is another copy of this file's words. What stands between braces is put in where they are used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LANGUAGE = "en"

HELLO = "Hello,"
HELLO_NAME = "Hello {customer},"
FILE = "File: {name}"
DAY = "{moment.day} {moment:%B %Y}"

REPLY_SUBJECT = "{who} from {desk} answered you"
REPLY_ONE = "{who} answered you:"
REPLY_MANY = "You have new answers:"
REPLY_BACK = "You can read everything and write back here:"

TRANSCRIPT_SUBJECT = "Your chat with {desk} on {day}"
TRANSCRIPT = "This is your chat with {desk} on {day}. Times are UTC."

CONFIRM_SUBJECT = "Is this your address? {desk} asks you to confirm it"
CONFIRM_ASKED = "Somebody who writes to {desk} {way} says that {address} is their e-mail address."
CONFIRM_IF_SO = "If that is you, confirm it here, so that you need not tell everything twice:"
CONFIRM_LINK = "Confirm {address}"
CONFIRM_IF_NOT = (
    "If it wasn’t you, ignore this letter: nothing happens. Only confirm what you started yourself, for whoever"
    " writes there will be taken for you. The link holds for two days."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it says, a button where there is something to decide, and under it what happens without."""

    title: str
    lines: Sequence[str]
    button: str = ""
    otherwise: str = ""


CONFIRM: Mapping[str, Page] = {
    "open": Page(
        "Is this your e-mail address?",
        (
            "Somebody who writes to {desk} {way} says that {address} is theirs.",
            (
                "If you confirm it, {desk} takes whoever writes there for you: what you have written before, by whichever"
                " way, is read together."
            ),
        ),
        "Yes, that is me",
        "If it wasn’t you, close this page. Nothing happens.",
    ),
    "confirmed": Page(
        "Thank you, that is confirmed",
        ("{desk} knows now that {address} is you. You can close this page and go on writing where you were.",),
    ),
    "used": Page(
        "This is confirmed already",
        ("{address} has been confirmed with this link before. There is nothing left to do.",),
    ),
    "expired": Page(
        "This link has expired",
        ("Links like this hold for two days. Ask {desk} for a new one where you write to them.",),
    ),
    "too_many": Page("That was too often", ("Wait a minute, and open the link from your letter again.",)),
    "unknown": Page(
        "This link leads nowhere",
        ("It may be cut off: open it from your letter again, or ask {desk} for a new one.",),
    ),
}
"""By what the link is worth."""

STOP = Page(
    "No more messages like this?",
    (
        "{desk} will send you no more messages like the one with this link. Answers to your own questions reach you as before.",
    ),
    "Yes, stop them",
    "If you want them, close this page. Nothing happens.",
)
STOPPED = Page(
    "Done",
    (
        "{desk} sends you no more messages like the one with this link. Answers to your own questions reach you as before.",
    ),
)
