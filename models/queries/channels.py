"""Channels read for screens and for those who use them."""

from __future__ import annotations

from typing import Any

from models import vault
from models.channels.base import Channel
from models.channels.known import CHANNELS
from models.channels.profile import Account, Field
from models.db import one, rows
from models.errors import NotFound
from models.queries import access, shapes
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out
from models.settings import settings

_ACCOUNT = "select id, kind, name, public_key, settings, secrets, notes from channel"

LOST_SHOWN = 100


def account(channel_id: int, *, archived: bool = False) -> Account:
    """A channel with its secrets open, for one call. Raises `NotFound`, or `vault.Unopenable`."""
    found = one(f"{_ACCOUNT} where id = %s and (archived_at is null or %s)", (channel_id, archived))
    if found is None:
        raise NotFound()
    return _opened(found)


def account_by_key(kind: str, key: str) -> Account:
    """The same by what its provider calls. Raises `NotFound`, or `vault.Unopenable`."""
    found = one(f"{_ACCOUNT} where public_key = %s and kind = %s and archived_at is null", (key, kind))
    if found is None:
        raise NotFound()
    return _opened(found)


def _opened(found: dict[str, Any]) -> Account:
    return Account(
        id=found["id"],
        kind=found["kind"],
        name=found["name"],
        public_key=found["public_key"],
        settings=found["settings"],
        secrets=vault.unseal(found["secrets"]),
        notes=found["notes"],
    )


def polled() -> list[int]:
    """Channels that a worker has to look into now. A password that was refused is not tried again until there is another."""
    kinds = [kind for kind, channel in CHANNELS.items() if channel.can.polled]
    found = rows(
        "select h.id from channel h left join channel_pace p on p.channel_id = h.id where h.kind = any(%s)"
        " and h.archived_at is null and h.paused_why is distinct from 'unauthorized'"
        " and greatest(p.look_due_at, p.look_lease_until) <= clock_timestamp() is not false order by p.look_due_at, h.id",
        (kinds,),
    )
    return [each["id"] for each in found]


def address(kind: str, public_key: str) -> str:
    """Where the provider calls us; for the website, where its pages find the chat."""
    if kind == "web":
        return f"{settings().public_url}/w.js"
    return f"{settings().public_url}/hooks/{kind}/{public_key}"


# --- for screens ------------------------------------------------------------------------------------------


def kinds(viewer: Viewer) -> Out:
    """A `ChannelKindList`: what can be added, with the form of each."""
    viewer.require(Permission.DESK_EDIT)
    return {"items": [_kind(channel) for kind, channel in CHANNELS.items() if kind != "web"]}


def _kind(channel: Channel) -> Out:
    return {
        "kind": channel.kind,
        "title": channel.form.title,
        "blurb": channel.form.blurb,
        "docs": channel.form.docs,
        "fields": [_field(each) for each in channel.form.fields],
        "can": shapes.can(channel.can),
    }


def _field(field: Field) -> Out:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "help": field.help,
        "required": field.required,
        "default": field.default,
        "choices": [{"value": value, "label": label} for value, label in field.choices],
        "most": field.most,
    }


_ROW = """
select c.*, (select count(*)::int from delivery d where d.channel_id = c.id and d.state in ('failed', 'unknown', 'dead')
             and d.settled_at > clock_timestamp() - interval '30 days') as lost,
       (select count(*)::int from inbound i where i.channel_id = c.id and i.state = 'dead') as unread,
       (select count(*)::int from delivery d where d.channel_id = c.id and d.state in ('queued', 'claimed')) as waiting,
       p.open_until > clock_timestamp() as resting
from channel c left join channel_pace p on p.channel_id = c.id
where c.archived_at is null
"""


def everything(viewer: Viewer) -> Out:
    """A `ChannelList`: every channel and how it is."""
    viewer.require(Permission.DESK_EDIT)
    return {"items": [_channel(each) for each in rows(f"{_ROW} order by c.id")]}


def one_of(viewer: Viewer, channel_id: int) -> Out:
    """A `ChannelAdmin`. Raises `NotFound`."""
    viewer.require(Permission.DESK_EDIT)
    found = one(f"{_ROW} and c.id = %s", (channel_id,))
    if found is None:
        raise NotFound()
    return _channel(found)


