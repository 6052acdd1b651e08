"""Signed messages between programs, as Standard Webhooks has them: an id, a time, and an HMAC over both and the body.

`webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature` (`v1,` and base64; several, with spaces, while a
secret is changed). A secret is `whsec_` and 32 random bytes in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping

START = "whsec_"
TOLERANCE_S = 300
"""How far the clocks of the two may be apart; what is older may be a recording."""

ID_MOST = 256  # characters


class Unsigned(Exception):
    """Why a message is not believed: `missing`, `old`, `early` or `forged`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def new_secret(random_bytes: Callable[[int], bytes]) -> str:
    return START + base64.b64encode(random_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes a secret stands for. Raises `ValueError` when it stands for none, or too few."""
    try:
        found = base64.b64decode(secret.removeprefix(START), validate=True)
    except ValueError:
        raise ValueError("The secret is not in base64.") from None
    if not 16 <= len(found) <= 64:
        raise ValueError("The secret must stand for 16 to 64 bytes.")
    return found


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove that `body` is ours, and when it left."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The id of a message that is signed with this secret, now. Raises `Unsigned`. Header names are in lower case."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split()
    if not message_id or len(message_id) > ID_MOST or not signatures or not (stamp.isascii() and stamp.isdigit()):
        raise Unsigned("missing")
    if len(stamp) > 12:
        raise Unsigned("early")
    expected = f"v1,{_signature(secret, message_id, int(stamp), body)}".encode()
    if not any(hmac.compare_digest(each.encode(), expected) for each in signatures):
        raise Unsigned("forged")
    if abs(now - int(stamp)) > TOLERANCE_S:
        raise Unsigned("old" if int(stamp) < now else "early")
    return message_id


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
