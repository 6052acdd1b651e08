"""The page that a letter's link leads to: is this address yours? Looking changes nothing; pressing the button does."""

from __future__ import annotations

from flask import Flask, Response

from models.actions import confirming
from models.actions.visitors import hashed
from models.errors import Conflict, DeskError, NotFound, TooMany
from models.queries import joining as read
from models.queries import letters
from models.rules import letter_words, wording
from web import limits
from web.auth import ANYBODY, who
from web.errors import STATUS
from web.letter_pages import page


def install(app: Flask) -> None:
    @app.get("/confirm/<token>")
    @who(ANYBODY)
    def ask(token: str) -> Response:
        """What the link is about. Changes nothing, so that whatever follows links in mails does no harm."""
        try:
            limits.count("confirm", limits.client_address())
            found = read.of_link(hashed(token))
            return _page(found["state"], found=found) if found else _page("unknown", 404)
        except TooMany as fault:
            return _page("too_many", STATUS[type(fault)])

    @app.post("/confirm/<token>")
    @who(ANYBODY)
    def confirm(token: str) -> Response:
        """It was them. The link is all there is to it: no cookie speaks for anybody here, so no other site can, either."""
        try:
            limits.count("confirm", limits.client_address())
            confirming.confirms(token)
        except NotFound:
            return _page("unknown", 404)
        except Conflict as fault:
            return _page("expired", STATUS[type(fault)], found=read.of_link(hashed(token)))
        except DeskError as fault:
            return _page("too_many" if isinstance(fault, TooMany) else "unknown", STATUS[type(fault)])
        return _page("confirmed", found=read.of_link(hashed(token)))


def _page(state: str, status: int = 200, *, found: dict[str, str] | None = None) -> Response:
    return page(
        letter_words.CONFIRM[state],
        status=status,
        desk=found["desk"] if found else letters.house().name,
        way=wording.by_channel(found["kind"]) if found else "",
        address=found["address"] if found else "",
    )
