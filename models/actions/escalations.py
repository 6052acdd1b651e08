"""Escalations: a chat is offered to another agent, a team or the supervisors; its owner keeps it meanwhile.

Accept, reject, cancel, the time-out and whatever else ends an offer all meet on the chat's row lock:
exactly one of them settles it, the others are told what became of it. The lock order is chat, agent,
offer, timer.
"""

from __future__ import annotations

from datetime import datetime

from models.actions import chat_log, chats, news, offer_course, offers, promises
from models.actions.chat_log import Row, agent_author
from models.db import atomically, one, rows
from models.errors import Conflict, Invalid, Refused
from models.queries import escalations as read
from models.queries import offers as read_offers
from models.queries import shapes, terms
from models.queries.access import Permission, Viewer, see_offered
from models.queries.terms import Terms
from models.rules import wording
from models.rules.escalating import OfferState
from models.rules.lifecycle import Command, State
from models.rules.presence import why_not
from models.tables.chats import Chat
from models.tables.escalations import Escalation


@atomically
def escalate(
    viewer: Viewer,
    chat_id: int,
    note: str,
    *,
    agent_id: int | None = None,
    team_id: int | None = None,
    expected_at: datetime | None = None,
    anyway: bool = False,
) -> None:
    """Offer a chat to another agent or to a team (T10), and tell its customer by when to expect an answer.

    An agent must be online and have room, which is kept for the offer. A team must have somebody who
    could take it now, or the offer is made `anyway`.
    """
    chat = chats.locked_for(viewer, chat_id)
    chats.guard(chat, Command.ESCALATE)
    chats.require_owner(viewer, chat)
    if agent_id is not None:
        _require_agent(viewer, chat, agent_id)
    else:
        assert team_id is not None
        _require_team(chat, team_id, anyway)
    holds = terms.in_force(team_id or chat.team_id)
    expected = read.expected(expected_at, holds)
    author = agent_author(viewer)
    chat_log.write(chat, author, kind="note", body=note, public=False)
    offer = offers.make(
        chat,
        origin=chat.owner_id,
        by_agent=viewer.id if viewer.id != chat.owner_id else None,
        target_agent=agent_id,
        target_team=team_id,
        note=note,
        expected_at=expected,
        steps=holds.escalation_steps,
        hours=_hours(holds, team_id or chat.team_id),
    )
    target = read.target_name(agent_id, team_id)
    offer_course.change(
        chat,
        "escalated",
        author,
        offer,
        body=offer_course.sentence(chat, "escalated", holds.now, target=target, expected_at=expected),
        data={"target": target, "expected_at": shapes.moment(expected)},
        state=State.ESCALATED,
        escalations=chat.escalations + 1,
        idle_due_at=None,
        idle_warned_at=None,
    )
    promises.promise_answer(chat, author, expected)
    offer_course.call_takers("escalated", chat, offer, name=viewer.name, text=note)
    if agent_id is not None:
        news.agent(agent_id)  # a place of theirs is kept


def _require_agent(viewer: Viewer, chat: Chat, agent_id: int) -> None:
    if agent_id == chat.owner_id:
        raise Invalid("They have this chat already.", code="same_agent")
    if agent_id == viewer.id:
        raise Invalid("Take the chat over instead.", code="same_agent")
    seat = chats.locked_seat(agent_id)
    if seat["disabled_at"] is not None or seat["role"] == "analyst":
        raise Invalid("This agent cannot take chats.", code="target_offline")
    chats.require_room(seat, target=True)


def _require_team(chat: Chat, team_id: int, anyway: bool) -> None:
    if not rows("select 1 as yes from team where id = %s and archived_at is null for key share", (team_id,)):
        sentence = "There is no such team any more."
        raise Invalid(sentence, code="unknown_team", fields={"team_id": [sentence]})
    members, free = read.free_in_team(team_id, chat.owner_id)
    if not members:
        raise Invalid("Nobody else is in this team.", code="empty_team")
    if not free and not anyway:
        raise Invalid("Nobody in this team is free right now.", code="no_agents")


def _hours(holds: Terms, team_id: int | None) -> Row | None:
    """The opening hours that the steps count, kept with the offer; None: every hour counts."""
    if not holds.escalation_in_hours:
        return None
    found = one(
        "select coalesce(t.hours, d.hours) as hours from desk d left join team t on t.id = %s where d.id = 1",
        (team_id,),
    )
    return found["hours"] if found is not None else None


# --- Answers ---------------------------------------------------------------------------------------------


