"""Programs that call with a key: `Authorization: Bearer parley_…`. No cookie counts beside it, and no CSRF token is asked for."""

from __future__ import annotations

from flask import request

from models.actions import api_keys as actions
from models.errors import Refused, SignedOut
from models.queries import api_keys
from models.queries.access import Viewer
from web import limits, scopes


def presented() -> str | None:
    """The key that came with the request; None when it came with none. Whoever presents one is judged by it alone."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def viewer(token: str) -> Viewer:
    """For whom this key acts, here. Raises `SignedOut` (`bad_key`), `Refused` (`scope`) or `TooMany`."""
    address = limits.client_address()
    limits.require_room("wrong_key", address)
    found = api_keys.holder(actions.hashed(token)) if token.startswith(actions.START) else None
    if found is None or found.key_id is None:
        limits.count("wrong_key", address)
        raise SignedOut("This key is not known, or not any more.", code="bad_key")
    limits.count("api_key", str(found.key_id))
    needed = scopes.needed(request.endpoint or "", request.method)
    if needed is None:
        raise Refused("This address is open to people alone.", code="scope")
    if needed not in found.scopes:
        raise Refused(f"This needs the scope {needed}.", code="scope", scope=needed)
    actions.used(found.key_id)
    return found
