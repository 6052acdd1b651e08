"""The one place that asks what time it is. Always aware, always UTC.

Rules take `now` as an argument; deadlines are compared with the database's own
clock. This one serves log lines, seeds and values that only people read.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
