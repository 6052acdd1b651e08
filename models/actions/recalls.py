"""Corrections on their way: what an agent deleted or edited is deleted or edited where the customer reads it.

A correction is an entry of its own, so it has a delivery of its own, which stands in the chat's line behind the message
it is about: it never gets there first. Doing one again is harmless, so none of them ends as `unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from models.actions.chat_log import Row
from models.channels.profile import Capabilities
from models.db import one
from models.rules import delivering, marks
from models.rules.delivering import State

MAY_HAVE_ARRIVED = "It is not known whether that message arrived, so it cannot be found there."
IN_PIECES = "It went out as several messages, and the new words do not fit into them."


@dataclass(frozen=True, slots=True)
class Step:
    """One of the provider's messages, and what is to become of it. `caption`: its words stand under a file."""

    does: Literal["amend", "withdraw"]
    name: str
    body: str = ""
    caption: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a correction does, in order. With `objection` (code, reason) it cannot be done; with neither it is done."""

    steps: Sequence[Step] = ()
    objection: tuple[str, str] | None = None


def is_correction(row: Row) -> bool:
    """Whether this message of a delivery corrects another one."""
    return row["message_kind"] == "event" and row["data"].get("event") in delivering.CORRECTIONS


def plan(correction: Row, can: Capabilities, now: datetime) -> Plan:
    """What a correction has to do at the provider's, seeing how far the message that it is about has got."""
    target = one(
        "select m.body, m.data, m.deleted_at, d.state, d.provider_ids, d.settled_at from message m"
        " left join delivery d on d.message_id = m.id where m.id = %s",
        (correction["data"]["target_id"],),
    )
    if target is None or not target["provider_ids"]:
        lost = target is not None and target["state"] == State.UNKNOWN
        return Plan(objection=("unsupported", MAY_HAVE_ARRIVED) if lost else None)
    if correction["data"]["event"] == "message_deleted":
        hours = can.deletes_h
        if hours is not None and target["settled_at"] and now - target["settled_at"] > timedelta(hours=hours):
            return Plan(objection=("too_late", f"It was sent more than {hours} hours ago."))
        return Plan([Step("withdraw", name) for name in target["provider_ids"]])
    if target["deleted_at"] is not None:
        return Plan()
    cut = pieces(target["body"], target["data"], can)
    if len(cut) != len(target["provider_ids"]):
        return Plan(objection=("unsupported", IN_PIECES))
    return Plan(
        [
            Step("amend", name, part.body, caption=part.file is not None)
            for name, part in zip(target["provider_ids"], cut, strict=True)
            if part.body
        ]
    )


def pieces(body: str, data: Row, can: Capabilities) -> list[delivering.Part]:
    """A message as its channel takes it, without the marks of bold and the like where they mean nothing. An approved text
    goes whole.
    """
    if data.get("template"):
        return [delivering.Part(body)]
    return delivering.parts(
        body if can.formats else marks.without(body),
        [each["kind"] for each in data.get("attachments", ())],
        longest=can.longest,
        caption=can.caption,
        buttons=data.get("quick_replies", ()),
        most_buttons=can.buttons,
        together=can.together,
    )