def _called(kind: str) -> bool:
    """Whether a provider calls us; what is polled is looked into by us."""
    return kind in CHANNELS and not CHANNELS[kind].can.polled


def _channel(row: dict[str, Any]) -> Out:
    return {
        "id": row["id"],
        "kind": row["kind"],
        "name": row["name"],
        "public_key": row["public_key"],
        "address": address(row["kind"], row["public_key"]) if _called(row["kind"]) else None,
        "sites": list(dict.fromkeys(row["allowed_origins"])),
        "settings": row["settings"],
        "secret_tails": row["secret_tails"],
        "notes": {key: value for key, value in row["notes"].items() if not key.startswith(("_", "templates"))},
        "state": _state(row),
        "paused_why": row["paused_why"],
        "checking": row["check_due_at"] is not None,
        "checked_at": shapes.moment(row["checked_at"]),
        "last_in_at": shapes.moment(row["last_in_at"]),
        "last_out_at": shapes.moment(row["last_out_at"]),
        "error": row["error"],
        "error_at": shapes.moment(row["error_at"]),
        "lost": row["lost"],
        "unread": row["unread"],
        "waiting": row["waiting"],
        "version": row["version"],
    }


def _state(row: dict[str, Any]) -> str:
    if row["paused_at"] is not None:
        return "broken" if row["paused_why"] == "unauthorized" else "paused"
    if row["kind"] == "web":
        return "working"
    if row["connected"] is None:
        return "new"
    if not row["connected"]:
        return "broken"
    return "resting" if row["resting"] else "working"


def original(viewer: Viewer, chat_id: int, message_id: int) -> tuple[str, bytes]:
    """What a customer sent as it came, while it is kept: its type and bytes. Raises `NotFound`.

    Not of words that were taken back, and not of those of colleagues, whose mails hold more than they said.
    """
    viewer.require(Permission.CHAT_READ)
    access.see_chat(viewer, chat_id)
    found = one(
        "select i.body, h.kind from inbound i join message m on m.id = i.message_id join channel h on h.id = i.channel_id"
        " where m.id = %s and m.chat_id = %s and m.author_kind = 'customer' and m.deleted_at is null and i.body <> ''"
        " order by i.id limit 1",
        (message_id, chat_id),
    )
    channel = CHANNELS.get(found["kind"]) if found else None
    kept = channel.original(bytes(found["body"])) if found and channel else None
    if kept is None:
        raise NotFound()
    return kept


def lost(viewer: Viewer, channel_id: int) -> Out:
    """A `LostList`: what could not be handed over by this channel, newest first, and what came in and could not be read."""
    one_of(viewer, channel_id)
    out = rows(
        "select d.id, d.chat_id, d.message_id, d.state, d.error, d.code, d.settled_at, left(m.body, 200) as body,"
        " case m.data ->> 'event' when 'message_edited' then 'edited' when 'message_deleted' then 'deleted' end as correction,"
        " s.id as customer_id, s.name from delivery d join message m on m.id = d.message_id join chat c on c.id = d.chat_id"
        " join customer s on s.id = c.customer_id where d.channel_id = %s and d.state in ('failed', 'unknown', 'dead')"
        " order by d.id desc limit %s",
        (channel_id, LOST_SHOWN),
    )
    came = rows(
        "select id, sender, error, attempts, received_at from inbound where channel_id = %s and state = 'dead'"
        " order by id desc limit %s",
        (channel_id, LOST_SHOWN),
    )
    return {
        "out": [
            {
                "id": each["id"],
                "chat_id": each["chat_id"],
                "message_id": each["message_id"],
                "customer": shapes.shown_name(each["name"], each["customer_id"]),
                "body": each["body"],
                "correction": each["correction"],
                "state": each["state"],
                "code": each["code"],
                "error": each["error"],
                "at": shapes.moment(each["settled_at"]),
            }
            for each in out
        ],
        "came": [
            {
                "id": each["id"],
                "sender": each["sender"],
                "error": each["error"],
                "attempts": each["attempts"],
                "at": shapes.moment(each["received_at"]),
            }
            for each in came
        ],
    }
