"""How well the bot does, by definitions that cannot flatter: one row a bot session, then shares of them.

A bot session has at least one turn in which the bot looked for an answer; greetings and
thanks count for nothing. It is contained when nobody of it ever stood in the queue or met
a person. It comes back when the same customer, in a later session or a further chat of the
same one, asks something alike again.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from models.db import one, rows
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import periods
from models.rules.failures import SAME_QUESTION

FIXES = 50
LIKED = 4  # stars from which a rating is a yes

_SESSIONS = """
with turns as (
    select c.session_id, t.chat_id, t.message_id, t.outcome, t.at, t.model_id, t.embedding,
           exists (select from failed_response f where f.message_id = t.message_id and f.noise is null) as failed
    from bot_turn t join chat c on c.id = t.chat_id
    where t.outcome not in ('small_talk', 'settled') and t.at >= %(since)s and t.at < %(beyond)s
      and (%(channel)s::bigint is null or c.channel_id = %(channel)s)),
ordered as (
    select *, lag(failed) over (partition by session_id order by message_id) as failed_before,
           row_number() over (partition by session_id order by message_id desc) as from_end
    from turns),
bot_session as (
    select s.id, s.customer_id, s.created_at, max(o.at) as last_at, count(*)::int as turns,
           count(*) filter (where o.failed)::int as failed_turns,
           coalesce(bool_or(o.failed and o.failed_before), false) as twice,
           bool_or(o.failed) filter (where o.from_end = 1) as failed_last,
           bool_or(o.outcome = 'answered' and not o.failed) as answered
    from session s join ordered o on o.session_id = s.id
    where s.created_at >= %(since)s and s.created_at < %(until)s group by s.id),
judged as (
    select b.*,
        not exists (select from chat c where c.session_id = b.id and (c.queued_at is not null or c.owner_id is not null
                    or c.ended_owner_id is not null)) as contained,
        exists (select from chat c where c.session_id = b.id and (c.end_cause = 'bot_resolved' or c.rating >= %(liked)s))
            or exists (select from answer_feedback w join chat c on c.id = w.chat_id
                       where c.session_id = b.id and w.helped) as confirmed,
        exists (select from answer_feedback w join chat c on c.id = w.chat_id where c.session_id = b.id and not w.helped)
            or exists (select from chat c where c.session_id = b.id and c.rating <= 2) as disliked,
        (select min(later.at) from bot_turn later join chat c on c.id = later.chat_id join turns mine on mine.session_id = b.id
         where c.customer_id = b.customer_id and later.chat_id <> mine.chat_id and later.at > mine.at
           and later.at < b.last_at + interval '7 days' and later.model_id = mine.model_id
           and 1 - (later.embedding <=> mine.embedding) >= %(same)s) as came_back_at
    from bot_session b)
"""

_SHARES = """
select count(*)::int as sessions, coalesce(sum(turns), 0)::int as turns, coalesce(sum(failed_turns), 0)::int as failed_turns,
       count(*) filter (where failed_turns > 0)::int as failed_sessions,
       count(*) filter (where twice)::int as twice,
       count(*) filter (where contained)::int as contained,
       count(*) filter (where contained and came_back_at is null)::int as net,
       count(*) filter (where contained and confirmed and came_back_at is null)::int as confirmed,
       count(*) filter (where contained and not confirmed and not disliked and answered and not failed_last
                        and (came_back_at is null or came_back_at > last_at + interval '72 hours'))::int as assumed,
       count(*) filter (where contained and not confirmed and (disliked or failed_last or not answered))::int as abandoned
