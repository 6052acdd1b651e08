"""Channels read for screens and for those who use them."""

from __future__ import annotations

from models import vault
from models.channels.base import Account
from models.db import one
from models.errors import NotFound


def account(channel_id: int) -> Account:
    """A channel with its secrets open, for one call. Raises `NotFound`, or `vault.Unopenable`."""
    found = one(
        "select id, kind, name, public_key, settings, secrets, notes from channel where id = %s and archived_at is null",
        (channel_id,),
    )
    if found is None:
        raise NotFound()
    return Account(
        id=found["id"],
        kind=found["kind"],
        name=found["name"],
        public_key=found["public_key"],
        settings=found["settings"],
        secrets=vault.unseal(found["secrets"]),
        notes=found["notes"],
    )
