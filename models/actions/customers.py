"""What customers do beside writing on: begin, come back, ask for a person, leave, rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import peewee

from models import jobs
from models.actions import (
    blocks,
    chat_log,
    chats,
    enclosures,
    failures,
    joining,
    letters,
    news,
    notices,
    promises,
    queue,
    timers,
)
from models.actions.chat_log import Row, customer_author
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.actions.timers import TimerKind
from models.channels.known import QUIET
from models.db import atomically, one, rows, run
from models.errors import Conflict
from models.jobs import Job
from models.queries import access, terms
from models.queries.access import Visitor
from models.queries.shapes import customer_hue, shown_name
from models.rules import reopen, wording
from models.rules.defaults import DEFAULTS
from models.rules.letters import address
from models.rules.lifecycle import Command, State
from models.tables.chats import Chat, Session
from models.tables.customers import Customer
from models.tables.desk import Desk
from models.tables.people import Team

LETTERS_AN_HOUR = 6
"""The bot's, to one customer by mail: whoever writes again then is answered by a person, or not at all."""


def writes(draft: Draft) -> Said:
    """The longer way of a customer's message: it opens a chat, continues an ended one, or is for the bot.

    Two tabs that open together meet at the unique index: the loser writes into the
    winner's chat (R-14). Who has just been found to be somebody we knew goes on as that one.
    """
    return _until_settled(_writes, draft)


TRIES = 4
"""Once as they came, once as whom they have become, and once more for either when another opens a chat at that moment."""


def _until_settled(write: Callable[[Draft], Said], draft: Draft) -> Said:
    for attempt in range(1, TRIES + 1):
        try:
            return write(draft)
        except peewee.IntegrityError:
            if attempt == TRIES:
                raise
        except _Joined as found:
            draft = _as(draft, found.customer_id)
    raise Conflict("Too much happens to this chat at once.", code="state_conflict")


class _Joined(Exception):
    """This customer has gone into another (`joining`)."""

    def __init__(self, customer_id: int) -> None:
        self.customer_id = customer_id
        super().__init__()


def _as(draft: Draft, customer_id: int) -> Draft:
    found = one("select name from customer where id = %s", (customer_id,))
    assert found is not None
    assert isinstance(draft.by, Visitor)
    name, hue = shown_name(found["name"], customer_id), customer_hue(customer_id)
    visitor = replace(draft.by, customer_id=customer_id, name=name, hue=hue)
    return replace(draft, by=visitor, author=customer_author(visitor))


@atomically
def _writes(draft: Draft) -> Said:
    visitor = draft.by
    assert isinstance(visitor, Visitor)
    if (before := chat_log.stored(draft.author, draft.client_id)) is not None:
        return Said(before)
    blocks.require_welcome(visitor)
    if draft.wish is not None:
        notices.lock_customer(visitor.customer_id)
    chat = _open_chat(visitor) or _begin(visitor, draft)
    begins = chat.all_seq == 0
    if draft.notice_id is not None:
        notices.answered(visitor, chat, draft.notice_id)
    elif begins:
        notices.answered_by_writing(chat)
    enclosed = enclosures.gather(chat, draft)
    row = chat_log.write(
        chat, draft.author, kind="text", body=draft.body, data=enclosed.data, client_id=draft.client_id
    )
    enclosures.settle(chat, enclosed, row)
    if draft.wish is None or not begins:  # a word that is all there is answers nobody
        chat.last_customer_at = row["created_at"]
    chat.customer_read_seq = chat.customer_delivered_seq = chat.pub_seq
    chat.idle_due_at = chat.idle_warned_at = None
    if not chat.first_body or (begins and not draft.body):
        chat.first_body = draft.body or wording.files_alone(enclosed.data)
    if draft.wish is not None:
        return _wished(chat, draft, row, begins=begins)
    desk = Desk.the()
    circles = chat.state == State.BOT and not begins and _circles(chat)
    if chat.state == State.BOT and desk.bot_enabled and draft.body and not circles:
        _ask_bot(chat, row, desk)
    chat.store()
    if chat.owner_id is not None:
        letters.call(chat.id)
    if begins:
        _say_where(chat, desk)
    if chat.state == State.BOT and (circles or not draft.body):  # the bot reads no files: a file alone is for a person
        chats.guard(chat, Command.BOT_HANDOFF)
        queue.enter(chat, data={"how": "went_in_circles" if circles else "sent_a_file"})
    return Said(row)


def _wished(chat: Chat, draft: Draft, row: Row, *, begins: bool) -> Said:
    """Nothing but a word about broadcasts: neither the bot's nor the queue's. Whoever has the chat open reads it as ever."""
    assert draft.wish is not None
    notices.hears(chat, draft.wish)
    chat.store()
    if chat.owner_id is not None:
        letters.call(chat.id)
    if begins:
        chats.finish(chat, draft.author, "visitor_ended", body=wording.CUSTOMER_ENDED)
    return Said(row)


