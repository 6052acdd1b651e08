"""Letters to customers, written out: what an agent answered while they were away, and transcripts.

Pure: facts in, a message out. Headers are set through `email`, which refuses line breaks; text that
people wrote goes into the HTML part escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Any

from models.errors import Invalid
from models.rules import contact
from models.rules import letter_words as words

AUTO = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""So that a holiday notice does not answer a letter that nobody reads."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the customer may read it. An event has no author."""

    at: datetime
    author: str
    text: str
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes."""

    name: str
    brand: str  # one hex colour
    url: str


def address(text: str, field: str = "email") -> str:
    """Return an address that letters can be sent to. Raises `Invalid`.

    Letters outside ASCII are fine after the @ and are sent as the network knows them; before it, few servers
    take them yet.
    """
    name, _, domain = contact.email(text, field).rpartition("@")
    try:
        plain = f"{name}@{domain.encode('idna').decode()}"
        Address(addr_spec=plain)
    except (UnicodeError, ValueError, IndexError):
        sentence = "Enter a full address, like name@example.com."
        raise Invalid(sentence, fields={field: ["Not an address that letters can be sent to."]}) from None
    return plain


def reply(desk: Desk, *, customer: str, lines: Sequence[Line]) -> tuple[str, str, str]:
    """What was answered while the customer was away: subject, text and HTML."""
    who = lines[-1].author
    greeting = words.HELLO_NAME.format(customer=customer) if customer else words.HELLO
    intro = words.REPLY_ONE.format(who=who) if len(lines) == 1 else words.REPLY_MANY
    outro = words.REPLY_BACK
    text = "\n".join([greeting, "", intro, "", *_text(lines), "", outro, desk.url, "", f"-- \n{desk.name}"])
    body = (
        f"<p>{escape(greeting)}</p><p>{escape(intro)}</p>{_html(lines)}"
        f"<p>{escape(outro)}<br><a href='{escape(desk.url)}'>{escape(desk.url)}</a></p>"
    )
    return words.REPLY_SUBJECT.format(who=who, desk=desk.name), text, _page(desk, body)


def transcript(desk: Desk, *, began_at: datetime, lines: Sequence[Line]) -> tuple[str, str, str]:
    """A whole chat, for whoever took part in it: subject, text and HTML."""
    day = words.DAY.format(moment=began_at)
    intro = words.TRANSCRIPT.format(desk=desk.name, day=day)
    text = "\n".join([intro, "", *_text(lines), "", f"-- \n{desk.name}\n{desk.url}"])
    subject = words.TRANSCRIPT_SUBJECT.format(desk=desk.name, day=day)
    return subject, text, _page(desk, f"<p>{escape(intro)}</p>{_html(lines)}")


def confirmation(desk: Desk, *, address: str, way: str, link: str) -> tuple[str, str, str]:
    """Whether an address is its reader's: subject, text and HTML. It tells nothing of what was said, nor by whom.

    `way`: by which kind of channel somebody gave it.
    """
    asked = words.CONFIRM_ASKED.format(desk=desk.name, way=way, address=address)
    if_so, if_not = words.CONFIRM_IF_SO, words.CONFIRM_IF_NOT
    text = "\n".join([words.HELLO, "", asked, if_so, "", link, "", if_not, "", f"-- \n{desk.name}"])
    press = words.CONFIRM_LINK.format(address=address)
    body = (
        f"<p>{escape(words.HELLO)}</p><p>{escape(asked)}</p><p>{escape(if_so)}</p>"
        f"<p><a href='{escape(link)}'>{escape(press)}</a></p><p>{escape(if_not)}</p>"
    )
    return words.CONFIRM_SUBJECT.format(desk=desk.name), text, _page(desk, body)


ABOVE = "Answer this letter, and what you write above this line goes to the customer."
"""What is left of it below an answer is never the answer's."""


def call(desk: Desk, *, customer: str, lines: Sequence[Line], chat_id: int) -> tuple[str, str]:
    """What a customer wrote while the agent of their chat was away: subject and text."""
    address = f"{desk.url}/inbox/mine/{chat_id}"
    text = "\n".join(
        [
            f"{customer} wrote to you:",
            "",
            *_text(lines),
            "",
            ABOVE,
            "",
            "The chat:",
            address,
            "",
            "You get no other letter about this chat until you have read or answered it. Whether you are written to is your own choice:",
            f"{desk.url}/settings/notifications",
            "",
            f"-- \n{desk.name}",
        ]
    )
    return f"{customer}, chat {chat_id}", text


REFUSALS: Mapping[str, str] = {
    "address": "it came from {address}, which is not the address of your account",
    "unproved": "the mail server did not confirm that it came from {address}",
    "not_yours": "the chat is somebody else’s by now, or waits in the queue",
    "ended": "the chat has ended",
    "may_not": "your account may not answer this chat any more",
    "empty": "there was nothing in it above what it quoted",
    "too_long": "it is longer than a message may be",
    "files": "its files could not be taken, and there were no words",
    "some_files": "not all of its files could be taken; the rest was sent",
}


