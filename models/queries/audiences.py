"""Whom a broadcast would go to, whom it leaves out, and why. One statement judges everybody who is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.channels.known import CHANNELS, KINDS
from models.db import as_json, one, rows
from models.queries import history, shapes
from models.queries.access import Viewer
from models.queries.shapes import Out
from models.rules import audiences, stopping, wording
from models.rules.audiences import Kind, Line
from models.rules.narrowing import narrowing
from models.settings import settings

Row = dict[str, Any]

SHOWN_LEFT_OUT = 100
"""People who are left out that a screen names one by one; the counts name all."""

ALIKE = 0.75
"""Cosine from which two questions of one person are the same question. Phrasings of one intent lie above it."""

# Each of these gives customer_id and helped, one row for each person who is meant.
_OF_CLUSTER = f"""
select f.customer_id, bool_and(f.helped) as helped from (
    select f.customer_id,
           exists (select from chat later where later.session_id = f.session_id and later.end_reason = 'resolved'
                   and later.ended_at > f.created_at)
           or exists (select from bot_turn t join chat asked on asked.id = t.chat_id
                      left join answer_feedback thumbs on thumbs.message_id = t.reply_id
                      where asked.customer_id = f.customer_id and t.at > f.created_at and t.outcome = 'answered'
                        and thumbs.helped is not false
                        and not exists (select from failed_response g where g.message_id = t.message_id)
                        and (lower(t.question) = lower(f.text)
                             or (t.model_id = f.model_id and 1 - (t.embedding <=> f.embedding) >= {ALIKE}))) as helped
    from failed_response f where f.cluster_id = %(cluster_id)s) f
group by f.customer_id
"""
"""The rule of who has been helped. A person's failed question is helped when, after it, an agent ended a chat of the same
session as "Customer Issue Resolved", or the bot answered the same question of the same person (the same words, or a
cosine of at least `ALIKE`) and that answer neither failed nor got a thumbs down. Whoever has one question of the cluster
that is not helped is written to."""

_OF_LIST = (
    "select distinct coalesce(joined_into_id, id) as customer_id, false as helped from customer"
    " where id = any(%(customer_ids)s::bigint[])"
)


def members(viewer: Viewer, kind: str, audience: Mapping[str, Any]) -> tuple[str, Row]:
    """A statement for everybody whom an audience means, with its parameters."""
    match Kind(kind):
        case Kind.CLUSTER:
            return _OF_CLUSTER, {"cluster_id": audience["cluster_id"]}
        case Kind.LIST:
            return _OF_LIST, {"customer_ids": audience["customer_ids"]}
        case Kind.TAG:
            criteria: Mapping[str, Any] = {"tag_ids": audience["tag_ids"], "state": "any"}
        case Kind.FILTER:
            criteria = audience["filter"]
    where, params = history.conditions(viewer, narrowing(criteria))
    return f"select distinct c.customer_id, false as helped from chat c where {' and '.join(where)}", params


# What is wrong with writing to a customer `s` now, whatever the broadcast.
UNWELCOME = """
case when s.erased_at is not null then 'erased'
     when exists (select from block b where b.lifted_at is null and (b.customer_id = s.id or b.address = s.address)
                  and (b.until is null or b.until > clock_timestamp())) then 'blocked'
     when s.broadcasts_off_at is not null then 'opted_out' end
"""
_JUDGED = f"""
select s.id as customer_id, s.name, way.channel_id, coalesce(way.closed, false) as closed,
       coalesce({UNWELCOME}, case when m.helped then 'helped' when way.channel_id is null then 'unreachable'
                when way.blocked then 'blocks_us'
                when way.closed and way.channel_id <> all(%(templated)s::bigint[]) then 'window_closed' end) as reason
from members m join customer s on s.id = m.customer_id
left join lateral (
    select channel_id, blocked, closed from (
        select t.channel_id, t.seen_at as at, false as blocked, false as closed
        from visitor_token t join channel h on h.id = t.channel_id
        where t.customer_id = s.id and t.expires_at > clock_timestamp() and h.kind = 'web'
        union all
        select i.channel_id, i.last_in_at, i.unreachable_at is not null,
               not coalesce(i.last_in_at > clock_timestamp() - make_interval(hours => (%(windows)s::jsonb ->> h.kind)::int), true)
               or (i.last_in_at is null and %(windows)s::jsonb ? h.kind)
        from identity i join channel h on h.id = i.channel_id
        where i.customer_id = s.id and h.kind = any(%(kinds)s) and h.archived_at is null
    ) ways order by blocked, closed, at desc nulls last limit 1) way on true
