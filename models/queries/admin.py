"""What supervisors and admins see of the desk: accounts, teams with what each decides for itself, settings, the audit."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries import agents, shapes, terms
from models.queries.shapes import Out
from models.rules import escalating

# An account is shown with what it has itself, beside what holds for it.
_ACCOUNTS = (
    "select now.*, a.agent_limit as own_limit,"
    " (select max(s.seen_at) from agent_session s where s.agent_id = now.id) as last_seen_at"
    f" from ({agents.AGENTS}) now join agent a on a.id = now.id"
)


def accounts() -> Out:
    """Every account, those out of use last."""
    return {
        "items": [
            _account(each) for each in rows(_ACCOUNTS + " order by now.disabled_at is not null, now.name, now.id")
        ]
    }


def account(agent_id: int) -> Out:
    found = one(_ACCOUNTS + " where now.id = %s", (agent_id,))
    if found is None:
        raise NotFound()
    return _account(found)


def _account(row: dict[str, Any]) -> Out:
    return {
        **shapes.agent(row),
        "own_limit": row["own_limit"],
        "disabled": row["disabled_at"] is not None,
        "last_seen_at": shapes.moment(row["last_seen_at"]),
    }


TEAM_COLUMNS = ("id", "name", "hue", "agent_limit", *terms.OVERRIDDEN)


def teams() -> Out:
    """Every team with its members and its own settings, those out of use last."""
    found = rows(
        f"select {', '.join(f't.{name}' for name in TEAM_COLUMNS)}, t.archived_at is not null as archived,"
        " coalesce((select array_agg(m.agent_id order by m.agent_id) from team_member m where m.team_id = t.id), '{}')"
        " as member_ids,"
        " (select count(*)::int from chat c where c.team_id = t.id and c.state = 'queued') as waiting"
        " from team t order by t.archived_at is not null, t.name"
    )
    return {"items": found}


DESK_COLUMNS = (
    "greeting",
    "teaser",
    "bot_name",
    "bot_enabled",
    "ask_name",
    "pick_with_auto",
    "hours",
    "queue_max_s",
    "first_reply_requeue",
    "idle_warn_s",
    "idle_end_s",
    "idle_end_async_s",
    "owner_gone_s",
    "bot_idle_s",
    "sticky_s",
    "reopen_s",
    "promise_warn_s",
    "escalation_steps",
    "escalation_in_hours",
    "escalation_expected_s",
    "escalation_texts",
    "failure_join_percent",
    "failure_pass_percent",
    "failure_reopen_count",
)


def desk() -> Out:
    """Every setting of the desk."""
    found = one(f"select {', '.join(DESK_COLUMNS)} from desk where id = 1")
    if found is None:
        raise NotFound("The desk has no settings yet. `parley seed` makes them.")
    texts = {name: (found["escalation_texts"] or {}).get(name) for name in escalating.TEXTS}
    return {**agents.desk(), **found, "escalation_texts": texts, "escalation_texts_default": dict(escalating.TEXTS)}


def audit(*, target: str | None = None, agent_id: int | None = None, before: int | None = None, limit: int = 50) -> Out:
    """A page of what was changed, the newest first."""
    found = rows(
        "select e.*, a.name as now_name, a.hue as now_hue from audit_entry e left join agent a on a.id = e.agent_id"
        " where (%(target)s::text is null or e.target = %(target)s)"
        " and (%(agent)s::bigint is null or e.agent_id = %(agent)s)"
        " and (%(before)s::bigint is null or e.id < %(before)s) order by e.id desc limit %(limit)s",
        {"target": target, "agent": agent_id, "before": before, "limit": limit + 1},
    )
    return {"items": [_entry(each) for each in found[:limit]], "more": len(found) > limit}


def _entry(row: dict[str, Any]) -> Out:
    agent = {"id": row["agent_id"], "name": row["now_name"], "hue": row["now_hue"]} if row["agent_id"] else None
    return {
        **{
            key: row[key]
            for key in ("id", "agent_name", "what", "target", "target_id", "target_name", "before", "after")
        },
        "agent": agent,
        "at": shapes.moment(row["at"]),
    }
