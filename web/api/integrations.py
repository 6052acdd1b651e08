"""Doors for other programs: API keys that act for an account, and webhooks that are told what happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g

from models.actions import api_keys, webhooks
from models.queries import api_keys as read_keys
from models.queries import webhooks as read
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas import integrations as shapes
from models.schemas.events import Done
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("integrations", "API keys and webhooks")

MANAGE = may(Permission.AGENT_MANAGE)
ONE = "/webhooks/<int:webhook_id>"


@route(bp, "GET", "/api-keys", caller=MANAGE, gives=shapes.ApiKeyList)
def keys() -> Out:
    """Every key, those that open nothing any more last."""
    return read_keys.keys()


@route(bp, "POST", "/api-keys", caller=MANAGE, takes=shapes.ApiKeyBody, gives=shapes.ApiKeyMade, status=201)
def make_key(**body: Any) -> Out:
    """Make a key. It is in this answer and nowhere else."""
    key_id, token = api_keys.make(g.viewer, **body)
    return {"key": read_keys.key(key_id), "token": token}


@route(bp, "DELETE", "/api-keys/<int:key_id>", caller=MANAGE, gives=shapes.ApiKeyList)
def revoke_key(key_id: int) -> Out:
    """Revoke a key: from now on it opens nothing."""
    api_keys.revoke(g.viewer, key_id)
    return read_keys.keys()


@route(bp, "GET", "/webhooks", caller=MANAGE, gives=shapes.WebhookList)
def hooks() -> Out:
    """Every webhook, and how well it listens."""
    return read.hooks()


@route(bp, "POST", "/webhooks", caller=MANAGE, takes=shapes.WebhookBody, gives=shapes.WebhookMade, status=201)
def add_hook(**body: Any) -> Out:
    """Make a webhook. Its secret is in this answer and nowhere else."""
    webhook_id, secret = webhooks.add(g.viewer, **body)
    return {"webhook": read.hook(webhook_id), "secret": secret}


@route(bp, "PATCH", ONE, caller=MANAGE, takes=shapes.WebhookPatch, gives=shapes.WebhookOut)
def change_hook(webhook_id: int, **body: Any) -> Out:
    """Change a webhook, pause it, or switch it on again."""
    webhooks.change(g.viewer, webhook_id, **body)
    return read.hook(webhook_id)


@route(bp, "DELETE", ONE, caller=MANAGE, gives=shapes.WebhookList)
def remove_hook(webhook_id: int) -> Out:
    """Remove a webhook, its log, and everything it was still to be told."""
    webhooks.remove(g.viewer, webhook_id)
    return read.hooks()


@route(bp, "POST", f"{ONE}/secret", caller=MANAGE, gives=shapes.WebhookMade)
def new_secret(webhook_id: int) -> Out:
    """Give a webhook another secret. It is in this answer and nowhere else."""
    secret = webhooks.new_secret(g.viewer, webhook_id)
    return {"webhook": read.hook(webhook_id), "secret": secret}


@route(bp, "POST", f"{ONE}/test", caller=MANAGE, gives=shapes.WebhookDeliveryOut, status=202)
def test_hook(webhook_id: int) -> Out:
    """Send a word that means nothing, to see whether it is taken."""
    limits.count("webhook_test", str(g.viewer.id))
    return read.delivery(webhook_id, webhooks.test(g.viewer, webhook_id))


@route(bp, "GET", f"{ONE}/deliveries", caller=MANAGE, asks=shapes.WebhookLogQuery, gives=shapes.WebhookLog)
def log(webhook_id: int, **query: Any) -> Out:
    """What was sent to a webhook, and is to be, the newest first."""
    return read.deliveries(webhook_id, **query)


@route(bp, "POST", f"{ONE}/deliveries/<int:delivery_id>/replay", caller=MANAGE, gives=Done, status=202)
def replay(webhook_id: int, delivery_id: int) -> Out:
    """Tell one thing again, under the same id."""
    webhooks.replay(g.viewer, webhook_id, delivery_id)
    return {}


@route(bp, "POST", f"{ONE}/replay", caller=MANAGE, takes=shapes.WebhookReplay, gives=shapes.WebhookReplayed, status=202)
def replay_failed(webhook_id: int, since: datetime) -> Out:
    """Tell everything again that was given up since then, in its order."""
    return {"count": webhooks.replay_failed(g.viewer, webhook_id, since)}
