"""What came in by the channels becomes what customers said: read, files fetched, said in the chat.

What most people send, words alone, is done for many at once. No transaction is held over the network.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from models import jobs
from models.actions import agent_mail, channels, conversation, echoes, inbox, reported, senders, sending, uploads
from models.actions.conversation import customer_draft
from models.actions.enclosures import Draft
from models.actions.inbox import Taken
from models.actions.messages import Said
from models.channels.base import Channel
from models.channels.incoming import (
    AgentWrote,
    Edited,
    Event,
    Failed,
    Judged,
    Polled,
    Reach,
    Receipt,
    Unreadable,
    Written,
)
from models.channels.known import CHANNELS
from models.channels.profile import Account
from models.db import connection
from models.errors import Busy, DeskError, NotFound
from models.jobs import Job
from models.queries import channels as read
from models.queries import notices
from models.queries.access import Viewer, Visitor
from models.rules import stopping
from models.rules.stopping import Wish
from models.schemas.base import MESSAGE_LIMIT, clean
from models.vault import Unopenable
from workers.fetching import Got, Later, fetch

log = structlog.get_logger()

SLICE_S = 4.0
"""One task's time; what is left is the next task's, behind whatever else waits."""

GATHER_S = 0.02
"""While little comes in, the next few are waited for so long: one who takes ten costs little more than one who takes one."""


def take(slice_s: float = SLICE_S) -> None:
    """Do what is due for a while. Asks for another task where there is more."""
    until = time.monotonic() + slice_s
    while found := inbox.claim():
        do(found)
        if time.monotonic() > until:
            jobs.nudge(Job.TAKE_IN)
            return
        if len(found) < inbox.AT_ONCE:
            time.sleep(GATHER_S)


@dataclass(frozen=True, slots=True)
class _Read:
    """An update in hand, and what its channel reads in it."""

    taken: Taken
    account: Account
    channel: Channel
    events: Sequence[Event]

    @property
    def only_words(self) -> Written | None:
        """What a customer wrote, where there is nothing to fetch, to look up or to put together."""
        match self.events:
            case [Written(quotes=None) as written] if not written.media and len(self.taken.ids) == 1:
                return written if stopping.wish(written.text) is None else None
        return None

    @property
    def brings_files(self) -> bool:
        return any(event.media for event in self.events if isinstance(event, Written | AgentWrote))


def do(found: Sequence[Taken]) -> None:
    """Updates of different senders, whatever they are; what cannot be done is tried again, and put aside in the end.

    Plain words, nearly all of them, are said together. Of those that bring files only one stays in hand.
    """
    accounts: dict[int, Account] = {}
    opened = [each for each in (_read(taken, accounts) for taken in found) if each is not None]
    said = _say_together([(each, words) for each in opened if (words := each.only_words) is not None])
    left = [each for each in opened if each.taken.id not in said]
    fetching = [each for each in left if each.brings_files]
    inbox.give_back([each.taken for each in fetching[1:]])
    for each in left:
        if not each.brings_files:
            _one(each)
    for each in fetching[:1]:
        if inbox.keep_hold(each.taken):
            _one(each)


def _read(taken: Taken, accounts: dict[int, Account]) -> _Read | None:
    """What is in it; None when it was put aside because nobody can read it. `accounts`: those that are open."""
    try:
        if taken.channel_id not in accounts:
            with connection():
                accounts[taken.channel_id] = read.account(taken.channel_id)
        account = accounts[taken.channel_id]
        channel = CHANNELS[account.kind]
        return _Read(
            taken,
            account,
            channel,
            _together([event for body in taken.bodies for event in channel.read(account, body)]),
        )
    except Unreadable as fault:
        inbox.failed(taken, f"It could not be read: {fault}", for_good=True)
    except (NotFound, Unopenable, KeyError) as fault:
        inbox.failed(
            taken, f"The channel is gone, or its secrets cannot be opened: {type(fault).__name__}", for_good=True
        )
    except Exception as fault:  # whatever an odd update does to a channel's reader, the line behind it goes on
        log.exception("update_unreadable", inbound=taken.id)
        inbox.failed(taken, f"It could not be read: {type(fault).__name__}", for_good=True)
    return None


def _say_together(plain: Sequence[tuple[_Read, Written]]) -> set[int]:
    """Say the words of people of whom nothing else is new. Returns which updates are done; the others go the longer way."""
    if not plain:
        return set()
    try:
        visitors = senders.seen_again([(each.account.id, words.by) for each, words in plain])
        known = [(*each, visitor) for each, visitor in zip(plain, visitors, strict=True) if visitor is not None]
        outcomes = conversation.post([_draft(each.account, words, visitor) for each, words, visitor in known])
        said = [
            (each.taken, outcome.row, words.message_id)
            for (each, words, _), outcome in zip(known, outcomes, strict=True)
            if isinstance(outcome, Said)
        ]
        if said:
            inbox.all_said(said)
    except Exception:  # logged; one by one it shows whose fault it is, and what was said already is not said again
        log.exception("updates_failed_together", many=len(plain))
        return set()
    for taken, _, _ in said:
        log.info("message_in", channel=taken.channel_id, inbound=taken.id, files=0)
    return {taken.id for taken, _, _ in said}


def _one(found: _Read) -> None:
    taken = found.taken
    try:
        for event in found.events:
            _happens(taken, found.account, found.channel, event)
        if not found.events:
            inbox.done(taken, "ignored")
    except (Later, Busy) as fault:
        inbox.failed(taken, str(fault) or "The desk was busy.")
    except Exception as fault:  # logged; the row says so, and it is tried again
        log.exception("update_failed", inbound=taken.id)
        inbox.failed(taken, f"{type(fault).__name__} while it was taken in.")


def _together(events: Sequence[Event]) -> list[Event]:
    """The pieces of one album as one message; anything else as it came."""
    written = [event for event in events if isinstance(event, Written)]
    if len(written) < 2 or len({event.by.external_id for event in written}) > 1:
        return list(events)
    first = written[0]
    words = "\n\n".join(event.text for event in written if event.text)
    whole = replace(first, text=words, media=tuple(media for event in written for media in event.media))
    return [whole, *(event for event in events if not isinstance(event, Written))]


def _happens(taken: Taken, account: Account, channel: Channel, event: Event) -> None:
    match event:
        case Written():
            _writes(taken, account, channel, event)
        case Edited():
            text = clean(event.text)[:MESSAGE_LIMIT]
            message = echoes.edited(account.id, replace(event, text=text))
            inbox.done(taken, "edited" if message else "ignored", message=message)
        case AgentWrote():
            _agent_answers(taken, account, channel, event)
        case Failed():
            _fails(taken, account, event)
        case Receipt():
            _arrives(taken, account, event)
        case Reach():
            senders.reaches(account.id, event.by, event.reachable)
            inbox.done(taken, "reach")
        case Judged():
            channels.template_judged(account.id, event)
            inbox.done(taken, "template")
        case _:
            inbox.done(taken, f"ignored: {event.why}"[:200])


def _arrives(taken: Taken, account: Account, event: Receipt) -> None:
    """A provider can be quicker to say that a message arrived than we are to note what the provider calls it."""

    def known() -> bool:
        return echoes.receipt(account.id, event) or sending.receipt(account.id, event)

    if not known():
        # Looked at before the second look: what is noted between the two is found.
        early = echoes.may_come_early(account.id)
        if not known() and early and inbox.came_early(taken):
            return
    inbox.done(taken, "receipt")


def _writes(taken: Taken, account: Account, channel: Channel, event: Written) -> None:
    visitor = senders.meet(account.id, event.by)
    got = fetch(taken, account, channel, event.media, visitor)
    draft = replace(
        _draft(account, event, visitor, got, echoes.quotable(visitor, echoes.quoted(account.id, event.quotes))),
        wish=None if event.media else _wish(visitor, event.text),
    )
    try:
        said = conversation.say(draft)
    except Busy:
        raise
    except DeskError as refusal:  # a blocked customer: kept as what it is, and not tried again
        inbox.done(taken, f"refused: {refusal.code}")
        return
    inbox.done(taken, "message", message=said.row, provider_message_id=event.message_id)
    if got.apologies:
        uploads.apologises(said.chat_id, "\n".join(got.apologies))
    log.info("message_in", channel=account.id, inbound=taken.id, files=len(got.ids))


def _draft(
    account: Account, event: Written, visitor: Visitor, got: Got | None = None, quote_id: int | None = None
) -> Draft:
    missing = got.missing if got is not None else ()
    text = clean("\n".join(each for each in (event.text, *missing) if each))
    return customer_draft(
        visitor,
        client_id=f"{account.id}:{event.once or event.message_id}"[:200],
        body=text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…",
        attachment_ids=got.ids if got is not None else (),
        quote_id=quote_id,
        aside=dict(event.aside) or None,
        subject=event.subject,
        answers_chat=event.answers_chat,
    )


def _wish(visitor: Visitor, said: str) -> Wish | None:
    if stopping.wish(said) is None:
        return None
    with connection():
        return notices.wish(visitor, said)


def _agent_answers(taken: Taken, account: Account, channel: Channel, event: AgentWrote) -> None:
    """An agent answered by mail, as far as a signature says: said in the chat, or they are told why it is not."""
    if (before := agent_mail.said_before(event)) is not None:
        inbox.done(taken, "repeated", message=before)
        return
    text, who = clean(event.text), agent_mail.speaker(event)
    if isinstance(who, Viewer) and len(text) > MESSAGE_LIMIT:
        who = "too_long"
    if isinstance(who, Viewer) and not (text or event.media):
        who = "empty"
    got = fetch(taken, account, channel, event.media, who) if isinstance(who, Viewer) else Got()
    if isinstance(who, Viewer) and not (text or got.ids):
        who = "files"
    said = agent_mail.says(who, event, text, list(got.ids)) if isinstance(who, Viewer) else who
    if isinstance(said, str):
        agent_mail.refused(event, said)
        inbox.done(taken, f"refused: {said}")
    else:
        if got.missing:
            agent_mail.refused(event, "some_files")
        inbox.done(taken, "message", message=said.row)  # its own name is nobody's business outside the team
    log.info("agent_by_mail", channel=account.id, inbound=taken.id, said=not isinstance(said, str))


def _fails(taken: Taken, account: Account, event: Failed) -> None:
    visitor = senders.meet(account.id, event.by)
    draft = customer_draft(
        visitor, client_id=f"{account.id}:{event.message_id}"[:200], body=clean(event.text)[:MESSAGE_LIMIT]
    )
    try:
        said = reported.failure(draft, event.reason, event.candidates)
    except Busy:
        raise
    except DeskError as refusal:
        inbox.done(taken, f"refused: {refusal.code}")
        return
    inbox.done(taken, "failure", message=said.row, provider_message_id=event.message_id)
    log.info("failure_reported", channel=account.id, inbound=taken.id)


def sweep() -> None:
    """Nudges were lost, workers died, albums became whole: look again."""
    if inbox.sweep():
        jobs.nudge(Job.TAKE_IN)


def poll_due() -> None:
    """Ask for a look into each channel that does not call. Each is a task of its own: one that hangs holds up no other."""
    with connection():
        numbers = read.polled()
    for number in numbers:
        jobs.nudge(Job.POLL_CHANNEL, number)


def poll(channel_id: int) -> None:
    """Look into one channel, if it is due and nobody else does."""
    if not inbox.claim_look(channel_id):
        return
    try:
        with connection():
            account = read.account(channel_id)
        found = CHANNELS[account.kind].poll(account)
    except (NotFound, Unopenable) as fault:
        found = Polled(fault=f"The channel is gone, or its secrets cannot be opened: {type(fault).__name__}")
    except Exception as fault:  # whatever lies there, the channel says that it could not be read
        log.exception("poll_failed", channel=channel_id)
        found = Polled(fault=f"It could not be looked into: {type(fault).__name__}")
    inbox.receive(channel_id, found.updates, dict(found.notes) or None)
    inbox.looked_into(channel_id, found)
