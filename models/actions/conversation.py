"""Everything anybody says comes in here, one at a time or many at once."""

from __future__ import annotations

from typing import Any

import peewee
import structlog

from models.actions import customers, messages
from models.actions.chat_log import agent_author, customer_author
from models.actions.enclosures import Draft
from models.actions.messages import Said
from models.errors import Busy, DeskError
from models.queries.access import Viewer, Visitor

log = structlog.get_logger()


def agent_draft(viewer: Viewer, *, chat_id: int, client_id: str, body: str, **more: Any) -> Draft:
    """`more`: internal, quote_id, attachment_ids, mentions, canned_id, template, as `MessageSend` has them."""
    return Draft(viewer, agent_author(viewer), client_id, body, chat_id, **more)


def customer_draft(visitor: Visitor, *, client_id: str, body: str, **more: Any) -> Draft:
    """`more`: topic, quote_id, attachment_ids, as `VisitorSend` has them."""
    return Draft(visitor, customer_author(visitor), client_id, body, **more)


def post(drafts: list[Draft]) -> list[Said | DeskError]:
    """Store each draft, or say why not. One that fails does not take the others with it.

    The common cases share a transaction; the rest, and everything after a fault of the
    shared one, take one each. Drafts carry client ids, so doing one again is harmless.
    """
    try:
        outcomes = messages.post(drafts)
    except (peewee.OperationalError, peewee.InterfaceError) as fault:
        log.warning("message_batch_failed", size=len(drafts), fault=type(fault).__name__)
        outcomes = [None] * len(drafts)
    return [outcome if outcome is not None else _one(draft) for outcome, draft in zip(outcomes, drafts, strict=True)]


def _one(draft: Draft) -> Said | DeskError:
    try:
        return messages.agent_writes(draft) if isinstance(draft.by, Viewer) else customers.writes(draft)
    except DeskError as refusal:
        return refusal
    except (peewee.OperationalError, peewee.InterfaceError) as fault:
        log.warning("message_not_stored", fault=type(fault).__name__)
        return Busy(retry_after_ms=1000)


def say(draft: Draft) -> Said:
    """Store one draft or raise its refusal."""
    (outcome,) = post([draft])
    if isinstance(outcome, DeskError):
        raise outcome
    return outcome
