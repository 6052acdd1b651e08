"""What the back room says of the language models: written by the workers that load them, read by whoever asks how the desk is."""

from __future__ import annotations

from collections.abc import Iterable

from models.db import atomically, run


@atomically
def report(found: Iterable[tuple[str, str | None]]) -> None:
    """Keep of each model why it cannot be used, or None when it can."""
    for model_id, fault in found:
        run(
            "insert into embedding_model (id, available, fault) values (%s, %s, %s)"
            " on conflict (id) do update set available = excluded.available, fault = excluded.fault,"
            " checked_at = clock_timestamp()",
            (model_id, fault is None, fault),
        )
