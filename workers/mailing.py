"""One letter from its row to the mail server, and what became of it back to the row."""

from __future__ import annotations

import time
from email.message import EmailMessage

import structlog

from models import mail
from models.actions import letters
from models.actions.chat_log import db_now
from models.actions.letters import Claimed
from models.channels.known import CHANNELS
from models.channels.outgoing import ToAgent
from models.errors import NotFound
from models.mail import Handed
from models.queries import alarms, channels
from models.queries import letters as read
from models.rules import letters as written
from models.rules import wording
from models.rules.mail_server import sender
from models.settings import settings
from models.vault import Unopenable

log = structlog.get_logger()

SWEEP_S = 20  # one sweep's time; what is left is met by the next


def send(mail_id: int) -> None:
    """Send one letter, if it is due and nobody else has it in hand."""
    if (claimed := letters.claim(mail_id)) is None:
        return
    handed = _by_mailbox(claimed) if claimed.channel_id is not None else _by_house(claimed)
    letters.settle(claimed, handed)
    log.info("letter", mail_id=mail_id, kind=claimed.kind, attempt=claimed.attempt, outcome=handed.outcome)


def _by_house(claimed: Claimed) -> Handed:
    """By the mail server of the desk itself."""
    server = settings().mail_server
    assert server is not None, "what needs it is not claimed without it"
    try:
        message = _written(claimed)
    except (ValueError, IndexError) as fault:  # what an address or a name held that no letter can
        return Handed("refused", f"it could not be written: {fault}")
    return mail.hand_over(
        server, message, name=f"{claimed.id}-{claimed.attempt}", handing_over=lambda: letters.leaves(claimed)
    )


def _by_mailbox(claimed: Claimed) -> Handed:
    """By an e-mail channel, whose mailbox reads what is answered."""
    assert claimed.channel_id is not None
    assert claimed.chat_id is not None
    assert claimed.agent_id is not None
    try:
        account = channels.account(claimed.channel_id)
    except (NotFound, Unopenable):
        return Handed("refused", "the mailbox is gone, or its secrets cannot be opened")
    house = read.house()
    if claimed.kind == "call":
        lines = read.customer_words(claimed.chat_id, claimed.after_seq, claimed.up_to_seq)
        customer = lines[-1].author if lines else ""
        subject, text = written.call(house, customer=customer, lines=lines, chat_id=claimed.chat_id)
    else:
        about = claimed.about or {}
        subject, text = written.refusal(
            house, why=str(about.get("why")), address=str(about.get("from")), chat_id=claimed.chat_id
        )
    letter = ToAgent(
        claimed.id, claimed.chat_id, claimed.agent_id, claimed.address, subject, text, answerable=claimed.kind == "call"
    )
    handed = CHANNELS[account.kind].write_to_agent(account, letter, lambda: letters.leaves(claimed))
    return Handed(handed.outcome, handed.reason)


def send_due() -> None:
    """Send what nobody was asked to send, or whose worker died. One that fails does not hold up the rest."""
    letters.give_up_lost()
    until = time.monotonic() + SWEEP_S
    for mail_id in letters.due():
        try:
            send(mail_id)
        except Exception:  # logged; its lease runs out and it is met again
            log.exception("letter_failed", mail_id=mail_id)
        if time.monotonic() > until:
            return


def _written(claimed: Claimed) -> EmailMessage:
    subject, text, html, desk_name = _said(claimed)
    return written.message(
        number=claimed.id,
        thread=f"chat-{claimed.chat_id}" if claimed.chat_id is not None else f"alarm-{claimed.alarm_id}",
        sender=sender(settings().mail_from),
        desk_name=desk_name,
        to=claimed.address,
        subject=subject,
        text=text,
        html=html,
        at=db_now(),
    )


def _said(claimed: Claimed) -> tuple[str, str, str, str]:
    """Subject, text, HTML, and who writes."""
    if claimed.chat_id is None:
        house = read.house()
        return *written.alarm(house, alarms.standing_one(claimed.alarm_id or 0)), house.name
    desk = read.desk_for(claimed.chat_id)
    if claimed.kind == "reply":
        lines = read.answers(claimed.chat_id, claimed.after_seq, claimed.up_to_seq)
        return *written.reply(desk, customer=read.called(claimed.chat_id), lines=lines), desk.name
    if claimed.kind == "confirmation":
        link = f"{settings().public_url}/confirm/{claimed.token}"
        way = wording.by_channel(read.came_by(claimed.chat_id))
        return *written.confirmation(desk, address=claimed.address, way=way, link=link), desk.name
    began_at, lines = read.began_at(claimed.chat_id), read.lines(claimed.chat_id)
    return *written.transcript(desk, began_at=began_at, lines=lines), desk.name
