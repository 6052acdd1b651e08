"""Escalating a chat: to whom it could go, what speaks against each, and what its customer would be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from models.db import one, rows
from models.queries import access, agents, promises, shapes, terms
from models.queries.access import Viewer
from models.queries.offers import DECLINED, TAKERS
from models.queries.shapes import Out
from models.queries.terms import Terms
from models.rules import escalating, promising, wording
from models.rules import hours as opening
from models.rules.presence import why_not


def takers(offer_id: int) -> list[dict[str, Any]]:
    """Who could still take an offer, as in `AGENTS`, whether they are there or not."""
    return rows(
        f"select now.* from ({agents.AGENTS}) now join agent a on a.id = now.id"
        f" join escalation o on o.id = %s where {TAKERS} and not {DECLINED} order by now.id",
        (offer_id,),
    )


def free_in_team(team_id: int, but: int) -> tuple[int, int]:
    """Of a team's members who answer customers, one left out: how many there are, and how many could take a chat now."""
    found = [each for each in agents.answering(team_id) if each["id"] != but]
    return len(found), sum(_objection(each) is None for each in found)


def _objection(agent: dict[str, Any]) -> str | None:
    return why_not(agent["chosen_status"], agent["lease_alive"], agent["load"], agent["limit"], target=True)


def targets(viewer: Viewer, chat_id: int) -> Out:
    """An `EscalationTargets`: teams and agents with what speaks against each; those that are free come first."""
    access.see_chat(viewer, chat_id)
    chat = one(
        "select c.team_id, c.owner_id, s.time_zone from chat c join customer s on s.id = c.customer_id where c.id = %s",
        (chat_id,),
    )
    assert chat is not None
    everyone = agents.answering(None)
    holds = terms.of_teams()
    teams = [
        _target_team(each, [a for a in everyone if each["id"] in a["team_ids"] and a["id"] != chat["owner_id"]], holds)
        for each in rows("select id, name, hue from team where archived_at is null order by name, id")
        if each["id"] in holds
    ]
    people = [{"agent": shapes.agent(each), "why_not": _why_not(viewer, chat["owner_id"], each)} for each in everyone]
    own = holds.get(chat["team_id"]) or holds[None]
    return {
        "teams": sorted(teams, key=lambda each: each["why_not"] is not None),
        "agents": sorted(people, key=lambda each: (each["why_not"] is not None, each["agent"]["name"])),
        "expected_s": own.escalation_expected_s,
        "time_zone": chat["time_zone"] if opening.known_zone(chat["time_zone"]) else None,
    }


def _target_team(team: dict[str, Any], members: list[dict[str, Any]], holds: dict[int | None, Terms]) -> Out:
    own = holds[team["id"]]
    free = sum(_objection(each) is None for each in members)
    return {
        **team,
        "online": sum(each["status"] == "online" for each in members),
        "free": free,
        "open": own.open,
        "opens_at": shapes.moment(own.opens_at),
        "expected_s": own.escalation_expected_s,
        "accept_s": int((own.course.closes(0, own.now) - own.now).total_seconds()),
        "why_not": None if free else "no_agents" if members else "empty_team",
    }


def _why_not(viewer: Viewer, owner_id: int | None, agent: dict[str, Any]) -> str | None:
    if agent["id"] == owner_id:
        return "same_agent"
    return "yourself" if agent["id"] == viewer.id else _objection(agent)


def said_to_customer(
    customer_id: int, name: str, now: datetime, *, expected_at: datetime | None = None, **filled: str
) -> str:
    """The desk's sentence of this name, for this customer."""
    found = one(
        "select d.escalation_texts as texts, s.time_zone from desk d join customer s on s.id = %s where d.id = 1",
        (customer_id,),
    )
    assert found is not None
    if expected_at is not None:
        filled["expected"] = escalating.by_when(expected_at, now, found["time_zone"])
    return escalating.say(name, found["texts"], **filled)


def expected(asked: datetime | None, holds: Terms) -> datetime:
    """By when the customer is told to expect an answer: as asked, or as the terms have it. Raises `Invalid`."""
    proposed = opening.after(
        holds.hours if holds.escalation_in_hours else None, holds.now, timedelta(seconds=holds.escalation_expected_s)
    )
    return proposed if asked is None else promising.due(asked, holds.now, 0, field="expected_at")


def target_name(agent_id: int | None, team_id: int | None) -> str:
    """To whom, as customers read it: an agent by the first name, a team by its own; else the supervisors."""
    if agent_id is not None:
        return wording.first_name(agents.row(agent_id)["name"])
    found = one("select name from team where id = %s", (team_id,))
    return found["name"] if found is not None else wording.A_SUPERVISOR


def preview(
    viewer: Viewer,
    chat_id: int,
    *,
    agent_id: int | None = None,
    team_id: int | None = None,
    expected_at: datetime | None = None,
) -> Out:
    """An `EscalatePreview`: what the customer would be told, word for word."""
    access.see_chat(viewer, chat_id)
    chat = one(
        "select c.customer_id, c.team_id, coalesce(a.name, %(me)s) as owner from chat c"
        " left join agent a on a.id = c.owner_id where c.id = %(chat)s",
        {"chat": chat_id, "me": viewer.name},
    )
    assert chat is not None
    holds = terms.in_force(team_id or chat["team_id"])
    moment = expected(expected_at, holds)
    body = said_to_customer(
        chat["customer_id"],
        "escalated",
        holds.now,
        expected_at=moment,
        agent=wording.first_name(chat["owner"]),
        target=target_name(agent_id, team_id),
    )
    return {"body": body, "expected_at": shapes.moment(moment)}


def preview_extension(viewer: Viewer, promise_id: int, due_at: datetime) -> Out:
    """An `EscalatePreview`: what the customer would be told of a new time."""
    promise = promises.see(viewer, promise_id)
    now = one("select clock_timestamp() as now")
    assert now is not None
    moment = promising.due(due_at, now["now"], 0)
    body = said_to_customer(promise["customer_id"], "later", now["now"], expected_at=moment)
    return {"body": body, "expected_at": shapes.moment(moment)}
