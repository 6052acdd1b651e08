"""Where providers call: verified, kept, answered. Nothing is looked into here; a worker does that."""

from __future__ import annotations

from flask import Flask, Response, request

from models.actions import channels, inbox
from models.channels.incoming import Incoming, Unreadable
from models.channels.known import CHANNELS
from models.channels.profile import Account
from models.errors import NotFound
from models.queries import channels as read
from models.vault import Unopenable
from web import receiving
from web.auth import ANYBODY, who


def install(app: Flask) -> None:
    @app.get("/hooks/<kind>/<key>")
    @who(ANYBODY)
    def greet(kind: str, key: str) -> Response:
        """A provider makes sure of us. Whoever does not know the word for it finds nothing here."""
        incoming = _incoming(kind)
        account = _account(kind, key)
        answer = CHANNELS[kind].greet(account, incoming)
        if answer is None:
            raise NotFound()
        channels.greeted(account.id)
        return Response(answer, mimetype="text/plain")

    @app.post("/hooks/<kind>/<key>")
    @who(ANYBODY)
    def receive(kind: str, key: str) -> Response:
        """An update: 2xx says that it is kept. A forged one looks like an address that is not there."""
        incoming = _incoming(kind)
        account = _account(kind, key)
        channel = CHANNELS[kind]
        if not channel.verify(account, incoming):
            raise NotFound()
        try:
            updates = channel.split(account, incoming)
        except Unreadable:
            return Response("unreadable", status=400, mimetype="text/plain")
        inbox.receive(account.id, updates)
        return Response("kept", mimetype="text/plain")


def _incoming(kind: str) -> Incoming:
    if kind == "web" or kind not in CHANNELS:
        raise NotFound()
    request.max_content_length = CHANNELS[kind].can.body_most
    return Incoming(
        request.method,
        {name.lower(): value for name, value in request.headers.items()},
        request.args.to_dict(),
        receiving.hear_out(keep=False),
    )


def _account(kind: str, key: str) -> Account:
    try:
        return read.account_by_key(kind, key)
    except Unopenable:
        raise NotFound() from None