def refusal(desk: Desk, *, why: str, address: str, chat_id: int) -> tuple[str, str]:
    """An agent's answer by mail was not said in the chat, and why: subject and text."""
    reason = REFUSALS.get(why, "it could not be taken").format(address=address)
    subject = f"Not sent: your answer in chat {chat_id}" if why != "some_files" else f"Files not sent: chat {chat_id}"
    text = "\n".join(
        [
            f"Your mail in chat {chat_id} was not sent to the customer as it is: {reason}.",
            "",
            "The chat:",
            f"{desk.url}/inbox/mine/{chat_id}",
            "",
            f"-- \n{desk.name}",
        ]
    )
    return subject, text


def alarm(desk: Desk, standing: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Something does not get out, or in (a row of `queries/alarms.py`); None: it is over by now. For the team's admins."""
    if standing is None:
        over = "What did not get through does by now. There is nothing to do."
        return f"{desk.name}: all is well again", over, _page(desk, f"<p>{escape(over)}</p>")
    name = _one_line(standing["name"])
    lines = alarm_facts(standing)
    address = f"{desk.url}/settings/{standing['about']}s/{standing['about_id']}"
    calm = "There is no second letter until this is over. It is over by itself when nothing is stuck any more."
    said = f"The desk says: {_one_line(standing['error'])}" if standing["error"] else ""
    text = "\n".join(
        [*lines, *([said] if said else []), "", "See what it is:", address, "", calm, "", f"-- \n{desk.name}"]
    )
    body = "".join(f"<p>{escape(each)}</p>" for each in (*lines, said) if each)
    link = f"<p><a href='{escape(address)}'>{escape(address)}</a></p>"
    subject = (
        f"{desk.name}: {name} was switched off"
        if standing["about"] == "webhook"
        else f"{desk.name}: messages do not get through by {name}"
    )
    return subject, text, _page(desk, f"{body}{link}<p>{escape(calm)}</p>")


def alarm_facts(standing: Mapping[str, Any]) -> list[str]:
    """What is the matter, in sentences: for letters and for the doctor."""
    name = _one_line(standing["name"])
    if standing["about"] == "webhook":
        return [f"The webhook {name} has failed for days and was switched off. What happened since was not told to it."]
    return [
        sentence
        for count, sentence in (
            (
                standing["cut_off"],
                f"{name} cannot be reached, or does not let us in: what customers write does not come in.",
            ),
            (
                standing["waiting"],
                f"{name}: {_count(standing['waiting'], 'message has', 'messages have')} waited more than ten minutes to be sent.",
            ),
            (
                standing["dead"],
                f"{name}: {_count(standing['dead'], 'message was', 'messages were')} given up after ten minutes.",
            ),
            (
                standing["unread"],
                f"{name}: {_count(standing['unread'], 'message', 'messages')} that came in could not be read.",
            ),
        )
        if count
    ]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def plain(heading: Sequence[str], lines: Sequence[Line]) -> str:
    """A transcript as a text file, for the console."""
    return "\n".join([*heading, "", *_text(lines), ""])


def message(
    *,
    number: int,
    thread: str,
    sender: Address,
    desk_name: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    at: datetime,
) -> EmailMessage:
    """The letter as it goes out. Its id follows from its number, so that a server may know it again.

    Letters of one `thread` gather in one.
    """
    letter = EmailMessage(policy=SMTP)
    name, _, domain = to.rpartition("@")
    letter["From"] = Address(sender.display_name or _one_line(desk_name), sender.username, sender.domain)
    letter["To"] = Address(username=name, domain=domain)
    letter["Subject"] = _one_line(subject)
    letter["Date"] = at
    letter["Message-ID"] = f"<letter-{number}-{int(at.timestamp())}@{sender.domain}>"
    letter["References"] = f"<{thread}@{sender.domain}>"
    for header, value in AUTO.items():
        letter[header] = value
    letter.set_content(text)
    letter.add_alternative(html, subtype="html")
    return letter


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _text(lines: Sequence[Line]) -> list[str]:
    written: list[str] = []
    for line in lines:
        stamp = f"{line.at:%Y-%m-%d %H:%M}"
        if not line.author:
            written.append(f"[{stamp}] * {line.text}")
            continue
        first, *rest = line.text.splitlines() or [""]
        written += [f"[{stamp}] {line.author}: {first}".rstrip(), *(f"    {each}" for each in rest)]
        written += [f"    {words.FILE.format(name=name)}" for name in line.files]
    return written


def _html(lines: Sequence[Line]) -> str:
    return "".join(
        f"<p style='color:#5d6472'>{escape(line.text)}</p>"
        if not line.author
        else (
            f"<p><strong>{escape(line.author)}</strong> <small style='color:#5d6472'>{line.at:%Y-%m-%d %H:%M}</small><br>"
            + "<br>".join(
                escape(each)
                for each in [*line.text.splitlines(), *(words.FILE.format(name=name) for name in line.files)]
            )
            + "</p>"
        )
        for line in lines
    )


def _page(desk: Desk, body: str) -> str:
    return (
        "<!doctype html><html><body style='margin:0;background:#f6f7f9'>"
        "<div style='max-width:36rem;margin:0 auto;padding:24px;background:#ffffff;color:#1d2129;"
        "font:16px/1.5 system-ui,sans-serif'>"
        f"<p style='border-left:4px solid {escape(desk.brand)};padding-left:12px'><strong>{escape(desk.name)}</strong></p>"
        f"{body}</div></body></html>"
    )
