"""Secrets of other people's services, sealed before they are stored.

The key is made of the desk's own secret key, so a copy of the database alone opens nothing; and whoever
changes the secret key has to fill in the secrets again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.settings import settings

TAIL = 4
"""Characters of a secret that are shown, so that people know which one it is. Of a short one none are."""


class Unopenable(Exception):
    """What was sealed was sealed with another key, or is damaged."""


@cache
def _safe(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"parley secrets").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(secrets: Mapping[str, str]) -> str:
    return _safe(settings().secret_key).encrypt(orjson.dumps(dict(secrets))).decode()


def unseal(sealed: str | None) -> dict[str, str]:
    """The secrets by their names; none where none are stored. Raises `Unopenable`."""
    if sealed is None:
        return {}
    try:
        found: dict[str, str] = orjson.loads(_safe(settings().secret_key).decrypt(sealed.encode()))
    except InvalidToken as fault:
        raise Unopenable from fault
    return found


def tail(secret: str) -> str:
    return secret[-TAIL:] if len(secret) >= 4 * TAIL else ""
