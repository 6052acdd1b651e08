"""Routing rules, read: for the chat that enters the queue, for their editor, and for a dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.db import one, rows
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.rules import routing as rules
from models.rules.routing import Decision, Inquiry, Rule

_RULES = """
select r.id, r.name, r.enabled, r.conditions, r.team_id, r.priority, t.archived_at is not null as broken
from routing_rule r left join team t on t.id = r.team_id order by r.ord, r.id
"""

TEXT_READ = 10_000  # characters of what the customer has said; whoever says more than that has said it by then


def stored() -> list[Rule]:
    """The list in its order."""
    return [Rule(**each) for each in rows(_RULES)]


def inquiry(chat_id: int, service_id: int | None) -> tuple[Inquiry, int | None]:
    """What a chat is about so far, and the team of its service. Teams out of use count as none."""
    found = one(
        "select c.channel_id, t.id as asked_team_id, v.id as service_id, coalesce(s.language, '') as language, s.attributes,"
        " st.id as service_team_id,"
        " coalesce(left((select string_agg(m.body, E'\\n' order by m.all_seq) from message m where m.chat_id = c.id"
        "                and m.author_kind = 'customer' and m.kind = 'text'), %(most)s), '') as text"
        " from chat c join customer s on s.id = c.customer_id"
        " left join team t on t.id = c.team_id and t.archived_at is null"
        " left join service v on v.id = %(service)s"
        " left join team st on st.id = v.team_id and st.archived_at is null"
        " where c.id = %(chat)s",
        {"chat": chat_id, "service": service_id, "most": TEXT_READ},
    )
    assert found is not None
    service_team_id = found.pop("service_team_id")
    return Inquiry(**found), service_team_id


def overview(viewer: Viewer) -> Out:
    """A `RoutingOut`: the list with its version, and what its editor can choose from."""
    viewer.require(Permission.DESK_EDIT)
    desk = one("select routing_version from desk where id = 1")
    return {
        "rules": [_rule(each) for each in stored()],
        "version": desk["routing_version"] if desk else 0,
        "channels": rows("select id, name from channel order by name, id"),
        "teams": rows("select id, name from team where archived_at is null order by name, id"),
        "services": rows("select id, name from service where enabled order by name, id"),
    }


def _rule(rule: Rule) -> Out:
    return {
        "id": rule.id,
        "name": rule.name,
        "enabled": rule.enabled,
        "conditions": list(rule.conditions),
        "team_id": rule.team_id,
        "priority": rule.priority,
    }


def tried(viewer: Viewer, said: Sequence[Mapping[str, Any]], sample: Mapping[str, Any]) -> Out:
    """A `RoutingTried`: what these rules would do with a sample. Nothing is changed, and nothing need be saved."""
    viewer.require(Permission.DESK_EDIT)
    teams = {each["id"]: each for each in rows("select id, name, hue from team where archived_at is null")}
    asked = sample["asked_team_id"] if sample["asked_team_id"] in teams else None
    service = one("select team_id from service where id = %s", (sample["service_id"],))
    service_team = service["team_id"] if service and service["team_id"] in teams else None
    given = [Rule(**each, broken=each["team_id"] is not None and each["team_id"] not in teams) for each in said]
    decision = rules.decide(given, Inquiry(**{**sample, "asked_team_id": asked}), service_team)
    return {
        "team": teams[decision.team_id] if decision.team_id is not None else None,
        "priority": decision.priority or 0,
        "matched": decision.place,
        "why": decision.why,
        "trace": _trace(given, decision),
    }


def _trace(given: Sequence[Rule], decision: Decision) -> list[Out]:
    return [
        {"place": place, "name": rule.name, "outcome": looked.outcome, "held": list(looked.held)}
        for place, (rule, looked) in enumerate(zip(given, decision.trace, strict=True))
    ]
