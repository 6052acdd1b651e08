"""Agents come and go: signing in and out, choosing a status, being disabled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from models import jobs, live
from models.actions import assignment, chat_log, offer_course, presence, queue
from models.actions.chat_log import SYSTEM
from models.db import atomically, rows, run
from models.errors import Conflict, Invalid
from models.jobs import Job
from models.live import CONSOLE, Event, Room
from models.queries import agents as read
from models.queries.access import Permission, Viewer
from models.rules.lifecycle import State
from models.tables.people import Agent, AgentSession, Team, TeamMember

SESSION_DAYS = 7  # at the longest; twelve idle hours end it sooner (queries/access.py)


@atomically
def signs_in(agent_id: int, token_hash: str, ip: str, browser: str) -> int:
    """Keep a new sign-in; the password was proved already. Returns the session's id."""
    session = AgentSession.insert(
        agent=agent_id,
        token_hash=token_hash,
        ip=ip,
        browser=browser[:300],
        expires_at=chat_log.db_now() + timedelta(days=SESSION_DAYS),
    ).execute()
    return int(session)


@atomically
def stays_signed_in(session_id: int) -> None:
    """Note that a session is in use, at most once a minute."""
    run(
        "update agent_session set seen_at = clock_timestamp()"
        " where id = %s and seen_at < clock_timestamp() - interval '1 minute'",
        (session_id,),
    )


def signs_out(viewer: Viewer) -> None:
    """End this sign-in. With the last one gone, the agent's chats return to the queue (P6)."""
    if _end_sessions(viewer.id, viewer.session_id, "signed_out") == 0:
        choose_status(viewer, "offline", leave_chats="return")


@atomically
def _end_sessions(agent_id: int, session_id: int | None, reason: str) -> int:
    """End one session of the agent, or all; cut their sockets. Returns how many are left."""
    run(
        "update agent_session set ended_at = clock_timestamp() where agent_id = %s and ended_at is null"
        " and (%s::bigint is null or id = %s)",
        (agent_id, session_id, session_id),
    )
    run(
        "delete from socket_lease where agent_id = %s and (%s::bigint is null or session_id = %s)",
        (agent_id, session_id, session_id),
    )
    live.push(
        CONSOLE, Event.CUT_OFF, [Room.session(session_id) if session_id else Room.agent(agent_id)], {"reason": reason}
    )
    left = rows("select count(*)::int as n from agent_session where agent_id = %s and ended_at is null", (agent_id,))
    return int(left[0]["n"])


@atomically
def signed_out_everywhere(agent_id: int) -> None:
    """End every sign-in of the agent, and cut their sockets."""
    _end_sessions(agent_id, None, "signed_out")


@atomically
def joins(email: str, name: str, role: str, team_names: Sequence[str], password_hash: str) -> int:
    """A new account with its teams, or nothing. Returns the agent's id."""
    teams = list(Team.select().where(Team.name.in_(list(team_names) or [""])))
    if missing := set(team_names) - {team.name for team in teams}:
        raise Invalid(f"There is no team called {', '.join(sorted(missing))}.", code="unknown_team")
    if Agent.select().where(Agent.email == email).exists():
        raise Conflict(f"There is an account for {email} already.", code="email_taken")
    agent = Agent.create(
        email=email, name=name, role=role, hue=sum(email.encode()) * 37 % 360, password_hash=password_hash
    )
    for team in teams:
        TeamMember.create(team=team, agent=agent)
    return int(agent.id)


@atomically
def wants_mail(viewer: Viewer, on: bool) -> None:
    """Whether they are written to what customers write while they are away. Raises `Conflict` (`no_mailbox`) where none can."""
    viewer.require(Permission.CHAT_ANSWER)
    if on and not read.has_mailbox():
        raise Conflict("No mailbox of this desk can send such letters.", code="no_mailbox")
    run("update agent set mail_offline = %s where id = %s", (on, viewer.id))


def disable(agent_id: int) -> None:
    """Take an account away: sign-ins end, sockets are cut, chats return to the queue (P8)."""
    _mark_disabled(agent_id)
    for each in rows("select id from chat where owner_id = %s and state = 'active' order by id", (agent_id,)):
        _lose(agent_id, each["id"])
    offer_course.owner_lost(agent_id, "owner_disabled")


@atomically
def _mark_disabled(agent_id: int) -> None:
    Agent.update(disabled_at=chat_log.db_now(), chosen_status="offline").where(Agent.id == agent_id).execute()
    _end_sessions(agent_id, None, "disabled")
    presence.tell(agent_id)


@atomically
def _lose(agent_id: int, chat_id: int) -> None:
    chat = chat_log.locked(chat_id)
    if chat.owner_id == agent_id and chat.state == State.ACTIVE:
        queue.come_back(chat, SYSTEM, "owner_disabled")


def choose_status(viewer: Viewer, status: str, leave_chats: str = "stay") -> None:
    """Online, away or offline (P4, P6, P7). Online again gets new chats; old ones do not come back by themselves."""
    _set_status(viewer, status)
    if status == "offline" and leave_chats == "return":
        queue.return_all(viewer)


@atomically
def _set_status(viewer: Viewer, status: str) -> None:
    viewer.require(Permission.CHAT_ANSWER)
    Agent.update(chosen_status=status, status_since=chat_log.db_now()).where(
        Agent.id == viewer.id, Agent.chosen_status != status
    ).execute()
    presence.tell(viewer.id)
    if status == "online":
        assignment.nudge_for(viewer.id)
    else:
        jobs.enqueue(Job.SWEEP_PRESENCE)  # what is offered to them must not wait for its time