@atomically
def accept(viewer: Viewer, chat_id: int) -> None:
    """Take an offered chat (T11). Who was asked by name has a place kept; of a team, whoever has room."""
    viewer.require(Permission.CHAT_ANSWER)
    see_offered(viewer, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state == State.ACTIVE and chat.owner_id == viewer.id and _took(viewer, chat_id):
        return  # a second click, or a retry of one that got through
    offer = _open_offer(chat, Command.ACCEPT)
    _require_taker(viewer, offer)
    seat = chats.locked_seat(viewer.id)
    kept = 1 if offer.target_agent_id == viewer.id else 0
    seat["load"] -= kept
    chats.require_room(seat)
    origin, was_for = chat.owner_id, offers.close(offer, OfferState.ACCEPTED, viewer)
    chats.give(
        chat,
        seat,
        "escalation",
        author=agent_author(viewer),
        by=viewer,
        body=offer_course.sentence(chat, "accepted", chat_log.db_now(), who=viewer.name),
        also=was_for,
        **({"team": offer.target_team_id} if offer.target_team_id is not None else {}),
    )
    news.alert("escalation_accepted", chat.id, (origin,), name=viewer.name)


def _took(viewer: Viewer, chat_id: int) -> bool:
    last = read_offers.last(chat_id)
    return last is not None and last["state"] == OfferState.ACCEPTED and last["decided_by"]["id"] == viewer.id


@atomically
def reject(viewer: Viewer, chat_id: int, reason: str, note: str) -> None:
    """Decline an offered chat (T12), with a reason and what lies behind it.

    One who was asked by name settles it. Of a team, each speaks for themselves, and the offer is over when
    nobody is left who could take it now (R-8).
    """
    viewer.require(Permission.CHAT_ANSWER)
    see_offered(viewer, chat_id)
    chat = chat_log.locked(chat_id)
    offer = _open_offer(chat, Command.REJECT)
    _require_taker(viewer, offer)
    offers.declines(offer, viewer, reason, note)
    facts: Row = {"agent": agent_author(viewer).brief, "reason": reason, "note": note}
    if offer.target_agent_id is None and any(_is_free(each) for each in read.takers(offer.id)):
        said = wording.declined(viewer.name, note)
        offer_course.change(
            chat, "escalation_declined", agent_author(viewer), offer, body=said, data=facts, public=False
        )
        news.alert("escalation_declined", chat.id, (chat.owner_id,), name=viewer.name, text=note)
        return
    was_for = offers.close(offer, OfferState.REJECTED, viewer, reason=reason, note=note)
    news.alert("escalation_rejected", chat.id, (chat.owner_id,), supervisors=True, name=viewer.name, text=note)
    offer_course.falls_through(chat, offer, "escalation_rejected", agent_author(viewer), Command.REJECT, facts, was_for)


@atomically
def cancel(viewer: Viewer, chat_id: int, reason: str | None = None) -> None:
    """The origin takes its offer back (T13), or a supervisor does; what was promised with it is called off."""
    chat = chats.locked_for(viewer, chat_id)
    offer = _open_offer(chat, Command.CANCEL)
    chats.require_owner(viewer, chat)
    was_for = offers.close(offer, OfferState.CANCELLED, viewer, reason=reason)
    promises.call_off_answer(chat)
    offer_course.back(chat, offer, "escalation_cancelled", agent_author(viewer), {"reason": reason}, was_for)


def _open_offer(chat: Chat, command: Command) -> Escalation:
    """The pending offer of a locked chat, or a refusal that says what became of it."""
    try:
        chats.guard(chat, command)
    except Conflict:
        raise _too_late(chat, command) from None
    offer = offers.pending(chat)
    if offer is None or (command is not Command.CANCEL and offer.due_at <= chat_log.db_now()):
        raise _too_late(chat, command)
    return offer


def _too_late(chat: Chat, command: Command) -> Conflict:
    last = read_offers.last(chat.id)
    how = last["state"] if last is not None else None
    if how == OfferState.ACCEPTED and command is Command.ACCEPT:
        return chats.moved(chat, Conflict(code="already_taken"))
    how = OfferState.TIMED_OUT if how == OfferState.PENDING else how
    became = {"how": how} if how is not None else {}
    return chats.moved(chat, Conflict("This offer is no longer open.", code="offer_closed", **became))


def _require_taker(viewer: Viewer, offer: Escalation) -> None:
    if viewer.id == offer.origin_id:
        raise Refused("Somebody else is to take this chat: it is yours.", code="own_escalation")
    if not rows(
        f"select 1 as yes from escalation o join agent a on a.id = %s where o.id = %s and {read_offers.TAKERS}",
        (viewer.id, offer.id),
    ):
        raise Refused("This chat was not offered to you.", code="not_target")


def _is_free(agent: Row) -> bool:
    return why_not(agent["chosen_status"], agent["lease_alive"], agent["load"], agent["limit"]) is None
