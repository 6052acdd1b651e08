"""Agents come and go: signing in and out, choosing a status, being there, being disabled.

Presence is a lease: a row for every live socket, renewed by the process that holds it.
An agent is there while any lease is fresh. Nothing happens at the moment a socket
closes; the lease runs out, and a sweep sees it.
"""

from __future__ import annotations

from datetime import timedelta

from models import live
from models.actions import assignment, chat_log, news, queue, timers
from models.actions.chat_log import SYSTEM
from models.actions.timers import TimerKind
from models.db import atomically, db, rows
from models.live import CONSOLE, Event, Room
from models.queries import agents as read
from models.queries.access import Permission, Viewer
from models.rules.lifecycle import State
from models.rules.presence import CLEAN_CLOSE_GRACE_S, LEASE_S
from models.tables.desk import Desk
from models.tables.people import Agent, AgentSession

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
    db.execute_sql(
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
    db.execute_sql(
        "update agent_session set ended_at = clock_timestamp() where agent_id = %s and ended_at is null"
        " and (%s::bigint is null or id = %s)",
        (agent_id, session_id, session_id),
    )
    db.execute_sql(
        "delete from socket_lease where agent_id = %s and (%s::bigint is null or session_id = %s)",
        (agent_id, session_id, session_id),
    )
    live.push(CONSOLE, Event.CUT_OFF, [Room.session(session_id) if session_id else Room.agent(agent_id)], {"reason": reason})
    left = rows("select count(*)::int as n from agent_session where agent_id = %s and ended_at is null", (agent_id,))
    return int(left[0]["n"])


def disable(agent_id: int) -> None:
    """Take an account away: sign-ins end, sockets are cut, chats return to the queue (P8)."""
    _mark_disabled(agent_id)
    for each in rows("select id from chat where owner_id = %s and state = 'active' order by id", (agent_id,)):
        _lose(agent_id, each["id"])


@atomically
def _mark_disabled(agent_id: int) -> None:
    Agent.update(disabled_at=chat_log.db_now(), chosen_status="offline").where(Agent.id == agent_id).execute()
    _end_sessions(agent_id, None, "disabled")
    tell_presence(agent_id)


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
    tell_presence(viewer.id)
    if status == "online":
        assignment.nudge_for(viewer.id)


def tell_presence(agent_id: int) -> None:
    """Tell colleagues what the agent is now, and note that they were told."""
    now = read.row(agent_id)
    Agent.update(told_status=now["status"]).where(Agent.id == agent_id).execute()
    news.agent(agent_id)


@atomically
def socket_opens(viewer: Viewer, sid: str, front: str) -> None:
    """A console socket is live: take its lease, and call off whatever its absence had set in motion (P5)."""
    db.execute_sql(
        "insert into socket_lease (sid, front, agent_id, session_id) values (%s, %s, %s, %s)"
        " on conflict (sid) do update set seen_at = clock_timestamp()",
        (sid, front, viewer.id, viewer.session_id),
    )
    told = rows("select told_status, chosen_status from agent where id = %s", (viewer.id,))
    if told and told[0]["told_status"] != told[0]["chosen_status"]:
        tell_presence(viewer.id)
        assignment.nudge_for(viewer.id)


@atomically
def visitor_socket_opens(customer_id: int, sid: str, front: str) -> None:
    """A customer's page is open."""
    db.execute_sql(
        "insert into socket_lease (sid, front, customer_id) values (%s, %s, %s)"
        " on conflict (sid) do update set seen_at = clock_timestamp()",
        (sid, front, customer_id),
    )
    for each in rows("select id from chat where customer_id = %s and state <> 'ended'", (customer_id,)):
        news.chat(each["id"])


@atomically
def socket_closes(sid: str) -> None:
    """A socket closed cleanly: its lease runs out after a short grace, so that a reload is no absence (P2)."""
    db.execute_sql(
        "update socket_lease set seen_at = least(seen_at, clock_timestamp() - make_interval(secs => %s)) where sid = %s",
        (LEASE_S - CLEAN_CLOSE_GRACE_S, sid),
    )


@atomically
def renew_leases(front: str, sids: list[str]) -> None:
    """One statement renews every lease this process holds."""
    db.execute_sql(
        "update socket_lease set seen_at = clock_timestamp() where front = %s and sid = any(%s)", (front, sids)
    )


def watch_presence() -> int:
    """The presence sweep: tell statuses that changed by a lease running out, and start or stop the clock
    for chats whose owner is gone (P3 to P5). Safe to run twice, and by two at once.

    Returns how many agents' shown status changed.
    """
    changed = _tell_changed()
    _arm_owner_gone()
    _forget_old_rows()
    return changed


@atomically
def _tell_changed() -> int:
    differing = rows(
        f"select id, status from ({read.AGENTS}) now where exists"
        " (select from agent a where a.id = now.id and a.told_status <> now.status)"
    )
    for each in differing:
        tell_presence(each["id"])
    return len(differing)


@atomically
def _arm_owner_gone() -> None:
    """Absence arms, presence disarms. Away is not absent."""
    desk = Desk.the()
    gone = rows(
        f"select c.id from chat c join ({read.AGENTS}) a on a.id = c.owner_id"
        " where c.state = 'active' and a.status = 'offline' and not exists"
        " (select from timer t where t.chat_id = c.id and t.kind = 'owner_gone' and t.state = 'armed')"
    )
    for each in gone:
        timers.arm(TimerKind.OWNER_GONE, each["id"], desk.owner_gone_s)
    db.execute_sql(
        "update timer set state = 'cancelled', done_at = clock_timestamp() where state = 'armed' and kind = 'owner_gone'"
        f" and chat_id in (select c.id from chat c join ({read.AGENTS}) a on a.id = c.owner_id where a.status <> 'offline')"
    )


@atomically
def _forget_old_rows() -> None:
    """Leases long dead, tickets nobody used, receipts nobody will repeat."""
    db.execute_sql("delete from socket_lease where seen_at < clock_timestamp() - interval '10 minutes'")
    db.execute_sql("delete from ticket where expires_at < clock_timestamp()")
    db.execute_sql("delete from command_receipt where created_at < clock_timestamp() - interval '1 day'")
