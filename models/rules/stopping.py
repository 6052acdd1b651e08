"""The link by which somebody stops broadcasts from wherever they read them: signed, so that nobody stops another's."""

from __future__ import annotations

import hashlib
import hmac


def token(key: str, customer_id: int) -> str:
    """Names one customer, and proves that we made it."""
    mark = hmac.new(key.encode(), f"stop broadcasts {customer_id}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{customer_id}-{mark}"


def customer_of(key: str, said: str) -> int | None:
    """Whose it is; None for one that we did not make."""
    number = said.partition("-")[0]
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 19):
        return None
    return int(number) if hmac.compare_digest(said.encode(), token(key, int(number)).encode()) else None
