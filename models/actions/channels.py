"""Channels connected, changed, paused and removed. What is secret goes in and never comes out again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from models import jobs, vault
from models.actions import audit, news
from models.actions.chat_log import Row
from models.channels.incoming import Judged
from models.channels.known import CHANNELS
from models.channels.outgoing import Checked
from models.channels.profile import Field, Form
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job
from models.queries import templates
from models.queries.access import Permission, Viewer
from models.rules import sites as site_rules
from models.rules.templates import withheld
from models.tables.customers import Channel

CHECK_LEASE_S = 60
"""A check that has not ended by then is made again."""


def created(viewer: Viewer, kind: str, name: str, filled: Mapping[str, Any]) -> int:
    """Add a channel and have it checked. `filled`: the form's fields by name, secrets among them.

    Raises `Invalid`: `unknown_kind`, or what is wrong with which field under `fields`.
    """
    return _created(viewer, kind, name, filled)


@atomically
def _created(viewer: Viewer, kind: str, name: str, filled: Mapping[str, Any]) -> int:
    viewer.require(Permission.DESK_EDIT)
    form = _form(kind)
    plain, secret = _checked(form, filled, known=frozenset())
    channel = Channel.create(
        kind=kind,
        name=name,
        public_key=secrets.token_urlsafe(18),
        allowed_origins=[],
        settings=plain,
        secrets=vault.seal(secret),
        secret_tails={each: vault.tail(value) for each, value in secret.items()},
    )
    run("insert into channel_pace (channel_id) values (%s)", (channel.id,))
    audit.note(viewer, "created", "channel", channel.id, name, after={"kind": kind, "name": name, **plain})
    _wants_check(channel.id)
    number: int = channel.id
    return number


@atomically
def changed(
    viewer: Viewer, channel_id: int, version: int, *, name: str | None = None, filled: Mapping[str, Any] | None = None
) -> None:
    """Change what is given; a secret that is not given stays. Raises `Conflict` (`stale`) and `Invalid` as `created`."""
    viewer.require(Permission.DESK_EDIT)
    channel = _locked(channel_id)
    _require_newest(channel, version)
    before = {"name": channel.name, **channel.settings}
    channel.name = name or channel.name
    if filled:
        kept = _unsealed(channel)
        form = _form(channel.kind)
        plain, secret = _checked(form, {**channel.settings, **filled}, known=frozenset(kept))
        channel.settings = plain
        if secret:
            channel.secrets = vault.seal({**kept, **secret})
            channel.secret_tails = {
                **channel.secret_tails,
                **{each: vault.tail(value) for each, value in secret.items()},
            }
            audit.note(viewer, "secret_changed", "channel", channel_id, channel.name, after={"fields": sorted(secret)})
        if channel.paused_why == "unauthorized":
            channel.paused_at = channel.paused_why = None
            _goes_again(channel_id)
    channel.version += 1
    channel.save()
    audit.note(
        viewer, "changed", "channel", channel_id, channel.name, before, {"name": channel.name, **channel.settings}
    )
    if filled:
        _wants_check(channel_id)
    news.catalogue("channels")


@atomically
def website_changed(viewer: Viewer, channel_id: int, version: int, sites: Sequence[str]) -> None:
    """Say which sites may show the chat: it disappears from those left out.

    Raises `NotFound` for any other kind, `Conflict` (`stale`), and `Invalid` (`bad_site`) with what cannot be read.
    """
    viewer.require(Permission.DESK_EDIT)
    channel = _locked(channel_id, website=True)
    _require_newest(channel, version)
    before = {"sites": list(channel.allowed_origins)}
    channel.allowed_origins = site_rules.origins(sites)
    channel.version += 1
    channel.save()
    audit.note(viewer, "changed", "channel", channel_id, channel.name, before, {"sites": list(channel.allowed_origins)})
    news.catalogue("channels")


@atomically
def paused(viewer: Viewer, channel_id: int) -> None:
    """Send nothing by this channel for now; what comes in still does. Pausing twice is pausing once."""
    viewer.require(Permission.DESK_EDIT)
    channel = _locked(channel_id)
    if channel.paused_at is None:
        run(
            "update channel set paused_at = clock_timestamp(), paused_why = 'agent', version = version + 1 where id = %s",
            (channel_id,),
        )
        audit.note(viewer, "paused", "channel", channel_id, channel.name)
        news.catalogue("channels")


@atomically
def resumed(viewer: Viewer, channel_id: int) -> None:
    """Send again, first of all what has waited."""
    viewer.require(Permission.DESK_EDIT)
    channel = _locked(channel_id)
    if channel.paused_at is not None:
        run(
            "update channel set paused_at = null, paused_why = null, version = version + 1 where id = %s", (channel_id,)
        )
        _goes_again(channel_id)
        audit.note(viewer, "resumed", "channel", channel_id, channel.name)
        news.catalogue("channels")


def _goes_again(channel_id: int) -> None:
    """A channel sends again: what has waited is due now, and its time begins anew, or it would be given up at once."""
    run(
        "update delivery set due_at = clock_timestamp(), queued_at = clock_timestamp()"
        " where channel_id = %s and state = 'queued'",
        (channel_id,),
    )
    jobs.enqueue(Job.DELIVER)


@atomically
def tested(viewer: Viewer, channel_id: int) -> None:
    """Somebody wants to know how the channel is. The answer stands in its row, a moment later."""
    viewer.require(Permission.DESK_EDIT)
    _locked(channel_id)
    _wants_check(channel_id)


@atomically
def reads_templates(viewer: Viewer, channel_id: int) -> None:
    """Somebody who writes wants the list of templates as it is now: the channel is looked at, as by `tested`."""
    viewer.require(Permission.CHAT_READ)
    templates.require_readable(channel_id)
    _wants_check(channel_id)


def doubts_templates(channel_id: int) -> None:
    """The provider refused one that stands in our list: it has been changed, paused or rejected since.

    A look that is being taken now may have read the list already; one that nobody has in hand yet is enough.
    """
    if one(
        "select 1 as yes from channel where id = %s and (check_due_at is null or check_due_at > clock_timestamp())",
        (channel_id,),
    ):
        _wants_check(channel_id)


@atomically
def template_judged(channel_id: int, told: Judged) -> None:
    """The provider thinks otherwise of a template. What it takes away is offered to nobody from this moment; what holds
    altogether is read in its list, which also mends news that came late or out of order."""
    if told.state is not None:
        found = one("select notes -> 'templates' as kept from channel where id = %s for no key update", (channel_id,))
        kept = withheld((found and found["kept"]) or (), told.name, told.language, told.state, told.unusable)
        run(
            "update channel set notes = notes || jsonb_build_object('templates', %s::jsonb) where id = %s",
            (as_json(kept), channel_id),
        )
    doubts_templates(channel_id)
    news.catalogue("channels")


@atomically
def removed(viewer: Viewer, channel_id: int) -> None:
    """Nothing comes in by this channel any more, nothing goes out. Its chats stay; those that are open stay open."""
    viewer.require(Permission.DESK_EDIT)
    channel = _locked(channel_id)
    run(
        "update channel set archived_at = clock_timestamp(), version = version + 1 where id = %s",
        (channel_id,),
    )
    run(
        "update delivery set state = 'failed', error = 'The channel was removed.', settled_at = clock_timestamp()"
        " where channel_id = %s and state = 'queued'",
        (channel_id,),
    )
    audit.note(viewer, "removed", "channel", channel_id, channel.name)
    _wants_check(channel_id)
    news.catalogue("channels")


def _require_newest(channel: Channel, version: int) -> None:
    if channel.version != version:
        raise Conflict("Somebody else has changed this channel meanwhile.", code="stale", version=channel.version)


def _locked(channel_id: int, *, website: bool = False) -> Channel:
    channel: Channel | None = (
        Channel.select()
        .where(Channel.id == channel_id, Channel.archived_at.is_null(), (Channel.kind == "web") == website)
        .for_update()
        .first()
    )
    if channel is None:
        raise NotFound()
    return channel


def _unsealed(channel: Channel) -> dict[str, str]:
    """The secrets as they are; none where the desk's own key was changed and they have to be filled in again."""
    try:
        return vault.unseal(channel.secrets)
    except vault.Unopenable:
        return {}


