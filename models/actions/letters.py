"""Letters on their way. The row is the work: it says to whom and what kind; the text is written when it goes.

A letter is neither lost nor sent twice. Whoever sends one takes a lease and counts the attempt in a
transaction of its own, and notes in another that the text is about to leave (`sending`). Who dies
before that is made up for by the next; who dies after it leaves a letter of which nobody knows
whether it arrived, and that is said rather than guessed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from models import jobs
from models.actions import chat_log
from models.actions.chat_log import SYSTEM, Row
from models.actions.visitors import hashed
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict
from models.jobs import Job
from models.mail import Handed
from models.queries import agents
from models.queries import letters as read
from models.rules import wording
from models.rules.joining import LINK_HOLDS
from models.rules.lifecycle import State, late_notes_allowed
from models.settings import settings
from models.tables.chats import Chat
from models.tables.promises import Mail

CALL_PAUSE_S = 60  # who is back by then, or reads it on a screen, needs no letter
REPLY_PAUSE_S = 45  # who answers in three messages sends one letter
LEASE_S = 60  # longer than an attempt may take, and than a worker is given for it
BACKOFF_S = (60, 300, 1800, 7200, 21_600, 43_200)  # a mail server's bad hour, and its bad night; then we give up


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter in the hands of one worker."""

    id: int
    kind: str
    chat_id: int | None
    address: str
    attempt: int
    after_seq: int = 0
    up_to_seq: int = 0
    token: str = ""
    """Of a letter that asks whether an address is its reader's: what its link holds. Stored nowhere."""
    alarm_id: int | None = None
    """Instead of a chat: what does not get out."""
    agent_id: int | None = None
    channel_id: int | None = None
    """By whose mailbox a letter to an agent goes."""
    about: Row | None = None


def require_mail() -> None:
    """Raise `Conflict` (`no_mail`) where no letters can be sent."""
    if not settings().mail_url:
        raise Conflict("This desk cannot send e-mail.", code="no_mail")


def answered(chat_id: int) -> None:
    """An agent has written to a customer who is answered by e-mail: one letter, a little after the last message."""
    if not settings().mail_url:
        return
    run(
        "insert into mail (kind, chat_id, address, due_at)"
        " select 'reply', c.id, s.email, clock_timestamp() + make_interval(secs => %s)"
        " from chat c join customer s on s.id = c.customer_id where c.id = %s and s.email is not null"
        " on conflict (chat_id) where kind = 'reply' and state = 'pending'"
        " do update set due_at = greatest(mail.due_at, excluded.due_at), address = excluded.address",
        (REPLY_PAUSE_S, chat_id),
    )


def transcript(chat: Chat, address: str) -> None:
    """A locked chat is to be mailed to this address, now."""
    letter = Mail.create(kind="transcript", chat=chat.id, address=address, due_at=chat_log.db_now())
    jobs.enqueue(Job.SEND_MAIL, letter.id)


def alarm(alarm_id: int) -> None:
    """Something does not get out: every admin is written to, once."""
    if not settings().mail_url:
        return
    made = rows(
        "insert into mail (kind, alarm_id, address) select 'alarm', %s, email from agent"
        " where role = 'admin' and disabled_at is null on conflict do nothing returning id",
        (alarm_id,),
    )
    for each in made:
        jobs.enqueue(Job.SEND_MAIL, each["id"])


def confirmation(chat_id: int, address: str) -> int:
    """A letter asks whoever reads it whether the address is theirs, now. Returns its number."""
    letter = Mail.create(kind="confirmation", chat=chat_id, address=address, due_at=chat_log.db_now())
    jobs.enqueue(Job.SEND_MAIL, letter.id)
    number: int = letter.id
    return number


def call(chat_id: int) -> None:
    """A customer has written in a chat whose owner wants to be written to while away: one letter, until they have read it.

    Costs one statement, and writes nothing for whoever does not want it, or where no mailbox could take their answer.
    """
    run(
        "insert into mail (kind, chat_id, agent_id, channel_id, address, due_at)"
        " select 'call', c.id, a.id, box.id, a.email, clock_timestamp() + make_interval(secs => %(pause)s)"
        " from chat c join agent a on a.id = c.owner_id and a.mail_offline and a.disabled_at is null"
        " join lateral (select h.id from channel h where h.kind = 'email' and h.archived_at is null and h.paused_at is null"
        "               and h.connected and coalesce(h.settings ->> 'trusted_server', '') <> ''"
        "               order by h.id = c.channel_id desc, h.id limit 1) box on true"
        " where c.id = %(chat)s and not exists (select from mail m where m.chat_id = c.id and m.agent_id = a.id"
        "  and m.kind = 'call' and m.state in ('sent', 'unknown') and m.up_to_seq > c.agent_read_seq)"
        " on conflict do nothing",
        {"pause": CALL_PAUSE_S, "chat": chat_id},
    )


