"""Escalations: a chat is offered to another agent, a team or the supervisors; its owner keeps it meanwhile.

Accept, reject, cancel, the time-out and whatever else ends an offer all meet on the chat's row lock:
exactly one of them settles it, the others are told what became of it. The lock order is chat, agent,
offer, timer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.actions import chat_log, chats, news, offers, promises, queue, timers
from models.actions.chat_log import SYSTEM, Author, Row, agent_author
from models.db import atomically, one, rows
from models.errors import Conflict, Invalid, Refused
from models.queries import agents, shapes, terms
from models.queries import escalations as read
from models.queries import offers as read_offers
from models.queries.access import Permission, Viewer, see_offered
from models.queries.terms import Terms
from models.rules import wording
from models.rules.escalating import OfferState, StepKind
from models.rules.lifecycle import Command, State
from models.rules.presence import why_not
from models.tables.chats import Chat
from models.tables.escalations import Escalation

OFFLINE = "offline"
"""The reason of an offer that timed out before its time: the agent it was made to went away."""


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
    _change(
        chat,
        "escalated",
        author,
        offer,
        body=_said(chat, "escalated", holds.now, target=target, expected_at=expected),
        data={"target": target, "expected_at": shapes.moment(expected)},
        state=State.ESCALATED,
        escalations=chat.escalations + 1,
        idle_due_at=None,
        idle_warned_at=None,
    )
    promises.promise_answer(chat, author, expected)
    _call("escalated", chat, offer, name=viewer.name, text=note)
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
        body=_said(chat, "accepted", chat_log.db_now(), who=viewer.name),
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
        _change(chat, "escalation_declined", agent_author(viewer), offer, body=said, data=facts, public=False)
        news.alert("escalation_declined", chat.id, (chat.owner_id,), name=viewer.name, text=note)
        return
    was_for = offers.close(offer, OfferState.REJECTED, viewer, reason=reason, note=note)
    news.alert("escalation_rejected", chat.id, (chat.owner_id,), supervisors=True, name=viewer.name, text=note)
    _falls_through(chat, offer, "escalation_rejected", agent_author(viewer), Command.REJECT, facts, was_for)


@atomically
def cancel(viewer: Viewer, chat_id: int, reason: str | None = None) -> None:
    """The origin takes its offer back (T13), or a supervisor does; what was promised with it is called off."""
    chat = chats.locked_for(viewer, chat_id)
    offer = _open_offer(chat, Command.CANCEL)
    chats.require_owner(viewer, chat)
    was_for = offers.close(offer, OfferState.CANCELLED, viewer, reason=reason)
    promises.call_off_answer(chat)
    _back(chat, offer, "escalation_cancelled", agent_author(viewer), {"reason": reason}, was_for)


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
    return chats.moved(chat, Conflict("This offer is no longer open.", code="offer_closed", how=how))


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


# --- What falls due --------------------------------------------------------------------------------------


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
    _call("escalation_reminder", chat, offer, seconds=max(0, left), text=offer.note)


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
        _falls_through(chat, offer, "escalation_timed_out", SYSTEM, Command.OFFER_TIMEOUT, facts, was_for)


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
    _change(
        chat, "escalation_moved_on", SYSTEM, offer, body=target, data={"target": target}, public=False, also=was_for
    )
    _call("escalated", chat, offer, text=offer.note)
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


def _falls_through(
    chat: Chat, offer: Escalation, event: str, author: Author, command: Command, facts: Row, was_for: news.Audience
) -> None:
    """Back to its owner, who had it all the time; or, when they are gone, to the queue (T15)."""
    if _owner_is_gone(chat):
        _into_queue(chat, event, author, command, was_for)
    else:
        _back(chat, offer, event, author, facts, was_for)


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


def _back(chat: Chat, offer: Escalation, event: str, author: Author, facts: Row, was_for: news.Audience) -> None:
    said = _said(chat, "back", chat_log.db_now())
    _change(chat, event, author, offer, body=said, data=facts, state=State.ACTIVE, also=was_for)
    if offer.target_agent_id is not None:
        news.agent(offer.target_agent_id)  # the place kept for it is free


def _into_queue(chat: Chat, how: str, author: Author, command: Command, was_for: news.Audience) -> None:
    queue.come_back(chat, author, how, command=command, also=was_for)
    for agent_id in was_for.agents:
        assert agent_id is not None
        news.agent(agent_id)


def _change(chat: Chat, event: str, author: Author, offer: Escalation, *, data: Row, **more: Any) -> None:
    """An event of the chat that tells of its offer."""
    origin = agents.row(offer.origin_id)
    facts = {"escalation_id": offer.id, "agent": {key: origin[key] for key in ("id", "name", "hue")}, **data}
    chat_log.change(chat, event, author, data=facts, **more)


def _said(
    chat: Chat, name: str, now: datetime, *, who: str | None = None, expected_at: datetime | None = None, **filled: str
) -> str:
    """What the customer reads of it, in the desk's words; `{agent}` is the owner, unless somebody else is named."""
    agent = who or agents.row(chat.owner_id)["name"]
    return read.said_to_customer(
        chat.customer_id, name, now, expected_at=expected_at, agent=wording.first_name(agent), **filled
    )


def _call(
    kind: str, chat: Chat, offer: Escalation, *, seconds: int = 0, name: str | None = None, text: str | None = None
) -> None:
    """Call those who could take the offer."""
    ids = tuple(each["id"] for each in read.takers(offer.id))
    news.alert(kind, chat.id, ids, seconds=seconds, name=name, text=text)
