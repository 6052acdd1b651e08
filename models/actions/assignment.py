"""Who gets a waiting chat: by hand, by itself, or over the bot's head.

One chat per transaction. The chat is taken with SKIP LOCKED, so the assigner never waits
for a person's click; the agent's row is locked and the load counted inside, so two
assigners can never fill the same place twice. What one run believes of the agents
(`Candidates`) only decides who is asked first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from models import jobs
from models.actions import chats, news, offers, queue
from models.actions.chat_log import Row, agent_author
from models.db import atomically, rows, run
from models.errors import Refused
from models.jobs import Job
from models.queries import agents, terms
from models.queries import queue as waiting
from models.queries.access import Permission, Viewer
from models.queries.terms import Terms
from models.rules import assignment as rules
from models.rules.assignment import Choice, Policy, Seat, Verdict
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat
from models.tables.desk import Desk

MOST_PER_RUN = 200  # then somebody else's work gets its turn: one run must not hold a worker
COUNTED_EVERY = 50  # the number of those who wait is told so often while many are given out
FRESH = timedelta(seconds=1)  # so long a run goes by what it has read of the agents and given them itself
TRIES = 3  # how often the line is drawn up anew because somebody else's choice was met in it


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
    if not Desk.the().pick_with_auto and terms.in_force(chat.team_id).auto_assign:
        raise Refused("Chats of this team are given out by the desk.", code="pick_is_off")


@atomically
def take_over(viewer: Viewer, chat_id: int) -> None:
    """A supervisor takes a chat from the bot (T5), or from whoever has it (T21); a pending offer is withdrawn."""
    viewer.require(Permission.CHAT_SUPERVISE)
    chat = chats.locked_for(viewer, chat_id)
    if chat.state == State.ACTIVE and chat.owner_id == viewer.id:
        return
    of_another = chat.state in (State.ACTIVE, State.ESCALATED) and chat.owner_id != viewer.id
    chats.guard(chat, Command.FORCE if of_another else Command.TAKEOVER)
    seat = chats.locked_seat(viewer.id)
    chats.require_room(seat)
    also = offers.withdraw(chat, viewer)
    chats.give(chat, seat, "takeover", author=agent_author(viewer), by=viewer, also=also)


def assign_waiting(team_id: int | None) -> int:
    """Give waiting chats of one team (None: of no team) to agents with room, until either runs out.

    Returns how many were given. After `MOST_PER_RUN` it asks to be called again.
    """
    given, candidates = 0, Candidates(team_id)
    while given < MOST_PER_RUN and _step(team_id, candidates):
        given += 1
        if given % COUNTED_EVERY == 0:
            _tell_counts(team_id)
    if given % COUNTED_EVERY:
        _tell_counts(team_id)
    if given == MOST_PER_RUN:
        jobs.nudge(Job.ASSIGN_WAITING, team_id or 0)
    return given


def sweep() -> int:
    """The same for every team that has somebody waiting, and new places in line for who is left.

    Repairs every lost nudge, and finds who waited while their team was closed. Returns how many were given.
    """
    given = sum(assign_waiting(team_id) for team_id in waiting.teams())
    queue.tell_places()
    return given


def nudge_for(agent_id: int) -> None:
    """An agent has room or came online: look at the queues they serve. Call inside a transaction."""
    for team_id in waiting.teams(served_by=agent_id):
        jobs.enqueue(Job.ASSIGN_WAITING, team_id or 0)


class Candidates:
    """What one run believes of those who could be given a chat of this team.

    Read at once for many chats, and kept up with what the run itself gives and finds out. The belief
    may be a second old; whoever is asked has their row locked and is counted anew.
    """

    def __init__(self, team_id: int | None) -> None:
        self._team_id = team_id
        self._seats: dict[int, Seat] = {}
        self._read_at: datetime | None = None

    def seats(self, now: datetime) -> list[Seat]:
        """All of them by their numbers, read again when that was long ago."""
        if self._read_at is None or now - self._read_at > FRESH:
            self._read(now)
        return list(self._seats.values())

    def look_again(self, now: datetime) -> bool:
        """Read them again, unless they were read for this very chat. Whether it was done."""
        if self._read_at == now:
            return False
        self._read(now)
        return True

    def _read(self, now: datetime) -> None:
        self._seats = {each["id"]: _seat(each) for each in agents.answering(self._team_id)}
        self._read_at = now

    def learn(self, seat: Seat) -> bool:
        """Believe this of an agent from now on. Whether it was news."""
        before = self._seats.get(seat.agent_id)
        self._seats[seat.agent_id] = seat
        return before is None or replace(before, last_given=seat.last_given) != seat


@atomically
def _step(team_id: int | None, candidates: Candidates) -> bool:
    """Give one chat to one agent. False when there is nothing to give or nobody to give it to.

    The settings are read with each chat (R-16). Round robin takes its turns one at a time: the row that
    holds the pointer is locked before the chat, so that no two assigners go on from the same place.
    """
    holds = terms.in_force(team_id)
    if not (holds.auto_assign and holds.open):
        return False
    in_turn = holds.assign_policy == Policy.ROUND_ROBIN
    pointer = _locked_pointer(team_id) if in_turn else None
    chat = _next_waiting(team_id)
    if chat is None:
        return False
    chats.guard(chat, Command.AUTO_ASSIGN)
    found = _choose(chat, holds, pointer, candidates)
    if found is None:
        return False
    seat, verdicts = found
    known = seat["id"] == _preferred(chat, holds)
    policy = rules.STICKY if known else holds.assign_policy
    chats.give(chat, seat, "sticky" if known else "auto", choice=Choice(policy, verdicts), holds=holds)
    if in_turn and not known:
        _move_pointer(team_id, seat["id"])
    candidates.learn(replace(_seat(seat), load=seat["load"] + 1, last_given=holds.now))
    return True


def _choose(chat: Chat, holds: Terms, pointer: int | None, candidates: Candidates) -> tuple[Row, list[Verdict]] | None:
    """Go along the line until somebody's row is free and their room is real: the locked row, and why they."""
    avoided = chat.avoid_agent_id
    for attempt in range(TRIES + 1):
        gone: set[int] = set()  # who has no room any more
        line = rules.line(
            candidates.seats(holds.now),
            holds.assign_policy,
            after=pointer,
            preferred=_preferred(chat, holds),
            avoided=avoided,
        )
        for wanted in line:
            if wanted.agent_id == avoided and len(line) > 1:
                return None  # others have room, and are only being given another chat at this moment
            row = _claim(wanted.agent_id)
            if row is None:
                continue
            seat = _seat(row)
            news_to_us = candidates.learn(seat)
            if seat.excluded:
                gone.add(seat.agent_id)
                continue
            if news_to_us and attempt < TRIES:
                break  # another assigner was here: somebody else may come first now
            left = [each for each in line if each.agent_id not in gone] if gone else line
            return row, rules.explain(candidates.seats(holds.now), left, seat.agent_id, avoided=avoided)
        else:
            if not candidates.look_again(holds.now):
                return None
    return None