def _circles(chat: Chat) -> bool:
    """Whether the bot may be talking to a machine: so many letters in an hour, each answered by another."""
    return (
        one(
            "select 1 as yes from channel where id = %s and kind = any(%s)"
            " and (select count(*) from message where chat_id = %s and author_kind = 'bot'"
            "      and created_at > clock_timestamp() - interval '1 hour') >= %s",
            (chat.channel_id, list(QUIET), chat.id, LETTERS_AN_HOUR),
        )
        is not None
    )


def _open_chat(visitor: Visitor) -> Chat | None:
    found: Chat | None = (
        Chat.select()
        .where(Chat.customer == visitor.customer_id, Chat.channel == visitor.channel_id, Chat.state != State.ENDED)
        .for_update()
        .first()
    )
    return found


def _begin(visitor: Visitor, draft: Draft) -> Chat:
    """A new chat: of the last session while its window runs (T20), else of a new one (T1, T2).

    An answer to a chat of theirs, of which the channel is certain, goes on in that chat's session however late it comes.
    """
    if (now_known_as := joining.present(visitor.customer_id)) != visitor.customer_id:
        raise _Joined(now_known_as)
    theirs = (Chat.customer == visitor.customer_id) & (Chat.channel == visitor.channel_id)
    answered: Chat | None = (
        Chat.select().where(theirs, Chat.id == draft.answers_chat).for_update().first() if draft.answers_chat else None
    )
    last = answered or Chat.select().where(theirs).order_by(Chat.id.desc()).for_update().first()
    now = chat_log.db_now()
    team = Team.get_or_none(Team.name == draft.topic) if draft.topic else None
    subject = draft.subject or draft.body[:500] or wording.A_FILE
    desk = Desk.the()
    continues = answered is not None or (
        last is not None
        and last.ended_at is not None
        and last.end_cause is not None
        and reopen.continuation(
            last.ended_at,
            last.end_reason,
            last.end_cause,
            now,
            usual=_usual(last, desk),
            promised=promises.any_open_of(last.id),
        )
        == "same_session"
    )
    if last is None or not continues:
        return chats.begin(
            visitor.customer_id, visitor.channel_id, session=None, subject=subject, team_id=team.id if team else None
        )
    session = Session.get_by_id(last.session_id)
    sticky = last.ended_owner_id
    return chats.begin(
        visitor.customer_id,
        visitor.channel_id,
        session=session,
        subject=subject,
        team_id=team.id if team else last.team_id,
        previous_chat=last.id,
        preferred_agent=sticky,
        preferred_until=now + timedelta(seconds=desk.sticky_s) if sticky else None,
    )


def _usual(last: Chat, desk: Desk) -> timedelta:
    """How long an ended chat goes on when its customer writes again; on slow channels a day is a short while."""
    usual = timedelta(seconds=desk.reopen_s)
    return max(usual, DEFAULTS.reopen_async) if terms.is_slow(last) else usual


def _ask_bot(chat: Chat, row: Row, desk: Desk) -> None:
    """The bot owes an answer to this message; one it still owed to an earlier message is replaced."""
    chat.bot_message_id, chat.bot_attempts, chat.bot_lease_until = row["id"], 0, None
    timers.arm(TimerKind.BOT_SILENT, chat.id, desk.bot_silent_s)
    jobs.enqueue(Job.ANSWER_CUSTOMER, row["id"])


def _say_where(chat: Chat, desk: Desk) -> None:
    """A chat has just begun: back to the agent it came from, to the bot, or straight to the queue."""
    if not desk.bot_enabled or (chat.preferred_agent_id is not None and _has_room(chat.preferred_agent_id)):
        queue.enter(chat)
    else:
        news.chat(chat.id)


def _has_room(agent_id: int) -> bool:
    return chats.objection(chats.locked_seat(agent_id)) is None


@atomically
def asks_for_person(visitor: Visitor, chat_id: int) -> None:
    """The customer wants a person, whatever the bot thinks (T3). Asking twice is asking once."""
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state in (State.QUEUED, State.ACTIVE, State.ESCALATED):
        return
    chats.guard(chat, Command.BOT_HANDOFF)
    failures.wishes_person(chat_id)
    queue.enter(chat, data={"how": "asked_for_person"})


@atomically
def ends(visitor: Visitor, chat_id: int) -> None:
    """The customer ends the chat, wherever it is (T4, T8, T18). Ending twice is ending once."""
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state == State.ENDED:
        return
    chats.guard(chat, Command.VISITOR_END)
    _leave(visitor, chat)


