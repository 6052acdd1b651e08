"""Teams: who is in them, and what each decides for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from models import jobs
from models.actions import audit, chat_log, ladders, news, offer_course, queue
from models.actions.chat_log import SYSTEM
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job
from models.queries import terms
from models.queries.access import Permission, Viewer
from models.rules import hours, timing
from models.rules.lifecycle import State
from models.tables.desk import Desk
from models.tables.people import Team

OWN = ("name", "hue", "agent_limit", *terms.OVERRIDDEN)
"""What a team's row holds and its editor may change."""


@atomically
def add(viewer: Viewer, name: str, member_ids: Iterable[int] = (), *, hue: int = 262, **own: Any) -> int:
    """A new team. Returns its id."""
    viewer.require(Permission.DESK_EDIT)
    _check(name, own)
    team_id = int(Team.create(name=name, hue=hue, **own).id)
    _keep_members(team_id, set(member_ids))
    audit.note(viewer, "added", "team", team_id, name, after={**own, "hue": hue, "member_ids": sorted(set(member_ids))})
    _tell()
    return team_id


def change(viewer: Viewer, team_id: int, **changes: Any) -> None:
    """Change what is given and leave the rest. Who leaves the team gives its chats back to the queue (P8)."""
    left = _change(viewer, team_id, **changes)
    for agent_id in left:
        for each in rows(
            "select id from chat where owner_id = %s and team_id = %s and state = 'active' order by id",
            (agent_id, team_id),
        ):
            _give_back(agent_id, each["id"])
        offer_course.owner_lost(agent_id, "owner_left_team", [team_id])


@atomically
def _change(viewer: Viewer, team_id: int, member_ids: Iterable[int] | None = None, **own: Any) -> set[int]:
    viewer.require(Permission.DESK_EDIT)
    team = _locked(team_id)
    before = {name: getattr(team, name) for name in own}
    _check(own.get("name", team.name), {**{name: getattr(team, name) for name in OWN}, **own}, team_id)
    if own:
        Team.update(**own).where(Team.id == team_id).execute()
    left: set[int] = set()
    if member_ids is not None:
        wanted, present = set(member_ids), _members(team_id)
        before["member_ids"], own["member_ids"] = sorted(present), sorted(wanted)
        _keep_members(team_id, wanted)
        left = present - wanted
        for agent_id in left ^ (wanted - present):
            news.agent(agent_id)
    audit.note(viewer, "changed", "team", team_id, team.name, before, own)
    _tell()
    return left


@atomically
def archive(viewer: Viewer, team_id: int) -> None:
    """Take a team out of use. Refused as `team_in_use`, with what uses it, while anything does."""
    viewer.require(Permission.DESK_EDIT)
    team = _locked(team_id)
    uses = one(
        "select (select count(*)::int from chat where team_id = %(team)s and state <> 'ended') as chats,"
        " coalesce((select array_agg(name order by ord) from routing_rule where team_id = %(team)s), '{}') as rules,"
        " coalesce((select array_agg(name order by name) from service where team_id = %(team)s and archived_at is null), '{}')"
        " as services,"
        " (select count(*)::int from escalation where target_team_id = %(team)s and state = 'pending') as offers,"
        " (select coalesce(array_agg(name order by name), '{}') from (select name, escalation_steps from team"
        "   where archived_at is null and id <> %(team)s union all select '', escalation_steps from desk) ladder"
        "   where escalation_steps @> %(step)s) as teams",
        {"team": team_id, "step": orjson.dumps([{"team_id": team_id}]).decode()},
    )
    assert uses is not None
    if any(uses.values()):
        raise Conflict("Something still sends chats to this team, or it has open ones.", code="team_in_use", uses=uses)
    Team.update(archived_at=chat_log.db_now()).where(Team.id == team_id).execute()
    audit.note(viewer, "archived", "team", team_id, team.name)
    _tell()


def _locked(team_id: int) -> Team:
    found: Team | None = Team.select().where(Team.id == team_id, Team.archived_at.is_null()).for_update().first()
    if found is None:
        raise NotFound()
    return found


def _check(name: str, own: Mapping[str, Any], team_id: int = 0) -> None:
    """The name must be free, hours real, and the times fit each other together with the desk's."""
    if one("select 1 as yes from team where lower(name) = lower(%s) and id <> %s", (name, team_id)):
        raise Conflict(f"There is a team called {name} already.", code="name_taken")
    hours.parse(own.get("hours"))
    if own.get("escalation_steps") is not None:
        ladders.check(own["escalation_steps"])
    desk = Desk.the()
    timing.check({field: getattr(desk, field) if own.get(field) is None else own[field] for field in timing.FIELDS})


def _members(team_id: int) -> set[int]:
    return {each["agent_id"] for each in rows("select agent_id from team_member where team_id = %s", (team_id,))}


def _keep_members(team_id: int, wanted: set[int]) -> None:
    known = {each["id"] for each in rows("select id from agent where id = any(%s)", (list(wanted),))}
    if unknown := wanted - known:
        raise Invalid(
            "There is no such agent.", code="unknown_agent", fields={"member_ids": [f"Unknown: {sorted(unknown)}"]}
        )
    run("delete from team_member where team_id = %s and agent_id <> all(%s)", (team_id, list(wanted)))
    run(
        "insert into team_member (team_id, agent_id) select %s, unnest(%s::bigint[]) on conflict do nothing",
        (team_id, list(wanted)),
    )


@atomically
def _give_back(agent_id: int, chat_id: int) -> None:
    chat = chat_log.locked(chat_id)
    if chat.owner_id == agent_id and chat.state == State.ACTIVE:
        queue.come_back(chat, SYSTEM, "owner_left_team")


def _tell() -> None:
    """Screens read the teams anew, and whoever has room now may get a chat."""
    news.catalogue("teams")
    jobs.enqueue(Job.SWEEP_QUEUE)
