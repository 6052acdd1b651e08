"""What happens around every request: a connection, the headers of safety, and nothing cached that is private."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Flask, Response, g
from flask.json.provider import JSONProvider

from models.db import connection
from models.settings import settings


class OrjsonProvider(JSONProvider):
    """Fast, and strict where it matters: no NaN, no deep nesting."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


API_CSP = "default-src 'none'; frame-ancestors 'none'"


def page_csp(frame_ancestors: str) -> str:
    """The policy of our own pages: scripts and styles from here alone, no inline, Trusted Types on."""
    parts = settings().origin.split("://", 1)
    sockets = f"{'wss' if settings().secure else 'ws'}://{parts[1]}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;"
        f" font-src 'self'; connect-src 'self' {sockets}; base-uri 'none'; form-action 'self'; object-src 'none';"
        f" manifest-src 'self'; frame-ancestors {frame_ancestors};"
        " require-trusted-types-for 'script'; trusted-types svelte-trusted-html"
    )


def borrow_connection() -> None:
    """Raises `Busy` when the pool stays empty."""
    g.borrowed = connection()
    g.borrowed.__enter__()


def lend_connection_back() -> None:
    """Give the request's connection back early: what comes now waits for a client, not for the database."""
    borrowed = g.pop("borrowed", None)
    if borrowed is not None:
        borrowed.__exit__(None, None, None)


@contextmanager
def without_connection() -> Iterator[None]:
    """Inside a client is waited for: whoever is slow must not hold what everybody needs."""
    lend_connection_back()
    yield
    borrow_connection()


def install(app: Flask) -> None:
    app.json = OrjsonProvider(app)

    app.before_request(borrow_connection)

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        lend_connection_back()

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", API_CSP)
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings().secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if response.mimetype == "application/json":
            headers["Content-Type"] = "application/json; charset=utf-8"
        return response
