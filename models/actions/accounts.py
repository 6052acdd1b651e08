"""Accounts of agents, as admins keep them: who may sign in, as what, with which limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from models import jobs
from models.actions import agents, audit, chat_log, news, offer_course, queue
from models.actions.chat_log import SYSTEM
from models.db import atomically, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job
from models.queries.access import Permission, Viewer
from models.rules import contact
from models.rules.lifecycle import State
from models.tables.people import Agent, Team


@atomically
def add(
    viewer: Viewer,
    *,
    name: str,
    email: str,
    role: str,
    password_hash: str,
    team_ids: Iterable[int] = (),
    own_limit: int | None = None,
) -> int:
    """A new account. Returns its id. Raises `Conflict(email_taken)`."""
    viewer.require(Permission.AGENT_MANAGE)
    address = contact.email(email).lower()
    teams = _team_names(team_ids)
    agent_id = agents.joins(address, name, role, teams, password_hash)
    if own_limit is not None:
        Agent.update(agent_limit=own_limit).where(Agent.id == agent_id).execute()
    facts = {"email": address, "role": role, "team_ids": sorted(set(team_ids)), "own_limit": own_limit}
    audit.note(viewer, "added", "agent", agent_id, name, after=facts)
    news.catalogue("agents")
    return agent_id


def change(viewer: Viewer, agent_id: int, *, disabled: bool | None = None, **changes: Any) -> None:
    """Change what is given. Who may no longer answer gives every chat back; who leaves a team, its chats (P8)."""
    lost = _change(viewer, agent_id, disabled, changes)
    if disabled:
        agents.disable(agent_id)
    for each in rows(
        "select id from chat where owner_id = %s and state = 'active' and (%s or team_id = any(%s)) order by id",
        (agent_id, changes.get("role") == "analyst", sorted(lost)),
    ):
        _give_back(agent_id, each["id"])
    if lost or changes.get("role") == "analyst":
        offer_course.owner_lost(agent_id, "owner_disabled", None if changes.get("role") == "analyst" else sorted(lost))


@atomically
def _change(viewer: Viewer, agent_id: int, disabled: bool | None, changes: Mapping[str, Any]) -> set[int]:
    """Write everything but the disabling itself. Returns the teams the agent has left."""
    viewer.require(Permission.AGENT_MANAGE)
    agent = _locked(agent_id)
    present = _teams_of(agent_id)
    before = {
        "name": agent.name,
        "role": agent.role,
        "own_limit": agent.agent_limit,
        "team_ids": sorted(present),
        "disabled": agent.disabled_at is not None,
    }
    after = {**before, **changes, **({} if disabled is None else {"disabled": disabled})}
    _require_an_admin(viewer, agent, after)
    Agent.update(
        name=after["name"],
        role=after["role"],
        agent_limit=after["own_limit"],
        disabled_at=agent.disabled_at if after["disabled"] else None,
    ).where(Agent.id == agent_id).execute()
    wanted = set(after["team_ids"])
    _team_names(wanted - present)
    run("delete from team_member where agent_id = %s and team_id <> all(%s)", (agent_id, list(wanted)))
    run(
        "insert into team_member (team_id, agent_id) select unnest(%s::bigint[]), %s on conflict do nothing",
        (list(wanted), agent_id),
    )
    after["team_ids"] = sorted(wanted)
    audit.note(viewer, "changed", "agent", agent_id, agent.name, before, after)
    news.agent(agent_id)
    news.catalogue("agents")
    jobs.enqueue(Job.SWEEP_QUEUE)
    return present - wanted


@atomically
def new_password(viewer: Viewer, agent_id: int, password_hash: str) -> None:
    """Give an account another password; every sign-in with the old one ends."""
    viewer.require(Permission.AGENT_MANAGE)
    agent = _locked(agent_id)
    Agent.update(password_hash=password_hash).where(Agent.id == agent_id).execute()
    agents.signed_out_everywhere(agent_id)
    audit.note(viewer, "new_password", "agent", agent_id, agent.name)


def _require_an_admin(viewer: Viewer, agent: Agent, after: Mapping[str, Any]) -> None:
    """Somebody must be able to undo this: the last admin stays, and nobody disables themselves."""
    if after["disabled"] and agent.id == viewer.id:
        raise Invalid("You cannot disable your own account.", code="yourself")
    if agent.role != "admin" or (after["role"] == "admin" and not after["disabled"]):
        return
    # every admin's row, so that two admins who demote each other at once take turns
    admins = rows("select id from agent where role = 'admin' and disabled_at is null order by id for no key update")
    if [each["id"] for each in admins] == [agent.id]:
        raise Conflict("This is the only admin. Make somebody else one first.", code="last_admin")


def _locked(agent_id: int) -> Agent:
    run("select 1 from agent where id = %s for no key update", (agent_id,))
    found: Agent | None = Agent.get_or_none(Agent.id == agent_id)
    if found is None:
        raise NotFound()
    return found


def _teams_of(agent_id: int) -> set[int]:
    return {each["team_id"] for each in rows("select team_id from team_member where agent_id = %s", (agent_id,))}


def _team_names(team_ids: Iterable[int]) -> list[str]:
    wanted = set(team_ids)
    teams = list(Team.select().where(Team.id.in_([*wanted, 0]), Team.archived_at.is_null()))
    if unknown := wanted - {team.id for team in teams}:
        raise Invalid(
            "There is no such team.", code="unknown_team", fields={"team_ids": [f"Unknown: {sorted(unknown)}"]}
        )
    return [team.name for team in teams]


@atomically
def _give_back(agent_id: int, chat_id: int) -> None:
    chat = chat_log.locked(chat_id)
    if chat.owner_id == agent_id and chat.state == State.ACTIVE:
        queue.come_back(chat, SYSTEM, "owner_disabled")