def refuse(letter_id: int, why: str, address: str) -> None:
    """What answered a call was not said in its chat: tell the agent why, once."""
    for each in rows(
        "insert into mail (kind, chat_id, agent_id, channel_id, answers_id, address, about)"
        " select 'refusal', m.chat_id, m.agent_id, m.channel_id, m.id, a.email, %(about)s from mail m"
        " join agent a on a.id = m.agent_id and a.disabled_at is null where m.id = %(id)s and m.kind = 'call'"
        " on conflict do nothing returning id",
        {"about": as_json({"why": why, "from": address}), "id": letter_id},
    ):
        jobs.enqueue(Job.SEND_MAIL, each["id"])


def due(limit: int = 20) -> list[int]:
    """Letters whose time has come and that nobody has in hand. Locks nothing: `claim` decides."""
    found = rows(
        "select id from mail where state = 'pending' and due_at <= clock_timestamp()"
        " and (lease_until is null or lease_until <= clock_timestamp()) and (%s or channel_id is not null)"
        " order by due_at limit %s",
        (bool(settings().mail_url), limit),
    )
    return [each["id"] for each in found]


@atomically
def claim(mail_id: int) -> Claimed | None:
    """Take a letter in hand, once. None when it is somebody else's, not due, or has nothing to say any more."""
    found = one("select chat_id from mail where id = %s", (mail_id,))
    if found is None:
        return None
    chat = chat_log.locked(found["chat_id"]) if found["chat_id"] is not None else None
    letter = one(
        "select id, kind, address, attempts, alarm_id, agent_id, channel_id, about from mail"
        " where id = %s and state = 'pending' and due_at <= clock_timestamp()"
        " and (lease_until is null or lease_until <= clock_timestamp()) and (%s or channel_id is not null)"
        " for update skip locked",
        (mail_id, bool(settings().mail_url)),
    )
    if letter is None or not _wanted(letter, chat):
        return None
    run(
        "update mail set attempts = attempts + 1, up_to_seq = %s,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (chat.pub_seq if chat else None, LEASE_S, mail_id),
    )
    return Claimed(
        mail_id,
        letter["kind"],
        chat.id if chat else None,
        letter["address"],
        letter["attempts"] + 1,
        after_seq=_after(letter["kind"], chat) if chat else 0,
        up_to_seq=chat.pub_seq if chat else 0,
        token=_new_token(mail_id) if letter["kind"] == "confirmation" else "",
        alarm_id=letter["alarm_id"],
        agent_id=letter["agent_id"],
        channel_id=letter["channel_id"],
        about=letter["about"],
    )


def _new_token(mail_id: int) -> str:
    """What the letter's link holds from now on; an attempt that did not get out leaves none behind."""
    token = secrets.token_urlsafe(32)
    run(
        "update confirmation set token_hash = %s, expires_at = clock_timestamp() + %s where mail_id = %s",
        (hashed(token), LINK_HOLDS, mail_id),
    )
    return token


def _wanted(letter: Row, chat: Chat | None) -> bool:
    """Whether a letter still has something to say. One that has not is gone with this."""
    if chat is None:
        return _still_stands(letter)
    match letter["kind"]:
        case "reply":
            return _still_wanted(letter, chat)
        case "call":
            return _still_away(letter, chat)
        case _:
            return True


def _still_stands(letter: Row) -> bool:
    """Whether what admins are called for is going on."""
    if one("select 1 as yes from alarm where id = %s and ended_at is null", (letter["alarm_id"],)) is not None:
        return True
    run("delete from mail where id = %s", (letter["id"],))
    return False


def _still_away(letter: Row, chat: Chat) -> bool:
    """Whether an agent is still to be told: the chat is theirs, its customer's words are unread, and they want it.

    Who sits before a screen is given the time to read there.
    """
    agent = agents.row(letter["agent_id"])
    theirs = chat.owner_id == letter["agent_id"] and chat.state != State.ENDED and agent["disabled_at"] is None
    wants = one("select mail_offline as yes from agent where id = %s", (letter["agent_id"],))
    if (
        not theirs
        or not wants
        or not wants["yes"]
        or not read.customer_words(chat.id, chat.agent_read_seq, chat.pub_seq)
    ):
        run("delete from mail where id = %s", (letter["id"],))
        return False
    if agent["status"] == "online":
        run(
            "update mail set due_at = clock_timestamp() + make_interval(secs => %s) where id = %s",
            (CALL_PAUSE_S, letter["id"]),
        )
        return False
    return True


