"""Who is calling: a console session by cookie, another program by key, a visitor by token, and what each route asks for.

Every route declares its caller with `@who(...)`; one that does not is refused, and a law
test finds it. Role and teams are read fresh for every request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import argon2
from flask import Flask, Response, current_app, g, request

from models.actions import agents
from models.actions.visitors import hashed
from models.db import one
from models.errors import Invalid, NotFound, Refused, SignedOut
from models.queries import access
from models.queries.access import Permission, Viewer, Visitor
from models.settings import settings
from web import keys, limits
from web.asyncmode import offload

CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Who:
    """Who may call a route: anybody, a visitor with a token, or an agent, perhaps with a permission."""

    kind: str  # anybody, visitor, agent
    permission: Permission | None = None


ANYBODY = Who("anybody")
VISITOR = Who("visitor")
AGENT = Who("agent")


def may(permission: Permission) -> Who:
    return Who("agent", permission)


def who(caller: Who) -> Callable[[View], View]:
    """Declare who may call a view. The declaration is read before every request."""

    def declare(view: View) -> View:
        view.declared_who = caller  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str) -> Who | None:
    return getattr(app.view_functions.get(endpoint), "declared_who", None)


def install(app: Flask) -> None:
    @app.before_request
    def identify() -> Response | None:
        if request.endpoint is None:
            return None  # no such route: the 404 needs no caller
        caller = declared(current_app, request.endpoint)
        if caller is None:
            raise Refused("This address is not open to anybody.")
        if caller.kind == "visitor":
            g.visitor = _visitor()
        elif caller.kind == "agent":
            if (key := keys.presented()) is not None:
                g.viewer = keys.viewer(key)  # no browser adds that header by itself: there is nothing to forge
            else:
                g.viewer = _viewer()
                if request.method not in SAFE_METHODS:
                    _require_csrf()
            if caller.permission is not None:
                g.viewer.require(caller.permission)
        return None


# --- agents -----------------------------------------------------------------------------------------------


def cookie_name() -> str:
    """`__Host-` pins the cookie to this host over TLS; plain http on one's own machine cannot have it."""
    return "__Host-parley" if settings().secure else "parley"


def _viewer() -> Viewer:
    token = request.cookies.get(cookie_name(), "")
    viewer = access.viewer_by_session(hashed(token)) if token else None
    if viewer is None:
        raise SignedOut()
    agents.stays_signed_in(viewer.session_id)
    return viewer


def csrf_token(session_token: str) -> str:
    """Bound to the session, so it can be neither guessed nor carried over."""
    key = settings().secret_key.encode()
    return hmac.new(key, b"csrf:" + hashed(session_token).encode(), hashlib.sha256).hexdigest()


def require_own_origin() -> None:
    """A browser says where a request comes from; another site's page may not sign somebody in, or act for them."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in own_origins():
        raise Refused("This request comes from another site.", code="bad_origin")


def _require_csrf() -> None:
    require_own_origin()
    expected = csrf_token(request.cookies.get(cookie_name(), ""))
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), expected.encode()):
        raise Refused(f"The {CSRF_HEADER} header is missing or stale.", code="csrf")


@cache
def own_origins() -> frozenset[str]:
    """Where our own pages are served from. On one's own machine both names of it count."""
    origin = settings().origin
    parts = urlsplit(origin)
    if parts.hostname not in ("127.0.0.1", "localhost"):
        return frozenset({origin})
    port = f":{parts.port}" if parts.port else ""
    return frozenset(f"{parts.scheme}://{name}{port}" for name in ("127.0.0.1", "localhost"))


_hasher = argon2.PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Verified when there is no such account, so that the answer takes as long."""
    return _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """What is stored of a password. Takes a while on purpose, so it runs beside everything else."""
    found: str = offload(_hasher.hash, password)
    return found


def sign_in(email: str, password: str) -> tuple[str, Viewer]:
    """Check a password and open a session. Raises `SignedOut(wrong_credentials)`, the same for every reason.

    Only failures count: an office behind one address signs in every morning. The account is
    counted before the check, so that guesses sent side by side are counted too.
    """
    address = limits.client_address()
    limits.require_room("sign_in_address", address)
    limits.count("sign_in_account", email.lower())
    found = one("select id, password_hash from agent where email = %s and disabled_at is null", (email.lower(),))
    right = offload(_matches, found["password_hash"] if found else _nobodys_hash(), password)
    if found is None or not right:
        limits.count("sign_in_address", address)
        raise SignedOut("E-mail or password does not match.", code="wrong_credentials")
    limits.forget("sign_in_account", email.lower())
    token = secrets.token_urlsafe(32)
    agents.signs_in(found["id"], hashed(token), address, request.headers.get("User-Agent", ""))
    viewer = access.viewer_by_session(hashed(token))
    if viewer is None:
        raise SignedOut()
    return token, viewer


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(), token, max_age=7 * 86400, secure=settings().secure, httponly=True, samesite="Lax", path="/"
    )


def clear_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), secure=settings().secure, httponly=True, samesite="Lax", path="/")


def idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 8 <= len(key) <= 64:
        raise Invalid("An Idempotency-Key has 8 to 64 characters.", fields={"Idempotency-Key": ["Wrong length."]})
    return key


# --- visitors ---------------------------------------------------------------------------------------------


def _visitor() -> Visitor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    visitor = access.visitor_by_token(hashed(token)) if scheme.lower() == "bearer" and token else None
    if visitor is None:
        raise SignedOut("This visitor token is not known.")
    return visitor


def require_allowed_site(allowed: list[str]) -> None:
    """The page that embeds the widget must be one of the channel's sites, or our own frame."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in own_origins() and origin not in allowed:
        raise NotFound()
