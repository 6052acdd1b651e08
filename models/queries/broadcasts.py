"""Broadcasts as the console reads them: a list with reach, one with its figures, the ledger of its recipients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from models.db import one, rows, stream
from models.errors import NotFound
from models.queries import audiences, shapes, views
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import broadcasting, exporting, wording
from models.rules.broadcasting import Outcome

Row = dict[str, Any]

_BROADCASTS = """
select b.*, a.name as by_name, a.hue as by_hue, a.id as by_id, k.label as cluster_label
from broadcast b left join agent a on a.id = b.agent_id left join cluster k on k.id = b.cluster_id
"""


def row(broadcast_id: int) -> Row:
    found = one(f"{_BROADCASTS} where b.id = %s", (broadcast_id,))
    if found is None:
        raise NotFound()
    return found


def counts(broadcast_ids: list[int]) -> dict[int, dict[str, int]]:
    """How many recipients of each broadcast stand where, by `Outcome`, and all together as `total`. Tests count nowhere."""
    found = rows(
        "select broadcast_id, state, count(*)::int as n from recipient where broadcast_id = any(%s) and not trial"
        " group by broadcast_id, state",
        (broadcast_ids,),
    )
    counted = {each: {outcome.value: 0 for outcome in Outcome} for each in broadcast_ids}
    for each in found:
        counted[each["broadcast_id"]][each["state"]] = each["n"]
    return {number: {"total": sum(states.values()), **states} for number, states in counted.items()}


def out(found: Row, counted: dict[str, int]) -> Out:
    """A `BroadcastOut` from a row of `_BROADCASTS`."""
    moments = ("created_at", "updated_at", "scheduled_at", "started_at", "finished_at")
    return {
        **{
            key: found[key] for key in ("id", "title", "body", "state", "version", "audience_kind", "rate", "confirmed")
        },
        **{key: shapes.moment(found[key]) for key in moments},
        "cluster": {"id": found["cluster_id"], "label": found["cluster_label"] or ""} if found["cluster_id"] else None,
        "by": shapes.agent_brief(found, "by_"),
        "counts": counted,
    }


def brief(broadcast_id: int) -> Out | None:
    """A `BroadcastOut`, or None when it is gone."""
    found = one(f"{_BROADCASTS} where b.id = %s", (broadcast_id,))
    return out(found, counts([broadcast_id])[broadcast_id]) if found is not None else None


def page(viewer: Viewer, *, limit: int = 30, before: int | None = None) -> Out:
    """A `BroadcastPage`: the newest first, or those before the one with this number."""
    viewer.require(Permission.BROADCAST_PREPARE)
    found = rows(
        f"{_BROADCASTS} where (%(before)s::bigint is null or b.id < %(before)s) order by b.id desc limit %(limit)s",
        {"before": before, "limit": limit + 1},
    )
    shown = found[:limit]
    counted = counts([each["id"] for each in shown])
    return {
        "items": [out(each, counted[each["id"]]) for each in shown],
        "next": shown[-1]["id"] if len(found) > limit else None,
    }


def detail(viewer: Viewer, broadcast_id: int) -> Out:
    """A `BroadcastDetail`: with its audience, who was left out and why, and what became of it with those it reached."""
    viewer.require(Permission.BROADCAST_PREPARE)
    found = row(broadcast_id)
    skipped = rows(
        "select reason, count(*)::int as count from recipient where broadcast_id = %s and state = 'skipped' and not trial"
        " group by reason order by count desc, reason",
        (broadcast_id,),
    )
    reached = one(
        f"select count(*) filter (where {_SEEN})::int as seen, count(*) filter (where {_REPLIED})::int as replied"
        f" from recipient r {_NOTICE} where r.broadcast_id = %s and r.state = 'sent' and not r.trial",
        (broadcast_id,),
    )
    assert reached is not None
    return {
        **out(found, counts([broadcast_id])[broadcast_id]),
        "audience": found["audience"],
        "subject": found["subject"],
        "templates": found["templates"],
        "time_zone": _time_zone(),
        "names": views.names_in(found["audience"].get("filter") or found["audience"]),
        "left_out": skipped,
        **reached,
    }


def _time_zone() -> str | None:
    found = one("select hours ->> 'time_zone' as zone from desk where id = 1")
    return found["zone"] if found else None


def begun_for(viewer: Viewer, cluster_id: int) -> Out:
    """A `BroadcastStart`: what a broadcast to a cluster's people may begin with, from the answer that was found since."""
    viewer.require(Permission.BROADCAST_PREPARE)
    found = one(
        "select k.id, k.label, coalesce(a.body, s.answer, k.draft ->> 'body', '') as answer from cluster k"
        " left join article a on a.id = k.article_id left join service s on s.id = k.service_id where k.id = %s",
        (cluster_id,),
    )
    if found is None:
        raise NotFound()
    return {
        "cluster": {"id": found["id"], "label": found["label"]},
        "title": found["label"][: broadcasting.TITLE_MOST],
        "body": wording.made_good(found["label"], found["answer"], most=broadcasting.BODY_MOST),
    }


