"""Keys of other programs are made, used and revoked. What is kept of one is its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from models.actions import audit, news
from models.actions.chat_log import db_now
from models.db import atomically, one, run
from models.errors import Conflict, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.tables.integrations import ApiKey

START = "parley_"  # so that people, and scanners of repositories, know one when they see it
PREFIX = len(START) + 6  # characters that stay readable
MOST = 100


def hashed(token: str) -> str:
    """What is stored of a key. It is random and long, so a plain hash keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


@atomically
def make(
    viewer: Viewer, *, name: str, scopes: Sequence[str], agent_id: int | None = None, expires_at: datetime | None = None
) -> tuple[int, str]:
    """Make a key that acts for an account, one's own if none is named. Returns its number and the key, this once."""
    viewer.require(Permission.AGENT_MANAGE)
    run("lock table api_key in share row exclusive mode")  # they are few, and counted
    if one("select count(*) >= %s as full from api_key where revoked_at is null", (MOST,)) == {"full": True}:
        raise Conflict(f"At most {MOST} keys at a time. Revoke one that nobody uses.", code="too_many_keys")
    if expires_at is not None and expires_at <= db_now():
        raise Invalid("A key cannot end before it begins.", fields={"expires_at": ["This is in the past."]})
    holder = agent_id or viewer.id
    if one("select 1 as yes from agent where id = %s and disabled_at is null", (holder,)) is None:
        raise Invalid("There is no such agent.", code="unknown_agent", fields={"agent_id": ["Unknown."]})
    token = START + secrets.token_urlsafe(32)
    made = ApiKey.create(
        name=name,
        prefix=token[:PREFIX],
        token_hash=hashed(token),
        scopes=sorted(set(scopes)),
        agent=holder,
        made_by=viewer.id,
        expires_at=expires_at,
    )
    facts = {"scopes": sorted(set(scopes)), "agent_id": holder, "expires_at": expires_at and expires_at.isoformat()}
    audit.note(viewer, "added", "api_key", made.id, name, after=facts)
    news.catalogue("api_keys")
    return made.id, token


@atomically
def revoke(viewer: Viewer, key_id: int) -> None:
    """From now on the key opens nothing. Revoking twice is revoking once."""
    viewer.require(Permission.AGENT_MANAGE)
    found: ApiKey | None = ApiKey.select().where(ApiKey.id == key_id).for_update().first()
    if found is None:
        raise NotFound()
    if found.revoked_at is not None:
        return
    ApiKey.update(revoked_at=db_now()).where(ApiKey.id == key_id).execute()
    audit.note(viewer, "revoked", "api_key", key_id, found.name)
    news.catalogue("api_keys")


@atomically
def used(key_id: int) -> None:
    """Note that a key was used, to the minute: a busy program must not write a row with each request."""
    run(
        "update api_key set last_used_at = clock_timestamp() where id = %s"
        " and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')",
        (key_id,),
    )
