"""Escalation offers as rows: made, looked at, declined, closed. Whoever calls holds the lock of the chat.

What an offer means for its chat is decided above, in `escalations`; that a chat's end or a supervisor's
order withdraws it, in `chats`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.actions import chat_log, news, timers
from models.actions.news import Audience
from models.actions.timers import TimerKind
from models.db import run
from models.queries import offers as read
from models.queries.access import Viewer
from models.rules.escalating import Course, OfferState, Step, StepKind
from models.rules.hours import parse as parse_hours
from models.rules.lifecycle import State
from models.tables.chats import Chat
from models.tables.escalations import Escalation


def pending(chat: Chat) -> Escalation | None:
    """The open offer of a locked chat, locked after it."""
    if chat.state != State.ESCALATED:
        return None
    found: Escalation | None = (
        Escalation.select()
        .where(Escalation.chat == chat.id, Escalation.state == OfferState.PENDING)
        .for_update()
        .first()
    )
    return found


def course(offer: Escalation) -> Course:
    """The ladder the offer goes down, as it was when the chat was escalated."""
    steps = [Step(StepKind(each["do"]), each["after_s"], each["team_id"]) for each in offer.steps]
    return Course(steps, parse_hours(offer.hours))


def make(chat: Chat, *, place: int = 0, **columns: Any) -> Escalation:
    """Offer a locked chat. `steps`, `hours` and `place` say what happens when nobody takes it; its timer is armed."""
    now = chat_log.db_now()
    offer = Escalation(chat=chat.id, made_at=now, place=place, **columns)
    offer.due_at = course(offer).closes(place, now)
    offer.save(force_insert=True)
    arm(offer, now)
    return offer


def arm(offer: Escalation, since: datetime) -> None:
    """Arm the timer for the offer's next step, counted from `since`."""
    timers.arm_at(TimerKind.OFFER, offer.chat_id, course(offer).at(offer.place, since))


def close(
    offer: Escalation, state: OfferState, by: Viewer | None = None, *, reason: str | None = None, note: str = ""
) -> Audience:
    """Bring a locked offer to its one end. Returns to whom it was offered: they hear that it is over."""
    offer.state = state.value
    offer.decided_at = chat_log.db_now()
    by_id: Any = by.id if by is not None else None  # Peewee takes a key where its stubs want a row
    offer.decided_by = by_id
    offer.reason, offer.reason_note = reason, note
    offer.save(only=offer.dirty_fields)
    timers.cancel(offer.chat_id, TimerKind.OFFER)
    return audience(offer)


def withdraw(chat: Chat, by: Viewer | None = None) -> Audience:
    """Something else settles the chat: its end, or a supervisor's order. Without an offer nobody else hears."""
    offer = pending(chat)
    return close(offer, OfferState.WITHDRAWN, by) if offer is not None else news.NOBODY_ELSE


def audience(offer: Escalation) -> Audience:
    """To whom it is offered, beside the supervisors, who hear of every chat."""
    return Audience(
        agents=(offer.target_agent_id,) if offer.target_agent_id is not None else (),
        teams=(offer.target_team_id,) if offer.target_team_id is not None else (),
    )


def looks(agent_id: int, chat_id: int) -> None:
    """Somebody who could take it has the chat open: its origin sees that they looked. Noted once."""
    noted = run(
        "insert into escalation_answer (escalation_id, agent_id, looked_at)"
        f" select o.id, a.id, clock_timestamp() from escalation o join agent a on {read.TAKERS}"
        " where o.chat_id = %(chat)s and o.state = 'pending' and a.id = %(agent)s"
        " on conflict (escalation_id, agent_id) do update set looked_at = excluded.looked_at"
        " where escalation_answer.looked_at is null",
        {"chat": chat_id, "agent": agent_id},
    )
    if noted:
        news.chat(chat_id)


def declines(offer: Escalation, viewer: Viewer, reason: str, note: str) -> None:
    """One of those who could take it says no."""
    run(
        "insert into escalation_answer (escalation_id, agent_id, declined_at, reason, note)"
        " values (%s, %s, clock_timestamp(), %s, %s) on conflict (escalation_id, agent_id)"
        " do update set declined_at = excluded.declined_at, reason = excluded.reason, note = excluded.note",
        (offer.id, viewer.id, reason, note),
    )
