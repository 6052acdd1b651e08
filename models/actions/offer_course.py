"""The course of an offer that nobody has answered: reminders, who is asked next, the time-out; and where its chat lands.

Each is a transaction of its own that locks the chat first; whoever comes second finds it settled.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.actions import chat_log, chats, news, offers, queue, timers
from models.actions.chat_log import SYSTEM, Author, Row
from models.db import atomically, one, rows
from models.queries import agents
from models.queries import escalations as read
from models.rules import wording
from models.rules.escalating import OfferState, StepKind
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat
from models.tables.escalations import Escalation

OFFLINE = "offline"
"""The reason of an offer that timed out before its time: the agent it was made to went away."""


@atomically
def falls_due(timer_id: int, chat_id: int) -> bool:
    """The next step of an offer that waits: remind, ask the next, or give the chat back (T14)."""
    chat = chat_log.locked(chat_id)
    if not timers.claim(timer_id):
        return False
    offer = offers.pending(chat)
    if offer is None:
        return False
    if offers.course(offer).steps[offer.place].do is StepKind.REMIND:
        _remind(chat, offer)
    else:
        _times_out(chat, offer)
    return True


def settle_overdue(chat_id: int) -> None:
    """Let an offer of the chat time out that has not been met by a sweep yet: nobody accepts after the time (R-6)."""
    for each in rows(
        "select t.id from timer t join escalation o on o.chat_id = t.chat_id and o.state = 'pending'"
        " where t.chat_id = %s and t.kind = 'offer' and t.state = 'armed' and o.due_at <= clock_timestamp()",
        (chat_id,),
    ):
        falls_due(each["id"], chat_id)


def _remind(chat: Chat, offer: Escalation) -> None:
    offer.reminded_at = chat_log.db_now()
    offer.place += 1
    offer.save(only=offer.dirty_fields)
    offers.arm(offer, offer.reminded_at)
    news.chat(chat.id)
    left = int((offer.due_at - offer.reminded_at).total_seconds())
    call_takers("escalation_reminder", chat, offer, seconds=max(0, left), text=offer.note)


def _times_out(chat: Chat, offer: Escalation, reason: str | None = None) -> None:
    """Nobody took it. Down the ladder: to whom it is offered next, or back."""
    ladder = offers.course(offer)
    was_for = offers.close(offer, OfferState.TIMED_OUT, reason=reason)
    place = ladder.next_move(offer.place)
    while (step := ladder.steps[place]).do in (StepKind.TEAM, StepKind.SUPERVISORS):
        if _goes_on(chat, offer, step.team_id, place + 1, was_for):
            return
        place = ladder.next_move(place + 1)
    news.alert("escalation_timed_out", chat.id, (chat.owner_id,), supervisors=True)
    facts: Row = {"reason": reason}
    if step.do is StepKind.QUEUE:
        _into_queue(chat, "escalation_timed_out", SYSTEM, Command.OFFER_TIMEOUT, was_for)
    else:
        falls_through(chat, offer, "escalation_timed_out", SYSTEM, Command.OFFER_TIMEOUT, facts, was_for)


def _goes_on(chat: Chat, before: Escalation, team_id: int | None, place: int, was_for: news.Audience) -> bool:
    """Offer the chat to the next team, or to the supervisors. False where nobody could ever take it."""
    offer = offers.make(
        chat,
        previous=before.id,
        origin=before.origin_id,
        by_agent=before.by_agent_id,
        target_team=team_id,
        target_supervisors=team_id is None,
        note=before.note,
        expected_at=before.expected_at,
        steps=before.steps,
        hours=before.hours,
        place=place,
    )
    in_use = team_id is None or one("select 1 as yes from team where id = %s and archived_at is null", (team_id,))
    if not in_use or not read.takers(offer.id):
        offer.delete_instance()
        return False
    target = read.target_name(None, team_id)
    change(chat, "escalation_moved_on", SYSTEM, offer, body=target, data={"target": target}, public=False, also=was_for)
    call_takers("escalated", chat, offer, text=offer.note)
    return True


@atomically
def target_left(chat_id: int) -> bool:
    """Who was asked by name is not online any more: the offer times out now (P4). Whether it did."""
    chat = chat_log.locked(chat_id)
    offer = offers.pending(chat)
    if offer is None or offer.target_agent_id is None:
        return False
    seat = chats.locked_seat(offer.target_agent_id)
    if seat["status"] == "online":
        return False
    _times_out(chat, offer, OFFLINE)
    news.agent(offer.target_agent_id)
    return True


def sweep_absent() -> int:
    """Offers to agents who are not online any more. Returns how many timed out."""
    found = rows(
        f"select o.chat_id from escalation o join ({agents.AGENTS}) now on now.id = o.target_agent_id"
        " where o.state = 'pending' and now.status <> 'online'"
    )
    return sum(target_left(each["chat_id"]) for each in found)


def owner_lost(agent_id: int, how: str, team_ids: list[int] | None = None) -> None:
    """An origin may no longer answer (P8): their offers are withdrawn and the chats wait; of these teams, or of all."""
    for each in rows(
        "select id from chat where owner_id = %s and state = 'escalated' and (%s::bigint[] is null or team_id = any(%s))"
        " order by id",
        (agent_id, team_ids, team_ids),
    ):
        _owner_lost(agent_id, each["id"], how)


@atomically
def _owner_lost(agent_id: int, chat_id: int, how: str) -> None:
    chat = chat_log.locked(chat_id)
    if chat.owner_id == agent_id and chat.state == State.ESCALATED:
        _into_queue(chat, how, SYSTEM, Command.FORCE, offers.withdraw(chat))


# --- Where a chat lands that nobody took ------------------------------------------------------------------


def falls_through(
    chat: Chat, offer: Escalation, event: str, author: Author, command: Command, facts: Row, was_for: news.Audience
) -> None:
    """Back to its owner, who had it all the time; or, when they are gone, to the queue (T15)."""
    if _owner_is_gone(chat):
        _into_queue(chat, event, author, command, was_for)
    else:
        back(chat, offer, event, author, facts, was_for)


def _owner_is_gone(chat: Chat) -> bool:
    """Whether the owner chose to go, or has been away for as long as the desk waits: that timer has fired meanwhile."""
    owner = agents.row(chat.owner_id)
    if owner["status"] != "offline":
        return False
    if owner["disabled_at"] is not None or owner["chosen_status"] == "offline":
        return True
    return bool(
        rows(
            "select 1 as yes from timer where chat_id = %s and kind = 'owner_gone' and state = 'fired' and done_at >= %s",
            (chat.id, chat.entered_state_at),
        )
    )


def back(chat: Chat, offer: Escalation, event: str, author: Author, facts: Row, was_for: news.Audience) -> None:
    """The owner goes on alone; the customer is told that they are still there."""
    said = sentence(chat, "back", chat_log.db_now())
    change(chat, event, author, offer, body=said, data=facts, state=State.ACTIVE, also=was_for)
    if offer.target_agent_id is not None:
        news.agent(offer.target_agent_id)  # the place kept for it is free


def _into_queue(chat: Chat, how: str, author: Author, command: Command, was_for: news.Audience) -> None:
    """Nobody has it: it waits like everybody, with high priority and at its old place (T15)."""
    queue.come_back(chat, author, how, command=command, also=was_for)
    for agent_id in was_for.agents:
        assert agent_id is not None
        news.agent(agent_id)


def change(chat: Chat, event: str, author: Author, offer: Escalation, *, data: Row, **more: Any) -> None:
    """An event of the chat that tells of its offer."""
    origin = agents.row(offer.origin_id)
    facts = {"escalation_id": offer.id, "agent": {key: origin[key] for key in ("id", "name", "hue")}, **data}
    chat_log.change(chat, event, author, data=facts, **more)


def sentence(
    chat: Chat, name: str, now: datetime, *, who: str | None = None, expected_at: datetime | None = None, **filled: str
) -> str:
    """What the customer reads of it, in the desk's words; `{agent}` is the owner, unless somebody else is named."""
    agent = who or agents.row(chat.owner_id)["name"]
    return read.said_to_customer(
        chat.customer_id, name, now, expected_at=expected_at, agent=wording.first_name(agent), **filled
    )


def call_takers(
    kind: str, chat: Chat, offer: Escalation, *, seconds: int = 0, name: str | None = None, text: str | None = None
) -> None:
    """Call those who could take the offer."""
    ids = tuple(each["id"] for each in read.takers(offer.id))
    news.alert(kind, chat.id, ids, seconds=seconds, name=name, text=text)
