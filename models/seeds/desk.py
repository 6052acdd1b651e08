"""Set up a desk: the settings and a channel for every one, and for a demo everything a shop has."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Literal

from models import clock
from models.db import atomically, db, one
from models.rules.defaults import DEFAULTS
from models.rules.escalating import DEFAULT_STEPS
from models.seeds import answers, broadcasts, bulk, business, cast, history, knowledge
from models.seeds.content import load
from models.tables.customers import Channel
from models.tables.desk import CannedMessage, Desk, Tag

_SEED = 20  # any number; the same one gives the same demo

_BOT_SILENT_S = 20  # as long as one attempt of the bot may take; then a person takes over


@atomically
def seed_bare(*, origins: Sequence[str] = (), channel_key: str | None = None) -> None:
    """Add what no desk can do without: its settings and the website's channel. No people, no chats.

    What is there stays as it is: safe to run twice, and beside another run. `origins` are the sites that may embed
    the widget; they join those that may already. The channel is the one with `channel_key`, or else the desk's first.
    """
    _add_what_is_needed("plain", origins, channel_key)


@atomically
def seed_demo(*, passwords: Callable[[str], str], origins: Sequence[str] = (), channel_key: str | None = None) -> None:
    """Add what is missing of the demo, in the same way.

    `passwords` gives the password hash for an agent's e-mail address; it is asked only for agents who are added.
    The address where the demo shop is shown if nobody moves it may embed the widget, too.
    """
    channel_id = _add_what_is_needed("demo", origins, channel_key)
    now, dice = clock.now(), Random(_SEED)
    teams = cast.add_teams()
    cast.add_agents(teams, passwords)
    cast.add_customers(channel_id, now, dice)
    bulk.insert(Tag, [{"name": tag["name"], "hue": tag["hue"]} for tag in load("tags")])
    bulk.insert(CannedMessage, [_canned(message, teams) for message in load("canned")])
    knowledge.add_services(teams)
    knowledge.add_articles()
    everybody = cast.assemble(channel_id, teams)
    if history.add_history(channel_id, everybody, now, dice):
        answers.add_answers()
        broadcasts.add_broadcasts(everybody, channel_id, now)
        business.add_business(everybody, now)


def _add_what_is_needed(kind: Literal["plain", "demo"], origins: Sequence[str], channel_key: str | None) -> int:
    words = load("desk")[kind]
    _add_desk(words, demo=kind == "demo")
    key = channel_key or _first_channel() or secrets.token_hex(12)
    return _add_channel(words["channel"], key, [*words["sites"], *origins])


def _add_desk(words: dict[str, Any], *, demo: bool) -> None:
    """The one row of settings. Inserting it also makes two seeds that run at once take turns."""
    bulk.insert(
        Desk,
        [
            {
                "id": 1,
                **{name: words[name] for name in ("name", "brand", "greeting", "teaser", "bot_name")},
                "bot_enabled": True,
                "auto_assign": DEFAULTS.auto_assign and not demo,  # a demo shows the queue before it empties it
                "pick_with_auto": True,
                "ask_name": True,
                "agent_limit": DEFAULTS.agent_limit,
                "bot_silent_s": _BOT_SILENT_S,
                "bot_idle_s": DEFAULTS.bot_idle.seconds,
                "queue_max_s": DEFAULTS.queue_max.seconds,
                "first_reply_s": DEFAULTS.first_reply.seconds,
                "first_reply_requeue": False,
                "idle_warn_s": DEFAULTS.idle_warn.seconds,
                "idle_end_s": DEFAULTS.idle_end.seconds,
                "idle_end_async_s": int(DEFAULTS.idle_end_async.total_seconds()),
                "owner_gone_s": DEFAULTS.owner_gone.seconds,
                "sticky_s": DEFAULTS.sticky.seconds,
                "reopen_s": DEFAULTS.reopen_live.seconds,
                "wait_warn_s": 120,
                "wait_late_s": 300,
                "assign_policy": DEFAULTS.assign_policy,
                "alarm_wait_s": DEFAULTS.alarm_wait.seconds,
                "promise_s": int(DEFAULTS.promise.total_seconds()),
                "promise_warn_s": DEFAULTS.promise_warn.seconds,
                "escalation_steps": [dict(step) for step in DEFAULT_STEPS],
                "escalation_in_hours": False,
                "escalation_expected_s": DEFAULTS.escalation_expected.seconds,
            }
        ],
    )


def _first_channel() -> str | None:
    """The key of the website's channel, on a desk that has one."""
    found = one("select public_key from channel where kind = 'web' order by id limit 1")
    return found["public_key"] if found else None


def _add_channel(name: str, key: str, origins: Sequence[str]) -> int:
    """The website's channel. A desk that moved to another port gains an origin and loses none."""
    bulk.insert(
        Channel, [{"kind": "web", "name": name, "public_key": key, "allowed_origins": list(dict.fromkeys(origins))}]
    )
    db.execute_sql(
        "update channel set allowed_origins = array(select unnest(allowed_origins) union select unnest(%(new)s::text[]))"
        " where public_key = %(key)s and not allowed_origins @> %(new)s::text[]",
        {"new": list(origins), "key": key},
    )
    found = one("select id from channel where public_key = %s", (key,))
    assert found is not None
    channel_id: int = found["id"]
    return channel_id


def _canned(message: dict[str, str], teams: dict[str, int]) -> dict[str, str | int | None]:
    return {
        "shortcut": message["shortcut"],
        "title": message["title"],
        "body": message["body"],
        "team_id": teams[message["team"]] if message["team"] else None,
    }
