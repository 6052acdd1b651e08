"""Webhooks are made, changed, tried, paused, and told again what they missed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import outbound, vault
from models.actions import announcements, audit, chat_log, news
from models.db import atomically, one, run
from models.errors import Conflict, Invalid, NotFound
from models.queries.access import Permission, Viewer
from models.rules import hook_events, signing
from models.tables.integrations import Webhook, WebhookDelivery

MOST = 50


@atomically
def add(viewer: Viewer, *, name: str, url: str, events: Sequence[str], internal: bool) -> tuple[int, str]:
    """Make a webhook. Returns its number and its secret, which is told this once."""
    viewer.require(Permission.AGENT_MANAGE)
    outbound.target(url)
    _check(events, internal=internal)
    run("lock table webhook in share row exclusive mode")  # they are few, and counted
    if Webhook.select().count() >= MOST:
        raise Conflict(f"At most {MOST} webhooks.", code="too_many_webhooks")
    secret = signing.new_secret(secrets.token_bytes)
    made = Webhook.create(
        name=name,
        url=url,
        secret=vault.seal({"signing": secret}),
        secret_tail=vault.tail(secret),
        events=_in_order(events),
        internal=internal,
        made_by=viewer.id,
    )
    facts = {"url": url, "events": _in_order(events), "internal": internal}
    audit.note(viewer, "added", "webhook", made.id, name, after=facts)
    news.catalogue("webhooks")
    return made.id, secret


@atomically
def change(viewer: Viewer, webhook_id: int, **changes: Any) -> None:
    """Change what is given and leave the rest. One that is switched on again begins with a clean slate."""
    viewer.require(Permission.AGENT_MANAGE)
    hook = _locked(webhook_id)
    if "url" in changes:
        outbound.target(changes["url"])
    if "events" in changes:
        changes["events"] = _in_order(changes["events"])
    _check(changes.get("events", hook.events), internal=changes.get("internal", hook.internal))
    before = {name: getattr(hook, name) for name in changes}
    anew: dict[str, Any] = {}
    if changes.get("state") == "on" or changes.get("url", hook.url) != hook.url:
        anew = {"failures": 0, "failing_since": None, "rest_until": None}
    if changes:
        Webhook.update(**changes, **anew, version=Webhook.version + 1, updated_at=chat_log.db_now()).where(
            Webhook.id == webhook_id
        ).execute()
    audit.note(viewer, "changed", "webhook", webhook_id, hook.name, before, changes)
    announcements.nudge([webhook_id])
    news.catalogue("webhooks")


@atomically
def remove(viewer: Viewer, webhook_id: int) -> None:
    """Remove a webhook with everything it was still to be told."""
    viewer.require(Permission.AGENT_MANAGE)
    hook = _locked(webhook_id)
    hook.delete_instance()
    audit.note(viewer, "removed", "webhook", webhook_id, hook.name, before={"url": hook.url, "events": hook.events})
    news.catalogue("webhooks")


@atomically
def new_secret(viewer: Viewer, webhook_id: int) -> str:
    """Give a webhook another secret, which is told this once. What is sent from now on is signed with it."""
    viewer.require(Permission.AGENT_MANAGE)
    hook = _locked(webhook_id)
    secret = signing.new_secret(secrets.token_bytes)
    Webhook.update(
        secret=vault.seal({"signing": secret}), secret_tail=vault.tail(secret), version=Webhook.version + 1
    ).where(Webhook.id == webhook_id).execute()
    audit.note(viewer, "new_secret", "webhook", webhook_id, hook.name)
    news.catalogue("webhooks")
    return secret


@atomically
def test(viewer: Viewer, webhook_id: int) -> int:
    """Send a word that means nothing, at once, also to a webhook that is paused. Returns its number in the log."""
    viewer.require(Permission.AGENT_MANAGE)
    _locked(webhook_id)
    made = WebhookDelivery.create(
        webhook=webhook_id, event=hook_events.TEST, event_id=f"test_{secrets.token_hex(12)}", due_at=chat_log.db_now()
    )
    announcements.nudge([webhook_id])
    news.catalogue("webhooks")
    return int(made.id)


@atomically
def replay(viewer: Viewer, webhook_id: int, delivery_id: int) -> None:
    """Tell one thing again, whether it was taken or not. It keeps its id."""
    viewer.require(Permission.AGENT_MANAGE)
    hook = _locked(webhook_id)
    again = _again("id = %(one)s", {"hook": webhook_id, "one": delivery_id})
    if not again:
        if one("select 1 as yes from webhook_delivery where webhook_id = %s and id = %s", (webhook_id, delivery_id)):
            return  # it is on its way
        raise NotFound()
    audit.note(viewer, "replayed", "webhook", webhook_id, hook.name, after={"deliveries": 1})
    announcements.nudge([webhook_id])


@atomically
def replay_failed(viewer: Viewer, webhook_id: int, since: datetime) -> int:
    """Tell everything again that was given up and happened since then, in its order. Returns how much that is."""
    viewer.require(Permission.AGENT_MANAGE)
    hook = _locked(webhook_id)
    again = _again("state = 'dead' and created_at >= %(since)s", {"hook": webhook_id, "since": since})
    if again:
        audit.note(viewer, "replayed", "webhook", webhook_id, hook.name, after={"deliveries": again})
        announcements.nudge([webhook_id])
    return again


def _again(which: str, of: dict[str, Any]) -> int:
    return run(
        "update webhook_delivery set state = 'waiting', attempts = 0, due_at = clock_timestamp(), settled_at = null"
        f" where webhook_id = %(hook)s and state in ('sent', 'dead') and event <> '{hook_events.TEST}' and " + which,
        of,
    )


def _locked(webhook_id: int) -> Webhook:
    found: Webhook | None = Webhook.select().where(Webhook.id == webhook_id).for_update().first()
    if found is None:
        raise NotFound()
    return found


def _check(events: Sequence[str], *, internal: bool) -> None:
    private = sorted(hook_events.INTERNAL & set(events))
    if private and not internal:
        sentence = f"{', '.join(private)} is for webhooks that may hear what customers never see."
        raise Invalid(sentence, code="internal_event", fields={"events": [sentence]})


def _in_order(events: Sequence[str]) -> list[str]:
    return [event for event in hook_events.EVENTS if event in events]
