"""Files, as the screens see them."""

from __future__ import annotations

from models.queries.shapes import Out


def limits() -> Out:
    """What may be uploaded."""
    return {"most_bytes": 5 * 1024 * 1024, "most_files": 10, "extensions": [], "scanned": False}
