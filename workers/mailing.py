"""One letter from its row to the mail server, and what became of it back to the row."""

from __future__ import annotations

import time
from email.message import EmailMessage

import structlog

from models import mail
from models.actions import letters
from models.actions.chat_log import db_now
from models.actions.letters import Claimed
from models.mail import Handed
from models.queries import alarms
from models.queries import letters as read
from models.rules import letters as written
from models.rules import wording
from models.rules.mail_server import sender
from models.settings import settings

log = structlog.get_logger()

SWEEP_S = 20  # one sweep's time; what is left is met by the next


def send(mail_id: int) -> None:
    """Send one letter, if it is due and nobody else has it in hand."""
    server = settings().mail_server
    if server is None or (claimed := letters.claim(mail_id)) is None:
        return
    try:
        message = _written(claimed)
    except (ValueError, IndexError) as fault:  # what an address or a name held that no letter can
        handed = Handed("refused", f"it could not be written: {fault}")
    else:
        handed = mail.hand_over(
            server, message, name=f"{claimed.id}-{claimed.attempt}", handing_over=lambda: letters.leaves(claimed)
        )
    letters.settle(claimed, handed)
    log.info("letter", mail_id=mail_id, kind=claimed.kind, attempt=claimed.attempt, outcome=handed.outcome)


def send_due() -> None:
    """Send what nobody was asked to send, or whose worker died. One that fails does not hold up the rest."""
    if settings().mail_server is None:
        return
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
