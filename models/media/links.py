"""Links to files: signed, the same for an hour, dead within two."""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import cache
from urllib.parse import quote

from models.settings import settings

FILE, THUMB = "file", "thumb"
STABLE_S = 3600  # within the hour a file has one address, so a browser fetches it once
LONGEST_EXPIRY = 12  # digits


def link(token: str, variant: str, name: str) -> str:
    """A path that shows this file to whoever has it, until it expires."""
    expiry = (int(time.time()) // STABLE_S + 2) * STABLE_S
    return f"/media/{token}/{variant}/{expiry}/{_signature(token, variant, expiry)}/{quote(name, safe='')}"


EXPORT_S = 900  # a file of the whole history is fetched at once or asked for again


def export_link(export_id: int, token: str) -> str:
    """Where an export is fetched, by whoever asked for it and nobody else, for a quarter of an hour."""
    expires = int(time.time()) + EXPORT_S
    return (
        f"/api/exports/{export_id}/file?expires={expires}&signature={_signature(token, f'export-{export_id}', expires)}"
    )


def export_holds(export_id: int, token: str, expires: int, signature: str) -> bool:
    """Whether this link was ours, and still holds."""
    known = hmac.compare_digest(_signature(token, f"export-{export_id}", expires).encode(), signature.encode())
    return known and 0 < expires - time.time() <= EXPORT_S


def seconds_left(token: str, variant: str, expiry: str, signature: str) -> int:
    """How long the link still holds; 0 when it has expired or was never ours."""
    if variant not in (FILE, THUMB) or not expiry.isascii() or not expiry.isdigit() or len(expiry) > LONGEST_EXPIRY:
        return 0
    known = hmac.compare_digest(_signature(token, variant, int(expiry)).encode(), signature.encode())
    return max(0, int(expiry) - int(time.time())) if known and expiry == str(int(expiry)) else 0


def _signature(token: str, variant: str, expiry: int) -> str:
    return hmac.new(_key(), f"{token}\n{variant}\n{expiry}".encode(), hashlib.sha256).hexdigest()[:43]


@cache
def _key() -> bytes:
    """A key of its own, so that a signature for one purpose is good for no other."""
    return hmac.new(settings().secret_key.encode(), b"media links", hashlib.sha256).digest()
