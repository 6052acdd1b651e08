"""What somebody wrote in a mail, apart from what they answer to.

`quotequail` knows the introductions of most programs and languages. Three things are ours: blocks of headers as
Outlook sets them above a quote, quotes that nobody introduces, and that nothing is folded where the person has written
on below or between. When in doubt all of it is shown.
"""

from __future__ import annotations

import re

import quotequail

from models.rules import mail_html

_LINES = 4000
"""Of one mail; below them nothing is looked for."""

_FROM = r"from|von|de|da|van|från|fra|od|lähettäjä|от|发件人|差出人"
_WHEN = (
    r"sent|date|gesendet|datum|envoyé|enviado(?: el| em)?|fecha|inviato|data|verzonden|skickat|sendt|wysłano|lähetetty"
    r"|отправлено|дата|发送时间|送信日時"
)
_HEADER = re.compile(rf"^\W{{0,3}}({_FROM})\W{{0,3}}:\W{{0,3}}\s?\S", re.IGNORECASE)
_SENT = re.compile(rf"^\W{{0,3}}({_WHEN})\W{{0,3}}:.*\d", re.IGNORECASE)
_RULE = re.compile(r"^\s*([_-]{5,}|[_-]{2,}\s?\w[^<>@]{3,40}\s?[_-]{2,})\s*$")
_ITALIAN = re.compile(r"^Il giorno .*\d.* ha scritto:\s*$")
_QUOTED = re.compile(r"^\s?>")


def split(text: str) -> tuple[str, str]:
    """What was written, and what is quoted below it (empty where nothing is)."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = [at for at in (_introduced(lines), _headed(lines), _unannounced(lines)) if at is not None]
    for at in sorted(found):
        said, quoted = "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()
        if said and not _goes_on(lines[at:]):
            return said, quoted
        if not said:
            break
    return text.strip(), ""


def own_words(text: str, marker: str) -> str:
    """What somebody wrote themselves: no quote with what introduces it, no signature, nothing from an unquoted `marker` on.

    Stricter than `split`, for what is said in somebody's name: of an answer between quoted lines its own lines are kept, and
    below a quote that is not marked line by line nothing is.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if (headed := _headed(lines)) is not None:
        lines = lines[:headed]
    introduced = _introduced(lines)
    if introduced is not None and not any(_QUOTED.match(each) for each in lines[introduced:]):
        lines = lines[:introduced]
    kept: list[str] = []
    introducing = False
    for at, line in enumerate(lines):
        quoted = _QUOTED.match(line) is not None
        introducing = (introducing or at == introduced) and not quoted
        if not (quoted or introducing) and (marker in line or line.rstrip() == "--"):
            break
        if not quoted and not introducing:
            kept.append(line)
    return "\n".join(kept).strip()


def split_html(html: str) -> tuple[str, str]:
    """The same of sanitised HTML, both parts as text."""
    if not html.strip():
        return "", ""
    pieces = quotequail.quote_html(html, limit=_LINES, quote_intro_line=True)
    said = "\n".join(mail_html.text(piece) for shown, piece in pieces if shown)
    below = "\n".join(mail_html.text(piece) for shown, piece in pieces if not shown).strip()
    if below and not (said.strip() and re.search(r"\d", "".join(below.splitlines()[:2]))):
        return split(mail_html.text(html))
    shown, quoted = split(said)
    return shown, "\n".join(part for part in (quoted, below) if part)


def _introduced(lines: list[str]) -> int | None:
    """Where a line such as "On 27 Nov, Ada wrote:" stands. One without a date in it is somebody's own sentence."""
    for at in range(min(len(lines), _LINES)):
        if _ITALIAN.match(" ".join(lines[at : at + 2]).strip()):
            return at
    pieces = quotequail.quote("\n".join(lines[:_LINES]), limit=_LINES, quote_intro_line=True)
    if len(pieces) < 2:
        return None
    at = min(len(lines), _LINES) - pieces[1][1].count("\n") - 1
    below = [line for line in lines[at:] if line.strip()]
    introduction = " ".join(below[:2])
    if not below:
        return None
    return at if _RULE.match(below[0]) or re.search(r"\d", introduction) or _QUOTED.match(below[0]) else None


def _headed(lines: list[str]) -> int | None:
    """Where a block of headers stands: who wrote it, and in one of the next lines when."""
    for at, line in enumerate(lines[:_LINES]):
        if _HEADER.match(line) and any(_SENT.match(each) for each in lines[at + 1 : at + 4]):
            above = at - 1
            while above >= 0 and not lines[above].strip():
                above -= 1
            return above if above >= 0 and _RULE.match(lines[above]) else at
    return None


def _unannounced(lines: list[str]) -> int | None:
    """Where the last lines begin that are all quoted, if they are three or more."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or _QUOTED.match(lines[at - 1])):
        at -= 1
    below = [line for line in lines[at:] if _QUOTED.match(line)]
    if len(below) < 3:
        return None
    while at < len(lines) and not _QUOTED.match(lines[at]):
        at += 1
    return at


def _goes_on(below: list[str]) -> bool:
    """Whether somebody has written on below lines that are marked as quoted."""
    marked = [bool(_QUOTED.match(line)) for line in below if line.strip()]
    if True not in marked:
        return False
    first = marked.index(True)
    return not all(marked[first:])
