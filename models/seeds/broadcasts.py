"""Two broadcasts of the past on the demo desk: one that reached everybody it could, one that was cancelled half-way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.db import rows
from models.rules.audiences import Reason
from models.rules.broadcasting import Outcome, State
from models.seeds import bulk
from models.seeds.bulk import Row
from models.seeds.cast import Cast
from models.seeds.content import load
from models.tables.broadcasts import Broadcast, Notice, Recipient
from models.tables.customers import VisitorToken

_LOST_EVERY, _OFF_EVERY, _FAILED_EVERY, _SEEN_EVERY = 9, 14, 17, 3
KNOWN_FOR = timedelta(days=365)  # as long as anybody looks at one demo
_CANCELLED_AFTER = 0.5  # of those who were meant


@dataclass(frozen=True, slots=True)
class _Meant:
    """Somebody a broadcast was for, by their place among all of them."""

    customer_id: int
    place: int


def add_broadcasts(cast: Cast, channel_id: int, now: datetime) -> None:
    """Put both on a desk whose history has just been written. Most of its customers can be reached again."""
    _add_browsers(cast, channel_id, now)
    for content in load("broadcasts"):
        _add(content, cast, channel_id, now)


def _add_browsers(cast: Cast, channel_id: int, now: datetime) -> None:
    """A browser that nobody holds for most customers, so that a broadcast of one's own has somebody to go to."""
    bulk.insert(
        VisitorToken,
        [
            {
                "token_hash": f"demo:{key}",  # no token has this hash
                "customer_id": person.id,
                "channel_id": channel_id,
                "created_at": now,
                "seen_at": now,
                "expires_at": now + KNOWN_FOR,
            }
            for place, (key, person) in enumerate(cast.customers.items(), 1)
            if place % _LOST_EVERY
        ],
    )


def _add(content: Mapping[str, Any], cast: Cast, channel_id: int, now: datetime) -> None:
    tags = rows("select id from tag where name = any(%s) order by id", (content["tags"],))
    meant = rows(
        "select distinct c.customer_id from chat c join chat_tag t on t.chat_id = c.id where t.tag_id = any(%s)"
        " order by c.customer_id",
        ([each["id"] for each in tags],),
    )
    began = now - timedelta(days=content["days_ago"])
    cancelled = content["state"] == State.CANCELLED
    (number,) = bulk.take_ids(Broadcast, 1)
    bulk.insert(
        Broadcast,
        [
            {
                "id": number,
                **{key: content[key] for key in ("title", "body", "state", "rate")},
                "audience_kind": "tag",
                "audience": {"tag_ids": [each["id"] for each in tags]},
                "agent_id": cast.agents[content["agent"]].id,
                "version": 2,
                "created_at": began - timedelta(minutes=20),
                "updated_at": began,
                "frozen_at": began,
                "scheduled_at": began,
                "started_at": began,
                "finished_at": began + timedelta(seconds=len(meant) / content["rate"]),
            }
        ],
    )
    people = [_Meant(each["customer_id"], place) for place, each in enumerate(meant)]
    lines = [
        _line(each, number, channel_id, began, half=len(people) * _CANCELLED_AFTER if cancelled else None)
        for each in people
    ]
    ids = bulk.take_ids(Recipient, len(lines))
    numbered = [{"id": line_id, **line} for line_id, line in zip(ids, lines, strict=True)]
    bulk.insert(Recipient, numbered)
    bulk.insert(Notice, [_notice(each, place) for place, each in enumerate(numbered) if each["state"] == Outcome.SENT])


def _line(each: _Meant, number: int, channel_id: int, began: datetime, *, half: float | None) -> Row:
    """What became of one of them."""
    place = each.place + 1
    state, reason, error = Outcome.SENT, None, None
    if place % _OFF_EVERY == 0:
        state, reason = Outcome.SKIPPED, Reason.OPTED_OUT
    elif place % _LOST_EVERY == 0:
        state, reason = Outcome.SKIPPED, Reason.UNREACHABLE
    elif half is not None and each.place >= half:
        state, reason = Outcome.SKIPPED, Reason.CANCELLED
    elif place % _FAILED_EVERY == 0:
        state, error = Outcome.FAILED, "There is no such channel any more."
    at = began + timedelta(seconds=each.place * 0.05)
    return {
        "broadcast_id": number,
        "customer_id": each.customer_id,
        "channel_id": None if reason == Reason.UNREACHABLE else channel_id,
        "trial": False,
        "state": state,
        "reason": reason,
        "error": error,
        "attempts": 0 if state == Outcome.SKIPPED else 1,
        "due_at": began,
        "settled_at": began if reason and reason != Reason.CANCELLED else at,
        "created_at": began,
    }


def _notice(line: Row, place: int) -> Row:
    """It was put away by some of those who saw it, and is too old to lie there still for the others."""
    seen = line["settled_at"] + timedelta(hours=place % 30 + 1) if place % _SEEN_EVERY else None
    return {
        "recipient_id": line["id"],
        "customer_id": line["customer_id"],
        "channel_id": line["channel_id"],
        "placed_at": line["settled_at"],
        "seen_at": seen,
        "closed_at": line["settled_at"] + timedelta(days=2),
    }
