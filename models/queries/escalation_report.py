"""What became of the escalations of a period: outcomes, reasons and times; by day, by team and by agent."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from models.db import one, rows
from models.queries import shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import periods
from models.rules.escalating import OfferState
from models.rules.spreadsheets import defused

MOST_LINES = 50_000  # of a CSV file: what a spreadsheet still opens with ease

_TO_ACCEPT = "extract(epoch from o.decided_at - o.made_at)) filter (where o.state = 'accepted')"

_COUNTED = (
    "count(*)::int as offered, "
    + ", ".join(f"count(*) filter (where o.state = '{state}')::int as {state}" for state in OfferState)
    + f", percentile_cont(0.5) within group (order by {_TO_ACCEPT} as median"
    + f", percentile_cont(0.9) within group (order by {_TO_ACCEPT} as p90"
)

_PERIOD = (
    "o.made_at >= %(since)s and o.made_at < %(until)s"
    " and (%(team)s::bigint is null or o.target_team_id = %(team)s or o.chat_id in"
    " (select c.id from chat c where c.team_id = %(team)s))"
)


def report(
    viewer: Viewer, *, since: datetime | None = None, until: datetime | None = None, team_id: int | None = None
) -> Out:
    """An `EscalationReport`. With a team: offers to it, and of chats that are its own."""
    params = _period(viewer, since, until, team_id)
    counted = f"select {_COUNTED} from escalation o where {_PERIOD}"
    whole = one(counted, params)
    assert whole is not None
    days = rows(
        f"select to_char(o.made_at at time zone 'UTC', 'YYYY-MM-DD') as day, {_COUNTED} from escalation o where {_PERIOD}"
        " group by 1 order by 1",
        params,
    )
    teams = rows(
        f"select t.id as team_id, t.name as team_name, t.hue as team_hue, {_COUNTED} from escalation o"
        f" left join team t on t.id = o.target_team_id where {_PERIOD} and o.target_agent_id is null"
        " group by t.id order by offered desc, t.name",
        params,
    )
    reasons = rows(
        "select r.reason, count(*)::int as count from ("
        f" select o.reason from escalation o where {_PERIOD} and o.state = 'rejected' and o.target_agent_id is not null"
        f" union all select w.reason from escalation o join escalation_answer w on w.escalation_id = o.id where {_PERIOD}"
        " and w.declined_at is not null and o.target_agent_id is null) r group by 1 order by count desc, reason",
        params,
    )
    return {
        "since": shapes.moment(params["since"]),
        "until": shapes.moment(params["until"]),
        "all": _outcomes(whole),
        "days": [{"day": each["day"], **_outcomes(each)} for each in days],
        "teams": [{"team": shapes.team_brief(each, "team_"), **_outcomes(each)} for each in teams],
        "agents": _agents(params),
        "rejections": reasons,
    }


def _agents(params: dict[str, Any]) -> list[Out]:
    """Offers made to each by name or taken by them from a team, those that came from them, and their declines."""
    found = rows(
        "select a.id as agent_id, a.name as agent_name, a.hue as agent_hue, m.made, d.declined, c.*"
        " from agent a"
        f" cross join lateral (select {_COUNTED} from escalation o where {_PERIOD} and (o.target_agent_id = a.id"
        "   or (o.target_agent_id is null and o.decided_by_id = a.id and o.state = 'accepted'))) c"
        f" cross join lateral (select count(*)::int as made from escalation o where {_PERIOD} and o.origin_id = a.id"
        "   and o.previous_id is null) m"
        " cross join lateral (select count(*)::int as declined from escalation_answer w join escalation o"
        f"   on o.id = w.escalation_id where {_PERIOD} and w.agent_id = a.id and w.declined_at is not null"
        "   and o.target_agent_id is null) d"
        " where c.offered > 0 or m.made > 0 or d.declined > 0 order by a.name, a.id",
        params,
    )
    return [
        {
            "agent": shapes.agent_brief(each, "agent_"),
            "made": each["made"],
            "declined": each["declined"],
            **_outcomes(each),
        }
        for each in found
    ]


def _outcomes(row: dict[str, Any]) -> Out:
    return {
        "offered": row["offered"],
        **{state.value: row[state.value] for state in OfferState},
        "accept_median_s": round(row["median"]) if row["median"] is not None else None,
        "accept_p90_s": round(row["p90"]) if row["p90"] is not None else None,
    }


def _period(viewer: Viewer, since: datetime | None, until: datetime | None, team_id: int | None) -> dict[str, Any]:
    viewer.require(Permission.REPORT_READ)
    now = one("select clock_timestamp() as now")
    assert now is not None
    since, until = periods.chosen(now["now"], since, until)
    return {"since": since, "until": until, "team": team_id}


_COLUMNS = (
    "id",
    "chat",
    "made_at",
    "from",
    "to",
    "note",
    "expected_at",
    "outcome",
    "decided_at",
    "decided_by",
    "seconds",
    "reason",
    "reason_note",
)


def as_csv(
    viewer: Viewer, *, since: datetime | None = None, until: datetime | None = None, team_id: int | None = None
) -> str:
    """The offers of the period, one a line, the newest first; cells that a spreadsheet would calculate are defused."""
    found = rows(
        "select o.id, o.chat_id, o.made_at, f.name as origin, coalesce(a.name, t.name, 'Supervisors') as target, o.note,"
        " o.expected_at, o.state, o.decided_at, d.name as decided_by,"
        " extract(epoch from o.decided_at - o.made_at)::int as seconds, o.reason, o.reason_note"
        " from escalation o join agent f on f.id = o.origin_id left join agent a on a.id = o.target_agent_id"
        " left join team t on t.id = o.target_team_id left join agent d on d.id = o.decided_by_id"
        f" where {_PERIOD} order by o.id desc limit {MOST_LINES}",
        _period(viewer, since, until, team_id),
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for each in found:
        writer.writerow([_cell(value) for value in each.values()])
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "" if value is None else defused(str(value))
