"""What supervisors and admins decide: accounts, teams, settings; and who decided what."""

from __future__ import annotations

import secrets
from typing import Any

from flask import g

from models.actions import accounts, desk, teams
from models.queries import admin as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.rules.passwords import generate
from models.schemas.admin import (
    AgentAdminList,
    AgentAdminOut,
    AgentBody,
    AgentMade,
    AgentPatch,
    AuditPage,
    AuditQuery,
    DeskIn,
    DeskSettings,
    TeamAdminList,
    TeamBody,
    TeamPatch,
)
from web.api.routes import blueprint, route
from web.auth import hash_password, may

bp = blueprint("admin", "Accounts, teams, settings and their audit")

EDIT, MANAGE = may(Permission.DESK_EDIT), may(Permission.AGENT_MANAGE)


@route(bp, "GET", "/agents", caller=EDIT, gives=AgentAdminList)
def agents() -> Out:
    """Every account, those out of use last."""
    return read.accounts()


@route(bp, "POST", "/agents", caller=MANAGE, takes=AgentBody, gives=AgentMade, status=201)
def add_agent(**body: Any) -> Out:
    """Add an account. Its password is in this answer and nowhere else."""
    password = generate(secrets.choice)
    agent_id = accounts.add(g.viewer, **body, password_hash=hash_password(password))
    return {"agent": read.account(agent_id), "password": password}


@route(bp, "PATCH", "/agents/<int:agent_id>", caller=MANAGE, takes=AgentPatch, gives=AgentAdminOut)
def change_agent(agent_id: int, **body: Any) -> Out:
    """Change an account, disable it or bring it back."""
    accounts.change(g.viewer, agent_id, **body)
    return read.account(agent_id)


@route(bp, "POST", "/agents/<int:agent_id>/password", caller=MANAGE, gives=AgentMade)
def reset_password(agent_id: int) -> Out:
    """Give an account another password; every sign-in with the old one ends."""
    password = generate(secrets.choice)
    accounts.new_password(g.viewer, agent_id, hash_password(password))
    return {"agent": read.account(agent_id), "password": password}


@route(bp, "GET", "/teams", caller=EDIT, gives=TeamAdminList)
def all_teams() -> Out:
    """Every team with its members and what it decides for itself."""
    return read.teams()


@route(bp, "POST", "/teams", caller=EDIT, takes=TeamBody, gives=TeamAdminList, status=201)
def add_team(**body: Any) -> Out:
    """Add a team."""
    teams.add(g.viewer, **body)
    return read.teams()


@route(bp, "PATCH", "/teams/<int:team_id>", caller=EDIT, takes=TeamPatch, gives=TeamAdminList)
def change_team(team_id: int, **body: Any) -> Out:
    """Change a team; null means "as the desk says"."""
    teams.change(g.viewer, team_id, **body)
    return read.teams()


@route(bp, "POST", "/teams/<int:team_id>/archive", caller=EDIT, gives=TeamAdminList)
def archive_team(team_id: int) -> Out:
    """Take a team out of use, once nothing uses it."""
    teams.archive(g.viewer, team_id)
    return read.teams()


@route(bp, "GET", "/desk/settings", caller=EDIT, gives=DeskSettings)
def settings() -> Out:
    """Everything of the desk that can be set."""
    return read.desk()


@route(bp, "PATCH", "/desk", caller=EDIT, takes=DeskIn, gives=DeskSettings)
def change_settings(**body: Any) -> Out:
    """Change settings of the desk; what is left out stays."""
    desk.change_settings(g.viewer, **body)
    return read.desk()


@route(bp, "GET", "/audit", caller=EDIT, asks=AuditQuery, gives=AuditPage)
def audit(**query: Any) -> Out:
    """Who changed what, the newest first."""
    return read.audit(**query)
