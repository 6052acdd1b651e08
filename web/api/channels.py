"""Channels: connected, tested, paused, and what they could not hand over."""

from __future__ import annotations

from typing import Any

from flask import g

from models.actions import alarms, channels, deliveries, inbox
from models.queries import alarms as standing
from models.queries import channels as read
from models.queries import templates as read_templates
from models.queries.access import Permission
from models.queries.shapes import Out
from models.schemas.channels import (
    AlarmList,
    ChannelAdmin,
    ChannelBody,
    ChannelKindList,
    ChannelList,
    ChannelPatch,
    DeliveryOut,
    LostList,
    WebsitePatch,
)
from models.schemas.templates import TemplateList
from web import limits
from web.api.routes import blueprint, route
from web.auth import may

bp = blueprint("channels", "Where customers write from")

EDIT, ANSWER, READ = may(Permission.DESK_EDIT), may(Permission.CHAT_ANSWER), may(Permission.CHAT_READ)


@route(bp, "GET", "/channels/kinds", caller=EDIT, gives=ChannelKindList)
def kinds() -> Out:
    """What can be connected: the form of each kind, and what can be sent by it."""
    return read.kinds(g.viewer)


@route(bp, "GET", "/channels", caller=EDIT, gives=ChannelList)
def listed() -> Out:
    """Every channel and how it is."""
    return read.everything(g.viewer)


@route(bp, "POST", "/channels", caller=EDIT, takes=ChannelBody, gives=ChannelAdmin, status=201)
def create(**body: Any) -> Out:
    """Connect a channel. It is checked at once; the answer shows in `connected` a moment later."""
    return read.one_of(g.viewer, channels.created(g.viewer, body["kind"], body["name"], body["filled"]))


@route(bp, "GET", "/channels/<int:channel_id>", caller=EDIT, gives=ChannelAdmin)
def show(channel_id: int) -> Out:
    """One channel and how it is."""
    return read.one_of(g.viewer, channel_id)


@route(bp, "PATCH", "/channels/<int:channel_id>", caller=EDIT, takes=ChannelPatch, gives=ChannelAdmin)
def change(channel_id: int, **body: Any) -> Out:
    """Change a channel's name or what was filled in. With a version that is not the newest it is refused as `stale`."""
    channels.changed(g.viewer, channel_id, body["version"], name=body.get("name"), filled=body.get("filled"))
    return read.one_of(g.viewer, channel_id)


@route(bp, "PATCH", "/channels/<int:channel_id>/website", caller=EDIT, takes=WebsitePatch, gives=ChannelAdmin)
def change_website(channel_id: int, **body: Any) -> Out:
    """Say which websites may show the chat. With a version that is not the newest it is refused as `stale`."""
    channels.website_changed(g.viewer, channel_id, body["version"], body["sites"])
    return read.one_of(g.viewer, channel_id)


@route(bp, "POST", "/channels/<int:channel_id>/test", caller=EDIT, gives=ChannelAdmin)
def test(channel_id: int) -> Out:
    """Try the secrets, and have the provider call us. `checking` is true until the answer is there."""
    channels.tested(g.viewer, channel_id)
    return read.one_of(g.viewer, channel_id)


@route(bp, "POST", "/channels/<int:channel_id>/pause", caller=EDIT, gives=ChannelAdmin)
def pause(channel_id: int) -> Out:
    """Send nothing for now. What customers write still comes in."""
    channels.paused(g.viewer, channel_id)
    return read.one_of(g.viewer, channel_id)


@route(bp, "POST", "/channels/<int:channel_id>/resume", caller=EDIT, gives=ChannelAdmin)
def resume(channel_id: int) -> Out:
    """Send again, first of all what has waited."""
    channels.resumed(g.viewer, channel_id)
    return read.one_of(g.viewer, channel_id)


@route(bp, "DELETE", "/channels/<int:channel_id>", caller=EDIT, status=204)
def remove(channel_id: int) -> None:
    """Remove a channel. Its chats stay readable."""
    channels.removed(g.viewer, channel_id)


@route(bp, "GET", "/channels/<int:channel_id>/lost", caller=EDIT, gives=LostList)
def lost(channel_id: int) -> Out:
    """What could not be handed over, and what came in and could not be read; the newest hundred of each."""
    return read.lost(g.viewer, channel_id)


@route(bp, "GET", "/channels/<int:channel_id>/templates", caller=READ, gives=TemplateList)
def templates(channel_id: int) -> Out:
    """The texts that this channel’s provider has approved, and those it has not, with the reason."""
    return read_templates.of_channel(g.viewer, channel_id)


@route(bp, "POST", "/channels/<int:channel_id>/templates/read", caller=READ, gives=TemplateList, status=202)
def read_templates_anew(channel_id: int) -> Out:
    """Ask the provider for its list. `reading` is true until it is there."""
    limits.count("templates_read", str(g.viewer.id))
    channels.reads_templates(g.viewer, channel_id)
    return read_templates.of_channel(g.viewer, channel_id)


@route(bp, "POST", "/deliveries/<int:delivery_id>/retry", caller=ANSWER, gives=DeliveryOut)
def retry(delivery_id: int) -> Out:
    """Send once more what could not be handed over. What may have arrived arrives twice, perhaps."""
    return deliveries.retried(g.viewer, delivery_id)


@route(bp, "POST", "/inbound/<int:inbound_id>/retry", caller=EDIT, status=204)
def read_again(inbound_id: int) -> None:
    """Try again to read what came in."""
    inbox.retried(g.viewer, inbound_id)


@route(bp, "GET", "/alarms", caller=EDIT, gives=AlarmList)
def alarms_standing() -> Out:
    """What does not get out, or in, oldest first. That a webhook was switched off is told to those who keep webhooks."""
    return standing.standing(g.viewer)


@route(bp, "POST", "/channels/<int:channel_id>/lost/seen", caller=EDIT, gives=AlarmList)
def lost_seen(channel_id: int) -> Out:
    """Somebody has looked at what was lost here: it is no alarm any more. What still waits stays one."""
    alarms.seen(g.viewer, channel_id)
    return standing.standing(g.viewer)