from judged
"""

_PARTS = {
    "fallback_rate": ("failed_turns", "turns"),
    "session_fallback_rate": ("failed_sessions", "sessions"),
    "double_fallback_rate": ("twice", "sessions"),
    "containment": ("contained", "sessions"),
    "net_containment": ("net", "sessions"),
    "confirmed_resolution": ("confirmed", "sessions"),
    "assumed_resolution": ("assumed", "sessions"),
    "abandoned": ("abandoned", "sessions"),
}


def report(
    viewer: Viewer, *, since: datetime | None = None, until: datetime | None = None, channel_id: int | None = None
) -> Out:
    """A `FailureFigures`."""
    since, until = _period(viewer, since, until)
    counted = _counted(since, until, channel_id)
    before = _counted(since - (until - since), since, channel_id)
    fixes = _fixes()
    times = sorted(each["time_to_fix_s"] for each in fixes if each["time_to_fix_s"] is not None)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "figures": [
            {
                "name": name,
                "part": counted[part],
                "whole": counted[whole],
                "share": _share(counted[part], counted[whole]),
                "before": _share(before[part], before[whole]),
            }
            for name, (part, whole) in _PARTS.items()
        ],
        "days": _days(since, until, channel_id),
        "backlog": _backlog(),
        "fixes": fixes,
        "median_time_to_fix_s": times[len(times) // 2] if times else None,
    }


def as_csv(
    viewer: Viewer, *, since: datetime | None = None, until: datetime | None = None, channel_id: int | None = None
) -> str:
    """The counts of each day of the period, one a line."""
    since, until = _period(viewer, since, until)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["day", "turns", "failed_turns", "sessions", "failed_sessions", "contained"])
    for each in _days(since, until, channel_id):
        writer.writerow(each.values())
    return out.getvalue()


def _params(since: datetime, until: datetime, channel_id: int | None) -> dict[str, Any]:
    return {
        "since": since,
        "until": until,
        "beyond": until + timedelta(days=7),
        "channel": channel_id,
        "liked": LIKED,
        "same": SAME_QUESTION,
    }


def _counted(since: datetime, until: datetime, channel_id: int | None) -> dict[str, Any]:
    found = one(_SESSIONS + _SHARES, _params(since, until, channel_id))
    assert found is not None
    return found


def _days(since: datetime, until: datetime, channel_id: int | None) -> list[Out]:
    return rows(
        _SESSIONS + "select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(turns)::int as turns,"
        " sum(failed_turns)::int as failed_turns, count(*)::int as sessions,"
        " count(*) filter (where failed_turns > 0)::int as failed_sessions,"
        " count(*) filter (where contained)::int as contained from judged group by 1 order by 1",
        _params(since, until, channel_id),
    )


def _backlog() -> Out:
    found = one(
        "select count(*)::int as clusters,"
        " percentile_cont(0.5) within group (order by extract(epoch from clock_timestamp() - first_seen_at)) as age,"
        " (select count(distinct f.customer_id)::int from failed_response f join cluster k on k.id = f.cluster_id"
        "  where k.status = 'open') as people,"
        " (select count(*)::int from failed_response where cluster_id is null and status = 'open' and noise is null)"
        " as singles from cluster where status = 'open'"
    )
    assert found is not None
    return {
        "clusters": found["clusters"],
        "people": found["people"],
        "singles": found["singles"],
        "median_age_s": round(found["age"]) if found["age"] is not None else None,
    }


def _fixes() -> list[Out]:
    """The newest fixes: failures a week in the (at most) four weeks before and since, and how long the fix took."""
    found = rows(
        "select c.id, c.label, c.fixed_at, c.reopened,"
        " extract(epoch from c.proved_at - c.first_seen_at)::int as time_to_fix_s,"
        " least(28, greatest(1, extract(epoch from c.fixed_at - c.first_seen_at) / 86400)) as days_before,"
        " least(28, extract(epoch from clock_timestamp() - c.fixed_at) / 86400) as days_after,"
        " count(f.id) filter (where f.created_at <= c.fixed_at and f.created_at > c.fixed_at - interval '28 days') as before,"
        " count(f.id) filter (where f.created_at > c.fixed_at and f.created_at <= c.fixed_at + interval '28 days') as after,"
        " (select 100 * r.fixed / nullif(r.fixed + r.failing, 0) from replay r where r.cluster_id = c.id"
        "  and r.purpose = 'after' and r.state = 'done' order by r.id desc limit 1) as percent"
        " from cluster c left join failed_response f on f.cluster_id = c.id"
        f" where c.fixed_at is not null and c.status <> 'merged' group by c.id order by c.fixed_at desc limit {FIXES}"
    )
    return [
        {
            "cluster": {"id": each["id"], "title": each["label"]},
            "fixed_at": each["fixed_at"].isoformat(),
            "before_week": round(7 * each["before"] / float(each["days_before"]), 2),
            "after_week": round(7 * each["after"] / float(each["days_after"]), 2) if each["days_after"] >= 1 else None,
            "percent": each["percent"],
            "time_to_fix_s": each["time_to_fix_s"],
            "reopened": each["reopened"],
        }
        for each in found
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _period(viewer: Viewer, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    viewer.require(Permission.FAILURE_REVIEW)
    now = one("select clock_timestamp() as now")
    assert now is not None
    return periods.chosen(now["now"], since, until)