def _after(kind: str, chat: Chat) -> int:
    """Up to where whom a letter is for has been told already: by a letter, or by reading it on a screen."""
    return int(chat.agent_read_seq if kind == "call" else max(chat.mailed_seq, chat.customer_read_seq))


def _still_wanted(letter: Row, chat: Chat) -> bool:
    """Whether a reply tells its customer anything new. One whose page is open is given the time to read it there."""
    if not read.answers(chat.id, _after("reply", chat), chat.pub_seq):
        run("delete from mail where id = %s", (letter["id"],))
        return False
    there = one(
        "select 1 as yes from socket_lease where customer_id = %s"
        " and seen_at > clock_timestamp() - interval '45 seconds' limit 1",
        (chat.customer_id,),
    )
    if there is not None:
        run(
            "update mail set due_at = clock_timestamp() + make_interval(secs => %s) where id = %s",
            (REPLY_PAUSE_S, letter["id"]),
        )
    return there is None


@atomically
def leaves(claimed: Claimed) -> None:
    """Its text is about to go out: from here on only the mail server knows."""
    run("update mail set state = 'sending' where id = %s and state = 'pending'", (claimed.id,))


@atomically
def settle(claimed: Claimed, handed: Handed) -> None:
    """Note how an attempt ended. What was refused or is not known stands in the chat, for its agents to see."""
    chat = chat_log.locked(claimed.chat_id) if claimed.chat_id is not None else None
    letter: Mail | None = Mail.select().where(Mail.id == claimed.id).for_update().first()
    if letter is None or letter.state not in ("pending", "sending"):
        return
    again = handed.outcome == "later" and claimed.attempt <= len(BACKOFF_S)
    if again:
        _try_again(letter, claimed, handed.reason)
        return
    _end(letter, chat, {"sent": "sent", "unknown": "unknown"}.get(handed.outcome, "failed"), handed.reason)


def _try_again(letter: Mail, claimed: Claimed, reason: str) -> None:
    """Later, and later still. A newer letter of the same chat says all of it anyway."""
    newer = "select 1 as yes from mail where chat_id = %s and kind = 'reply' and state = 'pending' and id <> %s"
    if claimed.kind == "reply" and one(newer, (claimed.chat_id, claimed.id)) is not None:
        letter.delete_instance()
        return
    run(
        "update mail set state = 'pending', lease_until = null, last_error = %s,"
        " due_at = greatest(due_at, clock_timestamp() + make_interval(secs => %s)) where id = %s",
        (reason, BACKOFF_S[claimed.attempt - 1], claimed.id),
    )


def _end(letter: Mail, chat: Chat | None, state: str, reason: str = "") -> None:
    sent_at = chat_log.db_now() if state == "sent" else None
    Mail.update(state=state, sent_at=sent_at, lease_until=None, last_error=reason or None).where(
        Mail.id == letter.id
    ).execute()
    if chat is None or letter.agent_id is not None:
        return
    if letter.kind == "reply" and state != "failed":  # what may have arrived is not written a second time
        chat.mailed_seq = max(chat.mailed_seq, letter.up_to_seq or 0)
    if chat.state != State.ENDED or late_notes_allowed(chat.ended_at, chat_log.db_now()):
        body = wording.letter(letter.kind, state, letter.address, reason)
        chat_log.write(chat, SYSTEM, kind="event", body=body, data={"event": f"mail_{state}"}, public=False)
    chat.store()
    if (
        letter.kind == "reply"
        and state in ("sent", "unknown")
        and read.answers(chat.id, _after("reply", chat), chat.pub_seq)
    ):
        answered(chat.id)  # written while the letter was on its way


def give_up_lost() -> int:
    """Letters whose worker died with the text on its way. Returns how many."""
    lost = rows("select id, chat_id from mail where state = 'sending' and lease_until <= clock_timestamp() limit 100")
    return sum(_give_up(each["id"], each["chat_id"]) for each in lost)


@atomically
def _give_up(mail_id: int, chat_id: int | None) -> bool:
    chat = chat_log.locked(chat_id) if chat_id is not None else None
    letter: Mail | None = (
        Mail.select()
        .where(Mail.id == mail_id, Mail.state == "sending", Mail.lease_until <= chat_log.db_now())
        .for_update()
        .first()
    )
    if letter is None:
        return False
    _end(letter, chat, "unknown", "the worker ended while the letter was on its way")
    return True