def _form(kind: str) -> Form:
    if kind == "web" or kind not in CHANNELS:
        raise Invalid("There is no such kind of channel to add.", code="unknown_kind")
    return CHANNELS[kind].form


def _checked(form: Form, filled: Mapping[str, Any], *, known: frozenset[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was filled in, secrets apart, each of the type its field has. `known`: secrets that are stored already."""
    fields = {each.name: each for each in form.fields}
    wrong = {name: ["There is no such field."] for name in filled if name not in fields}
    plain: dict[str, Any] = {}
    secret: dict[str, str] = {}
    for field in form.fields:
        value = filled.get(field.name)
        if isinstance(value, str):
            value = value.strip()
        if value in (None, ""):
            if field.kind == "secret":
                if field.required and field.name not in known:
                    wrong[field.name] = ["Fill this in."]
            elif field.required and field.default is None:
                wrong[field.name] = ["Fill this in."]
            else:
                plain[field.name] = field.default
        elif (objection := _objection(field, value)) is not None:
            wrong[field.name] = [objection]
        elif field.kind == "secret":
            secret[field.name] = str(value)
        else:
            plain[field.name] = value
    if wrong:
        raise Invalid("Something in the form is not right.", fields={"filled": wrong})
    return plain, secret


def _objection(field: Field, value: object) -> str | None:
    match field.kind:
        case "number":
            return None if type(value) is int and 0 <= value < 2**31 else "This has to be a whole number."
        case "flag":
            return None if type(value) is bool else "This is either on or off."
        case "choice":
            return None if value in {stored for stored, _ in field.choices} else "Choose one of the list."
        case _:
            if not isinstance(value, str):
                return "This has to be text."
            return None if len(value) <= field.most else f"At most {field.most:,} characters."


# --- how it is --------------------------------------------------------------------------------------------


def _wants_check(channel_id: int) -> None:
    run("update channel set check_due_at = clock_timestamp() where id = %s", (channel_id,))
    jobs.enqueue(Job.CHECK_CHANNEL, channel_id)


@atomically
def claim_check(channel_id: int) -> Row | None:
    """Take a wanted check in hand. Returns id, kind and archived_at; None when it is not wanted, or another's."""
    return one(
        "update channel set check_due_at = clock_timestamp() + make_interval(secs => %s)"
        " where id = %s and check_due_at <= clock_timestamp() returning id, kind, archived_at",
        (CHECK_LEASE_S, channel_id),
    )


@atomically
def checked(channel_id: int, found: Checked) -> None:
    """Note what a check found. One that fails is not made again by itself: people press the button.

    What was wanted while it was under way (due already, where a claim falls due later) stays wanted.
    """
    run(
        "update channel set checked_at = clock_timestamp(), connected = %(yes)s,"
        " check_due_at = case when check_due_at > clock_timestamp() then null else check_due_at end,"
        " error = case when %(yes)s then null else %(reason)s end,"
        " error_at = case when %(yes)s then null else clock_timestamp() end,"
        " notes = notes || %(notes)s::jsonb"
        " || case when %(read)s then jsonb_build_object('templates_at', clock_timestamp()) else '{}' end"
        " where id = %(id)s",
        {
            "yes": found.connected,
            "read": "templates" in found.notes and not found.notes.get("templates_fault"),
            "reason": found.reason or "It could not be reached.",
            "notes": as_json(dict(found.notes)),
            "id": channel_id,
        },
    )
    if found.code == "unauthorized":
        unauthorized(channel_id, found.reason)
    elif found.connected:
        run(
            "update channel_pace set look_due_at = clock_timestamp(), look_failures = 0, look_failing_since = null"
            " where channel_id = %s",
            (channel_id,),
        )
        if run(
            "update channel set paused_at = null, paused_why = null where id = %s and paused_why = 'unauthorized'",
            (channel_id,),
        ):
            _goes_again(channel_id)
        jobs.enqueue(Job.DELIVER)
    news.catalogue("channels")


@atomically
def greeted(channel_id: int) -> None:
    """The provider made sure of us: it calls us from now on."""
    if run(
        "update channel set notes = notes || '{\"webhook\": true}' where id = %s and notes -> 'webhook' is distinct from 'true'",
        (channel_id,),
    ):
        news.catalogue("channels")


@atomically
def forgotten(channel_id: int) -> None:
    """A removed channel's provider has been told; its secrets are not kept."""
    run(
        "update channel set secrets = null, secret_tails = '{}', check_due_at = null where id = %s and archived_at is not null",
        (channel_id,),
    )


def unauthorized(channel_id: int, reason: str) -> None:
    """The provider does not take our secrets any more: nothing is sent until somebody gives new ones."""
    run(
        "update channel set error = %(reason)s, error_at = clock_timestamp(), connected = false,"
        " paused_at = coalesce(paused_at, clock_timestamp()), paused_why = coalesce(paused_why, 'unauthorized'),"
        " version = version + 1 where id = %(id)s",
        {"reason": reason, "id": channel_id},
    )
    news.catalogue("channels")


def checks_due() -> list[int]:
    found = rows("select id from channel where check_due_at <= clock_timestamp() order by check_due_at limit 20")
    return [each["id"] for each in found]