"""
"""The way on which most can be said: one that is free before one that takes templates alone, and those before one that is
blocked; of several the last that they used."""


def judged(viewer: Viewer, kind: str, audience: Mapping[str, Any], templated: Sequence[int] = ()) -> tuple[str, Row]:
    """A statement that gives everybody who is meant, where to reach them, and the reason why not, if there is one.

    `templated`: channels for which a template was chosen. Columns: customer_id, name, channel_id, closed (only a template
    goes there now), reason (`rules/audiences.py`; null: is written to).
    """
    meant, params = members(viewer, kind, audience)
    return f"with members as ({meant}) {_JUDGED}", {
        **params,
        "kinds": [kind for kind in KINDS if kind != "web"],
        "templated": list(templated),
        "windows": as_json({kind: can.window_h for kind, can in KINDS.items() if can.window_h is not None}),
    }


def preview(viewer: Viewer, kind: str, audience: Mapping[str, Any], templated: Sequence[int] = ()) -> Out:
    """An `AudienceOut`: how many are written to, by which ways, and who is left out and why."""
    everybody, params = judged(viewer, kind, audience, templated)
    counts = rows(
        f"select reason, count(*)::int as n from ({everybody}) judged group by reason order by n desc", params
    )
    named = rows(
        f"select * from ({everybody}) judged where reason is not null order by reason, customer_id limit %(most)s",
        {**params, "most": SHOWN_LEFT_OUT},
    )
    return {
        "reachable": sum(each["n"] for each in counts if each["reason"] is None),
        "left_out": [{"reason": each["reason"], "count": each["n"]} for each in counts if each["reason"]],
        "ways": _ways(viewer, kind, audience, templated),
        "people": [
            {
                "customer": {
                    "id": each["customer_id"],
                    "name": shapes.shown_name(each["name"], each["customer_id"]),
                    "hue": shapes.customer_hue(each["customer_id"]),
                },
                "reason": each["reason"],
            }
            for each in named
        ],
    }


def _ways(viewer: Viewer, kind: str, audience: Mapping[str, Any], templated: Sequence[int]) -> list[Out]:
    """A `WayOut` for each channel that reaches somebody, or would with a template; the one with most people first."""
    everybody, params = judged(viewer, kind, audience, templated)
    found = rows(
        "select h.id, h.kind, h.name, h.settings, count(*) filter (where j.reason is null and not j.closed)::int as free,"
        " count(*) filter (where j.reason is null and j.closed)::int as by_template,"
        " count(*) filter (where j.reason = 'window_closed')::int as closed"
        f" from ({everybody}) j join channel h on h.id = j.channel_id"
        " where j.reason is null or j.reason = 'window_closed' group by h.id order by count(*) desc, h.id",
        params,
    )
    return [
        {
            "channel": {"id": each["id"], "kind": each["kind"], "name": each["name"]},
            "can": shapes.can(KINDS[each["kind"]]),
            "free": each["free"],
            "by_template": each["by_template"],
            "closed": each["closed"],
            "sender": CHANNELS[each["kind"]].sender(each["name"], each["settings"]),
            "stop": wording.how_to_stop(example_stop()) if each["kind"] != "web" else None,
        }
        for each in found
    ]


def example_stop() -> str:
    """Where nobody stops broadcasts: as long as the real thing, and no key to anybody's."""
    return stopping.address(settings().public_url, settings().secret_key, 0)


def from_list(text: str) -> Out:
    """A `ListRead`: whom the lines of a pasted list name, and what is wrong with each line that names nobody.

    Of several customers with one address the newest is meant.
    """
    lines = list(audiences.read(text))
    known = _known([line for line in lines if line.readable])
    ids: dict[int, None] = {}
    bad: list[Out] = []
    for line in lines:
        found = known.get(line.key)
        problem = (
            "unreadable" if not line.readable else "unknown" if found is None else "twice" if found in ids else None
        )
        if problem is not None:
            bad.append({"line": line.number, "text": line.text[:120], "problem": problem})
        elif found is not None:
            ids[found] = None
    return {
        "customer_ids": list(ids)[: audiences.LIST_MOST],
        "bad": bad[: audiences.BAD_SHOWN],
        "bad_count": len(bad),
        "cut": len(ids) > audiences.LIST_MOST,
    }


def _known(lines: list[Line]) -> dict[tuple[int | None, str | None], int]:
    found = rows(
        "select id, null as email from customer where id = any(%(ids)s::bigint[])"
        " union all select id, email from (select distinct on (lower(email)) id, lower(email) as email from customer"
        " where lower(email) = any(%(emails)s::text[]) and joined_into_id is null order by lower(email), id desc) addressed",
        {
            "ids": [line.customer_id for line in lines if line.customer_id],
            "emails": [line.email for line in lines if line.email],
        },
    )
    return {(None, each["email"]) if each["email"] else (each["id"], None): each["id"] for each in found}


def reachable(viewer: Viewer, kind: str, audience: Mapping[str, Any]) -> int:
    """How many would be written to now."""
    everybody, params = judged(viewer, kind, audience)
    found = one(f"select count(*)::int as n from ({everybody}) judged where reason is null", params)
    assert found is not None
    number: int = found["n"]
    return number