_NOTICE = (
    "left join notice n on n.recipient_id = r.id left join message m on m.id = n.message_id"
    " left join chat c on c.id = n.chat_id"
)
_SEEN = "(n.seen_at is not null or c.customer_read_seq >= m.pub_seq)"
# The customer wrote after it in the chat that it stands in.
_REPLIED = "(c.last_customer_at >= m.created_at)"

_RECIPIENTS = f"""
select r.id, r.customer_id, s.name, s.email, h.name as channel, r.trial, r.state, r.reason, r.error, r.attempts, r.settled_at,
       n.chat_id, coalesce({_SEEN}, false) as seen, coalesce({_REPLIED}, false) as replied
from recipient r join customer s on s.id = r.customer_id left join channel h on h.id = r.channel_id {_NOTICE}
where r.broadcast_id = %(broadcast)s
"""


def recipients(
    viewer: Viewer, broadcast_id: int, *, state: str | None = None, after: int | None = None, limit: int = 50
) -> Out:
    """A `RecipientPage` of the ledger, those of one state or all. `after`: the last number of the page before."""
    viewer.require(Permission.BROADCAST_PREPARE)
    row(broadcast_id)
    found = rows(
        f"{_RECIPIENTS} and r.id > %(after)s and (%(state)s::text is null or (r.state = %(state)s and not r.trial))"
        " order by r.id limit %(limit)s",
        {"broadcast": broadcast_id, "state": state, "after": after or 0, "limit": limit + 1},
    )
    shown = found[:limit]
    return {
        "items": [
            {
                "customer": {
                    "id": each["customer_id"],
                    "name": shapes.shown_name(each["name"], each["customer_id"]),
                    "hue": shapes.customer_hue(each["customer_id"]),
                },
                **{
                    key: each[key]
                    for key in (
                        "id", "channel", "trial", "state", "reason", "error", "attempts", "chat_id", "seen", "replied",
                    )
                },
                "settled_at": shapes.moment(each["settled_at"]),
            }
            for each in shown
        ],
        "next": shown[-1]["id"] if len(found) > limit else None,
    }  # fmt: skip


COLUMNS = (
    "recipient_id", "customer_id", "customer", "email", "channel", "state", "reason", "error", "attempts", "settled_at",
    "seen", "replied", "chat_id",
)  # fmt: skip


def ledger(broadcast_id: int) -> Iterator[str]:
    """The whole ledger as CSV, a line at a time. Whoever calls has decided that the viewer may."""
    found = stream(f"{_RECIPIENTS} and not r.trial order by r.id", {"broadcast": broadcast_id})
    named = (
        {**each, "recipient_id": each["id"], "customer": shapes.shown_name(each["name"], each["customer_id"])}
        for each in found
    )
    return exporting.lines("csv", COLUMNS, named)


def audience(viewer: Viewer, kind: str, meant: Row, templated: Sequence[int] = ()) -> Out:
    """An `AudienceOut`: who would be written to, and who not and why."""
    viewer.require(Permission.BROADCAST_PREPARE)
    return audiences.preview(viewer, kind, meant, templated)


def read_list(viewer: Viewer, text: str) -> Out:
    """A `ListRead`: whom a pasted list names, line by line."""
    viewer.require(Permission.BROADCAST_PREPARE)
    return audiences.from_list(text)
