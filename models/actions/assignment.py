"""Who gets a waiting chat: by hand, by itself, or over the bot's head.

One chat per transaction. The chat is taken with SKIP LOCKED, so the assigner never waits
for a person's click; the agent's row is locked and the load counted inside, so two
assigners can never fill the same place twice.
"""

from __future__ import annotations

from models import jobs
from models.actions import chat_log, chats, queue
from models.actions.chat_log import Row, agent_author
from models.db import atomically, rows
from models.errors import Refused
from models.jobs import Job
from models.queries import agents
from models.queries.access import Permission, Viewer
from models.rules import assignment as rules
from models.rules.assignment import Seat
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat
from models.tables.desk import Desk

MOST_PER_RUN = 200  # then the sweep goes on: one run must not hold a worker


@atomically
def take(viewer: Viewer, chat_id: int) -> None:
    """Start Chat: an agent picks a waiting chat (T6). The first lock wins; the loser hears who won."""
    viewer.require(Permission.CHAT_ANSWER)
    chat = chats.locked_for(viewer, chat_id)
    if chat.state == State.ACTIVE and chat.owner_id == viewer.id:
        return  # a second click, or a retry of one that got through
    chats.guard(chat, Command.PICK)
    _require_pick_by_hand(chat)
    seat = chats.locked_seat(viewer.id)
    chats.require_room(seat)
    chats.give(chat, seat, "pick", author=agent_author(viewer), by=viewer)


def _require_pick_by_hand(chat: Chat) -> None:
    if not Desk.the().pick_with_auto and _auto_assigns(chat.team_id):
        raise Refused("Chats of this team are given out by the desk.", code="pick_is_off")


@atomically
def take_over(viewer: Viewer, chat_id: int) -> None:
    """A supervisor takes a chat from the bot (T5)."""
    viewer.require(Permission.CHAT_SUPERVISE)
    chat = chats.locked_for(viewer, chat_id)
    if chat.state == State.ACTIVE and chat.owner_id == viewer.id:
        return
    chats.guard(chat, Command.TAKEOVER)
    seat = chats.locked_seat(viewer.id)
    chats.require_room(seat)
    chats.give(chat, seat, "takeover", author=agent_author(viewer), by=viewer)


def assign_waiting(team_id: int | None) -> int:
    """Give waiting chats of one team (None: of no team) to agents with room, until either runs out.

    Returns how many were given.
    """
    given = 0
    while given < MOST_PER_RUN and _step(team_id):
        given += 1
    return given


def sweep() -> int:
    """The same for every team that has somebody waiting, and new places in line for who is left.

    Repairs every lost nudge. Returns how many were given.
    """
    teams = rows("select distinct team_id from chat where state = 'queued'")
    given = sum(assign_waiting(team["team_id"]) for team in teams)
    queue.tell_places()
    return given


def nudge_for(agent_id: int) -> None:
    """An agent has room or came online: look at the queues they serve. Call inside a transaction."""
    served = rows(
        "select distinct c.team_id from chat c where c.state = 'queued' and (c.team_id is null or c.team_id in"
        " (select team_id from team_member where agent_id = %s))",
        (agent_id,),
    )
    for each in served:
        jobs.enqueue(Job.ASSIGN_WAITING, each["team_id"] or 0)


def _auto_assigns(team_id: int | None) -> bool:
    """Whether the desk gives out chats of this team, read inside the assigning transaction (R-16)."""
    found = rows(
        "select coalesce((select auto_assign from team where id = %s), auto_assign) as yes from desk", (team_id,)
    )
    return bool(found and found[0]["yes"])


@atomically
def _step(team_id: int | None) -> bool:
    """Give one chat to one agent. False when there is nothing to give or nobody to give it to."""
    if not _auto_assigns(team_id):
        return False
    waiting = rows(
        "select id from chat where state = 'queued' and team_id is not distinct from %s"
        " order by priority desc, queued_at, id limit 1 for update skip locked",
        (team_id,),
    )
    if not waiting:
        return False
    chat = chat_log.locked(waiting[0]["id"])
    chats.guard(chat, Command.AUTO_ASSIGN)
    candidates = agents.answering(team_id)
    seats = [_seat(each) for each in candidates]
    now = chat_log.db_now()
    if chat.preferred_agent_id is not None and chat.preferred_until is not None and chat.preferred_until > now:
        preferred = [seat for seat in rules.order(seats) if seat.agent_id == chat.preferred_agent_id]
        if preferred and (seat := _claim(preferred[0].agent_id)) is not None:
            chats.give(chat, seat, "sticky")
            return True
    for wanted in rules.order(seats):
        if (seat := _claim(wanted.agent_id)) is not None:
            chats.give(chat, seat, "auto")
            return True
    return False


def _seat(agent: Row) -> Seat:
    present = agent["chosen_status"] == "online" and agent["lease_alive"]
    return Seat(agent["id"], agent["load"], agent["limit"], agent["last_given_at"], available=present)


def _claim(agent_id: int) -> Row | None:
    """Lock the agent's row unless somebody holds it, and count again: None when there is no room after all."""
    if not rows("select 1 as held from agent where id = %s for no key update skip locked", (agent_id,)):
        return None
    seat = agents.row(agent_id)
    return None if chats.objection(seat) is not None else seat
