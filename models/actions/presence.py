"""Who is there. Presence is a lease: a row for every live socket, renewed by the process that holds it.

An agent is there while any lease is fresh. Nothing happens at the moment a socket
closes; the lease runs out, and a sweep sees it.
"""

from __future__ import annotations

from models.actions import assignment, drafts, news, offer_course, timers, viewing
from models.actions.timers import TimerKind
from models.db import atomically, rows, run
from models.queries import agents as read
from models.queries.access import Viewer
from models.rules.defaults import DEFAULTS
from models.rules.presence import CLEAN_CLOSE_GRACE_S, LEASE_S
from models.tables.desk import Desk
from models.tables.people import Agent

WRITTEN_TO_GONE_S = int(DEFAULTS.idle_end_async.total_seconds())


def tell(agent_id: int) -> None:
    """Tell colleagues what the agent is now, and note that they were told."""
    now = read.row(agent_id)
    Agent.update(told_status=now["status"]).where(Agent.id == agent_id).execute()
    news.agent(agent_id)


@atomically
def socket_opens(viewer: Viewer, sid: str, front: str, shows: int | None = None) -> None:
    """A console socket is live: take its lease, and call off whatever its absence had set in motion (P5).

    `shows` is the chat on its screen, for a socket that had lost its lease while its process was held up.
    """
    run(
        "insert into socket_lease (sid, front, agent_id, session_id) values (%s, %s, %s, %s)"
        " on conflict (sid) do update set seen_at = clock_timestamp()",
        (sid, front, viewer.id, viewer.session_id),
    )
    if shows is not None:
        viewing.opens(sid, shows)
    told = rows("select told_status, chosen_status from agent where id = %s", (viewer.id,))
    if told and told[0]["told_status"] != told[0]["chosen_status"]:
        tell(viewer.id)
        assignment.nudge_for(viewer.id)


@atomically
def visitor_socket_opens(customer_id: int, sid: str, front: str) -> None:
    """A customer's page is open."""
    run(
        "insert into socket_lease (sid, front, customer_id) values (%s, %s, %s)"
        " on conflict (sid) do update set seen_at = clock_timestamp()",
        (sid, front, customer_id),
    )
    for each in rows("select id from chat where customer_id = %s and state <> 'ended'", (customer_id,)):
        news.chat(each["id"])


@atomically
def socket_closes(sid: str) -> None:
    """A socket closed cleanly: its lease runs out after a short grace, so that a reload is no absence (P2)."""
    viewing.leaves(sid)
    run(
        "update socket_lease set seen_at = least(seen_at, clock_timestamp() - make_interval(secs => %s)) where sid = %s",
        (LEASE_S - CLEAN_CLOSE_GRACE_S, sid),
    )


@atomically
def renew_leases(front: str, sids: list[str]) -> list[str]:
    """One statement renews every lease this process holds. Returns the sockets that have none any more."""
    renewed = rows(
        "update socket_lease set seen_at = clock_timestamp() where front = %s and sid = any(%s) returning sid",
        (front, sids),
    )
    return sorted(set(sids) - {each["sid"] for each in renewed})


def sweep() -> int:
    """The presence sweep: tell statuses that changed by a lease running out, and start or stop the clock
    for chats whose owner is gone (P3 to P5). Safe to run twice, and by two at once.

    Returns how many agents' shown status changed.
    """
    changed = _tell_changed()
    offer_course.sweep_absent()
    _arm_owner_gone()
    _tell_customers_gone()
    viewing.forget_gone()
    drafts.forget_old()
    _forget_old_rows()
    return changed


@atomically
def _tell_changed() -> int:
    differing = rows(
        f"select id, status from ({read.AGENTS}) now where exists"
        " (select from agent a where a.id = now.id and a.told_status <> now.status)"
    )
    for each in differing:
        tell(each["id"])
    return len(differing)


@atomically
def _arm_owner_gone() -> None:
    """Absence arms, presence disarms. Away is not absent. Who is written to while away keeps for a day what came by mail
    or messenger: they may answer from where they are. An escalated chat stays where it is until its offer is settled,
    and then goes to the queue if the clock has run out (T15).

    This holds several chats at once and so waits for none: one that somebody else has in hand is met at the next sweep.
    """
    desk = Desk.the()
    gone = rows(
        "select c.id, g.mail_offline and (c.reply_by_email or h.kind <> 'web') as written_to"
        f" from chat c join ({read.AGENTS}) a on a.id = c.owner_id join agent g on g.id = a.id"
        " join channel h on h.id = c.channel_id"
        " where c.state in ('active', 'escalated') and a.status = 'offline' and not exists"
        " (select from timer t where t.chat_id = c.id and t.kind = 'owner_gone' and t.state = 'armed')"
        " for update of c skip locked"
    )
    for each in gone:
        timers.arm(TimerKind.OWNER_GONE, each["id"], WRITTEN_TO_GONE_S if each["written_to"] else desk.owner_gone_s)
    run(
        "update timer set state = 'cancelled', done_at = clock_timestamp() where state = 'armed' and id in"
        f" (select t.id from timer t join chat c on c.id = t.chat_id join ({read.AGENTS}) a on a.id = c.owner_id"
        " where t.state = 'armed' and t.kind = 'owner_gone' and c.owner_id is not null and a.status <> 'offline'"
        " for update of t skip locked)"
    )


@atomically
def _tell_customers_gone() -> None:
    """A customer's last page is closed: the dot beside the name turns grey. The lease goes, so it is told once."""
    gone = rows(
        "delete from socket_lease where customer_id is not null"
        " and seen_at < clock_timestamp() - make_interval(secs => %s) returning customer_id",
        (LEASE_S,),
    )
    for each in rows(
        "select id from chat where customer_id = any(%s) and state <> 'ended'", ([row["customer_id"] for row in gone],)
    ):
        news.chat(each["id"])


@atomically
def _forget_old_rows() -> None:
    """Leases long dead, tickets nobody used, receipts nobody will repeat."""
    run("delete from socket_lease where seen_at < clock_timestamp() - interval '10 minutes'")
    run("delete from ticket where expires_at < clock_timestamp()")
    run("delete from command_receipt where created_at < clock_timestamp() - interval '1 day'")
