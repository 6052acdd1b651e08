"""The files of a message that came in by a channel: fetched under the rules for everybody's, and kept; or why not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from models.actions import uploads
from models.actions.inbox import Taken
from models.channels.base import Channel
from models.channels.incoming import Media
from models.channels.profile import Account
from models.db import connection
from models.errors import Busy, DeskError, NotFound, TooLarge
from models.media.storage import incoming
from models.queries.access import Viewer, Visitor
from models.rules import spoken
from models.rules.media import MOST_BYTES
from models.schemas.media import MOST_FILES

MEDIA_S = 25.0
"""The files of one message may take so long altogether; it is tried again later if they take longer."""


class Later(Exception):
    """The provider does not give a file just now."""


@dataclass(frozen=True, slots=True)
class Got:
    """Files that were kept; what an agent reads of those that were not; what their customer is told."""

    ids: Sequence[int] = ()
    missing: Sequence[str] = ()
    apologies: Sequence[str] = ()


def fetch(taken: Taken, account: Account, channel: Channel, found: Sequence[Media], by: Viewer | Visitor) -> Got:
    ids: list[int] = []
    refused: list[tuple[str, str]] = []
    until = time.monotonic() + MEDIA_S
    for place, media in enumerate(found):
        if place >= MOST_FILES:
            refused.append((media.name, f"at most {MOST_FILES} files go with one message."))
            continue
        if time.monotonic() > until:
            raise Later("Its files took too long to fetch.")
        try:
            ids.append(_file(taken, account, channel, media, by))
        except Busy:
            raise
        except DeskError as refusal:
            refused.append((media.name, refusal.sentence))
    return Got(
        ids,
        [spoken.not_taken(name, why) for name, why in refused],
        [spoken.please_smaller(name, why) for name, why in refused],
    )


def _file(taken: Taken, account: Account, channel: Channel, media: Media, by: Viewer | Visitor) -> int:
    """Fetch one file and keep it, under the rules that hold for everybody's. Raises what `uploads` raises."""
    with connection():
        named = uploads.announced(by, media.name)
    if media.size is not None and media.size > MOST_BYTES:
        raise TooLarge()
    with incoming() as folder:
        file = folder / "file"
        fetched = channel.fetch(account, media, _named_in(taken, media), file, MOST_BYTES)
        match fetched.outcome:
            case "too_large":
                raise TooLarge()
            case "gone":
                raise NotFound(fetched.reason or "it is not there any more.")
            case "later":
                raise Later(fetched.reason)
        row = uploads.received(by, named, folder, file)
        number: int = row["id"]
        return number


def _named_in(taken: Taken, media: Media) -> bytes:
    """The update that named the file: for channels whose files travel inside it."""
    ref = media.ref.encode()
    return next((body for body in taken.bodies if ref in body), taken.bodies[0])
