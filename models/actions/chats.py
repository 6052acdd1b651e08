"""Begin a chat, give it an owner, end it: the moves that every longer story is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models import jobs
from models.actions import announcements, chat_log, failures, news, offers, promises, timers
from models.actions.chat_log import SYSTEM, Author, Row, agent_author
from models.actions.news import Audience
from models.actions.timers import TimerKind
from models.db import as_json, atomically, rows, run
from models.errors import Conflict, Invalid
from models.jobs import Job
from models.queries import access, agents, terms
from models.queries import chats as read
from models.queries.access import Permission, Viewer
from models.queries.terms import Terms
from models.rules import ending, wording
from models.rules.assignment import Choice
from models.rules.lifecycle import Allowed, Command, State, check, late_notes_allowed
from models.rules.presence import why_not
from models.tables.chats import Chat, ChatTag, Session
from models.tables.desk import EndReason, Tag

_WHY = {
    "not_online": "Set your status to online first.",
    "at_capacity": "You have as many chats as your limit allows.",
    "target_offline": "They are not online.",
    "target_at_capacity": "They have as many chats as their limit allows.",
}


def begin(
    customer_id: int, channel_id: int, *, session: Session | None, subject: str, team_id: int | None, **columns: Any
) -> Chat:
    """A new chat, with the bot for now, in a new session or a continued one. The caller says what comes next."""
    issue = session or Session.create(customer=customer_id, subject=subject)
    chat: Chat = Chat.create(
        session=issue.id,
        customer=customer_id,
        channel=channel_id,
        team=team_id,
        state=State.BOT.value,
        first_body=subject,
        **columns,
    )
    announcements.make("chat.started", f"chat_{chat.id}_started", chat_id=chat.id)
    return chat_log.locked(chat.id)


def guard(chat: Chat, command: Command) -> Allowed:
    """What the command does in this state, or a refusal that says who has the chat now."""
    try:
        return check(State(chat.state), command)
    except Conflict as refusal:
        raise moved(chat, refusal) from None


def moved(chat: Chat, refusal: Conflict) -> Conflict:
    """A refusal with what its loser needs: the state now, the version, and whose chat it is."""
    row = read.row(chat.id)
    by = {"id": row["owner_id"], "name": row["owner_name"], "hue": row["owner_hue"]} if row["owner_id"] else None
    taken = by is not None and refusal.code == "already_taken"
    return Conflict(
        f"{row['owner_name']} has just taken this chat." if taken else refusal.sentence,
        code=refusal.code,
        state=chat.state,
        version=chat.version,
        **({"by": by} if by else {}),
        **({"how": refusal.detail["how"]} if "how" in refusal.detail else {}),
    )


def require_owner(viewer: Viewer, chat: Chat) -> None:
    """The owner may; a supervisor may in their stead; nobody else."""
    if chat.owner_id != viewer.id and not viewer.may(Permission.CHAT_SUPERVISE):
        raise moved(chat, Conflict("This chat is not yours any more.", code="not_owner"))


def locked_for(viewer: Viewer, chat_id: int) -> Chat:
    """Lock a chat that the viewer may see."""
    access.see_chat(viewer, chat_id)
    return chat_log.locked(chat_id)


def locked_seat(agent_id: int) -> Row:
    """The agent's row, locked, with load and presence counted after the lock: the limit is decided here.

    `no key`: whoever only names this agent (as giver, in an interval) need not wait, so two agents who
    hand each other a chat do not block each other.
    """
    run("select 1 from agent where id = %s for no key update", (agent_id,))
    return agents.row(agent_id)


def objection(seat: Row, *, target: bool = False) -> str | None:
    """The code that speaks against giving this agent one more chat now, or None."""
    return why_not(seat["chosen_status"], seat["lease_alive"], seat["load"], seat["limit"], target=target)


def require_room(seat: Row, *, target: bool = False) -> None:
    if (code := objection(seat, target=target)) is not None:
        raise Invalid(_WHY[code], code=code)


def give(
    chat: Chat,
    seat: Row,
    how: str,
    *,
    author: Author = SYSTEM,
    by: Viewer | None = None,
    choice: Choice | None = None,
    over_limit: bool = False,
    holds: Terms | None = None,
    body: str | None = None,
    also: Audience = news.NOBODY_ELSE,
    **columns: Any,
) -> None:
    """Make the agent of a locked seat the owner of a locked chat, whichever way it came to that.

    `choice` is why the desk chose this agent; it is kept with the interval, its heads with the event, and
    whoever gives out many chats tells how many still wait. `over_limit` is a supervisor's order. `holds` are the
    terms of the chat's team, when they were just read. `body` is what the customer reads, `also` who else hears.
    """
    was_owner, was_queued = chat.owner_id, chat.state == State.QUEUED
    # The desk counts a seat behind both locks: later than whatever happened to the chat. A person may have said more.
    now = seat["counted_at"] if choice is not None else chat_log.db_now()
    data: Row = {"agent": {"id": seat["id"], "name": seat["name"], "hue": seat["hue"]}, "how": how}
    if by is not None:
        data["by"] = agent_author(by).brief
    if was_queued and chat.queued_at is not None:
        data["waited_s"] = int((now - chat.queued_at).total_seconds())
    if choice is not None:
        data |= {"policy": choice.policy, "considered": len(choice.candidates)}
    if choice is not None or over_limit:
        data |= {"load": seat["load"], "limit": seat["limit"], **({"over_limit": True} if over_limit else {})}
    if was_owner is not None:
        close_interval(chat.id, now)
    open_interval(chat.id, seat["id"], how, by.id if by is not None else None, now, choice, over_limit=over_limit)
    chat.avoid_agent = None
    chat_log.change(
        chat,
        "assigned",
        author,
        body=body or wording.joined(seat["name"]),
        data=data,
        at=now,
        also=also,
        state=State.ACTIVE,
        owner=seat["id"],
        bot_message_id=None,
        bot_lease_until=None,
        idle_due_at=None,
        idle_warned_at=None,
        place_told=None,
        **columns,
    )
    if chat.escalations:
        promises.follow_owner(chat)
    timers.arm_only(TimerKind.FIRST_REPLY, chat.id, (holds or terms.in_force(chat.team_id)).first_reply_s)
    if was_queued and choice is None:
        news.counts(chat.team_id)
    news.seat({**seat, "load": seat["load"] + 1})
    if was_owner is not None:
        news.agent(was_owner)
    if by is None or by.id != seat["id"]:
        news.alert("assigned", chat.id, (seat["id"],))
    if was_owner is not None and by is not None and by.id != was_owner and how != "escalation":
        news.alert("taken_over", chat.id, (was_owner,))
    if was_owner is not None:
        jobs.enqueue(Job.SWEEP_QUEUE)  # a place is free


_OPEN = """
with given as (update agent set last_given_at = %(at)s where id = %(agent)s)
insert into assignment (chat_id, agent_id, how, by_agent_id, from_at, policy, candidates, over_limit)
values (%(chat)s, %(agent)s, %(how)s, %(by)s, %(at)s, %(policy)s, %(candidates)s, %(over_limit)s)
"""


def open_interval(
    chat_id: int,
    agent_id: int,
    how: str,
    by_agent_id: int | None,
    at: datetime,
    choice: Choice | None = None,
    *,
    over_limit: bool = False,
) -> None:
    """Begin an interval of ownership, and note when its agent was last given a chat."""
    run(
        _OPEN,
        {
            "chat": chat_id,
            "agent": agent_id,
            "how": how,
            "by": by_agent_id,
            "at": at,
            "policy": choice.policy if choice is not None else None,
            "candidates": as_json(choice.candidates) if choice is not None else None,
            "over_limit": over_limit,
        },
    )


def close_interval(chat_id: int, at: datetime) -> None:
    """End the open interval of ownership, if there is one."""
    run("update assignment set to_at = %s where chat_id = %s and to_at is null", (at, chat_id))


@atomically
def reassign(viewer: Viewer, chat_id: int, agent_id: int, note: str = "", override: bool = False) -> None:
    """Hand a chat to another agent who is online and has room (T9). A supervisor may fill somebody beyond their limit."""
    if override:
        viewer.require(Permission.CHAT_SUPERVISE)
    chat = locked_for(viewer, chat_id)
    guard(chat, Command.REASSIGN)
    require_owner(viewer, chat)
    if agent_id == chat.owner_id:
        raise Invalid("They have this chat already.", code="same_agent")
    seat = locked_seat(agent_id)
    if seat["disabled_at"] is not None or seat["role"] == "analyst":
        raise Invalid("This agent cannot take chats.", code="target_offline")
    over_limit = override and objection(seat, target=True) == "target_at_capacity"
    if not over_limit:
        require_room(seat, target=True)
    if note:
        chat_log.write(chat, agent_author(viewer), kind="note", body=note, public=False)
    give(chat, seat, "reassign", author=agent_author(viewer), by=viewer, over_limit=over_limit)


@atomically
def end(viewer: Viewer, chat_id: int, reason: str, note: str = "", promise: Row | None = None) -> None:
    """End a chat for one of the desk's reasons (T17); supervisors also one that nobody has (T21).

    Some need an explanation; some record a promise to come back, with `due_at`, `owner_id` and `note` from
    `promise` as far as they are given, in this very transaction.
    """
    chosen = reason_in_use(reason)
    explanation = ending.explanation(note, needed=chosen.needs_note)
    ending.require_promise_fits(promise, promises=chosen.promises)
    chat = locked_for(viewer, chat_id)
    by_order = chat.owner_id is None and viewer.may(Permission.CHAT_SUPERVISE)
    guard(chat, Command.FORCE if by_order else Command.END)
    require_owner(viewer, chat)
    author = agent_author(viewer)
    made = promises.make(chat, author, **(promise or {})) if chosen.promises else None
    finish(
        chat,
        author,
        "admin" if by_order else "agent",
        body=wording.ended(viewer.name),
        data={"promise": made} if made is not None else None,
        end_reason=reason,
        end_note=explanation,
    )


def reason_in_use(code: str) -> EndReason:
    """A reason in use; nobody takes it out of use before this transaction has ended."""
    if not rows("select 1 as yes from end_reason where code = %s and archived_at is null for share", (code,)):
        sentence = "Choose one of the reasons of this desk."
        raise Invalid(sentence, code="unknown_reason", fields={"reason": [sentence]})
    found: EndReason = EndReason.get_by_id(code)
    return found


def finish(chat: Chat, author: Author, cause: str, *, body: str, data: Row | None = None, **columns: Any) -> None:
    """Bring a locked chat to its end, and a pending offer with it. Terminal: reason, times and owner stay as they are now."""
    owner, was_queued = chat.owner_id, chat.state == State.QUEUED
    withdrawn_from = offers.withdraw(chat)
    if chat.escalations:
        promises.answer_is_over(chat, kept=columns.get("end_reason") == ending.EndReason.RESOLVED)
    close_interval(chat.id, chat_log.db_now())
    timers.cancel(chat.id)
    chat_log.change(
        chat,
        "ended",
        author,
        body=body,
        data={"reason": columns.get("end_reason") or cause, **(data or {})},
        also=withdrawn_from,
        state=State.ENDED,
        owner=None,
        ended_owner=owner,
        ended_at=chat_log.db_now(),
        end_cause=cause,
        bot_message_id=None,
        bot_lease_until=None,
        idle_due_at=None,
        **columns,
    )
    if chat.first_replied_at is not None:
        failures.attach_answers(chat.id)
    if was_queued:
        news.counts(chat.team_id)
    if owner is not None:
        news.agent(owner)
        jobs.enqueue(Job.SWEEP_QUEUE)  # a place is free: whoever waits need not wait for the next sweep


@atomically
def set_tags(viewer: Viewer, chat_id: int, tag_ids: list[int]) -> None:
    """Make these the chat's tags. Ended chats take tags for 72 hours."""
    viewer.require(Permission.CHAT_ANSWER)
    chat = locked_for(viewer, chat_id)
    require_open_or_late(chat, Command.TAG)
    wanted = {tag.id: tag.name for tag in Tag.select().where(Tag.id.in_(tag_ids or [0]))}
    if unknown := set(tag_ids) - set(wanted):
        raise Invalid("There is no such tag.", fields={"tag_ids": [f"Unknown: {sorted(unknown)}"]})
    present = {each.tag_id for each in ChatTag.select(ChatTag.tag).where(ChatTag.chat == chat.id)}
    gone, added = present - set(wanted), set(wanted) - present
    if not gone and not added:
        return
    ChatTag.delete().where(ChatTag.chat == chat.id, ChatTag.tag.in_(gone or {0})).execute()
    if added:
        ChatTag.insert_many([{"chat": chat.id, "tag": tag, "agent": viewer.id} for tag in sorted(added)]).execute()
    names = ", ".join(sorted(wanted.values()))
    chat_log.change(chat, "tagged", agent_author(viewer), body=names, public=False)


def require_open_or_late(chat: Chat, command: Command) -> None:
    """Notes and tags: allowed in every state, and for a while after the end."""
    guard(chat, command)
    if chat.state == State.ENDED and not late_notes_allowed(chat.ended_at, chat_log.db_now()):
        raise Conflict("This chat ended too long ago to be changed.", code="state_conflict", state=chat.state)
