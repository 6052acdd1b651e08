"""Where a link at the end of a broadcast leads: no more of them. Looking at the page changes nothing, pressing does.

A mail program that offers "Unsubscribe" presses by itself (RFC 8058), with nothing but the address.
"""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import NotFound as NoSuchPage

from models.actions import notices
from models.queries import agents
from models.rules import letter_words, stopping
from models.settings import settings
from web.auth import ANYBODY, who
from web.letter_pages import page


def install(app: Flask) -> None:
    @app.get("/stop/<token>")
    @who(ANYBODY)
    def before_stopping(token: str) -> Response:
        """Whether they mean it."""
        _whose(token)
        return _page(done=False)

    @app.post("/stop/<token>")
    @who(ANYBODY)
    def stop(token: str) -> Response:
        """No more broadcasts to whoever this link was sent to. Answers to their own questions reach them as ever."""
        notices.stops(_whose(token))
        return _page(done=True)


def _whose(token: str) -> int:
    found = stopping.customer_of(settings().secret_key, token)
    if found is None:
        raise NoSuchPage()
    return found


def _page(*, done: bool) -> Response:
    return page(letter_words.STOPPED if done else letter_words.STOP, desk=agents.desk()["name"])