@atomically
def leaves(visitor: Visitor, chat_id: int) -> None:
    """The customer gives up waiting (T8). Who was picked up meanwhile has no line to leave: the chat goes on (R-4)."""
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state == State.ENDED:
        return
    if chats.guard(chat, Command.QUEUE_LEAVE).to is not None:
        _leave(visitor, chat)


def _leave(visitor: Visitor, chat: Chat) -> None:
    waiting = chat.state == State.QUEUED
    chats.finish(
        chat,
        customer_author(visitor),
        "queue_abandoned" if waiting else "visitor_ended",
        body=wording.CUSTOMER_LEFT_QUEUE if waiting else wording.CUSTOMER_ENDED,
    )


@atomically
def rates(visitor: Visitor, chat_id: int, stars: int, comment: str = "") -> None:
    """One to five stars for an ended chat, once; the same again changes nothing."""
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state != State.ENDED:
        raise Conflict("This chat has not ended yet.", state=chat.state)
    if chat.rating is not None:
        if (chat.rating, chat.rating_comment or "") == (stars, comment):
            return
        raise Conflict("This chat has a rating already.", code="already_rated")
    chat_log.change(
        chat,
        "rated",
        customer_author(visitor),
        body=f"{stars}/5" + (f" · {comment}" if comment else ""),
        public=False,
        rating=stars,
        rating_comment=comment or None,
        rated_at=chat_log.db_now(),
    )


@atomically
def leaves_email(visitor: Visitor, chat_id: int, email: str) -> None:
    """Do not wait: be answered by e-mail. The chat keeps its place, however long that takes, and the page may be closed.

    Whoever has just picked it up answers by e-mail, too. Asking twice is asking once.
    """
    letters.require_mail()
    to = address(email)
    access.visitor_chat(visitor, chat_id)
    chat = chat_log.locked(chat_id)
    if chat.state not in (State.QUEUED, State.ACTIVE, State.ESCALATED):
        raise Conflict("Nobody has this chat to answer you. Write again first.", state=chat.state)
    _note_address(visitor, to)
    _answer_by_email(visitor, chat)


def leaves_message(visitor: Visitor, *, client_id: str, body: str, email: str, name: str = "", topic: str = "") -> Said:
    """Nobody is there: a message and an address. It waits in the queue like every other inquiry, without a limit."""
    letters.require_mail()
    to = address(email)
    visitor = replace(visitor, name=name) if name else visitor
    draft = Draft(visitor, customer_author(visitor), client_id, body, topic=topic)
    return _until_settled(lambda each: _leaves_message(each, to, name), draft)


@atomically
def _leaves_message(draft: Draft, to: str, name: str) -> Said:
    visitor = draft.by
    assert isinstance(visitor, Visitor)
    if (before := chat_log.stored(draft.author, draft.client_id)) is not None:
        return Said(before)
    said = _writes(draft)
    _note_address(visitor, to, name)
    chat = chat_log.locked(said.chat_id)
    if chat.state == State.BOT:
        chats.guard(chat, Command.BOT_HANDOFF)
        queue.enter(chat, data={"how": "left_message"})
    _answer_by_email(visitor, chat)
    return said


def _note_address(visitor: Visitor, to: str, name: str = "") -> None:
    """Where to write to. A verified address is not overwritten, nor is a verified name."""
    run(
        "update customer set email = case when verified and email is not null then email else %(to)s end,"
        " name = case when verified and name is not null or %(name)s = '' then name else %(name)s end where id = %(id)s",
        {"to": to, "name": name, "id": visitor.customer_id},
    )


def _answer_by_email(visitor: Visitor, chat: Chat) -> None:
    """From now on a locked chat has time: no wait is too long for it, and silence ends it as on other slow ways."""
    timers.cancel(chat.id, TimerKind.QUEUE_MAX)
    if not chat.reply_by_email:
        chat_log.change(
            chat,
            "by_email",
            customer_author(visitor),
            body=wording.BY_EMAIL,
            reply_by_email=True,
            idle_due_at=None,
            idle_warned_at=None,
        )
    else:
        news.chat(chat.id)  # another address, perhaps
    if chat.owner_id is not None:
        letters.answered(chat.id)  # what was said already and not read


@atomically
def introduces(visitor: Visitor, name: str, email: str = "") -> None:
    """The pre-chat form: what to call the customer, and where to write to. Verified facts are not overwritten."""
    where_to = {"email": address(email)} if email else {}
    Customer.update(name=name, **where_to).where(Customer.id == visitor.customer_id, ~Customer.verified).execute()
    for open_chat in rows("select id from chat where customer_id = %s and state <> 'ended'", (visitor.customer_id,)):
        news.chat(open_chat["id"])