def _preferred(chat: Chat, holds: Terms) -> int | None:
    """Whom a returning customer meets first, while their window runs and unless they let this chat drop."""
    within = chat.preferred_until is not None and chat.preferred_until > holds.now
    preferred: int | None = chat.preferred_agent_id
    return preferred if within and preferred != chat.avoid_agent_id else None


def _next_waiting(team_id: int | None) -> Chat | None:
    """Who is next in line, their chat locked; one that somebody holds at this moment is passed by (R-2)."""
    waits = waiting.waits_for(team_id)
    found = rows(
        f"select * from chat where {waits} order by {waiting.ORDER} limit 1 for update skip locked",
        {"team": team_id},
    )
    return Chat.from_row(found[0]) if found else None


def _locked_pointer(team_id: int | None) -> int | None:
    """Who had the last turn. The next assigner waits here until this turn is given."""
    table, number = ("desk", 1) if team_id is None else ("team", team_id)
    held = rows(f"select last_given_agent_id as agent from {table} where id = %s for no key update", (number,))
    agent_id: int | None = held[0]["agent"]
    return agent_id


def _move_pointer(team_id: int | None, agent_id: int) -> None:
    table, number = ("desk", 1) if team_id is None else ("team", team_id)
    run(f"update {table} set last_given_agent_id = %s where id = %s", (agent_id, number))


@atomically
def _tell_counts(team_id: int | None) -> None:
    news.counts(team_id)


def _seat(agent: Row) -> Seat:
    present = agent["chosen_status"] == "online" and agent["lease_alive"]
    return Seat(agent["id"], agent["load"], agent["limit"], agent["last_given_at"], available=present)


def _claim(agent_id: int) -> Row | None:
    """Lock the agent's row and count anew; None when somebody else holds it, for nobody is waited for."""
    if not rows("select 1 as held from agent where id = %s for no key update skip locked", (agent_id,)):
        return None
    return agents.row(agent_id)
